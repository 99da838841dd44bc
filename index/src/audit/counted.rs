//! Rows of both tables by group, and what their ends mean.

use super::{
    By,
    by::Side,
    count::{self, Count, Group},
    row::AuditRow,
};
use crate::{Dataset, Error, Gone, sql};
use datafusion::prelude::SessionContext;
use schema::{DropReason, Kind, Stage};
use std::{collections::BTreeMap, sync::Arc};

/// The end of a row that is a sample.
const KEPT: &str = "kept";

/// The end of rows of a ledger's file that is gone: that they were not kept is all that is known.
const GONE: &str = "(unknown)";

/// What a row ended by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Kept,
    Unknown,
    Refused,
    Failed,
    Filtered,
}

/// Rows by group and end, and what the ends mean.
pub(super) struct Counted {
    pub(super) count: Count,
    /// Kind and stage of each end.
    ends: Vec<(End, Option<Stage>)>,
}

impl Counted {
    /// Counts the rows of both tables for which `condition` holds.
    pub(super) async fn of(dataset: &Dataset, by: By, condition: Option<&str>) -> Result<Self, Error> {
        let context = dataset.session(None)?;
        let (samples, ledger) = by.sides();
        let clause = clause(condition)?;
        let mut count = rows_of(&context, dataset, "samples", samples, &clause).await?;
        count.take(rows_of(&context, dataset, "ledger", ledger, &clause).await?);
        if by.folds() {
            count = count.renamed(|value| by.group(value).into_owned());
        }
        let known = |end: &Arc<str>| **end == *KEPT || DropReason::named(end).is_some();
        let strangers =
            if count.ends.iter().all(known) { BTreeMap::new() } else { count::strangers(&context, dataset).await? };
        let ends = count.ends.iter().map(|end| meaning(end, &strangers)).collect();
        Ok(Self { count, ends })
    }

    pub(super) fn add_gone(&mut self, gone: Gone) {
        const NAME: &str = "(files deleted since)";
        for (end, rows) in [(KEPT, gone.samples), (GONE, gone.ledger)] {
            if rows > 0 {
                self.count.add(NAME, end, rows);
            }
        }
        for end in &self.count.ends[self.ends.len()..] {
            self.ends.push(meaning(end, &BTreeMap::new()));
        }
    }

    /// The counts of a group by kind of end.
    pub(super) fn numbers(&self, group: &Group) -> AuditRow {
        let mut row = AuditRow { name: group.name.to_string(), ..AuditRow::default() };
        for (end, rows) in &group.rows {
            row.candidates += rows;
            match self.ends[*end].0 {
                End::Kept => row.kept += rows,
                End::Unknown => row.unknown += rows,
                End::Refused => row.refused += rows,
                End::Failed => row.failed += rows,
                End::Filtered => row.filtered += rows,
            }
        }
        row
    }

    /// The same with reasons and stages.
    pub(super) fn detailed(&self, mut row: AuditRow, group: &Group) -> AuditRow {
        for (end, rows) in &group.rows {
            let (kind, stage) = self.ends[*end];
            if kind == End::Kept {
                row.reached.add(Stage::Publish, *rows);
                continue;
            }
            row.reasons.add(&self.count.ends[*end], *rows);
            if let Some(stage) = stage {
                row.reached.add(stage, *rows);
            }
        }
        row
    }
}

/// What an end means; one that nobody knows any more is neither a refusal nor a failure.
fn meaning(end: &str, strangers: &BTreeMap<String, (String, String)>) -> (End, Option<Stage>) {
    if end == KEPT {
        return (End::Kept, None);
    }
    if let Some(reason) = DropReason::named(end) {
        let kind = match reason.kind() {
            Kind::Refused => End::Refused,
            Kind::Failed => End::Failed,
            Kind::Filtered | Kind::Unusable => End::Filtered,
        };
        return (kind, Some(reason.stage()));
    }
    let Some((kind, stage)) = strangers.get(end) else { return (End::Unknown, None) };
    let kind = match kind.as_str() {
        "refused" => End::Refused,
        "failed" => End::Failed,
        _ => End::Filtered,
    };
    (kind, stage.parse().ok())
}

/// The end of a query for rows for which `condition` holds; nothing for all rows.
pub(super) fn clause(condition: Option<&str>) -> Result<String, Error> {
    condition.map_or(Ok(String::new()), |condition| Ok(format!(" where {}", sql::condition(condition)?)))
}

/// The rows of one table by group and end.
async fn rows_of(
    context: &SessionContext,
    dataset: &Dataset,
    table: &str,
    side: Side,
    clause: &str,
) -> Result<Count, Error> {
    let name = side.column();
    let columns = if table == "samples" { name } else { format!("{name} as audited, reason") };
    let query = format!("select {columns} from {table}{clause}");
    let planned = sql::plan_in(context, dataset, &query).await;
    let frame =
        if clause.is_empty() { planned? } else { planned.map_err(|error| both_tables(dataset, table, error))? };
    count::count(frame, KEPT).await
}

/// A condition of an audit holds for both tables.
fn both_tables(dataset: &Dataset, table: &str, error: Error) -> Error {
    let Error::Query { message, hint } = error else { return error };
    let (Ok(samples), Ok(ledger)) = (dataset.columns(), dataset.ledger_columns()) else {
        return Error::Query { message, hint };
    };
    let both: Vec<_> = samples.into_iter().filter(|column| ledger.contains(column)).collect();
    let hint = format!("a condition of an audit is one over columns that both tables have: {}", both.join(", "));
    Error::Query { message: format!("{message} (in `{table}`)"), hint: Some(hint) }
}
