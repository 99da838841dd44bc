//! An archive, as it lies on the disk: its records, their fields and digests, and the responses in them. Whole
//! members and piece by piece must read the same.
#![no_main]

use crawler::{
    http::Response,
    warc::{Item, Limits, Reader},
};
use libfuzzer_sys::fuzz_target;
use std::{hash::{DefaultHasher, Hash, Hasher}, io::Read};

const LIMITS: Limits = Limits { block_bytes: 64 * 1024, header_bytes: 4 * 1024 };

fuzz_target!(|data: &[u8]| {
    let whole = items(Reader::new(data, LIMITS).expect("no disk to fail"));
    let in_pieces = items(Reader::in_pieces(data, LIMITS).expect("no disk to fail"));
    assert_eq!(whole, in_pieces);
});

fn items(mut reader: Reader<impl Read>) -> Vec<(u64, u64)> {
    let mut items = Vec::new();
    while let Some(item) = reader.next_item().expect("no disk to fail") {
        if let Item::Record(record) = &item {
            assert!(record.block.len() as u64 <= LIMITS.block_bytes);
            let _ = (record.target(), record.date(), record.truncated(), record.check_digest());
            if let Ok(response) = Response::parse_within(record.block, 256 * 1024) {
                assert!(response.body.len() <= 256 * 1024);
            }
        }
        let mut hasher = DefaultHasher::new();
        let offset = match &item {
            Item::Record(record) => {
                (record.head, record.block).hash(&mut hasher);
                record.offset
            }
            Item::Oversized { offset, length } => {
                length.hash(&mut hasher);
                *offset
            }
            Item::Damaged(damage) => {
                damage.problem.hash(&mut hasher);
                damage.offset
            }
        };
        items.push((offset, hasher.finish()));
        assert!(items.len() <= 1_000_000, "no end");
    }
    items
}
