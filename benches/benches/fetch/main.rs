//! What downloading costs, beside img2dataset, from the same server and the same photographs in one run.
//!
//! `make bench-fetch`, or `cargo bench -p benches --bench fetch -- [--pictures N] [FOLDER]` (default: 4,000
//! requests for the photographs in `../shared/data/photos`). Figures are pictures
//! per second of one core, by the processor time of all processes of a program (the server's is not in it),
//! and wall time; read the ratios. Consent is on in ours: each host's robots.txt and other files are
//! asked for, headers and files are read for what they say. `PINAKES_BENCH_PYTHON` names an interpreter
//! that has img2dataset.

mod programs;
mod servers;

use benches::{Cost, measure};
use servers::Server;
use std::{
    error::Error,
    path::{Path, PathBuf},
    process::Command,
};

/// As in the program itself.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const DOMAIN: &str = "bench.example";

type Anything = Result<(), Box<dyn Error>>;

/// What is asked for, of whom.
struct Scene {
    what: &'static str,
    hosts: usize,
    pictures: usize,
    /// Connections of ours, and threads of the floor.
    connections: usize,
    /// Whether pictures are resized to 256 pixels and encoded as JPEG, as img2dataset does unless told otherwise.
    resized: bool,
}

fn main() -> Anything {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["ours", folder, port, connections, resized] => {
            programs::ours(folder, port.parse()?, connections.parse()?, resized == "true")
        }
        ["floor", urls, threads, resized] => programs::floor(urls, threads.parse()?, resized == "true"),
        ["slow", root, port] => servers::serve_slowly(root, port.parse()?),
        ["--pictures", count, ref folder @ ..] => all(count.parse()?, folder.first().copied()),
        ref folder => all(4000, folder.first().copied()),
    }
}

fn all(pictures: usize, photographs: Option<&str>) -> Anything {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/photos");
    let photographs = PathBuf::from(photographs.unwrap_or(default));
    let folder = tempfile::tempdir()?;
    let server = match Server::nginx(folder.path(), &photographs) {
        Ok(server) => server,
        Err(error) => {
            println!("skipped: nginx over `{}`: {error}", photographs.display());
            return Ok(());
        }
    };
    let what = "originals, not decoded, from nginx on loopback";
    compare(&Scene { what, hosts: 200, pictures, connections: 256, resized: false }, &server, &photographs)?;
    let what = "resized to 256 with a white border, from the same";
    compare(&Scene { what, hosts: 200, pictures, connections: 256, resized: true }, &server, &photographs)?;
    drop(server);
    let server = Server::slow(&photographs)?;
    let what = "originals, from a server that takes 200 ms for each answer";
    compare(
        &Scene { what, hosts: 2000, pictures: 5 * pictures / 2, connections: 2048, resized: false },
        &server,
        &photographs,
    )
}

fn compare(scene: &Scene, server: &Server, photographs: &Path) -> Anything {
    let folder = tempfile::tempdir()?;
    let urls = urls(photographs, scene, server.port)?;
    std::fs::write(folder.path().join("urls.txt"), urls.join("\n"))?;
    println!("{} pictures over {} host names: {}\n", scene.pictures, scene.hosts, scene.what);
    let name = |part: &str| folder.path().join(part).to_string_lossy().into_owned();
    let this = std::env::current_exe()?;

    let (connections, resized) = (scene.connections.to_string(), scene.resized.to_string());
    let floor = measure(Command::new(&this).args(["floor", &name("urls.txt"), &connections, &resized]))?;
    let what = if scene.resized { "decoded at an eighth" } else { "bodies thrown away" };
    let floor = print(&format!("floor: plain sockets, {what}"), scene, floor);
    let port = server.port.to_string();
    let ours = measure(Command::new(&this).args(["ours", &name(""), &port, &connections, &resized]))?;
    let what = if scene.resized { ", resized to JPEG" } else { "" };
    let ours = print(&format!("ours: consent, sha256, facts, pack and Parquet{what}"), scene, ours);
    let peer = programs::img2dataset(folder.path(), &urls, scene.resized)?;
    let peer = print("img2dataset: webdataset", scene, peer);

    println!("\nratios, by processor time and by wall:");
    for (what, other) in [("floor", floor), ("img2dataset", peer)] {
        if let (Some(ours), Some(other)) = (ours, other) {
            println!("{:8.2} × {:8.2} ×  ours / {what}", other.cpu / ours.cpu, other.wall / ours.wall);
        }
    }
    println!();
    Ok(())
}

fn print(what: &str, scene: &Scene, cost: Option<Cost>) -> Option<Cost> {
    match cost {
        Some(cost) => println!(
            "{:8.0} a core-second {:6.2} s cpu {:6.2} s wall {:6.0} MiB  {what}",
            scene.pictures as f64 / cost.cpu,
            cost.cpu,
            cost.wall,
            cost.memory
        ),
        None => println!("skipped: {what}: it failed; `make bench-fetch` installs it"),
    }
    cost
}

/// So many addresses: every photograph from every host, told apart by a query.
fn urls(photographs: &Path, scene: &Scene, port: u16) -> Result<Vec<String>, Box<dyn Error>> {
    let mut names: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(photographs)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.extend(name.ends_with(".jpg").then_some(name));
    }
    names.sort();
    let url = |number: usize| {
        let (host, name) = (number % scene.hosts, &names[number % names.len()]);
        format!("http://h{host:04}.{DOMAIN}:{port}/{name}?{number}")
    };
    Ok((0..scene.pictures).map(url).collect())
}
