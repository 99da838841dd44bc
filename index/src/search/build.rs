//! The index made, or brought up to date.
//!
//! Rows are read file by file, in their order, so that the same version gives the same bytes. Three passes where lists are to be
//! made: a sample, whose clusters give the centres; all rows, each into the list it belongs to; the segments. Where an index
//! is there, only rows of files that it does not cover come in, and rows of files that left go.

use super::{
    Direction, Model, damaged,
    files::{self, SEGMENT},
    forget, index,
    manifest::{Covered, Manifest},
    on_a_thread,
    segment::List,
    spill::Spill,
    tuning::{Tuning, is_chosen},
};
use crate::{
    Dataset, Error,
    table::{ActiveFile, Table},
};
use alike::nearest::{Centres, read_steps, split, train, write_steps};
use arrow_array::{Array, cast::AsArray};
use futures::TryStreamExt;
use std::sync::Arc;

/// Rows of the sample for each list.
const SAMPLE_PER_LIST: u64 = 32;

/// Rows of the dataset that the number of lists to look through is measured with.
const QUERIES: u64 = 256;

/// A list of more than so many times the usual number of rows is split.
const LONG: usize = 4;

/// Rows that are dealt out at a time.
const LOAD: usize = 8192;

/// Others may publish meanwhile now and then, but not for ever.
const ATTEMPTS: usize = 5;

/// What the index is to be.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The model whose embeddings are searched.
    pub model: Model,
    /// Recall of the ten nearest that a search is to reach.
    pub recall: f64,
    /// Queries of another kind than rows are, such as captions, that have to reach it, too.
    pub queries: Vec<Direction>,
    /// Makes the lists anew, even if those there are would do.
    pub anew: bool,
}

/// What building came to.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Built {
    /// The version it is of.
    pub version: u64,
    /// Rows in it.
    pub rows: u64,
    /// Rows that came in.
    pub added: u64,
    /// Rows that went.
    pub removed: u64,
    /// Embeddings of another length than the most have, and broken ones: they are in no list.
    pub others: u64,
    /// Lists.
    pub lists: usize,
    /// How many of them a search looks through.
    pub probes: usize,
    /// Bytes of all segments.
    pub bytes: u64,
    /// Whether the lists were made anew.
    pub anew: bool,
}

/// Makes the index of `dataset`, or brings it up to date. Killed, it leaves the index as it was.
pub async fn build(dataset: &Dataset, wanted: &Wanted) -> Result<Built, Error> {
    let store = dataset.store();
    let folder = files::folder(store)?;
    std::fs::create_dir_all(&folder).map_err(|error| damaged("", error.to_string()))?;
    let old = match Manifest::read(store).await {
        Ok(old) => old.filter(|old| !wanted.anew && old.model == wanted.model.id && can_grow(old, wanted)),
        // What cannot be read is made anew.
        Err(Error::Record { .. }) => None,
        Err(error) => return Err(error),
    };
    files::sweep(store, Manifest::read(store).await.unwrap_or_default().as_ref())?;
    let mut built = match old {
        Some(old) => match grow(dataset, old).await {
            Err(Error::Record { .. }) => make(dataset, wanted).await?,
            built => built?,
        },
        None => make(dataset, wanted).await?,
    };
    // A takedown may have gone through since the version that was read: what it took out must not come back by this way.
    for _ in 0..ATTEMPTS {
        let Some(table) = Table::open(store, None).await? else { break };
        let manifest = Manifest::read(store).await?.ok_or_else(|| gone(&folder))?;
        let kept = forget::without_missing(store, &table, manifest).await?;
        built.rows = kept.rows;
        files::sweep(store, Some(&kept))?;
        if Table::open(store, None).await?.is_some_and(|latest| latest.version() == table.version()) {
            // Whether all of it is still there.
            index::Index::open(store, kept).await.map_err(|_| gone(&folder))?;
            return Ok(built);
        }
    }
    Err(Error::Contended)
}

