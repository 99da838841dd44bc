//! The archive reader against damage, against itself reading piece by piece, and against the `warc` crate
//! as its oracle.
#![allow(clippy::unwrap_used, reason = "tests")]

use crawler::warc::{DigestCheck, Item, Limits, Reader};
use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use std::{
    io::{self, Cursor, Read, Write},
    path::{Path, PathBuf},
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

/// An item that stands for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Found {
    Record(u64, Vec<u8>),
    Oversized(u64, u64),
    Damaged(u64, String),
}

fn items<R: Read>(mut reader: Reader<R>) -> Vec<Found> {
    let mut found = Vec::new();
    while let Some(item) = reader.next_item().unwrap() {
        found.push(match item {
            Item::Record(record) => Found::Record(record.offset, record.block.to_vec()),
            Item::Oversized { offset, length } => Found::Oversized(offset, length),
            Item::Damaged(damage) => Found::Damaged(damage.offset, damage.problem),
        });
        assert!(found.len() < 100_000, "the reader does not come to an end");
    }
    // The end stays the end.
    assert!(reader.next_item().unwrap().is_none());
    found
}

/// Reads in both ways, and from a source that gives little at a time: all must give the same.
fn read_all_ways(archive: &[u8], limits: Limits) -> Vec<Found> {
    let found = items(Reader::new(archive, limits).unwrap());
    let in_pieces = items(Reader::in_pieces(archive, limits).unwrap());
    assert!(found == in_pieces, "whole: {:?}\nin pieces: {:?}", Summary(&found), Summary(&in_pieces));
    let dripping = items(Reader::new(Dripping(archive, 0), limits).unwrap());
    assert!(found == dripping, "at once: {:?}\ndripping: {:?}", Summary(&found), Summary(&dripping));
    found
}

/// Items without their long blocks.
struct Summary<'a>(&'a [Found]);

impl std::fmt::Debug for Summary<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let short = |found: &Found| match found {
            Found::Record(offset, block) => format!("record at {offset}, {} bytes", block.len()),
            other => format!("{other:?}"),
        };
        f.debug_list().entries(self.0.iter().map(short)).finish()
    }
}

/// A source that gives 1 to 17 bytes at a time, and is interrupted now and then.
struct Dripping<'a>(&'a [u8], usize);

impl Read for Dripping<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 += 1;
        if self.1.is_multiple_of(7) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let most = buffer.len().min(1 + self.1 % 17);
        self.0.read(&mut buffer[..most])
    }
}

/// Blocks of whole records, and how many items were damaged or oversized.
fn read(archive: &[u8], limits: Limits) -> (Vec<String>, usize, usize) {
    let (mut blocks, mut damaged, mut oversized) = (Vec::new(), 0, 0);
    for item in read_all_ways(archive, limits) {
        match item {
            Found::Record(_, block) => blocks.push(String::from_utf8(block).unwrap()),
            Found::Damaged(..) => damaged += 1,
            Found::Oversized(..) => oversized += 1,
        }
    }
    (blocks, damaged, oversized)
}

fn three() -> [Vec<u8>; 3] {
    ["one", "two", "three"].map(|block| record("response", "http://a.example/", block))
}

fn blocks(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn members_plain_files_and_one_member_for_all_read_the_same() {
    let records = three();
    let members: Vec<u8> = records.iter().flat_map(|record| gzip(record)).collect();
    let padded: Vec<u8> = records.iter().flat_map(|record| [gzip(record), vec![0; 700_000]].concat()).collect();
    for archive in [records.concat(), members, gzip(&records.concat()), padded] {
        assert_eq!(read(&archive, Limits::default()), (blocks(&["one", "two", "three"]), 0, 0));
    }
    assert_eq!(read(b"", Limits::default()), (vec![], 0, 0));
    assert_eq!(read(&gzip(b""), Limits::default()), (vec![], 0, 0));
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
        assert_eq!(record.target().as_deref(), Some("http://a.example/"));
        // A row names this offset, and a range request from there brings the record back.
        let again = read(&archive[usize::try_from(offset).unwrap()..], Limits::default());
        assert_eq!(again.0[0].as_bytes(), record.block);
        offset += member.len() as u64;
    }
    assert!(reader.next_item().unwrap().is_none());
    assert_eq!(reader.position(), offset);
}

