//! Who may be alike by hash, and the clusters that come of it.

use crate::{Picture, near_pairs, sets::Sets};
use std::collections::{HashMap, HashSet};

/// A hash that more pictures share says nothing by itself: plain backgrounds, text on white, placeholders.
pub const CROWD: usize = 256;

/// So many pictures that came before a picture, and were near by their hashes and not alike, are enough: it stays alone.
/// Without an end, a crowd of hashes whose pictures differ would be held against itself.
const MOST_TRIES: u8 = 64;

/// What embeddings must come to for two pictures to be alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cosines {
    /// The least cosine of pictures whose hashes are near each other.
    pub with_hash: f32,
    /// The least cosine of others.
    pub alone: f32,
}

/// A picture in the cluster of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its place among the pictures.
    pub place: u32,
    /// The place of the picture that the cluster is called by.
    pub of: u32,
}

/// Pictures by their hashes, and which hashes are near each other.
pub struct Neighbourhoods {
    pictures: Vec<Picture>,
    /// Places in the order of hashes, pictures of one hash in the order of their rank.
    order: Vec<u32>,
    /// Where each hash begins in `order`, and the end.
    starts: Vec<u32>,
    /// The hash of each picture, by its number.
    hash_of: Vec<u32>,
    /// Where the neighbours of each hash begin in `near`, and the end.
    near_starts: Vec<u32>,
    near: Vec<u32>,
    /// The same for pictures that are near by their embeddings, by their places.
    other_starts: Vec<u32>,
    others: Vec<u32>,
}

impl Neighbourhoods {
    /// Finds all pictures whose hashes differ in `max_distance` bits at most.
    pub fn find(pictures: Vec<Picture>, max_distance: u32) -> Self {
        let count = u32::try_from(pictures.len()).unwrap_or(u32::MAX);
        let picture = |place: &u32| &pictures[*place as usize];
        let mut order: Vec<u32> = (0..count).collect();
        order.sort_unstable_by_key(|place| (picture(place).phash, picture(place).rank()));
        let (mut hashes, mut starts, mut hash_of) = (Vec::new(), Vec::new(), vec![0; pictures.len()]);
        for (at, place) in (0_u32..).zip(&order) {
            if hashes.last() != Some(&picture(place).phash) {
                hashes.push(picture(place).phash);
                starts.push(at);
            }
            hash_of[*place as usize] = u32::try_from(hashes.len() - 1).unwrap_or(u32::MAX);
        }
        starts.push(count);
        let pairs = near_pairs(&hashes, max_distance);
        let (near_starts, near) = neighbours_of(hashes.len(), &pairs);
        Self { pictures, order, starts, hash_of, near_starts, near, other_starts: Vec::new(), others: Vec::new() }
    }

    /// The same with `pairs` of places beside: pictures that may be alike by their embeddings, whatever their hashes.
    #[must_use]
    pub fn with_pairs(mut self, pairs: &[(u32, u32)]) -> Self {
        (self.other_starts, self.others) = neighbours_of(self.pictures.len(), pairs);
        self
    }

    /// All pictures, each at its place.
    pub fn pictures(&self) -> &[Picture] {
        &self.pictures
    }

    /// The pictures that may be alike, by their places: sets, none of which has a picture that may be alike to one of
    /// another. Pictures that stand alone are in none.
    pub fn sets(&self) -> Vec<Vec<u32>> {
        let hashes = self.starts.len() - 1;
        let mut joined = Sets::new(hashes);
        for hash in 0..u32::try_from(hashes).unwrap_or(u32::MAX) {
            for other in self.near(hash) {
                joined.join(hash, *other);
            }
            for place in self.places(hash).iter().flat_map(|place| self.others(*place)) {
                joined.join(hash, self.hash_of[*place as usize]);
            }
        }
        let mut sets: HashMap<u32, Vec<u32>> = HashMap::new();
        for hash in 0..u32::try_from(hashes).unwrap_or(u32::MAX) {
            let places = self.places(hash);
            let is_alone = || places.iter().all(|place| self.others(*place).is_empty());
            if places.len() > 1 || !self.near(hash).is_empty() || !is_alone() {
                sets.entry(joined.least(hash)).or_default().extend(self.places(hash));
            }
        }
        let mut sets: Vec<(u32, Vec<u32>)> = sets.into_iter().collect();
        sets.sort_unstable_by_key(|(least, _)| *least);
        sets.into_iter().map(|(_, set)| set).collect()
    }

