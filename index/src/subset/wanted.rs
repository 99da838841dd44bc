//! What is asked of a subset, as options say it.

use crate::Error;
use serde::{Deserialize, Serialize};
use std::{path::PathBuf, str::FromStr};

/// Which rows of a dataset make a subset. What is empty asks nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Wanted {
    /// A condition in SQL.
    #[serde(rename = "where")]
    pub condition: Option<String>,
    /// Names of ready recipes; all of them hold.
    #[serde(default, rename = "recipe_names", skip_serializing_if = "Vec::is_empty")]
    pub recipes: Vec<String>,
    /// Only rows whose id stands in this file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ids: Option<PathBuf>,
    /// Only rows whose URL stands in this file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urls: Option<PathBuf>,
    /// No row whose id stands in this file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclude_ids: Option<PathBuf>,
    /// No row whose URL stands in this file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclude_urls: Option<PathBuf>,
    /// No row whose picture or page lies on a domain of this file, or below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclude_domains: Option<PathBuf>,
    /// One row of each cluster of near-duplicates: of those that are left, the one that the cluster is called by, else the
    /// largest, else that with the least id.
    #[serde(default)]
    pub without_duplicates: bool,
    /// Of what is left, this share with the best scores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_fraction: Option<f64>,
    /// The score of `top_fraction`.
    #[serde(default)]
    pub by: Score,
    /// At most so many rows of one image domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_domain: Option<usize>,
    /// At most so many rows of one page domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_page_domain: Option<usize>,
    /// The score by which rows of a domain are chosen.
    #[serde(default)]
    pub by_score: Score,
    /// What rows are balanced by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stratify: Option<Stratify>,
    /// At most so many rows of one stratum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_stratum: Option<usize>,
    /// A sample of what is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<Sampling>,
    /// What chance begins with.
    #[serde(default)]
    pub seed: u64,
    /// Most rows: of what is left, those with the least ids.
    pub limit: Option<usize>,
}

impl Wanted {
    /// Refuses what says nothing or makes no sense.
    pub(super) fn check(&self) -> Result<(), Error> {
        if let Some(fraction) = self.top_fraction
            && !(fraction > 0.0 && fraction <= 1.0)
        {
            return wrong(
                "--top-fraction",
                &fraction,
                "more than 0, at most 1: `--top-fraction 0.3` takes the best 30 in 100",
            );
        }
        let counts = [
            ("--per-domain", self.per_domain),
            ("--per-page-domain", self.per_page_domain),
            ("--per-stratum", self.per_stratum),
        ];
        if let Some((name, _)) = counts.into_iter().find(|(_, count)| *count == Some(0)) {
            return wrong(name, &0, "1 or more; leave it out for all rows");
        }
        match (&self.stratify, self.per_stratum) {
            (Some(stratify), None) => wrong("--stratify", stratify, "say how many rows of each: `--per-stratum 1000`"),
            (None, Some(count)) => wrong(
                "--per-stratum",
                &count,
                "say what rows are balanced by: `--stratify language`, license or aesthetic",
            ),
            _ => Ok(()),
        }
    }

    /// Whether a list of ids, URLs or domains is given.
    pub(super) fn has_lists(&self) -> bool {
        let lists = [&self.ids, &self.urls, &self.exclude_ids, &self.exclude_urls, &self.exclude_domains];
        lists.into_iter().any(Option::is_some)
    }

    /// Whether an option decides about a row by other rows, or by how many are left. A sample is such an option, since it
    /// may be a number of rows.
    pub(super) fn looks_across_rows(&self) -> bool {
        let counts = [self.per_domain, self.per_page_domain, self.per_stratum, self.limit];
        self.without_duplicates
            || self.top_fraction.is_some()
            || self.sample.is_some()
            || counts.iter().any(Option::is_some)
    }
}

fn wrong<T>(name: &'static str, value: &impl ToString, hint: &'static str) -> Result<T, Error> {
    Err(Error::Threshold { name, value: value.to_string(), hint })
}

/// A score that rows are ordered by. Rows that do not have it come last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Score {
    /// Cosine of picture and text.
    #[default]
    Similarity,
    /// Aesthetic score.
    Aesthetic,
}

impl Score {
    /// The column.
    pub fn column(self) -> &'static str {
        match self {
            Self::Similarity => "similarity",
            Self::Aesthetic => "aesthetic",
        }
    }
}

