//! Rows of one bucket on their way into the tables: what they turn into, and their order there.

use super::round::Key;
use crate::Round;
use schema::{Candidate, DropReason, ImageSource, LedgerRow, Sample, TextSource};

/// What one bucket adds to the two tables.
#[derive(Default)]
pub(crate) struct Shares {
    /// Rows for the samples.
    pub(crate) samples: Vec<Sample>,
    /// Rows for the ledger.
    pub(crate) ledger: Vec<LedgerRow>,
    /// Rows that leave the samples for the ledger.
    pub(crate) leaving: Vec<Key>,
    /// Rows of the ledger that a later round takes up although it does not list them.
    pub(crate) reopened: Vec<Key>,
    /// What a later round moves.
    pub(crate) moved: Round,
}

/// By domain first: audits and look-ups by domain are many times cheaper on files sorted so.
pub(crate) fn order_of_samples(row: &Sample) -> (&str, &str, i64) {
    (&row.image_domain, &row.url, row.id.0)
}

/// As the samples, then by stage and page, so that the file is the same however often it is written.
pub(crate) fn order_of_ledger(row: &LedgerRow) -> (&str, &str, i64, &str, &str, i64) {
    (&row.image_domain, &row.url, row.id.0, &row.reason, &row.archive, row.archive_offset)
}

/// The ledger's row for a sample that score or publish dropped. It keeps its scores, so that
/// thresholds can be moved later.
///
/// Its evidence is empty: only a list can have refused it, and what was heard without refusing stays behind with
/// the fetched shard. Of what a standing opt-out names, nothing is kept that tells whose it was.
pub(crate) fn ledger_row(sample: Sample, reason: DropReason, is_named: bool) -> LedgerRow {
    let (similarity, aesthetic, fetched_at) = (sample.similarity, sample.aesthetic, sample.fetched_at);
    let (punsafe, scores) = (sample.punsafe, sample.scores.clone());
    let (final_url, bytes, attempts) = (sample.final_url.clone(), sample.bytes, sample.attempts);
    let mut row = LedgerRow::of(&candidate(sample), reason);
    row.final_url = Some(final_url);
    row.bytes = Some(bytes);
    row.attempts = attempts;
    row.ended_at = Some(fetched_at);
    row.similarity = Some(similarity);
    row.aesthetic = aesthetic;
    row.punsafe = punsafe;
    row.scores = scores;
    if reason == DropReason::PictureListed {
        // The one refusal that comes so late.
        row.signal = Some("list.phash".to_owned());
    }
    if is_named {
        withhold(&mut row);
    }
    row
}

/// The candidate that `sample` was, as far as the ledger asks.
fn candidate(sample: Sample) -> Candidate {
    Candidate {
        id: sample.id,
        url: sample.url,
        text: sample.text,
        text_source: TextSource::Alt,
        text_flags: Vec::new(),
        language: sample.language,
        alt: sample.alt,
        title: sample.title,
        caption: sample.caption,
        image_source: ImageSource::Src,
        other_urls: Vec::new(),
        page_url: sample.page_url,
        page_host: sample.page_host,
        image_host: sample.image_host,
        archive: sample.archive,
        archive_offset: sample.archive_offset,
        captured_at: sample.captured_at,
        page_language: None,
        license_url: sample.license_url,
        evidence: Vec::new(),
        checked: sample.consent.checked,
    }
}

/// Takes out of a ledger's row what would tell whose picture it was: somebody asked to be left out, and an address in the
/// ledger were a trace of it. Its id, archive and offset stay, by which a later round knows it again, and its reason, so that
/// all adds up.
pub(crate) fn withhold(row: &mut LedgerRow) {
    for text in [&mut row.url, &mut row.text, &mut row.page_url, &mut row.image_domain] {
        text.clear();
    }
    for text in [&mut row.page_domain, &mut row.image_host, &mut row.page_host] {
        text.clear();
    }
    row.final_url = None;
    row.evidence.clear();
}