fn gone(folder: &std::path::Path) -> Error {
    let problem = format!("files of `{}` went while it was written", folder.display());
    Error::Search { problem, hint: "a takedown goes first: do `pinakes index` again".into() }
}

/// Whether the lists still do: a quarter more rows than they were made and measured with is the most.
fn can_grow(old: &Manifest, wanted: &Wanted) -> bool {
    let most = old.made_with + old.made_with / 4;
    let is_half_there = old.rows > 0 && old.rows >= old.made_with / 2;
    (old.recall - wanted.recall).abs() < f64::EPSILON && wanted.model.rows <= most && is_half_there
}

/// Makes lists and puts all rows into them.
async fn make(dataset: &Dataset, wanted: &Wanted) -> Result<Built, Error> {
    let model = &wanted.model.id;
    let all = dataset.samples().files()?;
    let lists = lists_for(wanted.model.rows);
    let (mut sample, dimension) = sample(dataset, wanted, &all, lists as u64 * SAMPLE_PER_LIST + QUERIES).await?;
    // In an order of chance, whatever the order of the table; queries are no part of what centres are made of.
    sample.sort_by_key(|(id, _)| (super::chance(*id), *id));
    let queries = sample.split_off(sample.len() - (sample.len() / 8).min(usize::try_from(QUERIES).unwrap_or(0)));
    // Row by row, so that they are not held twice.
    let sample: Vec<i16> = sample.into_iter().flat_map(|(_, row)| row.steps().to_vec()).collect();
    let sampled = (sample.len() / dimension.max(1)) as u64;
    let (centres, counts) = on_a_thread(move || {
        let centres = train(dimension, &sample, lists);
        let mut counts = vec![0_u64; centres.count()];
        centres.assign(&sample).into_iter().for_each(|list| counts[list as usize] += 1);
        (centres, counts)
    })
    .await?;
    let bytes_per_sampled = wanted.model.rows / sampled.max(1) * (2 * dimension as u64 + 12);
    let (places, segments) = places(&counts, bytes_per_sampled.max(1));
    let mut spill = Spill::new(files::folder(dataset.store())?, dimension, places, segments.len());
    let own_queries: Vec<Direction> =
        wanted.queries.iter().filter(|query| query.dimension() == dimension).cloned().collect();
    let mut tuning = Some(Tuning::new(queries, &own_queries));
    let mut manifest = Manifest::new(model, dimension);
    manifest.recall = wanted.recall;
    let centres = Arc::new(centres);
    let mut others = 0;
    for (number, file) in (0..).zip(&all) {
        others += deal(dataset, file, number, &manifest, &centres, &mut spill, &mut tuning).await?;
        manifest.files.push(Covered::of(number, file));
    }
    let usual = usize::try_from(wanted.model.rows).unwrap_or(usize::MAX) / centres.count().max(1);
    for (segment, lists) in segments.iter().enumerate() {
        let mut lists = vec![List::default(); *lists];
        spill.take(segment, &mut lists)?;
        let lists = on_a_thread(move || split_long(dimension, lists, usual.max(1))).await?;
        manifest.segments.extend(files::put(dataset.store(), dimension, &lists).await?);
    }
    manifest.count();
    manifest.made_with = manifest.rows;
    manifest.version = dataset.version();
    if let Some(tuned) = tuning.take().map(Tuning::done) {
        let (recall, opened) = (wanted.recall, index::Index::open(dataset.store(), manifest.clone()).await?);
        let lists = opened.lists_of(&tuned.ids()).await?;
        manifest.probes = on_a_thread(move || tuned.probes(&opened.centres, &lists, recall)).await?;
    }
    manifest.write(dataset.store()).await?;
    Ok(told(&manifest, others, manifest.rows, 0, true))
}

