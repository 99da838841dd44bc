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
    /// The way out, where there is one to name.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Archive { hint, .. } | Self::Setting { hint, .. } => Some(hint),
            _ => None,
        }
    }
}