impl FromStr for Score {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let known = [Self::Similarity, Self::Aesthetic];
        let found = known.into_iter().find(|score| score.column() == text);
        found.map_or_else(|| wrong("--by or --by-score", &text, "similarity or aesthetic"), Ok)
    }
}

/// A sample: so many rows, or such a share of them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sampling {
    /// So many.
    Rows(usize),
    /// Each with this chance.
    Fraction(f64),
}

impl FromStr for Sampling {
    type Err = Error;

    /// `1000` is a number of rows, `0.1` a share; so `1` is one row and `1.0` all.
    fn from_str(text: &str) -> Result<Self, Error> {
        if let Ok(rows) = text.parse() {
            return Ok(Self::Rows(rows));
        }
        match text.parse() {
            Ok(fraction) if fraction > 0.0 && fraction <= 1.0 => Ok(Self::Fraction(fraction)),
            _ => wrong("--sample", &text, "a number of rows (`1000`), or a share of them, at most 1 (`0.1`)"),
        }
    }
}

/// What strata are made of: the values of a column, or stretches between numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Stratify {
    /// The column.
    pub column: String,
    /// Where a stratum ends and the next begins, ascending; none for columns of words.
    pub edges: Vec<f64>,
}

/// Columns of words, and of numbers with the edges that are taken where none are given: those of LAION-Aesthetics v2, and the
/// thresholds of LAION-5B (0.26 and 0.28) and LAION-400M (0.30).
const WORDS: [&str; 4] = ["language", "license", "mime", "text_source"];
const NUMBERS: [(&str, &[f64]); 3] = [
    ("aesthetic", &[4.5, 4.75, 5.0, 6.0, 6.25, 6.5]),
    ("similarity", &[0.26, 0.28, 0.3, 0.35]),
    ("punsafe", &[0.1, 0.5, 0.9]),
];

impl Stratify {
    /// The stratum of a number. Scores are 32 bits wide, so that edges are held against them as wide: 0.35 is not under 0.35.
    pub(super) fn label(&self, value: f32) -> String {
        let place = self.edges.partition_point(|edge| narrow(*edge) <= value);
        match (place.checked_sub(1).map(|low| self.edges[low]), self.edges.get(place)) {
            (None, Some(high)) => format!("under {high}"),
            (Some(low), Some(high)) => format!("{low} to {high}"),
            (Some(low), None) => format!("{low} and more"),
            (None, None) => "all".to_owned(),
        }
    }
}

/// As the table has scores.
#[expect(clippy::cast_possible_truncation, reason = "rounded to the nearest")]
pub(super) fn narrow(number: f64) -> f32 {
    number as f32
}

impl FromStr for Stratify {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        const HINT: &str = "language, license, mime or text_source; aesthetic, similarity or punsafe, with edges that ascend if you \
                            like: `aesthetic:4.5,5,6`";
        let (column, edges) = text.split_once(':').map_or((text, None), |(column, edges)| (column, Some(edges)));
        if WORDS.contains(&column) && edges.is_none() {
            return Ok(Self { column: column.to_owned(), edges: Vec::new() });
        }
        let Some((_, ready)) = NUMBERS.into_iter().find(|(name, _)| *name == column) else {
            return wrong("--stratify", &text, HINT);
        };
        let edges = match edges {
            None => ready.to_vec(),
            Some(edges) => match edges.split(',').map(|edge| edge.trim().parse()).collect::<Result<Vec<f64>, _>>() {
                Ok(edges)
                    if edges.is_sorted_by(|low, high| low < high) && edges.iter().all(|edge| edge.is_finite()) =>
                {
                    edges
                }
                _ => return wrong("--stratify", &text, HINT),
            },
        };
        Ok(Self { column: column.to_owned(), edges })
    }
}

impl std::fmt::Display for Stratify {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.column)?;
        let edges: Vec<String> = self.edges.iter().map(f64::to_string).collect();
        if edges.is_empty() { Ok(()) } else { write!(out, ":{}", edges.join(",")) }
    }
}

impl TryFrom<String> for Stratify {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map_err(|error: Error| error.to_string())
    }
}

impl From<Stratify> for String {
    fn from(stratify: Stratify) -> Self {
        stratify.to_string()
    }
}
