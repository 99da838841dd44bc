//! Listings that lie elsewhere.

use crate::{
    SOON, courier, read,
    web::{Reply, Visit, Way, Web},
};
use crawler::{
    Error,
    archives::{Archive, spell_out_with},
};
use flate2::{Compression, write::GzEncoder};
use schema::{Format, Input};
use std::io::Write;

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Lists its archives as Common Crawl does, by names from the root.
fn crawl(visit: &Visit) -> Reply {
    let names = |kind: &str| {
        (0..20).map(|number| format!("crawl-data/CC-1/{kind}/{number:05}.{kind}.gz\n")).collect::<String>()
    };
    match visit.path.as_str() {
        "/crawl-data/CC-1/warc.paths.gz" if visit.number == 0 => Reply::ok(gzip(&names("warc"))).way(Way::Cut(30)),
        "/crawl-data/CC-1/warc.paths.gz" => Reply::ok(gzip(&names("warc"))),
        "/crawl-data/CC-1/wat.paths.gz" => Reply::ok(gzip(&names("warc.wat"))),
        "/crawl-data/CC-1/near.paths" => Reply::ok("warc/1.warc.gz\n\n  warc/2.warc.gz \r\n"),
        "/crawl-data/CC-1/bad.paths" => Reply::ok("file:///etc/passwd\n"),
        "/crawl-data/CC-1/broken.paths.gz" => Reply::ok(&gzip(&names("warc"))[..40]),
        path if path.contains("/warc/") || path.contains("/warc.wat/") => Reply::ok(path.as_bytes()),
        _ => Reply::status(404),
    }
}

async fn spelled(web: &Web, listing: &str, set: impl Fn(&mut Input)) -> Result<Vec<Archive>, Error> {
    let mut input = Input { archives: vec![web.url(listing)], ..Input::default() };
    set(&mut input);
    spell_out_with(&courier(SOON, &input, &[]), &input).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crawls_listing_names_archives_from_the_root() {
    let web = Web::serve(crawl).await;
    let archives = spelled(&web, "/crawl-data/CC-1/warc.paths.gz", |_| ()).await.unwrap();
    assert_eq!(archives.len(), 20);
    assert_eq!(archives[7].name, web.url("/crawl-data/CC-1/warc/00007.warc.gz"));
    assert!(archives[7].key.starts_with("00007-"));
    assert_eq!(archives[7].format, Format::Warc);
    assert_eq!(read(&archives[7]).await.unwrap(), b"/crawl-data/CC-1/warc/00007.warc.gz");
    let wat = spelled(&web, "/crawl-data/CC-1/wat.paths.gz", |_| ()).await.unwrap();
    assert_eq!(wat[0].format, Format::Wat);
    // Two more for the listing that was cut, one for the archive: nobody was asked whether archives are there.
    assert_eq!(web.visits().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_listings_name_from_their_folder_or_the_base() {
    let web = Web::serve(crawl).await;
    let archives = spelled(&web, "/crawl-data/CC-1/near.paths", |_| ()).await.unwrap();
    let names: Vec<_> = archives.iter().map(|archive| archive.name.clone()).collect();
    assert_eq!(names, ["1", "2"].map(|number| web.url(&format!("/crawl-data/CC-1/warc/{number}.warc.gz"))));
    let based = |base: String| move |input: &mut Input| input.base.clone_from(&base);
    let archives = spelled(&web, "/crawl-data/CC-1/near.paths", based("s3://mirror/cc/".into())).await.unwrap();
    assert_eq!(archives[0].name, "s3://mirror/cc/warc/1.warc.gz");
    // A listing here, archives there: as one that was downloaded and shortened.
    let folder = tempfile::tempdir().unwrap();
    let local = folder.path().join("warc.paths");
    std::fs::write(&local, "crawl-data/CC-1/warc/00003.warc.gz\n").unwrap();
    let input = Input { archives: vec![local.to_string_lossy().into()], base: web.root.clone(), ..Input::default() };
    let archives = spell_out_with(&courier(SOON, &input, &[]), &input).await.unwrap();
    assert_eq!(read(&archives[0]).await.unwrap(), b"/crawl-data/CC-1/warc/00003.warc.gz");
}

#[tokio::test(flavor = "multi_thread")]
async fn mirrors_give_the_same_sample() {
    let (web, mirror) = (Web::serve(crawl).await, Web::serve(crawl).await);
    let sample = |input: &mut Input| input.sample = 3;
    let keys = |archives: Vec<Archive>| -> Vec<String> {
        archives.iter().map(|archive| archive.place.file_name().to_owned()).collect()
    };
    let one = keys(spelled(&web, "/crawl-data/CC-1/warc.paths.gz", sample).await.unwrap());
    let two = keys(spelled(&mirror, "/crawl-data/CC-1/warc.paths.gz", sample).await.unwrap());
    assert_eq!(one, two);
    assert_eq!(one.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_that_cannot_be_followed_is_told() {
    let web = Web::serve(crawl).await;
    for (listing, told) in [
        ("/crawl-data/CC-1/bad.paths", "file:///etc/passwd"),
        ("/crawl-data/CC-1/broken.paths.gz", "cannot be read"),
        ("/crawl-data/CC-1/gone.paths", "is not there"),
    ] {
        let error = spelled(&web, listing, |_| ()).await.unwrap_err();
        assert!(error.to_string().contains(told) && error.to_string().contains(listing), "{error}");
        assert!(error.hint().is_some());
    }
}
