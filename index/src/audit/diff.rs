//! What changed from one version to another, from crawl to crawl, or from one dataset to another, group by group.

use super::{Audit, AuditRow, By, Question, counted::Counted};
use crate::{Dataset, Error, Gone, sql, table::Commit};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, UInt64Array};
use arrow_schema::{DataType, Field, Schema};
use serde::Serialize;
use std::{
    cmp::{Ordering, Reverse},
    collections::BTreeMap,
    str::FromStr,
    sync::Arc,
};

/// One count of a group.
type Number = fn(&AuditRow) -> u64;

/// One side of a comparison, as it is written on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Side {
    /// A version of the dataset.
    Version(u64),
    /// The rows of one crawl in it.
    Crawl(String),
}

impl FromStr for Side {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text.parse(), text.strip_prefix("crawl:")) {
            (Ok(version), _) => Ok(Self::Version(version)),
            (_, Some(crawl)) if !crawl.is_empty() => Ok(Self::Crawl(crawl.to_owned())),
            _ => Err(format!("`{text}` is nothing to compare: a version (`3`) or a crawl (`crawl:CC-MAIN-2024-22`)")),
        }
    }
}

/// One side of a comparison, opened.
pub struct Between {
    /// Its dataset.
    pub dataset: Dataset,
    /// What an old version no longer has.
    pub gone: Gone,
    /// Only this crawl's rows.
    pub crawl: Option<String>,
    /// What it is called.
    pub name: String,
}

/// What is told of one side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Told {
    /// What it is called.
    pub name: String,
    /// The dataset's version.
    pub version: u64,
    /// What of it cannot be read any more.
    pub gone: Gone,
}

/// One group on both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DiffRow {
    /// The group.
    pub name: String,
    /// `came`, `went`, `grew` or `shrank` by samples or else by candidates, `moved` where only ends changed, `same`.
    pub change: &'static str,
    /// How many samples more.
    pub kept_change: i64,
    /// How many candidates more.
    pub candidates_change: i64,
    /// What it was.
    pub before: AuditRow,
    /// What it is.
    pub after: AuditRow,
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Diff {
    /// What candidates are counted by.
    pub by: By,
    /// The condition they were chosen by.
    #[serde(rename = "where")]
    pub condition: Option<String>,
    /// The one side.
    pub before: Told,
    /// The other.
    pub after: Told,
    /// Commits of the samples between two versions of one dataset.
    pub commits: Vec<Commit>,
    /// What has to be known to read it right.
    pub notes: Vec<String>,
    /// How many groups changed in which way.
    pub changes: BTreeMap<&'static str, u64>,
    /// The groups, those that changed most first; groups that are the same are not told of.
    pub rows: Vec<DiffRow>,
    /// Groups that are not told of, summed up.
    pub others: Option<DiffRow>,
    /// The sums of both sides.
    pub totals: DiffRow,
}

/// Compares two sides, group by group.
pub async fn diff(before: &Between, after: &Between, question: &Question) -> Result<Diff, Error> {
    let (was, is) = (counted(before, question).await?, counted(after, question).await?);
    let mut pairs: BTreeMap<String, (AuditRow, AuditRow)> = BTreeMap::new();
    for group in &was.count.groups {
        let row = was.detailed(was.numbers(group), group);
        pairs.entry(group.name.to_string()).or_default().0 = row;
    }
    for group in &is.count.groups {
        let row = is.detailed(is.numbers(group), group);
        pairs.entry(group.name.to_string()).or_default().1 = row;
    }
    let mut rows: Vec<DiffRow> =
        pairs.into_iter().map(|(name, (before, after))| DiffRow::of(name, before, after)).collect();
    let totals = sum("total", &rows);
    let mut changes = BTreeMap::new();
    for row in &rows {
        *changes.entry(row.change).or_default() += 1;
    }
    rows.sort_by_key(|row| (Reverse(row.kept_change.abs()), Reverse(row.candidates_change.abs())));
    let most = question.top.unwrap_or(usize::MAX);
    let mut told = 0;
    let (rows, rest): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| {
        let size = row.before.candidates.max(row.after.candidates);
        let fits = row.change != SAME && told < most && size >= question.min_rows;
        told += usize::from(fits);
        fits
    });
    let others = (!rest.is_empty()).then(|| sum(&format!("({} others)", rest.len()), &rest));
    Ok(Diff {
        by: question.by,
        condition: question.condition.clone(),
        before: before.told(),
        after: after.told(),
        commits: commits(before, after).await?,
        notes: [before, after].into_iter().filter_map(Between::note).collect(),
        changes,
        rows,
        others,
        totals,
    })
}

const SAME: &str = "same";

