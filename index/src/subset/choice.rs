//! Which rows: one pass over the columns that the choice asks about, and then steps over what that leaves, 32 bytes a row.
//!
//! The order is fixed, and each step sees what the ones before it left:
//! where, recipes → ids, urls, exclude-ids, exclude-urls, exclude-domains → pictures (in layouts that need them) → near-duplicates,
//! rows of the same URL (in lists of URLs) → top fraction → per domain, per page domain → strata → sample → limit.
//!
//! Up to the pictures each row is decided by itself: who only counts holds none then, and where conditions decide alone,
//! rows that are to be written need no pass before.

use super::{
    chosen::Chosen,
    columns,
    conditions::{Condition, are_lasting, conditions, count, filtered, last_step, query},
    lists::{Kind, List, ListReport},
    manifest::{Identity, Manifest},
    recipes::{self, Recipe},
    scan::{Keep, Scan},
    steps::{self, Row, Step, Stratum},
    wanted::Wanted,
};
use crate::{Dataset, Error, dedup, sql, subset::Layout};
use chrono::{DateTime, Utc};
use datafusion::prelude::SessionContext;
use futures::TryStreamExt;

/// How a choice came to its rows.
#[derive(Default)]
pub(super) struct Choice {
    /// What became of the others: all rows are what is chosen and the sum of what steps dropped.
    steps: Vec<Step>,
    /// Strata, where rows are balanced.
    strata: Vec<Stratum>,
    /// The lists that were used.
    lists: Vec<ListReport>,
    /// What conditions and lists left.
    asked: u64,
    /// Of these, what has no stored picture, in layouts that need one.
    without_picture: u64,
    /// Rows chosen.
    rows: u64,
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

    fn ask_ids(&self) -> bool {
        self.ids.is_some() || self.exclude_ids.is_some()
    }

    fn reports(&self) -> Vec<ListReport> {
        let all = [&self.ids, &self.urls, &self.exclude_ids, &self.exclude_urls, &self.exclude_domains];
        all.into_iter().flatten().map(List::report).collect()
    }
}

/// A choice that is understood, before any row is read.
pub(super) struct Plan<'a, 'w> {
    pub(super) dataset: &'a Dataset,
    wanted: &'w Wanted,
    pub(super) layout: Layout,
    recipes: Vec<Recipe>,
    notes: Vec<String>,
    conditions: Vec<Condition>,
    /// What the pass reads: ids, and what else is asked about.
    columns: Vec<String>,
    /// The query whose answer the steps begin with.
    query: String,
    session: SessionContext,
    /// Whether conditions say the same of the same row whenever they are asked.
    is_lasting: bool,
    /// Whether each row is decided by itself, and no step looks at others.
    is_by_row: bool,
    /// Rows of the dataset.
    seen: u64,
}

impl<'a, 'w> Plan<'a, 'w> {
    /// Refuses what makes no sense, and what `dataset` has no columns or scores for.
    pub(super) async fn of(dataset: &'a Dataset, wanted: &'w Wanted, layout: Layout) -> Result<Self, Error> {
        let recipes = recipes::named(&wanted.recipes)?;
        let notes = recipes::check(dataset, &recipes).await?;
        wanted.check()?;
        if wanted.without_duplicates && dedup::last_search(dataset).await?.is_none() {
            return Err(Error::NotSearched);
        }
        if let Some(condition) = &wanted.condition {
            sql::condition(condition)?;
        }
        let conditions = conditions(wanted, &recipes);
        let columns = columns::asked(dataset, wanted, &recipes, layout).await?;
        let query = query(&columns, &conditions);
        // A mistyped condition is told of before long lists are read.
        let session = dataset.session(None)?;
        let is_lasting = are_lasting(sql::plan_in(&session, dataset, &query).await?.logical_plan())?;
        let is_by_row = !wanted.looks_across_rows()
            && layout != Layout::Urls
            && recipes.iter().all(|recipe| recipe.top_fraction.is_none());
        let seen = dataset.samples().rows()?;
        Ok(Self {
            dataset,
            wanted,
            layout,
            recipes,
            notes,
            conditions,
            columns,
            query,
            session,
            is_lasting,
            is_by_row,
            seen,
        })
    }

