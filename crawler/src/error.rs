//! What stops a stage. A bad record, host or picture never does: those are counted.

/// Errors of the crawler.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An archive that was named is not there, or cannot be one.
    #[error("archive `{name}` {problem}")]
    Archive {
        /// As it was named.
        name: String,
        /// What is wrong with it.
        problem: String,
        /// The way out.
        hint: String,
    },
    /// A file that was named is not given by its hub, or cannot be put where it belongs.
    #[error("`{name}` {problem}")]
    Hub {
        /// Its address, or its place.
        name: String,
        /// What is wrong with it.
        problem: String,
        /// The way out.
        hint: String,
    },
    /// A setting that cannot be followed.
    #[error("`{key}`: {problem}")]
    Setting {
        /// The key, dotted.
        key: &'static str,
        /// What is wrong with it.
        problem: String,
        /// The way out.
        hint: String,
    },
    /// The disk failed while an archive was read.
    #[error("reading `{name}`: {source}")]
    Read {
        /// The archive.
        name: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The HTTP client cannot be built.
    #[error("http client: {0}")]
    Client(#[from] reqwest::Error),
    /// Stage files cannot be read or written.
    #[error(transparent)]
    Storage(#[from] shards::Error),
    /// A worker thread was lost.
    #[error("a worker stopped: {0}")]
    Worker(#[from] tokio::task::JoinError),
}

impl Error {
    pub(crate) fn archive(name: &str, problem: &str, hint: &str) -> Self {
        Self::Archive { name: name.to_owned(), problem: problem.to_owned(), hint: hint.to_owned() }
    }

    /// What a reader of the archive `name` failed with: the error that ended its transfer, or what
    /// the disk says.
    pub fn reading(name: &str, source: std::io::Error) -> Self {
        match source.downcast() {
            Ok(error) => error,
            Err(source) => Self::Read { name: name.to_owned(), source },
        }
    }

    /// The way out, where there is one to name.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Archive { hint, .. } | Self::Hub { hint, .. } | Self::Setting { hint, .. } => Some(hint),
            _ => None,
        }
    }
}
