//! One's own pictures among the samples: the same bytes, the same looks, or near by embedding. One pass over the samples.

use super::entry::{Entry, EntryKind};
use crate::{Dataset, Error, table::ActiveFile};
use alike::{CROWD, Embedding};
use arrow_array::{Array, RecordBatch, cast::AsArray, types::Int64Type};
use futures::TryStreamExt;
use serde::Serialize;
use std::cmp::Ordering;

/// Bits that are set in the hash of a picture that has something in it: half of 64, but for values that are the same. In
/// the hash of a flat one hardly any are, or nearly all.
const SOMETHING_IN_IT: std::ops::RangeInclusive<u32> = 20..=44;

/// Most that is told of one picture, beside the same bytes.
const MOST: usize = 200;

/// Whether a perceptual hash, as lists have it, is that of a picture with nothing in it: it would name all such pictures.
pub fn is_flat(phash: &str) -> bool {
    let digits = phash.split('/').next().unwrap_or_default().trim();
    u64::from_str_radix(digits, 16).is_ok_and(|hash| !SOMETHING_IN_IT.contains(&hash.count_ones()))
}

/// A picture of somebody's own.
#[derive(Clone, Debug)]
pub struct Own {
    /// Its file's name.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Its perceptual hash.
    pub phash: i64,
    /// Its embedding as the dataset keeps such, if a model was asked.
    pub embedding: Option<Vec<u8>>,
}

/// What counts as alike.
#[derive(Clone, Debug)]
pub struct Likeness {
    /// Most bits in which perceptual hashes differ.
    pub max_distance: u32,
    /// Least cosine of embeddings.
    pub min_cosine: f32,
    /// The model that the embeddings are of, as the column `model` has it.
    pub model: Option<String>,
}

/// How a sample was found to be alike, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// The same bytes.
    Bytes,
    /// Hashes that differ in few bits.
    Looks,
    /// Embeddings that are near each other.
    Embedding,
}

/// A sample that is alike.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Like {
    /// How it was found.
    pub by: By,
    /// Bits in which the hashes differ.
    pub distance: u32,
    /// Cosine of the embeddings, where both have one of the same model.
    pub cosine: Option<f32>,
    /// The row's id.
    pub id: i64,
    /// Where it lies.
    pub url: String,
    /// The page it stands on; empty where it is not known.
    pub page_url: String,
    /// The row's text.
    pub text: String,
}

/// What was found of one picture.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Likes {
    /// The picture.
    pub name: String,
    /// The strongest first.
    pub found: Vec<Like>,
    /// More that were found, and are weaker than all of these.
    pub more: u64,
    /// Samples near by hash that are not told of: the picture is flat, or so many share its hash, that the hash says nothing.
    pub hash_says_nothing: u64,
    /// Samples whose embeddings could be compared with it.
    pub compared: u64,
}

impl Like {
    /// The row as an entry, should somebody find that it is meant.
    pub fn entry(&self) -> Entry {
        Entry { kind: EntryKind::Id, value: format!("{} {}", self.id, self.url) }
    }

    fn order(&self, other: &Self) -> Ordering {
        let cosine = |like: &Self| like.cosine.unwrap_or(-1.0);
        let by_strength = (self.by, self.distance_of_looks()).cmp(&(other.by, other.distance_of_looks()));
        by_strength
            .then(cosine(other).total_cmp(&cosine(self)))
            .then(self.id.cmp(&other.id))
            .then(self.url.cmp(&other.url))
    }

    /// Of those near by embedding alone the hash says nothing.
    fn distance_of_looks(&self) -> u32 {
        if self.by == By::Looks { self.distance } else { 0 }
    }
}

/// Finds `own` pictures, and what is alike to them, among the samples; in the order of `own`.
pub async fn find_pictures(dataset: &Dataset, own: &[Own], likeness: &Likeness) -> Result<Vec<Likes>, Error> {
    let mut search = Search::of(own, likeness);
    let table = dataset.samples();
    for file in table.files()? {
        search.file(dataset, &file).await?;
    }
    Ok(search.end())
}

