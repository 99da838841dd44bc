//! When each host may be asked: so many connections at a time, a pause between two requests, and a
//! longer one where the host asks for it, turns us away, fails, or is slow.

use super::places::Place;
use schema::Host;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Mutex as AsyncMutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

/// First pause after a host turned us away or failed; it doubles with each further time.
const FIRST_BACKOFF: Duration = Duration::from_millis(500);

/// Longest pause of our own choosing. What a host asks for may be longer.
const LONGEST_BACKOFF: Duration = Duration::from_mins(1);

/// No pause is longer, whatever is asked for: past the age of the universe, clocks overflow.
pub(super) const FOREVER: Duration = Duration::from_hours(24 * 365);

/// An answer that took longer than this is a slow one: the host is then left alone for as long as
/// it took, which holds our share of its time under a half.
const SLOW: Duration = Duration::from_secs(1);

/// Hosts remembered before those that are at rest are let go for the first time.
const MOST_REMEMBERED: usize = 65_536;

/// The paces of the hosts met so far.
#[derive(Debug)]
pub(super) struct Paces {
    interval: Duration,
    connections: usize,
    hosts: Mutex<Hosts>,
}

#[derive(Debug)]
struct Hosts {
    paces: HashMap<Host, Arc<Pace>>,
    /// How many there may be before those at rest are let go.
    room: usize,
}

#[derive(Debug)]
struct Pace {
    connections: Arc<Semaphore>,
    /// When the last request began. Whoever holds the lock is the next to ask.
    last: Arc<AsyncMutex<Option<Instant>>>,
    manners: Mutex<Manners>,
}

/// How a host is treated.
#[derive(Clone, Copy, Debug)]
struct Manners {
    /// Least time between two requests: ours, or the host's Crawl-delay where that is longer.
    delay: Duration,
    /// The same after it turned us away or failed; halved by each good answer.
    backoff: Duration,
    /// How long its last answer took, if it was slow.
    slow: Duration,
    /// Until when the host wants to be left in peace.
    not_before: Option<Instant>,
}

/// The right to talk to a host, until dropped.
#[derive(Debug)]
pub(super) struct Turn {
    pace: Arc<Pace>,
    next: Option<OwnedMutexGuard<Option<Instant>>>,
    _connection: OwnedSemaphorePermit,
    /// Its place among those who talk to the same server.
    place: Place,
}

impl Paces {
    pub(super) fn new(interval: Duration, connections: usize) -> Self {
        let hosts = Mutex::new(Hosts { paces: HashMap::new(), room: MOST_REMEMBERED });
        Self { interval: interval.min(FOREVER), connections: connections.max(1), hosts }
    }

    /// Waits until `host` may be asked again; `None` only while the program ends.
    pub(super) async fn turn(&self, host: &Host) -> Option<Turn> {
        let pace = self.pace(host);
        let connection = Arc::clone(&pace.connections).acquire_owned().await.ok()?;
        let last = Arc::clone(&pace.last).lock_owned().await;
        let turn = Turn { pace, next: Some(last), _connection: connection, place: Place::default() };
        turn.rest().await;
        Some(turn)
    }

    /// Lengthens the pause; it is never shortened.
    pub(super) fn slow_down(&self, host: &Host, delay: Duration) {
        let pace = self.pace(host);
        let mut manners = pace.manners();
        manners.delay = manners.delay.max(delay.min(FOREVER));
    }

    /// Leaves the host alone until `until`, once.
    pub(super) fn pause(&self, host: &Host, until: Instant) {
        let pace = self.pace(host);
        let mut manners = pace.manners();
        manners.not_before = Some(until).max(manners.not_before);
    }

    fn pace(&self, host: &Host) -> Arc<Pace> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pace) = hosts.paces.get(host) {
            return Arc::clone(pace);
        }
        if hosts.paces.len() >= hosts.room {
            let now = Instant::now();
            hosts.paces.retain(|_, pace| Arc::strong_count(pace) > 1 || !pace.is_at_rest(self.interval, now));
            hosts.room = MOST_REMEMBERED.max(2 * hosts.paces.len());
        }
        let manners = Manners { delay: self.interval, backoff: Duration::ZERO, slow: Duration::ZERO, not_before: None };
        let pace = Arc::new(Pace {
            connections: Arc::new(Semaphore::new(self.connections)),
            last: Arc::default(),
            manners: Mutex::new(manners),
        });
        hosts.paces.insert(host.clone(), Arc::clone(&pace));
        pace
    }
}

impl Pace {
    fn manners(&self) -> MutexGuard<'_, Manners> {
        self.manners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn earliest(&self, last: Option<Instant>) -> Option<Instant> {
        self.manners().earliest(last)
    }

    /// Whether nothing would be different if it were forgotten.
    fn is_at_rest(&self, interval: Duration, now: Instant) -> bool {
        let manners = self.manners();
        let Ok(last) = self.last.try_lock() else { return false };
        manners.delay <= interval && manners.earliest(*last).is_none_or(|earliest| earliest <= now)
    }
}

impl Manners {
    /// When the next request may begin, if the last one began then.
    fn earliest(&self, last: Option<Instant>) -> Option<Instant> {
        let pause = self.delay.max(self.backoff).max(self.slow);
        last.map(|last| last + pause).max(self.not_before)
    }
}

impl Turn {
    /// Waits until the host may be asked. Somebody who still waits for an answer may hear meanwhile
    /// that the host wants more time.
    pub(super) async fn rest(&self) {
        while let Some(earliest) = self.not_yet() {
            tokio::time::sleep_until(earliest).await;
        }
    }

