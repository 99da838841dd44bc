//! A place where a file lies, as it is written in settings and listings.

use crate::Error;
use std::{
    fmt,
    path::{Path, PathBuf},
};
use url::Url;

/// Where an archive or a listing lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// On this machine.
    File(PathBuf),
    /// On a web server.
    Http(Url),
    /// In a bucket that is asked by the S3 protocol.
    S3 {
        /// The bucket.
        bucket: String,
        /// The object's key, taken as it is written: nothing in it is percent-encoded.
        key: String,
    },
}

impl Place {
    /// Reads a path or an address.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let Some((scheme, rest)) = text.split_once("://") else { return Ok(Self::File(PathBuf::from(text))) };
        match scheme.to_ascii_lowercase().as_str() {
            "s3" => {
                let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
                if bucket.is_empty() {
                    return Err(Error::archive(text, "names no bucket", "write `s3://bucket/key`"));
                }
                Ok(Self::S3 { bucket: bucket.to_owned(), key: key.to_owned() })
            }
            "http" | "https" => http(text),
            "file" => {
                let hint = "write `file:///absolute/path`, or the path alone";
                let path = Url::parse(text).ok().and_then(|url| url.to_file_path().ok());
                path.map(Self::File).ok_or_else(|| Error::archive(text, "is no address of a local file", hint))
            }
            _ => {
                let hint = "archives are read from paths, `http://`, `https://`, `s3://` and `file://`";
                Err(Error::archive(text, &format!("lies behind `{scheme}://`, which is not read"), hint))
            }
        }
    }

    /// Whether it lies on another machine.
    pub fn is_remote(&self) -> bool {
        !matches!(self, Self::File(_))
    }

    /// The last segment of its path; empty for a folder.
    pub fn file_name(&self) -> &str {
        match self {
            Self::File(path) => path.file_name().and_then(|name| name.to_str()).unwrap_or_default(),
            Self::Http(url) => url.path().rsplit('/').next().unwrap_or_default(),
            Self::S3 { key, .. } => key.rsplit('/').next().unwrap_or_default(),
        }
    }

    /// The folder it lies in.
    pub(super) fn folder(&self) -> Self {
        match self {
            Self::File(path) => Self::File(path.parent().unwrap_or(Path::new("")).to_owned()),
            Self::Http(url) => {
                let mut url = url.clone();
                url.set_query(None);
                if let Ok(mut segments) = url.path_segments_mut() {
                    segments.pop();
                }
                Self::Http(url)
            }
            Self::S3 { bucket, key } => {
                let folder = key.rsplit_once('/').map_or("", |(folder, _)| folder);
                Self::S3 { bucket: bucket.clone(), key: folder.to_owned() }
            }
        }
    }

    /// The root of its server or bucket.
    pub(super) fn root(&self) -> Self {
        match self {
            Self::File(_) => Self::File(PathBuf::from("/")),
            Self::Http(url) => {
                let mut url = url.clone();
                url.set_query(None);
                url.set_path("/");
                Self::Http(url)
            }
            Self::S3 { bucket, .. } => Self::S3 { bucket: bucket.clone(), key: String::new() },
        }
    }

    /// The first segment of a remote path, if there are more.
    pub(super) fn first_segment(&self) -> Option<&str> {
        let path = match self {
            Self::File(_) => return None,
            Self::Http(url) => url.path(),
            Self::S3 { key, .. } => key,
        };
        path.trim_start_matches('/').split_once('/').map(|(first, _)| first)
    }

    /// What `line` names, taken from here as from a folder.
    pub(super) fn join(&self, line: &str) -> Self {
        match self {
            Self::File(folder) => Self::File(folder.join(line)),
            Self::Http(url) => {
                let mut url = url.clone();
                if let Ok(mut segments) = url.path_segments_mut() {
                    // Pushed one by one, so that a `?` or `#` in a key is a part of its name.
                    segments.pop_if_empty().extend(line.trim_start_matches('/').split('/'));
                }
                Self::Http(url)
            }
            Self::S3 { bucket, key } => {
                let folder = key.trim_end_matches('/');
                let line = line.trim_start_matches('/');
                let key = if folder.is_empty() { line.to_owned() } else { format!("{folder}/{line}") };
                Self::S3 { bucket: bucket.clone(), key }
            }
        }
    }
}

fn http(text: &str) -> Result<Place, Error> {
    let mut url = Url::parse(text)
        .map_err(|error| Error::archive(text, &format!("is no address: {error}"), "write `https://host/path`"))?;
    if !url.username().is_empty() || url.password().is_some() {
        let _ = url.set_password(None);
        let _ = url.set_username("");
        // The address becomes the archive's name in published rows.
        let hint = "name a place that needs none: the address stands in every row of the dataset";
        return Err(Error::archive(url.as_str(), "is named with a user or password", hint));
    }
    url.set_fragment(None);
    Ok(Place::Http(url))
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.to_string_lossy().fmt(f),
            Self::Http(url) => url.as_str().fmt(f),
            Self::S3 { bucket, key } => write!(f, "s3://{bucket}/{key}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> Place {
        Place::parse(text).unwrap()
    }

    #[test]
    fn places_are_read_and_written() {
        for (text, written, file) in [
            ("crawl/a.warc.gz", "crawl/a.warc.gz", "a.warc.gz"),
            ("file:///crawl/c%20d.warc", "/crawl/c d.warc", "c d.warc"),
            ("HTTPS://Data.Example/x/a.warc.gz?v=1#top", "https://data.example/x/a.warc.gz?v=1", "a.warc.gz"),
            ("s3://bucket/x/a%20?#.warc.gz", "s3://bucket/x/a%20?#.warc.gz", "a%20?#.warc.gz"),
            ("s3://bucket", "s3://bucket/", ""),
        ] {
            assert_eq!((place(text).to_string().as_str(), place(text).file_name()), (written, file));
        }
    }

    #[test]
    fn what_is_no_place_is_named_without_its_password() {
        for text in ["ftp://host/a.warc.gz", "https://", "s3:///key", "file://elsewhere/a"] {
            let error = Place::parse(text).unwrap_err();
            assert!(error.to_string().contains(text) && error.hint().is_some(), "{error}");
        }
        let error = Place::parse("https://me:secret@data.example/a.warc.gz").unwrap_err().to_string();
        assert!(error.contains("https://data.example/a.warc.gz") && !error.contains("secret"), "{error}");
    }

    #[test]
    fn lines_are_joined_as_keys_not_as_addresses() {
        let folder = place("https://host/x/all.paths?token=1").folder();
        assert_eq!(folder.join("a b?#.warc.gz").to_string(), "https://host/x/a%20b%3F%23.warc.gz");
        assert_eq!(place("https://host/x/").join("/a.warc").to_string(), "https://host/x/a.warc");
        assert_eq!(place("https://host").join("a/b.warc").to_string(), "https://host/a/b.warc");
        assert_eq!(place("s3://bucket/x/all.paths").folder().join("a.warc").to_string(), "s3://bucket/x/a.warc");
        assert_eq!(place("s3://bucket/x/all.paths").root().join("a.warc").to_string(), "s3://bucket/a.warc");
        assert_eq!(place("x/all.paths").folder().join("/a.warc").to_string(), "/a.warc");
    }
}
