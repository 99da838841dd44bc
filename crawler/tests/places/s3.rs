//! Buckets, by the S3 protocol, at an endpoint on loopback.

use crate::{
    SOON, courier, noise, read,
    web::{Reply, Visit, Way, Web},
};
use crawler::{
    Error,
    archives::{Archive, spell_out_with},
};
use schema::Input;

const CREDENTIALS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "me"), ("AWS_SECRET_ACCESS_KEY", "secret")];

async fn spelled(web: &Web, pattern: &str, more: &[(&str, &str)]) -> Result<Vec<Archive>, Error> {
    let input = Input { archives: vec![pattern.to_owned()], ..Input::default() };
    let environment = [&[("AWS_ENDPOINT_URL", web.root.as_str())], more].concat();
    spell_out_with(&courier(SOON, &input, &environment), &input).await
}

/// One page of a bucket's listing (`ListObjectsV2`).
fn page(keys: &[&str], next: Option<&str>) -> Reply {
    let contents = keys.iter().map(|key| {
        format!(
            "<Contents><Key>{key}</Key><LastModified>2024-05-21T00:00:00.000Z</LastModified><ETag>\"v\"</ETag>\
             <Size>9</Size><StorageClass>STANDARD</StorageClass></Contents>"
        )
    });
    let next = next.map(|token| format!("<NextContinuationToken>{token}</NextContinuationToken>"));
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult><Name>crawl</Name>\
         <IsTruncated>{}</IsTruncated>{}{}</ListBucketResult>",
        next.is_some(),
        next.unwrap_or_default(),
        contents.collect::<String>(),
    );
    Reply::ok(xml).with("Content-Type", "application/xml")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_gives_its_objects_unsigned_or_signed() {
    let served = noise(1, 50_000);
    let serve = move |visit: &Visit| {
        let reply = Reply::file(visit, "\"v1\"", &served);
        if visit.number == 0 { reply.way(Way::Cut(20_000)) } else { reply }
    };
    for (environment, signed) in [(&[][..], false), (&CREDENTIALS[..], true)] {
        let web = Web::serve(serve.clone()).await;
        let archives = spelled(&web, "s3://crawl/a b/+c.warc.gz", environment).await.unwrap();
        assert_eq!(archives[0].name, "s3://crawl/a b/+c.warc.gz");
        assert_eq!(read(&archives[0]).await.unwrap(), noise(1, 50_000));
        let visits = web.visits();
        assert_eq!(visits.len(), 2);
        assert_eq!(visits[1].from(), Some(20_000));
        for visit in &visits {
            assert_eq!(visit.path, "/crawl/a%20b/%2Bc.warc.gz");
            assert_eq!(visit.header("user-agent"), Some(crate::agent().user_agent().as_str()));
            let authorization = visit.header("authorization").unwrap_or_default();
            assert_eq!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=me/"), signed, "{authorization}");
        }
        // What a range is asked for with is a part of what is signed.
        assert_eq!(visits[1].header("authorization").is_some_and(|text| text.contains("if-match;range;")), signed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pattern_is_spelled_out_by_listing() {
    let web = Web::serve(|visit| match visit.number {
        // Busy at first, then cut, then in two pages.
        0 => Reply::status(503),
        1 => page(&["segments/0/never.warc.gz"], None).way(Way::Cut(200)),
        2 => page(&["segments/1/a.warc.gz", "segments/1/a.wat.gz", "segments/1/deep/x.warc.gz"], Some("more")),
        _ => page(&["segments/2/b.warc.gz", "segments/22/c.warc.gz"], None),
    })
    .await;
    let archives = spelled(&web, "s3://crawl/segments/?/*.warc.gz", &[]).await.unwrap();
    let names: Vec<_> = archives.iter().map(|archive| archive.name.as_str()).collect();
    assert_eq!(names, ["s3://crawl/segments/1/a.warc.gz", "s3://crawl/segments/2/b.warc.gz"]);
    let paths: Vec<String> = web.visits().into_iter().map(|visit| visit.path).collect();
    assert_eq!(paths.len(), 4);
    for path in &paths {
        assert!(path.starts_with("/crawl?") && path.contains("prefix=segments%2F"), "{path}");
        assert!(!path.contains("delimiter"), "folders below are wanted too: {path}");
    }
    assert!(paths[3].contains("continuation-token=more"), "{paths:?}");

    // A pattern for one folder lists no more than that.
    let web = Web::serve(|_| page(&["crawl/CC-1.warc.gz"], None)).await;
    spelled(&web, "s3://crawl/crawl/CC-*.warc.gz", &[]).await.unwrap();
    let path = &web.visits()[0].path;
    assert!(path.contains("prefix=crawl%2FCC-") && path.contains("delimiter=%2F"), "{path}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_not_listed_is_told() {
    for (status, told, visits) in
        [(403, "answered 403", 1), (404, "is not there", 1), (503, "4 tries in a row failed", 4)]
    {
        let web = Web::serve(move |_| Reply::status(status)).await;
        let error = spelled(&web, "s3://crawl/*.warc.gz", &[]).await.unwrap_err();
        assert!(error.to_string().contains(told) && error.hint().is_some(), "{error}");
        assert_eq!(web.visits().len(), visits, "{status}");
    }
    // A page that breaks each time is given up, however much of it came.
    let web = Web::serve(|_| page(&["a.warc.gz"], None).way(Way::Cut(200))).await;
    let error = spelled(&web, "s3://crawl/*.warc.gz", &[]).await.unwrap_err();
    assert!(error.to_string().contains("4 tries in a row failed"), "{error}");
    let web = Web::serve(|_| Reply::ok("<html></html>")).await;
    let error = spelled(&web, "s3://crawl/*.warc.gz", &[]).await.unwrap_err();
    assert!(error.to_string().contains("`html` instead"), "{error}");
    let web = Web::serve(|_| page(&["a.wat.gz"], None)).await;
    let error = spelled(&web, "s3://crawl/*.warc.gz", &[]).await.unwrap_err();
    assert!(error.to_string().contains("matches none of 1 keys"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_in_a_bucket_names_from_its_root() {
    let web = Web::serve(|visit| match visit.path.as_str() {
        "/crawl/crawl-data/CC-1/warc.paths" => Reply::ok("crawl-data/CC-1/a.warc.gz\n"),
        "/crawl/crawl-data/CC-1/a.warc.gz" => Reply::ok("found"),
        _ => Reply::status(404),
    })
    .await;
    let archives = spelled(&web, "s3://crawl/crawl-data/CC-1/warc.paths", &[]).await.unwrap();
    assert_eq!(archives[0].name, "s3://crawl/crawl-data/CC-1/a.warc.gz");
    assert_eq!(read(&archives[0]).await.unwrap(), b"found");
}
