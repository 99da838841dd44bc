//! A folder that all stages of a run write into: local, or on an object store.

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::{
    ObjectStore, ObjectStoreExt, PutMode, PutPayload, local::LocalFileSystem, path::Path, prefix::PrefixStore,
};
use std::{path::PathBuf, sync::Arc};
use url::Url;

/// What can go wrong with stored files. A bad disk is an error; a bad row is data.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder cannot be used.
    #[error("cannot use `{location}` as a folder: {problem}")]
    Location {
        /// As it was named.
        location: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The store failed.
    #[error("storage: {0}")]
    Store(#[from] object_store::Error),
    /// A file is no Parquet file or not of this schema.
    #[error("parquet file `{name}`: {source}")]
    Parquet {
        /// The file, relative to the folder.
        name: String,
        /// What the reader says.
        source: parquet::errors::ParquetError,
    },
    /// Rows and schema do not fit.
    #[error("file `{name}`: {source}")]
    Rows {
        /// The file, relative to the folder.
        name: String,
        /// What does not fit.
        source: schema::RowError,
    },
    /// A pack of bodies cannot be written, or does not hold what its rows tell of.
    #[error("pack `{name}`: {problem}")]
    Pack {
        /// The file, relative to the folder.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A report cannot be read.
    #[error("report `{name}`: {problem}")]
    Report {
        /// The file, relative to the folder.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// The folder of a run. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<dyn ObjectStore>,
    url: Url,
}

impl Store {
    /// Opens `location`, a path or a `file:` URL; makes the folder where it is missing.
    pub fn create(location: &str) -> Result<Self, Error> {
        let folder = local_folder(location)?;
        std::fs::create_dir_all(&folder).map_err(|error| unusable(location, &error))?;
        Self::open(location)
    }

    /// Opens `location`, a path or a `file:` URL that exists.
    pub fn open(location: &str) -> Result<Self, Error> {
        let folder = local_folder(location)?;
        let folder = folder.canonicalize().map_err(|error| unusable(location, &error))?;
        let url = Url::from_directory_path(&folder).map_err(|()| unusable(location, &"not a full path"))?;
        let files = LocalFileSystem::new_with_prefix(&folder)?;
        Ok(Self { inner: Arc::new(files), url })
    }

    /// The folder below this one.
    pub fn below(&self, name: &str) -> Result<Self, Error> {
        let url = self.url.join(&format!("{name}/")).map_err(|error| unusable(name, &error))?;
        Ok(Self { inner: Arc::new(PrefixStore::new(Arc::clone(&self.inner), Path::from(name))), url })
    }

    /// Where the folder is, as a URL that ends in `/`.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The store itself, for readers that take one.
    pub fn inner(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.inner)
    }

    /// Writes a small file, whole or not at all.
    pub async fn put(&self, name: &str, bytes: impl Into<Bytes>) -> Result<(), Error> {
        self.inner.put(&Path::from(name), PutPayload::from_bytes(bytes.into())).await?;
        Ok(())
    }

    /// Writes a small file unless there is one already; says whether it was written. Of several
    /// processes that try, one succeeds.
    pub async fn put_new(&self, name: &str, bytes: impl Into<Bytes>) -> Result<bool, Error> {
        let payload = PutPayload::from_bytes(bytes.into());
        match self.inner.put_opts(&Path::from(name), payload, PutMode::Create.into()).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads a small file; `None` where there is none.
    pub async fn get(&self, name: &str) -> Result<Option<Bytes>, Error> {
        match self.inner.get(&Path::from(name)).await {
            Ok(found) => Ok(Some(found.bytes().await?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the file is there.
    pub async fn exists(&self, name: &str) -> Result<bool, Error> {
        match self.inner.head(&Path::from(name)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Names of the files below `prefix`, sorted, relative to this folder.
    pub async fn list(&self, prefix: &str) -> Result<Vec<String>, Error> {
        let found = self.inner.list(Some(&Path::from(prefix)));
        let mut names: Vec<String> = found.map_ok(|meta| meta.location.to_string()).try_collect().await?;
        names.sort();
        Ok(names)
    }

    /// Removes what writers that were killed left of files whose names begin with `prefix`. Nobody may be writing
    /// such files. A local folder's matter: object stores let unfinished uploads lapse.
    pub fn remove_unfinished(&self, prefix: &str) -> Result<(), Error> {
        let Ok(start) = self.url.join(prefix).map_err(|error| unusable(prefix, &error))?.to_file_path() else {
            return Ok(());
        };
        let (Some(folder), Some(start)) = (start.parent(), start.file_name()) else { return Ok(()) };
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let (Some(name), Some(start)) = (name.to_str(), start.to_str()) else { continue };
            // As `LocalFileSystem` calls a file until it is whole.
            if name.starts_with(start) && name.contains('#') {
                std::fs::remove_file(entry.path()).map_err(|error| unusable(name, &error))?;
            }
        }
        Ok(())
    }

    /// Removes a file; one that is not there is no error.
    pub async fn delete(&self, name: &str) -> Result<(), Error> {
        match self.inner.delete(&Path::from(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn local_folder(location: &str) -> Result<PathBuf, Error> {
    match Url::parse(location) {
        // A one-letter scheme is a drive letter.
        Ok(url) if url.scheme().len() > 1 => match url.scheme() {
            "file" => url.to_file_path().map_err(|()| unusable(location, &"no local path")),
            scheme => Err(unusable(location, &format!("`{scheme}:` stores are not built in yet; use a local folder"))),
        },
        _ => Ok(PathBuf::from(location)),
    }
}

fn unusable(location: &str, problem: &dyn std::fmt::Display) -> Error {
    Error::Location { location: location.to_owned(), problem: problem.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn files_are_put_listed_and_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path().join("a/b").to_str().unwrap()).unwrap();
        store.put("x/2.json", "two").await.unwrap();
        store.put("x/1.json", "one").await.unwrap();
        assert_eq!(store.list("x").await.unwrap(), ["x/1.json", "x/2.json"]);
        let below = store.below("x").unwrap();
        assert_eq!(below.get("1.json").await.unwrap().unwrap(), "one");
        assert!(below.url().as_str().ends_with("/a/b/x/"));
        assert!(!store.put_new("x/1.json", "other").await.unwrap());
        assert!(store.put_new("x/3.json", "three").await.unwrap());
        store.delete("x/1.json").await.unwrap();
        store.delete("x/1.json").await.unwrap();
        assert!(!store.exists("x/1.json").await.unwrap());
        assert_eq!(store.get("x/1.json").await.unwrap(), None);
    }

    #[tokio::test]
    async fn what_a_killed_writer_left_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path().to_str().unwrap()).unwrap();
        let mut pack = crate::PackWriter::create(&store, "fetch/00001-00000.pack");
        pack.put(vec![7; 20_000_000].into()).await.unwrap();
        // As if killed: nothing is cleaned up.
        std::mem::forget(pack);
        store.put("fetch/00001-00001.pack", "whole").await.unwrap();
        store.put("fetch/00011-00000.pack#1", "another's").await.unwrap_or_default();
        let files = || {
            let entries = std::fs::read_dir(folder.path().join("fetch")).unwrap();
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>()
        };
        assert!(files().iter().any(|name| name.starts_with("00001-00000.pack#")), "{:?}", files());
        store.remove_unfinished("fetch/00001-").unwrap();
        assert!(!files().iter().any(|name| name.starts_with("00001-00000")), "{:?}", files());
        assert!(files().contains(&"00001-00001.pack".to_owned()));
        store.remove_unfinished("nowhere/00001-").unwrap();
    }

    #[test]
    fn foreign_stores_are_named_in_the_error() {
        let error = Store::create("s3://bucket/run").unwrap_err().to_string();
        assert!(error.contains("s3://bucket/run") && error.contains("local folder"), "{error}");
    }
}
