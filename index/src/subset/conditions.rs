//! The conditions of a choice in SQL, and how many rows each of them drops.

use super::{recipes::Recipe, steps::Step, wanted::Wanted};
use crate::{Dataset, Error, sql};
use arrow_array::{cast::AsArray, types::Int64Type};
use datafusion::{
    common::tree_node::TreeNode,
    logical_expr::{Expr, LogicalPlan, Volatility},
};

/// A condition, and the name of its step.
pub(super) struct Condition {
    name: String,
    text: String,
}

/// Those of a choice, in order: the user's own, then those of recipes.
pub(super) fn conditions(wanted: &Wanted, recipes: &[Recipe]) -> Vec<Condition> {
    let own = wanted.condition.iter().map(|text| Condition { name: "where".to_owned(), text: text.clone() });
    let ready = recipes.iter().filter_map(|recipe| {
        let text = recipe.condition.clone()?;
        Some(Condition { name: format!("recipe {}", recipe.name), text })
    });
    own.chain(ready).collect()
}

/// `columns` of all rows for which `conditions` hold.
pub(super) fn query(columns: &[String], conditions: &[Condition]) -> String {
    let mut query = format!("select {} from samples", columns.join(", "));
    if !conditions.is_empty() {
        query.push_str(" where ");
        query.push_str(&all_of(conditions));
    }
    query
}

/// The condition that all of them hold.
pub(super) fn all_of(conditions: &[Condition]) -> String {
    // On lines of its own, so that a comment at its end does not swallow the bracket.
    let parts: Vec<String> = conditions.iter().map(|condition| format!("(\n{}\n)", condition.text)).collect();
    parts.join(" and ")
}

/// Whether the conditions of `plan` say the same of the same row whenever they are asked, and ask no other table.
pub(super) fn are_lasting(plan: &LogicalPlan) -> Result<bool, Error> {
    let found = plan.exists(|part| match part {
        LogicalPlan::Filter(filter) => filter.predicate.exists(|part| Ok(may_change(part))),
        _ => Ok(false),
    })?;
    Ok(!found)
}

/// Whether this part of a condition asks chance, the clock, the session, or other rows: sums of floats depend on their order.
fn may_change(part: &Expr) -> bool {
    match part {
        Expr::ScalarFunction(call) => call.func.signature().volatility != Volatility::Immutable,
        Expr::HigherOrderFunction(call) => call.func.signature().volatility != Volatility::Immutable,
        Expr::Exists(_)
        | Expr::InSubquery(_)
        | Expr::SetComparison(_)
        | Expr::ScalarSubquery(_)
        | Expr::OuterReferenceColumn(..)
        | Expr::AggregateFunction(_)
        | Expr::WindowFunction(_)
        | Expr::ScalarVariable(..)
        | Expr::Placeholder(_) => true,
        _ => false,
    }
}

/// How many rows each condition but the last drops of those that the ones before it left. Whoever reads the rows tells how
/// many the last one left: see [`last_step`].
pub(super) async fn filtered(dataset: &Dataset, conditions: &[Condition], seen: u64) -> Result<Vec<Step>, Error> {
    let (mut steps, mut before) = (Vec::new(), seen);
    for (place, condition) in conditions.iter().enumerate().take(conditions.len().saturating_sub(1)) {
        let left = count(dataset, &conditions[..=place]).await?.min(before);
        steps.push(Step { step: condition.name.clone(), dropped: before - left, left });
        before = left;
    }
    Ok(steps)
}

/// The step of the last condition, where there is one, which left so many of `before`.
pub(super) fn last_step(conditions: &[Condition], before: u64, left: u64) -> Result<Option<Step>, Error> {
    if left > before {
        // A condition that asks chance, or the clock.
        let message = format!("{before} rows meet the first conditions when counted, {left} when read");
        return Err(Error::Query { message, hint: Some("a condition must not change from moment to moment".into()) });
    }
    let last = conditions.last();
    Ok(last.map(|condition| Step { step: condition.name.clone(), dropped: before - left, left }))
}

/// How many rows all of `conditions` hold for.
pub(super) async fn count(dataset: &Dataset, conditions: &[Condition]) -> Result<u64, Error> {
    let counted = sql::run(dataset, &query(&["count(*)".to_owned()], conditions)).await?;
    let rows = counted.first().and_then(|batch| batch.column(0).as_primitive_opt::<Int64Type>());
    Ok(rows.map_or(0, |rows| rows.value(0).unsigned_abs()))
}
