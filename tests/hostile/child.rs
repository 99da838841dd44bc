//! The binary, its time and its memory.

use crate::common::cli::Folder;
use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// Between two looks at a running program.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// No command may take longer.
const DEADLINE: Duration = Duration::from_secs(120);

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) took: Duration,
    /// Most resident memory at any time, in MiB, by the system's own high-water mark; 0 where it keeps none.
    pub(crate) memory: u64,
    pub(crate) stderr: String,
}

/// Runs `pinakes` in `folder` to its good end, with no other certificates to trust than those in `trust`.
pub(crate) fn run(folder: &Folder, arguments: &[&str], trust: &str) -> Ended {
    let start = Instant::now();
    let log = folder.path("stderr.log");
    let mut child = Command::new(env!("CARGO_BIN_EXE_pinakes"))
        .args(arguments)
        .current_dir(folder.path(""))
        .env_remove("ORT_DYLIB_PATH")
        .env_remove("PINAKES_LOG")
        .env_remove("SSL_CERT_DIR")
        .env("SSL_CERT_FILE", trust)
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let mut memory = 0;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        memory = memory.max(most_resident(child.id()));
        if start.elapsed() > DEADLINE {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("pinakes {arguments:?} hangs");
        }
        std::thread::sleep(LOOK_EVERY);
    };
    let stderr = std::fs::read_to_string(&log).unwrap();
    assert!(status.success(), "pinakes {arguments:?} ended with {status}\n{stderr}");
    Ended { took: start.elapsed(), memory, stderr }
}

/// The high-water mark of a process's resident memory, in MiB (Linux, proc(5)).
fn most_resident(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}
