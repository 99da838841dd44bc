//! Am I in it, and take me out.

use crate::common::{column, dataset_path, fate, open, published, run_info, write_run};
use consent::OptOutList;
use index::{
    Dataset, Funnel,
    optout::{Entry, EntryKind, Named, apply, check},
    publish,
};
use shards::Store;
use std::sync::Arc;

const LIST: &str = "type,value\ndomain,site1.example\nhost,img.site2.example\nhost,site3.example\n\
    url,https://img.site4.example/4.jpg\nurl-prefix,https://www.page0.example/0\ndomain,elsewhere.example\n";

/// What `LIST` names, done by hand.
fn is_named(n: usize) -> bool {
    n % 7 == 1 || n % 7 == 2 || n == 4 || n.is_multiple_of(15)
}

fn named_in(list: &OptOutList) -> Arc<Named> {
    Arc::new(Named::in_list(list.clone()))
}

fn named(kept: bool) -> u64 {
    (0..100).filter(|n| is_named(*n) && fate(*n).is_none() == kept).count() as u64
}

#[tokio::test]
async fn a_check_counts_what_a_list_names() {
    let (_folder, dataset) = published(0..100).await;
    let list = OptOutList::parse("my.csv", LIST).unwrap();
    let checked = check(&dataset, &named_in(&list)).await.unwrap();
    assert_eq!((checked.samples, checked.ledger), (named(true), named(false)));
    let kinds: Vec<_> = checked.found.iter().map(|found| (found.kind.as_str(), found.place.as_str())).collect();
    let expected = [("domain", "my.csv:2"), ("host", "my.csv:3"), ("url", "my.csv:5"), ("url-prefix", "my.csv:6")];
    assert_eq!(kinds, expected);
    assert_eq!(checked.found.iter().map(|found| found.samples).sum::<u64>(), checked.samples);
    let kept = (0..100).filter(|n| n % 7 == 1 && fate(*n).is_none()).count() as u64;
    assert_eq!(checked.domains["site1.example"], kept);
    let (_empty, dataset) = published(0..0).await;
    assert_eq!(check(&dataset, &named_in(&list)).await.unwrap().samples, 0);
}

/// A picture is found by its bytes and by its looks, wherever it lies; a name is counted, not looked for.
#[tokio::test]
async fn a_check_knows_pictures_by_their_hashes() {
    let (_folder, dataset) = published(0..100).await;
    let kept = (0..100).find(|n| fate(*n).is_none()).unwrap();
    let list = format!("type,value\nsha256,{kept:064x}\nsha256,{:064x}\nname,Somebody Else\n", 4_000_000);
    let checked = check(&dataset, &named_in(&OptOutList::parse("my.csv", &list).unwrap())).await.unwrap();
    assert_eq!((checked.samples, checked.ledger, checked.names), (1, 0, 1));
    assert_eq!((checked.found[0].kind.as_str(), checked.found[0].place.as_str()), ("sha256", "my.csv:2"));

    let phash = column(&dataset, &format!("select phash from samples where sha256 = '{kept:064x}'")).await;
    let phash = phash[0].parse::<i64>().unwrap();
    let alike = column(&dataset, &format!("select count(*) from samples where phash = {phash}")).await;
    let list = OptOutList::parse("my.csv", &format!("type,value\nphash,{phash:016x}/0\n")).unwrap();
    assert_eq!(check(&dataset, &named_in(&list)).await.unwrap().samples.to_string(), alike[0]);
}

#[tokio::test]
async fn what_is_taken_out_is_gone_and_stays_out() {
    let (folder, dataset) = published(0..100).await;
    let entries = [
        Entry { kind: EntryKind::Domain, value: "site1.example".into() },
        Entry { kind: EntryKind::UrlPrefix, value: "https://www.page0.example/0".into() },
    ];
    let is_named = |n: usize| n % 7 == 1 || n.is_multiple_of(15);
    let kept = (0..100).filter(|n| fate(*n).is_none() && !is_named(*n)).count();
    let taken = run_info("takedown-1");
    let applied = apply(&dataset, &entries, &taken).await.unwrap();
    assert_eq!(applied.samples.rows, 60 - kept as u64);
    assert_eq!(applied.deleted, applied.samples.files + applied.ledger.files);

    let after = open(&folder).await;
    assert_eq!(column(&after, "select count(*) from samples").await, [kept.to_string()]);
    let query = "select count(*) from (select image_domain d from samples union all select image_domain from ledger) \
                 where d = 'site1.example'";
    assert_eq!(column(&after, query).await, ["0"]);
    Funnel::of(&after).await.unwrap().check().unwrap();
    let last = after.history().await.unwrap().pop().unwrap();
    assert_eq!((last.operation.as_str(), last.run.as_deref()), ("DELETE", Some("takedown-1")));

    // Once more does nothing, and no publish brings anything back.
    let again = apply(&after, &entries, &taken).await.unwrap();
    assert_eq!((again.samples.version, again.samples.rows, again.deleted), (None, 0, 0));
    let store = Store::open(folder.path().to_str().unwrap()).unwrap();
    write_run(&store, 0..100).await;
    publish(&store, &run_info("second")).await.unwrap();
    let after = open(&folder).await;
    assert_eq!(column(&after, "select count(*) from samples").await, [kept.to_string()]);
    assert_eq!(column(&after, "select count(*) from samples where image_domain = 'site1.example'").await, ["0"]);
}

#[tokio::test]
async fn a_takedown_killed_before_deleting_is_ended_by_the_next() {
    let (folder, dataset) = published(0..100).await;
    let old = folder.path().join("dataset").join(&dataset.samples().files().unwrap()[0].path);
    let bytes = std::fs::read(&old).unwrap();
    let entries: Vec<_> =
        (0..7).map(|n| Entry { kind: EntryKind::Domain, value: format!("site{n}.example") }).collect();
    apply(&dataset, &entries, &run_info("all")).await.unwrap();
    assert!(!old.exists());
    std::fs::write(&old, bytes).unwrap();
    assert_eq!(apply(&dataset, &entries, &run_info("all")).await.unwrap().deleted, 1);
    assert!(!old.exists());
    assert_eq!(Dataset::open(&dataset_path(&folder)).await.unwrap().samples().rows().unwrap(), 0);
}

#[tokio::test]
async fn nothing_named_is_no_version() {
    let (folder, dataset) = published(0..20).await;
    let entries = [Entry { kind: EntryKind::Domain, value: "elsewhere.example".into() }];
    let applied = apply(&dataset, &entries, &run_info("none")).await.unwrap();
    assert_eq!((applied.samples.version, applied.deleted), (None, 0));
    assert_eq!(open(&folder).await.version(), dataset.version());
    let bad = [Entry { kind: EntryKind::Url, value: "not a url".into() }];
    assert!(apply(&dataset, &bad, &run_info("bad")).await.is_err());
    assert!(!folder.path().join("dataset/_optout/bad.jsonl").exists());
}
