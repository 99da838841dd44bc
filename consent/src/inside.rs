//! The picture itself, judged by what is written inside its file before anybody keeps it.

use crate::{FileReading, Permit, Policy, Refusal, Site, file_evidence};
use chrono::{DateTime, Utc};
use schema::{DropReason, Scope, Source};

/// A picture as it was received.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    /// The bytes received, before any resizing: re-encoding destroys what is written inside.
    pub bytes: &'a [u8],
    /// SHA-256 of them, hexadecimal.
    pub sha256: &'a str,
    /// Media type by the bytes.
    pub media_type: &'a str,
}

/// Judges a picture by its bytes: the lists, what is written inside the file, and what its site's
/// ai.txt says of its kind. `Ok` carries what was heard that does not refuse.
pub fn review_file(
    policy: &Policy,
    permit: &Permit,
    site: &Site,
    picture: &Picture<'_>,
    now: DateTime<Utc>,
) -> Result<FileReading, Refusal> {
    let url = permit.url();
    let mut reading = file_evidence(policy, url, picture.bytes, Source::Live, Some(now));
    let listed = policy.lists.find_sha256(picture.sha256).map(|hit| hit.evidence(Scope::ImageBytes));
    reading.evidence.splice(0..0, listed);
    reading.evidence.extend(site.media_evidence(policy, url, Some(picture.media_type)));
    let refusing = reading.evidence.iter().filter(|one| one.denies());
    let reason = refusing
        .map(|one| match one.signal.split('.').next() {
            Some("list") => DropReason::FileListed,
            Some("ai-txt") => DropReason::ImageSite,
            _ => DropReason::ImageFile,
        })
        // The first in this order: the lists, the file, the site.
        .min_by_key(|reason| (*reason == DropReason::ImageSite, *reason));
    match reason.filter(|_| policy.refuses()) {
        Some(reason) => Err(Refusal { reason, evidence: reading.evidence }),
        None => Ok(reading),
    }
}
