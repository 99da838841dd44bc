//! From archive to candidates: what each step costs, beside the floor and beside other people's
//! packages that do the same work, all in one run on the same file.
//!
//! `make bench-archives`, or `cargo bench -p crawler --bench archives -- [--rounds N] [FILE.warc.gz]` (default:
//! 3 rounds of `../shared/data/bench/pages.warc.gz`). Figures are megabytes per second of one core, by
//! the CPU time of the process (user and system, all threads), the best of the rounds; read the ratios.
//! The packages are Python's: `PINAKES_BENCH_PYTHON` names an interpreter that has them.

#[path = "../tests/wat/forge.rs"]
mod forge;

use arrow_schema::{DataType, Field};
use consent::{PageView, Policy, element_evidence, page_evidence};
use crawler::{archives, extract, http::Response, warc as ours, wat};
use flate2::bufread::MultiGzDecoder;
use schema::{Bucket, Config, Format, Input, Keep, Mode, Row, Source, TextSource};
use shards::{ShardWriter, Store};
use std::{
    borrow::Cow,
    fs::File,
    io::{BufReader, Cursor, Read},
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};
use url::Url;

fn main() {
    let (rounds, file) = arguments();
    let Ok(archive) = std::fs::read(&file) else {
        eprintln!("skipped: `{}` cannot be read; name a gzip archive", file.display());
        return;
    };
    let bench = Bench { rounds, archive, file, folder: tempfile::tempdir().ok() };
    println!("{}: {:.1} MB of gzip, best of {rounds}", bench.file.display(), bench.megabytes());
    bench.of_archives();
    bench.of_wat();
}

fn arguments() -> (usize, PathBuf) {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/bench/pages.warc.gz");
    let (mut rounds, mut file) = (3, PathBuf::from(default));
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rounds" => rounds = arguments.next().and_then(|count| count.parse().ok()).unwrap_or(rounds),
            // Given by cargo.
            "--bench" => {}
            _ => file = PathBuf::from(argument),
        }
    }
    (rounds.max(1), file)
}

struct Bench {
    rounds: usize,
    archive: Vec<u8>,
    file: PathBuf,
    folder: Option<tempfile::TempDir>,
}

/// One way of doing the work.
struct Measured {
    seconds: f64,
    megabytes: f64,
}

impl Measured {
    fn speed(&self) -> f64 {
        self.megabytes / self.seconds
    }

    fn print(self, what: &str, count: &str) -> Self {
        println!("{:8.1} MB/s {:8.2} s  {what} ({count})", self.speed(), self.seconds);
        self
    }

    fn beside(&self, what: &str, other: Option<&Self>) {
        if let Some(other) = other {
            println!("{:8.2} ×  {what}", self.speed() / other.speed());
        }
    }
}

impl Bench {
    fn megabytes(&self) -> f64 {
        self.archive.len() as f64 / 1e6
    }

    /// The best round.
    fn measure<T>(&self, megabytes: f64, mut work: impl FnMut() -> T) -> (Measured, T) {
        let mut best = f64::INFINITY;
        let mut timed = || {
            let start = cpu::seconds();
            let result = work();
            best = best.min(cpu::seconds() - start);
            result
        };
        let mut result = timed();
        for _ in 1..self.rounds {
            result = timed();
        }
        (Measured { seconds: best, megabytes }, result)
    }

