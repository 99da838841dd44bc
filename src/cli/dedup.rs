//! `pinakes dedup`.

use super::Output;
use clap::Args;

/// When pictures count as near-duplicates.
#[derive(Args, Clone, Debug)]
pub(crate) struct Dedup {
    /// The dataset's folder
    pub(crate) dataset: String,
    /// Most bits in which perceptual hashes of near-duplicates differ, 0 to 8
    #[arg(long, value_name = "BITS", default_value_t = 6)]
    pub(crate) max_distance: u32,
    /// Least cosine of their embeddings, where both have one of the same model (clip-retrieval's own: 0.94)
    #[arg(long, value_name = "COSINE", default_value_t = 0.94)]
    pub(crate) min_cosine: f32,
    /// Marks pictures whose embeddings have this cosine or more, too, whatever their hashes: crops, mirror images, and what
    /// the model takes for the same. Reads all embeddings; finds most, not all. Off without it; 0.97 is careful
    #[arg(long, value_name = "COSINE")]
    pub(crate) embedding_cosine: Option<f32>,
    /// Counts them and writes nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}
