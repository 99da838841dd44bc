//! Names looked up: what is asked, what is kept, what is refused.

use super::name_server::{NameServer, Say};
use crate::door::{
    names::{Limits, Names, Source},
    resolve::Unreachable,
    servers::Servers,
};
use hickory_resolver::{
    Hosts,
    proto::{op::ResponseCode, rr::RecordType},
};
use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

const PUBLIC: &str = "93.184.216.34";
const DAY: u32 = 86_400;
/// An answer is kept for so long at least, …
const LEAST: Duration = Duration::from_millis(700);
/// … and for less than this.
const LONGER: Duration = Duration::from_millis(900);

/// As short as tests are patient.
fn limits() -> Limits {
    let mut limits = Limits::within(Duration::from_secs(2));
    limits.kept = LEAST..=LEAST + Duration::from_millis(100);
    limits.none_kept = limits.kept.clone();
    limits
}

fn names_of(servers: &[&NameServer], limits: Limits) -> Names {
    let named: Vec<_> = servers.iter().map(|server| server.address.into()).collect();
    let servers = Servers::open(&named, limits.deadline).unwrap();
    Names::new(Source::Own(servers), Hosts::default(), false, limits)
}

async fn found(names: &Names, name: &str) -> Vec<String> {
    names.find(name).await.unwrap().iter().map(IpAddr::to_string).collect()
}

#[tokio::test]
async fn both_families_are_asked_for_the_name_as_it_is_and_given_alternately() {
    let server = NameServer::start(|_, _, _| {
        Say::Addresses(vec!["1.1.1.1", "1.1.1.2", "1.1.1.3", "2606:4700::1", "2606:4700::2"], 300)
    })
    .await;
    let names = names_of(&[&server], limits());
    let alternately = ["2606:4700::1", "1.1.1.1", "2606:4700::2", "1.1.1.2", "1.1.1.3"];
    assert_eq!(found(&names, "Host.EXAMPLE").await, alternately);
    assert_eq!(found(&names, "host.example.").await, alternately);
    let mut asked = server.asked();
    asked.sort();
    assert_eq!(asked, [("host.example.".into(), RecordType::A), ("host.example.".into(), RecordType::AAAA)]);
}

#[tokio::test]
async fn no_name_is_completed_by_anything() {
    let server = NameServer::start(|_, _, _| Say::NoName).await;
    let names = names_of(&[&server], limits());
    for name in ["intranet", "a.example", "a.b.c.example"] {
        assert!(matches!(names.find(name).await, Err(Unreachable::NoAddress(_))));
    }
    for (name, _) in server.asked() {
        assert!(["intranet.", "a.example.", "a.b.c.example."].contains(&name.as_str()), "{name}");
    }
}

#[tokio::test]
async fn aliases_are_followed_and_many_addresses_are_cut() {
    let server = NameServer::start(|name, _, _| match name {
        "alias.example." => Say::Alias("real.example.", PUBLIC),
        _ => Say::Addresses(
            vec!["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4", "1.1.1.5", "1.1.1.6", "1.1.1.7", "1.1.1.8", "1.1.1.9"],
            1,
        ),
    })
    .await;
    let names = names_of(&[&server], limits());
    assert_eq!(found(&names, "alias.example").await, [PUBLIC]);
    assert_eq!(found(&names, "many.example").await.len(), 8);
}

#[tokio::test]
async fn an_answer_that_is_cut_is_asked_for_again_by_tcp() {
    let server = NameServer::start(|_, _, _| Say::Long(Box::new(Say::Addresses(vec![PUBLIC], 300)))).await;
    let names = names_of(&[&server], limits());
    assert_eq!(found(&names, "long.example").await, [PUBLIC]);
    assert_eq!(server.asked().len(), 4, "two families, twice");
}