/// Lists as long as they usually are, but for those that are up to four times as long.
fn split_long(dimension: usize, lists: Vec<List>, usual: usize) -> Vec<List> {
    let mut all: Vec<List> = Vec::new();
    for list in lists {
        let pieces = list.ids.len() / usual;
        if pieces <= LONG {
            all.push(list);
            continue;
        }
        let mut steps = Vec::with_capacity(list.bytes.len() / 2);
        read_steps(&list.bytes, &mut steps);
        let first = all.len();
        all.resize(first + pieces, List::default());
        let rows = list.ids.iter().zip(&list.files).zip(list.bytes.chunks_exact(2 * dimension));
        for (((id, file), direction), place) in rows.zip(split(dimension, &steps, pieces)) {
            all[first + place as usize].push(*id, *file, direction);
        }
    }
    all
}

/// Brings an index up to date.
async fn grow(dataset: &Dataset, old: Manifest) -> Result<Built, Error> {
    let mut manifest = old;
    let opened = index::Index::open(dataset.store(), manifest.clone()).await?;
    let files = dataset.samples().files()?;
    let gone = manifest.take_off_missing(&files);
    let new = manifest.uncovered(&files);
    let places = manifest.segments.iter().enumerate();
    let places = places.flat_map(|(segment, file)| (0..file.lists).map(move |list| (segment, list))).collect();
    let folder = files::folder(dataset.store())?;
    let mut spill = Spill::new(folder, manifest.dimension, places, manifest.segments.len());
    let centres = Arc::new(opened.centres);
    let first = manifest.files.iter().map(|file| file.number + 1).max().unwrap_or(0);
    let mut others = 0;
    for (number, file) in (first..).zip(&new) {
        others += deal(dataset, file, number, &manifest, &centres, &mut spill, &mut None).await?;
        manifest.files.push(Covered::of(number, file));
    }
    let (mut segments, mut removed) = (Vec::new(), 0);
    for (number, file) in manifest.segments.iter().enumerate() {
        let mut lists = files::lists(dataset.store(), file, manifest.dimension).await?;
        for list in &mut lists {
            removed += list.forget(&gone, manifest.dimension);
        }
        spill.take(number, &mut lists)?;
        // What does not change has the name that it had.
        segments.extend(files::put(dataset.store(), manifest.dimension, &lists).await?);
    }
    let before = manifest.rows;
    manifest.segments = segments;
    manifest.count();
    manifest.version = dataset.version();
    manifest.write(dataset.store()).await?;
    Ok(told(&manifest, others, manifest.rows + removed - before, removed, false))
}

fn told(manifest: &Manifest, others: u64, added: u64, removed: u64, anew: bool) -> Built {
    Built {
        version: manifest.version,
        rows: manifest.rows,
        added,
        removed,
        others,
        lists: manifest.segments.iter().map(|segment| segment.lists).sum(),
        probes: manifest.probes,
        bytes: manifest.segments.iter().map(|segment| segment.bytes).sum(),
        anew,
    }
}

/// Rows that a list has at least, on average.
const LEAST_IN_LIST: u64 = 32;

/// Eight times the square root: to hold a query against a centre costs a fraction of what a row does, which comes out of memory.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a root of a count, bounded")]
fn lists_for(rows: u64) -> usize {
    let most = usize::try_from(rows / LEAST_IN_LIST).unwrap_or(usize::MAX);
    ((8.0 * (rows as f64).sqrt()) as usize).min(most).clamp(1, 65_536)
}

/// Which segment each list goes into, and how many lists each segment has, by how many of the sample are in each.
fn places(counts: &[u64], bytes_each: u64) -> (Vec<(usize, usize)>, Vec<usize>) {
    let (mut places, mut segments, mut bytes) = (Vec::new(), vec![0], 0);
    for count in counts {
        if bytes > SEGMENT {
            segments.push(0);
            bytes = 0;
        }
        let segment = segments.len() - 1;
        places.push((segment, segments[segment]));
        segments[segment] += 1;
        bytes += count * bytes_each;
    }
    (places, segments)
}

