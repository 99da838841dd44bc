//! Opt-out lists in plain text, CSV and JSON lines.
#![no_main]

mod common;

use consent::OptOutList;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    if let Ok(list) = OptOutList::parse("list", &text) {
        let _ = list.find(&common::url("https://sub.example.com/a/b.jpg?q=1"));
    }
});
