//! From archive to bytes: WARC records, candidates, site files, and the one HTTP door.
//!
//! Three stages live here. [`extract`] reads an archive and writes candidates; [`admit`] asks
//! the hosts of the pages; [`fetch`] asks the hosts of the images and downloads what nobody
//! objects to. Nothing leaves this crate by HTTP but through [`door::Door`], and the door
//! opens only for a [`consent::Permit`].

pub mod admit;
pub mod archives;
mod body;
mod charset;
pub mod door;
mod error;
pub mod extract;
pub mod fetch;
pub mod http;
pub mod look;
mod sites;
pub mod warc;

pub use error::Error;
pub use sites::{Asked, Sites};
