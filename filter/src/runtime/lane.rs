//! A thread that owns a session, and the queue where rows wait for one.
//!
//! Whoever has rows puts them into the queue in pieces and goes on with other work; a lane takes as many as make a batch,
//! whoever they are from, so that batches are filled across shards. The queue is short: who is faster than the
//! lanes waits.

use super::{
    Place, Row,
    failure::Failure,
    tower::{Blueprint, Tower, Value},
};
use crate::{Error, parallel};
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, Sender},
    },
    time::{Duration, Instant},
};

/// How long a GPU waits for the rest of a batch: half a batch costs it as much as a whole one.
const PATIENCE: Duration = Duration::from_millis(20);

/// A job's number, and the embeddings of its rows.
pub(super) type Answer = (usize, Result<Vec<Vec<f32>>, Error>);

/// Rows of one shape that go together.
pub(super) struct Job<T> {
    pub(super) rows: Vec<Row<T>>,
    /// Which of its sender's jobs it is.
    pub(super) number: usize,
    pub(super) answer: Sender<Answer>,
}

impl<T> Job<T> {
    fn shape(&self) -> &[usize] {
        self.rows.first().map_or(&[], |row| &row.shape)
    }
}

/// Jobs that wait.
pub(super) struct Queue<T>(Mutex<Waiting<T>>);

struct Waiting<T> {
    jobs: Receiver<Job<T>>,
    /// Taken, but did not fit into the batch.
    held: Option<Job<T>>,
}

impl<T> Queue<T> {
    pub(super) fn new(jobs: Receiver<Job<T>>) -> Self {
        Self(Mutex::new(Waiting { jobs, held: None }))
    }

    /// The next jobs, all of one shape, of `size` rows at most (but one at least); those that come within `patience` are
    /// waited for. None once nobody can send any more.
    fn take(&self, size: usize, patience: Duration) -> Option<Vec<Job<T>>> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = waiting.held.take().or_else(|| waiting.jobs.recv().ok())?;
        let (shape, mut rows, mut taken) = (first.shape().to_vec(), first.rows.len(), vec![first]);
        let until = Instant::now() + patience;
        while rows < size {
            let next = waiting.jobs.recv_timeout(until.saturating_duration_since(Instant::now()));
            let next = match next {
                Ok(next) => next,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            };
            if next.shape() != shape || rows + next.rows.len() > size {
                waiting.held = Some(next);
                break;
            }
            rows += next.rows.len();
            taken.push(next);
        }
        Some(taken)
    }
}

/// A session, and how it is fed.
pub(super) struct Lane<T: Value> {
    pub(super) tower: Tower<T>,
    pub(super) place: Place,
    /// Rows in a call.
    pub(super) size: usize,
    /// To make the session anew on the processor, should the device fail.
    pub(super) blueprint: Arc<Blueprint>,
    /// What whoever reads the results should know.
    pub(super) notes: Arc<Mutex<Vec<String>>>,
}

impl<T: Value> Lane<T> {
    /// Works until nobody has a job any more.
    pub(super) fn work(mut self, queue: &Queue<T>) {
        while let Some(jobs) = queue.take(self.size, self.patience()) {
            let rows: Vec<&Row<T>> = jobs.iter().flat_map(|job| &job.rows).collect();
            let mut found = self.embed(&rows).map(Vec::into_iter);
            for job in &jobs {
                let part = found.as_mut().map(|found| found.by_ref().take(job.rows.len()).collect());
                // Nobody listens where another job of the same sender failed.
                let _ = job.answer.send((job.number, part.map_err(|error| error.clone())));
            }
        }
    }

    fn patience(&self) -> Duration {
        if self.place == Place::Cpu { Duration::ZERO } else { PATIENCE }
    }

