//! Where a model's files come from, and whether they are the right ones.

use crate::Error;
use schema::sha256_hex;
use std::{borrow::Cow, fs::File, io::Read, path::PathBuf};

pub(super) const MODEL_TOML: &str = "model.toml";
pub(super) const MAX_TEXT_BYTES: u64 = 1024 * 1024;

/// Largest encoder: ONNX files are protocol buffers, which end at 2 GiB.
const MAX_FILE_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// The files of one model.
pub(super) enum Files {
    /// In the binary: name and contents.
    Embedded(&'static [(&'static str, &'static [u8])]),
    /// On disk; names are relative to the folder.
    Folder(PathBuf),
}

impl Files {
    /// How to call a file when speaking to a person.
    pub(super) fn place(&self, file: &str) -> String {
        match self {
            Self::Embedded(_) => format!("demo/{file}"),
            Self::Folder(folder) => folder.join(file).display().to_string(),
        }
    }

    /// Reads a file of at most `limit` bytes.
    pub(super) fn read(&self, file: &str, limit: u64) -> Result<Cow<'static, [u8]>, Error> {
        let wrong =
            |problem: String, hint: &str| Error::File { file: self.place(file), problem, hint: hint.to_owned() };
        match self {
            Self::Embedded(files) => {
                let found = files.iter().find(|(name, _)| *name == file);
                let found = found.ok_or_else(|| wrong("is not in this binary".into(), "build the binary anew"))?;
                Ok(Cow::Borrowed(found.1))
            }
            Self::Folder(folder) => {
                let unreadable = |error: std::io::Error| {
                    wrong(format!("cannot be read: {error}"), "put the file there, or correct its name in model.toml")
                };
                let mut contents = Vec::new();
                let opened = File::open(folder.join(file)).map_err(unreadable)?;
                opened.take(limit + 1).read_to_end(&mut contents).map_err(unreadable)?;
                if contents.len() as u64 > limit {
                    return Err(wrong(format!("is larger than {limit} bytes"), "is it the right file?"));
                }
                Ok(Cow::Owned(contents))
            }
        }
    }

    /// Reads a file and holds it against its SHA-256.
    pub(super) fn read_verified(&self, file: &str, sha256: &str) -> Result<Cow<'static, [u8]>, Error> {
        let contents = self.read(file, MAX_FILE_BYTES)?;
        let found = sha256_hex(&contents);
        if found.eq_ignore_ascii_case(sha256) {
            return Ok(contents);
        }
        Err(Error::File {
            file: self.place(file),
            problem: format!("has SHA-256 {found}, and model.toml says {sha256}"),
            hint: "take the file anew from its source, or correct `sha256` if you changed the file yourself".into(),
        })
    }
}
