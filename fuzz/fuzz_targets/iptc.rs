//! IPTC-IIM within Photoshop resources, in a JPEG.
#![no_main]

mod common;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let data = &data[..data.len().min(60_000)];
    let block = [b"8BIM\x04\x04\0\0".as_slice(), &u32::try_from(data.len()).unwrap_or(0).to_be_bytes(), data].concat();
    let segment = [b"Photoshop 3.0\0".as_slice(), &block].concat();
    let length = u16::try_from(segment.len() + 2).unwrap_or(u16::MAX).to_be_bytes();
    common::file(&[b"\xFF\xD8\xFF\xED".as_slice(), &length, &segment, b"\xFF\xD9"].concat());
});
