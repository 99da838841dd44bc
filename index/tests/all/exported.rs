//! Subsets that were cut before a takedown.

use crate::common::{at, copy, dataset_path, open, published, sample};
use index::{
    Dataset,
    optout::{Asked, Entry, EntryKind, InSubset, Key, Named, check_subset, rewrite_subset, standing, take_down},
    subset::{Layout, Wanted, subset},
};
use schema::sha256_hex;
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;

const SITE: &str = "img.site1.example";

/// A dataset of 60 samples, out of which one site was taken after subsets were cut in `layouts`; and where these are.
async fn cut(layouts: &[Layout]) -> (TempDir, TempDir, Dataset) {
    let (folder, dataset) = published(0..100).await;
    let out = tempfile::tempdir().unwrap();
    for layout in layouts {
        let to = out.path().join(layout.name());
        subset(&dataset, &Wanted::default(), *layout, to.to_str().unwrap(), at(500)).await.unwrap();
    }
    let asked = Asked {
        entries: vec![
            Entry { kind: EntryKind::Domain, value: "site1.example".into() },
            // By a page: lists and LAION's columns do not tell it.
            Entry { kind: EntryKind::UrlPrefix, value: "https://www.page0.example/0".into() },
        ],
        names: 0,
        list: None,
        list_sha256: None,
        policy: "1".into(),
        at: at(1_000),
    };
    take_down(&dataset_path(&folder), &asked, &Key::generate().unwrap()).await.unwrap();
    let dataset = open(&folder).await;
    (folder, out, dataset)
}

fn manifest(folder: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join("manifest.json")).unwrap()).unwrap()
}

async fn rewritten(folder: &Path, dataset: &Dataset) -> InSubset {
    let named = standing(dataset).await.unwrap();
    rewrite_subset(folder.to_str().unwrap(), &named, Some(dataset), at(2_000)).await.unwrap()
}

/// Adds a file to a subset as its manifest names it.
fn add(folder: &Path, name: &str, bytes: &[u8]) {
    std::fs::write(folder.join(name), bytes).unwrap();
    let mut told = manifest(folder);
    let file = json!({ "name": name, "rows": 0, "bytes": bytes.len(), "sha256": sha256_hex(bytes) });
    told["files"].as_array_mut().unwrap().push(file);
    std::fs::write(folder.join("manifest.json"), told.to_string()).unwrap();
}

