//! Chance that can be done again: a row's place in line follows from its id, a seed and the purpose alone, so that it is the
//! same whatever the order of files, and what a new version adds moves nobody.

/// What the line is for. Each purpose has a line of its own: were it one, a sample out of strata that were filled from the front
/// of the line would be all of them.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    Sample = 1,
    Stratum = 2,
    Preview = 3,
}

/// Where a row stands. Of different ids no two stand in one place, since each step can be undone.
pub(super) fn place(id: i64, seed: u64, purpose: Purpose) -> u64 {
    mixed(mixed(seed ^ (purpose as u64).rotate_right(8)) ^ id.cast_unsigned())
}

/// The same as a number from 0 to 1, 1 excluded, of which 53 bits are exact.
pub(super) fn share(place: u64) -> f64 {
    (place >> 11) as f64 / (1_u64 << 53) as f64
}

/// The step of splitmix64 (Steele, Lea and Flood 2014).
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
