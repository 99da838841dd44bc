//! The nearest of a million embeddings: the exact scan, the inverted file, and beside them faiss and usearch on the same
//! vectors (`others.py`).
//!
//! `cargo bench -p alike --bench nearest -- 1000000 mixture`: how many, and of which kind, `mixture` or `gaussian`. Queries are held
//! out: one half tunes the number of lists, the other measures. `PINAKES_BENCH_PYTHON` names a Python with faiss-cpu and usearch.
#![expect(clippy::unwrap_used, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a bench")]

mod vectors;

use alike::nearest::{
    Best, Centres, Direction, Hit, Recall, cosine, middle, probes_for, scan, split, train, write_steps,
};
use std::{path::PathBuf, process::Command, thread, time::Instant};
use vectors::{DIMENSION, Kind};

const QUERIES: usize = 1000;
const WANTED: f64 = 0.98;
const MOST: usize = 100;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let count = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    let kind = if arguments.iter().any(|argument| argument == "gaussian") { Kind::Gaussian } else { Kind::Mixture };
    let halves = vectors::make(kind, count + QUERIES);
    let folder = std::env::temp_dir().join(format!("pinakes-bench-nearest-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();

    let start = Instant::now();
    let directions: Vec<Direction> =
        halves.chunks_exact(2 * DIMENSION).map(|row| Direction::read(row).unwrap()).collect();
    println!("{count} x {DIMENSION} {kind:?}; turned into steps in {:.1} s", start.elapsed().as_secs_f64());
    let (queries, rows) = directions.split_at(QUERIES);
    let mut flat = Vec::with_capacity(count * 2 * DIMENSION);
    for row in rows {
        write_steps(row.steps(), &mut flat);
    }

    let file = build(rows);
    let truth = in_parallel(queries, |query| exact(query, &flat));
    let cosines: Vec<f32> = truth.iter().map(|hits| cosine(hits[9].closeness)).collect();
    println!("the tenth nearest of a query: cosine {:.3} on average", cosines.iter().sum::<f32>() / QUERIES as f32);
    let truth: Vec<Vec<Hit>> = truth.into_iter().map(|hits| file.with_lists(hits)).collect();
    let half = QUERIES / 2;
    for most in [1, 10, 100] {
        let tuned: Vec<Recall<'_>> =
            queries[..half].iter().zip(&truth).map(|(query, truth)| Recall { query, truth: &truth[..most] }).collect();
        let probes: Vec<usize> =
            [0.9, 0.95, 0.98, 0.99].into_iter().map(|wanted| probes_for(&file.centres, &tuned, wanted)).collect();
        println!("lists of {} for a recall@{most} of 0.90, 0.95, 0.98, 0.99: {probes:?}", file.centres.count());
    }
    let tuned: Vec<Recall<'_>> =
        queries[..half].iter().zip(&truth).map(|(query, truth)| Recall { query, truth: &truth[..10] }).collect();
    let probes = probes_for(&file.centres, &tuned, WANTED + (1.0 - WANTED) / 4.0);
    let (queries, truth) = (&queries[half..], &truth[half..]);

    let looked_at: usize = queries
        .iter()
        .flat_map(|query| file.centres.ranked(query.steps(), probes))
        .map(|list| file.lists[list as usize].ids.len())
        .sum();
    println!(
        "{probes} lists: {:.2} % of the rows are looked at",
        100.0 * (looked_at / queries.len()) as f64 / count as f64
    );
    let some = &queries[..20];
    report("exact scan, 1 thread", some, &truth[..20], |query| exact(query, &flat), 0);
    report("exact scan, 2 threads", some, &truth[..20], |query| exact_on_two(query, &flat), 0);
    let bytes = file.lists.iter().map(|list| list.ids.len() * (2 * DIMENSION + 12)).sum();
    let name = format!("lists, {probes} of {}, 1 thread", file.centres.count());
    report(&name, queries, truth, |query| file.search(query, probes, 1), bytes);
    let name = format!("lists, {probes} of {}, 2 threads", file.centres.count());
    report(&name, queries, truth, |query| file.search(query, probes, 2), bytes);
    beside(&folder, &halves, queries, truth);
    std::fs::remove_dir_all(&folder).unwrap();
}

struct List {
    ids: Vec<i64>,
    bytes: Vec<u8>,
}

struct File {
    centres: Centres,
    lists: Vec<List>,
    list_of: Vec<u32>,
}

fn build(rows: &[Direction]) -> File {
    let start = Instant::now();
    let times = std::env::var("PINAKES_BENCH_LISTS").ok().and_then(|times| times.parse().ok()).unwrap_or(8.0);
    let lists = (times * (rows.len() as f64).sqrt()) as usize;
    let step = (rows.len() / (32 * lists)).max(1);
    let sample: Vec<i16> = rows.iter().step_by(step).flat_map(|row| row.steps().iter().copied()).collect();
    let centres = train(DIMENSION, &sample, lists);
    let trained = start.elapsed().as_secs_f64();
    let mut list_of = Vec::with_capacity(rows.len());
    for load in rows.chunks(8192) {
        list_of.extend(centres.assign(&load.iter().flat_map(|row| row.steps().iter().copied()).collect::<Vec<_>>()));
    }
    let assigned = start.elapsed().as_secs_f64();
    let mut lists: Vec<List> = (0..centres.count()).map(|_| List { ids: Vec::new(), bytes: Vec::new() }).collect();
    for ((id, row), list) in (0..).zip(rows).zip(&list_of) {
        let list = &mut lists[*list as usize];
        list.ids.push(id);
        write_steps(row.steps(), &mut list.bytes);
    }
    let lists = split_long(lists, rows.len() / centres.count(), &mut list_of);
    let mut steps = Vec::new();
    for list in &lists {
        let mut rows = Vec::new();
        alike::nearest::read_steps(&list.bytes, &mut rows);
        steps.extend(middle(DIMENSION, &rows));
    }
    let mut sizes: Vec<usize> = lists.iter().map(|list| list.ids.len()).collect();
    sizes.sort_unstable();
    println!(
        "built {} lists in {:.1} s: {trained:.1} s for the centres ({} rows of a sample), {:.1} s for the rows; lists of {} rows, {} in the middle, {} at most",
        lists.len(),
        start.elapsed().as_secs_f64(),
        sample.len() / DIMENSION,
        assigned - trained,
        sizes[0],
        sizes[sizes.len() / 2],
        sizes[sizes.len() - 1],
    );
    File { centres: Centres::new(DIMENSION, steps), lists, list_of }
}

/// As `pinakes index` does it.
fn split_long(lists: Vec<List>, usual: usize, list_of: &mut [u32]) -> Vec<List> {
    let mut all: Vec<List> = Vec::new();
    for list in lists {
        let first = all.len();
        let pieces = if list.ids.len() > 4 * usual { list.ids.len() / usual } else { 1 };
        let mut steps = Vec::new();
        alike::nearest::read_steps(&list.bytes, &mut steps);
        let places = if pieces > 1 { split(DIMENSION, &steps, pieces) } else { vec![0; list.ids.len()] };
        all.extend((0..pieces).map(|_| List { ids: Vec::new(), bytes: Vec::new() }));
        for ((id, row), place) in list.ids.iter().zip(list.bytes.chunks_exact(2 * DIMENSION)).zip(places) {
            let number = first + place as usize;
            all[number].ids.push(*id);
            all[number].bytes.extend_from_slice(row);
            list_of[usize::try_from(*id).unwrap()] = u32::try_from(number).unwrap();
        }
    }
    all
}

impl File {
    fn with_lists(&self, hits: Vec<Hit>) -> Vec<Hit> {
        hits.into_iter().map(|hit| Hit { place: self.list_of[usize::try_from(hit.id).unwrap()], ..hit }).collect()
    }

    fn search(&self, query: &Direction, probes: usize, threads: usize) -> Vec<Hit> {
        let lists = &self.centres.ranked(query.steps(), probes);
        let part = |number: usize| {
            let mut best = Best::new(MOST);
            for number in lists.iter().skip(number).step_by(threads) {
                let list = &self.lists[*number as usize];
                scan(query, &list.bytes, &mut best, |at| Some((list.ids[at], *number)));
            }
            best
        };
        let best = thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|number| scope.spawn(move || part(number))).collect();
            let mut best = part(0);
            for other in others {
                best.merge(other.join().unwrap());
            }
            best
        });
        best.into_hits()
    }
}

