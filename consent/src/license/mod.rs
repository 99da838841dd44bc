//! Licences and provenance: recorded with the picture, for subsets and audit. Nothing here refuses.

mod json_ld;
mod rights;
mod stated;

pub use json_ld::PageRights;
pub(crate) use json_ld::documents;
pub(crate) use rights::Rights;
pub use schema::License;
pub(crate) use stated::{license_metas, rights_evidence};
