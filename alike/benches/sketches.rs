//! Time of the search by embedding alone: so many made-up embeddings of 512 numbers in a cone, every tenth a copy of the one
//! before at a cosine of about 0.99.
//!
//! `cargo bench -p alike --bench sketches -- 1000000`
#![expect(clippy::unwrap_used, reason = "a bench")]

use alike::{Embedding, Sketcher, near_sketches};
use half::f16;
use std::time::Instant;

const NUMBERS: u64 = 512;

fn main() {
    let count = std::env::args().find_map(|argument| argument.parse::<u32>().ok()).unwrap_or(1_000_000);
    let mut pen = Sketcher::default();
    // The mean of some is that of all, here.
    for number in 0..count.min(20_000) {
        pen.see(&embedding(number));
    }
    let mut sketches = Vec::with_capacity(count as usize);
    let mut drawing = 0.0;
    for number in 0..count {
        let embedding = embedding(number);
        let start = Instant::now();
        sketches.push((number, pen.sketch(&embedding).unwrap()));
        drawing += start.elapsed().as_secs_f64();
    }
    let start = Instant::now();
    let pairs = near_sketches(&sketches, pen.most_bits(0.97));
    let searched = start.elapsed().as_secs_f64();
    let copies = (0..count).filter(|number| is_copy(*number)).count();
    let found = (0..count).filter(|number| is_copy(*number) && pairs.binary_search(&(number - 1, *number)).is_ok());
    let found = found.count();
    println!(
        "{count} embeddings: drawn in {drawing:.1} s, searched in {searched:.1} s; {found} of {copies} copies, {} pairs",
        pairs.len()
    );
}

fn is_copy(number: u32) -> bool {
    number % 10 == 9
}

fn embedding(number: u32) -> Embedding {
    let original = if is_copy(number) { number - 1 } else { number };
    let bytes = (0..NUMBERS).flat_map(|place| {
        let (mean, own) = (chance(place), chance((u64::from(original) + 1) << 20 | place));
        let turn = if is_copy(number) { 0.2 * chance((u64::from(number) + 1) << 20 | 1 << 60 | place) } else { 0.0 };
        // About length one.
        f16::from_f32((mean + own + turn) / 18.5).to_le_bytes()
    });
    Embedding::read(&bytes.collect::<Vec<u8>>()).unwrap()
}

/// Evenly spread from -1 to 1.
fn chance(seed: u64) -> f32 {
    let mut bits = seed.wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((bits ^ bits >> 31) >> 40) as f32 / (1 << 23) as f32 - 1.0
}
