//! The one HTTP door. Every request of the house leaves here: with a permit, under our true name,
//! a few at a time per host (one, unless the settings say more) and per address, and not before the
//! host's interval has passed, to addresses of the public web only, and with a bound on every wait
//! and every byte.

pub mod address;
pub(crate) mod client;
mod failure;
mod names;
mod pace;
mod places;
mod resolve;
mod response;
mod rules;
mod servers;

pub use failure::Failure;
pub use response::{Held, Response};
pub use rules::Rules;

use crate::Error;
use address::is_public;
use consent::Permit;
use hickory_resolver::Hosts;
use names::{Limits, Names, Source};
use pace::{Paces, Turn};
use places::{Place, Places};
use resolve::Resolver;
use response::Waits;
use rules::Target;
use schema::{Agent, Dns, Fetch, Host};
use servers::Servers;
use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};
use url::Url;

/// A connection is kept for the next request, and no longer: of thousands of hosts at work, most rest.
const SHORTEST_IDLE: Duration = Duration::from_secs(2);
const LONGEST_IDLE: Duration = Duration::from_secs(15);

/// Bodies that may be larger than [`response::LARGE`] at one time: with all connections busy, memory
/// holds so many of `fetch.max_body_bytes` and no more.
const MOST_LARGE_BODIES: usize = 16;

/// The door. Share it: its politeness holds for all who go through it.
#[derive(Debug)]
pub struct Door {
    client: reqwest::Client,
    rules: Arc<Rules>,
    names: Arc<Names>,
    paces: Paces,
    places: Places,
    connections: Arc<Semaphore>,
    large_bodies: Arc<Semaphore>,
    /// Longest time without a sign of life.
    timeout: Duration,
    deadline: Duration,
    private_allowed: bool,
    nameless: bool,
    /// What is wrong with the name servers, if any are needed.
    no_servers: Option<String>,
    sent: AtomicU64,
}

impl Door {
    /// Opens the door for `agent`, under the limits of `fetch`.
    pub fn open(agent: &Agent, fetch: &Fetch) -> Result<Self, Error> {
        Self::open_within(agent, fetch, Limits::within(fetch.timeout.duration()), |client| client)
    }

