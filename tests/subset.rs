//! Subsets from outside: what is asked for, what comes, and what is said where it cannot be had.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{
    cli::{Folder, Settings},
    gallery::Gallery,
    table::number,
    web::Web,
};
use std::{process::Command, sync::LazyLock};

const DATASET: &str = "run/dataset";

/// A dataset of nine pictures on three hosts, stored as received.
static RUN: LazyLock<Folder> = LazyLock::new(|| {
    let mut gallery = Gallery::new();
    for host in ["one.example", "two.example", "three.example"] {
        gallery.host(host, "User-agent: *\nAllow: /\n", 3, &[]);
    }
    let folder = Folder::new();
    let archive = folder.write("web.warc.gz", gallery.archive());
    let web = Web::serve(gallery.routes);
    let settings = Settings::new(&[&archive], &web).set("fetch.store", "original");
    let config = folder.write("config.toml", settings.toml());
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    folder
});

fn subset(arguments: &[&str]) -> common::cli::Outcome {
    RUN.pinakes(&[&["subset", DATASET][..], arguments].concat())
}

fn files(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(RUN.path(folder)).unwrap();
    common::table::sorted(entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()))
}

#[test]
fn what_is_mistyped_is_named_and_no_folder_is_made() {
    subset(&["--out", "x", "--where", "widht > 1"]).fails(1, &["`widht`"]).hints("width");
    subset(&["--out", "x", "--where", "width >"]).fails(1, &["`width >` is no condition"]).hints("similarity > 0.3");
    subset(&["--out", "x", "--recipe", "512px-and-upp"])
        .fails(1, &["`512px-and-upp`"])
        .hints("did you mean `512px-and-up`");
    // The demo's model has no head for it.
    subset(&["--out", "x", "--recipe", "not-unsafe"])
        .fails(1, &["recipe `not-unsafe`", "`punsafe`"])
        .hints("model.toml");
    let list = RUN.write("list.txt", "http://one.example/0.jpg\none.example/1.jpg\n");
    subset(&["--out", "x", "--urls", &list]).fails(1, &["`one.example/1.jpg` in line 2 is no URL"]).hints("http(s)");
    subset(&["--out", "x", "--ids", "absent.txt"]).fails(1, &["list `absent.txt`"]).hints("one whole number a line");
    subset(&["--out", "x", "--sample", "2.5"]).fails(1, &["`--sample` is `2.5`"]).hints("0.1");
    subset(&["--out", "x", "--stratify", "langauge", "--per-stratum", "1"]).fails(1, &["`langauge`"]).hints("language");
    subset(&["--out", "x", "--stratify", "language"]).fails(1, &["`--stratify`"]).hints("--per-stratum");
    subset(&["--out", "x", "--per-domain", "2", "--by-score", "beauty"]).fails(1, &["`beauty`"]).hints("aesthetic");
    subset(&["--out", "x", "--layout", "zip"]).fails(1, &["`zip`", "huggingface", "datacomp"]);
    for rows in ["0", "5000"] {
        let named = format!("`--preview` is `{rows}`");
        subset(&["--out", "x", "--preview", rows]).fails(1, &[named.as_str()]).hints("1 to 1000");
    }
    subset(&["--out", "x", "--by-score", "aesthetic"]).fails(1, &["--per-domain", "--per-page-domain"]);
    subset(&["--dry-run", "--preview", "5"]).fails(1, &["--preview", "--dry-run"]);
    subset(&["--layout", "urls"]).fails(1, &["no folder is named"]).hints("--dry-run");
    RUN.pinakes(&["subset", "--out", "x"]).fails(1, &["no dataset is named"]).hints("pinakes subset DATASET");
    assert!(!RUN.path("x").exists());
}

#[test]
fn a_folder_that_holds_something_is_left_as_it_is() {
    std::fs::create_dir(RUN.path("taken")).unwrap();
    RUN.write("taken/mine.txt", "mine");
    subset(&["--out", "taken"]).fails(1, &["`taken` is not empty"]).hints("new folder");
    assert_eq!(files("taken"), ["mine.txt"]);
}

