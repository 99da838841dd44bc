//! As much of zip as PyTorch and `NumPy` write: stored entries, found by the central directory
//! (APPNOTE.TXT 6.3, sections 4.3.7, 4.3.12 and 4.3.16).

use std::collections::BTreeMap;

const MAX_ENTRIES: usize = 4096;

/// The entries of an archive by name. They lie in `file` as they are, so nothing can swell.
pub(super) fn entries(file: &[u8]) -> Result<BTreeMap<String, &[u8]>, String> {
    parse(file)
        .ok_or_else(|| "is no zip archive with stored entries, as `torch.save` and `numpy.savez` write them".to_owned())
}

fn parse(file: &[u8]) -> Option<BTreeMap<String, &[u8]>> {
    // The end record stands last, with a comment of at most 64 KiB behind it.
    let tail = file.len().saturating_sub(22 + 65_535);
    let end = tail + file[tail..].windows(4).rposition(|window| window == b"PK\x05\x06")?;
    let record = file.get(end..end + 22)?;
    let count = usize::from(u16_at(record, 10)?);
    let mut at = u32_at(record, 16)?;
    if count > MAX_ENTRIES {
        return None;
    }
    let mut entries = BTreeMap::new();
    for _ in 0..count {
        let header = file.get(at..)?;
        let (method, packed, plain) = (u16_at(header, 10)?, u32_at(header, 20)?, u32_at(header, 24)?);
        if !header.starts_with(b"PK\x01\x02") || method != 0 || packed != plain {
            return None;
        }
        let (name, extra, comment) = (u16_at(header, 28)?, u16_at(header, 30)?, u16_at(header, 32)?);
        let name = String::from_utf8(header.get(46..46 + usize::from(name))?.to_vec()).ok()?;
        let local = u32_at(header, 42)?;
        at += 46 + name.len() + usize::from(extra) + usize::from(comment);
        entries.insert(name, contents(file, local, plain)?);
    }
    Some(entries)
}

/// The `length` bytes behind the local header at `local`.
fn contents(file: &[u8], local: usize, length: usize) -> Option<&[u8]> {
    let header = file.get(local..)?;
    if !header.starts_with(b"PK\x03\x04") {
        return None;
    }
    let start = 30 + usize::from(u16_at(header, 26)?) + usize::from(u16_at(header, 28)?);
    header.get(start..start.checked_add(length)?)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?)).ok()
}
