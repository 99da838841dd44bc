//! Files by others: c2pa-rs's own pictures and ones signed with the old and the new label.
//!
//! They are not in this repository; tests look for them under `PINAKES_TEST_DATA` or beside the
//! workspace, and say so where they are absent.

use super::*;
use schema::Verdict;
use std::{env, fs, path::PathBuf};

/// The manifest store of a PNG or JPEG, by the plainest of walks.
fn store_of(name: &str) -> Option<Vec<u8>> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data");
    let folder = env::var_os("PINAKES_TEST_DATA").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let path = folder.join("consent/embedded").join(name);
    let Ok(file) = fs::read(&path) else {
        eprintln!("skipped: no `{}` (set PINAKES_TEST_DATA)", path.display());
        return None;
    };
    Some(if name.ends_with(".png") { from_png(&file) } else { from_jpeg(&file) })
}

fn from_png(file: &[u8]) -> Vec<u8> {
    let mut store = Vec::new();
    let mut rest = &file[8..];
    while let Some(([a, b, c, d, kind @ ..], after)) = rest.split_first_chunk::<8>() {
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        if kind == b"caBX" {
            store.extend_from_slice(&after[..length]);
        }
        rest = &after[length + 4..];
    }
    store
}

fn from_jpeg(file: &[u8]) -> Vec<u8> {
    let mut store = Vec::new();
    let mut rest = &file[2..];
    while let [0xFF, marker, high, low, ..] = rest
        && *marker != 0xDA
    {
        let (segment, after) = rest[2..].split_at(usize::from(u16::from_be_bytes([*high, *low])));
        // Common identifier, box instance, packet number; the box header stands again in each part.
        if *marker == 0xEB && segment[2..].starts_with(b"JP") {
            store.extend_from_slice(&segment[if store.is_empty() { 10 } else { 18 }..]);
        }
        rest = after;
    }
    store
}

fn said(store: &[u8], reading: Reading) -> Vec<String> {
    let statements = read(store, reading).statements;
    statements.iter().map(|one| format!("{} {:?}", one.signal, one.verdict)).collect()
}

#[test]
fn the_old_label_refuses() {
    let Some(store) = store_of("c2pa-notAllowed.png") else { return };
    let entries = ["ai_generative_training", "ai_inference", "ai_training", "data_mining"];
    assert_eq!(said(&store, Reading::Strict), entries.map(|name| format!("c2pa.{name} Deny")));
    let spec = entries.map(|name| format!("c2pa.{name} {}", if name == "ai_inference" { "Info" } else { "Deny" }));
    assert_eq!(said(&store, Reading::Spec), spec);
    let place = &read(&store, Reading::Spec).statements[0].place;
    assert_eq!(
        place,
        "C2PA manifest urn:uuid:8368fc8a-2601-45ec-8b3c-fceaadc5ab8f / c2pa.training-mining / c2pa.ai_generative_training"
    );
}

#[test]
fn the_new_label_refuses() {
    let Some(store) = store_of("cawg-notAllowed.jpg") else { return };
    assert_eq!(said(&store, Reading::Strict), ["cawg.ai_inference Deny", "cawg.ai_generative_training Deny"]);
    assert_eq!(said(&store, Reading::Spec), ["cawg.ai_inference Info", "cawg.ai_generative_training Deny"]);
    assert_eq!(read(&store, Reading::Spec).generated, None);
}

#[test]
fn manifests_that_say_nothing_of_training_refuse_nothing() {
    for (name, generated) in [
        ("negative-C.jpg", Some("c2pa:algorithmicMedia")),
        ("negative-CA.jpg", None),
        ("negative-no_manifest.jpg", None),
    ] {
        let Some(store) = store_of(name) else { return };
        assert_eq!(store.is_empty(), name == "negative-no_manifest.jpg", "{name}");
        assert!(said(&store, Reading::Strict).is_empty(), "{name}");
        assert_eq!(read(&store, Reading::Strict).generated.as_deref(), generated, "{name}");
    }
}

#[test]
fn a_store_cut_anywhere_behind_its_no_still_refuses_in_strict() {
    let Some(store) = store_of("cawg-notAllowed.jpg") else { return };
    let no = b"notAllowed";
    let behind = store.windows(no.len()).position(|window| window == no).unwrap() + no.len();
    let denies =
        |end: usize| read(&store[..end], Reading::Strict).statements.iter().any(|one| one.verdict != Verdict::Info);
    for end in (behind..store.len()).step_by(97) {
        assert!(denies(end), "cut at {end}");
    }
    for end in (0..behind - no.len()).step_by(997) {
        assert!(!denies(end), "cut at {end}");
    }
}
