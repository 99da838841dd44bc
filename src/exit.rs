//! How the program ends: 0 done, 1 you can mend it, 2 we failed, 3 some tasks failed,
//! 130 interrupted.

use schema::ConfigError;
use serde::Serialize;
use std::{io::Write, process::ExitCode};

/// The code of a run that finished with some tasks failed.
pub(crate) const SOME_FAILED: u8 = 3;

/// An end before the work was done.
#[derive(Debug)]
pub(crate) struct Stop {
    code: u8,
    error: anyhow::Error,
    hint: Option<String>,
}

impl Stop {
    /// Something the user can mend.
    pub(crate) fn yours(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code: 1, error: anyhow::anyhow!(message.into()), hint: Some(hint.into()) }
    }

    /// Something that failed on our side: the disk, the system, ourselves.
    pub(crate) fn ours(error: anyhow::Error) -> Self {
        Self { code: 2, error, hint: None }
    }

    /// Ctrl-C.
    pub(crate) fn interrupted() -> Self {
        let hint = "nothing is lost: the same command goes on where it stopped".to_owned();
        Self { code: 130, error: anyhow::anyhow!("interrupted"), hint: Some(hint) }
    }

    /// The reader of our output has gone, as `head` does: nothing is left to do, and nothing is wrong.
    pub(crate) fn unheard() -> Self {
        Self { code: 0, error: anyhow::anyhow!("the reader of the output is gone"), hint: None }
    }

    /// Adds what was being done.
    pub(crate) fn context(mut self, doing: impl Into<String>) -> Self {
        self.error = self.error.context(doing.into());
        self
    }

    /// Tells the user and gives the code.
    pub(crate) fn report(self) -> ExitCode {
        if self.code == 0 {
            return ExitCode::SUCCESS;
        }
        eprintln!("error: {:#}", self.error);
        if let Some(hint) = self.hint {
            eprintln!("hint: {hint}");
        }
        ExitCode::from(self.code)
    }

    fn of(error: impl Into<anyhow::Error>, hint: Option<String>) -> Self {
        // What has a way out to name is the user's to mend.
        let code = if hint.is_some() { 1 } else { 2 };
        Self { code, error: error.into(), hint }
    }
}

/// Prints data on stdout. All data goes through here, so that a reader who leaves early is no crash; answers to SQL, which may be
/// larger than memory, see to that themselves.
pub(crate) fn print(text: &str) -> Result<(), Stop> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Err(Stop::unheard()),
        written => Ok(written?),
    }
}

/// Data for programs, as they and people read it.
pub(crate) fn json(value: &impl Serialize) -> Result<String, Stop> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Stop::ours(error.into()))?;
    Ok(format!("{text}\n"))
}

impl From<ConfigError> for Stop {
    fn from(error: ConfigError) -> Self {
        let hint = error.hint().unwrap_or_else(|| "`configs/demo.toml` shows every key with a comment".into());
        Self::of(error, Some(hint))
    }
}

impl From<crawler::Error> for Stop {
    fn from(error: crawler::Error) -> Self {
        let hint = error.hint().map(str::to_owned);
        Self::of(error, hint)
    }
}

impl From<filter::Error> for Stop {
    fn from(error: filter::Error) -> Self {
        let hint = error.hint();
        Self::of(error, hint)
    }
}

impl From<index::Error> for Stop {
    fn from(error: index::Error) -> Self {
        let hint = error.hint();
        match error {
            // A query is the user's, whether or not we can name the way out.
            index::Error::Query { .. } => Self { code: 1, error: error.into(), hint },
            error => Self::of(error, hint),
        }
    }
}

impl From<shards::Error> for Stop {
    fn from(error: shards::Error) -> Self {
        let hint = match &error {
            shards::Error::Location { .. } => Some("name a folder that can be read and written".to_owned()),
            _ => None,
        };
        Self::of(error, hint)
    }
}

impl From<consent::ListError> for Stop {
    fn from(error: consent::ListError) -> Self {
        let hint = Some(error.hint.clone());
        Self::of(error, hint)
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::ours(error.into())
    }
}
