//! Take me out, from request to receipt.

use crate::common::{
    at, column, copy, dataset_path, fate, folder, open, published, run_info, sample, write_run, write_run_of,
};
use index::{
    Dataset, Funnel,
    optout::{Asked, Entry, EntryKind, Key, Named, Signed, Verified, apply, check, done_before, take_down, verify},
    publish,
};
use schema::{DropReason, LedgerRow, Sample};
use shards::{Store, read_all};
use std::{path::Path, sync::Arc};
use tempfile::TempDir;

fn entry(kind: EntryKind, value: &str) -> Entry {
    Entry { kind, value: value.into() }
}

fn asked(entries: &[Entry]) -> Asked {
    Asked { entries: entries.to_vec(), names: 0, list: None, list_sha256: None, policy: "1".into(), at: at(1_000) }
}

async fn taken(folder: &TempDir, entries: &[Entry], key: &Key) -> Signed {
    take_down(&dataset_path(folder), &asked(entries), key).await.unwrap()
}

async fn verified(folder: &TempDir, id: &str) -> Verified {
    verify(&open(folder).await, id, None).await.unwrap()
}

/// Every file below `folder` that holds `needle`, Parquet files decoded, but for what lies in `_optout`.
async fn traces(folder: &Path, needle: &str) -> Vec<String> {
    let store = Store::open(folder.to_str().unwrap()).unwrap();
    let mut found = Vec::new();
    for name in store.list("").await.unwrap() {
        let text = if !name.ends_with(".parquet") {
            String::from_utf8_lossy(&store.get(&name).await.unwrap().unwrap()).into_owned()
        } else if name.starts_with("_ledger") {
            format!("{:?}", read_all::<LedgerRow>(&store, &name).await.unwrap())
        } else {
            format!("{:?}", read_all::<Sample>(&store, &name).await.unwrap())
        };
        if text.contains(needle) && !name.starts_with("_optout/") {
            found.push(name);
        }
    }
    found
}

#[tokio::test]
async fn a_receipt_tells_what_was_done_and_holds() {
    let (folder, before) = published(0..100).await;
    let needles = ["https://img.site1.example/", "https://www.page0.example/0", "https://img.site4.example/4.jpg"];
    let dataset = folder.path().join("dataset");
    for needle in needles {
        assert!(!traces(&dataset, needle).await.is_empty(), "{needle}");
    }
    let (as_it_was, _) = crate::common::folder();
    copy(&dataset, &as_it_was.path().join("dataset"));
    let entries = [
        entry(EntryKind::Domain, "site1.example"),
        entry(EntryKind::UrlPrefix, "https://www.page0.example/0"),
        entry(EntryKind::Url, "http://img.site4.example/4.jpg"),
        entry(EntryKind::Domain, "elsewhere.example"),
    ];
    let named = Arc::new(Named::of("asked", &entries).unwrap());
    let checked = check(&before, &named).await.unwrap();
    assert!(checked.files.iter().all(|file| file.current && file.rows > 0), "{:?}", checked.files);
    assert_eq!(checked.versions("samples"), [(1, 1)]);

    let key = Key::generate().unwrap();
    let signed = taken(&folder, &entries, &key).await;
    let receipt = &signed.receipt;
    assert_eq!((receipt.matched.samples, receipt.matched.ledger), (checked.samples, checked.ledger));
    assert_eq!(receipt.matched.entries.iter().map(|found| found.samples).sum::<u64>(), checked.samples);
    assert_eq!(receipt.request.entries, entries);
    let tables: Vec<_> =
        receipt.tables.iter().map(|change| (change.table.as_str(), change.before, change.after)).collect();
    assert_eq!(tables, [("samples", 1, 2), ("ledger", 1, 2)]);
    let rows: Vec<u64> = receipt.tables.iter().map(|change| change.rows).collect();
    assert_eq!(rows, [checked.samples, checked.ledger]);
    for change in &receipt.tables {
        assert!(!change.removed.is_empty() && change.versions == [(1, 1)], "{change:?}");
        assert!(change.removed.iter().chain(&change.written).all(|file| file.sha256.is_some() && file.bytes > 0));
    }
    assert_eq!((receipt.proof.rows, receipt.proof.samples, receipt.proof.files), (Some(0), 0, 0));
    let query = receipt.proof.query.as_ref().unwrap();
    assert!(query.contains("site1.example"));
    // The question finds what there was to be found.
    assert_eq!(column(&open(&as_it_was).await, query).await, [(checked.samples + checked.ledger).to_string()]);
    // No address of what was found but those asked for.
    let text = std::fs::read_to_string(dataset.join(format!("_optout/receipts/{}.json", receipt.id))).unwrap();
    assert!(!text.contains("img.site1.example/") && text.contains("http://img.site4.example/4.jpg"), "{text}");

    let looked = verified(&folder, &receipt.id).await;
    assert_eq!(looked.problem(), None, "{looked:?}");
    assert_eq!(looked.fingerprint, Some(key.public().fingerprint()));
    for needle in needles {
        assert_eq!(traces(&dataset, needle).await, Vec::<String>::new(), "{needle}");
    }
    assert!(!dataset.join("_optout/begun").read_dir().is_ok_and(|mut left| left.next().is_some()));
    assert_eq!(done_before(open(&folder).await.store(), &asked(&entries)).await.unwrap(), Some(signed.clone()));

    // The same run again, and another of the same pictures: nothing comes back, not even as a refusal's address.
    let store = Store::open(folder.path().to_str().unwrap()).unwrap();
    publish(&store, &run_info("first")).await.unwrap();
    write_run(&store, 0..100).await;
    let outcome = publish(&store, &run_info("second")).await.unwrap();
    assert_eq!(outcome.rows.dropped()[&DropReason::TakenOut], checked.samples);
    for needle in needles {
        assert_eq!(traces(&dataset, needle).await, Vec::<String>::new(), "{needle} after a publish");
    }
    let after = open(&folder).await;
    assert_eq!(
        column(&after, "select count(*) from ledger where reason = 'taken_out' and url = '' and text = ''").await,
        [checked.samples.to_string()]
    );
    Funnel::of(&after).await.unwrap().check().unwrap();
    let looked = verified(&folder, &receipt.id).await;
    assert_eq!(looked.problem(), None, "{looked:?}");
}

