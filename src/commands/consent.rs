//! `consent eval`: JSON lines in, JSON lines out.

use crate::exit::{Stop, print};
use std::{
    fs::File,
    io::{BufRead, BufReader, stdin},
    path::Path,
    process::ExitCode,
};

/// Evaluates every case of `file`, or of standard input. A line that is no case is told on stderr
/// and the others are answered nevertheless.
pub(crate) fn eval(file: Option<&Path>) -> Result<ExitCode, Stop> {
    let (name, input): (String, Box<dyn BufRead>) = match file {
        Some(path) => {
            let name = path.display().to_string();
            let opened = File::open(path);
            let hint = "name a file with one JSON object a line, or pipe it in";
            let opened = opened.map_err(|error| Stop::yours(format!("`{name}` cannot be read: {error}"), hint))?;
            (name, Box::new(BufReader::new(opened)))
        }
        None => ("standard input".to_owned(), Box::new(stdin().lock())),
    };
    let (mut cases, mut broken) = (0_u64, 0_u64);
    for (number, line) in input.split(b'\n').enumerate() {
        let line = line.map_err(|error| Stop::ours(error.into()).context(format!("`{name}`")))?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        cases += 1;
        match answer(&line) {
            Ok(answer) => print(&format!("{answer}\n"))?,
            Err(problem) => {
                broken += 1;
                eprintln!("{name}:{}: {problem}", number + 1);
            }
        }
    }
    if broken == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    let hint =
        "a case is `{\"id\": \"…\", \"page\": {…}, \"image\": {…}}`; `consent/conformance/README.md` has every key";
    Err(Stop::yours(format!("{broken} of {cases} lines of `{name}` are no cases"), hint))
}

fn answer(line: &[u8]) -> Result<String, String> {
    let text = std::str::from_utf8(line).map_err(|error| format!("not UTF-8: {error}"))?;
    consent::eval::line(text).map_err(|error| error.to_string())
}
