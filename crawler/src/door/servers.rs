//! Asks name servers: those of the settings, else the system's, and never any others.

use super::names::Records;
use futures::future::{Either, select};
use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts},
    lookup::Lookup,
    net::{DnsError, NetError, NoRecords, runtime::TokioRuntimeProvider},
    proto::{
        op::ResponseCode,
        rr::{Name, RecordType},
    },
    system_conf::read_system_conf,
};
use schema::NameServer;
use std::{
    net::SocketAddr,
    pin::pin,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};
use tokio::time::timeout;

/// How long the addresses of one family wait for those of the other. RFC 8305 section 3 has 50 ms,
/// for people who wait; a crawler would rather know both.
const RESOLUTION_DELAY: Duration = Duration::from_millis(250);

/// Most name servers used, in their order; resolv.conf(5) knows three.
const MOST_SERVERS: usize = 4;

/// Nobody could say: no answer, or an error of the name servers.
#[derive(Clone, Debug)]
pub(super) struct NoAnswer(pub(super) String);

/// Name servers, in their order.
#[derive(Debug)]
pub(super) struct Servers {
    /// A resolver for each. One for them all would stay with a server that answers nothing but
    /// errors, since it goes on to the next only where no answer comes.
    each: Vec<(SocketAddr, TokioResolver)>,
    /// The one that answered last.
    first: AtomicUsize,
}

/// What a server says of one family of addresses.
enum Said {
    Found(Records),
    /// The name has none of this family, for so long.
    None(Duration),
    /// There is no such name, for so long. That holds for both families (RFC 8020).
    NoName(Duration),
    Failed(String),
}

impl Servers {
    /// The servers `named`, or those of the system; else what is wrong. All of them together are tried
    /// within `deadline`.
    pub(super) fn open(named: &[NameServer], deadline: Duration) -> Result<Self, String> {
        let servers = if named.is_empty() {
            named_in(read_system_conf())?
        } else {
            named.iter().map(|server| at(server.address())).collect()
        };
        let used = servers.len().min(MOST_SERVERS);
        let mut options = ResolverOpts::default();
        // A name server is asked twice, since a packet may be lost on the way.
        options.attempts = 1;
        options.timeout = deadline / u32::try_from(2 * used).unwrap_or(2);
        // What is kept, and for how long, is for `Names` to say, and so is the hosts file.
        options.cache_size = 0;
        options.use_hosts_file = ResolveHosts::Never;
        let each = servers.into_iter().take(used).map(|server| {
            let address = SocketAddr::new(server.ip, server.connections.first().map_or(0, |first| first.port));
            let config = ResolverConfig::from_name_servers(vec![server]);
            let builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
            builder
                .with_options(options.clone())
                .build()
                .map(|resolver| (address, resolver))
                .map_err(|error| error.to_string())
        });
        Ok(Self { each: each.collect::<Result<_, _>>()?, first: AtomicUsize::new(0) })
    }

    /// The addresses of `name`, which is absolute. A server that has no answer is followed by the next.
    pub(super) async fn ask(&self, name: &Name) -> Result<Records, NoAnswer> {
        let first = self.first.load(Ordering::Relaxed);
        let mut failures = Vec::new();
        for turn in 0..self.each.len() {
            let number = (first + turn) % self.each.len();
            let (address, resolver) = &self.each[number];
            match ask_one(resolver, name).await {
                Ok(records) => {
                    self.first.store(number, Ordering::Relaxed);
                    return Ok(records);
                }
                Err(NoAnswer(why)) => failures.push(format!("{address}: {why}")),
            }
        }
        Err(NoAnswer(failures.join("; ")))
    }
}

