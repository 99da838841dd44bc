//! The binary as a user meets it: a folder, a config, a command, what it said and how it ended.

use super::web::Web;
use serde_json::Value;
use std::{
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// No command of a test may take longer.
const DEADLINE: Duration = Duration::from_secs(300);

/// A working folder, thrown away at the end, and what stands in the environment of commands run in it.
pub(crate) struct Folder {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) command: String,
    /// `None` after a signal.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), environment: Vec::new() }
    }

    /// The same with a variable in the environment of its commands.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file and returns its path as text.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Runs the binary here, to its end.
    pub(crate) fn pinakes(&self, arguments: &[&str]) -> Outcome {
        let outcome = self.pinakes_for(arguments, DEADLINE);
        outcome.unwrap_or_else(|| panic!("pinakes {arguments:?} took longer than {DEADLINE:?}"))
    }

    /// The same with `bytes` on its standard input.
    pub(crate) fn pinakes_fed(&self, arguments: &[&str], bytes: &[u8]) -> Outcome {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(bytes).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        Outcome { command: format!("pinakes {}", arguments.join(" ")), code: output.status.code(), stdout, stderr }
    }

    /// Runs the binary here for so long at most; `None` if it had to be killed (by SIGKILL).
    pub(crate) fn pinakes_for(&self, arguments: &[&str], limit: Duration) -> Option<Outcome> {
        let mut child = self.start(arguments);
        let end = Instant::now() + limit;
        let stdout = read_all(child.stdout.take().unwrap());
        let stderr = read_all(child.stderr.take().unwrap());
        // The pipes close when the process ends.
        let said = |pipe: &mpsc::Receiver<String>| pipe.recv_timeout(end.saturating_duration_since(Instant::now()));
        let (Ok(stdout), Ok(stderr)) = (said(&stdout), said(&stderr)) else {
            kill(&mut child);
            return None;
        };
        let code = child.wait().unwrap().code();
        Some(Outcome { command: format!("pinakes {}", arguments.join(" ")), code, stdout, stderr })
    }

    /// Runs the binary here until it ends or `is_time`; says whether it had to be killed (by SIGKILL).
    pub(crate) fn pinakes_until(&self, arguments: &[&str], is_time: impl Fn() -> bool) -> bool {
        let mut child = self.start(arguments);
        let end = Instant::now() + DEADLINE;
        while !is_time() {
            if let Some(status) = child.try_wait().unwrap() {
                assert!(status.success(), "pinakes {arguments:?} ended with {status}");
                return false;
            }
            assert!(Instant::now() < end, "pinakes {arguments:?} took longer than {DEADLINE:?}");
            std::thread::sleep(Duration::from_millis(2));
        }
        kill(&mut child);
        true
    }

    fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pinakes"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_remove("ORT_DYLIB_PATH")
            .env_remove("PINAKES_LOG")
            // Nothing of the machine's own models, hubs and tokens.
            .env_remove("PINAKES_MODELS")
            .env_remove("HF_ENDPOINT")
            .env_remove("HF_TOKEN")
            .env("XDG_CACHE_HOME", self.folder.path().join("cache-home"))
            // Nor a key to sign with.
            .env_remove("PINAKES_RECEIPT_KEY")
            .env("XDG_CONFIG_HOME", self.folder.path().join("config-home"))
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// The answer to a query, one object a row.
    pub(crate) fn sql(&self, dataset: &str, query: &str) -> Vec<Value> {
        let outcome = self.pinakes(&["sql", dataset, query, "--format", "json"]).ends_with(0);
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome:?}"))
    }
}

fn read_all(mut pipe: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receiver
}

