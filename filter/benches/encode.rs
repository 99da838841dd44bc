//! From JPEG and caption to similarity on the processor, beside Python's onnxruntime and PyTorch with the same
//! weights on the same cores: the towers alone, then the whole way.
//!
//! `cargo bench -p filter --bench encode -- MODEL [FOLDER]`: MODEL as `tools/export_clip.py --random` writes it, FOLDER of
//! photographs with `captions.jsonl`. `PINAKES_BENCH_PYTHON` names a Python with what `tools/requirements-export-clip.txt`
//! lists; without it the peers are told of as skipped, and ONNX Runtime must be named in `ORT_DYLIB_PATH`, or the
//! embedded backend runs. Pairs a second by the wall, all cores; best of two rounds.

mod rows;

use filter::{Model, Outcome, Scorer, Stamp, decode};
use rows::{Anything, rows};
use schema::{Fetch, Fetched, Keep, Mode, Score};
use serde::Deserialize;
use std::{collections::BTreeMap, path::Path, process::Command, time::Instant};

const ROUNDS: usize = 2;
const MAX_PIXELS: u64 = 89_478_484;

fn main() -> Anything<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let [model, rest @ ..] = &arguments[..] else {
        println!("skipped: name a model folder that tools/export_clip.py wrote");
        return Ok(());
    };
    let photographs = rest.first().map_or("../../shared/data/photos", String::as_str);
    let rows = match rows(Path::new(photographs)) {
        Ok(rows) => rows,
        Err(error) => {
            println!("skipped: `{photographs}`: {error}");
            return Ok(());
        }
    };
    let peers = peers(model, photographs);
    let score = Score { model: model.clone(), ..Score::default() };
    let scorer = Scorer::open(&score, &filter::runtime::default_search())?;
    println!("{} pairs, {}, {:?}\n", rows.len(), scorer.model_id(), scorer.backend());
    for (what, rate) in ours(&scorer, model, &rows)? {
        println!("{rate:8.2} a second  ours: {what}");
        for (peer, rates) in &peers {
            if let Some(theirs) = rates.get(what) {
                println!("{theirs:8.2} a second  {peer}; ours is {:.2} ×", rate / theirs);
            }
        }
    }
    Ok(())
}

/// Rates of ours, by what was done.
fn ours(scorer: &Scorer, model: &str, rows: &[Fetched]) -> Anything<Vec<(&'static str, f64)>> {
    let preprocess = Model::open(model)?.preprocess();
    let mut squares = Vec::new();
    for row in rows {
        squares.push(preprocess.square(&decode::decode(&row.body, MAX_PIXELS)?));
    }
    let squares: Vec<_> = squares.iter().collect();
    let texts: Vec<&str> = rows.iter().map(|row| row.candidate.text.as_str()).collect();
    let pictures = rate(rows.len(), || scorer.encode_squares(&squares).map(drop).map_err(Into::into))?;
    let captions = rate(rows.len(), || scorer.encode_texts(&texts).map(drop).map_err(Into::into))?;
    // Everything a run does with a picture: sizes, perceptual hash and rules are in it.
    let keep = Keep { min_similarity: Some(-1.0), ..Keep::default() };
    let how = Stamp { mode: Mode::Strict, policy: "bench".into() };
    let whole = rate(rows.len(), || {
        let outcomes = scorer.score(rows.to_vec(), &keep, &Fetch::default(), &how)?;
        let count = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Scored(_))).count();
        if count == rows.len() { Ok(()) } else { Err(format!("{count} of {} were scored", rows.len()).into()) }
    })?;
    Ok(vec![("image tower", pictures), ("text tower", captions), ("JPEG and caption to similarity", whole)])
}

/// Pairs a second, in the best round after one to warm up.
fn rate(pairs: usize, mut work: impl FnMut() -> Anything<()>) -> Anything<f64> {
    work()?;
    let mut best: f64 = 0.0;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        work()?;
        best = best.max(pairs as f64 / start.elapsed().as_secs_f64());
    }
    Ok(best)
}

/// What `encode.py` measured: a line of JSON for each peer.
fn peers(model: &str, photographs: &str) -> Vec<(String, BTreeMap<String, f64>)> {
    #[derive(Deserialize)]
    struct Peer {
        peer: String,
        rates: BTreeMap<String, f64>,
    }
    let Ok(python) = std::env::var("PINAKES_BENCH_PYTHON") else {
        println!("skipped: peers: set PINAKES_BENCH_PYTHON");
        return Vec::new();
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/encode.py");
    let output = Command::new(python).args(["-W", "ignore", script, model, photographs]).output();
    let output = match output {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).into_owned(),
        Ok(output) => {
            println!("skipped: peers: {}", String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default());
            return Vec::new();
        }
        Err(error) => {
            println!("skipped: peers: {error}");
            return Vec::new();
        }
    };
    let peers = output.lines().filter_map(|line| serde_json::from_str::<Peer>(line).ok());
    peers.map(|peer| (peer.peer, peer.rates)).collect()
}
