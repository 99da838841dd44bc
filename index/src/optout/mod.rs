//! Am I in it, and take me out, for good.
//!
//! An opt-out names a domain with all below it, a host, a URL or all URLs that begin so, and it
//! counts for pictures and for the pages they stand on; or a picture by its bytes or its looks, or one row.

mod apply;
mod check;
mod entry;
mod exported;
mod look;
mod named;
mod page;
mod pictures;
mod proof;
mod receipt;
mod signature;
mod standing;
mod takedown;
mod texts;
mod verify;

pub(crate) use apply::take_out_standing;
pub use apply::{Applied, apply};
pub use check::{Checked, Found, HeldIn, Searched, check};
pub use entry::{Entry, EntryKind, digest_of, entries_of};
pub use exported::{FoundInSubset, InSubset, check_subset, rewrite_subset};
pub(crate) use named::Facts;
pub use named::{Hit, Named};
pub use page::{Answer, page_of};
pub use pictures::{By, Like, Likeness, Likes, Own, find_pictures, is_flat};
pub use receipt::{FileDigest, Matched, Proof, Receipt, Request, Signature, Signed, TableChange};
pub use signature::{Key, PublicKey};
pub(crate) use standing::Standing;
pub use takedown::{Asked, done_before, take_down};
pub use texts::{Candidate, find_names};
pub use verify::{Looked, Verified, verify};

use crate::{Dataset, Error};

/// All that stands opted out of a dataset.
pub async fn standing(dataset: &Dataset) -> Result<Named, Error> {
    Ok(Standing::read(dataset.store()).await?.into_named())
}