/// Asks one server for both families.
async fn ask_one(resolver: &TokioResolver, name: &Name) -> Result<Records, NoAnswer> {
    let v6 = pin!(ask_family(resolver, name, RecordType::AAAA));
    let v4 = pin!(ask_family(resolver, name, RecordType::A));
    let (v6, v4) = match select(v6, v4).await {
        Either::Left((v6, v4)) => {
            let v4 = after(&v6, v4).await;
            (v6, v4)
        }
        Either::Right((v4, v6)) => (after(&v4, v6).await, v4),
    };
    match (v6, v4) {
        (Said::Found(v6), Said::Found(v4)) => Ok(Records::both(Some(v6), Some(v4))),
        (Said::Found(records), _) | (_, Said::Found(records)) => Ok(records),
        (Said::NoName(time), _) | (_, Said::NoName(time)) => Ok(Records { time_to_live: time, ..Records::none() }),
        (Said::None(a), Said::None(b)) => Ok(Records { time_to_live: a.min(b), ..Records::none() }),
        (Said::Failed(why), _) | (_, Said::Failed(why)) => Err(NoAnswer(why)),
    }
}

/// What is said of the other family, when `one` has been heard.
async fn after(one: &Said, other: impl Future<Output = Said>) -> Said {
    if !matches!(one, Said::Found(_)) {
        return other.await;
    }
    timeout(RESOLUTION_DELAY, other).await.unwrap_or_else(|_| Said::Failed("slower than the other".into()))
}

async fn ask_family(resolver: &TokioResolver, name: &Name, family: RecordType) -> Said {
    let for_seconds = |time: Option<u32>| Duration::from_secs(time.unwrap_or(0).into());
    match resolver.lookup(name.clone(), family).await {
        Ok(lookup) => match records(&lookup) {
            found if found.addresses.is_empty() => Said::None(found.time_to_live),
            found => Said::Found(found),
        },
        Err(NetError::Dns(DnsError::NoRecordsFound(NoRecords { response_code, negative_ttl, .. }))) => {
            match response_code {
                ResponseCode::NXDomain => Said::NoName(for_seconds(negative_ttl)),
                _ => Said::None(for_seconds(negative_ttl)),
            }
        }
        Err(error) => Said::Failed(error.to_string()),
    }
}

/// The addresses in an answer, and how long all of it holds, aliases on the way included.
pub(super) fn records(lookup: &Lookup) -> Records {
    let answers = lookup.answers();
    let time = answers.iter().map(|record| record.ttl).min().unwrap_or(0);
    let addresses = answers.iter().filter_map(|record| record.data.ip_addr()).collect();
    Records { addresses, time_to_live: Duration::from_secs(time.into()) }
}

/// The name servers of `/etc/resolv.conf`, or of what stands for it on other systems. Its search list
/// is for names of the house, not of the web.
fn named_in(read: Result<(ResolverConfig, ResolverOpts), NetError>) -> Result<Vec<NameServerConfig>, String> {
    let (config, _) = read.map_err(wrong)?;
    let servers = config.into_parts().2;
    if servers.is_empty() { Err(wrong("it is empty")) } else { Ok(servers) }
}

/// A server at a port that may not be 53.
fn at(address: SocketAddr) -> NameServerConfig {
    let with_port = |mut connection: ConnectionConfig| {
        connection.port = address.port();
        connection
    };
    // Truncated answers are asked for again by TCP.
    let connections = vec![with_port(ConnectionConfig::udp()), with_port(ConnectionConfig::tcp())];
    NameServerConfig::new(address.ip(), true, connections)
}

fn wrong(problem: impl std::fmt::Display) -> String {
    format!("none is named, and the system names none (/etc/resolv.conf): {problem}")
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use hickory_resolver::system_conf::parse_resolv_conf;

    #[test]
    fn there_are_no_name_servers_but_those_that_are_named() {
        let text = "search corp.example\nnameserver 192.0.2.53\nnameserver 2001:db8::53\n";
        let named: Vec<_> = named_in(parse_resolv_conf(text)).unwrap().iter().map(|server| server.ip).collect();
        assert_eq!(named, ["192.0.2.53".parse::<std::net::IpAddr>().unwrap(), "2001:db8::53".parse().unwrap()]);
        for none in ["", "# nameserver 192.0.2.53\n", "search corp.example\noptions ndots:5\n"] {
            let problem = named_in(parse_resolv_conf(none)).unwrap_err();
            assert!(problem.contains("/etc/resolv.conf"), "{problem}");
        }
        let missing = NetError::from(std::io::Error::from(std::io::ErrorKind::NotFound));
        assert!(named_in(Err(missing)).is_err());
    }
}