    fn of_archives(&self) {
        let megabytes = self.megabytes();
        println!("\nMB of gzip per core-second:");
        let members = members(&self.archive);
        let (floor, bytes) = self.measure(megabytes, || unpack(&self.archive, &members));
        let floor = floor.print("floor: libdeflate, a member at a time, nothing else", &format!("{bytes} bytes"));

        let (reader, records) = self.measure(megabytes, || {
            let mut count = 0_usize;
            records(&self.archive[..], |_| count += 1);
            count
        });
        let reader = reader.print("our reader", &format!("{records} records"));

        let (crate_warc, records) = self.measure(megabytes, || {
            let reader = warc::WarcReader::new(BufReader::new(MultiGzDecoder::new(&self.archive[..])));
            reader.iter_raw_records().count()
        });
        let crate_warc = crate_warc.print("the warc crate on flate2", &format!("{records} records"));

        let whole = self.candidates(&reader);
        let (plain, pairs) = self.measure(megabytes, || self.plain_pairs().unwrap_or_default());
        let plain = plain
            .print("ours, doing what the packages do: alt texts, no signals, no languages", &format!("{pairs} pairs"));
        let fastwarc = self.peer("fastwarc-selectolax", &self.file, megabytes);
        let bs4 = self.peer("warcio-bs4", &self.file, megabytes);

        println!("\nratios:");
        reader.beside("reader / floor", Some(&floor));
        reader.beside("reader / warc crate", Some(&crate_warc));
        for (what, ours) in [("archive to Parquet", &whole), ("what the packages do", &plain)] {
            ours.beside(&format!("{what} / floor"), Some(&floor));
            ours.beside(&format!("{what} / FastWARC + selectolax"), fastwarc.as_ref());
            ours.beside(&format!("{what} / warcio + BeautifulSoup (lxml)"), bs4.as_ref());
        }
    }

    /// The whole task of an archive, and the shares of its steps.
    fn candidates(&self, reader: &Measured) -> Measured {
        let megabytes = self.megabytes();
        let policy = Arc::new(Policy::new(Mode::Strict, "pinakes"));
        let config = self.config();
        let rules = extract::Rules {
            policy: &policy,
            keep: &config.keep,
            now: chrono::DateTime::UNIX_EPOCH,
            format: Format::Auto,
            check_digests: false,
        };
        let (whole, kept) = self.measure(megabytes, || self.run(&config, &policy));
        let (read, candidates) = self.measure(megabytes, || {
            let mut extracted = extract::Extracted::default();
            let read = extract::read(Cursor::new(&self.archive[..]), "bench", rules, &mut extracted);
            read.map(|_| extracted.candidates).unwrap_or_default()
        });
        let with_alt = candidates.iter().filter(|row| row.text_source == TextSource::Alt).count();
        let pairs = format!("{kept} pairs, {with_alt} of them with the alt text");
        let whole = whole.print("archive to candidates in Parquet: the task of extract", &pairs);

        let (scanned, pages) = self.measure(megabytes, || pages(&self.archive));
        let (signals, count) =
            self.measure(megabytes, || pages.iter().map(|page| page.signals(&policy)).sum::<usize>());
        println!(
            "         of that, by differences of the best rounds: reading {:.2} s, HTTP and HTML {:.2} s, signals {:.2} s ({count} pieces of evidence), other of \
             the candidates {:.2} s, Parquet {:.2} s",
            reader.seconds,
            scanned.seconds - reader.seconds,
            signals.seconds,
            read.seconds - scanned.seconds - signals.seconds,
            whole.seconds - read.seconds,
        );
        whole
    }

    fn config(&self) -> Config {
        let archives = vec![self.file.to_string_lossy().into_owned()];
        Config {
            input: Input { archives, ..Input::default() },
            keep: Keep { min_text_chars: 1, ..Keep::default() },
            ..Config::default()
        }
    }

    /// How many candidates there are now on the disk.
    fn run(&self, config: &Config, policy: &Arc<Policy>) -> u64 {
        let run = || -> Option<u64> {
            let folder = tempfile::tempdir_in(self.folder.as_ref()?).ok()?;
            let store = Store::create(folder.path().to_str()?).ok()?;
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().ok()?;
            let work = async {
                let archive = archives::spell_out(config).await.ok()?.pop()?;
                extract::run(&store, config, Arc::clone(policy), archive, chrono::DateTime::UNIX_EPOCH).await.ok()
            };
            Some(runtime.block_on(work)?.rows.kept())
        };
        run().unwrap_or_default()
    }

