//! `pinakes search` and `pinakes index`, on the dataset of the demo and with its model.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{
    cli::Folder,
    data::photo,
    table::{number, version},
};
use serde_json::Value;
use std::sync::LazyLock;

const DATASET: &str = "demo/dataset";

/// The demo, run once for all tests.
static DEMO: LazyLock<(Folder, String)> = LazyLock::new(|| {
    let folder = Folder::new();
    folder.pinakes(&["demo", "--dir", "demo", "--quiet"]).ends_with(0);
    let dataset = [DATASET, "demo/run/dataset"].into_iter().find(|name| folder.path(name).join("_delta_log").is_dir());
    let dataset = dataset.expect("the demo leaves a dataset").to_owned();
    (folder, dataset)
});

fn search(arguments: &[&str]) -> Vec<Value> {
    let (folder, dataset) = &*DEMO;
    let all = [&["search", dataset.as_str(), "--format", "json"][..], arguments].concat();
    folder.pinakes(&all).ends_with(0).json().as_array().unwrap().clone()
}

/// Rows of distinct pictures and texts.
fn samples() -> Vec<Value> {
    let (folder, dataset) = &*DEMO;
    folder.sql(dataset, "select id, url, text, sha256, similarity from samples order by similarity desc, id")
}

#[test]
fn a_caption_finds_its_picture() {
    let mut first = 0;
    let rows = samples();
    let best: Vec<&Value> = rows.iter().take(10).collect();
    for row in &best {
        let text = row["text"].as_str().unwrap();
        let hits = search(&["--text", text]);
        assert_eq!(hits.len(), 10);
        let (cosine, similarity) = (hits[0]["cosine"].as_f64().unwrap(), row["similarity"].as_f64().unwrap());
        // Nothing is less near to a text than its own picture is.
        assert!(cosine >= similarity - 2e-3, "{text}: {cosine}, {similarity}");
        first += usize::from(hits.iter().any(|hit| hit["id"] == row["id"]));
        let cosines: Vec<f64> = hits.iter().map(|hit| hit["cosine"].as_f64().unwrap()).collect();
        assert!(cosines.is_sorted_by(|one, other| one >= other), "{cosines:?}");
    }
    assert!(first >= 8, "{first} of 10 captions have their picture among the ten nearest");
}

#[test]
fn a_picture_finds_itself_first_and_a_row_its_neighbours() {
    let (folder, dataset) = &*DEMO;
    let mut seen = 0;
    for n in 0..50 {
        if seen == 4 {
            break;
        }
        let bytes = photo(n);
        let file = folder.write(&format!("photo-{n}.jpg"), &bytes);
        let sha256 = schema::sha256_hex(&bytes);
        if folder.sql(dataset, &format!("select id from samples where sha256 = '{sha256}'")).is_empty() {
            continue;
        }
        seen += 1;
        let hits = search(&["--image", &file, "-k", "3"]);
        let id = &hits[0]["id"];
        let found = &folder.sql(dataset, &format!("select sha256 from samples where id = {id}"))[0]["sha256"];
        assert_eq!(found, &Value::from(sha256), "{hits:?}");
        assert!(hits[0]["cosine"].as_f64().unwrap() > 0.99, "{hits:?}");
        let others = search(&["--id", &id.to_string(), "-k", "3"]);
        assert!(others.len() == 3 && others.iter().all(|hit| hit["id"] != *id), "{others:?}");
    }
    assert!(seen == 4, "photographs of the demo are in its dataset");
}

#[test]
fn conditions_formats_and_a_page() {
    let (folder, dataset) = &*DEMO;
    let hits = search(&["--text", "a boat", "--where", "width >= 400", "-k", "1000"]);
    let there =
        &folder.sql(dataset, "select count(*) as n from samples where width >= 400 and embedding is not null")[0];
    assert_eq!(hits.len() as u64, number(&there["n"]));
    assert!(hits.iter().all(|hit| number(&hit["width"]) >= 400));
    let outcome = folder.pinakes(&["search", dataset, "--text", "a boat", "--page", "boats.html"]).ends_with(0);
    assert!(outcome.stdout.contains("cosine") && outcome.stderr.contains("looked at"), "{outcome:?}");
    let page = std::fs::read_to_string(folder.path("boats.html")).unwrap();
    assert!(page.contains("Nearest to “a boat”") && !page.contains("src=\"http"), "{page}");
    let csv = folder.pinakes(&["search", dataset, "--text", "a boat", "-k", "4", "--format", "csv"]).ends_with(0);
    assert_eq!(csv.stdout.lines().count(), 5);
    assert!(csv.stdout.starts_with("rank,cosine,id,text,url,page_url,width,height,license\n"), "{}", csv.stdout);
}

