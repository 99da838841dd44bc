//! What was verified of a model in the cache, and when its files were last written: so that a look tells whether
//! anything changed since, without reading gigabytes again.

use crate::{Error, model::measured};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, Metadata},
    io,
    path::Path,
    time::UNIX_EPOCH,
};

/// Its file in a model's folder.
pub(super) const RECEIPT: &str = "verified.json";

/// The files of a model as they were when all were held against their digests.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(super) struct Receipt {
    pub(super) files: Vec<Seen>,
}

/// One file.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct Seen {
    pub(super) path: String,
    pub(super) sha256: String,
    bytes: u64,
    /// Since 1970.
    modified_nanoseconds: u64,
}

impl Receipt {
    /// Of the files of `folder`; what has no digest here is read for it.
    pub(super) fn of(folder: &Path, files: &[(String, Option<String>)]) -> Result<Self, Error> {
        let seen = files.iter().map(|(path, sha256)| {
            let place = folder.join(path);
            Seen::of(&place, path, sha256.as_deref()).map_err(|error| unreadable(&place, &error))
        });
        Ok(Self { files: seen.collect::<Result<_, _>>()? })
    }

    /// The receipt in `folder`, if there is one that can be read.
    pub(super) fn read(folder: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(folder.join(RECEIPT)).ok()?).ok()
    }

    /// Puts it into `folder`, whole or not at all.
    pub(super) fn write(&self, folder: &Path) -> Result<(), Error> {
        let place = folder.join(RECEIPT);
        let partial = folder.join(format!("{RECEIPT}.{}", std::process::id()));
        let text = serde_json::to_vec_pretty(self).map_err(io::Error::from);
        let written = text.and_then(|text| fs::write(&partial, text)).and_then(|()| fs::rename(&partial, &place));
        written.map_err(|error| unwritable(&place, &error))
    }

    /// Whether the files have the lengths and times they had.
    pub(super) fn still_holds(&self, folder: &Path) -> bool {
        let same = |seen: &Seen| {
            let found = fs::metadata(folder.join(&seen.path)).ok();
            found.is_some_and(|found| (found.len(), modified(&found)) == (seen.bytes, seen.modified_nanoseconds))
        };
        !self.files.is_empty() && self.files.iter().all(same)
    }
}

impl Seen {
    fn of(place: &Path, path: &str, sha256: Option<&str>) -> io::Result<Self> {
        let sha256 = match sha256 {
            Some(sha256) => sha256.to_owned(),
            None => measured(File::open(place)?)?.1,
        };
        let found = fs::metadata(place)?;
        let (bytes, modified_nanoseconds) = (found.len(), modified(&found));
        Ok(Self { path: path.to_owned(), sha256, bytes, modified_nanoseconds })
    }
}

fn modified(file: &Metadata) -> u64 {
    let since = file.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.and_then(|since| u64::try_from(since.as_nanos()).ok()).unwrap_or(0)
}

/// A file of the cache that cannot be read.
pub(super) fn unreadable(place: &Path, error: &io::Error) -> Error {
    let hint = "see that the file is there and may be read";
    Error::File { file: place.display().to_string(), problem: format!("cannot be read: {error}"), hint: hint.into() }
}

/// A file of the cache that cannot be written.
pub(super) fn unwritable(place: &Path, error: &io::Error) -> Error {
    let hint = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "make room, or keep models elsewhere: `models.cache` in the configuration, PINAKES_MODELS, or --cache"
        }
        _ => "name a folder that can be written: `models.cache` in the configuration, PINAKES_MODELS, or --cache",
    };
    Error::File { file: place.display().to_string(), problem: format!("cannot be written: {error}"), hint: hint.into() }
}