fn npy(ids: &[i64]) -> Vec<u8> {
    let words =
        format!("{{'descr': [('f0', '<u8'), ('f1', '<u8')], 'fortran_order': False, 'shape': ({},), }}", ids.len());
    let mut bytes = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    bytes.extend_from_slice(format!("{words:<117}\n").as_bytes());
    bytes.extend(ids.iter().flat_map(|id| [id.to_le_bytes(), [7; 8]].concat()));
    bytes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_do_not_tell_their_page_are_held_against_the_dataset() {
    let (_folder, out, dataset) =
        cut(&[Layout::Parquet, Layout::Laion, Layout::Urls, Layout::Img2dataset, Layout::Datacomp]).await;
    let left = dataset.samples().rows().unwrap();
    for layout in ["parquet", "laion", "urls", "img2dataset", "datacomp"] {
        let folder = out.path().join(layout);
        let named = standing(&dataset).await.unwrap();
        let found = check_subset(folder.to_str().unwrap(), &named, Some(&dataset)).await.unwrap();
        assert_eq!((found.rows - found.named, found.rewritten), (left, false), "{layout}");
        let is_gone = found.found.iter().any(|found| found.kind == "gone" && found.rows > 0);
        assert_eq!(is_gone, layout != "parquet", "{layout}: {:?}", found.found);
        // Without the dataset only what stands there itself can be known.
        let alone = check_subset(folder.to_str().unwrap(), &named, None).await.unwrap();
        assert_eq!(alone.named == found.named, layout == "parquet", "{layout}");

        assert!(rewritten(&folder, &dataset).await.rewritten, "{layout}");
        assert_eq!(manifest(&folder)["rows"], json!(left), "{layout}");
        assert!(!folder.join("takedown.json").exists());
    }
    let urls = std::fs::read_to_string(out.path().join("urls/urls.txt")).unwrap();
    assert_eq!(urls.lines().count() as u64, left);
    assert!(!urls.contains(SITE));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_and_what_lies_beside_them_go_with_their_rows() {
    let (_folder, out, dataset) = cut(&[Layout::Webdataset, Layout::Huggingface]).await;
    let left = (0..100_u64).filter(|n| n % 10 > 3 && n % 5 == 0 && n % 7 != 1 && n % 15 != 0).count() as u64;
    for layout in ["webdataset", "huggingface"] {
        let folder = out.path().join(layout);
        let before = manifest(&folder)["rows"].as_u64().unwrap();
        let found = rewritten(&folder, &dataset).await;
        assert_eq!((found.rows, found.named), (before, before - left), "{layout}: {found:?}");
        assert!(before > left && manifest(&folder)["rows"] == json!(left), "{layout}");
        let all = standing(&dataset).await.unwrap();
        let again = check_subset(folder.to_str().unwrap(), &all, Some(&dataset)).await.unwrap();
        assert_eq!((again.rows, again.named, again.files.len()), (left, 0, 0), "{layout}: {again:?}");
    }
    let told: Value =
        serde_json::from_slice(&std::fs::read(out.path().join("webdataset/00000_stats.json")).unwrap()).unwrap();
    assert_eq!(told["successes"], json!(left));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_of_uids_and_previews_go_with_their_rows() {
    let (_folder, out, dataset) = cut(&[Layout::Parquet]).await;
    let folder = out.path().join("parquet");
    let kept = (0..100).filter(|n| n % 10 > 3);
    let ids: Vec<i64> = kept.clone().map(|n| sample(n).id.0).collect();
    add(&folder, "uids.npy", &npy(&ids));
    add(&folder, "preview.html", b"<p>https://img.site1.example/8.jpg</p>");
    add(&folder, "README.md", b"A card.");
    let found = rewritten(&folder, &dataset).await;
    assert_eq!(found.files, ["part-00000.parquet", "uids.npy", "preview.html"]);
    let left: Vec<i64> = kept.filter(|n| n % 7 != 1 && !n.is_multiple_of(15)).map(|n| sample(n).id.0).collect();
    assert_eq!(std::fs::read(folder.join("uids.npy")).unwrap(), npy(&left));
    assert!(!folder.join("preview.html").exists());
    let names: Vec<String> = manifest(&folder)["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["part-00000.parquet", "uids.npy", "README.md"]);
    // What nobody knows how to read is no silent pass.
    std::fs::write(folder.join("rows.arrow"), "").unwrap();
    let mut told = manifest(&folder);
    told["files"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "name": "rows.arrow", "rows": 3, "bytes": 0, "sha256": sha256_hex(b"") }));
    std::fs::write(folder.join("manifest.json"), told.to_string()).unwrap();
    let all = standing(&dataset).await.unwrap();
    let error = check_subset(folder.to_str().unwrap(), &all, None).await.unwrap_err().to_string();
    assert!(error.contains("rows.arrow"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rewrite_that_was_broken_off_is_ended_by_the_next() {
    let (_folder, out, dataset) = cut(&[Layout::Webdataset]).await;
    let whole = out.path().join("webdataset");
    let told = |folder: &Path| -> Value {
        serde_json::from_slice(&std::fs::read(folder.join("00000_stats.json")).unwrap()).unwrap()
    };
    let all = manifest(&whole)["rows"].as_u64().unwrap();
    assert_eq!(told(&whole)["successes"], json!(all));
    let before = out.path().join("before");
    copy(&whole, &before);
    let found = rewritten(&whole, &dataset).await;
    assert!(found.rewritten && found.named > 0);
    assert_eq!(told(&whole)["successes"], json!(all - found.named));

    // Broken off after the first file, and before the manifest: it says which files were to be replaced.
    for replaced in [false, true] {
        let killed = out.path().join(format!("killed-{replaced}"));
        copy(&before, &killed);
        let begun = json!({ "00000.tar": found.named, "00000.parquet": 0, "00000_stats.json": 0 });
        std::fs::write(killed.join("takedown.json"), begun.to_string()).unwrap();
        std::fs::write(killed.join("00000.tar#takedown"), "half of it").unwrap();
        if replaced {
            std::fs::copy(whole.join("00000.tar"), killed.join("00000.tar")).unwrap();
        }
        rewritten(&killed, &dataset).await;
        assert_eq!(manifest(&killed), manifest(&whole), "{replaced}");
        assert_eq!(std::fs::read(killed.join("00000.tar")).unwrap(), std::fs::read(whole.join("00000.tar")).unwrap());
        assert!(!killed.join("takedown.json").exists());
    }
    // Without that note the same file is one that somebody changed.
    let changed = out.path().join("changed");
    copy(&before, &changed);
    std::fs::copy(whole.join("00000.tar"), changed.join("00000.tar")).unwrap();
    let named = Named::of("asked", &[Entry { kind: EntryKind::Host, value: SITE.into() }]).unwrap();
    let error = rewrite_subset(changed.to_str().unwrap(), &named, None, at(1)).await.unwrap_err().to_string();
    assert!(error.contains("00000.tar") && error.contains("somebody changed it"), "{error}");
}