    /// Chooses. Nothing is written.
    pub(super) async fn choose(&self) -> Result<(Choice, Chosen), Error> {
        let (choice, ids) = self.pass(if self.is_by_row { Keep::Ids } else { Keep::Rows }).await?;
        let rows = if self.is_lasting { Chosen::of(&self.conditions, ids) } else { Chosen::new(ids) };
        Ok((choice, rows))
    }

    /// How a choice would come to its rows, without them.
    pub(super) async fn count(&self) -> Result<Choice, Error> {
        let (choice, _) = self.pass(if self.is_by_row { Keep::Nothing } else { Keep::Rows }).await?;
        Ok(choice)
    }

    /// Chooses as far as has to be done before rows are written. If all that is asked is that conditions hold, the rows are
    /// known by that, and how many there are, and so the last condition's step, when they have been read.
    pub(super) async fn prepare(&self) -> Result<(Choice, Chosen), Error> {
        let is_more_asked = !self.is_by_row || self.wanted.has_lists() || self.layout.needs_pictures();
        if is_more_asked || !self.is_lasting {
            return self.choose().await;
        }
        let steps = filtered(self.dataset, &self.conditions, self.seen).await?;
        let chosen = Chosen::all(&self.conditions, self.seen);
        let rows = chosen.len().map_or(0, |rows| rows as u64);
        Ok((Choice { steps, asked: rows, rows, ..Choice::default() }, chosen))
    }

    /// The manifest of what came of it: all but files and columns.
    pub(super) fn manifest(self, choice: Choice, at: DateTime<Utc>) -> Result<Manifest, Error> {
        Ok(Manifest {
            pinakes: env!("CARGO_PKG_VERSION").to_owned(),
            made_at: Some(at),
            dataset_version: self.dataset.version(),
            dataset: Identity::of(self.dataset)?,
            layout: self.layout,
            wanted: self.wanted.clone(),
            recipes: self.recipes,
            query: self.query,
            seen: self.seen,
            steps: choice.steps,
            strata: choice.strata,
            lists: choice.lists,
            notes: self.notes,
            asked: choice.asked,
            without_picture: choice.without_picture,
            written: choice.rows,
            rows: 0,
            columns: Vec::new(),
            files: Vec::new(),
        })
    }

    /// Reads the rows and takes the steps. Gives the ids of what is chosen, unless nothing is kept.
    async fn pass(&self, keep: Keep) -> Result<(Choice, Vec<i64>), Error> {
        let lists = Lists::read(self.wanted)?;
        let mut steps = filtered(self.dataset, &self.conditions, self.seen).await?;
        let needs_ids = keep != Keep::Nothing || lists.ask_ids();
        let columns = if needs_ids { &self.columns[..] } else { &self.columns[1..] };
        let mut scan = Scan::new(lists, self.wanted, self.layout, keep);
        if columns.is_empty() {
            scan.add_counted(self.rows_of_conditions().await?);
        } else {
            let frame = sql::plan_in(&self.session, self.dataset, &query(columns, &self.conditions)).await?;
            let mut batches = frame.execute_stream().await?;
            while let Some(batch) = batches.try_next().await? {
                scan.add(&batch)?;
            }
        }
        let before = steps.last().map_or(self.seen, |step| step.left);
        steps.extend(last_step(&self.conditions, before, scan.seen)?);
        steps.extend(scan.steps());
        let mut choice = Choice {
            steps,
            strata: Vec::new(),
            lists: scan.lists.reports(),
            asked: scan.asked(),
            without_picture: scan.without_picture,
            rows: scan.left,
        };
        if keep != Keep::Rows {
            return Ok((choice, scan.ids));
        }
        let (rows, strata) = narrowed(scan, self.wanted, &self.recipes, &mut choice.steps);
        (choice.rows, choice.strata) = (rows.len() as u64, strata);
        Ok((choice, rows.into_iter().map(|row| row.id).collect()))
    }

    async fn rows_of_conditions(&self) -> Result<u64, Error> {
        if self.conditions.is_empty() { Ok(self.seen) } else { count(self.dataset, &self.conditions).await }
    }
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
