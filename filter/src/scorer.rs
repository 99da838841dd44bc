//! Rows of fetched pictures in, scored samples out: the score stage's work on one shard.

use crate::{
    Backend, Error, Model,
    decode::{self, Decoded, Pixels},
    heads::{Column, HeadScores, LiveHeads},
    parallel,
    phash::{self, phash},
    preprocess::Preprocess,
    rules::{self, Facts},
    runtime::{self, Blueprint, Encoder, Names, Pending, Place, Row},
    sample::{self, Findings},
    store::{self, Plan},
    tags::Tagger,
    tokenize::TextTokenizer,
};
use schema::{Fetch, Fetched, Keep, Mode, Score, Scored};
use std::{
    collections::{BTreeSet, HashMap},
    path::PathBuf,
};

/// Rows in a call worth its while on a processor.
const LEAST_APPETITE: usize = 64;

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

/// A model at work, for as many callers at once as like: their rows fill its batches together.
pub struct Scorer {
    image: Encoder<f32>,
    text: Encoder<i64>,
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

/// All that a picture gives by itself.
struct Picture {
    prepared: Prepared,
    embedding: Vec<f32>,
    scores: HeadScores,
}

impl Scorer {
    /// Opens the model and the runtime that `score` names. `search` are folders to look through
    /// for ONNX Runtime, see [`runtime::default_search`].
    pub fn open(score: &Score, search: &[PathBuf]) -> Result<Self, Error> {
        let model = Model::open(&score.model)?;
        let runtime = runtime::load(&score.onnxruntime, search)?;
        let dimension = model.spec.dimension;
        let (image, text) = (&model.spec.image, &model.spec.text);
        let side = image.size as usize;
        let (similarity, context) = (model.spec.thresholds.similarity, text.context);
        let preprocess = model.preprocess();
        let names = Names {
            file: image.file.clone(),
            input: image.input.clone(),
            mask: None,
            output: image.output.clone(),
            length: 3,
        };
        let blueprint = Blueprint { runtime, file: model.image, names, dimension };
        let image = Encoder::open(blueprint, &score.device, &[3, side, side], score.batch)?;
        let has_free_length = text.free_length;
        let names = Names {
            file: text.file.clone(),
            input: text.input.clone(),
            mask: text.mask.clone(),
            output: text.output.clone(),
            length: context,
        };
        let blueprint = Blueprint { runtime, file: model.text, names, dimension };
        // Where the pictures' encoder found its places.
        let device = Place::device(image.places());
        let text = Encoder::open(blueprint, &device, &[context], score.batch)?;
        // The embedded backend wants to know all lengths beforehand, and GPUs choose their kernels by them.
        let on_processor = image.places() == [Place::Cpu];
        let mut scorer = Self {
            image,
            text,
            preprocess,
            backend: runtime.backend.clone(),
            tokenizer: model.tokenizer,
            free_length: has_free_length && on_processor && runtime.backend.library.is_some(),
            heads: LiveHeads::open(model.heads, runtime, dimension)?,
            tagger: Tagger::default(),
            id: model.id,
            is_demo: model.is_demo,
            dimension,
            similarity,
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

    /// Where the encoders run: `cpu`, `cuda:0`, ….
    pub fn places(&self) -> Vec<String> {
        self.image.places().iter().map(|place| place.name()).collect()
    }

    /// Rows that keep every place at work, if each call to [`Self::score`] brings as many and a few calls are under way
    /// at once.
    pub fn appetite(&self) -> usize {
        (self.image.size() * self.image.places().len()).max(LEAST_APPETITE)
    }

    /// What whoever reads the scores should know: a device that could not be used, or failed at its work, so that rows
    /// were scored elsewhere.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = self.image.notes();
        notes.extend(self.text.notes());
        notes
    }

    /// Scores rows; one outcome a row, in their order. A picture that cannot be decoded fails
    /// alone. What a row gets does not depend on the rows beside it.
    pub fn score(&self, rows: Vec<Fetched>, keep: &Keep, fetch: &Fetch, stamp: &Stamp) -> Result<Vec<Outcome>, Error> {
        let mut outcomes = Vec::with_capacity(rows.len());
        let mut rows = rows.into_iter();
        loop {
            // Decoded pictures are large: no more than are worth having at a time.
            let part: Vec<Fetched> = rows.by_ref().take(self.appetite()).collect();
            if part.is_empty() {
                return Ok(outcomes);
            }
            outcomes.extend(self.score_part(part, keep, fetch, stamp)?);
        }
    }

    fn score_part(&self, rows: Vec<Fetched>, keep: &Keep, fetch: &Fetch, stamp: &Stamp) -> Result<Vec<Outcome>, Error> {
        // Each distinct text once, and each distinct picture, of which mirrors give several addresses.
        let distinct: BTreeSet<String> = rows.iter().map(|row| row.candidate.text.clone()).collect();
        let distinct: Vec<String> = distinct.into_iter().collect();
        let texts = self.submit_texts(&distinct)?;
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut pictures = Vec::new();
        for row in &rows {
            places.entry(&row.sha256).or_insert_with(|| {
                pictures.push(row);
                pictures.len() - 1
            });
        }
        let place_of: Vec<usize> = rows.iter().map(|row| places[row.sha256.as_str()]).collect();
        let pictures = self.pictures(&pictures, keep, fetch)?;
        let texts: HashMap<String, Vec<f32>> = distinct.into_iter().zip(texts.wait()?).collect();
        let outcome = |(row, place): (Fetched, usize)| match &pictures[place] {
            Err(problem) => Outcome::Undecodable(Box::new(row), problem.clone()),
            Ok(picture) => {
                let text = texts.get(&row.candidate.text).map_or(&[][..], Vec::as_slice);
                Outcome::Scored(Box::new(self.scored(row, picture, text, keep, stamp)))
            }
        };
        Ok(rows.into_iter().zip(place_of).map(outcome).collect())
    }

    /// All that the pictures of `rows` give by themselves.
    fn pictures(&self, rows: &[&Fetched], keep: &Keep, fetch: &Fetch) -> Result<Vec<Result<Picture, String>>, Error> {
        // A picture goes to the encoder as soon as it is decoded, while the next is decoded.
        let submitted = parallel::map(rows, |row| {
            let prepared = prepare(row, self.preprocess, keep, fetch)?;
            let embedding = self.submit_squares(&[&prepared.square]);
            Ok::<_, String>((prepared, embedding))
        });
        let mut embedded = Vec::with_capacity(rows.len());
        for submitted in submitted {
            embedded.push(match submitted {
                Err(problem) => Err(problem),
                Ok((prepared, embedding)) => Ok((prepared, embedding.wait()?.pop().unwrap_or_default())),
            });
        }
        let scores = parallel::map(&embedded, |embedded| match embedded {
            Err(_) => Ok(HeadScores::default()),
            Ok((prepared, embedding)) => self.heads.score(embedding, &prepared.square),
        });
        let picture = |(embedded, scores): (Result<_, String>, Result<HeadScores, Error>)| {
            let scores = scores?;
            Ok(embedded.map(|(prepared, embedding)| Picture { prepared, embedding, scores }))
        };
        embedded.into_iter().zip(scores).map(picture).collect()
    }

    /// The embedding of a text, for search.
    pub fn encode_text(&self, text: &str) -> Result<Vec<f32>, Error> {
        Ok(self.encode_texts(&[text])?.pop().unwrap_or_default())
    }

    /// The embeddings of texts, in their order.
    pub fn encode_texts(&self, texts: &[impl AsRef<str>]) -> Result<Vec<Vec<f32>>, Error> {
        self.submit_texts(texts)?.wait()
    }

    /// The embedding of a picture, for search.
    pub fn encode_pixels(&self, pixels: &Pixels) -> Result<Vec<f32>, Error> {
        let square = self.preprocess.square(pixels);
        Ok(self.encode_squares(&[&square])?.pop().unwrap_or_default())
    }

    /// The embeddings of pictures of the encoder's own size, in their order.
    pub fn encode_squares(&self, squares: &[&Pixels]) -> Result<Vec<Vec<f32>>, Error> {
        self.submit_squares(squares).wait()
    }

    fn submit_squares(&self, squares: &[&Pixels]) -> Pending {
        let side = self.preprocess.size as usize;
        let row = |square: &&Pixels| {
            debug_assert_eq!((square.width as usize, square.height as usize), (side, side));
            let mut values = Vec::with_capacity(3 * side * side);
            self.preprocess.append(square, &mut values);
            Row { shape: vec![3, side, side], own: values.len(), values }
        };
        self.image.submit(squares.iter().map(row).collect())
    }

    fn submit_texts(&self, texts: &[impl AsRef<str>]) -> Result<Pending, Error> {
        let row = |text: &str| self.ids(text).map(|(values, own)| Row { shape: vec![values.len()], values, own });
        Ok(self.text.submit(texts.iter().map(|text| row(text.as_ref())).collect::<Result<_, _>>()?))
    }

    /// Puts one row together and holds it against the rules.
    fn scored(&self, row: Fetched, picture: &Picture, text: &[f32], keep: &Keep, stamp: &Stamp) -> Scored {
        let Picture { prepared, embedding, scores: HeadScores { aesthetic, punsafe, others: scores } } = picture;
        let similarity = sample::cosine(embedding, text);
        let Prepared { width, height, phash, .. } = *prepared;
        let language = row.candidate.language.as_deref();
        let (aesthetic, punsafe) = (*aesthetic, *punsafe);
        let facts = Facts { width, height, similarity, language, aesthetic, punsafe, scores };
        let dropped = rules::decide(keep, self.similarity.unwrap_or(f32::NAN), &facts);
        let findings = Findings {
            width,
            height,
            phash,
            exif: prepared.exif.clone(),
            similarity,
            aesthetic,
            punsafe,
            scores: scores.clone(),
            tags: self.tagger.tags(embedding),
            model: self.id.clone(),
            embedding: self.embeddings.then(|| sample::half_precision(embedding)),
            image: prepared.stored.clone(),
        };
        Scored { sample: sample::sample(row, findings, stamp), dropped }
    }

    /// The ids of a text as the encoder wants them, and how many of them are its own.
    fn ids(&self, text: &str) -> Result<(Vec<i64>, usize), Error> {
        let ids = self.tokenizer.own_ids(text)?;
        let own = ids.len();
        Ok((if self.free_length { ids } else { self.tokenizer.filled_up(ids) }, own))
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