#[test]
fn no_rows_are_a_subset_too_and_a_dry_run_writes_nothing() {
    for layout in ["parquet", "laion", "urls", "webdataset", "img2dataset", "huggingface", "datacomp"] {
        let out = format!("none-{layout}");
        let none = ["--where", "width > 99999", "--layout", layout, "--out", &out, "--preview", "5"];
        let manifest = subset(&none).ends_with(0).json();
        assert_eq!((number(&manifest["rows"]), number(&manifest["seen"])), (0, 9), "{manifest}");
        assert!(files(&out).contains(&"manifest.json".to_owned()) && files(&out).contains(&"preview.html".to_owned()));
    }
    let counted = subset(&["--per-domain", "2", "--sample", "4", "--dry-run", "--out", "dry"]).ends_with(0).json();
    assert_eq!((number(&counted["written"]), number(&counted["rows"])), (4, 0), "{counted}");
    assert_eq!(counted["steps"][0]["dropped"], 3, "{counted}");
    assert!(!RUN.path("dry").exists());
}

#[test]
fn lists_and_previews_work_together() {
    let list =
        RUN.write("urls.csv", "url,why\nhttp://one.example/0.jpg,a\nhttp://two.example/2.jpg,b\nhttp://x.example/,c\n");
    let wanted = ["--urls", &list, "--layout", "webdataset", "--out", "tars", "--preview", "50"];
    let outcome = subset(&wanted).ends_with(0);
    assert!(outcome.stderr.contains("`--urls`: 1 of 3 entries name no row"), "{}", outcome.stderr);
    let manifest = outcome.json();
    assert_eq!((number(&manifest["rows"]), number(&manifest["lists"][0]["matched"])), (2, 2), "{manifest}");
    let expected = ["00000.parquet", "00000.tar", "00000_stats.json", "manifest.json", "preview.html"];
    assert_eq!(files("tars"), expected);
    let page = std::fs::read_to_string(RUN.path("tars/preview.html")).unwrap();
    assert_eq!(page.matches("src=\"data:image/jpeg;base64,").count(), 2);

    let outside = RUN.write("domains.txt", "one.example\n");
    let alone = ["--exclude-domains", &outside, "--preview-only", "page.html", "--preview", "3"];
    let manifest = subset(&alone).ends_with(0).json();
    assert_eq!(number(&manifest["written"]), 6, "{manifest}");
    let page = std::fs::read_to_string(RUN.path("page.html")).unwrap();
    assert!(page.contains("3 of 6 rows") && !page.contains("http://one.example"), "{page}");
    subset(&["--preview-only", "nowhere/page.html"]).fails(1, &["`nowhere/page.html`"]);
    subset(&["--preview-only", "page.html", "--preview", "0"]).fails(1, &["`--preview` is `0`"]).hints("1 to 1000");
}

#[test]
fn recipes_are_shown_with_their_sources() {
    let told = RUN.pinakes(&["subset", "--recipe", "list"]).ends_with(0).stdout;
    for words in [
        "laion-aesthetics-6plus",
        "permissive-licences",
        "datacomp-clip-l14-30",
        "source",
        "pwatermark is not computed",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

/// `make test` on a machine without a network: the tests that want other people's readers skip, and nothing fails.
#[test]
fn readers_that_cannot_be_had_are_skipped() {
    let folder = Folder::new();
    let venv = folder.path("python");
    let make = |arguments: &[&str]| {
        let mut make = Command::new("make");
        make.args(["-s", "-C", env!("CARGO_MANIFEST_DIR"), "readers"])
            .arg(format!("VENV={}", venv.display()))
            .args(arguments);
        make.env("PIP_NO_INDEX", "1").env_remove("MAKEFLAGS").output()
    };
    let Ok(output) = make(&["READERS=no-such-package-as-this"]) else {
        eprintln!("skipped: there is no make");
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success() && said.contains("not available"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!venv.join("readers").exists());
    // One that was made for another list is brought up to date; the same list is left alone.
    std::fs::create_dir_all(&venv).unwrap();
    std::fs::write(venv.join("readers"), "pyarrow\n").unwrap();
    let again = String::from_utf8_lossy(&make(&["READERS=pyarrow other"]).unwrap().stdout).into_owned();
    assert!(again.contains("installing pyarrow other"), "{again}");
    let same = make(&["READERS=pyarrow"]).unwrap();
    assert!(same.status.success() && same.stdout.is_empty(), "{}", String::from_utf8_lossy(&same.stdout));
}