#[tokio::test]
async fn answers_are_kept_within_our_bounds_whatever_their_owner_says() {
    let server = NameServer::start(|name, _, _| match name {
        "never.example." => Say::Addresses(vec![PUBLIC], 0),
        "long.example." => Say::Addresses(vec![PUBLIC], DAY),
        _ => Say::NoName,
    })
    .await;
    let names = names_of(&[&server], limits());
    let asked =
        |name: &str| server.asked().iter().filter(|(asked, kind)| asked == name && *kind == RecordType::A).count();
    let everything = async || {
        for name in ["never.example", "long.example", "none.example"] {
            let _ = names.find(name).await;
        }
    };
    everything().await;
    everything().await;
    for name in ["never.example.", "long.example.", "none.example."] {
        assert_eq!(asked(name), 1, "{name} is kept, even where it is not to be");
    }
    tokio::time::sleep(LONGER).await;
    everything().await;
    for name in ["never.example.", "long.example.", "none.example."] {
        assert_eq!(asked(name), 2, "{name} is not kept for ever");
    }
}

#[tokio::test]
async fn askers_of_one_name_wait_for_one_answer() {
    let server = NameServer::start(|_, _, _| {
        Say::Later(Duration::from_millis(150), Box::new(Say::Addresses(vec![PUBLIC], 300)))
    })
    .await;
    let names = Arc::new(names_of(&[&server], limits()));
    let mut askers = JoinSet::new();
    for _ in 0..50 {
        let names = Arc::clone(&names);
        askers.spawn(async move { found(&names, "one.example").await });
    }
    assert!(askers.join_all().await.iter().all(|addresses| addresses == &[PUBLIC]));
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn look_ups_and_names_kept_are_bounded() {
    let server = NameServer::start(|_, _, _| {
        Say::Later(Duration::from_millis(20), Box::new(Say::Addresses(vec![PUBLIC, "2606:4700::1"], DAY)))
    })
    .await;
    let mut limits = limits();
    limits.kept = Duration::from_hours(1)..=Duration::from_hours(1);
    (limits.most_underway, limits.most_kept) = (4, 10);
    let names = Arc::new(names_of(&[&server], limits));
    let mut askers = JoinSet::new();
    for number in 0..60 {
        let names = Arc::clone(&names);
        askers.spawn(async move { found(&names, &format!("h{number}.example")).await.len() });
    }
    assert_eq!(askers.join_all().await, [2; 60]);
    // Two questions a name.
    assert!((4..=8).contains(&server.most_at_once()), "{}", server.most_at_once());
    assert!(names.kept().await <= 10, "{}", names.kept().await);
}

#[tokio::test]
async fn none_of_many_look_ups_is_lost() {
    let server = NameServer::start(|_, _, _| {
        Say::Later(Duration::from_millis(30), Box::new(Say::Addresses(vec![PUBLIC, "2606:4700::1"], DAY)))
    })
    .await;
    let names = Arc::new(names_of(&[&server], Limits::within(Duration::from_secs(10))));
    let mut askers = JoinSet::new();
    for number in 0..1000 {
        let names = Arc::clone(&names);
        askers.spawn(async move { found(&names, &format!("h{number}.example")).await.len() });
    }
    assert_eq!(askers.join_all().await, [2; 1000]);
}

#[tokio::test]
async fn no_such_name_is_for_good_and_no_answer_is_not() {
    let server = NameServer::start(|name, family, nth| match name {
        "none.example." => Say::NoName,
        "empty.example." => Say::Addresses(vec![], 300),
        "half.example." if family == RecordType::AAAA => Say::Addresses(vec![], 300),
        // Two tries a question: the third is the next look-up's.
        "broken.example." if nth > 1 => Say::Addresses(vec![PUBLIC], 300),
        "silent.example." => Say::Nothing,
        "refused.example." => Say::Error(ResponseCode::Refused),
        _ => Say::Error(ResponseCode::ServFail),
    })
    .await;
    let names = names_of(&[&server], limits());
    for name in ["none.example", "empty.example", "a..example", &"x".repeat(64)] {
        assert!(matches!(names.find(name).await, Err(Unreachable::NoAddress(_))), "{name}");
    }
    for name in ["half.example", "broken.example", "refused.example", "silent.example"] {
        let start = Instant::now();
        let answer = names.find(name).await;
        assert!(matches!(&answer, Err(Unreachable::NoAnswer(why)) if !why.is_empty()), "{name}: {answer:?}");
        assert!(start.elapsed() < Duration::from_secs(4), "{name}: {:?}", start.elapsed());
    }
    // Nothing of that was kept.
    assert_eq!(found(&names, "broken.example").await, [PUBLIC]);
}

#[tokio::test]
async fn where_one_name_server_has_no_answer_the_next_is_asked_and_stayed_with() {
    for trouble in [|| Say::Error(ResponseCode::ServFail), || Say::Error(ResponseCode::Refused), || Say::Nothing] {
        let bad = NameServer::start(move |_, _, _| trouble()).await;
        let good = NameServer::start(|_, _, _| Say::Addresses(vec![PUBLIC], 300)).await;
        let names = names_of(&[&bad, &good], limits());
        assert_eq!(found(&names, "one.example").await, [PUBLIC]);
        let asked = bad.asked().len();
        assert!(asked > 0);
        assert_eq!(found(&names, "two.example").await, [PUBLIC]);
        assert_eq!(bad.asked().len(), asked);
    }
}

#[tokio::test]
async fn a_family_that_does_not_answer_keeps_nobody_waiting() {
    let server = NameServer::start(|_, family, _| match family {
        RecordType::AAAA => Say::Nothing,
        _ => Say::Addresses(vec![PUBLIC], 300),
    })
    .await;
    let names = names_of(&[&server], Limits::within(Duration::from_secs(20)));
    let start = Instant::now();
    assert_eq!(found(&names, "one.example").await, [PUBLIC]);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_name_that_changes_its_address_is_looked_at_each_time() {
    let server = NameServer::start(|name, family, nth| match (name, family) {
        (_, RecordType::AAAA) => Say::Addresses(vec![], 0),
        ("rebinds.example.", _) if nth == 0 => Say::Addresses(vec![PUBLIC], 0),
        ("rebinds.example.", _) if nth == 1 => Say::Addresses(vec!["127.0.0.1"], 0),
        ("rebinds.example.", _) => Say::Addresses(vec!["169.254.169.254"], 0),
        ("mixed.example.", _) => Say::Addresses(vec![PUBLIC, "10.0.0.7"], 0),
        _ => Say::Alias("inner.example.", "192.168.1.1"),
    })
    .await;
    let names = names_of(&[&server], limits());
    assert_eq!(found(&names, "rebinds.example").await, [PUBLIC]);
    // Within the least time that an answer is kept, there is nothing to change.
    assert_eq!(found(&names, "rebinds.example").await, [PUBLIC]);
    for _ in 0..2 {
        tokio::time::sleep(LONGER).await;
        assert_eq!(names.find("rebinds.example").await, Err(Unreachable::Private));
    }
    assert_eq!(names.find("mixed.example").await, Err(Unreachable::Private));
    assert_eq!(names.find("alias.example").await, Err(Unreachable::Private));
    assert_eq!(names.find("localhost").await, Err(Unreachable::Private));
    assert!(server.asked().iter().all(|(name, _)| name != "localhost."));
}

#[tokio::test]
async fn the_hosts_file_comes_first_and_alone() {
    let server = NameServer::start(|_, _, _| Say::Addresses(vec![PUBLIC, "2606:4700::1"], 300)).await;
    let servers = Servers::open(&[server.address.into()], Duration::from_secs(2)).unwrap();
    let mut hosts = Hosts::default();
    hosts.read_hosts_conf("1.1.1.1 here.example\n0.0.0.0 blocked.example\n".as_bytes()).unwrap();
    let names = Names::new(Source::Own(servers), hosts, false, limits());
    assert_eq!(found(&names, "here.example").await, ["1.1.1.1"]);
    assert_eq!(names.find("blocked.example").await, Err(Unreachable::Private));
    assert_eq!(server.asked(), []);
    assert_eq!(found(&names, "elsewhere.example").await.len(), 2);
}

#[tokio::test]
async fn where_nobody_is_to_be_asked_nobody_is() {
    let names = Names::new(Source::Nobody, Hosts::default(), false, limits());
    assert!(matches!(names.find("one.example").await, Err(Unreachable::NoAnswer(_))));
}
