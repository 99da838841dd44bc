//! Where archives live: on this disk, on a web server, in an S3 bucket. A list of URLs is an archive here, too.
//!
//! [`spell_out`] turns what `[input] archives` names into [`Archive`]s, each of them a task;
//! [`Archive::open`] gives the bytes of one, wherever it lies. Archives are other people's machines
//! too: a server of them is asked over few connections, waits are waited, and a ban is the end.

mod courier;
mod glob;
pub(crate) mod head;
mod listing;
mod pipe;
mod place;
mod refusal;
mod s3;
mod server;
mod spell;
mod transfer;

pub(crate) use courier::with_causes;
pub use courier::{Courier, Patience};
pub use place::Place;
pub use spell::{spell_out, spell_out_with};

use crate::{Error, lists};
use pipe::Pipe;
use schema::{Format, sha256_hex};
use std::{
    fs::File,
    io::{self, Read, Seek},
};
use tokio::runtime::Handle;

/// One archive: one task of extract.
#[derive(Clone, Debug)]
pub struct Archive {
    /// Its name in rows and reports: the path as it was listed, or the whole address.
    pub name: String,
    /// Where it lies.
    pub place: Place,
    /// Its task's key: the file's stem and a digest of the name, fit for a file name.
    pub key: String,
    /// What it holds, as far as the settings or its name tell; `auto` where neither does.
    pub format: Format,
    courier: Courier,
}

impl Archive {
    fn new(place: Place, format: Format, courier: Courier) -> Self {
        let name = place.to_string();
        let key = key(&name, place.file_name());
        let format = if format == Format::Auto { format_by_name(place.file_name()) } else { format };
        Self { name, place, key, format, courier }
    }

    /// Opens it for reading from its first byte.
    ///
    /// Of a remote archive the transfer runs as a task of the runtime that this thread belongs to
    /// (`spawn_blocking` sees to that), and ends when the reader is dropped. What stops a transfer
    /// comes out of the reader as an error that [`Error::reading`] turns back into what it was.
    pub fn open(&self) -> Result<Box<dyn Read + Send>, Error> {
        if let Place::File(path) = &self.place {
            let file = File::open(path).map_err(|source| Error::Read { name: self.name.clone(), source })?;
            return Ok(Box::new(file));
        }
        let runtime = Handle::try_current()
            .map_err(|error| Error::Read { name: self.name.clone(), source: std::io::Error::other(error) })?;
        Ok(Box::new(Pipe::open(&runtime, self.courier.clone(), self.place.clone())))
    }

    /// Opens it as a file, for a reader that begins at the end. A remote one is copied first, into a temporary file
    /// that has no name and is gone when it is closed.
    pub fn open_file(&self) -> Result<File, Error> {
        let failed = |source| Error::Read { name: self.name.clone(), source };
        if let Place::File(path) = &self.place {
            return File::open(path).map_err(failed);
        }
        let mut file = tempfile::tempfile().map_err(failed)?;
        io::copy(&mut self.open()?, &mut file).map_err(|error| Error::reading(&self.name, error))?;
        file.rewind().map_err(failed)?;
        Ok(file)
    }
}

fn key(name: &str, file: &str) -> String {
    let stem = file.trim_end_matches(".gz").trim_end_matches(".warc");
    let safe = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let stem: String = stem.chars().map(safe).take(80).collect();
    let digest = sha256_hex(name.as_bytes());
    format!("{stem}-{}", &digest[..8])
}

/// Common Crawl names its files `….warc.gz` and `….warc.wat.gz`; lists of URLs are told by their endings.
fn format_by_name(file: &str) -> Format {
    match file.strip_suffix(".gz").unwrap_or(file).rsplit_once('.') {
        Some((_, "wat")) => Format::Wat,
        Some((_, "warc")) => Format::Warc,
        _ if lists::Kind::of(file).is_some() => Format::Urls,
        _ => Format::Auto,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_tells_the_format() {
        for (file, format) in [
            ("CC-MAIN-2024-00000.warc.wat.gz", Format::Wat),
            ("a.wat", Format::Wat),
            ("CC-MAIN-2024-00000.warc.gz", Format::Warc),
            ("a.warc", Format::Warc),
            ("warc", Format::Auto),
            ("a.gz", Format::Auto),
            ("a.parquet", Format::Urls),
            ("a.csv.gz", Format::Urls),
            ("a.warc.txt", Format::Urls),
        ] {
            assert_eq!(format_by_name(file), format, "{file}");
        }
    }

    #[test]
    fn keys_stay_what_they_are() {
        // Reports of finished tasks are found by these; `printf 'crawl/c d.warc.gz' | sha256sum`.
        assert_eq!(key("crawl/c d.warc.gz", "c d.warc.gz"), "c_d-d0584e0b");
    }
}
