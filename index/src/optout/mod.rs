//! Am I in it, and take me out, for good.
//!
//! An opt-out names a domain with all below it, a host, a URL or all URLs that begin so, and it
//! counts for pictures and for the pages they stand on.

mod apply;
mod check;
mod look;
mod standing;

pub use apply::{Applied, apply};
pub use check::{Checked, Found, check};
pub(crate) use standing::Standing;
pub use standing::{Entry, EntryKind};

use consent::{ListHit, OptOutList};
use url::Url;

/// The entry of `list` that names the picture or, if none does, its page.
fn named(list: &OptOutList, url: &str, page_url: &str) -> Option<ListHit> {
    let find = |text: &str| Url::parse(text).ok().and_then(|url| list.find(&url));
    find(url).or_else(|| find(page_url))
}
