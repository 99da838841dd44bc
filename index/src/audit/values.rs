//! Quantiles of many values in little memory: exact up to some ten thousands, beyond that of values
//! whose fractions are rounded to twelve bits.

use datafusion::common::HashMap;

/// Most values that are held as they are: 256 KiB.
const EXACT: usize = 65_536;

/// Bits of a float's fraction that are let go, of 23.
const DROPPED: u32 = 11;

/// Values of one score.
#[derive(Clone, Debug, Default)]
pub struct Values {
    exact: Vec<f32>,
    /// Counts by the upper bits, in an order in which greater is greater.
    rounded: HashMap<u32, u64>,
    /// Values that are none: not a number, or infinite.
    odd: u64,
}

/// What was asked of values.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Values that are numbers.
    pub count: u64,
    /// Values that are none: not a number, or infinite.
    pub odd: u64,
    /// Whether no value was rounded.
    pub exact: bool,
    /// The least.
    pub least: f32,
    /// The greatest.
    pub most: f32,
    /// In the order in which they were asked for.
    pub quantiles: Vec<f32>,
    /// Counts in equal steps from the least to the most.
    pub histogram: Vec<u64>,
}

impl Values {
    /// Takes one in.
    pub fn add(&mut self, value: f32) {
        if !value.is_finite() {
            self.odd += 1;
        } else if self.rounded.is_empty() && self.exact.len() < EXACT {
            self.exact.push(value);
        } else {
            self.round();
            *self.rounded.entry(key(value)).or_default() += 1;
        }
    }

    fn round(&mut self) {
        for value in std::mem::take(&mut self.exact) {
            *self.rounded.entry(key(value)).or_default() += 1;
        }
    }

    /// By the nearest rank: the least value that is not under so much of all values; quantiles ascend. `None` without values.
    pub fn summary(&self, quantiles: &[f64], steps: usize) -> Option<Summary> {
        let mut sorted: Vec<(f32, u64)> = self.exact.iter().map(|value| (*value, 1)).collect();
        sorted.extend(self.rounded.iter().map(|(key, count)| (value(*key), *count)));
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (least, most) = (sorted.first()?.0, sorted.last()?.0);
        let count: u64 = sorted.iter().map(|(_, count)| count).sum();
        let mut found = Vec::new();
        let (mut place, mut seen) = (0, 0);
        for quantile in quantiles {
            let rank = quantile * count as f64;
            while ((seen + sorted[place].1) as f64) < rank && place + 1 < sorted.len() {
                seen += sorted[place].1;
                place += 1;
            }
            found.push(sorted[place].0);
        }
        let mut histogram = vec![0; steps];
        let width = f64::from(most) - f64::from(least);
        for (value, count) in &sorted {
            let share = if width > 0.0 { (f64::from(*value) - f64::from(least)) / width } else { 0.0 };
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of some dozen steps")]
            let step = (share * steps as f64) as usize;
            histogram[step.min(steps - 1)] += count;
        }
        Some(Summary { count, odd: self.odd, exact: self.rounded.is_empty(), least, most, quantiles: found, histogram })
    }
}

/// The upper bits of a value, which sort as values do: of negative ones all bits are turned, of others the first.
fn key(value: f32) -> u32 {
    let bits = (value + 0.0).to_bits();
    let sorted = if bits >> 31 == 1 { !bits } else { bits | 1 << 31 };
    sorted >> DROPPED
}

/// The middle of the values that have this key.
fn value(key: u32) -> f32 {
    let sorted = (key << DROPPED) | 1 << (DROPPED - 1);
    // Exactly nought is what most heads give often.
    if key == 1 << (31 - DROPPED) {
        return 0.0;
    }
    f32::from_bits(if sorted >> 31 == 1 { sorted & !(1 << 31) } else { !sorted })
}
