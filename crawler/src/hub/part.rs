//! A file on its way, on the disk: the bytes that came, and beside them of what they are, so that the next try, of this
//! process or another, goes on behind them.

use super::refusal;
use crate::{Error, archives::head::Version};
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use tokio::{fs::File, io::AsyncWriteExt};
use url::Url;

/// The file and its note.
pub(super) struct Part {
    path: PathBuf,
    address: String,
    note: Option<Note>,
    at: u64,
    file: Option<File>,
}

/// Of what the bytes are.
#[derive(Debug, Deserialize, Serialize)]
struct Note {
    address: String,
    version: Version,
    /// The SHA-256 that the hub states.
    stated: Option<String>,
    /// Whether all has come.
    whole: bool,
}

impl Part {
    /// What is at `path` of the file at `address`: nothing, if what is there is of something else.
    pub(super) fn open(path: &Path, address: &Url) -> Self {
        let (path, address) = (path.to_owned(), address.as_str().to_owned());
        let note = fs::read(note_of(&path)).ok().and_then(|text| serde_json::from_slice::<Note>(&text).ok());
        let note = note.filter(|note| note.address == address);
        let at = match &note {
            Some(_) => fs::metadata(&path).map_or(0, |found| found.len()),
            None => 0,
        };
        Self { path, address, note, at, file: None }
    }

    /// Bytes that are here.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// Bytes there will be, if that is known.
    pub(super) fn total(&self) -> Option<u64> {
        self.version()?.bytes
    }

    pub(super) fn version(&self) -> Option<&Version> {
        self.note.as_ref().map(|note| &note.version)
    }

    /// The SHA-256 that the hub states.
    pub(super) fn stated(&self) -> Option<&str> {
        self.note.as_ref()?.stated.as_deref()
    }

    /// Whether all came before, and nobody has taken it yet.
    pub(super) fn is_whole(&self) -> bool {
        let whole = |note: &Note| note.whole || note.version.bytes == Some(self.at);
        self.at > 0 && self.note.as_ref().is_some_and(whole)
    }

    /// Begins from the first byte.
    pub(super) async fn begin(&mut self, version: &Version, stated: Option<&str>) -> Result<(), Error> {
        self.at = 0;
        // The note goes first: bytes of one version are never told to be of another.
        self.forget()?;
        let opened = File::options().create(true).write(true).truncate(true).open(&self.path).await;
        self.file = Some(opened.map_err(|error| self.unwritable(&error))?);
        let (address, stated) = (self.address.clone(), stated.map(str::to_owned));
        self.note = Some(Note { address, version: version.clone(), stated, whole: false });
        self.write_note()
    }

    /// Puts the next bytes behind those that are here.
    pub(super) async fn append(&mut self, piece: &[u8]) -> Result<(), Error> {
        let written = self.write(piece).await;
        written.map_err(|error| self.unwritable(&error))?;
        self.at += piece.len() as u64;
        Ok(())
    }

    async fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            slot => slot.insert(File::options().append(true).open(&self.path).await?),
        };
        file.write_all(piece).await
    }

    /// All has come.
    pub(super) async fn finish(&mut self) -> Result<(), Error> {
        self.close().await?;
        if let Some(note) = &mut self.note {
            note.whole = true;
        }
        self.write_note()
    }

    /// Brings what came to the disk, and tells how much is there.
    pub(super) async fn close(&mut self) -> Result<u64, Error> {
        if let Some(mut file) = self.file.take() {
            // Without this, what is on its way to the disk would be lost.
            file.flush().await.map_err(|error| self.unwritable(&error))?;
        }
        Ok(self.at)
    }

    /// Throws away what came.
    pub(super) fn discard(&mut self) -> Result<(), Error> {
        self.forget()?;
        (self.at, self.note, self.file) = (0, None, None);
        gone(fs::remove_file(&self.path)).map_err(|error| self.unwritable(&error))
    }

    fn forget(&self) -> Result<(), Error> {
        gone(fs::remove_file(note_of(&self.path))).map_err(|error| self.unwritable(&error))
    }

    fn write_note(&self) -> Result<(), Error> {
        let text = serde_json::to_vec(&self.note).map_err(io::Error::from);
        text.and_then(|text| fs::write(note_of(&self.path), text)).map_err(|error| self.unwritable(&error))
    }

    fn unwritable(&self, error: &io::Error) -> Error {
        refusal::unwritable(&self.path, error)
    }
}

fn note_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".json");
    name.into()
}

fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
