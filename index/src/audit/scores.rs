//! Quantiles of scores, over all rows and by group, of samples and of what was scored and not kept.

use super::{By, by::Side, counted::clause, values::Values};
use crate::{Dataset, Error, sql};
use arrow_array::{Array, ArrayRef, Float32Array, Float64Array, RecordBatch, StringArray, UInt64Array, cast::AsArray};
use arrow_schema::{DataType, Field, Schema};
use datafusion::{arrow::compute, common::HashMap, prelude::SessionContext};
use futures::TryStreamExt;
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// The quantiles told.
const ASKED: [(&str, f64); 7] =
    [("p1", 0.01), ("p5", 0.05), ("p25", 0.25), ("p50", 0.5), ("p75", 0.75), ("p95", 0.95), ("p99", 0.99)];

/// Steps of a histogram.
const STEPS: usize = 50;

const EXACT: &str = "exact, by the nearest rank";
const ROUNDED: &str =
    "by the nearest rank, of values rounded to 12 bits of their fraction: at most 1/4096 of the value off";

/// Quantiles of scores.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScoreTable {
    /// What the groups are of; nothing for all rows only.
    pub by: Option<By>,
    /// One row a group, score, and kind of rows.
    pub rows: Vec<Quantiles>,
}

/// Quantiles of one score of one group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Quantiles {
    /// The group; `(all)` for all rows.
    pub group: String,
    /// `similarity`, `aesthetic`, `punsafe`, or the name of one in `scores`.
    pub score: String,
    /// `kept` for samples, `dropped` for rows of the ledger.
    pub of: &'static str,
    /// Values there are.
    pub values: u64,
    /// Values that are no number.
    pub not_numbers: u64,
    /// How the quantiles were found, and how far they may be off.
    pub method: &'static str,
    /// The least value.
    pub least: f32,
    /// The greatest value.
    pub most: f32,
    /// By name, `p1` to `p99`.
    pub quantiles: BTreeMap<&'static str, f32>,
    /// Counts in equal steps from the least to the greatest value.
    pub histogram: Vec<u64>,
}

/// Quantiles over all rows for which `condition` holds, and of each of `groups` of `by`.
pub async fn scores(
    dataset: &Dataset,
    groups: Option<(By, &BTreeSet<String>)>,
    condition: Option<&str>,
) -> Result<ScoreTable, Error> {
    let context = dataset.session(None)?;
    let clause = clause(condition)?;
    let mut rows = Vec::new();
    for (table, of) in [("samples", "kept"), ("ledger", "dropped")] {
        let side = groups.map_or(Side::Always(""), |(by, _)| if of == "kept" { by.sides().0 } else { by.sides().1 });
        let names = names(&context, dataset, table).await?;
        let query = format!("select {}, {} from {table}{clause}", side.column(), columns(&names));
        let collected = collect(&context, dataset, &query, &names, groups).await?;
        for ((group, score), values) in collected {
            rows.extend(quantiles(group, score, of, &values));
        }
    }
    let is_of_all = |row: &Quantiles| row.group == ALL;
    rows.sort_by(|a, b| {
        let key = |row: &Quantiles| (!is_of_all(row), row.group.clone(), row.score.clone());
        key(a).cmp(&key(b)).then_with(|| b.of.cmp(a.of))
    });
    Ok(ScoreTable { by: groups.map(|(by, _)| by), rows })
}

/// The name of what is no group.
const ALL: &str = "(all)";

/// Names of all scores of a table: the three columns, and what the map holds.
async fn names(context: &SessionContext, dataset: &Dataset, table: &str) -> Result<Vec<String>, Error> {
    let known = if table == "samples" { dataset.columns()? } else { dataset.ledger_columns()? };
    let mut names: Vec<String> = ["similarity", "aesthetic", "punsafe"]
        .map(str::to_owned)
        .into_iter()
        .filter(|name| known.contains(name))
        .collect();
    if known.iter().any(|column| column == "scores") {
        let query = format!("select distinct unnest(map_keys(scores)) as name from {table} where scores is not null");
        let mut found = BTreeSet::new();
        for batch in sql::plan_in(context, dataset, &query).await?.collect().await? {
            let column = compute::cast(batch.column(0), &DataType::Utf8)?;
            found.extend(column.as_string::<i32>().iter().flatten().map(str::to_owned));
        }
        names.extend(found.into_iter().map(|name| format!("scores.{name}")));
    }
    Ok(names)
}

