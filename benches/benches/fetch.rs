//! What downloading costs, beside img2dataset, on one nginx and the same photographs in one run.
//!
//! `make bench-fetch`, or `cargo bench -p benches --bench fetch -- [--pictures N] [FOLDER]` (default: 4,000
//! requests for the photographs in `../shared/data/photos`, over 200 host names). Figures are pictures
//! per second of one core, by the processor time of all processes of a program (the server's is not in it),
//! and wall time; read the ratios. Consent is on in ours: each host's robots.txt and other files are
//! asked for, headers and files are read for what they say. `PINAKES_BENCH_PYTHON` names an interpreter
//! that has img2dataset.

use benches::{Cost, measure};
use consent::Policy;
use crawler::{Sites, door::Door, fetch};
use schema::{Admitted, Agent, Bucket, Candidate, Config, Fetch, Host, ImageSource, Keep, SampleId, Span, TextSource};
use shards::{ShardWriter, Store};
use std::{
    collections::BTreeMap,
    error::Error,
    fmt::Write as _,
    io::{self, BufRead, BufReader, ErrorKind, Read, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

const HOSTS: usize = 200;
const DOMAIN: &str = "bench.example";
/// As img2dataset's README advises: a process a core, and many threads.
const PROCESSES: usize = 2;
const THREADS: usize = 64;

type Anything = Result<(), Box<dyn Error>>;

fn main() -> Anything {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["ours", folder, port] => ours(folder, port.parse()?),
        ["floor", folder] => floor(folder),
        ["--pictures", count, ref folder @ ..] => compare(count.parse()?, folder.first().copied()),
        ref folder => compare(4000, folder.first().copied()),
    }
}

fn compare(count: usize, photographs: Option<&str>) -> Anything {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/photos");
    let photographs = PathBuf::from(photographs.unwrap_or(default));
    let folder = tempfile::tempdir()?;
    let server = match Nginx::start(folder.path(), &photographs) {
        Ok(server) => server,
        Err(error) => {
            println!("skipped: nginx over `{}`: {error}", photographs.display());
            return Ok(());
        }
    };
    let urls = urls(&photographs, count, server.port)?;
    std::fs::write(folder.path().join("urls.txt"), urls.join("\n"))?;
    println!("{count} pictures over {HOSTS} host names from nginx on loopback; originals, not decoded\n");
    let name = |part: &str| folder.path().join(part).to_string_lossy().into_owned();
    let this = std::env::current_exe()?;

    let floor = measure(Command::new(&this).args(["floor", &name("urls.txt")]))?;
    let floor = print("floor: plain sockets, bodies thrown away", count, floor);
    let ours = measure(Command::new(&this).args(["ours", &name(""), &server.port.to_string()]))?;
    let ours = print("ours: consent, sha256, facts, Parquet", count, ours);
    let peer = print("img2dataset: no resizing, webdataset", count, img2dataset(folder.path(), &urls)?);

    println!("\nratios, by processor time and by wall:");
    for (what, other) in [("floor", floor), ("img2dataset", peer)] {
        if let (Some(ours), Some(other)) = (ours, other) {
            println!("{:8.2} × {:8.2} ×  ours / {what}", other.cpu / ours.cpu, other.wall / ours.wall);
        }
    }
    Ok(())
}

fn print(what: &str, count: usize, cost: Option<Cost>) -> Option<Cost> {
    match cost {
        Some(cost) => println!(
            "{:8.0} a core-second {:6.2} s cpu {:6.2} s wall {:6.0} MiB  {what}",
            count as f64 / cost.cpu,
            cost.cpu,
            cost.wall,
            cost.memory
        ),
        None => println!("skipped: {what}: it failed; `make bench-fetch` installs it"),
    }
    cost
}

/// `count` addresses: every photograph from every host, told apart by a query.
fn urls(photographs: &Path, count: usize, port: u16) -> Result<Vec<String>, Box<dyn Error>> {
    let mut names: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(photographs)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.extend(name.ends_with(".jpg").then_some(name));
    }
    names.sort();
    let url = |number: usize| {
        let (host, name) = (number % HOSTS, &names[number % names.len()]);
        format!("http://h{host:03}.{DOMAIN}:{port}/{name}?{number}")
    };
    Ok((0..count).map(url).collect())
}

/// A server of one folder under any name.
struct Nginx {
    child: Child,
    port: u16,
}

