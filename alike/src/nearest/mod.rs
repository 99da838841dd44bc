//! The nearest directions: an inverted file.
//!
//! Directions are put into lists around centres that [`train`] finds in a sample of them; a search looks through the lists
//! whose centres are nearest to what is asked for, exactly. How many lists that takes for a wanted recall is measured
//! ([`probes_for`]). Whoever keeps the lists (`index`) keeps them so that a row can leave for good.

mod best;
mod centres;
mod direction;
mod groups;
mod product;
mod train;
mod tune;

pub use best::{Best, Hit};
pub use centres::{Centres, middle};
pub use direction::{Direction, cosine, read_steps, scan, write_steps};
pub use train::{split, train};
pub use tune::{Recall, probes_for};
