//! A model on its way into the cache: its files come one by one, are held against their digests one by one, and appear
//! all at once.

use super::{
    HubFile,
    cache::{PULLING, make_room_for, spec_in},
    receipt::{RECEIPT, Receipt, unreadable, unwritable},
};
use crate::{
    Error, Model,
    model::{MODEL_TOML, measured},
};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// The right to make a model ready, until dropped or until the process ends.
#[derive(Debug)]
pub struct Lock {
    name: String,
    _file: File,
}

impl Lock {
    pub(super) fn of(folder: &Path, name: &str) -> Result<Option<Self>, Error> {
        let place = folder.join(format!("{name}.lock"));
        make_room_for(&place)?;
        let file =
            File::options().create(true).append(true).open(&place).map_err(|error| unwritable(&place, &error))?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Ok(None),
            // Some network file systems have no locks; what two pulls would make of one file, its digest refuses.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(unwritable(&place, &error)),
            Ok(()) => {}
        }
        Ok(Some(Self { name: name.to_owned(), _file: file }))
    }

    /// For who does not want to wait until the other is done.
    pub fn or_refuse(lock: Option<Self>, name: &str) -> Result<Self, Error> {
        lock.ok_or_else(|| Error::File {
            file: name.to_owned(),
            problem: "is being made ready by another process".into(),
            hint: "try again when that is done".into(),
        })
    }
}

/// The folder in which a model is made ready.
#[derive(Debug)]
pub struct Stage {
    folder: PathBuf,
    home: PathBuf,
    old: PathBuf,
}

/// Said of a file that came whole, so that an interrupted pull goes on behind it.
#[derive(Deserialize, Serialize)]
struct Accepted {
    source: String,
    sha256: String,
}

impl Stage {
    pub(super) fn open(root: &Path, lock: &Lock) -> Result<Self, Error> {
        let pulling = root.join(PULLING);
        let folder = pulling.join(&lock.name);
        fs::create_dir_all(&folder).map_err(|error| unwritable(&folder, &error))?;
        let (home, old) = (root.join(&lock.name), pulling.join(format!("{}.old", lock.name)));
        if old.exists() && !home.exists() {
            // Whoever was about to put another in its place was killed at just that moment.
            fs::rename(&old, &home).map_err(|error| unwritable(&home, &error))?;
        }
        Ok(Self { folder, home, old })
    }

    /// Throws away what an earlier attempt left.
    pub fn clear(&self) -> Result<(), Error> {
        remove(&self.folder)?;
        fs::create_dir_all(&self.folder).map_err(|error| unwritable(&self.folder, &error))
    }

    /// Where the bytes of `file` are to be put until they are accepted.
    pub fn part(&self, file: &str) -> Result<PathBuf, Error> {
        let part = self.beside(file, "part");
        make_room_for(&part)?;
        Ok(part)
    }

    /// The digest of a file that was accepted from this source before, and is still what it was.
    pub fn accepted(&self, file: &HubFile, source: &str) -> Option<String> {
        let noted: Accepted = serde_json::from_slice(&fs::read(self.beside(&file.path, "accepted")).ok()?).ok()?;
        let wanted = file.sha256.as_ref().unwrap_or(&noted.sha256);
        let (_, found) = File::open(self.folder.join(&file.path)).and_then(measured).ok()?;
        (noted.source == source && found == noted.sha256 && found.eq_ignore_ascii_case(wanted)).then_some(found)
    }

