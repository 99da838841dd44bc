//! Rows of fetched pictures in, scored samples out: the score stage's work on one shard.

use crate::{
    Backend, Error, Model,
    decode::{self, Decoded, Pixels},
    heads::{Column, HeadScores, LiveHeads},
    parallel,
    phash::{self, phash},
    preprocess::Preprocess,
    rules::{self, Facts},
    runtime::{self, Encoder, Row},
    sample::{self, Findings},
    store::{self, Plan},
    tags::Tagger,
    tokenize::TextTokenizer,
};
use schema::{Fetch, Fetched, Keep, Mode, Score, Scored};
use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
};

/// How consent was established in this run; goes into every row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// How strictly signals were read.
    pub mode: Mode,
    /// Version of the policy and its tables.
    pub policy: String,
}

/// What became of one row.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Scored; the rules may have dropped it.
    Scored(Box<Scored>),
    /// The picture cannot be decoded, and why: [`schema::DropReason`] `Undecodable`.
    Undecodable(Box<Fetched>, String),
}

/// A model at work.
pub struct Scorer {
    image: Encoder,
    text: Encoder,
    tokenizer: TextTokenizer,
    /// Whether texts go in as they are, not filled up.
    free_length: bool,
    preprocess: Preprocess,
    heads: LiveHeads,
    tagger: Tagger,
    backend: Backend,
    id: String,
    is_demo: bool,
    dimension: usize,
    similarity: Option<f32>,
    batch: usize,
    embeddings: bool,
}

/// What is left of a picture once it is decoded; the full pixels are let go.
struct Prepared {
    width: u32,
    height: u32,
    phash: i64,
    square: Pixels,
    stored: Option<Vec<u8>>,
    exif: Option<String>,
}

impl Scorer {
    /// Opens the model and the runtime that `score` names. `search` are folders to look through
    /// for ONNX Runtime, see [`runtime::default_search`].
    pub fn open(score: &Score, search: &[PathBuf]) -> Result<Self, Error> {
        let model = Model::open(&score.model)?;
        let runtime = runtime::load(&score.onnxruntime, search)?;
        let dimension = model.spec.dimension;
        let (image, text) = (&model.spec.image, &model.spec.text);
        // The embedded backend wants to know all lengths beforehand.
        let free_length = text.free_length && runtime.backend.library.is_some();
        let image = runtime::Names { file: &image.file, input: &image.input, output: &image.output, length: 3 };
        let text = runtime::Names { file: &text.file, input: &text.input, output: &text.output, length: text.context };
        let mut scorer = Self {
            image: Encoder::open(runtime, &model.image, &image, dimension)?,
            text: Encoder::open(runtime, &model.text, &text, dimension)?,
            preprocess: model.preprocess(),
            backend: runtime.backend.clone(),
            tokenizer: model.tokenizer,
            free_length,
            heads: LiveHeads::open(model.heads, runtime, dimension)?,
            tagger: Tagger::default(),
            id: model.id,
            is_demo: model.is_demo,
            dimension,
            similarity: model.spec.thresholds.similarity,
            batch: score.batch.max(1),
            embeddings: score.embeddings,
        };
        scorer.tagger = Tagger::open(&score.tags, |prompts| scorer.encode_texts(prompts))?;
        Ok(scorer)
    }

    /// The runtime at work.
    pub fn backend(&self) -> &Backend {
        &self.backend
    }

    /// Name and digest of the model: `demo@1f2e3d4c`.
    pub fn model_id(&self) -> &str {
        &self.id
    }

    /// Whether it is the embedded model, whose scores are for show.
    pub fn is_demo(&self) -> bool {
        self.is_demo
    }

    /// Numbers in an embedding.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// The least similarity kept where `[keep]` names none, if the model has one.
    pub fn default_similarity(&self) -> Option<f32> {
        self.similarity
    }

    /// Refuses thresholds for scores that this model does not give, and to go without a threshold of similarity: every
    /// row would be dropped.
    pub fn check(&self, keep: &Keep) -> Result<(), Error> {
        if keep.min_similarity.or(self.similarity).is_none() {
            return Err(Error::NoThreshold { model: self.id.clone() });
        }
        let missing = |key: String| Err(Error::NoHead { key, model: self.id.clone() });
        if keep.min_aesthetic.is_some() && !self.heads.fill(Column::Aesthetic) {
            return missing("keep.min_aesthetic".into());
        }
        if keep.max_unsafe.is_some() && !self.heads.fill(Column::Punsafe) {
            return missing("keep.max_unsafe".into());
        }
        for (key, scores) in [("keep.min_scores", &keep.min_scores), ("keep.max_scores", &keep.max_scores)] {
            if let Some(name) = scores.keys().find(|name| !self.heads.give(name)) {
                return missing(format!("{key}.{name}"));
            }
        }
        Ok(())
    }

    /// Scores rows; one outcome a row, in their order. A picture that cannot be decoded fails
    /// alone. What a row gets does not depend on the rows beside it.
    pub fn score(
        &mut self,
        rows: Vec<Fetched>,
        keep: &Keep,
        fetch: &Fetch,
        stamp: &Stamp,
    ) -> Result<Vec<Outcome>, Error> {
        let mut outcomes = Vec::with_capacity(rows.len());
        let mut rows = rows.into_iter();
        loop {
            let batch: Vec<Fetched> = rows.by_ref().take(self.batch).collect();
            if batch.is_empty() {
                return Ok(outcomes);
            }
            self.score_batch(batch, keep, fetch, stamp, &mut outcomes)?;
        }
    }

    /// The embedding of a text, for search.
    pub fn encode_text(&mut self, text: &str) -> Result<Vec<f32>, Error> {
        Ok(self.encode_texts(&[text])?.pop().unwrap_or_default())
    }

