//! What is asked and said of rows: no page is made up, and a page that is named is asked.

use crate::{
    Folder,
    web::{Reply, Web},
};
use consent::{OptOutList, Policy};
use crawler::{
    Sites, admit,
    door::Door,
    fetch::{self, Tools},
};
use schema::{Admitted, Bucket, DropReason, Fetched, LedgerRow, Mode, TextFlag, Work};
use shards::read_all;
use std::{collections::BTreeMap, sync::Arc};

/// A web where some pages' hosts and some pictures say no.
async fn web() -> Web {
    let photo = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../demo/photos")).unwrap();
    let photo = photo.map(|entry| entry.unwrap().path()).find(|path| path.extension().is_some_and(|end| end == "jpg"));
    let photo = std::fs::read(photo.unwrap()).unwrap();
    Web::serve(move |visit| match (visit.header("host").unwrap_or_default(), visit.path.as_str()) {
        ("shut.example", "/robots.txt") => Reply::ok("User-agent: *\nDisallow: /\n"),
        ("busy.example", _) => Reply::status(503),
        (_, "/robots.txt") => Reply::ok("User-agent: *\nDisallow:\n"),
        ("tagged.example", "/picture.jpg") => Reply::ok(photo.clone()).with("X-Robots-Tag", "noai"),
        (_, "/picture.jpg") => Reply::ok(photo.clone()),
        _ => Reply::status(404),
    })
    .await
}

/// What was asked for so far.
fn asked(web: &Web) -> Vec<String> {
    web.visits().iter().map(|visit| format!("{}{}", visit.header("host").unwrap(), visit.path)).collect()
}

/// Runs extract and admit; gives the rows in the order of the list, admit's accounts, and what fetch works with.
async fn admitted(folder: &mut Folder, policy: Policy, web: &Web) -> (Vec<Admitted>, Work, Tools) {
    folder.config.agent.contact = "https://tests.example/bot".into();
    folder.config.consent.mode = policy.mode;
    folder.config.fetch.resolve = vec![format!("*={}", web.root.trim_start_matches("http://"))];
    folder.config.fetch.per_host_interval = schema::Span::millis(1);
    folder.config.fetch.retries = 0;
    folder.run().await.unwrap();
    let policy = Arc::new(policy);
    let door = Arc::new(Door::open(&folder.config.agent, &folder.config.fetch).unwrap());
    let sites = Arc::new(Sites::new(Arc::clone(&door), Arc::clone(&policy)));
    let (store, mut sum, mut rows) = (folder.store(), Work::default(), Vec::<Admitted>::new());
    for bucket in (0..crate::BUCKETS).map(Bucket) {
        let work = admit::run(&store, &folder.config, &policy, &sites, bucket).await.unwrap();
        sum.rows += &work.rows;
        sum.counts.add(&work.counts);
        for name in &work.outputs {
            rows.extend(read_all::<Admitted>(&store, name).await.unwrap());
        }
    }
    rows.sort_by_key(|row| row.candidate.archive_offset);
    let tools = Tools { store, config: Arc::new(folder.config.clone()), policy, door, sites, live: Arc::default() };
    (rows, sum, tools)
}

