//! Items of a HEIF file: `iinf` names them, `iloc` says where their bytes lie.

use super::{
    super::super::{
        bytes::{Block, big, slice, split_at_byte},
        packet::Packets,
    },
    add_exif, boxes,
};
use std::borrow::Cow;

/// Most items of metadata looked for.
const MOST_ITEMS: usize = 64;
/// Most extents joined for one item.
const MOST_EXTENTS: usize = 256;

/// Reads the `meta` box whose data is `meta`; `file` is all, because items lie anywhere in it.
pub(super) fn read<'a>(file: &'a [u8], byte: usize, meta: &'a [u8], packets: &mut Packets<'a>) {
    // Version and flags stand before the children.
    let child = |kind: &[u8; 4]| boxes(meta, 4).find(|part| &part.kind == kind);
    let (Some(infos), Some(locations)) = (child(b"iinf"), child(b"iloc")) else { return };
    let data = child(b"idat").map(|part| (byte + part.start, part.body(meta)));
    let mut wanted = wanted(infos.body(meta));
    each_location(locations.body(meta), |item, extents| {
        // Each item once, however often it is located.
        let Some(at) = wanted.iter().position(|(id, _)| *id == item) else { return };
        let (_, kind) = wanted.swap_remove(at);
        let source = if extents.in_data_box { data } else { Some((0, file)) };
        let (Some((base, bytes)), Some((first, _))) = (source, extents.spans.first()) else { return };
        let bytes = extents.join(bytes, packets.room());
        add(kind, Block { byte: base.saturating_add(*first), bytes }, packets);
    });
}

/// What an item of metadata is.
#[derive(Clone, Copy)]
enum Kind {
    Exif,
    Xmp,
    DeflatedXmp,
}

fn add<'a>(kind: Kind, block: Block<'a>, packets: &mut Packets<'a>) {
    match kind {
        Kind::Exif => add_exif(&block, packets),
        Kind::Xmp => packets.xmp(block),
        Kind::DeflatedXmp => {
            let xmp = packets.inflate(&block.bytes);
            packets.xmp(Block::owned(block.byte, xmp));
        }
    }
}

/// Ids of the items that hold metadata.
fn wanted(infos: &[u8]) -> Vec<(usize, Kind)> {
    let count_size = if infos.first() == Some(&0) { 2 } else { 4 };
    let entries = boxes(infos, 4 + count_size).filter(|part| &part.kind == b"infe");
    entries.filter_map(|part| info(part.body(infos))).take(MOST_ITEMS).collect()
}

/// One `infe` of version 2 or 3: id, protection, type, name; for `mime` its type and encoding.
fn info(entry: &[u8]) -> Option<(usize, Kind)> {
    let id_size = if *entry.first()? == 3 { 4 } else { 2 };
    let kind_at = 4 + id_size + 2;
    let id = big(entry, 4, id_size)?;
    match entry.get(kind_at..kind_at + 4)? {
        b"Exif" => Some((id, Kind::Exif)),
        b"mime" => {
            let (_name, rest) = split_at_byte(&entry[kind_at + 4..], 0)?;
            let (content_type, rest) = split_at_byte(rest, 0).unwrap_or((rest, &[]));
            let is_deflated = rest.starts_with(b"deflate");
            let kind = if is_deflated { Kind::DeflatedXmp } else { Kind::Xmp };
            content_type.eq_ignore_ascii_case(b"application/rdf+xml").then_some((id, kind))
        }
        _ => None,
    }
}

/// Where the bytes of one item lie.
struct Extents {
    in_data_box: bool,
    /// Start and length, from the start of the file or of `idat`.
    spans: Vec<(usize, usize)>,
}

impl Extents {
    /// Extents may overlap and come to any length; `room` is what may be kept.
    fn join<'a>(&self, bytes: &'a [u8], room: usize) -> Cow<'a, [u8]> {
        if let [(start, length)] = self.spans[..] {
            return Cow::Borrowed(slice(bytes, start, length));
        }
        let mut joined = Vec::new();
        for (start, length) in &self.spans {
            let left = room.saturating_sub(joined.len());
            joined.extend_from_slice(slice(bytes, *start, (*length).min(left)));
        }
        Cow::Owned(joined)
    }
}

/// Reads `iloc` (ISO 14496-12, section 8.11.3) and tells of each item.
fn each_location(iloc: &[u8], mut tell: impl FnMut(usize, &Extents)) -> Option<()> {
    let version = *iloc.first()?;
    let sizes = big(iloc, 4, 2)?;
    let (offset_size, length_size, base_size) = (sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15);
    let index_size = if version == 0 { 0 } else { sizes & 15 };
    let id_size = if version < 2 { 2 } else { 4 };
    let mut cursor = Cursor { bytes: iloc, at: 6 };
    let count = cursor.number(id_size)?;
    for _ in 0..count {
        let id = cursor.number(id_size)?;
        let method = if version == 0 { 0 } else { cursor.number(2)? & 15 };
        let _data_reference = cursor.number(2)?;
        let base = cursor.number(base_size)?;
        let extent_count = cursor.number(2)?;
        let read = extent_count.min(MOST_EXTENTS);
        let mut extents = Extents { in_data_box: method == 1, spans: Vec::new() };
        for _ in 0..read {
            let _index = cursor.number(index_size)?;
            let start = base.saturating_add(cursor.number(offset_size)?);
            let length = cursor.number(length_size)?;
            // No length means all that follows.
            extents.spans.push((start, if length_size == 0 { usize::MAX } else { length }));
        }
        // All three sizes may be nothing, and the count still 65,535: the rest is not walked.
        cursor.at += (extent_count - read) * (index_size + offset_size + length_size);
        tell(id, &extents);
    }
    Some(())
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn number(&mut self, size: usize) -> Option<usize> {
        let number = big(self.bytes, self.at, size.min(8))?;
        self.at += size;
        Some(number)
    }
}