#[test]
fn damage_is_counted_and_the_rest_is_whole() {
    let records = three();
    let members: Vec<Vec<u8>> = records.iter().map(|record| gzip(record)).collect();
    let [one, two, last] = [&members[0][..], &members[1], &members[2]];
    let mut flipped = two.to_vec();
    flipped[two.len() / 2] ^= 0x55;
    let lost_second = (blocks(&["one", "three"]), 1, 0);
    assert_eq!(read(&[one, &flipped, last].concat(), Limits::default()), lost_second);
    for cut in 1..two.len() {
        assert_eq!(read(&[one, &two[..cut], last].concat(), Limits::default()), lost_second, "cut at {cut}");
    }
    let both_lost = [&one[..one.len() - 1], &two[..two.len() - 9], last].concat();
    assert_eq!(read(&both_lost, Limits::default()), (blocks(&["three"]), 2, 0));

    let all = (blocks(&["one", "two", "three"]), 1, 0);
    assert_eq!(read(&[one, b"garbage between", two, last].concat(), Limits::default()), all);
    assert_eq!(read(&[b"garbage before", one, two, last].concat(), Limits::default()), all);
    assert_eq!(read(&[one, two, last, b"garbage after"].concat(), Limits::default()), all);
    assert_eq!(read(&[one, &gzip(b"no record"), two, last].concat(), Limits::default()), all);
    assert_eq!(
        read(&[one, &gzip(b"no record")[..20], &[0x1f, 0x8b, 8, 0, 0], two, last].concat(), Limits::default()),
        all
    );

    let [one, two, last] = [&records[0][..], &records[1], &records[2]];
    assert_eq!(read(&[one, b"garbage between\r\n", two, last].concat(), Limits::default()), all);
    assert_eq!(read(&[b"\xef\xbb\xbf\r\n", one, two, last].concat(), Limits::default()), all);
    let no_length = [one, b"WARC/1.0\r\nWARC-Type: response\r\n\r\nlost\r\n\r\n", last].concat();
    assert_eq!(read(&no_length, Limits::default()), lost_second);
    assert_eq!(read(b"nothing of an archive\n", Limits::default()), (vec![], 1, 0));
}

#[test]
fn an_archive_cut_off_anywhere_loses_one_record_at_most() {
    let records = three();
    let members: Vec<Vec<u8>> = records.iter().map(|record| gzip(record)).collect();
    for parts in [&members, &records.to_vec()] {
        let archive = parts.concat();
        let ends: Vec<usize> = (1..=3).map(|count| parts[..count].iter().map(Vec::len).sum()).collect();
        for cut in 1..archive.len() {
            let (found, damaged, _) = read(&archive[..cut], Limits::default());
            let whole = ends.iter().filter(|end| **end <= cut).count();
            // The empty line behind a plain record may be missing.
            assert!(found.len() == whole || found.len() == whole + 1 && archive.starts_with(b"WARC"), "cut at {cut}");
            assert!(damaged <= 1 && (damaged == 1 || found.len() > whole || ends.contains(&cut)), "cut at {cut}");
            assert!(found.iter().zip(["one", "two", "three"]).all(|(found, whole)| found == whole));
        }
    }
}

#[test]
fn every_single_flipped_byte_costs_one_record_at_most() {
    let records = three();
    let members: Vec<Vec<u8>> = records.iter().map(|record| gzip(record)).collect();
    for parts in [members, records.to_vec()] {
        let archive = parts.concat();
        for place in 0..archive.len() {
            for mask in [0x01, 0x80, 0xff] {
                let mut flipped = archive.clone();
                flipped[place] ^= mask;
                let found = read_all_ways(&flipped, Limits::default());
                untouched_come_out(&parts, &found, place, place, &format!("byte {place} mask {mask}"));
                assert!(found.iter().filter(|item| matches!(item, Found::Damaged(..))).count() <= 1);
            }
        }
    }
}

/// Every record that lies whole outside of `from..=to` came out, at its place.
fn untouched_come_out(parts: &[Vec<u8>], found: &[Found], from: usize, to: usize, what: &str) {
    let mut start = 0;
    for part in parts {
        let end = start + part.len();
        if end <= from || start > to {
            let offset = start as u64;
            let there = found.iter().any(|item| matches!(item, Found::Record(at, _) if *at == offset));
            assert!(there, "{what}: the record at {offset} is lost: {:?}", Summary(found));
        }
        start = end;
    }
}

