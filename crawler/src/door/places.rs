//! Hosts that share a server: so many requests to one address at a time, whichever of its hosts they
//! are for. The pace of each host knows nothing of the others, and a thousand polite visits at once
//! are a flood to the one machine that serves them all.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Addresses remembered before those that nobody talks to are let go for the first time.
const MOST_REMEMBERED: usize = 16_384;

/// The addresses talked to of late.
#[derive(Debug)]
pub(super) struct Places {
    /// Places at each address.
    each: usize,
    addresses: Mutex<Addresses>,
}

#[derive(Debug)]
struct Addresses {
    places: HashMap<IpAddr, Arc<Semaphore>>,
    /// How many there may be before those without a visitor are let go.
    room: usize,
}

/// A place at each of a host's addresses, until dropped.
#[derive(Debug, Default)]
pub(super) struct Place(#[expect(dead_code, reason = "held, not read")] Vec<OwnedSemaphorePermit>);

impl Places {
    pub(super) fn new(each: usize) -> Self {
        Self { each: each.max(1), addresses: Mutex::new(Addresses { places: HashMap::new(), room: MOST_REMEMBERED }) }
    }

    /// Waits for a place at every one of `addresses`; `None` only while the program ends.
    ///
    /// At every one, since nobody knows beforehand which one it will be: the client may take a
    /// connection that it still has to any of them, or the second where the first does not answer.
    /// They are taken in one order by all, so that no two hosts wait for each other.
    pub(super) async fn take(&self, addresses: &[IpAddr]) -> Option<Place> {
        let mut addresses: Vec<IpAddr> = addresses.iter().map(IpAddr::to_canonical).collect();
        addresses.sort_unstable();
        addresses.dedup();
        let mut held = Vec::with_capacity(addresses.len());
        for address in addresses {
            held.push(self.at(address).acquire_owned().await.ok()?);
        }
        Some(Place(held))
    }

    fn at(&self, address: IpAddr) -> Arc<Semaphore> {
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(places) = addresses.places.get(&address) {
            return Arc::clone(places);
        }
        if addresses.places.len() >= addresses.room {
            // Whoever has a place, or waits for one, holds the semaphore too.
            addresses.places.retain(|_, places| Arc::strong_count(places) > 1);
            addresses.room = MOST_REMEMBERED.max(2 * addresses.places.len());
        }
        let places = Arc::new(Semaphore::new(self.each));
        addresses.places.insert(address, Arc::clone(&places));
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{net::Ipv4Addr, time::Duration};
    use tokio::{task::JoinSet, time::timeout};

    fn address(number: u32) -> IpAddr {
        Ipv4Addr::from(0x5db8_0000 + number).into()
    }

    async fn is_free(places: &Places, addresses: &[IpAddr]) -> bool {
        timeout(Duration::from_millis(20), places.take(addresses)).await.is_ok()
    }

    #[tokio::test]
    async fn a_place_is_held_at_every_address_until_it_is_dropped() {
        let places = Places::new(2);
        let (one, two) = (address(1), address(2));
        let both = places.take(&[two, one, two]).await.unwrap();
        let first = places.take(&[one]).await.unwrap();
        assert!(!is_free(&places, &[one]).await && is_free(&places, &[two]).await);
        assert!(!is_free(&places, &["::ffff:93.184.0.1".parse().unwrap()]).await, "one server in two notations");
        // Who waits at one address gives up what he holds at the others when he is called off.
        assert!(!is_free(&places, &[two, one]).await && is_free(&places, &[two]).await);
        drop(first);
        assert!(is_free(&places, &[one]).await);
        drop(both);
        assert!(places.take(&[]).await.is_some());
    }

    #[tokio::test]
    async fn hosts_that_share_some_addresses_never_wait_for_each_other() {
        let places = Arc::new(Places::new(1));
        let mut visits = JoinSet::new();
        for number in 0..300 {
            let places = Arc::clone(&places);
            visits.spawn(async move {
                let mut addresses = [address(number % 3), address((number + 1) % 3), address((number + 2) % 5)];
                addresses.rotate_left(number as usize % 3);
                let place = places.take(&addresses).await;
                tokio::task::yield_now().await;
                drop(place);
            });
        }
        timeout(Duration::from_secs(20), visits.join_all()).await.expect("no two wait for each other");
    }

    #[tokio::test]
    async fn addresses_without_a_visitor_are_forgotten() {
        let places = Places::new(1);
        let held = places.take(&[address(7)]).await;
        for number in 0..3 * u32::try_from(MOST_REMEMBERED).unwrap() {
            drop(places.take(&[address(100 + number)]).await);
        }
        assert!(places.addresses.lock().unwrap().places.len() <= MOST_REMEMBERED);
        assert!(!is_free(&places, &[address(7)]).await);
        drop(held);
    }
}
