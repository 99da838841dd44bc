//! What an AVIF's container says of its picture beside the stream: profile, coding of colours, turns.
//!
//! Boxes by ISO 14496-12, properties by ISO 23008-12. Whatever is damaged is taken for absent.

/// How numbers become colours (ISO 23091-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Coding {
    /// `MatrixCoefficients`.
    pub(super) matrix: u16,
    /// Whether black is 0 rather than 16.
    pub(super) is_full_range: bool,
}

/// Properties of the primary picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Properties {
    pub(super) profile: Option<Vec<u8>>,
    pub(super) coding: Option<Coding>,
    /// In EXIF's numbers.
    pub(super) orientation: u32,
}

impl Properties {
    /// Reads the properties out of a file.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut properties = Self { profile: None, coding: None, orientation: 1 };
        let (mut turns, mut axis) = (0, None);
        for (name, body) in of_primary(bytes).unwrap_or_default() {
            match (&name, body) {
                (b"colr", [b'n', b'c', b'l', b'x', _, _, _, _, high, low, range, ..]) => {
                    let matrix = u16::from_be_bytes([*high, *low]);
                    properties.coding = Some(Coding { matrix, is_full_range: range & 0x80 != 0 });
                }
                (b"colr", [b'p', b'r' | b'I', b'o' | b'C', b'f' | b'C', profile @ ..]) => {
                    properties.profile = Some(profile.to_vec());
                }
                (b"irot", [angle, ..]) => turns = angle & 3,
                (b"imir", [mode, ..]) => axis = Some(mode & 1),
                _ => {}
            }
        }
        properties.orientation = orientation(turns, axis);
        properties
    }
}

/// Quarter turns against the clock, then a mirror: 0 exchanges top and bottom, 1 left and right.
fn orientation(turns: u8, axis: Option<u8>) -> u32 {
    match (turns, axis) {
        (0, None) => 1,
        (0, Some(0)) | (2, Some(1)) => 4,
        (0 | 2, Some(_)) => 2,
        (1, None) => 8,
        (1, Some(0)) | (3, Some(1)) => 5,
        (1 | 3, Some(_)) => 7,
        (2, None) => 3,
        _ => 6,
    }
}

type Box<'a> = ([u8; 4], &'a [u8]);

/// The properties that are associated with the primary item.
fn of_primary(bytes: &[u8]) -> Option<Vec<Box<'_>>> {
    let meta = child(bytes, *b"meta")?.get(4..)?;
    let pitm = child(meta, *b"pitm")?;
    let primary = if pitm.first()? == &0 { number(pitm, 4, 2)? } else { number(pitm, 4, 4)? };
    let iprp = child(meta, *b"iprp")?;
    let all: Vec<Box> = boxes(child(iprp, *b"ipco")?).collect();
    let places = associated(child(iprp, *b"ipma")?, primary)?;
    Some(places.into_iter().filter_map(|place| all.get(place.checked_sub(1)?).copied()).collect())
}

/// The numbers of an item's properties, from 1 (ISO 23008-12, 9.3).
fn associated(ipma: &[u8], item: usize) -> Option<Vec<usize>> {
    let id_bytes = if ipma.first()? == &0 { 2 } else { 4 };
    let place_bytes = if ipma.get(3)? & 1 == 0 { 1 } else { 2 };
    let mut at = 8;
    for _ in 0..number(ipma, 4, 4)? {
        let id = number(ipma, at, id_bytes)?;
        let count = usize::from(*ipma.get(at + id_bytes)?);
        at += id_bytes + 1;
        if id == item {
            // The first bit says whether the property is essential.
            let mask = if place_bytes == 1 { 0x7f } else { 0x7fff };
            return (0..count).map(|index| Some(number(ipma, at + index * place_bytes, place_bytes)? & mask)).collect();
        }
        at += count * place_bytes;
    }
    None
}

fn child(bytes: &[u8], wanted: [u8; 4]) -> Option<&[u8]> {
    boxes(bytes).find(|(name, _)| *name == wanted).map(|(_, body)| body)
}

/// The boxes in a row; ends at the first that does not fit.
fn boxes(mut rest: &[u8]) -> impl Iterator<Item = Box<'_>> {
    std::iter::from_fn(move || {
        let name = *rest.get(4..8)?.first_chunk()?;
        let (start, length) = match number(rest, 0, 4)? {
            0 => (8, rest.len()),
            1 => (16, number(rest, 8, 8)?),
            length => (8, length),
        };
        let body = rest.get(start..length)?;
        rest = &rest[length..];
        Some((name, body))
    })
}

fn number(bytes: &[u8], at: usize, length: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(length)?)?;
    bytes.iter().try_fold(0_usize, |number, byte| number.checked_mul(256)?.checked_add(usize::from(*byte)))
}