impl Nginx {
    fn start(folder: &Path, root: &Path) -> Result<Self, Box<dyn Error>> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let root = std::fs::canonicalize(root)?;
        let mut text = String::new();
        write!(
            text,
            "daemon off; worker_processes 1; pid {here}/nginx.pid; error_log {here}/nginx.log;\n\
             events {{ worker_connections 4096; }}\n\
             http {{ access_log off; types {{ image/jpeg jpg; }} sendfile on; keepalive_requests 100000;\n\
               client_body_temp_path {here}/b; proxy_temp_path {here}/p; fastcgi_temp_path {here}/f;\n\
               uwsgi_temp_path {here}/u; scgi_temp_path {here}/s;\n\
               server {{ listen 127.0.0.1:{port} backlog=4096; root {root}; }} }}\n",
            here = folder.display(),
            root = root.display(),
        )?;
        let file = folder.join("nginx.conf");
        std::fs::write(&file, text)?;
        let child = Command::new("nginx").arg("-c").arg(&file).stderr(Stdio::null()).spawn()?;
        std::thread::sleep(Duration::from_millis(500));
        Ok(Self { child, port })
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its worker ends with it only if it is asked, not killed.
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        if asked.is_ok() {
            let _ = self.child.wait();
        }
    }
}

/// The same by img2dataset, as its users run it.
fn img2dataset(folder: &Path, urls: &[String]) -> Result<Option<Cost>, Box<dyn Error>> {
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
    std::fs::write(
        folder.join("peer.py"),
        format!(
            "from img2dataset import download\nif __name__ == '__main__':\n    download(url_list='peer.txt', input_format='txt', \
             output_folder='peer', output_format='webdataset', resize_mode='no', skip_reencode=True, \
             processes_count={PROCESSES}, thread_count={THREADS}, number_sample_per_shard=1000, retries=0)\n"
        ),
    )?;
    let mut command = Command::new(python);
    command.arg("peer.py").current_dir(folder).env("PYTHONPATH", folder).stdout(Stdio::null()).stderr(Stdio::null());
    Ok(measure(&mut command).unwrap_or(None))
}

/// What any client must do: a request written, a body read and thrown away, a connection a host.
fn floor(urls: &str) -> Anything {
    let text = std::fs::read_to_string(urls)?;
    let mut hosts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for url in text.lines() {
        let (host, path) = url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).ok_or("no address")?;
        hosts.entry(host).or_default().push(path);
    }
    let hosts: Vec<_> = hosts.into_iter().collect();
    std::thread::scope(|scope| {
        let workers: Vec<_> = hosts
            .chunks(hosts.len().div_ceil(THREADS))
            .map(|hosts| scope.spawn(|| hosts.iter().try_for_each(|(host, paths)| ask(host, paths))))
            .collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or(Err(ErrorKind::Other.into())))
    })?;
    Ok(())
}

fn ask(host: &str, paths: &[&str]) -> io::Result<()> {
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
        io::copy(&mut connection.by_ref().take(length), &mut io::sink())?;
    }
    Ok(())
}

/// The fetch stage over one bucket, in a process of its own.
fn ours(folder: &str, port: u16) -> Anything {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = Store::create(&format!("{folder}/ours"))?;
        let config = Config {
            agent: Agent { name: "bench".into(), contact: "https://bench.example/".into(), ..Agent::default() },
            fetch: Fetch {
                resolve: vec![format!("*=127.0.0.1:{port}")],
                per_host_interval: Span::millis(0),
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
        let tools = fetch::Tools { store, config: Arc::new(config), policy, door, sites };
        let work = fetch::run(&tools, Bucket(0)).await?;
        if work.rows.kept() != text.lines().count() as u64 {
            return Err(format!("not all were kept: {:?}", work.rows).into());
        }
        Ok(())
    })
}

fn row(url: &str) -> Admitted {
    let host = url.split('/').nth(2).and_then(|authority| authority.split(':').next()).unwrap_or_default();
    let candidate = Candidate {
        id: SampleId::of(url, "a photograph"),
        url: url.to_owned(),
        text: "a photograph".to_owned(),
        text_source: TextSource::Alt,
        text_flags: Vec::new(),
        language: None,
        alt: None,
        title: None,
        caption: None,
        image_source: ImageSource::Src,
        other_urls: Vec::new(),
        page_url: "http://page.example/".to_owned(),
        page_host: "page.example".to_owned(),
        image_host: Host::from(host).to_string(),
        archive: "bench".to_owned(),
        archive_offset: 0,
        captured_at: None,
        page_language: None,
        license_url: None,
        evidence: Vec::new(),
        checked: Vec::new(),
    };
    Admitted { candidate, refused: None }
}
