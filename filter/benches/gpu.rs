//! Our side of the GPU bench (`benches/gpu`): from JPEG bytes and captions to scores, the towers alone, and each step
//! of the way by itself, as JSON lines that `benches/gpu/run.py` reads.
//!
//! `gpu MODEL PICTURES DEVICE COUNT BATCHES`: MODEL a folder that `benches/gpu/models.py` wrote, PICTURES a folder with
//! `captions.jsonl`, DEVICE as `score.device`, COUNT how many pictures go the whole way, BATCHES such as `64,256`. Each
//! line has the seconds since 1970 at which its measurement began and ended, so that others can say how busy the GPU was.

mod rows;

use filter::{
    Model, Outcome, Scorer, Stamp, decode,
    decode::Pixels,
    heads::{Head, Work},
    phash::phash,
};
use rows::{Anything, rows};
use schema::{Device, Fetch, Fetched, Keep, Mode, Score};
use serde_json::{Value, json};
use std::{
    path::Path,
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

const ROUNDS: usize = 2;
/// How long a tower runs in each round.
const ENOUGH: Duration = Duration::from_secs(1);
/// Who scores at a time: as many shards as a run has under way.
const CALLERS: usize = 4;
/// Pictures and captions whose embeddings are told, to be held against the peer's.
const SHOWN: usize = 16;

fn main() -> Anything<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let [model, pictures, device, count, batches] = &arguments[..] else {
        println!("skipped: it is run by benches/gpu, see its README");
        return Ok(());
    };
    let (count, rows) = (count.parse()?, rows(Path::new(pictures))?);
    let batches = batches.split(',').map(str::parse).collect::<Result<Vec<usize>, _>>()?;
    let settings = Score { model: model.clone(), device: named(device)?, ..Score::default() };
    let squares = steps(&Model::open(model)?, &rows)?;
    for (number, batch) in batches.into_iter().enumerate() {
        let scorer = open(&settings, batch)?;
        if number == 0 {
            embeddings(&scorer, &squares, &rows)?;
        }
        towers(&scorer, &squares, &rows, batch)?;
        whole(&scorer, &rows, count, batch)?;
    }
    Ok(())
}

/// The device by its name, as a configuration gives it.
fn named(device: &str) -> Anything<Device> {
    Ok(serde_json::from_value(Value::from(device))?)
}

fn open(settings: &Score, batch: usize) -> Anything<Scorer> {
    let start = Instant::now();
    let scorer = Scorer::open(&Score { batch, ..settings.clone() }, &filter::runtime::default_search())?;
    let (backend, seconds) = (scorer.backend(), start.elapsed().as_secs_f64());
    let library = backend.library.as_ref().map(|path| path.display().to_string());
    tell(&json!({"what": "open", "name": format!("{} {}", backend.name, backend.version), "library": library,
        "device": scorer.places().join(","), "notes": scorer.notes(), "model": scorer.model_id(), "batch": batch, "seconds": seconds}));
    Ok(scorer)
}

/// What a run does on the processor with each picture, step by step on all cores; gives the squares that encoders take.
fn steps(model: &Model, rows: &[Fetched]) -> Anything<Vec<Pixels>> {
    let preprocess = model.preprocess();
    // As many pixels as the perceptual hash can do with are decoded, too.
    let least = f64::from(preprocess.size.max(128));
    let decoded = step("decode", rows, |row| {
        let scale_of = |width: u32, height: u32| least / f64::from(width.min(height).max(1));
        decode::decode_for(&row.body, u64::MAX, scale_of).map(|decoded| decoded.pixels)
    });
    let decoded = decoded.into_iter().collect::<Result<Vec<_>, _>>()?;
    let squares = step("resize and crop", &decoded, |pixels| preprocess.square(pixels));
    step("perceptual hash", &decoded, phash);
    step("normalise", &squares, |square| {
        let mut values = Vec::with_capacity(square.rgb.len());
        preprocess.append(square, &mut values);
        values.len()
    });
    step("tokenise", rows, |row| model.tokenizer.encode(&row.candidate.text).map(|ids| ids.len()).ok());
    let embedding = vec![(model.spec.dimension as f32).sqrt().recip(); model.spec.dimension];
    let score = |head: &Head| match &head.work {
        Work::Linear(head) => vec![head.score(&embedding)],
        Work::Network(head) => head.scores(&embedding),
        Work::Classical | Work::Prompts(_) | Work::Onnx { .. } => Vec::new(),
    };
    step("heads", rows, |_| model.heads.iter().map(score).collect::<Vec<_>>());
    Ok(squares)
}

