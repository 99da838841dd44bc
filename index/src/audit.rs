//! Who contributed and who was refused: every candidate of a dataset, counted by one of its sides.

use crate::{Dataset, Error, sql};
use arrow_array::{ArrayRef, RecordBatch, StringArray, UInt64Array, cast::AsArray, types::Int64Type};
use arrow_schema::{DataType, Field, Schema};
use serde::Serialize;
use std::{str::FromStr, sync::Arc};

/// Rows of lists of URLs may name no page. No domain is called so.
const PAGE_DOMAIN: &str = "case when page_domain = '' then '(page unknown)' else page_domain end";

/// What candidates are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// Registrable domain of the image.
    ImageDomain,
    /// Registrable domain of the page.
    PageDomain,
    /// The signal that refused first.
    Signal,
    /// Licence the page states.
    License,
    /// Language of the text.
    Language,
    /// What became of it.
    Reason,
}

impl By {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::ImageDomain, Self::PageDomain, Self::Signal, Self::License, Self::Language, Self::Reason];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::ImageDomain => "image-domain",
            Self::PageDomain => "page-domain",
            Self::Signal => "signal",
            Self::License => "license",
            Self::Language => "language",
            Self::Reason => "reason",
        }
    }

    /// The name of a sample's and of a ledger row's group. The ledger knows no licence and no
    /// language, since these are found out after fetching.
    fn groups(self) -> (&'static str, &'static str) {
        match self {
            Self::ImageDomain => ("image_domain", "image_domain"),
            Self::PageDomain => (PAGE_DOMAIN, PAGE_DOMAIN),
            Self::Signal => ("'(none)'", "coalesce(signal, '(none)')"),
            Self::License => ("coalesce(license, '(none)')", "'(not recorded)'"),
            Self::Language => ("coalesce(language, '(none)')", "'(not recorded)'"),
            Self::Reason => ("'kept'", "reason"),
        }
    }
}

impl FromStr for By {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.map(Self::name).join(", ");
        Self::ALL
            .into_iter()
            .find(|by| by.name() == text)
            .ok_or_else(|| format!("`{text}` is nothing to count by: {known}"))
    }
}

/// The candidates of one group, and what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AuditRow {
    /// The group.
    pub name: String,
    /// All of them.
    pub candidates: u64,
    /// Somebody said no, or could not be asked.
    pub refused: u64,
    /// Could not be had.
    pub failed: u64,
    /// Fell under a threshold.
    pub filtered: u64,
    /// Are samples.
    pub kept: u64,
}

impl AuditRow {
    /// The counts in the order of the columns.
    fn numbers(&self) -> [u64; 5] {
        [self.candidates, self.refused, self.failed, self.filtered, self.kept]
    }
}

/// Candidates by group, the largest first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Audit {
    /// What they are counted by.
    pub by: By,
    /// The dataset's version.
    pub version: u64,
    /// The groups.
    pub rows: Vec<AuditRow>,
    /// Their sums.
    pub totals: AuditRow,
}

impl Audit {
    /// Counts the candidates of `dataset`.
    pub async fn by(dataset: &Dataset, by: By) -> Result<Self, Error> {
        let (of_sample, of_ledger) = by.groups();
        let query = format!(
            "select name, count(*) as candidates, \
             count(*) filter (where kind = 'refused') as refused, \
             count(*) filter (where kind = 'failed') as failed, \
             count(*) filter (where kind not in ('refused', 'failed', 'kept')) as filtered, \
             count(*) filter (where kind = 'kept') as kept \
             from (select {of_sample} as name, 'kept' as kind from samples \
             union all select {of_ledger} as name, kind from ledger) \
             group by name order by candidates desc, name"
        );
        let mut rows = Vec::new();
        for batch in sql::run(dataset, &query).await? {
            read(&batch, &mut rows)?;
        }
        let mut totals = AuditRow { name: "total".into(), ..AuditRow::default() };
        for row in &rows {
            totals.candidates += row.candidates;
            totals.refused += row.refused;
            totals.failed += row.failed;
            totals.filtered += row.filtered;
            totals.kept += row.kept;
        }
        Ok(Self { by, version: dataset.version(), rows, totals })
    }

    /// The groups with their sums below, for [`sql::format`].
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let all: Vec<&AuditRow> = self.rows.iter().chain([&self.totals]).collect();
        let names: StringArray = all.iter().map(|row| Some(row.name.as_str())).collect();
        let mut fields = vec![Field::new(self.by.name(), DataType::Utf8, false)];
        let mut columns: Vec<ArrayRef> = vec![Arc::new(names)];
        for (place, name) in ["candidates", "refused", "failed", "filtered", "kept"].into_iter().enumerate() {
            let numbers = all.iter().map(|row| row.numbers()[place]);
            fields.push(Field::new(name, DataType::UInt64, false));
            columns.push(Arc::new(UInt64Array::from_iter_values(numbers)));
        }
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
    }
}

fn read(batch: &RecordBatch, rows: &mut Vec<AuditRow>) -> Result<(), Error> {
    // Whatever kind of text the engine chose for the names.
    let names = datafusion::arrow::compute::cast(batch.column(0), &DataType::Utf8)?;
    let names = names.as_string::<i32>();
    for row in 0..batch.num_rows() {
        let number = |column: usize| batch.column(column).as_primitive::<Int64Type>().value(row).unsigned_abs();
        rows.push(AuditRow {
            name: names.value(row).to_owned(),
            candidates: number(1),
            refused: number(2),
            failed: number(3),
            filtered: number(4),
            kept: number(5),
        });
    }
    Ok(())
}
