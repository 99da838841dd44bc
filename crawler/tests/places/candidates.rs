//! The task of an archive, from where it lies to its files.

use crate::{
    Random, SOON, noise,
    robots::capture,
    spelled,
    web::{Reply, Way, Web},
};
use consent::Policy;
use crawler::{archives::Archive, extract};
use schema::{CapturedImage, CapturedPage, Config, Mode, Tally};
use shards::{Store, read_all};
use std::sync::{Arc, Mutex};

/// What the task of `archive` writes, without the archive's name, and its account.
async fn extracted(archive: Archive) -> (Vec<CapturedPage>, Vec<CapturedImage>, Tally) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(folder.path().to_str().unwrap()).unwrap();
    let policy = Arc::new(Policy::new(Mode::Strict, "reader"));
    let mut config = Config::default();
    config.output.buckets = 4;
    let work = extract::run(&store, &config, policy, archive, chrono::DateTime::UNIX_EPOCH).await.unwrap();
    let named = |kind: &str| work.outputs.iter().find(|name| name.contains(kind)).unwrap();
    let mut pages: Vec<CapturedPage> = read_all(&store, named(".pages.")).await.unwrap();
    for page in &mut pages {
        page.archive.clear();
    }
    (pages, read_all(&store, named(".images.")).await.unwrap(), work.rows)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_cut_ten_times_ends_in_the_same_candidates() {
    let page = |number: u64| {
        // Words that do not compress, so that cuts fall within records.
        let words: String = noise(number, 4000).iter().map(|byte| char::from(b'a' + byte % 26)).collect();
        let html = format!(
            "<p>{words}<img src=/{number}.jpg alt='picture {number}'><img src=/{number}-b.jpg title='another one'>"
        );
        capture(&format!("https://h{}.example/{number}", number % 7), "200 OK", "text/html", &html)
    };
    let archive: Vec<u8> = (0..100).flat_map(page).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.warc.gz");
    std::fs::write(&path, &archive).unwrap();
    let here = extracted(spelled(SOON, &[path.to_string_lossy().into_owned()]).await.remove(0)).await;
    assert_eq!((here.0.len(), here.1.len(), here.2.kept()), (100, 200, 200));

    let (served, random) = (archive.clone(), Mutex::new(Random(7)));
    let web = Web::serve(move |visit| {
        let cut = 1 + random.lock().unwrap().below(served.len() / 12);
        let reply = Reply::file(visit, "\"v1\"", &served);
        if visit.number < 10 { reply.way(Way::Cut(cut)) } else { reply }
    })
    .await;
    let there = extracted(spelled(SOON, &[web.url("/a.warc.gz")]).await.remove(0)).await;
    assert_eq!(web.visits().len(), 11);
    assert!(there == here, "what is read does not depend on how it came");
}
