//! Which rows: one pass over the columns that the choice asks about, and then steps over what that leaves, 32 bytes a row.
//!
//! The order is fixed, and each step sees what the ones before it left:
//! where, recipes → ids, urls, exclude-ids, exclude-urls, exclude-domains → pictures (in layouts that need them) → near-duplicates,
//! rows of the same URL (in lists of URLs) → top fraction → per domain, per page domain → strata → sample → limit.

use super::{
    chosen::Chosen,
    lists::{Kind, List, ListReport},
    recipes::Recipe,
    scan::{self, Scan},
    steps::{self, Row, Step, Stratum},
    wanted::Wanted,
};
use crate::{Dataset, Error, dedup, sql, subset::Layout};
use arrow_array::{cast::AsArray, types::Int64Type};
use datafusion::{
    common::tree_node::TreeNode,
    logical_expr::{Expr, LogicalPlan, Volatility},
};
use futures::TryStreamExt;

/// The rows of a subset, and how they came to be these.
pub(super) struct Choice {
    /// They.
    pub(super) rows: Chosen,
    /// Rows of the dataset.
    pub(super) seen: u64,
    /// What became of the others: `seen` is what is chosen and the sum of what steps dropped.
    pub(super) steps: Vec<Step>,
    /// Strata, where rows are balanced.
    pub(super) strata: Vec<Stratum>,
    /// The lists that were used.
    pub(super) lists: Vec<ListReport>,
    /// The query whose answer the steps begin with.
    pub(super) query: String,
    /// What conditions and lists left.
    pub(super) asked: u64,
    /// Of these, what has no stored picture, in layouts that need one.
    pub(super) without_picture: u64,
}

/// All lists of a choice.
#[derive(Default)]
pub(super) struct Lists {
    pub(super) ids: Option<List>,
    pub(super) urls: Option<List>,
    pub(super) exclude_ids: Option<List>,
    pub(super) exclude_urls: Option<List>,
    pub(super) exclude_domains: Option<List>,
}

impl Lists {
    fn read(wanted: &Wanted) -> Result<Self, Error> {
        let read = |kind, option, path: &Option<std::path::PathBuf>| {
            path.as_deref().map(|path| List::read(kind, option, path)).transpose()
        };
        Ok(Self {
            ids: read(Kind::Ids, "ids", &wanted.ids)?,
            urls: read(Kind::Urls, "urls", &wanted.urls)?,
            exclude_ids: read(Kind::Ids, "exclude-ids", &wanted.exclude_ids)?,
            exclude_urls: read(Kind::Urls, "exclude-urls", &wanted.exclude_urls)?,
            exclude_domains: read(Kind::Domains, "exclude-domains", &wanted.exclude_domains)?,
        })
    }

    fn reports(&self) -> Vec<ListReport> {
        let all = [&self.ids, &self.urls, &self.exclude_ids, &self.exclude_urls, &self.exclude_domains];
        all.into_iter().flatten().map(List::report).collect()
    }
}

/// Chooses. Nothing is written.
pub(super) async fn choose(
    dataset: &Dataset,
    wanted: &Wanted,
    recipes: &[Recipe],
    layout: Layout,
) -> Result<Choice, Error> {
    wanted.check()?;
    if wanted.without_duplicates && dedup::last_search(dataset).await?.is_none() {
        return Err(Error::NotSearched);
    }
    if let Some(condition) = &wanted.condition {
        sql::condition(condition)?;
    }
    let conditions = conditions(wanted, recipes);
    let columns = scan::columns(dataset, wanted, recipes, layout).await?;
    let query = query(&columns, &conditions);
    // A mistyped condition is told of before long lists are read.
    let session = dataset.session(None)?;
    let frame = sql::plan_in(&session, dataset, &query).await?;
    let lasting = are_lasting(frame.logical_plan())?;
    let lists = Lists::read(wanted)?;
    let seen = dataset.samples().rows()?;
    let mut steps = filtered(dataset, &conditions, seen).await?;
    let mut scan = Scan::new(lists, wanted, layout);
    let mut batches = frame.execute_stream().await?;
    while let Some(batch) = batches.try_next().await? {
        scan.add(&batch)?;
    }
    let before = steps.last().map_or(seen, |step| step.left);
    if scan.seen > before {
        // A condition that asks chance, or the clock.
        let message = format!("{before} rows meet the first conditions when counted, {} when read", scan.seen);
        return Err(Error::Query { message, hint: Some("a condition must not change from moment to moment".into()) });
    }
    if let Some((name, _)) = conditions.last() {
        steps.push(Step { step: name.clone(), dropped: before - scan.seen, left: scan.seen });
    }
    steps.extend(scan.steps());
    let (lists, asked, without_picture) = (scan.lists.reports(), scan.asked(), scan.without_picture);
    let (rows, strata) = narrowed(scan, wanted, recipes, &mut steps);
    let ids: Vec<i64> = rows.into_iter().map(|row| row.id).collect();
    let rows = if lasting { Chosen::of(&conditions, ids) } else { Chosen::new(ids) };
    Ok(Choice { rows, seen, steps, strata, lists, query, asked, without_picture })
}

