//! Lines: a list of a URL each, and the lines of JSON.

use super::{Item, MAX_ROW_BYTES, Row, Source, source};
use crate::Error;
use std::io::{self, BufRead, BufReader};

/// Reads a URL a line. Blank lines are no rows.
pub(super) fn read(name: &str, source: Source, take: &mut impl FnMut(Item<'_>)) -> Result<(), Error> {
    each(name, BufReader::new(source), take, |line, take| {
        match std::str::from_utf8(line) {
            Ok(url) => take(Item::Row(Row { url: Some(url), ..Row::default() })),
            Err(_) => take(Item::damaged("is no UTF-8")),
        }
        Ok(())
    })
}

/// Hands each line that is not blank to `read`.
pub(super) fn each<T: FnMut(Item<'_>)>(
    name: &str,
    mut source: BufReader<Source>,
    take: &mut T,
    mut read: impl FnMut(&[u8], &mut T) -> Result<(), Error>,
) -> Result<(), Error> {
    let row = source.get_ref().row();
    let mut line = Vec::new();
    loop {
        match next(&mut source, &row, &mut line) {
            Ok(Line::End) => return Ok(()),
            Ok(Line::TooLong) => take(Item::oversized("is longer than a row may be")),
            Ok(Line::Whole) => {
                let text = line.trim_ascii();
                if !text.is_empty() {
                    read(text, take)?;
                }
            }
            Err(error) => {
                take(source::end(name, error)?);
                return Ok(());
            }
        }
    }
}

enum Line {
    End,
    Whole,
    TooLong,
}

/// Reads the next line. One that is too long is passed over, and not gathered.
fn next(source: &mut impl BufRead, row: &source::Row, line: &mut Vec<u8>) -> io::Result<Line> {
    line.clear();
    let (mut is_too_long, mut is_there) = (false, false);
    loop {
        // The bound on lines is kept here, so that what is behind one too long is still read.
        row.begins();
        let buffer = source.fill_buf()?;
        if buffer.is_empty() {
            break;
        }
        is_there = true;
        let end = memchr::memchr(b'\n', buffer);
        let part = &buffer[..end.unwrap_or(buffer.len())];
        is_too_long |= line.len() + part.len() > MAX_ROW_BYTES;
        if is_too_long {
            line.clear();
        } else {
            line.extend_from_slice(part);
        }
        let used = part.len() + usize::from(end.is_some());
        source.consume(used);
        if end.is_some() {
            break;
        }
    }
    Ok(match (is_there, is_too_long) {
        (false, _) => Line::End,
        (_, true) => Line::TooLong,
        _ => Line::Whole,
    })
}