    /// The work of the packages, no more: URL, alt text, page, archive and offset in Parquet. How many pairs it gives.
    fn plain_pairs(&self) -> Option<usize> {
        let folder = tempfile::tempdir_in(self.folder.as_ref()?).ok()?;
        let store = Store::create(folder.path().to_str()?).ok()?;
        let file = File::open(&self.file).ok()?;
        let mut rows: Vec<ArchivedPair> = Vec::new();
        records(file, |record| {
            let url = record.target().and_then(|target| Url::parse(&target).ok()).filter(|_| record.is("response"));
            let (Some(url), Ok(response)) = (url, Response::parse(record.block)) else { return };
            if response.status != 200 || response.media_type() != "text/html" {
                return;
            }
            let markup = markup::Page::parse(&text(&response.body));
            let base = markup.base.and_then(|base| url.join(&base).ok()).unwrap_or_else(|| url.clone());
            rows.extend(markup.images.into_iter().filter_map(|image| {
                Some(ArchivedPair {
                    url: base.join(&image.address?.0).ok()?.into(),
                    alt: image.alt?,
                    page_url: url.to_string(),
                    archive: "pages.warc.gz".to_owned(),
                    offset: i64::try_from(record.offset).ok()?,
                })
            }));
        });
        let pairs = rows.len();
        let written = async {
            let mut writer = ShardWriter::create(&store, "pairs.parquet").ok()?;
            writer.write(Bucket::of("", 1), &rows).await.ok()?;
            writer.close().await.ok()
        };
        tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?.block_on(written)?;
        Some(pairs)
    }

    fn of_wat(&self) {
        let blocks = forge::blocks(&self.archive, "pages.warc.gz");
        let megabytes = blocks.iter().map(String::len).sum::<usize>() as f64 / 1e6;
        println!(
            "\nWAT of the same pages: {} records, {megabytes:.1} MB of JSON. MB of JSON per core-second:",
            blocks.len()
        );
        let (needle, found) = self.measure(megabytes, || blocks.iter().map(|block| needle(block)).sum::<usize>());
        needle.print("floor: memmem for the images and serde_json on them, no signals", &format!("{found} pairs"));
        let (ours, pairs) = self.measure(megabytes, || wat_pairs(&blocks));
        let ours = ours.print("ours: headers, metas, licences, images", &format!("{} pairs", pairs.len()));
        let Some(lines) = self.folder.as_ref().map(|folder| folder.path().join("wat.jsonl")) else { return };
        if std::fs::write(&lines, blocks.join("\n")).is_ok() {
            let orjson = self.peer("orjson", &lines, megabytes);
            println!("\nratio:");
            ours.beside("WAT / orjson", orjson.as_ref());
        }
    }

    /// Lets a peer measure itself.
    fn peer(&self, name: &str, source: &Path, megabytes: f64) -> Option<Measured> {
        let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/bench-python/bin/python3");
        let python = std::env::var_os("PINAKES_BENCH_PYTHON").unwrap_or_else(|| default.into());
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers.py");
        let out = self.folder.as_ref()?.path().join("peer.parquet");
        let run =
            Command::new(&python).arg(script).arg(name).arg(source).arg(out).arg(self.rounds.to_string()).output();
        let output = match run {
            Ok(output) if output.status.success() => output.stdout,
            Ok(output) => {
                println!(
                    "skipped: {name}: {}",
                    String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default()
                );
                return None;
            }
            Err(error) => {
                println!("skipped: {name}: {}: {error}; `make bench-archives` installs it", python.display());
                return None;
            }
        };
        let told: serde_json::Value = serde_json::from_slice(&output).ok()?;
        let measured = Measured { seconds: told["seconds"].as_f64()?, megabytes };
        Some(measured.print(name, &format!("{} pairs of {} pages", told["pairs"], told["pages"])))
    }
}

/// What the packages write of an image.
#[derive(serde::Serialize, serde::Deserialize)]
struct ArchivedPair {
    url: String,
    alt: String,
    page_url: String,
    archive: String,
    offset: i64,
}

impl Row for ArchivedPair {
    fn fields() -> Vec<Field> {
        let texts = ["url", "alt", "page_url", "archive"].map(|name| Field::new(name, DataType::Utf8, false));
        texts.into_iter().chain([Field::new("offset", DataType::Int64, false)]).collect()
    }
}

