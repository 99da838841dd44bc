//! Who decides about a subset's rows.

use super::FoundInSubset;
use crate::{
    Dataset, Error,
    optout::{
        Hit, Named,
        named::{Facts, Hosts},
    },
};
use arrow_array::{cast::AsArray, types::Int64Type};
use futures::TryStreamExt;
use std::{
    collections::{BTreeMap, HashSet},
    hash::{BuildHasher, RandomState},
};

/// Which rows are named, and which are gone from the dataset.
pub(super) struct Judge<'a> {
    named: &'a Named,
    hosts: Hosts,
    current: Option<Current>,
    found: BTreeMap<Hit, u64>,
    /// Ids of rows that were named in files that know more of them than their uid.
    ids: HashSet<i64>,
    /// Whether the file at hand is one whose rows count: others tell of the same rows once more.
    counts: bool,
}

/// What the dataset holds now. Of addresses a hash of 64 bits is enough: two in 10¹² of them fall together.
pub(super) struct Current {
    ids: HashSet<i64>,
    urls: HashSet<u64>,
    hasher: RandomState,
}

impl Current {
    pub(super) async fn of(dataset: &Dataset) -> Result<Self, Error> {
        let (mut ids, mut urls, hasher) = (HashSet::new(), HashSet::new(), RandomState::new());
        for file in dataset.samples().files()? {
            let mut batches = dataset.samples().rows_of(&file, Some(&["id", "url"])).await?;
            while let Some(batch) = batches.try_next().await? {
                ids.extend(batch.column(0).as_primitive::<Int64Type>().values());
                urls.extend(batch.column(1).as_string::<i32>().iter().flatten().map(|url| hasher.hash_one(url)));
            }
        }
        Ok(Self { ids, urls, hasher })
    }

    fn has(&self, facts: &Facts<'_>) -> bool {
        match facts.id {
            Some(id) => self.ids.contains(&id),
            None => self.urls.contains(&self.hasher.hash_one(facts.url)),
        }
    }
}

impl<'a> Judge<'a> {
    pub(super) fn new(named: &'a Named, current: Option<Current>) -> Self {
        Self { named, hosts: Hosts::default(), current, found: BTreeMap::new(), ids: HashSet::new(), counts: true }
    }

    /// Whether a row is to go. `knows_page` says whether its page would be known if it had one.
    pub(super) fn names(&mut self, facts: &Facts<'_>, knows_page: bool) -> bool {
        let listed = facts.url.is_empty() && facts.id.is_some_and(|id| self.ids.contains(&id));
        let hit = self.named.hit(facts, &mut self.hosts);
        let is_gone = || !knows_page && self.current.as_ref().is_some_and(|current| !current.has(facts));
        let hit = match hit {
            Some(hit) => Some(hit),
            // Counted where more was known of it.
            None if listed => return true,
            None => is_gone().then(|| Hit {
                kind: "gone".to_owned(),
                value: "no longer in the dataset".to_owned(),
                place: String::new(),
            }),
        };
        let Some(hit) = hit else { return false };
        if self.counts {
            *self.found.entry(hit).or_default() += 1;
        }
        self.ids.extend(facts.id);
        true
    }

    /// Whether rows count from now on.
    pub(super) fn count(&mut self, counts: bool) {
        self.counts = counts;
    }

    /// What was found, and forgets it.
    pub(super) fn found(&mut self) -> Vec<FoundInSubset> {
        std::mem::take(&mut self.found).into_iter().map(FoundInSubset::from).collect()
    }
}