#[tokio::test]
async fn a_receipt_of_which_one_byte_is_changed_does_not_hold() {
    let (folder, _) = published(0..40).await;
    let signed = taken(&folder, &[entry(EntryKind::Domain, "site1.example")], &Key::generate().unwrap()).await;
    let id = &signed.receipt.id;
    let file = folder.path().join(format!("dataset/_optout/receipts/{id}.json"));
    let whole = std::fs::read(&file).unwrap();
    let dataset = open(&folder).await;
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        std::fs::write(&file, &bytes).unwrap();
        let looked = verify(&dataset, id, None).await.unwrap();
        assert!(looked.problem().is_some() && looked.receipt.is_none(), "byte {at}: {looked:?}");
    }
    // Nor does one with another's signature, a blank more, or a key that was not expected.
    let other = Key::generate().unwrap();
    std::fs::write(&file, [whole.as_slice(), b"\n"].concat()).unwrap();
    assert!(verify(&dataset, id, None).await.unwrap().problem().is_some());
    // Who asks the same again is not answered with it.
    let again = asked(&[entry(EntryKind::Domain, "site1.example")]);
    assert_eq!(done_before(dataset.store(), &again).await.unwrap(), None);
    std::fs::write(&file, &whole).unwrap();
    assert_eq!(done_before(dataset.store(), &again).await.unwrap(), Some(signed.clone()));
    assert!(verify(&dataset, id, Some(&other.public())).await.unwrap().problem().unwrap().contains("another key"));
    assert_eq!(verify(&dataset, id, None).await.unwrap().problem(), None);
    assert!(verify(&dataset, "takedown-of-nobody", None).await.is_err());
}