fn strict() -> Policy {
    Policy::new(Mode::Strict, "reader")
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_page_is_named_nobody_is_asked_and_nothing_claimed() {
    let list = "url,caption,page_url\n\
        http://a.example/1.jpg,a boat on the lake,\n\
        http://listed.example/2.jpg,a ship at the quay,\n\
        http://b.example/3.jpg,\"a drawing. No AI training, please: do not use for AI training.\",  \n";
    let mut policy = strict();
    policy.lists = OptOutList::parse("artists", "listed.example\n").unwrap();
    let mut folder = Folder::with("list.csv", list);
    let web = web().await;
    let (rows, work, _) = admitted(&mut folder, policy, &web).await;
    assert_eq!(asked(&web), Vec::<String>::new());
    assert_eq!(work.counts.requests["site files"], 0);
    let ends: Vec<_> = rows.iter().map(|row| row.refused).collect();
    assert_eq!(ends, [None, Some(DropReason::ImageListed), Some(DropReason::PageMarkup)]);
    for row in &rows {
        assert_eq!((row.candidate.page_url.as_str(), row.candidate.page_host.as_str()), ("", ""));
        assert_eq!(row.candidate.checked, ["lists"], "what was not looked for is not claimed");
    }
    // Refusals carry what refused, which fetch lets stick to the address.
    assert!(rows[1..].iter().all(|row| row.candidate.evidence.iter().any(schema::Evidence::denies)));
    assert!(rows[2].candidate.evidence[0].place.contains("list.csv:row 2 "), "{:?}", rows[2].candidate.evidence);
    assert_eq!((work.rows.seen(), work.rows.kept()), (3, 1));

    // In mode record-only it is all recorded, and nothing refused.
    let mut policy = Policy::new(Mode::RecordOnly, "reader");
    policy.lists = OptOutList::parse("artists", "listed.example\n").unwrap();
    let (rows, _, _) = admitted(&mut Folder::with("list.csv", list), policy, &web).await;
    assert!(asked(&web).is_empty() && rows.iter().all(|row| row.refused.is_none()));
    assert!(rows[1..].iter().all(|row| row.candidate.evidence.iter().any(schema::Evidence::denies)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_named_is_asked_and_its_html_not_claimed() {
    let list = "URL,TEXT,source\n\
        http://a.example/1.jpg,a boat on the lake,http://open.example/page#top\n\
        http://a.example/2.jpg,a ship at the quay,http://shut.example/page\n\
        http://a.example/3.jpg,a crane in the port,https://listed.example/page\n\
        http://a.example/4.jpg,a lamp in the street,http://busy.example/\n\
        http://a.example/5.jpg,a house on the hill,\n\
        http://a.example/6.jpg,a bird in the tree,not an address\n\
        http://a.example/7.jpg,a bird in the reeds,about:blank\n";
    let mut folder = Folder::with("list.csv", list);
    folder.config.input.page_column = "source".into();
    let mut policy = strict();
    policy.lists = OptOutList::parse("artists", "listed.example\n").unwrap();
    let web = web().await;
    let (rows, work, _) = admitted(&mut folder, policy, &web).await;
    let asked = asked(&web);
    let found: Vec<_> = rows.iter().map(|row| (row.candidate.page_url.as_str(), row.refused)).collect();
    let expected = [
        ("http://open.example/page", None),
        ("http://shut.example/page", Some(DropReason::PageRobots)),
        ("https://listed.example/page", Some(DropReason::PageListed)),
        ("http://busy.example/", Some(DropReason::PageUnknown)),
        ("", None),
    ];
    assert_eq!(found, expected);
    assert_eq!(rows[0].candidate.page_host, "open.example");
    let checked = &rows[0].candidate.checked;
    assert!(checked.iter().any(|name| name == "page-robots") && checked.iter().any(|name| name == "lists"));
    let claims = ["page-meta", "page-header"];
    assert!(rows.iter().all(|row| row.candidate.checked.iter().all(|name| !claims.contains(&name.as_str()))));
    assert_eq!(rows[4].candidate.checked, ["lists"]);
    for host in ["open.example", "shut.example"] {
        assert_eq!(asked.iter().filter(|place| **place == format!("{host}/robots.txt")).count(), 1, "{asked:?}");
    }
    assert!(asked.iter().all(|place| !place.starts_with("a.example") && !place.starts_with('/')), "{asked:?}");
    // A page that is named and is no address cannot be asked: it is not the same as none.
    assert_eq!((work.rows.seen(), work.rows.kept()), (5, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_without_page_have_no_host_in_common() {
    let mut list = "url,caption,page_url\n".to_owned();
    for n in 0..400 {
        list += &format!("http://h{n}.example/{n}.jpg,the same words,\n");
    }
    for n in 0..20 {
        list += &format!("http://i.example/{n}.jpg,the same words,http://open.example/{n}\n");
    }
    let mut folder = Folder::with("list.csv", list);
    folder.config.keep.drop_texts = vec![TextFlag::Repeated];
    let (rows, _, _) = admitted(&mut folder, strict(), &web().await).await;
    let refused =
        |page: &str| rows.iter().filter(|row| row.candidate.page_host == page && row.refused.is_some()).count();
    assert_eq!((refused(""), refused("open.example")), (0, 20));
    assert!(
        rows.iter().filter(|row| row.candidate.page_host.is_empty()).all(|row| row.candidate.text_flags.is_empty())
    );

    // No task has them all: they are dealt out among the buckets.
    let mut each: BTreeMap<u32, usize> = BTreeMap::new();
    for bucket in (0..crate::BUCKETS).map(Bucket) {
        let store = folder.store();
        let name = store.list("extract").await.unwrap().into_iter().find(|name| name.contains(".images.")).unwrap();
        let rows = shards::read_bucket::<schema::CapturedImage>(&store, &name, bucket).await.unwrap();
        each.insert(bucket.0, rows.iter().filter(|row| row.page_host.is_empty()).count());
    }
    assert!(each.values().all(|count| (50..150).contains(count)), "{each:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_images_own_side_is_asked_as_always() {
    let list = "url,caption,page_url\n\
        http://good.example/picture.jpg,a boat on the lake,\n\
        http://shut.example/picture.jpg,a ship at the quay,\n\
        http://tagged.example/picture.jpg,a crane in the port,\n\
        http://cdn.example/picture.jpg,a lamp in the street,\n\
        http://cdn.example/picture.jpg,a lamp in the night,http://shut.example/page\n";
    let mut folder = Folder::with("list.csv", list);
    let web = web().await;
    let (_, _, tools) = admitted(&mut folder, strict(), &web).await;
    let (mut fetched, mut ledger) = (Vec::<Fetched>::new(), Vec::<LedgerRow>::new());
    for bucket in (0..crate::BUCKETS).map(Bucket) {
        for name in fetch::run(&tools, bucket).await.unwrap().outputs {
            if name.ends_with(".ledger.parquet") {
                ledger.extend(read_all::<LedgerRow>(&tools.store, &name).await.unwrap());
            } else if name.ends_with(".parquet") {
                fetched.extend(read_all::<Fetched>(&tools.store, &name).await.unwrap());
            }
        }
    }
    let urls: Vec<_> = fetched.iter().map(|row| row.candidate.url.as_str()).collect();
    assert_eq!(urls, ["http://good.example/picture.jpg"]);
    let checked = &fetched[0].candidate.checked;
    for name in ["lists", "image-robots", "image-tdmrep", "image-ai-txt", "image-header", "image-file"] {
        assert!(checked.iter().any(|known| known == name), "{name} of {checked:?}");
    }
    assert!(!checked.iter().any(|name| name.starts_with("page-")), "{checked:?}");

    let mut ends: Vec<_> = ledger.iter().map(|row| (row.archive_offset, row.reason.as_str())).collect();
    ends.sort_unstable();
    // A no of a page that another row names sticks to the picture.
    assert_eq!(ends, [(1, "image_robots"), (2, "image_header"), (3, "refused_elsewhere")]);
    assert!(ledger.iter().all(|row| (row.page_url.as_str(), row.page_domain.as_str()) == ("", "")));
    let asked = asked(&web);
    assert!(asked.iter().any(|place| place == "good.example/picture.jpg"));
    assert!(!asked.iter().any(|place| place == "shut.example/picture.jpg" || place == "cdn.example/picture.jpg"));
}
