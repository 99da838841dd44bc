//! Pages, against html5ever's tree: the scanner reads the same.
#![no_main]

#[path = "../../markup/tests/comparison/mod.rs"]
mod comparison;
#[path = "../../markup/tests/oracle/mod.rs"]
mod oracle;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let html = String::from_utf8_lossy(data);
    if let Some(difference) = comparison::difference(&html) {
        panic!("{html}\n{difference}");
    }
});