/// About `wanted` rows, those whose ids say so, and how many numbers their embeddings have.
async fn sample(
    dataset: &Dataset,
    wanted: &Wanted,
    all: &[ActiveFile],
    rows: u64,
) -> Result<(Vec<(i64, Direction)>, usize), Error> {
    let mut sample: Vec<(i64, Direction)> = Vec::new();
    for file in all {
        let mut batches = dataset.samples().rows_of(file, Some(&["id", "embedding", "model"])).await?;
        while let Some(batch) = batches.try_next().await? {
            let models = batch.column(2).as_string::<i32>();
            let chosen: Vec<bool> = (0..batch.num_rows()).map(|row| models.value(row) == wanted.model.id).collect();
            for (id, embedding) in embeddings_of(&batch, &chosen) {
                if is_chosen(id, rows, wanted.model.rows) {
                    sample.extend(Direction::read(embedding).map(|direction| (id, direction)));
                }
            }
        }
    }
    // Of several lengths the commonest is the model's own.
    let mut lengths: std::collections::BTreeMap<usize, usize> = std::collections::BTreeMap::new();
    for (_, row) in &sample {
        *lengths.entry(row.dimension()).or_default() += 1;
    }
    let dimension = lengths.into_iter().max_by_key(|(_, count)| *count).map_or(0, |(length, _)| length);
    sample.retain(|(_, row)| row.dimension() == dimension);
    if sample.is_empty() {
        let problem = format!("no embedding of `{}` can be read", wanted.model.id);
        return Err(Error::Search { problem, hint: "score with `score.embeddings = true`, and publish again".into() });
    }
    Ok((sample, dimension))
}

/// Ids and embeddings of the rows of a batch that are `chosen`.
fn embeddings_of<'a>(batch: &'a arrow_array::RecordBatch, chosen: &'a [bool]) -> impl Iterator<Item = (i64, &'a [u8])> {
    let ids = batch.column(0).as_primitive::<arrow_array::types::Int64Type>();
    let embeddings = batch.column(1).as_binary::<i32>();
    let rows = (0..batch.num_rows()).filter(move |row| chosen[*row] && embeddings.is_valid(*row));
    rows.map(move |row| (ids.value(row), embeddings.value(row)))
}

/// Deals the rows of a data file out among the lists; gives how many have no place in any.
async fn deal(
    dataset: &Dataset,
    file: &ActiveFile,
    number: u32,
    manifest: &Manifest,
    centres: &Arc<Centres>,
    spill: &mut Spill,
    tuning: &mut Option<Tuning>,
) -> Result<u64, Error> {
    let mut batches = dataset.samples().rows_of(file, Some(&["id", "embedding", "model"])).await?;
    let (mut ids, mut steps, mut others) = (Vec::new(), Vec::new(), 0);
    loop {
        let batch = batches.try_next().await?;
        if let Some(batch) = &batch {
            let models = batch.column(2).as_string::<i32>();
            let chosen: Vec<bool> = (0..batch.num_rows()).map(|row| models.value(row) == manifest.model).collect();
            for (id, embedding) in embeddings_of(batch, &chosen) {
                match Direction::read(embedding).filter(|row| row.dimension() == manifest.dimension) {
                    Some(direction) => {
                        ids.push(id);
                        steps.extend_from_slice(direction.steps());
                    }
                    None => others += 1,
                }
            }
        }
        if ids.len() >= LOAD || batch.is_none() {
            let (rows, of, load) = (std::mem::take(&mut steps), Arc::clone(centres), std::mem::take(&mut ids));
            let mut measured = tuning.take();
            let (lists, load, bytes, measured) = on_a_thread(move || {
                let lists = of.assign(&rows);
                let mut bytes = Vec::with_capacity(2 * rows.len());
                write_steps(&rows, &mut bytes);
                if let Some(tuning) = &mut measured {
                    tuning.see(&load, &bytes);
                }
                (lists, load, bytes, measured)
            })
            .await?;
            *tuning = measured;
            for ((id, list), row) in load.into_iter().zip(lists).zip(bytes.chunks_exact(2 * manifest.dimension)) {
                spill.push(list, id, number, row)?;
            }
        }
        if batch.is_none() {
            return Ok(others);
        }
    }
}
