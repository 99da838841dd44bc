//! One request to a host at a time, and a pause between two of them.

use schema::Host;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Mutex as AsyncMutex, OwnedMutexGuard},
    time::Instant,
};

/// The paces of all hosts met so far.
#[derive(Debug)]
pub(super) struct Paces {
    interval: Duration,
    hosts: Mutex<HashMap<Host, Arc<Pace>>>,
}

#[derive(Debug)]
struct Pace {
    /// When the last request began. Whoever holds the lock has the host's one connection.
    last: Arc<AsyncMutex<Option<Instant>>>,
    /// Longer than the common interval where the host asked for it.
    delay: Mutex<Duration>,
    /// Until when the host wants to be left in peace.
    not_before: Mutex<Option<Instant>>,
}

/// The right to be the one who talks to a host, until dropped.
#[derive(Debug)]
pub(super) struct Turn {
    last: OwnedMutexGuard<Option<Instant>>,
}

impl Turn {
    /// The request begins now: the pause before the next one counts from here, however long it
    /// took from the turn to the request.
    pub(super) fn begin(&mut self) {
        *self.last = Some(Instant::now());
    }
}

impl Paces {
    pub(super) fn new(interval: Duration) -> Self {
        Self { interval, hosts: Mutex::default() }
    }

    /// Waits until `host` may be asked again.
    pub(super) async fn turn(&self, host: &Host) -> Turn {
        let pace = self.pace(host);
        let last = Arc::clone(&pace.last).lock_owned().await;
        let delay = *pace.delay.lock().unwrap_or_else(PoisonError::into_inner);
        let not_before = *pace.not_before.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(earliest) = last.map(|before| before + delay).max(not_before) {
            tokio::time::sleep_until(earliest).await;
        }
        Turn { last }
    }

    /// Lengthens the pause; it is never shortened.
    pub(super) fn slow_down(&self, host: &Host, delay: Duration) {
        let pace = self.pace(host);
        let mut current = pace.delay.lock().unwrap_or_else(PoisonError::into_inner);
        *current = delay.max(*current);
    }

    /// Leaves the host alone until `until`, once.
    pub(super) fn pause(&self, host: &Host, until: Instant) {
        let pace = self.pace(host);
        let mut not_before = pace.not_before.lock().unwrap_or_else(PoisonError::into_inner);
        *not_before = Some(until).max(*not_before);
    }

    fn pace(&self, host: &Host) -> Arc<Pace> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh =
            || Arc::new(Pace { last: Arc::default(), delay: Mutex::new(self.interval), not_before: Mutex::default() });
        Arc::clone(hosts.entry(host.clone()).or_insert_with(fresh))
    }
}

// In real time, since a paused clock would need a build of tokio of its own. Pauses are asserted
// from below, so that a busy machine fails nothing.
#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_millis(300);
    /// Between a request's own time and the test's look at the clock.
    const SLACK: Duration = Duration::from_millis(5);

    #[tokio::test]
    async fn requests_to_one_host_keep_their_distance_and_others_do_not_wait() {
        let paces = Paces::new(INTERVAL);
        let (slow, other) = (Host::from("slow.example"), Host::from("other.example"));
        let request = async |host: &Host| {
            paces.turn(host).await.begin();
            Instant::now()
        };
        let first = request(&slow).await;
        assert!(request(&other).await - first < INTERVAL);
        let second = request(&slow).await;
        assert!(second - first + SLACK >= INTERVAL);
        paces.slow_down(&slow, INTERVAL * 2);
        paces.slow_down(&slow, INTERVAL / 2);
        let third = request(&slow).await;
        assert!(third - second + SLACK >= INTERVAL * 2);
        paces.pause(&slow, Instant::now() + INTERVAL * 4);
        let fourth = request(&slow).await;
        assert!(fourth - third + SLACK >= INTERVAL * 4);
    }

    #[tokio::test]
    async fn the_pause_counts_from_the_request_not_from_the_turn() {
        let paces = Paces::new(INTERVAL);
        let host = Host::from("one.example");
        let mut turn = paces.turn(&host).await;
        // Waiting for one of the connections that all hosts share.
        tokio::time::sleep(INTERVAL).await;
        let request = Instant::now();
        turn.begin();
        drop(turn);
        drop(paces.turn(&host).await);
        assert!(request.elapsed() + SLACK >= INTERVAL);
    }

    #[tokio::test]
    async fn one_turn_at_a_time() {
        let paces = Arc::new(Paces::new(Duration::ZERO));
        let host = Host::from("one.example");
        let held = paces.turn(&host).await;
        let second = tokio::time::timeout(INTERVAL, paces.turn(&host)).await;
        assert!(second.is_err());
        drop(held);
        drop(paces.turn(&host).await);
    }
}
