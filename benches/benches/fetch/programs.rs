//! Who asks: our fetch stage, img2dataset, and the floor, each in a process of its own.

use crate::{Anything, DOMAIN};
use benches::{Cost, measure};
use consent::Policy;
use crawler::{Sites, door::Door, fetch};
use futures::TryStreamExt;
use schema::{Admitted, Agent, Bucket, Candidate, Config, Fetch, Fetched, Host, Keep, ResizeMode, Span, Store};
use shards::{PackWriter, ShardWriter, stream_pictures};
use std::{
    collections::BTreeMap,
    error::Error,
    io::{self, BufRead, BufReader, ErrorKind, Read, Write as _},
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

/// As img2dataset's README advises: a process a core, and many threads.
const PROCESSES: usize = 2;
const THREADS: usize = 64;

/// The same by img2dataset, as its users run it.
pub(crate) fn img2dataset(folder: &Path, urls: &[String], resized: bool) -> Result<Option<Cost>, Box<dyn Error>> {
    let python = std::env::var("PINAKES_BENCH_PYTHON").unwrap_or_else(|_| "python3".into());
    // Its processes look names up by themselves.
    std::fs::write(
        folder.join("sitecustomize.py"),
        format!(
            "import socket\nlookup = socket.getaddrinfo\n\
             def here(host, *rest, **more):\n    return lookup('127.0.0.1' if host.endswith('.{DOMAIN}') else host, *rest, **more)\n\
             socket.getaddrinfo = here\n"
        ),
    )?;
    std::fs::write(folder.join("peer.txt"), urls.join("\n"))?;
    let resizing =
        if resized { "resize_mode='border', image_size=256" } else { "resize_mode='no', skip_reencode=True" };
    std::fs::write(
        folder.join("peer.py"),
        format!(
            "from img2dataset import download\nif __name__ == '__main__':\n    download(url_list='peer.txt', input_format='txt', \
             output_folder='peer', output_format='webdataset', {resizing}, \
             processes_count={PROCESSES}, thread_count={THREADS}, number_sample_per_shard=1000, retries=0)\n"
        ),
    )?;
    let mut command = Command::new(python);
    command.arg("peer.py").current_dir(folder).env("PYTHONPATH", folder).stdout(Stdio::null()).stderr(Stdio::null());
    Ok(measure(&mut command).unwrap_or(None))
}

/// What any client must do: a request written, a body read and thrown away, a connection a host; where pictures are
/// `resized`, each decoded as small as libjpeg-turbo can.
pub(crate) fn floor(urls: &str, threads: usize, resized: bool) -> Anything {
    let text = std::fs::read_to_string(urls)?;
    let mut hosts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for url in text.lines() {
        let (host, path) = url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).ok_or("no address")?;
        hosts.entry(host).or_default().push(path);
    }
    let hosts: Vec<_> = hosts.into_iter().collect();
    std::thread::scope(|scope| {
        let workers: Vec<_> = hosts
            .chunks(hosts.len().div_ceil(threads))
            .map(|hosts| scope.spawn(|| hosts.iter().try_for_each(|(host, paths)| ask(host, paths, resized))))
            .collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or(Err(ErrorKind::Other.into())))
    })?;
    Ok(())
}

fn ask(host: &str, paths: &[&str], resized: bool) -> io::Result<()> {
    let port = host.rsplit(':').next().and_then(|port| port.parse::<u16>().ok()).ok_or(ErrorKind::InvalidInput)?;
    let mut connection = BufReader::with_capacity(1 << 16, TcpStream::connect(("127.0.0.1", port))?);
    for path in paths {
        write!(connection.get_mut(), "GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n")?;
        let (mut line, mut length) = (String::new(), 0);
        while connection.read_line(&mut line)? > 2 {
            let field = line.to_ascii_lowercase();
            if let Some(value) = field.strip_prefix("content-length:") {
                length = value.trim().parse().map_err(|_| ErrorKind::InvalidData)?;
            }
            line.clear();
        }
        let mut body = connection.by_ref().take(length);
        if resized {
            let mut bytes = Vec::new();
            body.read_to_end(&mut bytes)?;
            filter::decode::decode_for(&bytes, u64::MAX, |_, _| 0.0).map_err(|_| ErrorKind::InvalidData)?;
        } else {
            io::copy(&mut body, &mut io::sink())?;
        }
    }
    Ok(())
}

