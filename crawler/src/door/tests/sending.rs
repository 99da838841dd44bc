//! Requests through the door to hosts whose names are looked up.

use super::{
    name_server::{NameServer, Say},
    web::Web,
};
use crate::door::{Door, Failure, Response, names::Limits};
use consent::{Permit, SiteFile};
use hickory_resolver::proto::{op::ResponseCode, rr::RecordType};
use schema::{Agent, Fetch, Host, Span};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinSet,
    time::timeout,
};
use url::Url;

/// In no hurry, and to be asked for nothing but by the settings of a test.
pub(super) fn fetch(name_server: &NameServer) -> Fetch {
    Fetch {
        name_servers: vec![name_server.address.into()],
        per_host_interval: Span::millis(0),
        timeout: Span::secs(20),
        deadline: Span::secs(40),
        allow_private_addresses: true,
        ..Fetch::default()
    }
}

pub(super) fn agent() -> Agent {
    Agent { contact: "https://example.org/bot".into(), ..Agent::default() }
}

fn door(fetch: &Fetch) -> Arc<Door> {
    Arc::new(Door::open(&agent(), fetch).unwrap())
}

fn permit(host: &str, port: u16) -> Permit {
    Permit::for_site_file(&Url::parse(&format!("http://{host}:{port}/")).unwrap(), SiteFile::Robots)
}

async fn ask(door: &Door, host: &str, port: u16) -> Result<Response, Failure> {
    door.send(&permit(host, port)).await
}

async fn read(door: &Door, host: &str, port: u16) -> Vec<u8> {
    ask(door, host, port).await.unwrap().body(10).await.unwrap()
}

/// A name server that has every host on this machine.
pub(super) async fn all_here() -> NameServer {
    NameServer::start(|_, _, _| Say::Addresses(vec!["127.0.0.1"], 300)).await
}

/// Asks for `number` hosts at once.
async fn crowd(door: &Arc<Door>, number: usize, port: u16) {
    let mut visits = JoinSet::new();
    for number in 0..number {
        let door = Arc::clone(door);
        visits.spawn(async move { read(&door, &format!("h{number}.example"), port).await });
    }
    assert!(visits.join_all().await.iter().all(|body| body == b"ok"));
}

#[tokio::test]
async fn hosts_that_share_an_address_share_its_places() {
    let (dns, web) = (all_here().await, Web::start(Duration::from_millis(20)).await);
    let door = door(&Fetch { per_address_connections: 3, ..fetch(&dns) });
    crowd(&door, 40, web.address.port()).await;
    assert_eq!((web.hosts().len(), web.most_underway()), (40, 3));
}

#[tokio::test]
async fn a_crowd_at_one_address_keeps_no_connections_from_others() {
    let dns = NameServer::start(|name, _, _| match name {
        "other.example." => Say::Addresses(vec!["127.0.0.2"], 300),
        _ => Say::Addresses(vec!["127.0.0.1"], 300),
    })
    .await;
    let slow = Web::start(Duration::from_secs(2)).await;
    let other = TcpListener::bind(("127.0.0.2", slow.address.port())).await.unwrap();
    let other = Web::on(other, Duration::ZERO);
    let door = door(&Fetch { per_address_connections: 1, max_connections: 2, ..fetch(&dns) });
    let port = slow.address.port();
    let crowded = tokio::spawn({
        let door = Arc::clone(&door);
        async move { crowd(&door, 2, port).await }
    });
    while slow.hosts().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let start = Instant::now();
    assert_eq!(read(&door, "other.example", port).await, b"ok");
    assert!(start.elapsed() < Duration::from_millis(1500), "{:?}", start.elapsed());
    crowded.await.unwrap();
    assert_eq!((other.hosts().len(), slow.hosts().len(), slow.most_underway()), (1, 2, 1));
}

#[tokio::test]
async fn a_response_keeps_its_place_until_it_is_dropped() {
    let (dns, web) = (all_here().await, Web::start(Duration::ZERO).await);
    let door = door(&Fetch { per_address_connections: 1, ..fetch(&dns) });
    let port = web.address.port();
    let held = ask(&door, "one.example", port).await.unwrap();
    let second = async || timeout(Duration::from_millis(150), read(&door, "two.example", port)).await;
    assert!(second().await.is_err());
    assert_eq!(web.hosts().len(), 1);
    drop(held);
    assert_eq!(second().await.unwrap(), b"ok");
}

#[tokio::test]
async fn where_a_rule_gives_the_address_nobody_is_asked_and_no_place_is_needed() {
    let (dns, web) = (all_here().await, Web::start(Duration::from_millis(100)).await);
    let rule = format!("*.example={}", web.address);
    let door = door(&Fetch { per_address_connections: 1, resolve: vec![rule], ..fetch(&dns) });
    crowd(&door, 10, 80).await;
    assert!(web.most_underway() > 1 && dns.asked().is_empty());
}

