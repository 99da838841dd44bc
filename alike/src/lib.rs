//! Which pictures look alike, by perceptual hash and embedding. No I/O.
//!
//! Hashes find who may be alike ([`Neighbourhoods`]); where both pictures have embeddings of one model, these decide. Sketches
//! of embeddings find others, whatever their hashes ([`near_sketches`]). What
//! is alike becomes clusters, each around one picture: every other in it is alike to that one, so that no chain of small
//! steps leads from one picture to quite another.

mod embedding;
pub mod nearest;
mod neighbours;
mod pairs;
mod sets;
mod sketches;

pub use embedding::Embedding;
pub use neighbours::{CROWD, Cosines, Member, Neighbourhoods};
pub use pairs::{MAX_DISTANCE, near_pairs};
pub use sketches::{Sketch, Sketcher, near_sketches};

/// What is held of every picture while its like is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Its row's id.
    pub id: i64,
    /// Its perceptual hash.
    pub phash: u64,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

impl Picture {
    /// Whether it stands for a cluster before `other` does: the larger one, of two of one size that with the lesser id.
    fn comes_before(&self, other: &Self) -> bool {
        self.rank() < other.rank()
    }

    /// Lower is better.
    fn rank(&self) -> (std::cmp::Reverse<u64>, i64) {
        (std::cmp::Reverse(u64::from(self.width) * u64::from(self.height)), self.id)
    }

    /// Whether the shapes are the same but for what rounding does to a small copy.
    fn has_shape_of(&self, other: &Self) -> bool {
        let (one, two) =
            (f64::from(self.width) * f64::from(other.height), f64::from(other.width) * f64::from(self.height));
        (one - two).abs() <= SHAPE_TOLERANCE * one.max(two)
    }
}

/// Width over height may differ by so much in copies of a picture: a thumbnail of 64 pixels is rounded by up to 1 in 64.
const SHAPE_TOLERANCE: f64 = 0.05;