    /// The same with the bounds and the client that a test needs.
    fn open_within(
        agent: &Agent,
        fetch: &Fetch,
        limits: Limits,
        equip: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> Result<Self, Error> {
        let rules = Arc::new(Rules::parse(&fetch.resolve)?);
        let nameless = agent.contact.trim().is_empty() && !rules.stay_on_loopback();
        let mut no_servers = None;
        let source = match fetch.dns {
            // Nothing can come to be looked up, so no name server need be known.
            _ if nameless || rules.cover_all() => Source::Nobody,
            Dns::System => Source::System,
            Dns::Own => Servers::open(&fetch.name_servers, limits.deadline).map_or_else(
                |problem| {
                    no_servers = Some(problem);
                    Source::Nobody
                },
                Source::Own,
            ),
        };
        // A system without a hosts file has no hosts in it.
        let hosts = Hosts::from_system().unwrap_or_default();
        let names = Arc::new(Names::new(source, hosts, fetch.allow_private_addresses, limits));
        let resolver = Resolver { rules: Arc::clone(&rules), names: Arc::clone(&names) };
        let client = client::builder(agent)
            .dns_resolver(resolver)
            // A proxy would look names up in our stead, past the check of addresses.
            .no_proxy()
            .connect_timeout(fetch.timeout.duration())
            .pool_max_idle_per_host(fetch.per_host_connections.max(1))
            .pool_idle_timeout(
                (2 * fetch.per_host_interval.duration().min(LONGEST_IDLE)).clamp(SHORTEST_IDLE, LONGEST_IDLE),
            );
        Ok(Self {
            client: equip(client).build()?,
            rules,
            names,
            paces: Paces::new(fetch.per_host_interval.duration(), fetch.per_host_connections),
            places: Places::new(fetch.per_address_connections),
            connections: Arc::new(Semaphore::new(fetch.max_connections)),
            large_bodies: Arc::new(Semaphore::new(MOST_LARGE_BODIES)),
            timeout: fetch.timeout.duration(),
            deadline: fetch.deadline.duration(),
            private_allowed: fetch.allow_private_addresses,
            nameless,
            no_servers,
            sent: AtomicU64::new(0),
        })
    }

    /// Refuses to go on without a contact, or without anybody to ask for the addresses of hosts, if
    /// anything could be asked of other people's machines. Where nothing is fetched, neither is missed.
    pub fn check_named(&self) -> Result<(), Error> {
        if let Some(problem) = &self.no_servers {
            return Err(Error::Setting {
                key: "fetch.name_servers",
                problem: problem.clone(),
                hint: "name one in `fetch.name_servers`, or write `fetch.dns = \"system\"` to ask the system's own resolver"
                    .into(),
            });
        }
        if !self.nameless {
            return Ok(());
        }
        Err(Error::Setting {
            key: "agent.contact",
            problem: "is missing, and nothing is fetched from other people's machines without it".into(),
            hint: "name a page or mail address where site owners reach you: `contact = \"https://example.org/bot\"`"
                .into(),
        })
    }

    /// Asks for what `permit` names. Waits for the host's turn first; the response holds the turn
    /// until it is dropped, so that no connection too many is opened beside it.
    pub async fn send(&self, permit: &Permit) -> Result<Response, Failure> {
        let url = permit.url();
        let host = Host::of(url).ok_or(Failure::BadUrl)?;
        let request = self.request(url)?;
        let mut turn = self.paces.turn(&host).await.ok_or(Failure::Closed)?;
        let (place, connection) = self.admitted(url, &turn).await?;
        turn.begin(place);
        self.sent.fetch_add(1, Ordering::Relaxed);
        // Waiting for a turn is our own doing and does not count against the host.
        let start = Instant::now();
        let deadline = start + self.deadline;
        let sent = match tokio::time::timeout_at(deadline.min(start + self.timeout), request.send()).await {
            Ok(sent) => sent.map_err(|error| Failure::of(&error)),
            Err(_) => Err(Failure::Timeout),
        };
        match &sent {
            Ok(response) => turn.answered(response.status().as_u16(), start.elapsed()),
            Err(failure) if !failure.stayed_here() => turn.failed(),
            Err(_) => {}
        }
        let waits = Waits { timeout: self.timeout, deadline };
        Ok(Response::new(sent?, waits, turn, connection, Arc::clone(&self.large_bodies)))
    }

    /// Waits for a place at the host's addresses, then for one of the connections that all hosts
    /// share. In this order, which is the same for all (host, addresses, connection), nobody who is
    /// waited for waits for somebody behind him, and a crowd at one address keeps no connections from
    /// the others.
    async fn admitted(&self, url: &Url, turn: &Turn) -> Result<(Place, OwnedSemaphorePermit), Failure> {
        loop {
            let addresses = self.addresses(url).await?;
            let place = self.places.take(&addresses).await.ok_or(Failure::Closed)?;
            let connection = Arc::clone(&self.connections).acquire_owned().await.map_err(|_| Failure::Closed)?;
            if turn.not_yet().is_none() {
                return Ok((place, connection));
            }
            // Meanwhile the host has asked for more time, and others may have what it does not need.
            drop((place, connection));
            turn.rest().await;
        }
    }

    /// Where a request for `url` may go; nothing where a rule of the user's says so, for there the
    /// address is his, or his mirror's, and the hosts are not behind it.
    async fn addresses(&self, url: &Url) -> Result<Arc<[IpAddr]>, Failure> {
        match url.host().ok_or(Failure::BadUrl)? {
            url::Host::Domain(name) if self.rules.address(name).is_some() => Ok(Arc::new([])),
            url::Host::Domain(name) => self.names.find(name).await.map_err(Failure::from),
            url::Host::Ipv4(address) => Ok(Arc::new([address.into()])),
            url::Host::Ipv6(address) => Ok(Arc::new([address.into()])),
        }
    }

    /// Keeps at least `delay` between requests to `host` from now on (Crawl-delay).
    pub fn slow_down(&self, host: &Host, delay: Duration) {
        self.paces.slow_down(host, delay);
    }

    /// Does not ask `host` again before `wait` is over (Retry-After).
    pub fn pause(&self, host: &Host, wait: Duration) {
        self.paces.pause(host, Instant::now() + wait.min(pace::FOREVER));
    }

    /// Requests sent so far.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    fn request(&self, url: &Url) -> Result<reqwest::RequestBuilder, Failure> {
        match self.rules.target(url) {
            // Asked for at a fixed address: the request names the host as if it had gone there.
            Some(Target::Plain(address)) => {
                let mut there = url.clone();
                there.set_scheme("http").map_err(|()| Failure::BadUrl)?;
                there.set_ip_host(address.ip()).map_err(|()| Failure::BadUrl)?;
                there.set_port(Some(address.port())).map_err(|()| Failure::BadUrl)?;
                let name = url.host_str().ok_or(Failure::BadUrl)?;
                let name = url.port().map_or(name.to_owned(), |port| format!("{name}:{port}"));
                Ok(self.client.get(there).header(reqwest::header::HOST, name))
            }
            Some(Target::Resolved) => Ok(self.client.get(url.clone())),
            None if self.nameless => Err(Failure::Nameless),
            None => {
                let literal = match url.host() {
                    Some(url::Host::Ipv4(address)) => Some(address.into()),
                    Some(url::Host::Ipv6(address)) => Some(address.into()),
                    _ => None,
                };
                // Literal addresses never meet the resolver, so they are looked at here.
                match literal {
                    Some(address) if !self.private_allowed && !is_public(address) => Err(Failure::PrivateAddress),
                    _ => Ok(self.client.get(url.clone())),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
