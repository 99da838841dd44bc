//! Manners towards a server of archives, read from its log.

use crate::{
    SOON, courier, noise, read, read_url, spelled,
    web::{Reply, Way, Web},
};
use crawler::archives::{Patience, spell_out_with};
use futures::future::join_all;
use schema::Input;
use std::time::Duration;

const TAG: &str = "\"v1\"";

/// Between the moment a wait begins here and the server's look at its clock.
const SLACK: Duration = Duration::from_millis(5);

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_busy_is_left_alone_longer_each_time() {
    for status in [503, 429, 500] {
        let web = Web::serve(move |visit| match visit.number {
            0..=3 => Reply::status(status),
            _ => Reply::file(visit, TAG, b"at last"),
        })
        .await;
        let first_wait = Duration::from_millis(40);
        let patience = Patience { first_wait, longest_wait: Duration::from_millis(160), tries: 6, ..SOON };
        assert_eq!(read_url(patience, web.url("/a.warc")).await.unwrap(), b"at last");
        let visits = web.visits();
        for (number, pair) in visits.windows(2).enumerate() {
            let least = first_wait * [1, 2, 4, 4][number];
            assert!(pair[1].began - pair[0].began + SLACK >= least, "{number}: {:?}", pair[1].began - pair[0].began);
        }
        assert_eq!(visits.len(), 5);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_when_is_asked_then_by_all() {
    let web = Web::serve(|visit| match visit.number {
        0 => Reply::status(503).with("Retry-After", "1"),
        _ => Reply::file(visit, TAG, b"now"),
    })
    .await;
    let archives = spelled(SOON, &[web.url("/a.warc"), web.url("/b.warc"), web.url("/c.warc")]).await;
    let first = read(&archives[0]);
    let others = async {
        while web.visits().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // The answer is on its way; what begins after it waits as well.
        tokio::time::sleep(Duration::from_millis(300)).await;
        join_all(archives[1..].iter().map(read)).await
    };
    let (first, others) = futures::join!(first, others);
    assert_eq!(first.unwrap(), b"now");
    assert!(others.into_iter().all(|other| other.unwrap() == b"now"));
    let visits = web.visits();
    assert_eq!(visits.len(), 4);
    for visit in &visits[1..] {
        assert!(visit.began - visits[0].began + SLACK >= Duration::from_secs(1), "{visit:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_us_away_for_long_is_not_waited_for() {
    let web = Web::serve(|_| Reply::status(503).with("Retry-After", "86400")).await;
    let error = read_url(SOON, web.url("/a.warc")).await.unwrap_err();
    assert!(error.to_string().contains("86400 s") && error.hint().is_some(), "{error}");
    assert_eq!(web.visits().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stays_busy_is_given_up() {
    let web = Web::serve(|_| Reply::status(503)).await;
    let error = read_url(SOON, web.url("/a.warc")).await.unwrap_err();
    assert!(error.to_string().contains("answered 503") && error.hint().unwrap().contains("later"), "{error}");
    assert_eq!(web.visits().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_ban_nothing_more_is_asked() {
    let web = Web::serve(|visit| match visit.path.as_str() {
        "/banned.warc" => Reply::status(403).after(Duration::from_millis(100)),
        _ => Reply::file(visit, TAG, &noise(1, 100_000)).way(Way::Trickle(Duration::from_millis(2))),
    })
    .await;
    let names = ["/banned.warc", "/running.warc", "/waiting-1.warc", "/waiting-2.warc"].map(|path| web.url(path));
    let archives = spelled(SOON, &names).await;
    let running = read(&archives[1]);
    let rest = async {
        while web.visits().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // The second connection is that of the ban to come; two more wait for theirs.
        let banned = read(&archives[0]);
        let waiting = async {
            while web.visits().len() < 2 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            join_all(archives[2..].iter().map(read)).await
        };
        futures::join!(banned, waiting)
    };
    let (running, (banned, waiting)) = futures::join!(running, rest);
    for result in waiting.into_iter().chain([running, banned]) {
        let error = result.unwrap_err();
        assert!(
            error.to_string().contains("answered 403") && error.hint().unwrap().contains("nothing more"),
            "{error}"
        );
    }
    assert_eq!(web.visits().len(), 2);
    // Nor for what begins afterwards.
    read(&archives[3]).await.unwrap_err();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(web.visits().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_never_more_connections_than_were_set() {
    for connections in [1, 2, 5] {
        let pause = Duration::from_millis(30);
        let web = Web::serve(move |visit| {
            let reply = Reply::file(visit, TAG, &noise(1, 50_000)).after(pause);
            // Some break, so that the connections of those taken up are counted too.
            if visit.from().is_none() && visit.number % 3 == 0 { reply.way(Way::Cut(20_000)) } else { reply }
        })
        .await;
        let archives = (0..12).map(|number| web.url(&format!("/{number}.warc"))).collect();
        let input = Input { archives, connections, ..Input::default() };
        let archives = spell_out_with(&courier(SOON, &input, &[]), &input).await.unwrap();
        for bytes in join_all(archives.iter().map(read)).await {
            assert_eq!(bytes.unwrap(), noise(1, 50_000));
        }
        let most = web.most_at_once();
        assert!(most <= connections && most >= connections.min(2), "{most} of {connections}");
    }
}