#[tokio::test]
async fn a_receipt_does_not_hold_where_something_is_there_again() {
    let (folder, _) = published(0..60).await;
    let dataset = folder.path().join("dataset");
    let before = tempfile::tempdir().unwrap();
    copy(&dataset, before.path());
    let all: Vec<Entry> = (0..7).map(|n| entry(EntryKind::Domain, &format!("site{n}.example"))).collect();
    let one = [entry(EntryKind::Url, "https://img.site4.example/4.jpg")];
    let signed = taken(&folder, &one, &Key::generate().unwrap()).await;
    let id = signed.receipt.id.as_str();
    let problem = async |what: &str| {
        let looked = verified(&folder, id).await;
        let one = looked.looked.iter().find(|looked| looked.what == what).unwrap();
        one.problem.clone()
    };
    let old = signed.receipt.tables[0].removed[0].path.clone();
    std::fs::copy(before.path().join(&old), dataset.join(&old)).unwrap();
    assert!(problem("files removed").await.unwrap().contains(&old));
    assert!(problem("nothing left").await.is_some());
    std::fs::remove_file(dataset.join(&old)).unwrap();

    let written = signed.receipt.tables[0].written[0].path.clone();
    let bytes = std::fs::read(dataset.join(&written)).unwrap();
    std::fs::write(dataset.join(&written), [bytes.as_slice(), b"x"].concat()).unwrap();
    assert!(problem("files written").await.unwrap().contains(&written));
    std::fs::write(dataset.join(&written), bytes).unwrap();

    let list = dataset.join(&signed.receipt.standing.path);
    let lines = std::fs::read(&list).unwrap();
    std::fs::write(&list, "").unwrap();
    assert!(problem("standing list").await.is_some());
    assert_eq!(done_before(open(&folder).await.store(), &asked(&one)).await.unwrap(), None);
    std::fs::write(&list, lines).unwrap();
    assert_eq!(verified(&folder, id).await.problem(), None);

    // A later takedown replaces the file that this one wrote: that is in the log, and no harm.
    taken(&folder, &all, &Key::generate().unwrap()).await;
    assert!(!dataset.join(&written).exists());
    assert_eq!(verified(&folder, id).await.problem(), None);
}

#[tokio::test]
async fn a_takedown_that_was_broken_off_is_gone_on_with() {
    let entries = [entry(EntryKind::Domain, "site1.example")];
    let key = Key::generate().unwrap();
    let (folder, _) = published(0..60).await;
    let whole = taken(&folder, &entries, &key).await;
    let receipts = folder.path().join("dataset/_optout/receipts");

    // As if killed before the receipt: what was begun, with its counts and digests, is put back, the receipt is not there.
    let (killed, dataset) = published(0..60).await;
    let checked = check(&dataset, &Arc::new(Named::of("a", &entries).unwrap())).await.unwrap();
    let begun = serde_json::json!({
        "id": whole.receipt.id, "at": whole.receipt.at, "request": whole.receipt.request, "checked": checked, "digests": {},
    });
    let place = killed.path().join("dataset/_optout/begun");
    std::fs::create_dir_all(&place).unwrap();
    std::fs::write(place.join(format!("{}.json", whole.receipt.id)), begun.to_string()).unwrap();
    let mut run = run_info(&whole.receipt.id);
    run.at = whole.receipt.at;
    apply(&dataset, &entries, &run).await.unwrap();
    let later = Asked { at: at(9_000), ..asked(&entries) };
    let ended = take_down(&dataset_path(&killed), &later, &key).await.unwrap();
    assert_eq!((&ended.receipt.id, ended.receipt.at), (&whole.receipt.id, whole.receipt.at));
    assert_eq!(ended.receipt.matched.samples, whole.receipt.matched.samples);
    assert_eq!(ended.receipt.tables[0].rows, whole.receipt.tables[0].rows);
    assert!(ended.receipt.tables[0].removed.iter().all(|file| file.sha256.is_none() && file.bytes > 0));
    assert!(place.read_dir().unwrap().next().is_none());
    assert_eq!(verified(&killed, &ended.receipt.id).await.problem(), None);
    assert_eq!(receipts.read_dir().unwrap().count(), 1);
}