    fn embed(&mut self, rows: &[&Row<T>]) -> Result<Vec<Vec<f32>>, Error> {
        let mut found = self.in_batches(rows);
        if let (Err(Failure::Device(problem)), true) = (&found, self.place != Place::Cpu) {
            self.fall_back(problem)?;
            found = self.in_batches(rows);
        }
        found.map_err(|failure| Error::Inference {
            backend: self.blueprint.runtime.backend.name.clone(),
            work: format!("inference on {}", self.place.name()),
            problem: failure.message().to_owned(),
        })
    }

    fn in_batches(&mut self, rows: &[&Row<T>]) -> Result<Vec<Vec<f32>>, Failure> {
        let Self { tower, place, size, .. } = self;
        // On a GPU every call has one size: its kernels are chosen by size, and with them a row's last bits.
        let is_filled_up = *place != Place::Cpu;
        let before = *size;
        let found = halving(rows, size, |rows, size| tower.run(rows, if is_filled_up { size } else { rows.len() }));
        if *size < before {
            tracing::warn!("memory of {} is short: batches of {size} instead of {before}", place.name());
        }
        found
    }

    /// Goes on where there is always a place.
    fn fall_back(&mut self, problem: &str) -> Result<(), Error> {
        let note = format!("{} failed, and some rows were scored on the processor: {problem}", self.place.name());
        tracing::warn!("{note}");
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).push(note);
        self.tower = self.blueprint.build(Place::Cpu, parallel::cores())?;
        self.place = Place::Cpu;
        // Another batch might give other bits there (see `encoder.rs`).
        self.size = 1;
        Ok(())
    }
}

/// Does `rows` in calls of `size`, and of half the size from where memory does not suffice.
fn halving<T, R>(
    rows: &[T],
    size: &mut usize,
    mut run: impl FnMut(&[T], usize) -> Result<Vec<R>, Failure>,
) -> Result<Vec<R>, Failure> {
    let mut done = Vec::with_capacity(rows.len());
    while done.len() < rows.len() {
        let next = &rows[done.len()..];
        match run(&next[..next.len().min(*size)], *size) {
            Ok(found) => done.extend(found),
            Err(Failure::Memory(_)) if *size > 1 => *size /= 2,
            Err(failure) => return Err(failure),
        }
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{channel, sync_channel};

    #[test]
    fn memory_that_does_not_suffice_halves_the_batch_and_loses_nothing() {
        let rows: Vec<usize> = (0..50).collect();
        let (mut size, mut calls) = (32, Vec::new());
        let found = halving(&rows, &mut size, |rows, size| {
            calls.push((rows.len(), size));
            if size > 10 { Err(Failure::Memory("out of memory".into())) } else { Ok(rows.to_vec()) }
        });
        assert_eq!(found, Ok(rows.clone()));
        assert_eq!(size, 8);
        assert_eq!(calls[..3], [(32, 32), (16, 16), (8, 8)]);
        assert_eq!(calls.len(), 2 + 7);
        let never = halving(&rows, &mut size, |_, _| Err::<Vec<usize>, _>(Failure::Memory("none at all".into())));
        assert_eq!(never, Err(Failure::Memory("none at all".into())));
        assert_eq!(size, 1);
    }

    fn job(shape: usize, rows: usize) -> Job<f32> {
        let row = |_| Row { shape: vec![shape], values: vec![0.0; shape], own: shape };
        Job { rows: (0..rows).map(row).collect(), number: 0, answer: channel().0 }
    }

    #[test]
    fn a_batch_is_filled_by_whoever_has_rows_of_its_shape() {
        let (send, receive) = sync_channel(16);
        let queue = Queue::new(receive);
        for (shape, rows) in [(3, 4), (3, 4), (3, 1), (5, 4), (5, 4), (5, 3), (7, 20)] {
            send.send(job(shape, rows)).unwrap();
        }
        drop(send);
        let taken = |size| queue.take(size, Duration::ZERO).map(|jobs| jobs.iter().map(|job| job.rows.len()).collect());
        let batches: Vec<Vec<usize>> = std::iter::from_fn(|| taken(9)).collect();
        assert_eq!(batches, [vec![4, 4, 1], vec![4, 4], vec![3], vec![20]]);
        assert_eq!(taken(9), None);
    }
}
