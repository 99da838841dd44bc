//! IPTC-IIM 4.2: datasets `1C record number length data`, the captions of press agencies.

use super::super::{
    bytes::{Block, big, slice},
    packet::Packets,
    text,
};
use std::borrow::Cow;

/// Datasets of record 2 that hold words of the author.
const DATASETS: [(u8, &str); 6] = [
    (25, "IPTC Keywords"),
    (40, "IPTC SpecialInstructions"),
    (80, "IPTC By-line"),
    (110, "IPTC Credit"),
    (116, "IPTC CopyrightNotice"),
    (120, "IPTC Caption"),
];
/// Value of dataset 1:90 for UTF-8 (ISO 2022: ESC % G).
const UTF_8: &[u8] = b"\x1B%G";

pub(super) fn read(block: &Block<'_>, packets: &mut Packets<'_>) {
    let mut is_utf8 = false;
    let mut at = 0;
    while let Some((record, dataset, start, length)) = dataset(&block.bytes, at) {
        let value = slice(&block.bytes, start, length);
        match record {
            1 if dataset == 90 => is_utf8 = value == UTF_8,
            2 => add(dataset, value, is_utf8, block.byte + start, packets),
            _ => {}
        }
        at = start.saturating_add(length);
    }
}

fn add(dataset: u8, value: &[u8], is_utf8: bool, byte: usize, packets: &mut Packets<'_>) {
    let Some((_, name)) = DATASETS.iter().find(|(number, _)| *number == dataset) else { return };
    // Many writers use UTF-8 and do not say so; few say so and do not.
    let text = if is_utf8 { String::from_utf8_lossy(value) } else { text::guess(value) };
    packets.field(byte, *name, Cow::Owned(text.into_owned()));
}

/// Record, number, start and length of the dataset at `at`.
fn dataset(block: &[u8], at: usize) -> Option<(u8, u8, usize, usize)> {
    // Some writers pad between datasets.
    let at = at + block.get(at..)?.iter().position(|byte| *byte == 0x1C)?;
    let (record, number) = (*block.get(at + 1)?, *block.get(at + 2)?);
    let length = big(block, at + 3, 2)?;
    if length < 0x8000 {
        return Some((record, number, at + 5, length));
    }
    // Extended: the lower bits say how many bytes the length itself has.
    let size = length - 0x8000;
    Some((record, number, at + 5 + size, big(block, at + 5, size.min(9)).filter(|_| size <= 8)?))
}
