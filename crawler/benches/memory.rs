//! How much memory one archive takes, of whatever size: the peak of a process that extracts it, beyond
//! what the process took before.
//!
//! `cargo bench -p crawler --bench memory -- FILE.warc.gz` (default: `../shared/data/bench/pages.warc.gz`).
//! Writes up to 2 GB of temporary files beside the target folder, or into `$TMPDIR`.

use consent::Policy;
use crawler::{archives, extract};
use flate2::{Compression, write::GzEncoder};
use schema::{Config, Mode};
use shards::Store;
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

/// Set in a child that extracts the archive it names.
const CHILD: &str = "PINAKES_BENCH_MEMORY_OF";

fn main() {
    if let Some(archive) = std::env::var_os(CHILD) {
        return extract_one(Path::new(&archive));
    }
    let given = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/bench/pages.warc.gz");
    let file = PathBuf::from(given.unwrap_or_else(|| default.to_owned()));
    let Ok(pages) = std::fs::read(&file) else {
        eprintln!("skipped: `{}` cannot be read; name a gzip archive", file.display());
        return;
    };
    let Ok(folder) = tempfile::tempdir() else { return eprintln!("skipped: no temporary folder") };
    let archive = folder.path().join("made.warc.gz");
    let copies = |bytes: usize| (bytes / pages.len()).max(1);
    for size in [0, 500_000_000, 2_000_000_000] {
        measure(&archive, &format!("the archive {} times over", copies(size)), |out| {
            (0..copies(size)).try_for_each(|_| out.write_all(&pages))
        });
    }
    measure(&archive, "with a record of 500 MB in a member of its own", |out| {
        out.write_all(&pages)?;
        out.write_all(&large_record(500_000_000)?)?;
        out.write_all(&pages)
    });
    measure(&archive, "with a bomb: 4 GB of zeros in a member of 4 MB", |out| {
        out.write_all(&pages)?;
        let mut member = GzEncoder::new(Vec::new(), Compression::fast());
        io::copy(&mut io::Read::take(io::repeat(0), 4_000_000_000), &mut member)?;
        out.write_all(&member.finish()?)?;
        out.write_all(&pages)
    });
}

fn large_record(bytes: usize) -> io::Result<Vec<u8>> {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n";
    let row = "<p>A page that does not end <img src=a.jpg alt='a picture among many'>\n";
    let mut member = GzEncoder::new(Vec::new(), Compression::fast());
    let rows = bytes / row.len();
    let length = head.len() + rows * row.len();
    write!(member, "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://large.example/\r\n")?;
    write!(member, "WARC-Date: 2024-01-02T03:04:05Z\r\nContent-Length: {length}\r\n\r\n{head}")?;
    (0..rows).try_for_each(|_| member.write_all(row.as_bytes()))?;
    member.write_all(b"\r\n\r\n")?;
    member.finish()
}

/// Writes the archive, and has it extracted by a process of its own.
fn measure(archive: &Path, what: &str, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) {
    let written = File::create(archive).and_then(|file| {
        let mut out = BufWriter::new(file);
        write(&mut out)?;
        out.flush()
    });
    let program = std::env::current_exe();
    let (Ok(()), Ok(program)) = (written, program) else { return eprintln!("skipped: {what}: cannot be written") };
    let size = archive.metadata().map_or(0, |meta| meta.len());
    print!("{:7.0} MB  {what}: ", size as f64 / 1e6);
    let _ = io::stdout().flush();
    match Command::new(program).env(CHILD, archive).status() {
        Ok(status) if status.success() => {}
        other => println!("failed: {other:?}"),
    }
}

fn extract_one(archive: &Path) {
    let Ok(runtime) = tokio::runtime::Runtime::new() else { return };
    let Ok(folder) = tempfile::tempdir() else { return };
    let before = peak();
    let work = runtime.block_on(async {
        let store = Store::create(&folder.path().to_string_lossy()).ok()?;
        let mut config = Config::default();
        config.input.archives.push(archive.to_string_lossy().into_owned());
        let archive = archives::spell_out(&config).await.ok()?.pop()?;
        let policy = Arc::new(Policy::new(Mode::Strict, "pinakes"));
        extract::run(&store, &config, policy, archive, chrono::DateTime::UNIX_EPOCH).await.ok()
    });
    let Some(work) = work else { return println!("failed") };
    let records = &work.counts.records;
    let beyond = (peak() - before) as f64 / 1024.0;
    println!("peak {beyond:.0} MiB beyond {:.0}", before as f64 / 1024.0);
    println!(
        "            {} candidates; records {} read, passed over {:?}",
        work.rows.kept(),
        records.kept(),
        records.dropped()
    );
}

/// Largest resident size so far, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
