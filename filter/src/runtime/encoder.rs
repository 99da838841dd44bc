//! One encoder: an ONNX graph with one input, or a mask beside it, and one output of embeddings, on the lanes of all its
//! places.
//!
//! What a row gets must not depend on the rows beside it, or a run that was stopped and taken up again would write
//! another table. On a processor that holds for some graphs and not for others (ONNX Runtime 1.32: for ViT in batches up
//! to 16, not for convolutions), so each graph is tried when it is opened, and one that does not keep it gets its rows one by one.
//! Where it holds, batches share the reading of the weights.

use super::{
    Place, Runtime,
    lane::{Answer, Job, Lane, Queue},
    place,
    tower::{Blueprint, Tower, Value},
};
use crate::{Error, parallel};
use schema::Device;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, channel, sync_channel},
    },
    thread::{self, JoinHandle},
};

/// Most bytes of encoders held at once: with a large one, fewer sessions share the cores.
const MAX_SESSIONS_BYTES: u64 = 1024 * 1024 * 1024;

/// Sessions on one GPU: while one copies, the other computes.
const LANES_PER_GPU: usize = 2;

/// Rows that go into the queue together: few, so that a sender's first rows are at work while it makes the next.
const ROWS_IN_A_JOB: usize = 4;

/// Rows held against each other when an encoder is opened.
const TRIED: usize = 3;

/// What an encoder is called in its model's `model.toml`.
pub(crate) struct Names {
    /// The file, for errors.
    pub(crate) file: String,
    pub(crate) input: String,
    /// The input that tells ids of the text from what fills it up.
    pub(crate) mask: Option<String>,
    pub(crate) output: String,
    /// What its input's second dimension is fixed at where it is free and the backend wants it fixed.
    pub(crate) length: usize,
}

/// One row of an encoder's input.
pub(crate) struct Row<T> {
    /// Its shape, without the batch.
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Vec<T>,
    /// How many of its values are its own, where a mask is to hide the others.
    pub(crate) own: usize,
}

/// An encoder at work, for whoever has rows.
pub(crate) struct Encoder<T: Value> {
    /// None once it is being closed.
    queue: Option<SyncSender<Job<T>>>,
    lanes: Vec<JoinHandle<()>>,
    places: Vec<Place>,
    size: usize,
    notes: Arc<Mutex<Vec<String>>>,
}

impl<T: Value> Encoder<T> {
    /// Makes sessions of an ONNX file on `device`, for rows of `shape` and calls of `batch` rows (0: what suits).
    pub(crate) fn open(blueprint: Blueprint, device: &Device, shape: &[usize], batch: usize) -> Result<Self, Error> {
        let blueprint = Arc::new(blueprint);
        let mut notes = Vec::new();
        let opened = place::on_each(device, blueprint.runtime, &mut notes, |place| towers(&blueprint, place))?;
        let places: Vec<Place> = opened.iter().map(|(place, _)| *place).collect();
        let notes = Arc::new(Mutex::new(notes));
        let mut lanes = Vec::new();
        for (place, towers) in opened {
            let size = if batch == 0 { place.batch() } else { batch };
            for (index, mut tower) in towers.into_iter().enumerate() {
                // All of a place are alike: the first tells for the others.
                let size = match lanes.last() {
                    Some(Lane { size, .. }) if index > 0 => *size,
                    _ if place == Place::Cpu && !keeps_rows_apart(&mut tower, shape, blueprint.runtime) => 1,
                    _ => size,
                };
                lanes.push(Lane { tower, place, size, blueprint: Arc::clone(&blueprint), notes: Arc::clone(&notes) });
            }
        }
        let size = lanes.iter().map(|lane| lane.size).max().unwrap_or(1);
        let (send, receive) = sync_channel(2 * lanes.len() * size.div_ceil(ROWS_IN_A_JOB));
        let queue = Arc::new(Queue::new(receive));
        let start = |lane: Lane<T>| {
            let queue = Arc::clone(&queue);
            thread::Builder::new().name(format!("encoder {}", lane.place.name())).spawn(move || lane.work(&queue))
        };
        let lanes: std::io::Result<Vec<_>> = lanes.into_iter().map(start).collect();
        let lanes = lanes.map_err(|error| Error::Inference {
            backend: blueprint.runtime.backend.name.clone(),
            work: "starting its threads".into(),
            problem: error.to_string(),
        })?;
        Ok(Self { queue: Some(send), lanes, places, size, notes })
    }

