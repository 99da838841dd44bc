//! Disjoint sets of numbers, joined pair by pair.

/// Each number's way to the least of its set.
pub(crate) struct Sets(Vec<u32>);

impl Sets {
    /// So many numbers, each a set of its own.
    pub(crate) fn new(count: usize) -> Self {
        Self((0..u32::try_from(count).unwrap_or(u32::MAX)).collect())
    }

    /// The least of the set that `number` is in.
    pub(crate) fn least(&mut self, mut number: u32) -> u32 {
        while self.0[number as usize] != number {
            // Halves the way for whoever comes next.
            let above = self.0[self.0[number as usize] as usize];
            self.0[number as usize] = above;
            number = above;
        }
        number
    }

    /// Makes one set of two.
    pub(crate) fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.least(one), self.least(other));
        self.0[one.max(other) as usize] = one.min(other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_known_by_their_least_number() {
        let mut sets = Sets::new(8);
        for (one, other) in [(7, 5), (5, 3), (1, 2), (2, 1), (4, 7)] {
            sets.join(one, other);
        }
        let least: Vec<u32> = (0..8).map(|number| sets.least(number)).collect();
        assert_eq!(least, [0, 1, 1, 3, 3, 3, 6, 3]);
    }
}