#[test]
fn bad_input_is_told_with_the_way_out() {
    let (folder, dataset) = &*DEMO;
    let fails = |arguments: &[&str], words: &[&str], hint: &str| {
        folder.pinakes(&[&["search", dataset.as_str()][..], arguments].concat()).fails(1, words).hints(hint);
    };
    fails(&["--text", " "], &["`--text`"], "say what");
    fails(&["--image", "nothing.jpg"], &["`nothing.jpg`"], "name a picture");
    let file = folder.write("text.jpg", "no picture");
    fails(&["--image", &file], &["no picture", "text.jpg"], "JPEG");
    fails(&["--id", "-1"], &["`-1`"], "pinakes sql");
    fails(&["--text", "boat", "--where", "widht > 1"], &["`widht`"], "width");
    fails(&["--text", "boat", "--where", "width > 9) or (width < 3"], &["is no condition"], "SQL's `where`");
    fails(&["--id", "1", "--model", "clip"], &["`clip`", "demo@"], "--model");
    fails(&["--text", "boat", "--model", "no-such-model"], &["no-such-model"], "models");
    fails(&["--verify", "--recall", "2"], &["`--recall`", "`2`"], "0.98");
    for arguments in [
        &["search", dataset.as_str()][..],
        &["search", dataset, "--text", "a", "--id", "1"],
        &["search", dataset, "--text", "a", "-k", "0"],
        &["search", dataset, "--text", "a", "--recall", "0.9"],
        &["search", dataset, "--id", "1", "--queries", "5"],
        &["search", dataset, "--verify", "-k", "5"],
    ] {
        assert!(folder.pinakes(arguments).ends_with(1).stdout.is_empty());
    }
    folder.pinakes(&["search", "nowhere", "--text", "boat"]).fails(1, &["`nowhere`"]);
}

#[test]
fn an_index_is_made_verified_and_used_and_told_of_when_it_is_old() {
    let folder = Folder::new();
    folder.pinakes(&["demo", "--dir", "demo", "--quiet"]).ends_with(0);
    let dataset = &*DEMO.1;
    folder.pinakes(&["search", dataset, "--verify"]).fails(1, &["no index"]).hints("pinakes index");
    let scanned = folder.pinakes(&["search", dataset, "--text", "a boat", "--format", "json"]).ends_with(0);
    let version_before = version(&folder, dataset);
    let built = folder.pinakes(&["index", dataset, "--recall", "1", "--format", "json"]).ends_with(0).json();
    let rows = number(&folder.sql(dataset, "select count(embedding) as n from samples")[0]["n"]);
    assert_eq!((number(&built["rows"]), &built["anew"]), (rows, &Value::from(true)), "{built}");
    assert_eq!(version(&folder, dataset), version_before);
    let verified = folder.pinakes(&["search", dataset, "--verify", "--queries", "20", "--format", "json"]).ends_with(0);
    let verified = verified.json();
    let kinds: Vec<_> = verified["measured"].as_array().unwrap().iter().map(|one| one["kind"].clone()).collect();
    assert_eq!(kinds, ["rows", "texts"], "{verified}");
    assert!(verified["measured"][0]["recall_at_10"].as_f64().unwrap() > 0.5, "{verified}");
    folder.pinakes(&["search", dataset, "--verify", "--format", "csv"]).ends_with(0);
    assert!(folder.pinakes(&["search", dataset, "--verify"]).ends_with(0).stdout.contains("recall@1"));
    let found = folder.pinakes(&["search", dataset, "--text", "a boat", "--format", "json"]).ends_with(0);
    assert!(found.stderr.contains("lists of the index"), "{}", found.stderr);
    let exact = folder.pinakes(&["search", dataset, "--text", "a boat", "--format", "json", "--exact"]).ends_with(0);
    assert_eq!(exact.stdout, scanned.stdout);
    // Marks of near-duplicates write files anew.
    folder.pinakes(&["dedup", dataset, "--max-distance", "8", "--min-cosine", "0.2"]).ends_with(0);
    let old = folder.pinakes(&["search", dataset, "--text", "a boat", "--format", "json", "-k", "1000"]).ends_with(0);
    if version(&folder, dataset) > version_before + 1 {
        assert!(old.stderr.contains("takes them in"), "{}", old.stderr);
    }
    folder.pinakes(&["index", dataset]).ends_with(0);
    let new = folder.pinakes(&["search", dataset, "--text", "a boat", "--exact", "--format", "json"]).ends_with(0);
    assert_eq!(new.stdout, scanned.stdout);
}
