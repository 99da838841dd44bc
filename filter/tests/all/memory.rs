//! Bombs cost no memory to speak of. Measured in a process of its own, since a peak is a process's.

use crate::support::odd;
use filter::decode::decode;
use std::{env, fs, process::Command};

const BOMBS: [&str; 6] =
    ["bomb.png", "bomb.jpg", "bomb.gif", "bomb-profile.png", "bomb-text.png", "bomb-profile-animated.webp"];

/// Memory that the child may have had at its peak: the program itself (12 MiB), what a decoder may
/// unpack beside its pixels (16 MiB), and as much again.
const MOST_KIB: u64 = 48 * 1024;

#[test]
fn bombs_cost_no_memory_to_speak_of() {
    let child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "memory::the_child_decodes_all_bombs", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    let peak = said.lines().find_map(|line| line.split("peak KiB: ").nth(1)).unwrap_or_else(|| panic!("{said}"));
    let peak: u64 = peak.trim().parse().unwrap();
    assert!(peak < MOST_KIB, "{peak} KiB at its peak");
}

#[test]
#[ignore = "the other half of `bombs_cost_no_memory_to_speak_of`"]
fn the_child_decodes_all_bombs() {
    for name in BOMBS {
        let bytes = if name.ends_with("webp") { webp_with_a_long_profile() } else { odd(name) };
        let _ = decode(&bytes, 89_478_484);
    }
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    println!("peak KiB: {}", peak.trim().trim_end_matches(" kB"));
}

/// An animation whose profile claims to be longer than the file.
fn webp_with_a_long_profile() -> Vec<u8> {
    let mut bytes = odd("animated.webp");
    // Behind RIFF's head and the chunk VP8X, whose flags say that there is a profile.
    bytes[20] |= 0x20;
    bytes.splice(30..30, [b"ICCP".as_slice(), &0x7fff_fff0_u32.to_le_bytes()].concat());
    bytes
}