    /// The embeddings of texts, in their order.
    pub fn encode_texts(&mut self, texts: &[impl AsRef<str>]) -> Result<Vec<Vec<f32>>, Error> {
        let ids = texts.iter().map(|text| self.ids(text.as_ref())).collect::<Result<Vec<_>, _>>()?;
        let rows: Vec<_> = ids.iter().map(|ids| Row { shape: vec![ids.len()], values: ids }).collect();
        self.text.encode(&rows)
    }

    /// The embedding of a picture, for search.
    pub fn encode_pixels(&mut self, pixels: &Pixels) -> Result<Vec<f32>, Error> {
        let square = self.preprocess.square(pixels);
        Ok(self.encode_squares(&[&square])?.pop().unwrap_or_default())
    }

    /// The embeddings of pictures of the encoder's own size, in their order.
    pub fn encode_squares(&mut self, squares: &[&Pixels]) -> Result<Vec<Vec<f32>>, Error> {
        let side = self.preprocess.size as usize;
        let mut values = Vec::with_capacity(squares.len() * 3 * side * side);
        for square in squares {
            debug_assert_eq!((square.width as usize, square.height as usize), (side, side));
            self.preprocess.append(square, &mut values);
        }
        let rows: Vec<_> =
            values.chunks_exact(3 * side * side).map(|values| Row { shape: vec![3, side, side], values }).collect();
        self.image.encode(&rows)
    }

    fn score_batch(
        &mut self,
        rows: Vec<Fetched>,
        keep: &Keep,
        fetch: &Fetch,
        stamp: &Stamp,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<(), Error> {
        let preprocess = self.preprocess;
        let prepared = parallel::map(&rows, |row| prepare(row, preprocess, keep, fetch));
        let readable: Vec<_> =
            rows.iter().zip(&prepared).filter_map(|(row, it)| Some((row, it.as_ref().ok()?))).collect();
        let squares: Vec<&Pixels> = readable.iter().map(|(_, prepared)| &prepared.square).collect();
        let mut pictures = self.encode_squares(&squares)?.into_iter();
        let texts = self.encode_distinct(readable.iter().map(|(row, _)| row.candidate.text.as_str()))?;
        for (row, prepared) in rows.into_iter().zip(prepared) {
            outcomes.push(match prepared {
                Err(problem) => Outcome::Undecodable(Box::new(row), problem),
                Ok(prepared) => {
                    let picture = pictures.next().unwrap_or_default();
                    let text = texts.get(&row.candidate.text).map_or(&[][..], Vec::as_slice);
                    Outcome::Scored(Box::new(self.scored(row, prepared, (&picture, text), keep, stamp)?))
                }
            });
        }
        Ok(())
    }

    /// Puts one row together and holds it against the rules.
    fn scored(
        &mut self,
        row: Fetched,
        prepared: Prepared,
        (picture, text): (&[f32], &[f32]),
        keep: &Keep,
        stamp: &Stamp,
    ) -> Result<Scored, Error> {
        let HeadScores { aesthetic, punsafe, others: scores } = self.heads.score(picture, &prepared.square)?;
        let similarity = sample::cosine(picture, text);
        let (width, height) = (prepared.width, prepared.height);
        let language = row.candidate.language.as_deref();
        let facts = Facts { width, height, similarity, language, aesthetic, punsafe, scores: &scores };
        let dropped = rules::decide(keep, self.similarity.unwrap_or(f32::NAN), &facts);
        let image = prepared.stored;
        let embedding = self.embeddings.then(|| sample::half_precision(picture));
        let model = self.id.clone();
        let (phash, exif) = (prepared.phash, prepared.exif);
        let tags = self.tagger.tags(picture);
        let findings = Findings {
            width,
            height,
            phash,
            exif,
            similarity,
            aesthetic,
            punsafe,
            scores,
            tags,
            model,
            embedding,
            image,
        };
        Ok(Scored { sample: sample::sample(row, findings, stamp), dropped })
    }

    /// Each distinct text once.
    fn encode_distinct<'a>(
        &mut self,
        texts: impl Iterator<Item = &'a str>,
    ) -> Result<HashMap<String, Vec<f32>>, Error> {
        let mut met = HashSet::new();
        let distinct: Vec<&str> = texts.filter(|text| met.insert(*text)).collect();
        let embeddings = self.encode_texts(&distinct)?;
        Ok(distinct.into_iter().map(str::to_owned).zip(embeddings).collect())
    }

    fn ids(&self, text: &str) -> Result<Vec<i64>, Error> {
        if self.free_length { self.tokenizer.own_ids(text) } else { self.tokenizer.encode(text) }
    }
}

/// All that needs the pixels. As many are decoded as the most demanding use can do with.
fn prepare(row: &Fetched, preprocess: Preprocess, keep: &Keep, fetch: &Fetch) -> Result<Prepared, String> {
    let scale_of = |width, height| {
        let stored = Plan::of(fetch, width, height).map_or(0.0, |plan| plan.scale());
        preprocess.scale(width, height).max(phash::scale(width, height)).max(stored)
    };
    let decoded = decode::decode_for(&row.body, fetch.max_pixels, scale_of).map_err(|error| error.to_string())?;
    let Decoded { pixels, width, height, .. } = &decoded;
    let is_kept = rules::shape(keep, *width, *height).is_none();
    let stored = if is_kept { store::stored(&decoded, &row.body, fetch)? } else { None };
    let (width, height, phash, square) = (*width, *height, phash(pixels), preprocess.square(pixels));
    Ok(Prepared { width, height, phash, square, stored, exif: decoded.exif })
}
