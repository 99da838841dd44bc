//! How far fetching is while it goes on, for whoever watches: all tasks of a process together.

use super::download::End;
use schema::{DropReason, Tally};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Counters that only grow, but for the hosts.
#[derive(Debug)]
pub struct Live {
    kept: AtomicU64,
    /// Ends of this process, not those that an earlier one left.
    fresh: AtomicU64,
    bytes: AtomicU64,
    hosts: AtomicU64,
    /// By reason, in the order of [`DropReason::ALL`].
    dropped: Vec<AtomicU64>,
}

impl Default for Live {
    fn default() -> Self {
        let dropped = DropReason::ALL.iter().map(|_| AtomicU64::new(0)).collect();
        let [kept, fresh, bytes, hosts] = [(); 4].map(|()| AtomicU64::new(0));
        Self { kept, fresh, bytes, hosts, dropped }
    }
}

impl Live {
    /// Rows that have come to their end so far.
    pub fn rows(&self) -> Tally {
        let dropped = DropReason::ALL.iter().zip(&self.dropped);
        Tally::of(load(&self.kept), dropped.map(|(reason, count)| (*reason, load(count))))
    }

    /// How many of them this process has brought to their end itself.
    pub fn fresh(&self) -> u64 {
        load(&self.fresh)
    }

    /// Bytes of pictures that this process has kept.
    pub fn bytes(&self) -> u64 {
        load(&self.bytes)
    }

    /// Hosts that have pictures to be asked for, at work or at rest between two requests.
    pub fn hosts(&self) -> u64 {
        load(&self.hosts)
    }

    pub(super) fn end(&self, end: &End) {
        self.fresh.fetch_add(1, Ordering::Relaxed);
        match end {
            End::Fetched(row, _) => self.keep(row.bytes),
            End::Lost(row) => self.lose(&row.reason),
        }
    }

    pub(super) fn keep(&self, bytes: u64) {
        self.kept.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn lose(&self, reason: &str) {
        if let Some(number) = DropReason::ALL.iter().position(|known| known.name() == reason) {
            self.dropped[number].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// One host more is at work, until what is given is dropped.
    pub(super) fn host(self: &Arc<Self>) -> AtWork {
        self.hosts.fetch_add(1, Ordering::Relaxed);
        AtWork(Arc::clone(self))
    }
}

/// A host at work.
pub(super) struct AtWork(Arc<Live>);

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.hosts.fetch_sub(1, Ordering::Relaxed);
    }
}

fn load(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}
