//! The addresses of hosts by their names: looked up once, kept for a while, and only if they are of
//! the public web.

use super::{
    address::is_public,
    resolve::Unreachable,
    servers::{NoAnswer, Servers, records},
};
use hickory_resolver::{
    Hosts,
    proto::{
        op::Query,
        rr::{Name, RecordType},
    },
};
use moka::{Expiry, future::Cache, policy::EvictionPolicy};
use std::{
    net::{IpAddr, ToSocketAddrs},
    ops::RangeInclusive,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
    time::timeout,
};

/// Most addresses of one name that are used; some names have hundreds, and one or two suffice.
const MOST_ADDRESSES: usize = 8;

/// What is bounded when names are looked up.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    /// Time for one look-up in all.
    pub(super) deadline: Duration,
    /// How long addresses are kept, whatever their owner says. The least is also what keeps a name
    /// from changing its address from one request to the next.
    pub(super) kept: RangeInclusive<Duration>,
    /// The same for a name without addresses; RFC 2308 section 5 warns of more than hours, and a
    /// mistake of today should not outlast the day's run.
    pub(super) none_kept: RangeInclusive<Duration>,
    /// Names kept.
    pub(super) most_kept: u64,
    /// Look-ups under way, each of which takes up to two sockets, or a thread.
    pub(super) most_underway: usize,
}

impl Limits {
    pub(super) fn within(deadline: Duration) -> Self {
        Self {
            deadline,
            kept: Duration::from_mins(1)..=Duration::from_hours(24),
            none_kept: Duration::from_secs(10)..=Duration::from_mins(5),
            most_kept: 65_536,
            most_underway: 128,
        }
    }
}

/// Who is asked.
#[derive(Debug)]
pub(super) enum Source {
    /// Name servers, by us.
    Own(Servers),
    /// The system's `getaddrinfo`.
    System,
    /// Nobody: no name is to be looked up, or nobody is there.
    Nobody,
}

/// What is said of a name.
#[derive(Clone, Debug)]
pub(super) struct Records {
    /// Its addresses, in the order in which they are to be tried.
    pub(super) addresses: Vec<IpAddr>,
    /// How long that holds.
    pub(super) time_to_live: Duration,
}

/// The names looked up so far.
#[derive(Debug)]
pub(super) struct Names {
    source: Source,
    /// The system's hosts file, as it was at the start.
    hosts: Hosts,
    private_allowed: bool,
    limits: Limits,
    kept: Cache<String, Kept>,
    underway: Arc<Semaphore>,
}

/// An answer that is kept.
#[derive(Clone, Debug)]
struct Kept {
    answer: Result<Arc<[IpAddr]>, Unreachable>,
    time: Duration,
}

struct KeptFor;

impl Expiry<String, Kept> for KeptFor {
    fn expire_after_create(&self, _: &String, kept: &Kept, _: Instant) -> Option<Duration> {
        Some(kept.time)
    }

    fn expire_after_update(&self, _: &String, kept: &Kept, _: Instant, _: Option<Duration>) -> Option<Duration> {
        Some(kept.time)
    }
}

impl Names {
    pub(super) fn new(source: Source, hosts: Hosts, private_allowed: bool, limits: Limits) -> Self {
        let kept = Cache::builder()
            .max_capacity(limits.most_kept)
            // A new name is always taken in: it is asked for twice, by the door and by its client.
            .eviction_policy(EvictionPolicy::lru())
            .expire_after(KeptFor)
            .build();
        let underway = Arc::new(Semaphore::new(limits.most_underway));
        Self { source, hosts, private_allowed, limits, kept, underway }
    }

    /// The addresses of `name`, in the order in which they are to be tried. Whoever asks for a name
    /// that is being looked up waits for the same answer.
    pub(super) async fn find(&self, name: &str) -> Result<Arc<[IpAddr]>, Unreachable> {
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        // What nobody could answer is not kept.
        match self.kept.try_get_with_by_ref(&name, self.look_up(&name)).await {
            Ok(kept) => kept.answer,
            Err(nobody) => Err(Unreachable::NoAnswer(nobody.0.clone())),
        }
    }

    /// How many names are kept.
    #[cfg(test)]
    pub(super) async fn kept(&self) -> u64 {
        self.kept.run_pending_tasks().await;
        self.kept.entry_count()
    }

    async fn look_up(&self, name: &str) -> Result<Kept, NoAnswer> {
        let closed = |_| NoAnswer("the program is ending".into());
        let place = Arc::clone(&self.underway).acquire_owned().await.map_err(closed)?;
        let asked = timeout(self.limits.deadline, self.ask(name, place)).await;
        let records = asked.map_err(|_| NoAnswer(format!("no answer in {:?}", self.limits.deadline)))??;
        Ok(self.judge(records))
    }