#[test]
fn oversized_records_are_passed_over() {
    let big = record("response", "http://a.example/", &"x".repeat(5000));
    let [one, _, three] = three();
    let limits = Limits { block_bytes: 1000, ..Limits::default() };
    let expected = (blocks(&["one", "three"]), 0, 1);
    assert_eq!(read(&[gzip(&one), gzip(&big), gzip(&three)].concat(), limits), expected);
    assert_eq!(read(&[&one[..], &big, &three].concat(), limits), expected);
    assert_eq!(read(&gzip(&[&one[..], &big, &three].concat()), limits), expected);
    // One that breaks off is damaged, not oversized.
    let cut = gzip(&big[..3000]);
    assert_eq!(read(&[gzip(&one), cut, gzip(&three)].concat(), limits), (blocks(&["one", "three"]), 1, 0));
}

#[test]
fn heads_without_end_are_damage() {
    let [one, _, three] = three();
    let endless = format!("WARC/1.0\r\n{}", "A: b\r\n".repeat(20_000));
    let line = format!("WARC/1.0\r\nA: {}", "b".repeat(200_000));
    for bad in [endless, line] {
        let archive = [gzip(&one), gzip(bad.as_bytes()), gzip(&three)].concat();
        assert_eq!(read(&archive, Limits::default()), (blocks(&["one", "three"]), 1, 0));
        let archive = [&one[..], bad.as_bytes(), b"\r\n", &three].concat();
        assert_eq!(read(&archive, Limits::default()), (blocks(&["one", "three"]), 1, 0));
    }
}

#[test]
fn a_wrong_length_does_not_swallow_what_follows() {
    let records = three();
    let text = String::from_utf8(records[1].clone()).unwrap();
    for length in ["0", "1", "2", "90", "400", "30000000"] {
        let wrong = text.replace("Content-Length: 3", &format!("Content-Length: {length}"));
        let archive = [&records[0][..], wrong.as_bytes(), &records[2]].concat();
        assert_eq!(read(&archive, Limits::default()), (blocks(&["one", "three"]), 1, 0), "{length}");
        assert_eq!(read(&gzip(&archive), Limits::default()), (blocks(&["one", "three"]), 1, 0), "{length}");
    }
}

#[test]
fn a_magic_at_the_edge_of_a_buffer_is_found() {
    let members: Vec<Vec<u8>> = three().iter().map(|record| gzip(record)).collect();
    // Garbage of every length around the sizes in which files are read.
    for size in [64 * 1024, 256 * 1024, 512 * 1024, 1024 * 1024] {
        for garbage in size - 70..size + 3 {
            let archive = [&members[0][..], &vec![b'x'; garbage], &members[1], &members[2]].concat();
            let found = items(Reader::new(&archive[..], Limits::default()).unwrap());
            let records = found.iter().filter(|item| matches!(item, Found::Record(..))).count();
            assert_eq!((records, found.len()), (3, 4), "{garbage}");
        }
    }
}

/// Bytes that no compressor makes smaller.
fn noise(length: usize, mut seed: u64) -> String {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push(char::from(b' ' + (seed >> 58) as u8));
    }
    text
}

#[test]
fn members_of_all_sizes_come_out_whole() {
    let sizes = [0, 1, 5_000, 300_000, 1_500_000, 3_999_000, 4_300_000, 9_000_000, 17_000_000, 33_000_000];
    let records: Vec<Vec<u8>> =
        sizes.iter().map(|size| record("response", "http://a.example/", &noise(*size, *size as u64))).collect();
    let members: Vec<Vec<u8>> = records.iter().map(|record| gzip(record)).collect();
    let ends = members.iter().scan(0, |end, member| {
        *end += member.len() as u64;
        Some(*end)
    });
    let expected: Vec<(u64, usize)> = [0].into_iter().chain(ends).zip(sizes).collect();
    let mut reader = Reader::new(Cursor::new(members.concat()), Limits::default()).unwrap();
    let mut found = Vec::new();
    while let Some(item) = reader.next_item().unwrap() {
        let Item::Record(record) = item else { panic!("{item:?}") };
        assert!(record.block == noise(record.block.len(), record.block.len() as u64).as_bytes());
        found.push((record.offset, record.block.len()));
    }
    assert_eq!(found, expected);
    assert!(reader.buffer_bytes() < 50_000_000, "{}", reader.buffer_bytes());
    // The same in one member, where nothing fits at once.
    let one = gzip(&records.concat());
    let mut reader = Reader::new(&one[..], Limits::default()).unwrap();
    let mut found = Vec::new();
    while let Some(Item::Record(record)) = reader.next_item().unwrap() {
        assert_eq!(record.offset, 0);
        found.push(record.block.len());
    }
    assert_eq!(found, sizes);
}

