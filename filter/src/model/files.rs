//! Where a model's files come from, and whether they are the right ones.

use crate::Error;
use schema::{hex, sha256_hex};
use sha2::{Digest, Sha256};
use std::{
    borrow::Cow,
    fs::File,
    io::{self, Read},
    path::PathBuf,
};

pub(crate) const MODEL_TOML: &str = "model.toml";
pub(super) const MAX_TEXT_BYTES: u64 = 1024 * 1024;

/// Largest encoder: ONNX files are protocol buffers, which end at 2 GiB.
const MAX_FILE_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// An encoder's ONNX file, verified.
pub struct EncoderFile {
    /// The graph, and as a rule its weights.
    pub onnx: Cow<'static, [u8]>,
    /// Its weights, where they lie in a file of their own.
    pub outside: Option<Outside>,
}

/// Weights beside the graph ("external data"): too large to be read into memory here, so that the runtime maps them.
pub struct Outside {
    /// The ONNX file, from which the runtime finds the weights.
    pub onnx: PathBuf,
    /// How large the weights are.
    pub bytes: u64,
}

impl EncoderFile {
    /// Bytes of graph and weights.
    pub(crate) fn bytes(&self) -> u64 {
        self.onnx.len() as u64 + self.outside.as_ref().map_or(0, |outside| outside.bytes)
    }
}

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
        self.hold(file, &sha256_hex(&contents), sha256)?;
        Ok(contents)
    }

    /// Reads an encoder; weights beside it are held against their SHA-256 without being kept.
    pub(super) fn read_encoder(
        &self,
        (file, sha256): (&str, &str),
        data: Option<(&str, &str)>,
    ) -> Result<EncoderFile, Error> {
        let onnx = self.read_verified(file, sha256)?;
        let outside = data.map(|(data, sha256)| self.outside(file, data, sha256)).transpose()?;
        Ok(EncoderFile { onnx, outside })
    }

    fn outside(&self, file: &str, data: &str, sha256: &str) -> Result<Outside, Error> {
        let wrong = |problem: String| Error::File {
            file: self.place(data),
            problem,
            hint: "put the file there, beside the encoder, or correct its name in model.toml".into(),
        };
        let Self::Folder(folder) = self else { return Err(wrong("is not in this binary".into())) };
        let onnx = folder.join(file);
        let read = File::open(onnx.with_file_name(data)).and_then(measured);
        let (bytes, found) = read.map_err(|error| wrong(format!("cannot be read: {error}")))?;
        self.hold(data, &found, sha256)?;
        Ok(Outside { onnx, bytes })
    }

    /// Refuses a file whose SHA-256 is not the one wanted.
    fn hold(&self, file: &str, found: &str, wanted: &str) -> Result<(), Error> {
        if found.eq_ignore_ascii_case(wanted) {
            return Ok(());
        }
        Err(Error::File {
            file: self.place(file),
            problem: format!("has SHA-256 {found}, and model.toml says {wanted}"),
            hint: "take the file anew from its source, or correct `sha256` if you changed the file yourself".into(),
        })
    }
}

/// Length and SHA-256 of a file that may be larger than memory.
pub(crate) fn measured(mut file: File) -> io::Result<(u64, String)> {
    let mut digest = Sha256::new();
    let mut piece = vec![0; 1024 * 1024];
    let mut bytes = 0;
    loop {
        let length = file.read(&mut piece)?;
        if length == 0 {
            return Ok((bytes, hex(&digest.finalize())));
        }
        digest.update(&piece[..length]);
        bytes += length as u64;
    }
}
