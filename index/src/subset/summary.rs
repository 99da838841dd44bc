//! What all rows of a subset are like together: scores, sizes, languages, licences and domains.

use super::{chosen::Chosen, layouts::Source};
use crate::{Dataset, Error};
use arrow_array::{RecordBatch, cast::AsArray, types::Float64Type, types::Int64Type};
use arrow_schema::DataType;
use datafusion::arrow::compute::cast;
use futures::TryStreamExt;
use std::collections::HashMap;

/// A kind of texts, how many different there are, and the most frequent with their numbers.
pub(super) type Frequent = (&'static str, usize, Vec<(String, u64)>);

/// Bars of a histogram.
const BARS: usize = 40;

/// Steps in which values are counted before it is known where they lie.
const STEPS: usize = 2_000;

/// The scores that are shown, and between which values they lie: a cosine, LAION's scale, a probability.
const SCORES: [(&str, f64, f64); 3] = [("similarity", -1.0, 1.0), ("aesthetic", 0.0, 10.0), ("punsafe", 0.0, 1.0)];

/// Where sizes begin, of the shorter side.
const SIDES: [(i64, &str); 7] = [
    (0, "under 128 px"),
    (128, "128 to 255 px"),
    (256, "256 to 511 px"),
    (512, "512 to 767 px"),
    (768, "768 to 1023 px"),
    (1024, "1024 to 2047 px"),
    (2048, "2048 px and more"),
];

/// Counts of numbers in equal steps.
pub(super) struct Histogram {
    low: f64,
    high: f64,
    steps: Vec<u64>,
    /// Rows that have the number.
    pub(super) known: u64,
}

impl Histogram {
    fn new(low: f64, high: f64) -> Self {
        Self { low, high, steps: vec![0; STEPS], known: 0 }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of the number of steps")]
    fn add(&mut self, value: f64) {
        // What lies beyond is counted at the end.
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        let step = (share * STEPS as f64) as usize;
        self.steps[step.min(STEPS - 1)] += 1;
        self.known += 1;
    }

    /// Where it begins and ends, and its bars.
    pub(super) fn bars(&self) -> Option<(f64, f64, Vec<u64>)> {
        let first = self.steps.iter().position(|count| *count > 0)?;
        let last = self.steps.iter().rposition(|count| *count > 0)?;
        let width = (last + 1 - first).div_ceil(BARS);
        let counts: Vec<u64> = self.steps[first..=last].chunks(width).map(|steps| steps.iter().sum()).collect();
        let at = |step: usize| self.low + step as f64 * (self.high - self.low) / STEPS as f64;
        Some((at(first), at((first + counts.len() * width).min(STEPS)), counts))
    }
}

/// All rows together.
pub(super) struct Summary {
    /// By name.
    pub(super) scores: Vec<(&'static str, Histogram)>,
    /// Rows by their shorter side.
    pub(super) sides: Vec<(&'static str, u64)>,
    languages: HashMap<String, u64>,
    licences: HashMap<String, u64>,
    domains: HashMap<String, u64>,
}

impl Summary {
    pub(super) async fn of(dataset: &Dataset, rows: &Chosen) -> Result<Self, Error> {
        let mut summary = Self {
            scores: SCORES.iter().map(|(name, low, high)| (*name, Histogram::new(*low, *high))).collect(),
            sides: SIDES.iter().map(|(_, name)| (*name, 0)).collect(),
            languages: HashMap::new(),
            licences: HashMap::new(),
            domains: HashMap::new(),
        };
        let columns = "similarity, aesthetic, punsafe, width, height, language, license, image_domain";
        let mut stream = rows.select(dataset, columns, Source::Facts).await?.execute_stream().await?;
        while let Some(batch) = stream.try_next().await? {
            summary.add(&batch)?;
        }
        Ok(summary)
    }

    fn add(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        for (place, (_, histogram)) in self.scores.iter_mut().enumerate() {
            let values = cast(batch.column(place), &DataType::Float64)?;
            for value in values.as_primitive::<Float64Type>().iter().flatten().filter(|value| !value.is_nan()) {
                histogram.add(value);
            }
        }
        let (widths, heights) = (cast(batch.column(3), &DataType::Int64)?, cast(batch.column(4), &DataType::Int64)?);
        let (widths, heights) = (widths.as_primitive::<Int64Type>(), heights.as_primitive::<Int64Type>());
        for row in 0..batch.num_rows() {
            let side = widths.value(row).min(heights.value(row));
            let place = SIDES.partition_point(|(from, _)| *from <= side).saturating_sub(1);
            self.sides[place].1 += 1;
        }
        for (place, counts) in [(5, &mut self.languages), (6, &mut self.licences), (7, &mut self.domains)] {
            let texts = cast(batch.column(place), &DataType::Utf8)?;
            for text in texts.as_string::<i32>() {
                let text = text.unwrap_or("(none)");
                match counts.get_mut(text) {
                    Some(count) => *count += 1,
                    None => {
                        counts.insert(text.to_owned(), 1);
                    }
                }
            }
        }
        Ok(())
    }

    /// The most frequent texts of each kind, with its name, and how many different there are.
    pub(super) fn frequent(&self, most: usize) -> [Frequent; 3] {
        let top = |name, counts: &HashMap<String, u64>| {
            let mut all: Vec<(String, u64)> = counts.iter().map(|(text, count)| (text.clone(), *count)).collect();
            all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            let different = all.len();
            all.truncate(most);
            (name, different, all)
        };
        [top("Languages", &self.languages), top("Image domains", &self.domains), top("Licences", &self.licences)]
    }
}