    /// The clusters of one of [`Self::sets`]. `cosine` is that of two pictures' embeddings, if both have any to compare;
    /// where not, hash and shape decide, unless a crowd shares the hash.
    pub fn clusters(
        &self,
        set: &[u32],
        least: Cosines,
        mut cosine: impl FnMut(u32, u32) -> Option<f32>,
    ) -> Vec<Member> {
        let picture = |place: u32| &self.pictures[place as usize];
        let mut set = set.to_vec();
        set.sort_unstable_by_key(|place| picture(*place).rank());
        // Who is still to be held against others, by hash.
        let mut open: HashMap<u32, Vec<u32>> = HashMap::new();
        for place in &set {
            open.entry(self.hash_of[*place as usize]).or_default().push(*place);
        }
        let mut tries: HashMap<u32, u8> = HashMap::new();
        let mut members = Vec::new();
        let mut taken = HashSet::new();
        for of in set {
            if taken.contains(&of) {
                continue;
            }
            let hash = self.hash_of[of as usize];
            for other in std::iter::once(&hash).chain(self.near(hash)) {
                let is_crowded = self.places(hash).len() > CROWD || self.places(*other).len() > CROWD;
                let Some(places) = open.get_mut(other) else { continue };
                places.retain(|place| {
                    if *place == of || taken.contains(place) || picture(*place).comes_before(picture(of)) {
                        return false;
                    }
                    let by_hash = || !is_crowded && picture(of).has_shape_of(picture(*place));
                    if cosine(of, *place).map_or_else(by_hash, |cosine| cosine >= least.with_hash) {
                        taken.insert(*place);
                        members.push(Member { place: *place, of });
                        return false;
                    }
                    let tries = tries.entry(*place).or_default();
                    *tries += 1;
                    *tries < MOST_TRIES
                });
            }
            for place in self.others(of) {
                if picture(of).comes_before(picture(*place))
                    && !taken.contains(place)
                    && cosine(of, *place).is_some_and(|cosine| cosine >= least.alone)
                {
                    taken.insert(*place);
                    members.push(Member { place: *place, of });
                }
            }
        }
        members
    }

    /// The pictures of a hash.
    fn places(&self, hash: u32) -> &[u32] {
        slice(&self.starts, &self.order, hash)
    }

    /// The pictures near a picture by their embeddings.
    fn others(&self, place: u32) -> &[u32] {
        if self.other_starts.is_empty() { &[] } else { slice(&self.other_starts, &self.others, place) }
    }

    /// The hashes near a hash.
    fn near(&self, hash: u32) -> &[u32] {
        slice(&self.near_starts, &self.near, hash)
    }
}

fn slice<'a>(starts: &[u32], all: &'a [u32], number: u32) -> &'a [u32] {
    &all[starts[number as usize] as usize..starts[number as usize + 1] as usize]
}