struct Search<'a> {
    own: Vec<(&'a Own, Option<Embedding>)>,
    likeness: &'a Likeness,
    likes: Vec<Likes>,
    /// How many samples have a hash that is near, by picture.
    near: Vec<usize>,
}

impl<'a> Search<'a> {
    fn of(own: &'a [Own], likeness: &'a Likeness) -> Self {
        let embedding = |own: &Own| own.embedding.as_deref().and_then(Embedding::read);
        Self {
            own: own.iter().map(|own| (own, embedding(own))).collect(),
            likeness,
            likes: own.iter().map(|own| Likes { name: own.name.clone(), ..Likes::default() }).collect(),
            near: vec![0; own.len()],
        }
    }

    async fn file(&mut self, dataset: &Dataset, file: &ActiveFile) -> Result<(), Error> {
        let columns = ["id", "url", "page_url", "text", "sha256", "phash", "model", "embedding"];
        let columns = if self.likeness.model.is_some() { &columns[..] } else { &columns[..6] };
        let mut batches = dataset.samples().rows_of(file, Some(columns)).await?;
        while let Some(batch) = batches.try_next().await? {
            for row in 0..batch.num_rows() {
                self.row(&batch, row);
            }
        }
        Ok(())
    }

    fn row(&mut self, batch: &RecordBatch, row: usize) {
        let text = |column: usize| batch.column(column).as_string::<i32>().value(row);
        let number = |column: usize| batch.column(column).as_primitive::<Int64Type>().value(row);
        let (sha256, phash, embedding) = (text(4), number(5), self.embedding(batch, row));
        for (place, (own, its)) in self.own.iter().enumerate() {
            let distance = (own.phash ^ phash).count_ones();
            let cosine = its.as_ref().zip(embedding.as_ref()).and_then(|(one, other)| one.cosine(other));
            let likes = &mut self.likes[place];
            likes.compared += u64::from(cosine.is_some());
            let is_near = distance <= self.likeness.max_distance;
            let by = if own.sha256 == sha256 {
                By::Bytes
            } else if cosine.is_some_and(|cosine| cosine >= self.likeness.min_cosine) && !is_near {
                By::Embedding
            } else if is_near {
                self.near[place] += 1;
                By::Looks
            } else {
                continue;
            };
            let (id, url, page_url) = (number(0), text(1).to_owned(), text(2).to_owned());
            likes.found.push(Like { by, distance, cosine, id, url, page_url, text: text(3).to_owned() });
            if likes.found.len() > 8 * MOST {
                likes.shorten();
            }
        }
    }

    fn embedding(&self, batch: &RecordBatch, row: usize) -> Option<Embedding> {
        const MODEL: usize = 6;
        const EMBEDDING: usize = 7;
        let model = self.likeness.model.as_ref()?;
        let is_its = batch.column(MODEL).as_string::<i32>().value(row) == model;
        let column = batch.column(EMBEDDING).as_binary_opt::<i32>()?;
        (is_its && column.is_valid(row)).then(|| Embedding::read(column.value(row))).flatten()
    }

    fn end(self) -> Vec<Likes> {
        let Self { own, likeness, mut likes, near } = self;
        for ((own, _), (likes, near)) in own.iter().zip(likes.iter_mut().zip(near)) {
            let is_flat = |phash: i64| !SOMETHING_IN_IT.contains(&phash.count_ones());
            let crowd = near > CROWD || is_flat(own.phash);
            if crowd {
                // What the embedding confirms stays, whatever the hash.
                let confirmed = |like: &Like| like.cosine.is_some_and(|cosine| cosine >= likeness.min_cosine);
                likes.found.retain(|like| like.by != By::Looks || confirmed(like));
                let left = likes.found.iter().filter(|like| like.by == By::Looks).count();
                likes.hash_says_nothing = near.saturating_sub(left) as u64;
                likes.more = 0;
            }
            likes.shorten();
        }
        likes
    }
}

impl Likes {
    /// Keeps the same bytes, and the strongest of the others.
    fn shorten(&mut self) {
        self.found.sort_by(Like::order);
        let same = self.found.iter().filter(|like| like.by == By::Bytes).count();
        let most = same + MOST;
        self.more += self.found.len().saturating_sub(most) as u64;
        self.found.truncate(most);
    }
}