    /// Holds what came for `file` against its length and its digest in the registry, or where that knows none, the one that
    /// `source` stated; takes it in, or throws it away. Gives its digest.
    pub fn accept(&self, file: &HubFile, stated: Option<&str>, source: &str) -> Result<String, Error> {
        let part = self.part(&file.path)?;
        let measured = File::open(&part).and_then(measured);
        let (bytes, found) = measured.map_err(|error| unreadable(&part, &error))?;
        let differs = |wanted: &str| !found.eq_ignore_ascii_case(wanted);
        let problem = match (file.bytes, file.sha256.as_deref(), stated) {
            (Some(wanted), _, _) if wanted != bytes => format!("has {bytes} bytes, and the registry says {wanted}"),
            (_, Some(wanted), _) if differs(wanted) => format!("has SHA-256 {found}, and the registry says {wanted}"),
            (_, None, Some(wanted)) if differs(wanted) => format!("has SHA-256 {found}, and its hub says {wanted}"),
            _ => {
                let noted = Accepted { source: source.to_owned(), sha256: found.clone() };
                let text = serde_json::to_vec(&noted).map_err(io::Error::from);
                let note = self.beside(&file.path, "accepted");
                let written =
                    fs::rename(&part, self.folder.join(&file.path)).and(text).and_then(|text| fs::write(&note, text));
                written.map_err(|error| unwritable(&note, &error))?;
                return Ok(found);
            }
        };
        remove(&part)?;
        Err(Error::File {
            file: file.path.clone(),
            problem: format!("{problem}: it was removed (it came from `{source}`)"),
            hint: "pull again; if it stays so, the file changed at its source: try another mirror, or correct the registry \
                   if you trust what is there now"
                .into(),
        })
    }

    /// Copies a file of this machine to where it is accepted from; gives its length.
    pub fn copy_part(&self, from: &Path, file: &str) -> Result<u64, Error> {
        copy(from, &self.part(file)?)
    }

    /// Copies a file of this machine to its place.
    pub(super) fn copy(&self, from: &Path, file: &str) -> Result<u64, Error> {
        let place = self.folder.join(file);
        make_room_for(&place)?;
        copy(from, &place)
    }

    /// Completes the model with its `model.toml`, opens it to see that it is one, and puts it in its place.
    pub fn install(&self, toml: &[u8]) -> Result<PathBuf, Error> {
        let place = self.folder.join(MODEL_TOML);
        fs::write(&place, toml).map_err(|error| unwritable(&place, &error))?;
        let mut files = spec_in(&self.folder)?.files();
        // Holds all files against their digests once more: as they lie on the disk.
        Model::open(&self.folder.display().to_string())?;
        files.push((MODEL_TOML.to_owned(), None));
        Receipt::of(&self.folder, &files)?.write(&self.folder)?;
        let kept: Vec<PathBuf> =
            files.iter().map(|(file, _)| file.as_str()).chain([RECEIPT]).map(|file| self.folder.join(file)).collect();
        prune(&self.folder, &kept)?;
        remove(&self.old)?;
        let renamed = if self.home.exists() { fs::rename(&self.home, &self.old) } else { Ok(()) };
        renamed.and_then(|()| fs::rename(&self.folder, &self.home)).map_err(|error| unwritable(&self.home, &error))?;
        remove(&self.old)?;
        Ok(self.home.clone())
    }

    fn beside(&self, file: &str, ending: &str) -> PathBuf {
        self.folder.join(format!("{file}.{ending}"))
    }
}

fn copy(from: &Path, to: &Path) -> Result<u64, Error> {
    let source = File::open(from).map_err(|error| unreadable(from, &error))?;
    let written = File::create(to).and_then(|mut target| io::copy(&mut &source, &mut target));
    written.map_err(|error| unwritable(to, &error))
}

/// Removes from `folder` all but `kept`: notes, and what an attempt at another revision left.
fn prune(folder: &Path, kept: &[PathBuf]) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
        let place = entry.map_err(|error| unreadable(folder, &error))?.path();
        let holds = |one: &PathBuf| one.starts_with(&place);
        match kept.iter().any(holds) {
            true if place.is_dir() => prune(&place, kept)?,
            true => {}
            false => remove(&place)?,
        }
    }
    Ok(())
}

/// Removes a file or a folder, if it is there.
fn remove(place: &Path) -> Result<(), Error> {
    let removed = if place.is_dir() { fs::remove_dir_all(place) } else { fs::remove_file(place) };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unwritable(place, &error)),
        _ => Ok(()),
    }
}
