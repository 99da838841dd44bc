//! The archive reader against damage, and against the `warc` crate as its oracle.
#![allow(clippy::unwrap_used, reason = "tests")]

use crawler::warc::{Item, Limits, Reader};
use flate2::{Compression, write::GzEncoder};
use std::{
    io::{Cursor, Write},
    path::PathBuf,
};

fn record(kind: &str, url: &str, block: &str) -> Vec<u8> {
    let length = block.len();
    format!("WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2024-01-02T03:04:05Z\r\nContent-Length: {length}\r\n\r\n{block}\r\n\r\n").into_bytes()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Blocks of whole records, and how many items were damaged or oversized.
fn read(archive: &[u8], limits: Limits) -> (Vec<String>, usize, usize) {
    let mut reader = Reader::new(Cursor::new(archive), limits).unwrap();
    let (mut blocks, mut damaged, mut oversized) = (Vec::new(), 0, 0);
    for _ in 0..100_000 {
        match reader.next_item().unwrap() {
            None => return (blocks, damaged, oversized),
            Some(Item::Record(record)) => blocks.push(String::from_utf8(record.block).unwrap()),
            Some(Item::Damaged(_)) => damaged += 1,
            Some(Item::Oversized { .. }) => oversized += 1,
        }
    }
    panic!("the reader does not come to an end");
}

fn three() -> [Vec<u8>; 3] {
    ["one", "two", "three"].map(|block| record("response", "http://a.example/", block))
}

#[test]
fn members_plain_files_and_one_member_for_all_read_the_same() {
    let records = three();
    let members: Vec<u8> = records.iter().flat_map(|record| gzip(record)).collect();
    for archive in [records.concat(), members, gzip(&records.concat())] {
        assert_eq!(read(&archive, Limits::default()), (vec!["one".into(), "two".into(), "three".into()], 0, 0));
    }
    assert_eq!(read(b"", Limits::default()), (vec![], 0, 0));
}

#[test]
fn offsets_are_those_of_the_members() {
    let members: Vec<Vec<u8>> = three().iter().map(|record| gzip(record)).collect();
    let archive = members.concat();
    let mut reader = Reader::new(Cursor::new(&archive[..]), Limits::default()).unwrap();
    let mut offset = 0;
    for member in &members {
        let Some(Item::Record(record)) = reader.next_item().unwrap() else { panic!("a record") };
        assert_eq!(record.offset, offset);
        // A row names this offset, and a range request from there brings the record back.
        let again = read(&archive[usize::try_from(offset).unwrap()..], Limits::default());
        assert_eq!(again.0[0].as_bytes(), record.block);
        offset += member.len() as u64;
    }
}

#[test]
fn damage_is_counted_and_the_rest_is_whole() {
    let records = three();
    let members: Vec<Vec<u8>> = records.iter().map(|record| gzip(record)).collect();
    let mut flipped = members.clone();
    let middle = flipped[1].len() / 2;
    flipped[1][middle] ^= 0x55;
    let lost_second = (vec!["one".to_owned(), "three".to_owned()], 1, 0);
    assert_eq!(read(&flipped.concat(), Limits::default()), lost_second);

    let garbage = [&members[0][..], b"garbage between", &members[1], &members[2]].concat();
    assert_eq!(read(&garbage, Limits::default()), (vec!["one".into(), "two".into(), "three".into()], 1, 0));

    for archive in [members.concat(), records.concat()] {
        for cut in 1..archive.len() {
            let (blocks, damaged, _) = read(&archive[..cut], Limits::default());
            assert!(blocks.len() <= 3 && damaged <= 1, "cut at {cut}: {blocks:?} {damaged}");
            assert!(blocks.iter().zip(["one", "two", "three"]).all(|(found, whole)| found == whole));
        }
    }

    let no_length = [&records[0][..], b"WARC/1.0\r\nWARC-Type: response\r\n\r\nlost\r\n\r\n", &records[2]].concat();
    assert_eq!(read(&no_length, Limits::default()), lost_second);
}

#[test]
fn every_single_flipped_byte_ends_well() {
    let archive: Vec<u8> = three().iter().flat_map(|record| gzip(record)).collect();
    for place in 0..archive.len() {
        for mask in [0x01, 0x80, 0xff] {
            let mut flipped = archive.clone();
            flipped[place] ^= mask;
            let mut reader = Reader::new(Cursor::new(&flipped[..]), Limits::default()).unwrap();
            let items = std::iter::from_fn(|| reader.next_item().unwrap()).take(1000).count();
            assert!((1..1000).contains(&items), "byte {place} mask {mask}: {items} items");
        }
    }
}

#[test]
fn oversized_records_are_passed_over() {
    let big = record("response", "http://a.example/", &"x".repeat(5000));
    let [one, _, three] = three();
    let limits = Limits { block_bytes: 1000, ..Limits::default() };
    let archive = [gzip(&one), gzip(&big), gzip(&three)].concat();
    assert_eq!(read(&archive, limits), (vec!["one".into(), "three".into()], 0, 1));
}

#[test]
fn real_archives_read_as_with_the_warc_crate() {
    let Some(folder) = test_data("real_archives_read_as_with_the_warc_crate") else { return };
    for name in
        ["cc-main-2020-34.warc.gz", "cc-main-2024-22.warc.gz", "wget-sample-0000.warc.gz", "ipwb-sample-1.warc.gz"]
    {
        let bytes = std::fs::read(folder.join("warc").join(name)).unwrap();
        let mut plain = Vec::new();
        if name.ends_with(".gz") {
            std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(&bytes[..]), &mut plain).unwrap();
        } else {
            plain.clone_from(&bytes);
        }
        let theirs: Vec<Vec<u8>> = warc::WarcReader::new(Cursor::new(plain))
            .iter_raw_records()
            .map(|record| record.unwrap_or_else(|error| panic!("{name}: {error:?}")).1)
            .collect();
        let mut reader = Reader::new(Cursor::new(&bytes[..]), Limits::default()).unwrap();
        let mut ours = Vec::new();
        while let Some(item) = reader.next_item().unwrap() {
            let Item::Record(record) = item else { panic!("{name}: {item:?}") };
            ours.push(record.block);
        }
        assert_eq!(ours.len(), theirs.len(), "{name}");
        assert!(ours == theirs, "{name}: blocks differ");
    }
}

fn test_data(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("PINAKES_TEST_DATA")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")), PathBuf::from);
    let found = folder.is_dir().then_some(folder);
    if found.is_none() {
        eprintln!("skipped: {test}: no test data beside the project (see README)");
    }
    found
}