    async fn ask(&self, name: &str, place: OwnedSemaphorePermit) -> Result<Records, NoAnswer> {
        // Names are absolute: with a search list of the system's, `example.com` could come to mean
        // `example.com.corp.example`, which is somebody else.
        let Ok(mut absolute) = Name::from_ascii(name) else { return Ok(Records::none()) };
        absolute.set_fqdn(true);
        if let Some(records) = self.in_hosts_file(&absolute) {
            return Ok(records);
        }
        match &self.source {
            Source::Own(servers) => servers.ask(&absolute).await,
            Source::System => ask_system(absolute.to_ascii(), place).await,
            Source::Nobody => Err(NoAnswer("no name is looked up here".into())),
        }
    }

    /// A host in the hosts file is there and nowhere else.
    fn in_hosts_file(&self, name: &Name) -> Option<Records> {
        let of = |kind| self.hosts.lookup_static_host(&Query::query(name.clone(), kind));
        let (v6, v4) = (of(RecordType::AAAA), of(RecordType::A));
        (v6.is_some() || v4.is_some()).then(|| {
            let answers = |lookup: &Option<_>| lookup.as_ref().map(records);
            Records::both(answers(&v6), answers(&v4))
        })
    }

    fn judge(&self, records: Records) -> Kept {
        let Records { mut addresses, time_to_live } = records;
        let is_allowed = |address: &IpAddr| self.private_allowed || is_public(*address);
        let answer = if addresses.is_empty() {
            Err(Unreachable::NoAddress("no such name, or no address".into()))
        } else if !addresses.iter().all(is_allowed) {
            // One private address among public ones is a trick, not a mistake: the public one is
            // there to be let through, and shut when it is asked. No honest host is lost if none of
            // them is, and whatever takes these addresses later can do no harm.
            Err(Unreachable::Private)
        } else {
            addresses.truncate(MOST_ADDRESSES);
            Ok(addresses.into())
        };
        let bounds = if answer.is_ok() { &self.limits.kept } else { &self.limits.none_kept };
        Kept { answer, time: time_to_live.clamp(*bounds.start(), *bounds.end()) }
    }
}

impl Records {
    /// Nothing, for as short as may be.
    pub(super) fn none() -> Self {
        Self { addresses: Vec::new(), time_to_live: Duration::ZERO }
    }

    /// The records of both families, alternately and the newer family first (RFC 8305 section 4).
    pub(super) fn both(v6: Option<Self>, v4: Option<Self>) -> Self {
        let time_to_live = [&v6, &v4].into_iter().flatten().map(|records| records.time_to_live).min();
        let of = |records: Option<Self>| records.map_or(Vec::new(), |records| records.addresses);
        let (v6, v4) = (of(v6), of(v4));
        let longer = v6.len().max(v4.len());
        let pairs = (0..longer).flat_map(|nth| [v6.get(nth), v4.get(nth)]);
        Self { addresses: pairs.flatten().copied().collect(), time_to_live: time_to_live.unwrap_or_default() }
    }
}

/// Asks `getaddrinfo`, which says nothing of how long its answer holds. It cannot be called off, so
/// its thread keeps the place until it is done.
async fn ask_system(name: String, place: OwnedSemaphorePermit) -> Result<Records, NoAnswer> {
    let asked = spawn_blocking(move || {
        let found = (name.as_str(), 0).to_socket_addrs().map(|found| found.map(|address| address.ip()).collect());
        drop(place);
        found
    });
    match asked.await.map_err(|error| NoAnswer(error.to_string()))? {
        Ok(addresses) => Ok(Records { addresses, time_to_live: Duration::ZERO }),
        Err(error) if is_passing(&error) => Err(NoAnswer(error.to_string())),
        Err(_) => Ok(Records::none()),
    }
}

/// Whether `getaddrinfo` says that it may do better later (`EAI_AGAIN`, `EAI_SYSTEM`). The standard
/// library passes on the text alone: glibc's and Apple's, or musl's.
fn is_passing(error: &std::io::Error) -> bool {
    let text = error.to_string().to_ascii_lowercase();
    error.raw_os_error().is_some() || text.contains("temporary failure") || text.contains("try again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_systems_answers_are_taken_as_they_are() {
        let place = Arc::new(Semaphore::new(1)).acquire_owned().await.unwrap();
        // A literal, so that the system asks nobody.
        let records = ask_system("127.0.0.1".into(), place).await.unwrap();
        assert_eq!((records.addresses, records.time_to_live), (vec![[127, 0, 0, 1].into()], Duration::ZERO));
    }

    #[test]
    fn the_systems_errors_are_told_apart() {
        let error = |text: &str| std::io::Error::other(format!("failed to lookup address information: {text}"));
        for passing in ["Temporary failure in name resolution", "Try again"] {
            assert!(is_passing(&error(passing)));
        }
        assert!(is_passing(&std::io::Error::from_raw_os_error(24)));
        for lasting in
            ["Name or service not known", "nodename nor servname provided, or not known", "Name does not resolve"]
        {
            assert!(!is_passing(&error(lasting)));
        }
    }
}
