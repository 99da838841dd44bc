//! Photographs from bytes to a stored picture, beside Pillow and img2dataset's own Resizer, with
//! libjpeg-turbo at an eighth as the floor; then how near ours comes to theirs.
//!
//! `cargo bench -p filter --bench decode -- [FOLDER]`. `PINAKES_BENCH_PYTHON` names a Python with
//! `img2dataset==1.47.0`; without it the peers are told of as skipped. Seconds are the processor's,
//! one core's; best of three rounds.

use filter::{
    decode::{Pixels, decode, decode_for},
    stored_picture,
};
use schema::{EncodeFormat, Fetch, ResizeMode, Store};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const ROUNDS: usize = 3;
const MAX_PIXELS: u64 = 89_478_484;

fn main() {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let folder = folder.map_or_else(|| PathBuf::from("../../shared/data/photos"), PathBuf::from);
    let photos = photos(&folder);
    if photos.is_empty() {
        println!("skipped: `{}` holds no JPEGs (name a folder of photographs)", folder.display());
        return;
    }
    let pixels: u64 = photos.iter().map(|bytes| size(bytes)).sum();
    println!(
        "{} JPEGs of {:.2} megapixels on average, one core",
        photos.len(),
        pixels as f64 / 1e6 / photos.len() as f64
    );
    let floor = rate(&photos, |bytes| {
        let _ = decode_for(bytes, MAX_PIXELS, |_, _| 0.0);
    });
    println!("{:44} {floor:7.1}/s", "floor: libjpeg-turbo at 1/8");
    let whole = rate(&photos, |bytes| drop(decode(bytes, MAX_PIXELS)));
    println!("{:44} {whole:7.1}/s  {:.2} x floor", "all pixels, nothing else", whole / floor);
    for (name, mode) in [("keep_ratio", ResizeMode::KeepRatio), ("border", ResizeMode::Border)] {
        let fetch = fetch(mode);
        let ours = rate(&photos, |bytes| drop(stored_picture(bytes, &fetch)));
        println!("{:44} {ours:7.1}/s  {:.2} x floor", format!("ours to 256, {name}, JPEG 95"), ours / floor);
        for peer in ["img2dataset", "pillow"] {
            match asked(peer, name, &folder) {
                Ok(Answer { rate, pictures }) => {
                    println!(
                        "{:44} {rate:7.1}/s  ours is {:.2} x",
                        format!("{peer} to 256, {name}, JPEG 95"),
                        ours / rate
                    );
                    if peer == "img2dataset" {
                        agreement(&photos, &pictures, &fetch);
                    }
                }
                Err(why) => println!("skipped: {peer}: {why}"),
            }
        }
    }
}

fn photos(folder: &Path) -> Vec<Vec<u8>> {
    let mut names: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    names.retain(|name| name.extension().is_some_and(|ending| ending == "jpg"));
    names.sort();
    names.iter().filter_map(|name| fs::read(name).ok()).collect()
}

fn size(bytes: &[u8]) -> u64 {
    decode_for(bytes, MAX_PIXELS, |_, _| 0.0).map_or(0, |decoded| u64::from(decoded.width) * u64::from(decoded.height))
}

fn fetch(resize_mode: ResizeMode) -> Fetch {
    Fetch {
        store: Store::Resized,
        resize_to: 256,
        resize_mode,
        resize_only_if_bigger: false,
        encode_format: EncodeFormat::Jpg,
        encode_quality: 95,
        ..Fetch::default()
    }
}

/// Pictures a second, in the best round.
fn rate(photos: &[Vec<u8>], work: impl Fn(&[u8])) -> f64 {
    let round = || {
        let start = processor_seconds();
        for bytes in photos {
            work(bytes);
        }
        photos.len() as f64 / (processor_seconds() - start)
    };
    (0..ROUNDS).map(|_| round()).fold(0.0, f64::max)
}

/// What this thread has had of the processor: the first number of its schedstat, in nanoseconds.
fn processor_seconds() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|number| number.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1e9
}

struct Answer {
    rate: f64,
    /// Folder with what the peer made of each photograph, losslessly.
    pictures: PathBuf,
}

fn asked(peer: &str, mode: &str, folder: &Path) -> Result<Answer, String> {
    let python = std::env::var("PINAKES_BENCH_PYTHON").map_err(|_| "set PINAKES_BENCH_PYTHON".to_owned())?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers.py");
    let pictures = std::env::temp_dir().join(format!("pinakes-bench-{}-{peer}-{mode}", std::process::id()));
    fs::create_dir_all(&pictures).map_err(|error| error.to_string())?;
    let output = Command::new(python).args(["-W", "ignore", script, peer, mode]).arg(folder).arg(&pictures).output();
    let output = output.map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout);
    let rate = said.lines().last().and_then(|line| line.parse().ok());
    let last = String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned();
    rate.map(|rate| Answer { rate, pictures }).ok_or(last)
}

/// How near ours comes to theirs, both before their JPEGs' losses.
fn agreement(photos: &[Vec<u8>], pictures: &Path, fetch: &Fetch) {
    let fetch = Fetch { encode_format: EncodeFormat::Png, encode_quality: 1, ..fetch.clone() };
    let mut all = Vec::new();
    let (mut other_sizes, mut interpreted) = (0, 0);
    for (number, bytes) in photos.iter().enumerate() {
        let read = |bytes: &[u8]| decode(bytes, MAX_PIXELS).ok();
        let theirs = fs::read(pictures.join(format!("{number}.png"))).ok().and_then(|bytes| read(&bytes));
        let ours = stored_picture(bytes, &fetch).ok().flatten().and_then(|bytes| read(&bytes));
        let (Some(ours), Some(theirs)) = (ours, theirs) else { continue };
        let is_interpreted = decode_for(bytes, MAX_PIXELS, |_, _| 0.0).is_ok_and(|decoded| decoded.interpreted);
        if is_interpreted {
            interpreted += 1;
        } else if (ours.width, ours.height) == (theirs.width, theirs.height) {
            all.push(psnr(&ours, &theirs));
        } else {
            other_sizes += 1;
        }
    }
    let _ = fs::remove_dir_all(pictures);
    all.sort_by(f64::total_cmp);
    if let (Some(least), Some(middle)) = (all.first(), all.get(all.len() / 2)) {
        println!(
            "  against img2dataset's pixels: PSNR {middle:.1} dB in the middle, {least:.1} at least, {} pictures; {other_sizes} of another size; {interpreted} left out that have a profile or lie on the side",
            all.len()
        );
    }
}

fn psnr(one: &Pixels, other: &Pixels) -> f64 {
    let squares: u64 = one.rgb.iter().zip(&other.rgb).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum();
    10.0 * (255.0 * 255.0 * one.rgb.len() as f64 / (squares as f64).max(1.0)).log10()
}