#[test]
fn a_bomb_costs_one_item_and_bounded_memory() {
    let [one, _, three] = three();
    let bytes = 300_000_000;
    let head =
        |length: u64| format!("WARC/1.0\r\nWARC-Type: response\r\nContent-Length: {length}\r\n\r\n").into_bytes();
    let bomb = |start: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(start).unwrap();
        io::copy(&mut io::repeat(b'x').take(bytes), &mut encoder).unwrap();
        encoder.finish().unwrap()
    };
    // In a record too large, in one that claims less, in a head, in no record at all.
    for (start, expected) in
        [(head(bytes), (0, 1)), (head(100), (1, 0)), (b"WARC/1.0\r\nA: ".to_vec(), (1, 0)), (vec![], (1, 0))]
    {
        let archive = [gzip(&one), bomb(&start), gzip(&three)].concat();
        for mut reader in
            [Reader::new(&archive[..], Limits::default()), Reader::in_pieces(&archive[..], Limits::default())]
                .map(Result::unwrap)
        {
            let (mut blocks, mut damaged, mut oversized) = (Vec::new(), 0, 0);
            while let Some(item) = reader.next_item().unwrap() {
                match item {
                    Item::Record(record) => blocks.push(record.block.to_vec()),
                    Item::Damaged(_) => damaged += 1,
                    Item::Oversized { .. } => oversized += 1,
                }
            }
            assert_eq!(blocks, [b"one".to_vec(), b"three".to_vec()]);
            assert_eq!((damaged, oversized), expected);
            assert!(reader.buffer_bytes() < 30_000_000, "{}", reader.buffer_bytes());
        }
    }
}

/// Endless records, synthesised: nothing but the reader's own buffers holds them.
struct Records {
    left: usize,
    head: Vec<u8>,
    block: u64,
    at: u64,
}

impl Records {
    fn of(count: usize, block: u64) -> Self {
        let head = format!("WARC/1.0\r\nWARC-Type: response\r\nContent-Length: {block}\r\n\r\n").into_bytes();
        Self { left: count, head, block, at: 0 }
    }
}

impl Read for Records {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 || buffer.is_empty() {
            return Ok(0);
        }
        let head = self.head.len() as u64;
        let part = |length: u64| buffer.len().min(usize::try_from(length).unwrap());
        let (count, end) = if self.at < head {
            let rest = &self.head[usize::try_from(self.at).unwrap()..];
            let count = part(rest.len() as u64);
            buffer[..count].copy_from_slice(&rest[..count]);
            (count, false)
        } else if self.at < head + self.block {
            let count = part(head + self.block - self.at);
            buffer[..count].fill(b'x');
            (count, false)
        } else {
            let done = usize::try_from(self.at - head - self.block).unwrap();
            let count = part((4 - done) as u64);
            buffer[..count].copy_from_slice(&b"\r\n\r\n"[done..done + count]);
            (count, done + count == 4)
        };
        self.at += count as u64;
        if end {
            (self.left, self.at) = (self.left - 1, 0);
        }
        Ok(count)
    }
}

#[test]
fn two_gigabytes_pass_through_flat_memory() {
    let mut reader = Reader::new(Records::of(4000, 500_000), Limits::default()).unwrap();
    let mut count = 0;
    while let Some(item) = reader.next_item().unwrap() {
        let Item::Record(record) = item else { panic!("{item:?}") };
        assert_eq!(record.block.len(), 500_000);
        count += 1;
    }
    assert_eq!(count, 4000);
    assert!(reader.position() > 2_000_000_000);
    assert!(reader.buffer_bytes() < 8_000_000, "{}", reader.buffer_bytes());
}

