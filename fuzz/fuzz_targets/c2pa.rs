//! A C2PA manifest store: JUMBF boxes and CBOR, in a PNG.
#![no_main]

mod common;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    common::file(&common::png(b"caBX", data));
});
