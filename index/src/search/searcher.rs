//! A dataset opened for searching.

use super::{
    Direction, FOLDER, Hit, Model,
    index::{Allowed, Index},
    manifest::Manifest,
    scan::{self, Which},
    tuning::NEAREST,
};
use crate::{Dataset, Error, table::ActiveFile};
use alike::nearest::Best;
use serde::Serialize;
use std::sync::Arc;

/// If fewer rows than one in so many fulfil a condition, they are scanned: to find enough of them the index would look through
/// as many times more lists.
const ONE_IN: usize = 20;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// What it is to be near to.
    pub direction: &'a Direction,
    /// Most hits.
    pub most: usize,
    /// Condition in SQL for rows to be found.
    pub condition: Option<&'a str>,
    /// A row that is not to be found: the one that is asked about.
    pub without: Option<i64>,
    /// Scans all rows, even where there is an index.
    pub exact: bool,
    /// Looks through so many lists of the index, not as many as it says itself, and no further if they have too few rows.
    pub probes: Option<usize>,
}

impl<'a> Asked<'a> {
    /// The `most` nearest to `direction`.
    pub fn of(direction: &'a Direction, most: usize) -> Self {
        Self { direction, most, condition: None, without: None, exact: false, probes: None }
    }
}

/// How an answer was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// All rows were looked at.
    Scan,
    /// So many lists of the index, and all rows that it does not have.
    Index {
        /// Lists that were looked through.
        probes: usize,
        /// Lists that there are.
        lists: usize,
    },
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The nearest first.
    pub hits: Vec<Hit>,
    /// How they were found.
    pub way: Way,
    /// Embeddings that were looked at.
    pub looked_at: u64,
    /// What whoever reads it should know: an index that is old or damaged, rows that could not be compared.
    pub notes: Vec<String>,
}

/// A dataset opened for searching by the embeddings of one model. Whoever has many questions keeps it.
pub struct Searcher {
    dataset: Dataset,
    model: Model,
    index: Option<Index>,
    /// Data files that the index does not cover.
    rest: Vec<ActiveFile>,
    /// Numbers of data files in the index that the version does not have.
    gone: Vec<u32>,
    notes: Vec<String>,
}

impl Searcher {
    /// Opens the latest version of the dataset at `location`. `choose` says which of its models' embeddings are meant.
    pub async fn open(location: &str, choose: impl FnOnce(&[Model]) -> Result<Model, Error>) -> Result<Self, Error> {
        let dataset = Dataset::open(location).await?;
        let models = scan::models(&dataset).await?;
        if models.is_empty() {
            let problem = format!("no row of `{location}` has an embedding to search by");
            let hint = "score with `score.embeddings = true`, and publish again".into();
            return Err(Error::Search { problem, hint });
        }
        let model = choose(&models)?;
        let mut notes = Vec::new();
        let others: u64 = models.iter().filter(|other| other.id != model.id).map(|other| other.rows).sum();
        if others > 0 {
            notes.push(format!(
                "{others} rows have embeddings of other models than `{}`: they are not searched",
                model.id
            ));
        }
        let mut searcher = Self { dataset, model, index: None, rest: Vec::new(), gone: Vec::new(), notes };
        match searcher.open_index().await {
            Err(Error::Record { name, problem }) => searcher.notes.push(format!(
                "the index is damaged, so all rows are scanned (`{name}`: {problem}); `pinakes index` makes it anew"
            )),
            opened => opened?,
        }
        Ok(searcher)
    }

    async fn open_index(&mut self) -> Result<(), Error> {
        let Some(manifest) = Manifest::read(self.dataset.store()).await? else { return Ok(()) };
        if manifest.model != self.model.id {
            self.notes.push(format!("the index is of `{}`, so all rows are scanned", manifest.model));
            return Ok(());
        }
        let index = Index::open(self.dataset.store(), manifest).await?;
        let files = self.dataset.samples().files()?;
        self.gone = index.gone(&files);
        self.rest = index.manifest.uncovered(&files);
        if !self.rest.is_empty() {
            let rows: u64 = self.rest.iter().map(|file| file.rows).sum();
            self.notes.push(format!(
                "the index is of version {}, and {rows} rows have come or moved since: they are scanned; `pinakes index` takes \
                 them in",
                index.manifest.version
            ));
        }
        self.index = Some(index);
        Ok(())
    }

    /// Reads the whole index into memory, for many questions.
    pub async fn keep_in_memory(&mut self) -> Result<(), Error> {
        if let Some(index) = &mut self.index {
            index.keep().await?;
        }
        Ok(())
    }

    /// The dataset.
    pub fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// The model whose embeddings are searched.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// What whoever searches should know, whatever is asked.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Whether there is an index to search with.
    pub fn has_index(&self) -> bool {
        self.index.is_some()
    }

    pub(super) fn index(&self) -> Option<&Index> {
        self.index.as_ref()
    }

