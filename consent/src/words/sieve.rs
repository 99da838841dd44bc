//! Tells which of many regular expressions a text can match, in one pass over the text.

use super::{
    demand::{Choice, KEPT_BYTES, demanded, rarity},
    windows::Windows,
};
use std::collections::HashMap;

/// Many expressions, known by the literals that they demand.
pub(super) struct Sieve {
    literals: Vec<Literal>,
    windows: Windows,
    /// For every literal the expressions that cannot match without one of its rarest choice.
    owners: Vec<Vec<usize>>,
    /// For every expression its choices, by the numbers of the literals.
    demands: Vec<Vec<Vec<usize>>>,
}

impl Sieve {
    /// Of expressions that are numbered as they come.
    pub(super) fn of<'a>(expressions: impl Iterator<Item = &'a str>) -> Self {
        let (mut known, mut literals, mut owners) = (HashMap::new(), Vec::new(), Vec::new());
        let mut demands = Vec::new();
        for (number, expression) in expressions.enumerate() {
            let choices = demanded(expression);
            let mut place = |literal: &String| {
                *known.entry(literal.clone()).or_insert_with(|| {
                    literals.push(literal.clone());
                    owners.push(Vec::new());
                    literals.len() - 1
                })
            };
            let demand: Vec<Vec<usize>> =
                choices.iter().map(|choice| choice.iter().map(&mut place).collect()).collect();
            if let Some(rarest) = rarest(&choices) {
                demand[rarest].iter().for_each(|literal| owners[*literal].push(number));
            }
            demands.push(demand);
        }
        let bytes: Vec<&[u8]> = literals.iter().map(String::as_bytes).collect();
        let windows = Windows::of(&bytes, |_, _| true);
        Self { windows, literals: literals.iter().map(|literal| Literal::of(literal)).collect(), owners, demands }
    }

    /// The numbers of the expressions that `text` can match, in order; of others as well.
    pub(super) fn pass(&self, text: &str) -> Vec<usize> {
        let mut seen = Seen { slots: vec![0; self.literals.len()], places: Vec::new() };
        let mut wanted: Vec<bool> = self.demands.iter().map(Vec::is_empty).collect();
        self.windows.any(text.as_bytes(), |literal, at| {
            if self.literals[literal].is_at(text.as_bytes(), at) && seen.add(literal, at) {
                self.owners[literal].iter().for_each(|number| wanted[*number] = true);
            }
            false
        });
        let passes = |number: &usize| wanted[*number] && seen.meets(&self.demands[*number]);
        (0..wanted.len()).filter(passes).collect()
    }
}

fn rarest(choices: &[Choice]) -> Option<usize> {
    (0..choices.len()).max_by_key(|number| rarity(&choices[*number]))
}

/// A literal as a number, to be compared in one step.
struct Literal {
    value: u64,
    mask: u64,
}

impl Literal {
    fn of(literal: &str) -> Self {
        let mut mask = [0; KEPT_BYTES];
        mask[..literal.len()].fill(0xFF);
        Self { value: front(literal.as_bytes()), mask: u64::from_le_bytes(mask) }
    }

    fn is_at(&self, text: &[u8], at: usize) -> bool {
        // No text holds a zero where a literal has a byte, so that its end is none.
        front(&text[at..]) & self.mask == self.value
    }
}

/// The first bytes as a number, with zeros after the last.
fn front(bytes: &[u8]) -> u64 {
    let front = bytes.first_chunk().copied().unwrap_or_else(|| {
        let mut front = [0; KEPT_BYTES];
        front[..bytes.len()].copy_from_slice(bytes);
        front
    });
    u64::from_le_bytes(front)
}

/// Where each literal begins first and last in a text.
struct Seen {
    /// For every literal which of the places is its, counted from 1; 0 for those not met.
    slots: Vec<u16>,
    places: Vec<(usize, usize)>,
}

impl Seen {
    /// Notes a literal met, which happens from left to right; tells whether for the first time.
    fn add(&mut self, literal: usize, at: usize) -> bool {
        if let Some((_, last)) =
            usize::from(self.slots[literal]).checked_sub(1).and_then(|slot| self.places.get_mut(slot))
        {
            *last = at;
            return false;
        }
        self.places.push((at, at));
        self.slots[literal] = u16::try_from(self.places.len()).unwrap_or(u16::MAX);
        true
    }

    fn place(&self, literal: usize) -> Option<(usize, usize)> {
        let slot = usize::from(self.slots[literal]).checked_sub(1)?;
        self.places.get(slot).copied()
    }

    /// Whether one literal of each choice was met, and none only before those of an earlier choice.
    fn meets(&self, demand: &[Vec<usize>]) -> bool {
        let mut from = 0;
        demand.iter().all(|choice| {
            let met = choice.iter().filter_map(|literal| self.place(*literal));
            let Some((first, last)) = met.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1))) else {
                return false;
            };
            let in_order = last >= from;
            from = from.max(first);
            in_order
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lacks_a_literal_or_has_them_in_another_order_is_left_out() {
        let sieve = Sieve::of(["no (ai|ml)[^\n]*training", "x?", "学習…?禁止"].into_iter());
        for (text, expected) in [
            ("there is no ai in training", &[0, 1][..]),
            ("training, no ai", &[1]),
            ("training, no ml training", &[0, 1]),
            ("no al training", &[1]),
            ("学習禁止", &[1, 2]),
            ("no ml trainin", &[1]),
            ("", &[1]),
        ] {
            assert_eq!(sieve.pass(text), expected, "{text}");
        }
    }
}
