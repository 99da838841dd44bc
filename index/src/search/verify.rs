//! What the index finds of what the exact scan finds.

use super::{Asked, Direction, Hit, Searcher, chance, listed, scan};
use crate::{Error, sql};
use alike::nearest::{Recall, probes_for};
use arrow_array::{cast::AsArray, types::Int64Type};
use serde::Serialize;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// Neighbours that are compared.
const MOST: usize = 100;

/// Queries that are timed by the scan, which reads everything for each.
const TIMED: usize = 5;

/// What the index finds, measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verified {
    /// The dataset's version.
    pub version: u64,
    /// Rows with embeddings.
    pub rows: u64,
    /// Lists of the index.
    pub lists: usize,
    /// How many of them a search looks through.
    pub probes: usize,
    /// Of queries of one kind each.
    pub measured: Vec<Measured>,
    /// The recall that was wanted of the ten nearest.
    pub wanted: f64,
    /// The least number of lists that reaches it with each kind of queries.
    pub probes_for_wanted: usize,
    /// Milliseconds that the scan took for a query, by the table.
    pub scan_milliseconds: f64,
    /// Milliseconds that the index took for a query.
    pub index_milliseconds: f64,
}

/// What was found with queries of one kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// `rows` or `texts`.
    pub kind: &'static str,
    /// How many.
    pub queries: usize,
    /// Share of the nearest that was found.
    pub recall_at_1: f64,
    /// Share of the ten nearest that was found.
    pub recall_at_10: f64,
    /// Share of the hundred nearest that was found, in as many lists; a search for a hundred looks through more.
    pub recall_at_100: f64,
}

/// About `count` captions of the searched rows, those whose ids say so: queries as people ask them.
pub async fn captions(searcher: &Searcher, count: usize) -> Result<Vec<String>, Error> {
    let ids = chosen(searcher, count).await?;
    let query = format!("select id, text from samples where id in {}", listed(ids.iter().copied()));
    let mut texts: HashMap<i64, String> = HashMap::new();
    for batch in sql::run(searcher.dataset(), &query).await? {
        let found = batch.column(0).as_primitive::<Int64Type>().values().iter().zip(batch.column(1).as_string::<i32>());
        texts.extend(found.filter_map(|(id, text)| Some((*id, text?.to_owned()))));
    }
    Ok(ids.iter().filter_map(|id| texts.remove(id)).collect())
}

async fn chosen(searcher: &Searcher, count: usize) -> Result<Vec<i64>, Error> {
    let which = scan::Which { model: &searcher.model().id, condition: None };
    let mut ids = scan::ids(searcher.dataset(), which).await?;
    ids.sort_unstable_by_key(|id| chance(!*id));
    ids.truncate(count);
    Ok(ids)
}

/// Holds the index against the scan, with `count` rows as queries, each of which is not to find itself, and with `texts`.
/// `clock` tells seconds.
pub async fn verify(
    searcher: &Searcher,
    count: usize,
    texts: &[Direction],
    wanted: f64,
    clock: impl Fn() -> f64,
) -> Result<Verified, Error> {
    let Some(index) = searcher.index() else {
        return Err(Error::Search {
            problem: "there is no index to verify: searches scan all rows, which is the truth".into(),
            hint: "`pinakes index DATASET` makes one".into(),
        });
    };
    let ids = chosen(searcher, count).await?;
    let mut embeddings = scan::directions(searcher.dataset(), &searcher.model().id, &ids).await?;
    // Embeddings that cannot be compared with the others are no queries either.
    embeddings.retain(|_, direction| direction.dimension() == index.manifest.dimension);
    let mut queries: Vec<(Option<i64>, Direction)> =
        ids.iter().filter_map(|id| Some((Some(*id), embeddings.remove(id)?))).collect();
    let rows = queries.len();
    queries.extend(texts.iter().map(|text| (None, text.clone())));
    let directions = Arc::new(queries.iter().map(|(_, direction)| direction.clone()).collect::<Vec<_>>());
    let mut truths = searcher.scan_many(&directions, MOST + 1).await?;
    for ((own, _), truth) in queries.iter().zip(&mut truths) {
        truth.retain(|hit| Some(hit.id) != *own);
        truth.truncate(MOST);
    }
    let asked = |number: usize, exact: bool| {
        let (own, direction) = &queries[number];
        // Of as many lists as ten are looked for in, however many are compared.
        Asked { without: *own, exact, probes: Some(index.manifest.probes), ..Asked::of(direction, MOST) }
    };
    let start = clock();
    let mut found = Vec::new();
    for number in 0..queries.len() {
        found.push(searcher.search(asked(number, false)).await?.hits);
    }
    let index_milliseconds = (clock() - start) * 1000.0 / queries.len().max(1) as f64;
    let start = clock();
    let timed = TIMED.min(queries.len());
    for number in 0..timed {
        searcher.search(asked(number, true)).await?;
    }
    let scan_milliseconds = (clock() - start) * 1000.0 / timed.max(1) as f64;
    // Rows that the index does not have are found anyway.
    let ids: HashSet<i64> = truths.iter().flat_map(|truth| truth.iter().take(10).map(|hit| hit.id)).collect();
    let lists = index.lists_of(&ids).await?;
    let known = |truth: &Vec<Hit>| -> Vec<Hit> {
        let place = |hit: &Hit| lists.get(&hit.id).map(|list| Hit { place: *list, ..*hit });
        truth.iter().take(10).filter_map(place).collect()
    };
    let known: Vec<Vec<Hit>> = truths.iter().map(known).collect();
    let probes = |part: std::ops::Range<usize>| {
        let queries: Vec<Recall<'_>> =
            part.map(|number| Recall { query: &directions[number], truth: &known[number] }).collect();
        probes_for(&index.centres, &queries, wanted)
    };
    let measured = [("rows", 0..rows), ("texts", rows..queries.len())].into_iter().filter(|(_, part)| !part.is_empty());
    Ok(Verified {
        version: searcher.dataset().version(),
        rows: searcher.model().rows,
        lists: index.centres.count(),
        probes: index.manifest.probes,
        measured: measured.map(|(kind, part)| measure(kind, &truths[part.clone()], &found[part])).collect(),
        wanted,
        probes_for_wanted: probes(0..rows).max(probes(rows..queries.len())),
        scan_milliseconds,
        index_milliseconds,
    })
}

fn measure(kind: &'static str, truths: &[Vec<Hit>], found: &[Vec<Hit>]) -> Measured {
    let recall = |most: usize| {
        let (mut hits, mut all) = (0, 0);
        for (truth, found) in truths.iter().zip(found) {
            let found: HashSet<i64> = found.iter().take(most).map(|hit| hit.id).collect();
            all += truth.len().min(most);
            hits += truth.iter().take(most).filter(|hit| found.contains(&hit.id)).count();
        }
        hits as f64 / all.max(1) as f64
    };
    Measured {
        kind,
        queries: truths.len(),
        recall_at_1: recall(1),
        recall_at_10: recall(10),
        recall_at_100: recall(100),
    }
}
