//! Perceptual hashes within a few bits of one another.
//!
//! Two hashes that differ in up to four of their 64 bits agree in at least one of five bands, so
//! only those that share a band are compared: about one in 1,600. Entries that reach further are
//! compared one by one, which takes half a millisecond for a million.

use std::collections::HashMap;

/// How many bits may differ where the entry does not say.
pub(super) const USUAL_REACH: u32 = 4;
/// The most that an entry may say: beyond, unlike pictures begin to match.
pub(super) const MAX_REACH: u32 = 10;

/// Where the five bands begin, and how many bits each has.
const BANDS: [(u32, u64); 5] = [(0, 0x1FFF), (13, 0x1FFF), (26, 0x1FFF), (39, 0x1FFF), (52, 0xFFF)];

/// Hashes with their reach.
#[derive(Clone, Default)]
pub(super) struct Likenesses {
    /// By number of the band and its bits.
    close: HashMap<(usize, u64), Hashes>,
    wide: Hashes,
}

#[derive(Clone, Default)]
struct Hashes {
    hashes: Vec<u64>,
    reaches: Vec<u8>,
}

impl Likenesses {
    pub(super) fn add(&mut self, hash: u64, reach: u32) {
        if reach > USUAL_REACH {
            self.wide.push(hash, reach);
            return;
        }
        for band in bands(hash) {
            self.close.entry(band).or_default().push(hash, reach);
        }
    }

    /// One that is near enough to `hash`, with its reach.
    pub(super) fn find(&self, hash: u64) -> Option<(u64, u32)> {
        let mut close = bands(hash).filter_map(|band| self.close.get(&band));
        close.find_map(|hashes| hashes.near(hash)).or_else(|| self.wide.near(hash))
    }

    /// Bytes of memory held, about.
    pub(super) fn bytes(&self) -> usize {
        let buckets: usize = self.close.values().map(|hashes| hashes.bytes() + size_of::<Hashes>()).sum();
        buckets + self.wide.bytes()
    }
}

impl Hashes {
    fn push(&mut self, hash: u64, reach: u32) {
        self.hashes.push(hash);
        self.reaches.push(u8::try_from(reach).unwrap_or(u8::MAX));
    }

    fn near(&self, hash: u64) -> Option<(u64, u32)> {
        let apart = self.hashes.iter().map(|its| (its ^ hash).count_ones());
        let near = apart.zip(&self.reaches).position(|(apart, reach)| apart <= u32::from(*reach))?;
        Some((*self.hashes.get(near)?, u32::from(*self.reaches.get(near)?)))
    }

    fn bytes(&self) -> usize {
        self.hashes.capacity() * size_of::<u64>() + self.reaches.capacity()
    }
}

fn bands(hash: u64) -> impl Iterator<Item = (usize, u64)> {
    BANDS.into_iter().enumerate().map(move |(number, (start, bits))| (number, hash >> start & bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_cover_every_bit_once() {
        let all: u64 = BANDS.iter().map(|(start, bits)| bits << start).sum();
        assert_eq!(all, u64::MAX);
    }

    #[test]
    fn what_is_near_enough_is_found_and_no_more() {
        let listed = 0xF0E1_D2C3_B4A5_9687;
        for reach in 0..=MAX_REACH {
            let mut likenesses = Likenesses::default();
            likenesses.add(!listed, reach);
            likenesses.add(listed, reach);
            // Bits spread over the bands, and bits side by side.
            for (step, count) in [1, 7, 13, 23].into_iter().flat_map(|step| (0..=14).map(move |count| (step, count))) {
                let changed = (0..count).fold(listed, |hash, n| hash ^ 1 << ((n * step) % 64));
                let found = likenesses.find(changed);
                let expected = ((changed ^ listed).count_ones() <= reach).then_some((listed, reach));
                assert_eq!(found, expected, "reach {reach}, {count} bits by {step}");
            }
        }
    }
}
