//! Transfers that break, and what they are taken up with.

use crate::{
    Random, SOON, noise, read, read_url, spelled,
    web::{Reply, Visit, Way, Web},
};
use crawler::archives::Patience;
use std::{
    io::Read,
    sync::Mutex,
    time::{Duration, Instant},
};

const TAG: &str = "\"v1\"";

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_cut_ten_times_ends_in_the_same_bytes() {
    for seed in 0..8 {
        let body = noise(seed, 300_000);
        let (served, random) = (body.clone(), Mutex::new(Random(seed)));
        let web = Web::serve(move |visit| {
            let reply = Reply::file(visit, TAG, &served);
            let cut = random.lock().unwrap().below(30_000);
            if visit.number < 10 { reply.way(Way::Cut(cut)) } else { reply }
        })
        .await;
        // Some of the ten bring nothing: those in a row are fewer than the tries.
        assert_eq!(read_url(SOON, web.url("/a.warc.gz")).await.unwrap(), body, "{seed}");
        let visits = web.visits();
        assert_eq!(visits.len(), 11);
        // Each goes on where the last broke off, and wants the same version.
        let starts: Vec<usize> = visits.iter().map(|visit| visit.from().unwrap_or(0)).collect();
        assert!(starts.is_sorted() && starts[10] > 0, "{starts:?}");
        let wanted = |visit: &Visit| visit.header("if-match") == visit.from().map(|_| TAG);
        assert!(visits.iter().all(wanted));
        assert!(visits.iter().all(|visit| visit.header("user-agent") == Some(&crate::agent().user_agent())));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_knows_no_ranges_is_passed_over_to_the_place() {
    let body = noise(1, 100_000);
    for headers in [&[("ETag", "W/\"weak\"")][..], &[("Last-Modified", "Tue, 21 May 2024 00:00:00 GMT")], &[]] {
        let served = body.clone();
        let web = Web::serve(move |visit| {
            let reply = headers.iter().fold(Reply::ok(served.clone()), |reply, (name, value)| reply.with(name, value));
            if visit.number < 2 { reply.way(Way::Cut(40_000 * (visit.number + 1))) } else { reply }
        })
        .await;
        assert_eq!(read_url(SOON, web.url("/a.warc.gz")).await.unwrap(), body);
        let visits = web.visits();
        assert_eq!(visits.iter().map(Visit::from).collect::<Vec<_>>(), [None, Some(40_000), Some(80_000)]);
        assert!(visits.iter().all(|visit| visit.header("if-match").is_none()), "a weak tag never matches");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_archive_is_an_error_and_never_a_mixture() {
    type Second = fn(&Visit) -> Reply;
    let seconds: [(&str, Second); 6] = [
        ("part of another version", |_| Reply::ok(noise(2, 9000)).with("ETag", "\"v2\"").part(4000)),
        ("all of another version", |_| Reply::ok(noise(2, 9000)).with("ETag", "\"v2\"")),
        ("another length", |_| Reply::ok(noise(2, 9001)).with("ETag", TAG).part(4000)),
        ("no version at all", |_| Reply { says_length: false, ..Reply::ok("").with("Transfer-Encoding", "chunked") }),
        ("412", |visit| Reply::file(visit, "\"v2\"", &noise(2, 9000))),
        ("416", |_| Reply::status(416).with("Content-Range", "bytes */3000")),
    ];
    for (what, second) in seconds {
        let web = Web::serve(move |visit| match visit.number {
            0 => Reply::ok(noise(1, 9000)).with("ETag", TAG).way(Way::Cut(4000)),
            _ => second(visit),
        })
        .await;
        let error = read_url(SOON, web.url("/a.warc.gz")).await.unwrap_err();
        assert!(error.to_string().contains("changed") && error.to_string().contains("byte 4000"), "{what}: {error}");
        assert!(error.hint().unwrap().contains("from its beginning"));
        assert_eq!(web.visits().len(), 2, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_part_is_not_taken() {
    let body = noise(1, 9000);
    let served = body.clone();
    let web = Web::serve(move |visit| match visit.number {
        0 => Reply::file(visit, TAG, &served).way(Way::Cut(4000)),
        1 => Reply::ok(served.clone()).with("ETag", TAG).part(3999),
        2 => Reply { status: 206, ..Reply::ok(&served[4000..]).with("ETag", TAG) },
        _ => Reply::file(visit, TAG, &served),
    })
    .await;
    assert_eq!(read_url(SOON, web.url("/a.warc.gz")).await.unwrap(), body);
    // Who never sends the right one is given up.
    let web = Web::serve(|visit| match visit.number {
        0 => Reply::file(visit, TAG, &noise(1, 9000)).way(Way::Cut(4000)),
        _ => Reply::ok(noise(1, 9000)).with("ETag", TAG).part(0),
    })
    .await;
    let error = read_url(SOON, web.url("/a.warc.gz")).await.unwrap_err().to_string();
    assert!(error.contains("from byte 4000") && error.contains("4 tries"), "{error}");
    assert_eq!(web.visits().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_come_is_given_up_in_time() {
    let stall = Duration::from_millis(100);
    let patience = Patience { stall, least_progress: 1000, ..SOON };
    for way in [Way::Mute, Way::Hang(0), Way::Hang(500), Way::Trickle(Duration::from_millis(2)), Way::Cut(0)] {
        let web = Web::serve(move |visit| Reply::file(visit, TAG, &noise(1, 9000)).way(way)).await;
        let began = Instant::now();
        let error = read_url(patience, web.url("/a.warc.gz")).await.unwrap_err();
        let took = began.elapsed();
        assert!(error.to_string().contains("tries in a row failed") && error.hint().is_some(), "{error}");
        if !matches!(way, Way::Cut(_)) {
            assert!(error.to_string().contains("100ms"), "{error}");
            assert!(took >= stall * 4, "{way:?}: {took:?}");
        }
        assert!(took < Duration::from_secs(5), "{way:?}: {took:?}");
    }
    // Where each try brings the thousand bytes that count, many tries end the file.
    let web = Web::serve(|visit| Reply::file(visit, TAG, &noise(1, 9000)).way(Way::Hang(1500))).await;
    assert_eq!(read_url(patience, web.url("/a.warc.gz")).await.unwrap(), noise(1, 9000));
    assert!(web.visits().len() >= 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_is_no_stall() {
    let body = noise(1, 8_000_000);
    let served = body.clone();
    let web = Web::serve(move |visit| Reply::file(visit, TAG, &served)).await;
    let patience = Patience { stall: Duration::from_secs(1), ..SOON };
    let archive = spelled(patience, &[web.url("/a.warc.gz")]).await.remove(0);
    let reading = tokio::task::spawn_blocking(move || {
        let mut reader = archive.open().unwrap();
        let mut bytes = vec![0; 1000];
        reader.read_exact(&mut bytes).unwrap();
        std::thread::sleep(Duration::from_millis(1500));
        reader.read_to_end(&mut bytes).unwrap();
        bytes
    });
    assert_eq!(reading.await.unwrap(), body);
    assert_eq!(web.visits().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_reader_ends_its_transfer() {
    let web = Web::serve(|_| Reply::ok(vec![0; 100_000]).way(Way::Hang(1000))).await;
    let archive =
        spelled(Patience { stall: Duration::from_secs(60), ..SOON }, &[web.url("/a.warc.gz")]).await.remove(0);
    let reading = tokio::task::spawn_blocking(move || {
        let mut reader = archive.open().unwrap();
        reader.read_exact(&mut [0; 1000]).unwrap();
    });
    reading.await.unwrap();
    let began = Instant::now();
    while web.visits()[0].ended.is_none() {
        assert!(began.elapsed() < Duration::from_secs(10), "the connection stays open");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_file_is_known_or_it_is_refused() {
    // In chunks, as servers send what they make up on the way; cut, such a body has no last chunk.
    let chunked = |text: &str| {
        let reply = Reply { says_length: false, ..Reply::ok(text.as_bytes()) };
        reply.with("Transfer-Encoding", "chunked").with("ETag", TAG)
    };
    let web = Web::serve(move |visit| match visit.number {
        0 => chunked("5\r\nhello\r\n6\r\n wor"),
        _ => Reply::file(visit, TAG, b"hello world"),
    })
    .await;
    assert_eq!(read_url(SOON, web.url("/a.warc")).await.unwrap(), b"hello world");
    assert_eq!(web.visits().len(), 2);

    let web = Web::serve(|_| Reply { says_length: false, ..Reply::ok("hello") }).await;
    let error = read_url(SOON, web.url("/a.warc")).await.unwrap_err();
    assert!(error.to_string().contains("without its length") && error.hint().is_some(), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_given_is_told_at_once() {
    for (status, told) in [
        (404, "is not there"),
        (410, "is not there"),
        (401, "wants credentials"),
        (206, "answered 206"),
        (301, "answered 301"),
        (412, "answered 412"),
        (416, "answered 416"),
        (451, "answered 451"),
    ] {
        let web = Web::serve(move |_| Reply::status(status)).await;
        let archives = spelled(SOON, &[web.url("/a.warc.gz"), web.url("/b.warc.gz")]).await;
        let error = read(&archives[0]).await.unwrap_err();
        assert!(error.to_string().contains(told) && error.to_string().contains("/a.warc.gz"), "{error}");
        assert!(error.hint().is_some());
        // One file's trouble is not its server's.
        read(&archives[1]).await.unwrap_err();
        assert_eq!(web.visits().len(), 2, "{status}");
    }
    let error = read_url(SOON, "http://127.0.0.1:1/a.warc.gz".into()).await.unwrap_err().to_string();
    assert!(error.contains("refused"), "{error}");
}