fn kill(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

impl Outcome {
    /// Asserts the exit code.
    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Self {
        let Self { command, code: found, stdout, stderr } = &self;
        assert!(*found == Some(code), "`{command}` ended with {found:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}");
        self
    }

    /// Asserts a failure as the contract wants it told: the exit code, `error:` in lower case with
    /// these words, nothing on stdout.
    #[track_caller]
    pub(crate) fn fails(self, code: i32, words: &[&str]) -> Self {
        let outcome = self.ends_with(code);
        let Self { command, stdout, stderr, .. } = &outcome;
        let error = stderr.lines().find(|line| line.starts_with("error: "));
        let error = error.unwrap_or_else(|| panic!("`{command}` names no error:\n{stderr}"));
        let first = error.trim_start_matches("error: ").chars().next();
        assert!(first.is_some_and(|first| !first.is_uppercase()), "`{command}`: {error}");
        for word in words {
            assert!(stderr.contains(word), "`{command}` does not say {word:?}:\n{stderr}");
        }
        assert!(!stderr.contains("panicked"), "`{command}` panics:\n{stderr}");
        assert_eq!(stdout, "", "`{command}` writes data although it fails");
        outcome
    }

    /// Asserts a `hint:` line that holds these words.
    #[track_caller]
    pub(crate) fn hints(self, words: &str) -> Self {
        let Self { command, stderr, .. } = &self;
        let hints: Vec<_> = stderr.lines().filter(|line| line.trim_start().starts_with("hint: ")).collect();
        assert!(hints.iter().any(|hint| hint.contains(words)), "`{command}` does not hint at {words:?}:\n{stderr}");
        self
    }

    /// The data as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The data as one JSON value a line.
    #[track_caller]
    pub(crate) fn json_lines(&self) -> Vec<Value> {
        let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        self.stdout.lines().map(parse).collect()
    }
}

/// A config in the making, as dotted keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings(Vec<(String, String)>);

impl Settings {
    /// Reads `archives`, asks nobody but `web`, keeps whatever can be scored, writes to `run`.
    pub(crate) fn new(archives: &[&str], web: &Web) -> Self {
        Self::default()
            .set("input.archives", archives)
            .set("agent.contact", "https://tests.example/bot")
            .set("fetch.resolve", [web.resolve()])
            .set("fetch.per_host_interval", "20ms")
            .set("fetch.retries", 0)
            .set("keep.min_similarity", -1.0)
            .set("output.dir", "run")
            .set("output.buckets", 3)
    }

    /// Sets a key, in place of what it was. JSON's literals are TOML's, for all that is needed here.
    pub(crate) fn set(mut self, key: &str, value: impl Into<Literal>) -> Self {
        self.0.retain(|(known, _)| known != key);
        self.0.push((key.to_owned(), value.into().0));
        self
    }

    /// Leaves a key out.
    pub(crate) fn without(mut self, key: &str) -> Self {
        self.0.retain(|(known, _)| known != key);
        self
    }

    pub(crate) fn toml(&self) -> String {
        self.0.iter().map(|(key, value)| format!("{key} = {value}\n")).collect()
    }
}

/// A TOML literal.
pub(crate) struct Literal(String);

impl From<&str> for Literal {
    fn from(text: &str) -> Self {
        Self(Value::from(text).to_string())
    }
}

impl From<&Path> for Literal {
    fn from(path: &Path) -> Self {
        path.to_str().unwrap().into()
    }
}

impl From<i32> for Literal {
    fn from(number: i32) -> Self {
        Self(number.to_string())
    }
}

impl From<usize> for Literal {
    fn from(number: usize) -> Self {
        Self(number.to_string())
    }
}

impl From<f64> for Literal {
    fn from(number: f64) -> Self {
        Self(format!("{number:?}"))
    }
}

impl From<&[&str]> for Literal {
    fn from(texts: &[&str]) -> Self {
        Self(Value::from(texts.to_vec()).to_string())
    }
}

impl From<[String; 1]> for Literal {
    fn from(texts: [String; 1]) -> Self {
        Self(Value::from(texts.to_vec()).to_string())
    }
}