/// Where each gzip member lies, and how long it is unpacked (RFC 1952 section 2.3.1: the last four bytes).
fn members(archive: &[u8]) -> Vec<(std::ops::Range<usize>, usize)> {
    let mut starts: Vec<usize> = Vec::new();
    records(archive, |record| starts.extend(usize::try_from(record.offset)));
    starts.push(archive.len());
    let member = |pair: &[usize]| {
        let length = archive[pair[0]..pair[1]].last_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        (pair[0]..pair[1], length as usize)
    };
    starts.windows(2).map(member).collect()
}

fn unpack(archive: &[u8], members: &[(std::ops::Range<usize>, usize)]) -> usize {
    let mut decompressor = libdeflater::Decompressor::new();
    let mut out = vec![0; members.iter().map(|(_, length)| *length).max().unwrap_or_default()];
    let mut one = |member: &std::ops::Range<usize>| decompressor.gzip_decompress(&archive[member.clone()], &mut out);
    members.iter().filter_map(|(member, _)| one(member).ok()).sum()
}

fn records(archive: impl Read, mut each: impl FnMut(&ours::Record<'_>)) {
    let Ok(mut reader) = ours::Reader::new(archive, ours::Limits::default()) else { return };
    while let Ok(Some(item)) = reader.next_item() {
        if let ours::Item::Record(record) = item {
            each(&record);
        }
    }
}

/// A page, read already.
struct Page {
    url: Url,
    headers: Vec<(String, String)>,
    markup: markup::Page,
}

impl Page {
    /// How many pieces of evidence it and its images give.
    fn signals(&self, policy: &Policy) -> usize {
        let view = PageView {
            url: &self.url,
            headers: &self.headers,
            markup: &self.markup,
            source: Source::Warc,
            seen_at: None,
            now: chrono::DateTime::UNIX_EPOCH,
        };
        let rights = view.rights();
        let of_images = self.markup.images.iter().map(|image| element_evidence(policy, &view, &rights, image).len());
        page_evidence(policy, &view).len() + of_images.sum::<usize>()
    }
}

fn text(body: &[u8]) -> Cow<'_, str> {
    simdutf8::basic::from_utf8(body).map_or_else(|_| String::from_utf8_lossy(body), Cow::Borrowed)
}

fn pages(archive: &[u8]) -> Vec<Page> {
    let mut pages = Vec::new();
    records(archive, |record| {
        let url = record.target().and_then(|target| Url::parse(&target).ok()).filter(|_| record.is("response"));
        if let (Some(url), Ok(response)) = (url, Response::parse(record.block)) {
            let markup = markup::Page::parse(&text(&response.body));
            pages.push(Page { url, headers: response.headers, markup });
        }
    });
    pages
}

/// URL, alt text and page of each image that has both.
fn wat_pairs(blocks: &[String]) -> Vec<(String, String, Arc<str>)> {
    let mut pairs = Vec::new();
    for block in blocks {
        let Ok(wat::Outcome::Page(capture)) = wat::read(block.as_bytes()) else { continue };
        let page: Arc<str> = capture.url.into();
        let images = capture.markup.images.into_iter();
        pairs.extend(images.filter_map(|image| Some((image.address?.0, image.alt?, Arc::clone(&page)))));
    }
    pairs
}

/// What the shortcut would find that looks for images alone, and trusts that their first key is the path.
fn needle(block: &str) -> usize {
    #[derive(serde::Deserialize)]
    struct Link {
        url: String,
        alt: Option<String>,
    }
    let images = memchr::memmem::find_iter(block.as_bytes(), br#"{"path":"IMG@/src""#);
    let link = |at| serde_json::Deserializer::from_str(&block[at..]).into_iter::<Link>().next()?.ok();
    let is_pair = |link: &Link| !link.url.is_empty() && link.alt.as_ref().is_some_and(|alt| !alt.trim().is_empty());
    images.filter_map(link).filter(is_pair).count()
}

mod cpu {
    //! CPU time of the process.

    /// User and system seconds so far, of all threads.
    #[expect(
        unsafe_code,
        reason = "the system's own account of a process has no safe interface in the standard library"
    )]
    pub(super) fn seconds() -> f64 {
        let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
        // SAFETY: `getrusage` fills in the structure it is given, which is valid when zeroed, too.
        let usage = unsafe {
            libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr());
            usage.assume_init()
        };
        let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
        seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}