#[tokio::test]
async fn a_picture_taken_out_by_its_bytes_its_looks_or_its_row_stays_out_at_any_address() {
    let (folder, store) = folder();
    let with_looks = |n: usize| Sample { phash: if n == 4 { 0x00ff_00ff_00ff_00ff } else { -1 }, ..sample(n) };
    write_run_of(&store, 0..60, with_looks).await;
    publish(&store, &run_info("first")).await.unwrap();
    let (third, other) = (sample(25), sample(36));
    let entries = [
        entry(EntryKind::Sha256, &format!("{:064x}", 14)),
        entry(EntryKind::Phash, "00ff00ff00ff00fe"),
        entry(EntryKind::Id, &format!("{} {}", third.id.0, third.url)),
        entry(EntryKind::Id, &format!("{} https://another.example/", other.id.0)),
    ];
    let signed = taken(&folder, &entries, &Key::generate().unwrap()).await;
    let found: Vec<(&str, u64)> =
        signed.receipt.matched.entries.iter().map(|found| (found.kind.as_str(), found.samples)).collect();
    assert_eq!(found, [("sha256", 1), ("phash", 1), ("id", 1)]);
    assert_eq!(signed.receipt.proof.rows, Some(0));
    let names = |n: usize| format!("select count(*) from samples where sha256 = '{n:064x}'");
    let after = open(&folder).await;
    for (n, left) in [(14, "0"), (4, "0"), (25, "0"), (36, "1")] {
        assert_eq!(column(&after, &names(n)).await, [left], "{n}");
    }

    // The same bytes, and the same looks, at another address.
    let moved = |n: usize| {
        let mut moved = sample(n + 500);
        match n {
            14 => moved.sha256 = format!("{:064x}", 14),
            15 => moved.phash = 0x00ff_00ff_00ff_00ff,
            _ => {}
        }
        moved
    };
    write_run_of(&store, 0..60, moved).await;
    let outcome = publish(&store, &run_info("second")).await.unwrap();
    assert_eq!(outcome.rows.dropped()[&DropReason::TakenOut], 2);
    assert_eq!(column(&open(&folder).await, &names(14)).await, ["0"]);
    assert_eq!(verified(&folder, &signed.receipt.id).await.problem(), None);
}

#[tokio::test]
async fn keys_are_those_of_openssl() {
    // `openssl genpkey -algorithm ed25519`, and the public key that `openssl pkey -pubout` gives for it.
    let private = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";
    let key = Key::parse(private).unwrap();
    // RFC 8032 section 7.1, test 1.
    assert_eq!(key.public().hex(), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    assert_eq!(key.pem().unwrap(), private);
    assert_eq!(index::optout::PublicKey::parse(&key.public().pem()).unwrap(), key.public());
    assert_eq!(index::optout::PublicKey::parse(&key.public().hex()).unwrap(), key.public());
    for bad in ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "d75a"] {
        assert!(Key::parse(bad).is_err() && index::optout::PublicKey::parse(bad).is_err(), "{bad}");
    }
}

#[tokio::test]
async fn what_older_versions_hold_goes_too() {
    let (folder, dataset) = published(0..60).await;
    // Marks of near-duplicates replace files, whose rows older versions still read.
    let asked_for = index::dedup::Asked { command: "dedup".into(), at: at(5) };
    let settings = index::dedup::Settings { max_distance: 0, min_cosine: 0.9, embedding_cosine: None };
    index::dedup::dedup(&dataset_path(&folder), settings, &asked_for, false).await.unwrap();
    let named = Arc::new(Named::of("asked", &[entry(EntryKind::Domain, "site1.example")]).unwrap());
    let checked = check(&open(&folder).await, &named).await.unwrap();
    assert!(checked.searched.older_files > 0, "{checked:?}");
    assert!(checked.files.iter().any(|file| !file.current && file.table == "samples"), "{checked:?}");
    assert_eq!(checked.versions("samples").first().map(|(first, _)| *first), Some(dataset.version()));
    let signed = taken(&folder, &[entry(EntryKind::Domain, "site1.example")], &Key::generate().unwrap()).await;
    let removed = &signed.receipt.tables[0].removed;
    let older = checked.files.iter().filter(|file| !file.current);
    for file in older {
        assert!(removed.iter().any(|gone| gone.path == file.path && gone.sha256.is_some()), "{file:?}");
    }
    assert_eq!(traces(&folder.path().join("dataset"), "img.site1.example/").await, Vec::<String>::new());
    assert!(Dataset::open(&dataset_path(&folder)).await.is_ok());
}