    /// The direction of a row of this model.
    pub async fn row(&self, id: i64) -> Result<Direction, Error> {
        match scan::row(&self.dataset, id).await? {
            Some((model, direction)) if model == self.model.id => Ok(direction),
            Some((model, _)) => Err(Error::Search {
                problem: format!("row `{id}` has an embedding of `{model}`, not of `{}`", self.model.id),
                hint: format!("add `--model {model}`"),
            }),
            None => Err(Error::Search {
                problem: format!("no row with an embedding has the id `{id}`"),
                hint: "`pinakes sql DATASET \"select id, url from samples\"` tells the ids there are".into(),
            }),
        }
    }

    /// The nearest rows. What cannot be found by the index is found by the scan, which an answer's notes say.
    pub async fn search(&self, asked: Asked<'_>) -> Result<Answer, Error> {
        let mut notes = self.notes.clone();
        if let Some(index) = self.index.as_ref().filter(|_| !asked.exact) {
            match self.search_index(index, asked).await {
                Ok(Some(answer)) => return Ok(answer),
                Ok(None) => {}
                Err(Error::Record { name, problem }) if name.starts_with(FOLDER) => notes.push(format!(
                    "the index is damaged, so all rows were scanned (`{name}`: {problem}); `pinakes index --anew` makes it anew"
                )),
                Err(error) => return Err(error),
            }
        }
        let (best, looked_at) = self.scan(asked, None, &mut notes).await?;
        Ok(answer(best, asked, Way::Scan, looked_at, notes))
    }

    /// `None` where the scan is the better way, and where it finds more.
    async fn search_index(&self, index: &Index, asked: Asked<'_>) -> Result<Option<Answer>, Error> {
        if asked.direction.dimension() != index.manifest.dimension {
            return Ok(None);
        }
        let mut notes = self.notes.clone();
        let lists = index.centres.count();
        let all = usize::try_from(self.model.rows).unwrap_or(usize::MAX);
        let mut probes = asked.probes.unwrap_or_else(|| enough(index, asked.most)).min(lists);
        let mut findable = all.saturating_sub(usize::from(asked.without.is_some()));
        let mut allowed = Allowed { gone: self.gone.clone(), ids: None };
        if asked.condition.is_some() {
            let ids = scan::ids(&self.dataset, self.which(asked)).await?;
            if ids.len() < all / ONE_IN || ids.is_empty() {
                return Ok(None);
            }
            // As many rows that may be found as there would be without a condition.
            probes = (probes * all).div_ceil(ids.len()).min(lists);
            findable = ids.len() - usize::from(asked.without.is_some_and(|id| ids.binary_search(&id).is_ok()));
            allowed.ids = Some(ids);
        }
        let most = asked.most.saturating_add(usize::from(asked.without.is_some()));
        let (mut best, mut looked_at) = index.search(asked.direction, probes, most, allowed).await?;
        if !self.rest.is_empty() {
            let (rest, more) = self.scan(asked, Some(self.rest.clone()), &mut notes).await?;
            best.merge(rest);
            looked_at += more;
        }
        let found = answer(best, asked, Way::Index { probes, lists }, looked_at, notes);
        // Rows for which a condition holds may all lie in lists that are far away.
        let too_few = found.hits.len() < asked.most.min(findable);
        Ok((asked.probes.is_some() || probes == lists || !too_few).then_some(found))
    }

    async fn scan(
        &self,
        asked: Asked<'_>,
        some: Option<Vec<ActiveFile>>,
        notes: &mut Vec<String>,
    ) -> Result<(Best, u64), Error> {
        let most = asked.most.saturating_add(usize::from(asked.without.is_some()));
        let queries = Arc::new(vec![asked.direction.clone()]);
        let mut scanned = scan::scan(&self.dataset, self.which(asked), some, &queries, most).await?;
        if scanned.others > 0 {
            notes.push(format!(
                "{} embeddings have another length than {} numbers, or none: they were passed over",
                scanned.others,
                asked.direction.dimension()
            ));
        }
        Ok((scanned.best.pop().unwrap_or_else(|| Best::new(0)), scanned.rows))
    }

    /// The nearest rows of many queries, by the scan.
    pub(super) async fn scan_many(&self, queries: &Arc<Vec<Direction>>, most: usize) -> Result<Vec<Vec<Hit>>, Error> {
        let which = Which { model: &self.model.id, condition: None };
        let scanned = scan::scan(&self.dataset, which, None, queries, most).await?;
        Ok(scanned.best.into_iter().map(Best::into_hits).collect())
    }

    fn which<'a>(&'a self, asked: Asked<'a>) -> Which<'a> {
        Which { model: &self.model.id, condition: asked.condition }
    }
}

/// How many lists to look through for the `most` nearest. What the index says was measured for ten; for more of them so many
/// that ten times as many rows are looked at.
fn enough(index: &Index, most: usize) -> usize {
    let measured = index.manifest.probes;
    if most <= NEAREST {
        return measured;
    }
    let rows = usize::try_from(index.manifest.rows).unwrap_or(usize::MAX);
    let in_list = rows / index.centres.count().max(1);
    measured.max(most.saturating_mul(10).div_ceil(in_list.max(1)))
}

fn answer(best: Best, asked: Asked<'_>, way: Way, looked_at: u64, notes: Vec<String>) -> Answer {
    let mut hits = best.into_hits();
    hits.retain(|hit| Some(hit.id) != asked.without);
    hits.truncate(asked.most);
    Answer { hits, way, looked_at, notes }
}