fn exact(query: &Direction, flat: &[u8]) -> Vec<Hit> {
    let mut best = Best::new(MOST);
    scan(query, flat, &mut best, |at| Some((i64::try_from(at).unwrap(), 0)));
    best.into_hits()
}

fn exact_on_two(query: &Direction, flat: &[u8]) -> Vec<Hit> {
    let half = flat.len() / (4 * DIMENSION);
    let (one, other) = flat.split_at(half * 2 * DIMENSION);
    thread::scope(|scope| {
        let other = scope.spawn(|| {
            let mut best = Best::new(MOST);
            scan(query, other, &mut best, |at| Some((i64::try_from(at + half).unwrap(), 0)));
            best
        });
        let mut best = Best::new(MOST);
        scan(query, one, &mut best, |at| Some((i64::try_from(at).unwrap(), 0)));
        best.merge(other.join().unwrap());
        best.into_hits()
    })
}

fn report(
    name: &str,
    queries: &[Direction],
    truth: &[Vec<Hit>],
    search: impl Fn(&Direction) -> Vec<Hit>,
    bytes: usize,
) {
    let start = Instant::now();
    let found: Vec<Vec<Hit>> = queries.iter().map(&search).collect();
    let time = start.elapsed().as_secs_f64() * 1000.0 / queries.len() as f64;
    let recall = |most: usize| {
        let hits = found.iter().zip(truth).map(|(found, truth)| {
            truth[..most].iter().filter(|hit| found[..most.min(found.len())].iter().any(|own| own.id == hit.id)).count()
        });
        hits.sum::<usize>() as f64 / (most * truth.len()) as f64
    };
    println!(
        "{name:<36} {time:>8.2} ms a query   recall@1 {:.4} @10 {:.4} @100 {:.4}   {:.2} GB",
        recall(1),
        recall(10),
        recall(100),
        bytes as f64 / 1e9
    );
}

