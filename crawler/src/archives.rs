//! Which archives a run reads: paths, globs, and `*.paths[.gz]` listings, spelled out.

use crate::Error;
use flate2::read::MultiGzDecoder;
use schema::sha256_hex;
use std::{
    collections::BTreeSet,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

/// One archive: one task of extract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// Its name in rows and reports: the path as it was listed.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// Its task's key: the file's stem and a digest of the name, fit for a file name.
    pub key: String,
}

impl Archive {
    fn new(path: &Path) -> Self {
        let name = path.to_string_lossy().into_owned();
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let stem = file.trim_end_matches(".gz").trim_end_matches(".warc");
        let safe = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
        let stem: String = stem.chars().map(safe).take(80).collect();
        let digest = sha256_hex(name.as_bytes());
        Self { key: format!("{stem}-{}", &digest[..8]), path: path.to_owned(), name }
    }
}

/// Spells out what `[input] archives` names, each archive once, in order of name.
pub fn spell_out(patterns: &[String]) -> Result<Vec<Archive>, Error> {
    let mut paths = BTreeSet::new();
    for pattern in patterns {
        if pattern.contains("://") {
            let hint = "download it first, or name a local copy; reading over the network comes later";
            return Err(broken(pattern, "lies on the network", hint));
        }
        if is_listing(pattern) {
            paths.extend(listed(pattern)?);
        } else if pattern.contains(['*', '?', '[']) {
            paths.extend(globbed(pattern)?);
        } else {
            paths.insert(PathBuf::from(pattern));
        }
    }
    if paths.is_empty() {
        let hint = "name at least one: `archives = [\"crawl/*.warc.gz\"]`".to_owned();
        return Err(Error::Setting { key: "input.archives", problem: "names no archive".into(), hint });
    }
    paths.iter().map(|path| existing(path)).collect()
}

fn existing(path: &Path) -> Result<Archive, Error> {
    let archive = Archive::new(path);
    match path.metadata() {
        Ok(meta) if meta.is_file() => Ok(archive),
        Ok(_) => Err(broken(&archive.name, "is a folder", "name the files in it: `folder/*.warc.gz`")),
        Err(error) => {
            let hint = "paths are taken from the folder the program is started in";
            Err(broken(&archive.name, &format!("cannot be read: {error}"), hint))
        }
    }
}

fn globbed(pattern: &str) -> Result<Vec<PathBuf>, Error> {
    let found =
        glob::glob(pattern).map_err(|error| broken(pattern, &error.to_string(), "see the pattern's brackets"))?;
    let found: Vec<PathBuf> = found.filter_map(Result::ok).filter(|path| path.is_file()).collect();
    if found.is_empty() {
        return Err(broken(pattern, "matches no file", "paths are taken from the folder the program is started in"));
    }
    Ok(found)
}

fn is_listing(pattern: &str) -> bool {
    pattern.ends_with(".paths") || pattern.ends_with(".paths.gz")
}

/// The files that a listing names, one a line, relative to the listing's own folder.
fn listed(listing: &str) -> Result<Vec<PathBuf>, Error> {
    let unreadable =
        |error: std::io::Error| broken(listing, &format!("cannot be read: {error}"), "name a listing that exists");
    let mut file = File::open(listing).map_err(unreadable)?;
    let mut text = String::new();
    if listing.ends_with(".gz") {
        MultiGzDecoder::new(file).read_to_string(&mut text).map_err(unreadable)?;
    } else {
        file.read_to_string(&mut text).map_err(unreadable)?;
    }
    let folder = Path::new(listing).parent().unwrap_or(Path::new(""));
    Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| folder.join(line)).collect())
}

fn broken(name: &str, problem: &str, hint: &str) -> Error {
    Error::Archive { name: name.to_owned(), problem: problem.to_owned(), hint: hint.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_and_listings_are_spelled_out_once_each() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        for name in ["b.warc.gz", "a.warc.gz", "c d.warc"] {
            std::fs::write(path(name), "").unwrap();
        }
        std::fs::write(path("all.paths"), "a.warc.gz\n\nc d.warc\n").unwrap();
        let found = spell_out(&[path("*.warc.gz"), path("all.paths"), path("a.warc.gz")]).unwrap();
        let stems: Vec<_> = found.iter().map(|archive| archive.key.rsplit_once('-').unwrap().0).collect();
        assert_eq!(stems, ["a", "b", "c_d"]);
    }

    #[test]
    fn what_is_not_there_is_named() {
        for (pattern, problem) in [
            ("no/such.warc.gz", "no/such.warc.gz"),
            ("no/such*.warc.gz", "matches no file"),
            ("no.paths", "cannot be read"),
            ("https://data.example/a.warc.gz", "on the network"),
            (".", "is a folder"),
        ] {
            let error = spell_out(&[pattern.to_owned()]).unwrap_err();
            assert!(error.to_string().contains(problem), "{error}");
            assert!(error.hint().is_some());
        }
        assert!(spell_out(&[]).is_err());
    }
}
