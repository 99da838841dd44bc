//! The row that a scored picture becomes.

use crate::Stamp;
use half::f16;
use schema::{ConsentStamp, Evidence, Fetched, Host, License, RegisteredDomain, Sample};
use std::collections::{BTreeMap, BTreeSet};

/// What scoring found out, beside what the row brought with it.
pub(crate) struct Findings {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) phash: i64,
    pub(crate) exif: Option<String>,
    pub(crate) similarity: f32,
    pub(crate) aesthetic: Option<f32>,
    pub(crate) punsafe: Option<f32>,
    pub(crate) scores: BTreeMap<String, f32>,
    pub(crate) tags: Vec<String>,
    pub(crate) model: String,
    pub(crate) embedding: Option<Vec<u8>>,
    pub(crate) image: Option<Vec<u8>>,
}

/// The dataset's row for `row`.
pub(crate) fn sample(row: Fetched, findings: Findings, stamp: &Stamp) -> Sample {
    let candidate = row.candidate;
    Sample {
        id: candidate.id,
        image_domain: RegisteredDomain::of(&candidate.image_host).to_string(),
        page_domain: Host::from(candidate.page_host.as_str()).registered_domain().to_string(),
        url: candidate.url,
        text: candidate.text,
        text_source: candidate.text_source.name().to_owned(),
        text_flags: candidate.text_flags.iter().map(|flag| flag.name().to_owned()).collect(),
        alt: candidate.alt,
        title: candidate.title,
        caption: candidate.caption,
        page_url: candidate.page_url,
        image_host: candidate.image_host,
        page_host: candidate.page_host,
        archive: candidate.archive,
        archive_offset: candidate.archive_offset,
        captured_at: candidate.captured_at,
        final_url: row.final_url,
        attempts: row.attempts,
        fetched_at: row.fetched_at,
        width: i32::try_from(findings.width).unwrap_or(i32::MAX),
        height: i32::try_from(findings.height).unwrap_or(i32::MAX),
        bytes: i64::try_from(row.bytes).unwrap_or(i64::MAX),
        mime: row.mime,
        sha256: row.sha256,
        phash: findings.phash,
        language: candidate.language,
        license: candidate.license_url.as_deref().and_then(License::at).map(|license| license.id),
        license_url: candidate.license_url,
        ai_generated: row.ai_generated,
        exif: findings.exif,
        similarity: findings.similarity,
        aesthetic: findings.aesthetic,
        punsafe: findings.punsafe,
        scores: findings.scores,
        tags: findings.tags,
        model: findings.model,
        consent: ConsentStamp {
            mode: stamp.mode.to_string(),
            policy: stamp.policy.clone(),
            checked: candidate.checked,
            heard: heard(&candidate.evidence),
        },
        embedding: findings.embedding,
        image: findings.image,
        cluster: None,
    }
}

/// The signals that spoke and did not refuse, each once.
fn heard(evidence: &[Evidence]) -> Vec<String> {
    let signals: BTreeSet<&str> =
        evidence.iter().filter(|piece| !piece.denies()).map(|piece| piece.signal.as_str()).collect();
    signals.into_iter().map(str::to_owned).collect()
}

/// An embedding as the dataset keeps it: float16, little-endian.
pub(crate) fn half_precision(embedding: &[f32]) -> Vec<u8> {
    embedding.iter().flat_map(|number| f16::from_f32(*number).to_le_bytes()).collect()
}

/// The cosine of two embeddings of length one; summed in order, in double precision.
#[expect(clippy::cast_possible_truncation, reason = "a cosine")]
pub(crate) fn cosine(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embeddings_rest_in_little_endian_halves() {
        assert_eq!(half_precision(&[1.0, -0.5]), [0x00, 0x3c, 0x00, 0xb8]);
        assert!((cosine(&[0.6, 0.8], &[0.8, 0.6]) - 0.96).abs() < 1e-6);
    }
}