    /// When the host may be asked, if that is not now.
    pub(super) fn not_yet(&self) -> Option<Instant> {
        let last = self.next.as_ref().and_then(|last| **last);
        self.pace.earliest(last).filter(|earliest| *earliest > Instant::now())
    }

    /// The request begins now, in its place: the pause before the next one counts from here, however
    /// long it took from the turn to the request.
    pub(super) fn begin(&mut self, place: Place) {
        self.place = place;
        if let Some(mut next) = self.next.take() {
            *next = Some(Instant::now());
        }
    }

    /// An answer came after so long.
    pub(super) fn answered(&self, status: u16, took: Duration) {
        let mut manners = self.pace.manners();
        manners.slow = if took > SLOW { took.min(LONGEST_BACKOFF) } else { Duration::ZERO };
        if matches!(status, 429 | 503) {
            manners.back_off();
        } else {
            manners.backoff /= 2;
            if manners.backoff <= manners.delay {
                manners.backoff = Duration::ZERO;
            }
        }
    }

    /// No answer came.
    pub(super) fn failed(&self) {
        self.pace.manners().back_off();
    }
}

impl Manners {
    fn back_off(&mut self) {
        let doubled = 2 * self.backoff.max(self.delay);
        self.backoff = doubled.clamp(FIRST_BACKOFF, LONGEST_BACKOFF);
    }
}

// In real time, since a paused clock would need a build of tokio of its own. Pauses are asserted
// from below, so that a busy machine fails nothing.
#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_millis(240);
    /// Between a request's own time and the test's look at the clock.
    const SLACK: Duration = Duration::from_millis(5);

    #[tokio::test]
    async fn requests_to_one_host_keep_their_distance_and_others_do_not_wait() {
        let paces = Paces::new(INTERVAL, 1);
        let (slow, other) = (Host::from("slow.example"), Host::from("other.example"));
        let request = async |host: &Host| {
            paces.turn(host).await.unwrap().begin(Place::default());
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
        let paces = Paces::new(INTERVAL, 1);
        let host = Host::from("one.example");
        let mut turn = paces.turn(&host).await.unwrap();
        // Waiting for one of the connections that all hosts share.
        tokio::time::sleep(INTERVAL).await;
        let request = Instant::now();
        turn.begin(Place::default());
        drop(turn);
        drop(paces.turn(&host).await);
        assert!(request.elapsed() + SLACK >= INTERVAL);
    }

    #[tokio::test]
    async fn so_many_turns_at_a_time_each_after_the_pause() {
        for connections in [1, 3] {
            let paces = Paces::new(INTERVAL / 10, connections);
            let host = Host::from("one.example");
            let mut held = Vec::new();
            let mut last = None;
            for _ in 0..connections {
                let mut turn = paces.turn(&host).await.unwrap();
                turn.begin(Place::default());
                let now = Instant::now();
                assert!(last.is_none_or(|last| now - last + SLACK >= INTERVAL / 10));
                last = Some(now);
                held.push(turn);
            }
            let more = tokio::time::timeout(INTERVAL, paces.turn(&host)).await;
            assert!(more.is_err(), "{connections} connections");
            held.pop();
            assert!(paces.turn(&host).await.is_some());
        }
    }

    #[tokio::test]
    async fn a_host_that_turns_us_away_fails_or_is_slow_is_asked_less_often() {
        let paces = Paces::new(INTERVAL, 1);
        let host = Host::from("one.example");
        let mut turn = paces.turn(&host).await.unwrap();
        let pause = || {
            let last = Instant::now();
            paces.pace(&host).manners().earliest(Some(last)).unwrap() - last
        };
        turn.begin(Place::default());
        assert_eq!(pause(), INTERVAL);
        turn.answered(429, INTERVAL);
        assert_eq!(pause(), FIRST_BACKOFF);
        turn.answered(503, INTERVAL);
        turn.failed();
        assert_eq!(pause(), 4 * FIRST_BACKOFF);
        for _ in 0..10 {
            turn.failed();
        }
        assert_eq!(pause(), LONGEST_BACKOFF);
        turn.answered(200, INTERVAL);
        assert_eq!(pause(), LONGEST_BACKOFF / 2);
        for _ in 0..10 {
            turn.answered(404, INTERVAL);
        }
        assert_eq!(pause(), INTERVAL);
        turn.answered(200, 5 * SLOW);
        assert_eq!(pause(), 5 * SLOW);
        turn.answered(200, SLOW / 2);
        assert_eq!(pause(), INTERVAL);
        paces.slow_down(&host, Duration::MAX);
        turn.failed();
        assert_eq!(pause(), FOREVER);
    }

    #[tokio::test]
    async fn hosts_at_rest_are_forgotten_and_those_with_wishes_are_not() {
        let paces = Paces::new(Duration::ZERO, 1);
        let (slow, busy) = (Host::from("slow.example"), Host::from("busy.example"));
        paces.slow_down(&slow, INTERVAL);
        let turn = paces.turn(&busy).await;
        for number in 0..2 * MOST_REMEMBERED {
            drop(paces.pace(&Host::from(format!("h{number}.example").as_str())));
        }
        let hosts = paces.hosts.lock().unwrap();
        assert!(hosts.paces.len() <= MOST_REMEMBERED);
        assert!(hosts.paces.contains_key(&slow) && hosts.paces.contains_key(&busy));
        drop(turn);
    }
}