/// Back to the moment after the samples' commit: the ledger's is missing, the note of what is to come is there, as it was
/// written when nothing stood opted out.
fn back_between_the_commits(dataset: &Path) {
    let log = dataset.join("_ledger/_delta_log/00000000000000000001.json");
    let record = dataset.join("_runs/first.json");
    let action = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
    let text = std::fs::read_to_string(&log).unwrap();
    let adds: Vec<_> = text.lines().filter_map(|line| action(line).get("add").cloned()).collect();
    let told = action(&std::fs::read_to_string(&record).unwrap());
    let pending = serde_json::json!({ "record": told, "ledger": adds, "standing": [] });
    std::fs::remove_file(log).unwrap();
    std::fs::remove_file(record).unwrap();
    std::fs::write(dataset.join("_runs/first.pending.json"), pending.to_string()).unwrap();
}

#[tokio::test]
async fn a_publish_that_ends_after_a_takedown_brings_nothing_into_the_ledger() {
    let (folder, _) = published(0..100).await;
    let dataset = folder.path().join("dataset");
    back_between_the_commits(&dataset);
    let entries = [entry(EntryKind::Domain, "site1.example")];
    let signed = taken(&folder, &entries, &Key::generate().unwrap()).await;
    assert_eq!(signed.receipt.matched.ledger, 0);

    let store = Store::open(folder.path().to_str().unwrap()).unwrap();
    let ended = publish(&store, &run_info("first")).await.unwrap();
    assert!(!ended.repeated);
    let after = open(&folder).await;
    let query = "select count(*) from ledger where image_domain = 'site1.example'";
    assert_eq!(column(&after, query).await, ["0"]);
    let left = (0..100).filter(|n| fate(*n).is_some() && n % 7 != 1).count();
    assert_eq!(column(&after, "select count(*) from ledger").await, [left.to_string()]);
    assert_eq!(traces(&dataset, "https://img.site1.example/").await, Vec::<String>::new());
    Funnel::of(&after).await.unwrap().check().unwrap();
    assert_eq!(verified(&folder, &signed.receipt.id).await.problem(), None);
    assert!(publish(&store, &run_info("first")).await.unwrap().repeated);
}

#[tokio::test]
async fn the_same_takedown_takes_out_what_came_back_after_its_commit() {
    let (folder, dataset) = published(0..100).await;
    let entries = [entry(EntryKind::Domain, "site1.example")];
    let key = Key::generate().unwrap();
    let first = taken(&folder, &entries, &key).await;
    // Its list was lost for a while, and so was its receipt.
    let list = folder.path().join("dataset").join(&first.receipt.standing.path);
    std::fs::remove_file(&list).unwrap();
    std::fs::remove_file(folder.path().join(format!("dataset/_optout/receipts/{}.json", first.receipt.id))).unwrap();
    let store = Store::open(folder.path().to_str().unwrap()).unwrap();
    write_run(&store, 0..100).await;
    publish(&store, &run_info("second")).await.unwrap();
    let query = "select count(*) from samples where image_domain = 'site1.example'";
    assert_ne!(column(&open(&folder).await, query).await, ["0"]);

    // Asked for at the same second, it has the same id.
    let second = taken(&folder, &entries, &key).await;
    assert_eq!(second.receipt.id, first.receipt.id);
    assert_eq!(second.receipt.matched.samples, first.receipt.matched.samples);
    assert_eq!(second.receipt.tables[0].rows, 2 * first.receipt.tables[0].rows);
    let after = open(&folder).await;
    assert_eq!(column(&after, query).await, ["0"]);
    let commit = after.history().await.unwrap().pop().unwrap();
    assert_eq!((commit.version, commit.run), (dataset.version() + 3, Some(format!("{}.again-3", first.receipt.id))));
    assert_eq!(traces(&folder.path().join("dataset"), "https://img.site1.example/").await, Vec::<String>::new());
    Funnel::of(&after).await.unwrap().check().unwrap();
    assert_eq!(verified(&folder, &second.receipt.id).await.problem(), None);
}
