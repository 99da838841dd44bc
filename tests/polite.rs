//! Manners under load, by the log of the server: many hosts at once, each asked no faster, no oftener
//! and no longer than it bears.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{
    cli::{Folder, Settings},
    gallery::Gallery,
    table::{ends, funnel},
    web::{Answer, Visit, Web},
};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

const INTERVAL: Duration = Duration::from_millis(150);
/// Ordinary hosts, and pictures on each.
const HOSTS: usize = 40;
const PICTURES: usize = 2;
/// Pictures of the one large host.
const GIANT: usize = 25;
/// `fetch.host_patience`.
const PATIENCE: usize = 4;

/// The visits of each host, in the order they came.
fn by_host(visits: &[Visit]) -> BTreeMap<&str, Vec<&Visit>> {
    let mut hosts: BTreeMap<&str, Vec<&Visit>> = BTreeMap::new();
    for visit in visits {
        hosts.entry(&visit.host).or_default().push(visit);
    }
    hosts
}

/// From one visit of a host to the next.
fn gaps(visits: &[&Visit]) -> Vec<Duration> {
    visits.windows(2).map(|pair| pair[1].began - pair[0].began).collect()
}

/// We measure where requests arrive, after a way that a busy machine makes uneven.
fn about(time: Duration) -> Duration {
    time * 7 / 10
}

#[test]
fn hosts_are_asked_as_they_bear_it() {
    let (folder, mut world) = (Folder::new(), Gallery::new());
    let open = "User-agent: *\nAllow: /\n";
    let ordinary: Vec<String> = (0..HOSTS).map(|number| format!("h{number}.example")).collect();
    for name in &ordinary {
        world.host(name, open, PICTURES, &[]);
    }
    world.host("giant.example", open, GIANT, &[]);
    world.host("slow.example", "User-agent: *\nCrawl-delay: 1\n", 3, &[]);
    let later = Answer::status(429).with("Retry-After", "2");
    world.host("later.example", open, 1, std::slice::from_ref(&later));
    world.host("tired.example", open, 12, &vec![Answer::status(503); 50]);
    world.host("broken.example", open, 12, &vec![Answer::status(500); 50]);
    world.host("closed.example", open, 12, &vec![Answer::status(403); 50]);

    let web = Web::serve(world.routes.clone());
    let archive = folder.write("web.warc.gz", world.archive());
    let settings = Settings::new(&[&archive], &web)
        .set("fetch.per_host_interval", "150ms")
        .set("fetch.host_patience", i32::try_from(PATIENCE).unwrap())
        .set("fetch.retries", 1);
    let config = folder.write("config.toml", settings.toml());
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    funnel(&folder, "run/dataset");
    let mut outcomes: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (url, _, end) in ends(&folder, "run/dataset") {
        let host = url.split('/').nth(2).unwrap();
        let kind = if ordinary.iter().any(|name| name == host) { "ordinary" } else { host };
        *outcomes.entry((kind.to_owned(), end)).or_default() += 1;
    }
    let outcomes: Vec<_> = outcomes.iter().map(|((host, end), count)| (host.as_str(), end.as_str(), *count)).collect();
    assert_eq!(
        outcomes,
        [
            ("broken.example", "host_let_alone", 12 - PATIENCE),
            ("broken.example", "http_error", PATIENCE),
            ("closed.example", "access_refused", PATIENCE),
            ("closed.example", "host_let_alone", 12 - PATIENCE),
            ("giant.example", "kept", GIANT),
            ("later.example", "kept", 1),
            ("ordinary", "kept", HOSTS * PICTURES),
            ("slow.example", "kept", 3),
            ("tired.example", "host_let_alone", 12 - PATIENCE / 2),
            ("tired.example", "throttled", PATIENCE / 2),
        ]
    );

    let visits = web.visits();
    let hosts = by_host(&visits);
    for (host, visits) in &hosts {
        let robots = visits.iter().filter(|visit| visit.is_robots()).count();
        assert_eq!(robots, 1, "robots.txt of {host}, once");
        assert!(visits[0].is_robots(), "robots.txt of {host}, first");
        for pair in visits.windows(2) {
            assert!(pair[0].ended <= pair[1].began, "two requests at a time to {host}");
        }
        for gap in gaps(visits) {
            assert!(gap >= about(INTERVAL), "{gap:?} between two requests to {host}");
        }
    }

    // What hosts ask for.
    for gap in gaps(&hosts["slow.example"]) {
        assert!(gap >= about(Duration::from_secs(1)), "{gap:?} against a Crawl-delay of a second");
    }
    let later = pictures(&hosts["later.example"]);
    assert_eq!(later.len(), 2);
    assert!(gaps(&later)[0] >= about(Duration::from_secs(2)), "{:?} against Retry-After: 2", gaps(&later));

    // The breaker: so many requests to a host that has no time, so many pictures of one that answers with
    // errors (each is asked for twice) or refuses, and none after them.
    assert_eq!(pictures(&hosts["tired.example"]).len(), PATIENCE);
    assert_eq!(pictures(&hosts["broken.example"]).len(), 2 * PATIENCE);
    assert_eq!(pictures(&hosts["closed.example"]).len(), PATIENCE);
    // A host that says it has no time is asked ever less often.
    let tired = gaps(&pictures(&hosts["tired.example"]));
    for (gap, least) in tired.iter().zip([500, 1000, 2000]) {
        assert!(*gap >= about(Duration::from_millis(least)), "{tired:?}");
    }

    // The giant does not hold up the others: they are done while it is still asked.
    let last = |host: &str| hosts[host].iter().map(|visit| visit.began).max().unwrap();
    let ordinary_done: Instant = ordinary.iter().map(|name| last(name)).max().unwrap();
    assert!(ordinary_done < last("giant.example"), "small hosts waited for a large one");
}

fn pictures<'a>(visits: &[&'a Visit]) -> Vec<&'a Visit> {
    visits.iter().filter(|visit| visit.path.ends_with(".jpg")).copied().collect()
}

#[test]
fn several_connections_to_a_host_are_opened_only_where_the_settings_say_so() {
    let (folder, mut world) = (Folder::new(), Gallery::new());
    world.host("wide.example", "User-agent: *\nAllow: /\n", 24, &[]);
    // Each answer takes a moment, so that connections overlap where they may.
    let web = Web::serve_slowly(world.routes.clone(), Duration::from_millis(200));
    let archive = folder.write("web.warc.gz", world.archive());
    let most = |connections: i32| {
        let dir = format!("run{connections}");
        let settings = Settings::new(&[&archive], &web)
            .set("fetch.per_host_interval", "10ms")
            .set("fetch.per_host_connections", connections)
            .set("output.dir", dir.as_str());
        let before = web.visits().len();
        let config = folder.write("config.toml", settings.toml());
        folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
        let visits = web.visits();
        let visits: Vec<_> = visits[before..].iter().filter(|visit| visit.host == "wide.example").collect();
        // The server takes note of an answer's end a little after we have it.
        let late = Duration::from_millis(80);
        let at = |time: Instant| visits.iter().filter(|visit| visit.began <= time && time + late < visit.ended).count();
        visits.iter().map(|visit| at(visit.began)).max().unwrap()
    };
    assert_eq!(most(1), 1);
    assert_eq!(most(3), 3);
}