/// The fetch stage over one bucket, in a process of its own.
pub(crate) fn ours(folder: &str, port: u16, connections: usize, resized: bool) -> Anything {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = shards::Store::create(&format!("{folder}/ours"))?;
        let config = Config {
            agent: Agent { name: "bench".into(), contact: "https://bench.example/".into(), ..Agent::default() },
            fetch: Fetch {
                resolve: vec![format!("*=127.0.0.1:{port}")],
                max_connections: connections,
                per_host_interval: Span::millis(0),
                store: if resized { Store::Resized } else { Store::None },
                resize_to: 256,
                resize_mode: ResizeMode::Border,
                ..Fetch::default()
            },
            keep: Keep { min_body_bytes: 0, ..Keep::default() },
            ..Config::default()
        };
        let text = std::fs::read_to_string(format!("{folder}/urls.txt"))?;
        let rows: Vec<Admitted> = text.lines().map(row).collect();
        ShardWriter::write_all(&store, "admit/000.parquet", rows, |_| Bucket(0)).await?;
        let policy = Arc::new(Policy::new(config.consent.mode, &config.agent.name));
        let door = Arc::new(Door::open(&config.agent, &config.fetch)?);
        let sites = Arc::new(Sites::new(Arc::clone(&door), Arc::clone(&policy)));
        let (stages, settings) = (store.clone(), config.fetch.clone());
        let tools = fetch::Tools { store, config: Arc::new(config), policy, door, sites, live: Arc::default() };
        let work = fetch::run(&tools, Bucket(0)).await?;
        if work.rows.kept() != text.lines().count() as u64 {
            return Err(format!("not all were kept: {:?}", work.rows).into());
        }
        if resized {
            for rows in
                work.outputs.iter().filter(|name| name.ends_with(".parquet") && !name.ends_with(".ledger.parquet"))
            {
                resize(&stages, rows.trim_end_matches(".parquet"), &settings).await?;
            }
        }
        Ok(())
    })
}

/// What the score stage does for `fetch.store = "resized"`, on all cores, without the score.
async fn resize(stages: &shards::Store, share: &str, settings: &Fetch) -> Anything {
    let mut pack = PackWriter::create(stages, &format!("{share}.resized"));
    let mut parts = Box::pin(stream_pictures(stages, share, Bucket(0)).await?);
    while let Some(part) = parts.try_next().await? {
        let cores = std::thread::available_parallelism()?.get();
        let stored: Result<Vec<Vec<Option<Vec<u8>>>>, String> = std::thread::scope(|scope| {
            let stored =
                |rows: &[Fetched]| rows.iter().map(|row| filter::stored_picture(&row.body, settings)).collect();
            let workers: Vec<_> =
                part.chunks(part.len().div_ceil(cores)).map(|rows| scope.spawn(move || stored(rows))).collect();
            workers.into_iter().map(|worker| worker.join().unwrap_or(Err("panicked".into()))).collect()
        });
        for picture in stored?.into_iter().flatten() {
            pack.put(picture.ok_or("nothing was stored")?.into()).await?;
        }
    }
    Ok(pack.close().await?)
}

fn row(url: &str) -> Admitted {
    let host = url.split('/').nth(2).and_then(|authority| authority.split(':').next()).unwrap_or_default();
    let candidate = Candidate {
        page_url: "http://page.example/".to_owned(),
        page_host: "page.example".to_owned(),
        image_host: Host::from(host).to_string(),
        archive: "bench".to_owned(),
        ..Candidate::bare(url, "a photograph")
    };
    Admitted { candidate, refused: None }
}
