//! From archive to bytes: WARC records, candidates, site files, and the one HTTP door.
//!
//! Three stages live here. [`extract`] reads an archive, or a list of URLs, and writes candidates; [`admit`] asks
//! the hosts of the pages; [`fetch`] asks the hosts of the images and downloads what nobody
//! objects to. Pages' and images' hosts are asked through [`door::Door`] alone, and the door opens
//! only for a [`consent::Permit`]; [`archives`] themselves are fetched from where the settings say, and so are the
//! files of models, from a [`hub`].

pub mod admit;
pub mod archives;
mod body;
mod charset;
pub mod door;
mod error;
pub mod extract;
pub mod fetch;
pub mod http;
pub mod hub;
pub mod lists;
pub mod look;
mod sites;
#[cfg(test)]
mod testing;
pub mod warc;
pub mod wat;

pub use error::Error;
pub use sites::{Asked, Sites};
