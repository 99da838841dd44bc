//! The house stands as ARCHITECTURE.md draws it: imports run one way, one door, one gate, one voice.
#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Who may know whom.
const IMPORTS: [(&str, &[&str]); 11] = [
    ("schema", &[]),
    ("markup", &[]),
    ("language", &[]),
    ("alike", &[]),
    ("shards", &["schema"]),
    ("consent", &["schema", "markup"]),
    ("crawler", &["schema", "markup", "language", "shards", "consent"]),
    ("filter", &["schema", "markup"]),
    ("index", &["schema", "alike", "shards", "consent"]),
    ("pinakes", &["schema", "markup", "shards", "consent", "crawler", "filter", "index"]),
    // Measures rooms together, and nobody knows it.
    ("benches", &["schema", "shards", "consent", "crawler", "filter"]),
];

/// Packages by name, each with the names of all it depends on, for tests and builds too.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["metadata", "--no-deps", "--format-version", "1", "--offline"];
    let output = Command::new(cargo).args(arguments).current_dir(ROOT).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .map(|package| (name(package), package["dependencies"].as_array().unwrap().iter().map(name).collect()))
        .collect()
}

#[test]
fn imports_run_one_way() {
    let packages = dependencies();
    let ours: BTreeSet<&str> = packages.keys().map(String::as_str).collect();
    for (package, needs) in &packages {
        // A new room must say here whom it knows.
        let (_, allowed) = IMPORTS.iter().find(|(name, _)| name == package).unwrap_or_else(|| panic!("{package}"));
        for need in needs.iter().filter(|need| ours.contains(need.as_str())) {
            assert!(allowed.contains(&need.as_str()), "{package} must not know {need}");
        }
    }
    let root = &packages["pinakes"];
    // `markup`, `language` and `alike` are wired within consent, crawler and index; `benches` stands outside.
    let wired = IMPORTS
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !matches!(*name, "markup" | "language" | "alike" | "benches" | "pinakes"));
    for room in wired {
        assert!(root.contains(room), "the root wires all rooms, but not {room}");
    }
}

#[test]
fn heavy_and_powerful_packages_stay_where_they_belong() {
    let packages = dependencies();
    for (dependency, owners) in [
        ("datafusion", &["index"][..]),
        ("deltalake-core", &["index"]),
        ("deltalake", &[]),
        ("reqwest", &["crawler"]),
        ("ort", &["filter"]),
        ("ort-tract", &["filter"]),
    ] {
        for (package, needs) in &packages {
            assert!(!needs.contains(dependency) || owners.contains(&package.as_str()), "{package} knows {dependency}");
        }
    }
    for pure in ["schema", "markup", "language", "alike", "consent"] {
        for runtime in ["tokio", "futures", "async-trait", "object_store"] {
            assert!(!packages[pure].contains(runtime), "{pure} is pure and has no use for {runtime}");
        }
    }
}

#[test]
fn there_is_one_http_client_and_it_is_the_doors() {
    let elsewhere = lines_with(
        &["Client::builder", "Client::new", "ClientBuilder", "reqwest::get", "reqwest::blocking", "TcpStream::connect"],
        &|file| !file.starts_with("crawler/src/door"),
    );
    assert_eq!(elsewhere, Vec::<String>::new());
    let door = lines_with(&["reqwest::Client::builder()"], &|_| true);
    assert_eq!(door.len(), 1, "{door:?}");
}

#[test]
fn only_the_gate_makes_permits() {
    let elsewhere = lines_with(&["Permit {"], &|file| !file.starts_with("consent/src/gate"));
    assert_eq!(elsewhere, Vec::<String>::new());
    assert!(!lines_with(&["Permit {"], &|file| file.starts_with("consent/src/gate")).is_empty(), "the gate moved");
}

#[test]
fn only_the_binary_prints_or_exits() {
    let voices =
        ["println!", "eprintln!", "print!(", "eprint!(", "dbg!", "io::stdout()", "io::stderr()", "process::exit"];
    let elsewhere = lines_with(&voices, &|file| !file.starts_with("src/"));
    assert_eq!(elsewhere, Vec::<String>::new());
}

#[test]
fn the_pure_rooms_touch_neither_disk_nor_net_nor_clock() {
    let world = [
        "std::fs",
        "TcpStream",
        "ToSocketAddrs",
        "File::open",
        "File::create",
        "::now()",
        "tokio::",
        "std::process",
        "std::env::var",
    ];
    let is_pure = |file: &str| {
        ["schema/src/", "markup/src/", "alike/src/", "consent/src/", "filter/src/rules.rs"]
            .iter()
            .any(|room| file.starts_with(room))
    };
    assert_eq!(lines_with(&world, &is_pure), Vec::<String>::new());
    assert_eq!(lines_with(&["::now()"], &|file| file.starts_with("index/src/")), Vec::<String>::new());
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<_> =
        sources().into_iter().filter(|(_, text)| !text.starts_with("//! ")).map(|(name, _)| name).collect();
    assert_eq!(silent, Vec::<String>::new());
}

/// Lines of code, comments and test modules left out, that hold one of `words`, as `file:line`.
fn lines_with(words: &[&str], wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    let of_tests = ["/tests.rs", "/testing.rs", "/fixtures.rs", "/differential.rs", "/measure.rs"];
    let is_test = |name: &str| of_tests.iter().any(|end| name.ends_with(end)) || name.contains("/tests/");
    for (name, text) in sources().into_iter().filter(|(name, _)| wanted(name) && !is_test(name)) {
        // By our convention a file's tests stand at its end.
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        for (number, line) in code.lines().enumerate() {
            let line = line.trim_start();
            if !line.starts_with("//") && words.iter().any(|word| line.contains(word)) {
                found.push(format!("{name}:{}: {line}", number + 1));
            }
        }
    }
    found
}

/// Our source files by their path from the root.
fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let rooms = IMPORTS.iter().map(|(name, _)| if *name == "pinakes" { "src".into() } else { format!("{name}/src") });
    for room in rooms {
        collect(&Path::new(ROOT).join(room), &mut found);
    }
    assert!(found.len() > 50, "the sources moved");
    found
}

fn collect(folder: &Path, found: &mut Vec<(String, String)>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let name = path.strip_prefix(ROOT).unwrap().to_str().unwrap().to_owned();
            found.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
}