async fn counted(side: &Between, question: &Question) -> Result<Counted, Error> {
    let of_crawl = side.crawl.as_ref().map(|crawl| {
        let crawl = crawl.replace('\'', "''");
        format!("strpos(concat('/', archive, '/'), '/{crawl}/') > 0")
    });
    let condition = match (&question.condition, of_crawl) {
        (Some(condition), Some(crawl)) => Some(format!("{} and {crawl}", sql::condition(condition)?)),
        (condition, crawl) => condition.clone().or(crawl),
    };
    let mut counted = Counted::of(&side.dataset, question.by, condition.as_deref()).await?;
    if let (Some(crawl), true) = (&side.crawl, counted.count.groups.is_empty()) {
        let there = Audit::by(&side.dataset, By::Crawl).await?;
        let there: Vec<_> = there.rows.iter().map(|row| row.name.as_str()).collect();
        let message = format!("no row is of the crawl `{crawl}`");
        return Err(Error::Query { message, hint: Some(format!("the crawls there are: {}", there.join(", "))) });
    }
    counted.add_gone(side.gone);
    Ok(counted)
}

/// What happened to the samples between the two, if they are versions of one dataset.
async fn commits(before: &Between, after: &Between) -> Result<Vec<Commit>, Error> {
    if before.dataset.store().url() != after.dataset.store().url() {
        return Ok(Vec::new());
    }
    let (one, other) = (before.dataset.version(), after.dataset.version());
    let newer = if one > other { &before.dataset } else { &after.dataset };
    let history = newer.history().await?;
    Ok(history.into_iter().filter(|commit| commit.version > one.min(other)).collect())
}

impl Between {
    fn told(&self) -> Told {
        Told { name: self.name.clone(), version: self.dataset.version(), gone: self.gone }
    }

    fn note(&self) -> Option<String> {
        let Gone { sample_files, samples, ledger_files, ledger } = self.gone;
        (!self.gone.is_nothing()).then(|| {
            format!(
                "{}: {samples} samples and {ledger} rows of the ledger lie in {} files that a takedown or a vacuum deleted \
                 since; by the log they are counted, by group they are `(files deleted since)`, so that groups which were in \
                 them may look as if they had come",
                self.name,
                sample_files + ledger_files
            )
        })
    }
}

impl DiffRow {
    fn of(name: String, before: AuditRow, after: AuditRow) -> Self {
        let kept_change = difference(before.kept, after.kept);
        let candidates_change = difference(before.candidates, after.candidates);
        let change = match (before.candidates, after.candidates) {
            (0, 1..) => "came",
            (1.., 0) => "went",
            _ => match kept_change.cmp(&0).then(candidates_change.cmp(&0)) {
                Ordering::Greater => "grew",
                Ordering::Less => "shrank",
                Ordering::Equal if before.reasons == after.reasons => SAME,
                Ordering::Equal => "moved",
            },
        };
        Self { name, change, kept_change, candidates_change, before, after }
    }
}

fn difference(before: u64, after: u64) -> i64 {
    after.cast_signed() - before.cast_signed()
}

fn sum(name: &str, rows: &[DiffRow]) -> DiffRow {
    let before = AuditRow::sum(name, rows.iter().map(|row| row.before.clone()));
    let after = AuditRow::sum(name, rows.iter().map(|row| row.after.clone()));
    DiffRow::of(name.to_owned(), before, after)
}

impl Diff {
    /// The groups with their sums below, for [`crate::sql::format`]; all columns are too wide for a screen.
    pub fn to_batch(&self, all_columns: bool) -> Result<RecordBatch, Error> {
        let all: Vec<&DiffRow> = self.rows.iter().chain(&self.others).chain([&self.totals]).collect();
        let texts = |of: &dyn Fn(&DiffRow) -> &str| -> ArrayRef {
            Arc::new(all.iter().map(|row| Some(of(row))).collect::<StringArray>())
        };
        let mut fields =
            vec![Field::new(self.by.name(), DataType::Utf8, false), Field::new("change", DataType::Utf8, false)];
        let mut columns = vec![texts(&|row| &row.name), texts(&|row| row.change)];
        for (name, of) in
            [("kept +", (|row| row.kept_change) as fn(&DiffRow) -> i64), ("candidates +", |row| row.candidates_change)]
        {
            fields.push(Field::new(name, DataType::Int64, false));
            columns.push(Arc::new(Int64Array::from_iter_values(all.iter().map(|row| of(row)))));
        }
        let counts: [(&str, Number); 6] = [
            ("candidates", |row| row.candidates),
            ("refused", |row| row.refused),
            ("failed", |row| row.failed),
            ("filtered", |row| row.filtered),
            ("kept", |row| row.kept),
            ("unknown", |row| row.unknown),
        ];
        let is_unknown = self.totals.before.unknown + self.totals.after.unknown > 0;
        for (name, count) in counts {
            let is_left_out = match name {
                "failed" | "filtered" => !all_columns,
                "unknown" => !is_unknown,
                _ => false,
            };
            if is_left_out {
                continue;
            }
            for (when, side) in
                [("before", (|row| &row.before) as fn(&DiffRow) -> &AuditRow), ("after", |row| &row.after)]
            {
                fields.push(Field::new(format!("{name} {when}"), DataType::UInt64, false));
                let numbers = all.iter().map(|row| count(side(row)));
                columns.push(Arc::new(UInt64Array::from_iter_values(numbers)));
            }
        }
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
    }
}
