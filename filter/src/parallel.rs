//! Work spread over all cores, results in order.

use std::{
    num::NonZero,
    panic::resume_unwind,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// Cores this process may use.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// `work` on every item, on at most as many threads as there are cores.
pub(crate) fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    if items.len() <= 1 {
        return items.iter().map(work).collect();
    }
    map_on(&mut vec![(); cores()], items, |(), item| work(item))
}

/// `work` on every item, a thread for each of `hands`, which it may use. Whoever is done with an item takes the next,
/// because pictures differ in size a thousandfold, and texts in length.
pub(crate) fn map_on<H: Send, T: Sync, R: Send>(
    hands: &mut [H],
    items: &[T],
    work: impl Fn(&mut H, &T) -> R + Sync,
) -> Vec<R> {
    let (next, work) = (&AtomicUsize::new(0), &work);
    let busy = |hand: &mut H| {
        let mut done = Vec::new();
        while let Some((index, item)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|index| Some((index, items.get(index)?)))
        {
            done.push((index, work(hand, item)));
        }
        done
    };
    let mut done: Vec<(usize, R)> = thread::scope(|scope| {
        let workers: Vec<_> = hands.iter_mut().take(items.len()).map(|hand| scope.spawn(move || busy(hand))).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn results_come_in_order_and_none_is_lost() {
        let items: Vec<usize> = (0..1000).collect();
        assert_eq!(super::map(&items, |item| item * 2), (0..1000).map(|item| item * 2).collect::<Vec<_>>());
        assert!(super::map(&[] as &[usize], |item| *item).is_empty());
    }
}
