//! A URL a line.

use super::{Judge, Seen, replace, wrong};
use crate::{Error, optout::named::Facts};
use std::{
    fs::File,
    io::{BufRead, BufReader, BufWriter, Write},
    path::Path,
};

pub(super) fn read(path: &Path, judge: &mut Judge<'_>, rewrite: bool) -> Result<Seen, Error> {
    let failed = |error: std::io::Error| wrong(&path.display().to_string(), &error.to_string());
    let mut pass = |out: Option<&mut File>| -> Result<Seen, Error> {
        let mut out = out.map(BufWriter::new);
        let mut seen = Seen::default();
        for line in BufReader::new(File::open(path).map_err(failed)?).lines() {
            let line = line.map_err(failed)?;
            let facts = Facts { url: &line, ..Facts::default() };
            seen.rows += 1;
            if judge.names(&facts, false) {
                seen.named += 1;
            } else if let Some(out) = &mut out {
                writeln!(out, "{line}").map_err(failed)?;
            }
        }
        out.map_or(Ok(()), |mut out| out.flush().map_err(failed))?;
        Ok(seen)
    };
    if !rewrite {
        return pass(None);
    }
    let mut seen = Seen::default();
    replace(path, |file| {
        seen = pass(Some(file))?;
        Ok(())
    })?;
    Ok(seen)
}