/// `work` for all queries on two threads.
fn in_parallel(queries: &[Direction], work: impl Fn(&Direction) -> Vec<Hit> + Sync) -> Vec<Vec<Hit>> {
    let (one, other) = queries.split_at(queries.len() / 2);
    thread::scope(|scope| {
        let other = scope.spawn(|| other.iter().map(&work).collect::<Vec<_>>());
        let mut all: Vec<_> = one.iter().map(&work).collect();
        all.extend(other.join().unwrap());
        all
    })
}

/// Other people's indexes on the same vectors, where they can be had.
fn beside(folder: &std::path::Path, halves: &[u8], queries: &[Direction], truth: &[Vec<Hit>]) {
    let Ok(python) = std::env::var("PINAKES_BENCH_PYTHON") else {
        println!("faiss and usearch: skipped, PINAKES_BENCH_PYTHON is not set");
        return;
    };
    std::fs::write(folder.join("rows.f16"), &halves[QUERIES * 2 * DIMENSION..]).unwrap();
    let measured = &halves[(QUERIES - queries.len()) * 2 * DIMENSION..QUERIES * 2 * DIMENSION];
    std::fs::write(folder.join("queries.f16"), measured).unwrap();
    let ids: Vec<u8> = truth.iter().flat_map(|hits| hits.iter().flat_map(|hit| hit.id.to_le_bytes())).collect();
    std::fs::write(folder.join("truth.i64"), ids).unwrap();
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/nearest/others.py");
    let status = Command::new(python).arg(script).arg(folder).arg(DIMENSION.to_string()).status().unwrap();
    assert!(status.success(), "others.py ended with {status}");
}
