//! Packets of metadata as they come out of containers, and the bounds on how much of them is kept.

use super::bytes::Block;
use crate::policy::Reading;
use std::{borrow::Cow, io::Read};

/// One packet and where it begins in the file.
#[derive(Debug)]
pub(super) struct Packet<'a> {
    pub(super) byte: usize,
    pub(super) content: Content<'a>,
}

/// What a packet holds.
#[derive(Debug)]
pub(super) enum Content<'a> {
    /// An XMP packet: RDF in XML, in any Unicode encoding.
    Xmp(Cow<'a, [u8]>),
    /// A C2PA manifest store: JUMBF boxes.
    Manifest(Cow<'a, [u8]>),
    /// One text with the name of its carrier and field: `PNG Copyright`, `EXIF Artist`.
    Field { name: Cow<'static, str>, text: Cow<'a, str> },
}

/// The packets of one file, bounded.
#[derive(Debug)]
pub(super) struct Packets<'a> {
    /// Whether what breaks a container's rules is read all the same.
    pub(super) is_lenient: bool,
    found: Vec<Packet<'a>>,
    room: usize,
    inflatable: usize,
}

impl<'a> Packets<'a> {
    /// Most packets kept: a photograph has five, a PNG from a workshop ten.
    const MOST: usize = 256;
    /// Most bytes that may come out of compressed packets, all of them together.
    const MAX_INFLATED: usize = 4 << 20;

    /// For a file of `length` bytes. All packets together may be as long as the file and what was
    /// decompressed: formats with pointers (TIFF, HEIF) can point a thousand times at one place.
    pub(super) fn of_file(length: usize, reading: Reading) -> Self {
        let room = length.saturating_add(Self::MAX_INFLATED);
        let is_lenient = reading == Reading::Strict;
        Self { is_lenient, found: Vec::new(), room, inflatable: Self::MAX_INFLATED }
    }

    pub(super) fn xmp(&mut self, block: Block<'a>) {
        self.add(block.byte, block.bytes.len(), Content::Xmp(block.bytes));
    }

    pub(super) fn manifest(&mut self, block: Block<'a>) {
        self.add(block.byte, block.bytes.len(), Content::Manifest(block.bytes));
    }

    pub(super) fn field(&mut self, byte: usize, name: impl Into<Cow<'static, str>>, text: Cow<'a, str>) {
        // A key without a value may say all there is to say; it still takes room.
        self.add(byte, text.len().max(1), Content::Field { name: name.into(), text });
    }

    fn add(&mut self, byte: usize, size: usize, content: Content<'a>) {
        if size > 0 && !self.is_full() && size <= self.room {
            self.room -= size;
            self.found.push(Packet { byte, content });
        }
    }

    /// Whether more would be thrown away.
    pub(super) fn is_full(&self) -> bool {
        self.found.len() >= Self::MOST
    }

    /// How many more bytes would be kept.
    pub(super) fn room(&self) -> usize {
        self.room
    }

    /// What a zlib stream holds, as far as it can be read and there is room.
    pub(super) fn inflate(&mut self, stream: &[u8]) -> Vec<u8> {
        self.read_within(flate2::read::ZlibDecoder::new(stream))
    }

    /// What a brotli stream holds, likewise.
    pub(super) fn unbrotli(&mut self, stream: &[u8]) -> Vec<u8> {
        self.read_within(brotli::Decompressor::new(stream, 4096))
    }

    fn read_within(&mut self, stream: impl Read) -> Vec<u8> {
        let mut inflated = Vec::new();
        let limit = u64::try_from(self.inflatable).unwrap_or(u64::MAX);
        // A stream that breaks off has still said what came before.
        let _ = stream.take(limit).read_to_end(&mut inflated);
        self.inflatable -= inflated.len();
        inflated
    }

    pub(super) fn into_vec(self) -> Vec<Packet<'a>> {
        self.found
    }
}
