//! The rows of a finished dataset.

use crate::{DropReason, SampleId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;

/// One image-text pair of the dataset: the table's columns, in their order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Hash of URL and text, LAION's way.
    pub id: SampleId,
    /// Image URL as the page named it.
    pub url: String,
    /// The text of the pair.
    pub text: String,
    /// `alt`, `caption`, `title`, `aria-label`, `meta`, `json-ld`, `around` or `list`.
    pub text_source: String,
    /// What about the text speaks against it: `file-name`, `generic`, `repeated`, ….
    pub text_flags: Vec<String>,
    /// `alt` attribute.
    pub alt: Option<String>,
    /// `title` attribute.
    pub title: Option<String>,
    /// Figure caption.
    pub caption: Option<String>,
    /// Page URL; empty where a list of URLs named none, and so the page was not asked.
    pub page_url: String,
    /// Registrable domain of the image's host.
    pub image_domain: String,
    /// Registrable domain of the page's host.
    pub page_domain: String,
    /// Host of the image.
    pub image_host: String,
    /// Host of the page.
    pub page_host: String,
    /// Archive file the page lies in.
    pub archive: String,
    /// Byte offset of the page's record there; in a list of URLs the row's number, from 0.
    pub archive_offset: i64,
    /// When the page was captured.
    pub captured_at: Option<DateTime<Utc>>,
    /// Where the picture came from after redirects.
    pub final_url: String,
    /// Requests sent for it: redirects and retries among them.
    pub attempts: i32,
    /// When the picture was fetched.
    pub fetched_at: DateTime<Utc>,
    /// Width in pixels of the picture as received, upright (img2dataset's `original_width`).
    pub width: i32,
    /// Height in pixels of the picture as received, upright (img2dataset's `original_height`).
    pub height: i32,
    /// Bytes received.
    pub bytes: i64,
    /// Media type by the bytes.
    pub mime: String,
    /// SHA-256 of the bytes received, hexadecimal.
    pub sha256: String,
    /// Perceptual hash (DCT, 64 bits), as a signed number.
    pub phash: i64,
    /// Language of the text (BCP 47 primary tag), where it can be told.
    pub language: Option<String>,
    /// Licence the page states, normalised (`CC-BY-4.0`).
    pub license: Option<String>,
    /// Where that licence stands.
    pub license_url: Option<String>,
    /// The marker inside the file that says a model made or changed the picture
    /// (`iptc:trainedAlgorithmicMedia`), if there is one. Most generators leave none.
    pub ai_generated: Option<String>,
    /// What the file's EXIF notes of camera, time, program and author: a JSON object of texts under the names that
    /// img2dataset's `exif` column has for them (`Image Make`, `EXIF DateTimeOriginal`, …). Never where it was taken.
    pub exif: Option<String>,
    /// Cosine of picture and text embedding.
    pub similarity: f32,
    /// Aesthetic score, in the head's own scale.
    pub aesthetic: Option<f32>,
    /// Probability of unsafe content, where a head for it exists.
    pub punsafe: Option<f32>,
    /// Scores of the model's other heads, by the name that its `model.toml` gives them. Empty in files from before
    /// there were such heads.
    #[serde(default, deserialize_with = "or_default")]
    pub scores: BTreeMap<String, f32>,
    /// Tags of `score.tags` that the picture earned. Empty in files from before there were tags.
    #[serde(default, deserialize_with = "or_default")]
    pub tags: Vec<String>,
    /// Name and digest of the model: `demo@1f2e3d4c`. Scores of different models do not compare.
    pub model: String,
    /// How consent was established.
    pub consent: ConsentStamp,
    /// Picture embedding, float16 little-endian, L2-normalised.
    #[serde(with = "serde_bytes")]
    pub embedding: Option<Vec<u8>>,
    /// The stored picture, where `fetch.store` asks for it.
    #[serde(with = "serde_bytes")]
    pub image: Option<Vec<u8>>,
    /// Where others look alike: the id of the picture that the cluster is called by, which is the largest, its own if it is
    /// that one. Marked by `pinakes dedup`, and so empty before it, and in files from before there was such a thing.
    #[serde(default)]
    pub cluster: Option<i64>,
}

/// Nothing where a column is null: so it is read in tables that hold files from before it.
pub(crate) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

/// How consent was established for a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentStamp {
    /// `strict`, `spec` or `record-only`.
    pub mode: String,
    /// Version of the policy and its tables.
    pub policy: String,
    /// Signals that were looked for.
    pub checked: Vec<String>,
    /// Signals heard that did not refuse.
    pub heard: Vec<String>,
}

/// A sample with its scores and what the rules made of it: what score writes.
///
/// Dropped rows keep their scores, so that thresholds can be moved without scoring again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scored {
    /// The row as it would be published.
    pub sample: Sample,
    /// The rule that dropped it, if one did.
    pub dropped: Option<DropReason>,
}
