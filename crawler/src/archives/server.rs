//! Manners towards a server of archives: few connections, waits that are waited, and the end when
//! it bans us. Common Crawl asks for just that: at most one retry a second after a `SlowDown`, and
//! nothing more after a 403.

use super::Patience;
use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};
use url::Url;

/// All servers met so far.
#[derive(Debug)]
pub(super) struct Servers {
    connections: usize,
    patience: Patience,
    met: Mutex<HashMap<String, Arc<Server>>>,
}

impl Servers {
    pub(super) fn new(connections: usize, patience: Patience) -> Self {
        Self { connections, patience, met: Mutex::default() }
    }

    /// The server of this address: scheme, host and port.
    pub(super) fn of(&self, url: &Url) -> Arc<Server> {
        let name = url.origin().ascii_serialization();
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || {
            let connections = Arc::new(Semaphore::new(self.connections));
            Arc::new(Server { name: name.clone(), connections, patience: self.patience, pace: Mutex::default() })
        };
        Arc::clone(met.entry(name.clone()).or_insert_with(fresh))
    }
}

/// One server and how it is to be treated.
#[derive(Debug)]
pub(super) struct Server {
    /// Scheme, host and port.
    pub(super) name: String,
    /// Closed when it bans us.
    connections: Arc<Semaphore>,
    patience: Patience,
    pace: Mutex<Pace>,
}

#[derive(Debug, Default)]
struct Pace {
    /// Until when it wants to be left in peace.
    not_before: Option<Instant>,
    /// How often it has told us off since it last gave us something.
    refusals: u32,
}

/// The right to one connection to a server, until dropped.
#[derive(Debug)]
pub(super) struct Turn {
    _connection: OwnedSemaphorePermit,
}

/// The server has banned us: nothing more is asked of it.
#[derive(Debug)]
pub(super) struct Banned;

impl Server {
    /// Waits for a connection, and until the server may be asked again.
    pub(super) async fn turn(&self) -> Result<Turn, Banned> {
        let connection = Arc::clone(&self.connections).acquire_owned().await.map_err(|_| Banned)?;
        while let Some(until) = self.wait() {
            tokio::time::sleep_until(until).await;
        }
        if self.has_banned_us() { Err(Banned) } else { Ok(Turn { _connection: connection }) }
    }

    /// Until when to wait, or `None` where the next request may begin now. While the server
    /// refuses, those who waited for it go on one by one.
    fn wait(&self) -> Option<Instant> {
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if let Some(until) = pace.not_before.filter(|until| *until > now) {
            return Some(until);
        }
        pace.not_before = (pace.refusals > 0).then(|| now + self.patience.first_wait);
        None
    }

    /// It told us to slow down, for so long where it said how long.
    pub(super) fn refused(&self, wait: Option<Duration>) {
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        pace.refusals = pace.refusals.saturating_add(1);
        let until = Instant::now() + wait.unwrap_or_else(|| self.patience.wait(pace.refusals));
        pace.not_before = Some(until).max(pace.not_before);
    }

    /// It gave what was asked for. A wait it asked for still holds.
    pub(super) fn answered(&self) {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner).refusals = 0;
    }

    /// It has banned us. Who waits for a turn is told so, and transfers stop at their next bytes.
    pub(super) fn ban(&self) {
        self.connections.close();
    }

    /// Whether it has banned us.
    pub(super) fn has_banned_us(&self) -> bool {
        self.connections.is_closed()
    }
}

impl Patience {
    /// The wait after so many failures in a row: doubled with each, and up to half as long again,
    /// so that many who failed together do not come back together.
    pub(crate) fn wait(&self, failures: u32) -> Duration {
        let doubled = self.first_wait.saturating_mul(1 << failures.saturating_sub(1).min(16));
        let jitter = RandomState::new().hash_one(failures) % 1000;
        doubled.min(self.longest_wait).mul_f64(1.0 + jitter as f64 / 2000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_within_bounds() {
        let patience = Patience::default();
        for (failures, least) in [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (1000, 60)] {
            let wait = patience.wait(failures);
            let least = Duration::from_secs(least);
            assert!(wait >= least && wait <= least * 3 / 2, "{failures}: {wait:?}");
        }
        let waits: std::collections::BTreeSet<_> = (0..20).map(|_| patience.wait(3)).collect();
        assert!(waits.len() > 10, "no jitter: {waits:?}");
    }

    #[tokio::test]
    async fn those_who_waited_go_on_one_by_one() {
        let first_wait = Duration::from_millis(60);
        let servers = Servers::new(3, Patience { first_wait, ..Patience::default() });
        let server = servers.of(&Url::parse("https://data.example/a").unwrap());
        server.refused(None);
        let began = Instant::now();
        let turns = futures::future::join_all((0..3).map(|_| async {
            let turn = server.turn().await.unwrap();
            (turn, began.elapsed())
        }));
        let mut times: Vec<Duration> = turns.await.into_iter().map(|(_turn, time)| time).collect();
        times.sort();
        for (number, time) in times.iter().enumerate() {
            assert!(*time + Duration::from_millis(5) >= first_wait * (u32::try_from(number).unwrap() + 1), "{times:?}");
        }
    }

    #[tokio::test]
    async fn a_ban_reaches_those_who_wait_and_those_who_come() {
        let servers = Servers::new(1, Patience::default());
        let url = Url::parse("https://data.example/a").unwrap();
        let server = servers.of(&url);
        let held = server.turn().await.unwrap();
        let (waiting, ()) = futures::join!(server.turn(), async { server.ban() });
        assert!(waiting.is_err());
        drop(held);
        assert!(servers.of(&url.join("/b").unwrap()).turn().await.is_err());
        assert!(servers.of(&Url::parse("https://other.example/a").unwrap()).turn().await.is_ok());
    }
}
