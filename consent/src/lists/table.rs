//! Numbers of entries by hash: open addressing, eight bytes a slot, at most three quarters full.
//!
//! Nearly all that is looked up is in no list. A filter of one byte a slot says so without a look
//! into the table, and stays in the processor's cache where the table does not.

/// A slot that is free. No entry has the highest number.
const FREE: u64 = u64::MAX;

/// Finds numbers by tag; whoever asks says which of those with the tag is meant.
#[derive(Clone, Default)]
pub(super) struct Table {
    /// The tag in the upper half, the number in the lower.
    slots: Vec<u64>,
    /// Two bits of one word for every tag.
    filter: Vec<u64>,
    used: usize,
}

impl Table {
    /// The number under `tag` that `is_it`.
    pub(super) fn find(&self, tag: u32, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let word = self.filter.get(place(tag, self.filter.len()))?;
        if word & bits(tag) != bits(tag) {
            return None;
        }
        let start = place(tag, self.slots.len());
        let slots = self.slots[start..].iter().chain(&self.slots[..start]);
        let taken = slots.map(|slot| halves(*slot)).take_while(|(tag, number)| (*tag, *number) != halves(FREE));
        taken.filter(|(its_tag, _)| *its_tag == tag).map(|(_, number)| number).find(|number| is_it(*number))
    }

    /// Adds one, whatever else stands under `tag`.
    pub(super) fn insert(&mut self, tag: u32, number: u32) {
        if (self.used + 1) * 4 > self.slots.len() * 3 {
            self.grow();
        }
        self.used += 1;
        put(&mut self.slots, tag, number);
        self.mark(tag);
    }

    /// Bytes of memory held.
    pub(super) fn bytes(&self) -> usize {
        (self.slots.capacity() + self.filter.capacity()) * size_of::<u64>()
    }

    /// The place comes from the tag alone, so that nothing need be hashed again.
    fn grow(&mut self) {
        let larger = vec![FREE; (self.slots.len() * 3 / 2).max(16)];
        self.filter = vec![0; larger.len() / 8];
        for slot in std::mem::replace(&mut self.slots, larger).into_iter().filter(|slot| *slot != FREE) {
            let (tag, number) = halves(slot);
            put(&mut self.slots, tag, number);
            self.mark(tag);
        }
    }

    fn mark(&mut self, tag: u32) {
        let word = place(tag, self.filter.len());
        self.filter[word] |= bits(tag);
    }
}

/// Into the first free slot from the tag's place on.
fn put(slots: &mut [u64], tag: u32, number: u32) {
    let (before, after) = slots.split_at_mut(place(tag, slots.len()));
    if let Some(free) = after.iter_mut().chain(before).find(|slot| **slot == FREE) {
        *free = u64::from(tag) << 32 | u64::from(number);
    }
}

/// Where a tag's slots begin: its share of all tags, taken of `slots`.
pub(super) fn place(tag: u32, slots: usize) -> usize {
    let place = (u64::from(tag) * slots as u64) >> 32;
    usize::try_from(place).unwrap_or_default()
}

/// From the lower end, since the place comes from the upper.
fn bits(tag: u32) -> u64 {
    1 << (tag % 64) | 1 << (tag / 64 % 64)
}

/// The upper half and the lower.
fn halves(slot: u64) -> (u32, u32) {
    let half = |bits: u64| u32::try_from(bits).unwrap_or_default();
    (half(slot >> 32), half(slot & u64::from(u32::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_went_in_is_found() {
        let mut table = Table::default();
        assert_eq!(table.find(7, |_| true), None);
        // Tags at both ends, so that a run of slots goes round.
        let tag = |n: u32| if n.is_multiple_of(2) { u32::MAX - n / 16 } else { n.wrapping_mul(0x9E37_79B9) };
        for n in 0..5_000 {
            table.insert(tag(n), n);
        }
        for n in 0..5_000 {
            assert_eq!(table.find(tag(n), |number| number == n), Some(n));
        }
        assert_eq!(table.find(tag(1), |number| number == 2), None);
        assert_eq!(table.find(12_345, |_| true), None);
        assert!(table.bytes() < 5_000 * 9 * 2);
    }
}
