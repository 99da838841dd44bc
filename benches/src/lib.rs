//! What a program costs, measured from outside: wall time, processor time and memory of it and all
//! that it starts.

use std::{
    collections::{HashMap, HashSet},
    io,
    process::{Child, Command},
    time::{Duration, Instant},
};

/// Between two looks at the memory of a running program.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What a program took.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Wall time in seconds.
    pub wall: f64,
    /// User and system seconds, of all processes.
    pub cpu: f64,
    /// Most resident memory of all processes together, in MiB.
    pub memory: f64,
}

/// Runs `command` to its end; `None` where it fails.
pub fn measure(command: &mut Command) -> io::Result<Option<Cost>> {
    let (before, start) = (children_seconds(), Instant::now());
    let mut child = command.spawn()?;
    let mut memory: f64 = 0.0;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        memory = memory.max(resident(&child));
        std::thread::sleep(LOOK_EVERY);
    };
    let cost = Cost { wall: start.elapsed().as_secs_f64(), cpu: children_seconds() - before, memory };
    Ok(status.success().then_some(cost))
}

/// Processor seconds of all children that have ended and been waited for, and of theirs.
#[expect(unsafe_code, reason = "the system's own account of a process has no safe interface in the standard library")]
fn children_seconds() -> f64 {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: `getrusage` fills in the structure it is given, which is valid when zeroed, too.
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_CHILDREN, usage.as_mut_ptr());
        usage.assume_init()
    };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

/// Resident memory of `child` and all processes under it, in MiB, by `/proc` (Linux).
fn resident(child: &Child) -> f64 {
    let mut parents: HashMap<u32, u32> = HashMap::new();
    let mut pages: HashMap<u32, f64> = HashMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        // The program's name, in parentheses, may hold anything.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let (Some(parent), Some(resident)) = (fields.get(1), fields.get(21)) else { continue };
        parents.insert(id, parent.parse().unwrap_or(0));
        pages.insert(id, resident.parse().unwrap_or(0.0));
    }
    let mut family = HashSet::from([child.id()]);
    loop {
        let more: Vec<u32> = parents
            .iter()
            .filter(|(id, parent)| family.contains(parent) && !family.contains(id))
            .map(|(id, _)| *id)
            .collect();
        if more.is_empty() {
            break;
        }
        family.extend(more);
    }
    family.iter().filter_map(|id| pages.get(id)).sum::<f64>() * 4096.0 / (1024.0 * 1024.0)
}