#[test]
fn a_record_of_half_a_gigabyte_is_passed_over_in_flat_memory() {
    let [one, _, three] = three();
    let big = || Records::of(1, 500_000_000);
    let plain = Cursor::new(one.clone()).chain(big()).chain(Cursor::new(three.clone()));
    let stored = {
        // Stored blocks: a member as large as what is in it.
        let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
        io::copy(&mut Records::of(1, 50_000_000), &mut encoder).unwrap();
        [gzip(&one), encoder.finish().unwrap(), gzip(&three)].concat()
    };
    let boxed: [(Box<dyn Read>, u64); 2] =
        [(Box::new(plain), 500_000_000), (Box::new(Cursor::new(stored)), 50_000_000)];
    for (source, expected) in boxed {
        let mut reader = Reader::new(source, Limits::default()).unwrap();
        let Some(Item::Record(record)) = reader.next_item().unwrap() else { panic!("the first") };
        assert_eq!(record.block, b"one");
        let Some(Item::Oversized { length, .. }) = reader.next_item().unwrap() else { panic!("the large one") };
        assert_eq!(length, expected);
        let Some(Item::Record(record)) = reader.next_item().unwrap() else { panic!("the last") };
        assert_eq!(record.block, b"three");
        assert!(reader.buffer_bytes() < 30_000_000, "{}", reader.buffer_bytes());
    }
}

#[test]
fn a_failing_source_is_no_damage() {
    struct Failing(usize);
    impl Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0 += 1;
            if self.0 > 1 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Records::of(1, 4_000_000).read(buffer) }
        }
    }
    let error = Reader::new(Failing(0), Limits::default()).and_then(|mut reader| reader.next_item().map(|_| ()));
    assert_eq!(error.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
}

#[test]
fn arc_files_read_as_warc_files_do() {
    let http = |body: &str| format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{body}");
    let version = "1 0 InternetArchive\nURL IP-address Archive-date Content-type Archive-length\n";
    let part = |line: &str, block: &str| format!("{line} {}\n{block}\n", block.len()).into_bytes();
    let parts = vec![
        part("filedesc://a.arc 0.0.0.0 20080430204825 text/plain", version),
        part("http://a.example/one 10.0.0.1 20080430204825 text/html", &http("one")),
        part("http://a.example/two 10.0.0.1 20080430204826 text/html", &http("http://x/ two\n\nlines\n")),
        part("http://a.example/three 10.0.0.1 20080430204827 text/html", &http("three")),
    ];
    let members: Vec<Vec<u8>> = parts.iter().map(|part| gzip(part)).collect();
    for parts in [parts, members] {
        let archive = parts.concat();
        let found = read_all_ways(&archive, Limits::default());
        assert_eq!(found.len(), 4, "{found:?}");
        untouched_come_out(&parts, &found, usize::MAX, usize::MAX, "undamaged");
        let mut reader = Reader::new(&archive[..], Limits::default()).unwrap();
        let Some(Item::Record(first)) = reader.next_item().unwrap() else { panic!("a record") };
        assert!(first.is("warcinfo"));
        let Some(Item::Record(second)) = reader.next_item().unwrap() else { panic!("a record") };
        assert!(second.is("response") && second.block == http("one").as_bytes());
        assert_eq!(second.target().as_deref(), Some("http://a.example/one"));
        assert_eq!(second.date().unwrap().timestamp(), 1_209_588_505);
        for place in parts[0].len()..archive.len() {
            let mut flipped = archive.clone();
            flipped[place] ^= 0x01;
            let found = read_all_ways(&flipped, Limits::default());
            untouched_come_out(&parts, &found, place, place, &format!("byte {place}"));
        }
    }
}

/// What damage does to an archive.
#[derive(Clone, Debug)]
enum Harm {
    Flip(prop::sample::Index, u8),
    Cut(prop::sample::Index, usize),
    Insert(prop::sample::Index, Vec<u8>),
}

impl Harm {
    /// The damaged archive, and which bytes of the whole one were touched (none where some were put between).
    fn strike(&self, archive: &[u8]) -> (Vec<u8>, std::ops::Range<usize>) {
        let place = |index: &prop::sample::Index| index.index(archive.len());
        match self {
            Self::Flip(index, mask) => {
                let mut harmed = archive.to_vec();
                harmed[place(index)] ^= mask;
                (harmed, place(index)..place(index) + 1)
            }
            Self::Cut(index, length) => {
                let start = place(index);
                let end = archive.len().min(start + length);
                ([&archive[..start], &archive[end..]].concat(), start..end)
            }
            Self::Insert(index, bytes) => {
                let start = place(index);
                ([&archive[..start], bytes, &archive[start..]].concat(), start..start)
            }
        }
    }
}

