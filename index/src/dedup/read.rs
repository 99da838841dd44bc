//! What is read of the samples: of every row some thirty bytes, of those that may be alike their embeddings, so many at a
//! time.

use super::{COLUMN, failed};
use crate::{Error, table::Table};
use alike::{Cosines, Embedding, Member, Neighbourhoods, Picture};
use arrow_array::{
    Array, RecordBatch,
    cast::AsArray,
    types::{Int32Type, Int64Type},
};
use futures::TryStreamExt;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// Embeddings held at a time: 1 GiB of such as have 512 numbers. For more, the column is read again.
const EMBEDDINGS: usize = 1 << 20;

/// All samples of a table, in the order of its files.
pub(super) struct Rows {
    /// What is held of each.
    pub(super) pictures: Vec<Picture>,
    /// How many there are to the end of each file.
    pub(super) ends: Vec<usize>,
    /// What is marked now: ids, and those of the clusters they are in.
    pub(super) marked: HashMap<i64, i64>,
}

impl Rows {
    pub(super) async fn of(table: &Table) -> Result<Self, Error> {
        let mut rows = Self { pictures: Vec::new(), ends: Vec::new(), marked: HashMap::new() };
        let has_marks = table.schema()?.column_with_name(COLUMN).is_some();
        let columns = ["id", "phash", "width", "height", COLUMN];
        let columns = if has_marks { &columns[..] } else { &columns[..4] };
        for file in table.files()? {
            let mut batches = table.rows_of(&file, Some(columns)).await?;
            while let Some(batch) = batches.try_next().await? {
                rows.add(&batch);
            }
            rows.ends.push(rows.pictures.len());
        }
        // Places are numbers of 32 bits.
        if u32::try_from(rows.pictures.len()).is_err() {
            let problem = format!("{} samples are more than can be searched at once", rows.pictures.len());
            return Err(Error::Record { name: table.store().url().to_string(), problem });
        }
        Ok(rows)
    }

    fn add(&mut self, batch: &RecordBatch) {
        let (ids, hashes) = (batch.column(0).as_primitive::<Int64Type>(), batch.column(1).as_primitive::<Int64Type>());
        let [widths, heights] = [2, 3].map(|column| batch.column(column).as_primitive::<Int32Type>());
        let marks = batch.columns().get(4).map(AsArray::as_primitive::<Int64Type>);
        for row in 0..batch.num_rows() {
            self.pictures.push(Picture {
                id: ids.value(row),
                phash: hashes.value(row).cast_unsigned(),
                width: widths.value(row).unsigned_abs(),
                height: heights.value(row).unsigned_abs(),
            });
            if let Some(marks) = marks.filter(|marks| marks.is_valid(row)) {
                self.marked.insert(ids.value(row), marks.value(row));
            }
        }
    }
}

/// The members of all clusters among `neighbourhoods`, whose places go on to `ends` in the files of `table`.
pub(super) async fn members(
    table: &Table,
    ends: &[usize],
    neighbourhoods: &Arc<Neighbourhoods>,
    least: Cosines,
) -> Result<Vec<Member>, Error> {
    let mut sets = neighbourhoods.sets().into_iter().peekable();
    let mut members = Vec::new();
    while sets.peek().is_some() {
        let (mut load, mut wanted) = (Vec::new(), Vec::new());
        while let Some(set) = sets.next_if(|set| wanted.is_empty() || wanted.len() + set.len() <= EMBEDDINGS) {
            wanted.extend_from_slice(&set);
            load.push(set);
        }
        wanted.sort_unstable();
        let known = embeddings(table, ends, &wanted).await?;
        let neighbourhoods = Arc::clone(neighbourhoods);
        let judge = move || {
            let cosine = |one: u32, other: u32| {
                let (one, other) = (known.get(&one)?, known.get(&other)?);
                // Numbers of two models do not compare.
                (one.model == other.model).then(|| one.embedding.cosine(&other.embedding))?
            };
            load.iter().flat_map(|set| neighbourhoods.clusters(set, least, cosine)).collect::<Vec<_>>()
        };
        members.extend(tokio::task::spawn_blocking(judge).await.map_err(|error| failed(&error))?);
    }
    Ok(members)
}

/// An embedding, and the number of the model that made it.
struct Known {
    model: usize,
    embedding: Embedding,
}

/// The embeddings of the rows at `wanted` places, which ascend, where there are any.
async fn embeddings(table: &Table, ends: &[usize], wanted: &[u32]) -> Result<HashMap<u32, Known>, Error> {
    let mut models: BTreeMap<String, usize> = BTreeMap::new();
    let mut known = HashMap::new();
    let mut wanted = wanted.iter().copied().peekable();
    for (file, (begin, end)) in table.files()?.iter().zip(std::iter::once(&0).chain(ends).zip(ends)) {
        if wanted.peek().is_none_or(|place| *place as usize >= *end) {
            continue;
        }
        let mut begin = *begin;
        let mut batches = table.rows_of(file, Some(&["embedding", "model"])).await?;
        while let Some(batch) = batches.try_next().await? {
            let (embeddings, names) = (batch.column(0).as_binary::<i32>(), batch.column(1).as_string::<i32>());
            while let Some(place) = wanted.next_if(|place| (*place as usize) < begin + batch.num_rows()) {
                let row = place as usize - begin;
                if embeddings.is_null(row) {
                    continue;
                }
                let Some(embedding) = Embedding::read(embeddings.value(row)) else { continue };
                let number = models.len();
                let model = *models.entry(names.value(row).to_owned()).or_insert(number);
                known.insert(place, Known { model, embedding });
            }
            begin += batch.num_rows();
        }
    }
    Ok(known)
}
