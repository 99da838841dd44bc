//! A list of `DataComp`'s uids: two little-endian numbers of 64 bits each, the first of which is the row's id.

use super::{Judge, Seen, replace, wrong};
use crate::{Error, optout::named::Facts, subset::npy_header};
use std::{io::Write, path::Path};

/// Bytes of a uid.
const UID: usize = 16;
/// Before the header's words (NEP 1, version 1.0).
const BEFORE: usize = 10;

pub(super) fn read(path: &Path, judge: &mut Judge<'_>, rewrite: bool) -> Result<Seen, Error> {
    let name = path.display().to_string();
    let problem = |problem: &str| wrong(&name, problem);
    let bytes = std::fs::read(path).map_err(|error| problem(&error.to_string()))?;
    let length = match bytes.get(..BEFORE) {
        Some([0x93, b'N', b'U', b'M', b'P', b'Y', 1, 0, low, high]) => usize::from(u16::from_le_bytes([*low, *high])),
        _ => return Err(problem("it is no NumPy file of version 1.0")),
    };
    let words = bytes.get(BEFORE..BEFORE + length).and_then(|words| std::str::from_utf8(words).ok());
    if !words.is_some_and(|words| words.contains("[('f0', '<u8'), ('f1', '<u8')]")) {
        return Err(problem("it is no list of uids: two numbers of 64 bits each"));
    }
    let (uids, rest) = bytes[BEFORE + length..].as_chunks::<UID>();
    if !rest.is_empty() {
        return Err(problem("it ends within a uid"));
    }
    let mut seen = Seen { rows: uids.len() as u64, named: 0 };
    let mut kept = Vec::new();
    for uid in uids {
        let half: [u8; 8] = uid.first_chunk().copied().unwrap_or_default();
        let facts = Facts { id: Some(i64::from_le_bytes(half)), ..Facts::default() };
        if judge.names(&facts, false) {
            seen.named += 1;
        } else {
            kept.push(*uid);
        }
    }
    if rewrite {
        replace(path, |file| {
            let header = npy_header(kept.len());
            file.write_all(&header)
                .and_then(|()| file.write_all(kept.as_flattened()))
                .map_err(|error| problem(&error.to_string()))
        })?;
    }
    Ok(seen)
}