fn harm() -> impl Strategy<Value = Harm> {
    let place = any::<prop::sample::Index>;
    prop_oneof![
        (place(), 1_u8..).prop_map(|(place, mask)| Harm::Flip(place, mask)),
        (place(), 1_usize..400).prop_map(|(place, length)| Harm::Cut(place, length)),
        (place(), prop::collection::vec(any::<u8>(), 1..100)).prop_map(|(place, bytes)| Harm::Insert(place, bytes)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happens to one place: records before it come out whole, those after it too (where
    /// records have members of their own, or lines to be found by), and all ways read the same.
    #[test]
    fn harm_in_one_place_costs_what_lies_there(
        sizes in prop::collection::vec(0_usize..3000, 2..7), layout in 0..3, harm in harm(),
    ) {
        let of = |(number, size): (usize, &usize)| {
            record("response", &format!("http://a.example/{number}"), &format!("HTTP/1.1 200 OK\r\n\r\n{}", noise(*size, number as u64)))
        };
        let records: Vec<Vec<u8>> = sizes.iter().enumerate().map(of).collect();
        let parts = match layout {
            0 => records.iter().map(|record| gzip(record)).collect(),
            1 => records.clone(),
            _ => vec![gzip(&records.concat())],
        };
        let whole = parts.concat();
        let (harmed, touched) = harm.strike(&whole);
        let found = read_all_ways(&harmed, Limits::default());
        let mut start = 0;
        for (part, record) in parts.iter().zip(&records) {
            let end = start + part.len();
            let before = end <= touched.start;
            // A plain record is found by its line: harm right before it is harm to it.
            let after = start > touched.end || layout == 0 && start == touched.end;
            // A length forged to be immense takes all that follows with it. A plain record cut short
            // goes on in the next; where it ends by chance with a record, nothing can tell.
            let swallowed = found.iter().any(|item| match item {
                Found::Oversized(..) => true,
                Found::Record(_, block) => memchr::memmem::find(block, b"WARC/1.0\r\n").is_some(),
                Found::Damaged(..) => false,
            });
            if layout < 2 && (before || after && !(layout == 1 && swallowed)) {
                let offset = if before { start } else { start + harmed.len() - whole.len() } as u64;
                let block = &record[record.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4..record.len() - 4];
                let there = found.iter().any(|item| matches!(item, Found::Record(at, bytes) if *at == offset && bytes == block));
                prop_assert!(there, "{harm:?}: the record at {offset} is lost: {:?}", Summary(&found));
            }
            start = end;
        }
    }

    /// Harm upon harm: the end is reached, and all ways read the same.
    #[test]
    fn any_harm_comes_to_an_end(
        sizes in prop::collection::vec(0_usize..3000, 1..5), layout in 0..3, harms in prop::collection::vec(harm(), 1..10),
    ) {
        let records: Vec<Vec<u8>> =
            sizes.iter().map(|size| record("response", "http://a.example/", &noise(*size, 1))).collect();
        let mut archive = match layout {
            0 => records.iter().flat_map(|record| gzip(record)).collect(),
            1 => records.concat(),
            _ => gzip(&records.concat()),
        };
        for harm in harms {
            if !archive.is_empty() {
                archive = harm.strike(&archive).0;
            }
        }
        read_all_ways(&archive, Limits { block_bytes: 2000, header_bytes: 1000 });
    }
}

/// Archives with something odd: records, damaged, oversized; and how many digests are right and wrong.
const EDGE: [(&str, usize, usize, usize, usize, usize); 21] = [
    ("baconIpsum.warc.gz", 6, 0, 0, 6, 0),
    ("baconIpsum_chunked.warc", 6, 0, 0, 5, 1),
    ("baconIpsum_chunked_httpTrailors.warc", 6, 0, 0, 5, 1),
    ("block-sized-records.warc", 3, 0, 0, 0, 0),
    // The last record claims a length of 7 and has more.
    ("broken.warc", 5, 1, 0, 0, 0),
    // One member, cut off.
    ("clipped.warc.gz", 0, 1, 0, 0, 0),
    ("dupes.warc.gz", 25, 0, 0, 3, 0),
    // Its payload digests are wrong on purpose, those of the blocks right.
    ("example-digest.warc", 4, 0, 0, 4, 0),
    ("example-iana.org-chunked.warc", 3, 0, 0, 2, 0),
    ("example-revisit.warc.gz", 16, 0, 0, 9, 0),
    // A response whose length is wrong, between others.
    ("example-trunc.warc", 3, 1, 0, 0, 0),
    ("example-utf8.warc", 8, 0, 0, 8, 0),
    ("example-wget-bad-target-uri.warc.gz", 6, 0, 0, 6, 0),
    ("example-wpull.warc.gz", 4, 0, 0, 4, 0),
    ("heritrix.arc.gz", 300, 0, 0, 0, 0),
    ("qsl.net-encoding-alias.warc.gz", 7, 0, 0, 5, 0),
    ("transfer_compression_brotli.warc", 5, 0, 0, 5, 0),
    ("transfer_compression_gzip.warc", 5, 0, 0, 5, 0),
    ("transfer_compression_gzip_chunked.warc.gz", 3, 0, 0, 2, 0),
    ("transfer_compression_none.warc", 5, 0, 0, 5, 0),
    ("truncated.arc", 9, 0, 0, 0, 0),
];

#[test]
fn odd_archives_give_what_is_in_them() {
    let Some(folder) = test_data("odd_archives_give_what_is_in_them") else { return };
    let mut wrong = Vec::new();
    for path in files(&folder.join("warc/edge")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).unwrap();
        let found = read_all_ways(&bytes, Limits::default());
        let count = |is: fn(&Found) -> bool| found.iter().filter(|item| is(item)).count();
        let (right_digests, wrong_digests) = digests(&bytes);
        let counts = (
            count(|item| matches!(item, Found::Record(..))),
            count(|item| matches!(item, Found::Damaged(..))),
            count(|item| matches!(item, Found::Oversized(..))),
        );
        let expected = EDGE.iter().find(|edge| edge.0 == name);
        let given = (&*name, counts.0, counts.1, counts.2, right_digests, wrong_digests);
        if expected != Some(&given) {
            wrong.push(format!("{given:?},"));
            wrong
                .extend(found.iter().filter(|item| !matches!(item, Found::Record(..))).map(|item| format!("{item:?}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How many records have right and wrong digests.
fn digests(archive: &[u8]) -> (usize, usize) {
    let (mut right, mut wrong) = (0, 0);
    let mut reader = Reader::new(archive, Limits::default()).unwrap();
    while let Some(item) = reader.next_item().unwrap() {
        let Item::Record(record) = item else { continue };
        match record.check_digest() {
            DigestCheck::Right => right += 1,
            DigestCheck::Wrong => wrong += 1,
            DigestCheck::None | DigestCheck::Unknown => {}
        }
    }
    (right, wrong)
}

#[test]
fn real_archives_are_whole_by_their_digests() {
    let Some(folder) = test_data("real_archives_are_whole_by_their_digests") else { return };
    for path in files(&folder.join("warc")) {
        let (right, wrong) = digests(&std::fs::read(&path).unwrap());
        assert_eq!(wrong, 0, "{}: {right} right", path.display());
    }
}

#[test]
fn archives_read_as_with_the_warc_crate() {
    let Some(folder) = test_data("archives_read_as_with_the_warc_crate") else { return };
    let paths = [files(&folder.join("warc")), files(&folder.join("warc/edge"))].concat();
    let mut compared = 0;
    for path in paths {
        let bytes = std::fs::read(&path).unwrap();
        let Some(theirs) = with_the_warc_crate(&path, &bytes) else { continue };
        let ours = read_all_ways(&bytes, Limits::default());
        let ours: Vec<_> = ours
            .into_iter()
            .map(|item| match item {
                Found::Record(_, block) => block,
                other => panic!("{}: {other:?}", path.display()),
            })
            .collect();
        assert_eq!(ours.len(), theirs.len(), "{}", path.display());
        assert!(ours == theirs, "{}: blocks differ", path.display());
        compared += 1;
    }
    assert!(compared >= 20, "{compared}");
}

/// Blocks as the oracle reads them; `None` where it does not read the archive to its end.
fn with_the_warc_crate(path: &Path, bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut plain = Vec::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut plain).ok()?;
    } else {
        plain.extend_from_slice(bytes);
    }
    let records = warc::WarcReader::new(Cursor::new(plain)).iter_raw_records().map(|record| Some(record.ok()?.1));
    let theirs: Option<Vec<_>> = records.collect();
    if theirs.is_none() {
        eprintln!("the warc crate does not read {}", path.display());
    }
    theirs
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.is_file());
    files.sort();
    files
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
