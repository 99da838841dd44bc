//! `sql`: one read-only query on a dataset.

use crate::{
    cli::{self, SqlFormat},
    exit::Stop,
};
use index::{
    Dataset,
    sql::{Answer, Written, ask},
};
use std::{
    fs::File,
    io::{BufWriter, IsTerminal, Write},
    path::Path,
    process::ExitCode,
};

/// Prints the answer, or writes it to a file.
pub(crate) async fn run(what: &cli::Sql) -> Result<ExitCode, Stop> {
    let format = what.format.or_else(|| SqlFormat::of_name(what.out.as_deref()?)).unwrap_or(SqlFormat::Table);
    if format == SqlFormat::Parquet && what.out.is_none() && std::io::stdout().is_terminal() {
        return Err(Stop::yours("Parquet is nothing for a terminal", "`--out FILE`, or send it to a program"));
    }
    let query = query(what)?;
    let dataset = Dataset::open_version(&what.dataset, what.version).await?;
    let answer = ask(&dataset, &query, Some(what.memory)).await?;
    let most = (format == SqlFormat::Table).then_some(what.rows);
    let written = if let Some(file) = &what.out {
        to_file(answer, file, format, most).await?
    } else {
        let mut gone = false;
        let out = Listener { out: BufWriter::new(std::io::stdout()), gone: &mut gone };
        match answer.write(format.into(), out, most).await {
            Err(_) if gone => return Err(Stop::unheard()),
            written => written?,
        }
    };
    if let Written { rows, cut: true } = written {
        eprintln!("note: cut after {rows} rows; `--rows N` shows more, the other formats (`--format csv`, …) have all");
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes it whole or not at all.
async fn to_file(answer: Answer<'_>, file: &Path, format: SqlFormat, most: Option<u64>) -> Result<Written, Stop> {
    let unfinished = file.with_added_extension("unfinished");
    let out = File::create(&unfinished).map_err(|error| unwritable(file, &error))?;
    let written = answer.write(format.into(), BufWriter::new(out), most).await;
    if written.is_err() {
        // What is no answer must not lie there as one; whether it can be removed changes nothing.
        let _ = std::fs::remove_file(&unfinished);
    }
    let written = written?;
    std::fs::rename(&unfinished, file).map_err(|error| unwritable(file, &error))?;
    Ok(written)
}

fn query(what: &cli::Sql) -> Result<String, Stop> {
    let Some(file) = &what.file else { return Ok(what.query.clone().unwrap_or_default()) };
    std::fs::read_to_string(file).map_err(|error| {
        Stop::yours(format!("query `{}` cannot be read: {error}", file.display()), "name a file that is there")
    })
}

fn unwritable(file: &Path, error: &std::io::Error) -> Stop {
    Stop::yours(format!("`{}` cannot be written: {error}", file.display()), "name a file in a folder that is there")
}

/// Standard output, whose reader may leave early.
struct Listener<'a> {
    out: BufWriter<std::io::Stdout>,
    gone: &'a mut bool,
}

impl Listener<'_> {
    fn noted<T>(&mut self, done: std::io::Result<T>) -> std::io::Result<T> {
        if let Err(error) = &done {
            *self.gone |= error.kind() == std::io::ErrorKind::BrokenPipe;
        }
        done
    }
}

impl Write for Listener<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let done = self.out.write(bytes);
        self.noted(done)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let done = self.out.flush();
        self.noted(done)
    }
}