/// `work` on every item, on all cores, timed.
fn step<T: Sync, R: Send>(name: &str, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (work, start) = (&work, Instant::now());
    let results: Vec<R> = thread::scope(|scope| {
        let several = items.chunks(items.len().div_ceil(cores).max(1));
        let hands: Vec<_> =
            several.map(|items| scope.spawn(move || items.iter().map(work).collect::<Vec<R>>())).collect();
        hands
            .into_iter()
            .flat_map(|hand| hand.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    let rate = items.len() as f64 / start.elapsed().as_secs_f64();
    tell(&json!({"what": "stage", "name": name, "cores": cores, "rate": rate,
        "milliseconds": 1000.0 * cores as f64 / rate}));
    results
}

/// Both towers at one size of batch, from squares and captions to embeddings in memory.
fn towers(scorer: &Scorer, squares: &[Pixels], rows: &[Fetched], batch: usize) -> Anything<()> {
    let squares: Vec<&Pixels> = squares.iter().cycle().take(batch).collect();
    let texts: Vec<&str> = rows.iter().cycle().take(batch).map(|row| row.candidate.text.as_str()).collect();
    tower("image", batch, || scorer.encode_squares(&squares).map(drop).map_err(Into::into))?;
    tower("text", batch, || scorer.encode_texts(&texts).map(drop).map_err(Into::into))
}

fn tower(kind: &str, batch: usize, work: impl Fn() -> Anything<()> + Sync) -> Anything<()> {
    // Kernels are chosen, and memory is found, in the first calls.
    for _ in 0..2 {
        work()?;
    }
    let (began, mut best) = (now(), 0.0_f64);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let calls: usize = side_by_side(|_| {
            let mut calls = 0;
            while start.elapsed() < ENOUGH {
                work().map_err(|error| error.to_string())?;
                calls += 1;
            }
            Ok(calls)
        })?
        .iter()
        .sum();
        best = best.max((calls * batch) as f64 / start.elapsed().as_secs_f64());
    }
    tell(&json!({"what": "tower", "kind": kind, "batch": batch, "where": "with copies", "rate": best,
        "began": began, "ended": now()}));
    Ok(())
}

/// Everything a run does with `count` pictures; the better of two rounds.
fn whole(scorer: &Scorer, rows: &[Fetched], count: usize, batch: usize) -> Anything<()> {
    let keep = Keep { min_similarity: Some(-1.0), ..Keep::default() };
    let how = Stamp { mode: Mode::Strict, policy: "bench".into() };
    let work = |count: usize| -> Anything<f64> {
        let start = Instant::now();
        let done = side_by_side(|caller| {
            let share = count / CALLERS + usize::from(caller < count % CALLERS);
            let mut rows: Vec<Fetched> =
                rows.iter().cycle().skip(caller).step_by(CALLERS).take(share).cloned().collect();
            // Equal pictures would be encoded once.
            rows.iter_mut().enumerate().for_each(|(number, row)| row.sha256 = number.to_string());
            let outcomes = scorer.score(rows, &keep, &Fetch::default(), &how).map_err(|error| error.to_string())?;
            Ok(outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Scored(_))).count())
        })?;
        let (done, seconds) = (done.iter().sum::<usize>(), start.elapsed().as_secs_f64());
        if done == count { Ok(seconds) } else { Err(format!("{done} of {count} were scored").into()) }
    };
    work(count.min(2 * batch))?;
    let mut best: Option<(f64, Value)> = None;
    for _ in 0..ROUNDS {
        let began = now();
        let seconds = work(count)?;
        if best.as_ref().is_none_or(|(least, _)| seconds < *least) {
            let told = json!({"what": "whole", "batch": batch, "pictures": count, "seconds": seconds,
                "rate": count as f64 / seconds, "began": began, "ended": now()});
            best = Some((seconds, told));
        }
    }
    if let Some((_, told)) = best {
        tell(&told);
    }
    Ok(())
}

fn embeddings(scorer: &Scorer, squares: &[Pixels], rows: &[Fetched]) -> Anything<()> {
    let squares: Vec<&Pixels> = squares.iter().cycle().take(SHOWN).collect();
    let texts: Vec<&str> = rows.iter().cycle().take(SHOWN).map(|row| row.candidate.text.as_str()).collect();
    let (pictures, captions) = (scorer.encode_squares(&squares)?, scorer.encode_texts(&texts)?);
    tell(&json!({"what": "embeddings", "pictures": pictures, "captions": captions}));
    Ok(())
}

/// `work` by several callers at once, each told its number; what came of each.
fn side_by_side<R: Send>(work: impl Fn(usize) -> Result<R, String> + Sync) -> Anything<Vec<R>> {
    let work = &work;
    let found: Result<Vec<R>, String> = thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS).map(|caller| scope.spawn(move || work(caller))).collect();
        callers
            .into_iter()
            .map(|caller| caller.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    Ok(found?)
}

fn tell(line: &Value) {
    println!("{line}");
}

/// Seconds since 1970.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}
