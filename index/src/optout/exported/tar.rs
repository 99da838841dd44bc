//! Shards of pictures, texts and facts: `000000042.jpg`, `.txt` and `.json` stand next to each other, and go together.

use super::{Judge, Seen, replace, wrong};
use crate::{Error, optout::named::Facts};
use serde_json::Value;
use std::{
    collections::{BTreeSet, HashSet},
    fs::File,
    io::{BufReader, BufWriter, Read, Write},
    path::Path,
};
use tar::{Archive, Header};

/// Tar knows blocks of this size only.
const BLOCK: u64 = 512;

pub(super) fn read(path: &Path, judge: &mut Judge<'_>, rewrite: bool) -> Result<Seen, Error> {
    let failed = |error: std::io::Error| wrong(&path.display().to_string(), &error.to_string());
    let open = || Ok::<_, Error>(Archive::new(BufReader::new(File::open(path).map_err(failed)?)));
    let (mut keys, mut gone, mut told) = (BTreeSet::new(), HashSet::new(), HashSet::new());
    let mut archive = open()?;
    for member in archive.entries().map_err(failed)? {
        let mut member = member.map_err(failed)?;
        let (key, end) = name_of(&member.path().map_err(failed)?);
        keys.insert(key.clone());
        if end != "json" {
            continue;
        }
        let mut text = String::new();
        member.read_to_string(&mut text).map_err(failed)?;
        let facts: Value = serde_json::from_str(&text).map_err(|error| wrong(&key, &error.to_string()))?;
        if names(judge, &facts) {
            gone.insert(key.clone());
        }
        told.insert(key);
    }
    // Pictures of which nothing is told cannot be told from what is named.
    if let Some(key) = keys.iter().find(|key| !told.contains(*key)) {
        return Err(wrong(
            &path.display().to_string(),
            &format!("`{key}` has no `.json`, which would tell where it is from"),
        ));
    }
    let seen = Seen { rows: keys.len() as u64, named: gone.len() as u64 };
    if !rewrite {
        return Ok(seen);
    }
    replace(path, |file| {
        let mut out = BufWriter::new(file);
        for member in open()?.entries().map_err(failed)? {
            let mut member = member.map_err(failed)?;
            let (key, _) = name_of(&member.path().map_err(failed)?);
            if !gone.contains(&key) {
                let header: Header = member.header().clone();
                let size = header.size().map_err(failed)?;
                out.write_all(header.as_bytes()).map_err(failed)?;
                std::io::copy(&mut member, &mut out).map_err(failed)?;
                let padding = vec![0; usize::try_from(size.next_multiple_of(BLOCK) - size).unwrap_or_default()];
                out.write_all(&padding).map_err(failed)?;
            }
        }
        // Two empty blocks end an archive.
        out.write_all(&[0; 1024]).and_then(|()| out.flush()).map_err(failed)
    })?;
    Ok(seen)
}

/// What comes before the first dot tells samples apart, what comes after it what a member is.
fn name_of(path: &Path) -> (String, String) {
    let name = path.to_string_lossy().into_owned();
    match name.split_once('.') {
        Some((key, end)) => (key.to_owned(), end.to_owned()),
        None => (name, String::new()),
    }
}

fn names(judge: &mut Judge<'_>, told: &Value) -> bool {
    let text = |key: &str| told[key].as_str();
    let facts = Facts {
        url: text("url").unwrap_or_default(),
        page_url: text("page_url").unwrap_or_default(),
        sha256: text("sha256"),
        phash: told["phash"].as_i64(),
        id: told["id"].as_i64(),
    };
    judge.names(&facts, told.get("page_url").is_some())
}