fn columns(names: &[String]) -> String {
    let column = |name: &String| match name.strip_prefix("scores.") {
        Some(name) => format!("scores['{}']", name.replace('\'', "''")),
        None => name.clone(),
    };
    names.iter().map(column).collect::<Vec<_>>().join(", ")
}

type Collected = HashMap<(String, String), Values>;

async fn collect(
    context: &SessionContext,
    dataset: &Dataset,
    query: &str,
    names: &[String],
    groups: Option<(By, &BTreeSet<String>)>,
) -> Result<Collected, Error> {
    let mut all: Vec<Values> = vec![Values::default(); names.len()];
    let mut by_group: HashMap<String, Vec<Values>> = HashMap::new();
    let mut batches = sql::plan_in(context, dataset, query).await?.execute_stream().await?;
    while let Some(batch) = batches.try_next().await? {
        let scores = (0..names.len()).map(|place| floats(&batch, place + 1)).collect::<Result<Vec<_>, _>>()?;
        for (values, column) in all.iter_mut().zip(&scores) {
            column.iter().flatten().for_each(|score| values.add(score));
        }
        let Some((by, wanted)) = groups else { continue };
        let texts = compute::cast(batch.column(0), &DataType::Utf8)?;
        for (row, text) in texts.as_string::<i32>().iter().enumerate() {
            let group = text.map_or("(none)".into(), |text| by.group(text));
            if !wanted.contains(&*group) {
                continue;
            }
            let values = by_group.entry_ref(&*group).or_insert_with(|| vec![Values::default(); names.len()]);
            for (values, column) in values.iter_mut().zip(&scores) {
                if column.is_valid(row) {
                    values.add(column.value(row));
                }
            }
        }
    }
    let mut collected = Collected::new();
    for (group, values) in by_group.into_iter().chain([(ALL.to_owned(), all)]) {
        for (name, values) in names.iter().zip(values) {
            collected.insert((group.clone(), name.clone()), values);
        }
    }
    Ok(collected)
}

fn floats(batch: &RecordBatch, column: usize) -> Result<Float32Array, Error> {
    Ok(compute::cast(batch.column(column), &DataType::Float32)?.as_primitive().clone())
}

fn quantiles(group: String, score: String, of: &'static str, values: &Values) -> Option<Quantiles> {
    let summary = values.summary(&ASKED.map(|(_, share)| share), STEPS)?;
    Some(Quantiles {
        group,
        score,
        of,
        values: summary.count,
        not_numbers: summary.odd,
        method: if summary.exact { EXACT } else { ROUNDED },
        least: summary.least,
        most: summary.most,
        quantiles: ASKED.iter().map(|(name, _)| *name).zip(summary.quantiles).collect(),
        histogram: summary.histogram,
    })
}

impl ScoreTable {
    /// One row a group, score, and kind of rows, for [`sql::format`].
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let texts = |of: &dyn Fn(&Quantiles) -> &str| -> ArrayRef {
            Arc::new(self.rows.iter().map(|row| Some(of(row))).collect::<StringArray>())
        };
        let mut fields = vec![
            Field::new(self.by.map_or("group", By::name), DataType::Utf8, false),
            Field::new("score", DataType::Utf8, false),
            Field::new("of", DataType::Utf8, false),
            Field::new("values", DataType::UInt64, false),
        ];
        let mut columns: Vec<ArrayRef> = vec![
            texts(&|row| &row.group),
            texts(&|row| &row.score),
            texts(&|row| row.of),
            Arc::new(UInt64Array::from_iter_values(self.rows.iter().map(|row| row.values))),
        ];
        for (name, _) in ASKED {
            // In four places: more says nothing, and a table has only so much room.
            let rounded = |row: &Quantiles| (f64::from(row.quantiles[name]) * 1e4).round() / 1e4;
            fields.push(Field::new(name, DataType::Float64, false));
            columns.push(Arc::new(Float64Array::from_iter_values(self.rows.iter().map(rounded))));
        }
        fields.push(Field::new("method", DataType::Utf8, false));
        columns.push(texts(&|row| if row.method == EXACT { "exact" } else { "rounded" }));
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
    }
}