    /// Where it runs.
    pub(crate) fn places(&self) -> &[Place] {
        &self.places
    }

    /// Rows in a call.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// What whoever reads the results should know: a device that could not be used, or failed.
    pub(crate) fn notes(&self) -> Vec<String> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts `rows` into the queue, and waits only where that is full.
    pub(crate) fn submit(&self, rows: Vec<Row<T>>) -> Pending {
        let (answer, answers) = channel();
        let count = rows.len();
        let mut by_shape: BTreeMap<Vec<usize>, Vec<(usize, Row<T>)>> = BTreeMap::new();
        for (index, row) in rows.into_iter().enumerate() {
            by_shape.entry(row.shape.clone()).or_default().push((index, row));
        }
        let mut jobs: Vec<Vec<usize>> = Vec::new();
        for mut rows in by_shape.into_values() {
            while !rows.is_empty() {
                let (indices, rows) = rows.drain(..rows.len().min(ROWS_IN_A_JOB).min(self.size)).unzip();
                let (number, answer) = (jobs.len(), answer.clone());
                jobs.push(indices);
                // Fails where no lane is left; then no answer comes either, which `wait` tells.
                let _ = self.queue.as_ref().map(|queue| queue.send(Job { rows, number, answer }));
            }
        }
        Pending { answers, jobs, count }
    }
}

impl<T: Value> Drop for Encoder<T> {
    fn drop(&mut self) {
        self.queue = None;
        for lane in self.lanes.drain(..) {
            // One that panicked has told its senders by leaving them without an answer.
            let _ = lane.join();
        }
    }
}

/// Embeddings on their way.
pub(crate) struct Pending {
    answers: Receiver<Answer>,
    /// Which rows each job has.
    jobs: Vec<Vec<usize>>,
    count: usize,
}

impl Pending {
    /// The embeddings, in the order of the rows.
    pub(crate) fn wait(self) -> Result<Vec<Vec<f32>>, Error> {
        let mut found = vec![Vec::new(); self.count];
        for _ in &self.jobs {
            let lost = |_| Error::Inference {
                backend: "a session's thread".into(),
                work: "inference".into(),
                problem: "it ended before its work".into(),
            };
            let (number, embeddings) = self.answers.recv().map_err(lost)?;
            for (row, embedding) in self.jobs[number].iter().zip(embeddings?) {
                found[*row] = embedding;
            }
        }
        Ok(found)
    }
}

/// The sessions of one place.
fn towers<T: Value>(blueprint: &Blueprint, place: Place) -> Result<Vec<Tower<T>>, Error> {
    let (count, threads) = match place {
        Place::Cpu => {
            let fitting = usize::try_from(MAX_SESSIONS_BYTES / blueprint.file.bytes().max(1)).unwrap_or(usize::MAX);
            let count = fitting.clamp(1, parallel::cores());
            (count, parallel::cores() / count)
        }
        Place::Gpu(..) => (LANES_PER_GPU, 1),
    };
    (0..count).map(|_| blueprint.build(place, threads)).collect()
}

/// Whether a few rows have the same bits together as each for itself. The embedded backend takes one row at a time.
fn keeps_rows_apart<T: Value>(tower: &mut Tower<T>, shape: &[usize], runtime: &Runtime) -> bool {
    if runtime.backend.library.is_none() {
        return false;
    }
    let own = shape.iter().product();
    let example = |row| Row { shape: shape.to_vec(), values: T::example(own, row), own };
    let rows: Vec<Row<T>> = (0..TRIED).map(example).collect();
    let rows: Vec<&Row<T>> = rows.iter().collect();
    let Ok(together) = tower.run(&rows, rows.len()) else { return false };
    let alone = rows.iter().map(|row| tower.run(&[row], 1));
    alone.zip(together).all(|(alone, together)| alone.is_ok_and(|alone| alone == [together]))
}