#[tokio::test]
async fn a_host_that_asks_for_time_while_others_have_its_place_gets_it() {
    let (dns, web) = (all_here().await, Web::start(Duration::ZERO).await);
    let door = door(&Fetch { per_address_connections: 1, ..fetch(&dns) });
    let port = web.address.port();
    let held = ask(&door, "one.example", port).await.unwrap();
    let waiting = tokio::spawn({
        let door = Arc::clone(&door);
        async move { read(&door, "two.example", port).await }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    let (asked_for, wait) = (Instant::now(), Duration::from_secs(1));
    door.pause(&Host::from("two.example"), wait);
    drop(held);
    // The place is not kept from the third meanwhile.
    read(&door, "three.example", port).await;
    assert!(asked_for.elapsed() < wait);
    waiting.await.unwrap();
    assert!(asked_for.elapsed() >= wait);
}

#[tokio::test]
async fn without_a_name_server_nothing_is_sent_and_the_user_is_told() {
    let mut door = Door::open(&agent(), &Fetch::default()).unwrap();
    door.no_servers = Some("none is named".into());
    let error = door.check_named().unwrap_err();
    assert!(error.to_string().contains("fetch.name_servers") && error.hint().is_some_and(|hint| hint.contains("dns")));
    let nameless = Door::open(&Agent::default(), &Fetch::default()).unwrap();
    assert!(nameless.no_servers.is_none() && nameless.check_named().unwrap_err().to_string().contains("agent.contact"));
    assert_eq!(ask(&nameless, "one.example", 80).await.unwrap_err(), Failure::Nameless);
}

#[tokio::test]
async fn private_addresses_are_refused_and_no_answer_is_tried_again() {
    let dns = NameServer::start(|name, _, _| match name {
        "metadata.example." => Say::Addresses(vec!["169.254.169.254"], 300),
        "mapped.example." => Say::Addresses(vec!["::ffff:127.0.0.1"], 300),
        "none.example." => Say::NoName,
        _ => Say::Error(ResponseCode::ServFail),
    })
    .await;
    let door = door(&Fetch { allow_private_addresses: false, ..fetch(&dns) });
    for private in
        ["metadata.example", "mapped.example", "127.0.0.1", "[::1]", "0x7f.1", "2130706433", "0251.254.169.254"]
    {
        assert_eq!(ask(&door, private, 80).await.unwrap_err(), Failure::PrivateAddress, "{private}");
    }
    let none = ask(&door, "none.example", 80).await.unwrap_err();
    assert!(matches!(none, Failure::NoAddress(_)) && !none.is_transient(), "{none}");
    let broken = ask(&door, "broken.example", 80).await.unwrap_err();
    assert!(matches!(broken, Failure::NoAnswer(_)) && broken.is_transient() && broken.stayed_here(), "{broken}");
    assert_eq!(door.sent(), 0);
}

#[tokio::test]
async fn an_address_that_changes_between_the_doors_look_up_and_the_clients_is_refused() {
    let web = Web::start(Duration::ZERO).await;
    let dns = NameServer::start(|_, family, nth| match (family, nth) {
        (RecordType::AAAA, _) => Say::Addresses(vec![], 0),
        (_, 0) => Say::Addresses(vec!["93.184.216.34"], 0),
        _ => Say::Addresses(vec!["127.0.0.1"], 0),
    })
    .await;
    let fetch = Fetch { allow_private_addresses: false, ..fetch(&dns) };
    let mut limits = Limits::within(Duration::from_secs(5));
    limits.kept = Duration::ZERO..=Duration::ZERO;
    let door = Door::open_within(&agent(), &fetch, limits, |client| client).unwrap();
    let failure = ask(&door, "rebinds.example", web.address.port()).await.unwrap_err();
    assert_eq!(failure, Failure::PrivateAddress);
    let asked = dns.asked().iter().filter(|(_, family)| *family == RecordType::A).count();
    assert_eq!((asked, web.connections()), (2, 0));
}

#[tokio::test]
async fn a_host_is_looked_up_once_and_its_connection_used_again() {
    let (dns, web) = (all_here().await, Web::start(Duration::ZERO).await);
    let door = door(&fetch(&dns));
    for _ in 0..5 {
        read(&door, "one.example", web.address.port()).await;
    }
    assert_eq!((web.hosts().len(), web.connections(), dns.asked().len()), (5, 1, 2));
}

/// The client races the two families itself, the second 300 ms after the first (RFC 8305 section 5
/// has 250 ms). Within one family it goes on to the next address only when the time to connect,
/// divided among them, is over.
#[tokio::test]
async fn a_family_that_leads_nowhere_is_overtaken_by_the_other() {
    let dns = NameServer::start(|_, _, _| Say::Addresses(vec!["127.0.0.1", "::1"], 300)).await;
    let Ok((hole, web, _waiting)) = hole_and_web().await else {
        eprintln!("skipped: a_family_that_leads_nowhere_is_overtaken_by_the_other: this machine has no IPv6");
        return;
    };
    let port = web.address.port();
    let reached = timeout(Duration::from_millis(700), TcpStream::connect(("::1", port))).await;
    assert!(reached.is_err(), "the hole is none");
    let start = Instant::now();
    assert_eq!(read(&door(&fetch(&dns)), "both.example", port).await, b"ok");
    let took = start.elapsed();
    assert!(took >= Duration::from_millis(250) && took < Duration::from_secs(3), "{took:?}");
    drop(hole);
}

/// A port of `::1` where nobody answers, since the queue of those to be let in is full, and a web
/// server at the same port of `127.0.0.1`.
async fn hole_and_web() -> std::io::Result<(tokio::net::TcpListener, Web, Vec<TcpStream>)> {
    let socket = TcpSocket::new_v6()?;
    socket.bind("[::1]:0".parse().unwrap())?;
    let hole = socket.listen(1)?;
    let address = hole.local_addr()?;
    let mut waiting = Vec::new();
    while let Ok(stream) = timeout(Duration::from_millis(300), TcpStream::connect(address)).await {
        waiting.push(stream?);
    }
    let web = Web::on(TcpListener::bind(("127.0.0.1", address.port())).await?, Duration::ZERO);
    Ok((hole, web, waiting))
}
