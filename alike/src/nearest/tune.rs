//! How many lists have to be looked through.

use super::{Centres, Direction, Hit};

/// What is known of one query: its true nearest rows, best first, each with the list it lies in.
pub struct Recall<'a> {
    /// The query.
    pub query: &'a Direction,
    /// Its nearest rows by the exact scan.
    pub truth: &'a [Hit],
}

/// The least number of lists, nearest first, in which a search finds `wanted` of the true nearest rows. Scores within
/// lists are exact, so that a row is found if and only if its list is looked through.
pub fn probes_for(centres: &Centres, queries: &[Recall<'_>], wanted: f64) -> usize {
    // How many rows are found with each list more.
    let mut found = vec![0_usize; centres.count()];
    let mut places = vec![0; centres.count()];
    for Recall { query, truth } in queries {
        for (place, list) in centres.ranked(query.steps(), places.len()).into_iter().enumerate() {
            places[list as usize] = place;
        }
        for hit in *truth {
            found[places[hit.place as usize]] += 1;
        }
    }
    let all: usize = found.iter().sum();
    let mut so_far = 0;
    let enough = found.iter().position(|more| {
        so_far += more;
        so_far as f64 >= wanted * all as f64
    });
    enough.map_or(centres.count(), |place| place + 1).max(1)
}