/// Pairs as a list of neighbours for each number, one behind the other.
fn neighbours_of(count: usize, pairs: &[(u32, u32)]) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0_u32; count + 1];
    for (one, other) in pairs {
        starts[*one as usize + 1] += 1;
        starts[*other as usize + 1] += 1;
    }
    for number in 0..count {
        starts[number + 1] += starts[number];
    }
    let mut next = starts.clone();
    let mut near = vec![0; 2 * pairs.len()];
    for (one, other) in pairs {
        for (from, to) in [(one, other), (other, one)] {
            near[next[*from as usize] as usize] = *to;
            next[*from as usize] += 1;
        }
    }
    (starts, near)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(id: i64, phash: u64, width: u32, height: u32) -> Picture {
        Picture { id, phash, width, height }
    }

    /// Clusters as ids: of the picture that a cluster is called by, and of its members.
    fn clusters(
        pictures: &[Picture],
        max_distance: u32,
        agree: impl Fn(i64, i64) -> Option<bool>,
    ) -> Vec<(i64, Vec<i64>)> {
        let cosine = |one, other| agree(one, other).map(|agree| if agree { 0.9 } else { 0.1 });
        clusters_of(pictures, &Neighbourhoods::find(pictures.to_vec(), max_distance), cosine)
    }

    fn clusters_of(
        pictures: &[Picture],
        neighbourhoods: &Neighbourhoods,
        cosine: impl Fn(i64, i64) -> Option<f32>,
    ) -> Vec<(i64, Vec<i64>)> {
        let least = Cosines { with_hash: 0.5, alone: 0.95 };
        let id = |place: u32| pictures[place as usize].id;
        let mut clusters: HashMap<i64, Vec<i64>> = HashMap::new();
        for set in neighbourhoods.sets() {
            for member in neighbourhoods.clusters(&set, least, |one, other| cosine(id(one), id(other))) {
                clusters.entry(id(member.of)).or_default().push(id(member.place));
            }
        }
        let mut clusters: Vec<_> = clusters.into_iter().collect();
        for (_, members) in &mut clusters {
            members.sort_unstable();
        }
        clusters.sort_unstable();
        clusters
    }

    #[test]
    fn the_largest_stands_for_a_cluster_then_the_least_id() {
        let pictures = [
            picture(5, 0b0000, 100, 100),
            picture(4, 0b0011, 100, 100),
            picture(9, 0b0001, 200, 200),
            picture(7, u64::MAX, 100, 100),
            picture(-3, u64::MAX, 100, 100),
            picture(1, 0xffff_0000, 100, 100),
        ];
        let expected = [(-3, vec![7]), (9, vec![4, 5])];
        assert_eq!(clusters(&pictures, 2, |_, _| None), expected);
        let mut reversed = pictures;
        reversed.reverse();
        assert_eq!(clusters(&reversed, 2, |_, _| None), expected);
    }

    #[test]
    fn no_chain_leads_away_from_the_picture_that_a_cluster_is_called_by() {
        // Each two bits from the next, and the first eight from the last.
        let pictures: Vec<_> =
            (0..5_u32).map(|n| picture(i64::from(n), (1 << (2 * n)) - 1, 500 - n, 500 - n)).collect();
        assert_eq!(Neighbourhoods::find(pictures.clone(), 2).sets().len(), 1);
        assert_eq!(clusters(&pictures, 2, |_, _| None), [(0, vec![1]), (2, vec![3])]);
    }

    #[test]
    fn embeddings_decide_where_there_are_any_and_shapes_where_not() {
        let pictures =
            [picture(1, 0, 300, 200), picture(2, 0, 150, 100), picture(3, 0, 100, 100), picture(4, 0, 20, 20)];
        assert_eq!(clusters(&pictures, 0, |_, _| None), [(1, vec![2]), (3, vec![4])]);
        let agree = |one, other| (one < 4 && other < 4).then_some(one != 2 && other != 2);
        assert_eq!(clusters(&pictures, 0, agree), [(1, vec![3])]);
        assert_eq!(clusters(&pictures, 0, |_, _| Some(false)), []);
    }

    #[test]
    fn embeddings_alone_ask_for_more_than_with_a_hash() {
        let pictures: Vec<_> = (0..5).map(|id| picture(id, 0xff << (8 * id), 100, 100)).collect();
        let neighbourhoods = || Neighbourhoods::find(pictures.clone(), 2).with_pairs(&[(0, 1), (1, 2), (2, 3)]);
        assert_eq!(neighbourhoods().sets(), [[0, 1, 2, 3]]);
        assert_eq!(clusters_of(&pictures, &neighbourhoods(), |_, _| Some(0.9)), []);
        assert_eq!(clusters_of(&pictures, &neighbourhoods(), |_, _| None), []);
        // Only pairs count, and each picture is in one cluster.
        assert_eq!(clusters_of(&pictures, &neighbourhoods(), |_, _| Some(0.96)), [(0, vec![1]), (2, vec![3])]);
    }

    #[test]
    fn a_hash_that_a_crowd_shares_is_no_evidence_and_costs_no_square() {
        let crowd: Vec<_> = (0..20_000).map(|id| picture(id, 0xff00, 100, 100)).collect();
        assert_eq!(clusters(&crowd, 4, |_, _| None), []);
        assert_eq!(clusters(&crowd[..CROWD], 4, |_, _| None).len(), 1);
        let compared = std::cell::Cell::new(0_u32);
        let agree = |one: i64, other: i64| {
            compared.set(compared.get() + 1);
            Some(one % 10_000 == other % 10_000)
        };
        // Nearly all differ: whoever was refused often enough is left alone.
        clusters(&crowd, 4, agree);
        assert!(compared.get() <= 20_000 * u32::from(MOST_TRIES), "{compared:?}");
        // A crowd that looks the same is one cluster, if embeddings say so.
        assert_eq!(clusters(&crowd, 4, |_, _| Some(true))[0].1.len(), 19_999);
    }
}