/// The steps over what the pass left.
fn narrowed(scan: Scan, wanted: &Wanted, recipes: &[Recipe], steps: &mut Vec<Step>) -> (Vec<Row>, Vec<Stratum>) {
    let Scan { mut rows, names, members, urls, .. } = scan;
    let mut step = |name: String, rows: &[Row], before: usize| {
        steps.push(Step { step: name, dropped: (before - rows.len()) as u64, left: rows.len() as u64 });
    };
    let mut strata = Vec::new();
    if wanted.without_duplicates {
        let before = rows.len();
        steps::one_of_each(&mut rows, &steps::not_first(members));
        step("near-duplicates".into(), &rows, before);
    }
    if !urls.is_empty() {
        let before = rows.len();
        steps::one_of_each(&mut rows, &steps::not_first(urls));
        step("same-url".into(), &rows, before);
    }
    let of_recipes = recipes.iter().filter_map(|recipe| {
        let fraction = recipe.top_fraction?;
        Some((format!("recipe {}: top-fraction", recipe.name), fraction, recipe.by.unwrap_or_default()))
    });
    let asked = wanted.top_fraction.map(|fraction| ("top-fraction".to_owned(), fraction, wanted.by));
    for (name, fraction, by) in of_recipes.chain(asked) {
        let before = rows.len();
        steps::best(&mut rows, fraction, by);
        step(name, &rows, before);
    }
    if let Some(most) = wanted.per_domain {
        let before = rows.len();
        steps::best_of_each(&mut rows, most, wanted.by_score, |row| row.domain);
        step("per-domain".into(), &rows, before);
    }
    if let Some(most) = wanted.per_page_domain {
        let before = rows.len();
        steps::best_of_each(&mut rows, most, wanted.by_score, |row| row.page);
        step("per-page-domain".into(), &rows, before);
    }
    if let (Some(_), Some(most)) = (&wanted.stratify, wanted.per_stratum) {
        let before = rows.len();
        strata = steps::balanced(&mut rows, most, wanted.seed, &names);
        step("stratify".into(), &rows, before);
    }
    if let Some(sampling) = wanted.sample {
        let before = rows.len();
        steps::sampled(&mut rows, sampling, wanted.seed);
        step("sample".into(), &rows, before);
    }
    if let Some(most) = wanted.limit {
        let before = rows.len();
        steps::limited(&mut rows, most);
        step("limit".into(), &rows, before);
    }
    (rows, strata)
}

/// Conditions with their names, in order: the user's own, then those of recipes.
fn conditions<'a>(wanted: &'a Wanted, recipes: &'a [Recipe]) -> Vec<(String, &'a str)> {
    let own = wanted.condition.as_deref().map(|condition| ("where".to_owned(), condition));
    let ready =
        recipes.iter().filter_map(|recipe| Some((format!("recipe {}", recipe.name), recipe.condition.as_deref()?)));
    own.into_iter().chain(ready).collect()
}

fn query(columns: &[String], conditions: &[(String, &str)]) -> String {
    let mut query = format!("select {} from samples", columns.join(", "));
    if !conditions.is_empty() {
        query.push_str(" where ");
        query.push_str(&all_of(conditions));
    }
    query
}

/// The condition that all of them hold.
pub(super) fn all_of(conditions: &[(String, &str)]) -> String {
    // On lines of its own, so that a comment at its end does not swallow the bracket.
    let parts: Vec<String> = conditions.iter().map(|(_, condition)| format!("(\n{condition}\n)")).collect();
    parts.join(" and ")
}

/// Whether the conditions of `plan` say the same of the same row whenever they are asked, and ask no other table.
fn are_lasting(plan: &LogicalPlan) -> Result<bool, Error> {
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

/// How many rows each condition but the last drops of those that the ones before it left; the last one's are told by the pass.
async fn filtered(dataset: &Dataset, conditions: &[(String, &str)], seen: u64) -> Result<Vec<Step>, Error> {
    let (mut steps, mut before) = (Vec::new(), seen);
    for (place, (name, _)) in conditions.iter().enumerate().take(conditions.len().saturating_sub(1)) {
        let query = query(&["count(*)".to_owned()], &conditions[..=place]);
        let counted = sql::run(dataset, &query).await?;
        let left = counted.first().and_then(|batch| batch.column(0).as_primitive_opt::<Int64Type>());
        let left = left.map_or(0, |left| left.value(0).unsigned_abs()).min(before);
        steps.push(Step { step: name.clone(), dropped: before - left, left });
        before = left;
    }
    Ok(steps)
}
