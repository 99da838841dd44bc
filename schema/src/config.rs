//! The configuration of a run: one TOML file, every key known, every value checked before work starts.

mod read;
mod validate;

pub use read::ConfigError;

use crate::{Device, Dns, NameServer, Span, TextFlag, TextSource};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// Everything a run is told.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What to read.
    pub input: Input,
    /// Who we say we are.
    pub agent: Agent,
    /// Whose no counts, and how.
    pub consent: Consent,
    /// How to download.
    pub fetch: Fetch,
    /// How to score.
    pub score: Score,
    /// Where models are kept, and where they come from.
    pub models: Models,
    /// What to keep.
    pub keep: Keep,
    /// Where to write.
    pub output: Output,
}

/// `[input]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Input {
    /// Archives or lists of URLs: paths, globs, addresses, or `*.paths[.gz]` listings, here or elsewhere.
    pub archives: Vec<String>,
    /// Where the names in listings are taken from; each listing's own place if empty.
    pub base: String,
    /// Most archives taken out of each listing or pattern; 0: all.
    pub sample: usize,
    /// Connections to one server of archives.
    pub connections: usize,
    /// How to read them.
    pub format: Format,
    /// Whether the digests of records are checked.
    pub check_digests: bool,
    /// Column of a list that holds the image's URL; if empty the first there is of `url`, `URL`.
    pub url_column: String,
    /// Column of a list that holds the text; if empty the first there is of `caption`, `text`, `TEXT`, `alt`.
    pub caption_column: String,
    /// Column of a list that holds the page's URL; if empty `page_url`, where there is one.
    pub page_column: String,
}

impl Default for Input {
    fn default() -> Self {
        Self {
            archives: Vec::new(),
            base: String::new(),
            sample: 0,
            connections: 2,
            format: Format::Auto,
            check_digests: false,
            url_column: String::new(),
            caption_column: String::new(),
            page_column: String::new(),
        }
    }
}

/// Format of the archives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// By name, else by what is in them.
    #[default]
    Auto,
    /// WARC 1.0 or 1.1, gzip per record or plain.
    Warc,
    /// WAT: what Common Crawl read out of the pages, as JSON in a WARC file.
    Wat,
    /// A list of image URLs with their texts: Parquet, CSV, TSV, JSON, JSON lines, or a URL a line.
    Urls,
}

/// `[agent]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Agent {
    /// Product token: what a robots.txt names (letters, `-`, `_`).
    pub name: String,
    /// Version behind the token.
    pub version: String,
    /// Web or mail address where site owners reach the operator.
    pub contact: String,
}

impl Default for Agent {
    fn default() -> Self {
        Self { name: "pinakes".into(), version: env!("CARGO_PKG_VERSION").into(), contact: String::new() }
    }
}

impl Agent {
    /// The User-Agent header: who, which version, where to complain, and what for.
    pub fn user_agent(&self) -> String {
        let Self { name, version, contact } = self;
        if contact.is_empty() {
            format!("{name}/{version} (purpose=image-text-dataset)")
        } else {
            format!("{name}/{version} (+{contact}; purpose=image-text-dataset)")
        }
    }
}

/// `[consent]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Consent {
    /// How strictly signals are read.
    pub mode: Mode,
    /// Opt-out lists: files with one domain or URL a line, or CSV or JSON lines with `type` and `value`.
    pub lists: Vec<String>,
}

/// How strictly signals are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Every plain no counts, however written.
    #[default]
    Strict,
    /// Each standard exactly as written.
    Spec,
    /// Nothing is refused, everything is recorded. Nothing is fetched in this mode.
    RecordOnly,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Strict => "strict",
            Self::Spec => "spec",
            Self::RecordOnly => "record-only",
        })
    }
}

/// `[fetch]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fetch {
    /// Connections in all.
    pub max_connections: usize,
    /// Connections to one host.
    pub per_host_connections: usize,
    /// Requests to one address at a time, however many hosts it serves.
    pub per_address_connections: usize,
    /// Least time between two requests to one host.
    pub per_host_interval: Span,
    /// Time to look a host up, to connect, and between two pieces of a body.
    pub timeout: Span,
    /// Time for one request in all.
    pub deadline: Span,
    /// Largest body read, in bytes.
    pub max_body_bytes: u64,
    /// Largest picture decoded, in pixels.
    pub max_pixels: u64,
    /// Retries after a transient failure.
    pub retries: u32,
    /// How long refusals, and pictures that were gone, are taken for an answer: after it
    /// `pinakes fetch --retry expired` asks again.
    pub answers_last: Span,
    /// Most redirects followed.
    pub max_redirects: u32,
    /// Most pictures asked of one host in one run.
    pub host_budget: u64,
    /// Failures in a row after which a host is let alone. An error with one picture counts once, however often it was
    /// asked for; no answer, and answers that ask for patience, count each time.
    pub host_patience: u32,
    /// Who looks up the addresses of hosts.
    pub dns: Dns,
    /// Name servers asked with `dns = "own"`, in this order; those of `/etc/resolv.conf` if empty.
    pub name_servers: Vec<NameServer>,
    /// Whether private, loopback and link-local addresses may be asked.
    pub allow_private_addresses: bool,
    /// `host pattern=address:port`, as curl's --resolve; `=http://address:port` for a plain mirror of https hosts.
    pub resolve: Vec<String>,
    /// Whether stored pictures go into the dataset.
    pub store: Store,
    /// Side of stored pictures with `store = "resized"`, in pixels; which side, `resize_mode` says.
    pub resize_to: u32,
    /// How pictures are resized, by img2dataset's names.
    pub resize_mode: ResizeMode,
    /// Whether pictures that are small enough are left at their size.
    pub resize_only_if_bigger: bool,
    /// Format of resized pictures.
    pub encode_format: EncodeFormat,
    /// Quality of JPEG (0 to 100) and WebP (0 to 100, over that lossless), compression of PNG (0 to 9).
    pub encode_quality: u32,
    /// Whether a picture that nothing would change is stored as received, with all that its file holds.
    pub skip_reencode: bool,
}

impl Default for Fetch {
    fn default() -> Self {
        Self {
            max_connections: 256,
            per_host_connections: 1,
            per_address_connections: 8,
            per_host_interval: Span::secs(1),
            timeout: Span::secs(10),
            deadline: Span::secs(30),
            max_body_bytes: 32 * 1024 * 1024,
            // LAION's limit, which is Pillow's decompression-bomb limit.
            max_pixels: 89_478_484,
            retries: 2,
            answers_last: Span::secs(30 * 24 * 3600),
            max_redirects: 5,
            host_budget: 10_000,
            host_patience: 5,
            dns: Dns::Own,
            name_servers: Vec::new(),
            allow_private_addresses: false,
            resolve: Vec::new(),
            store: Store::None,
            resize_to: 512,
            resize_mode: ResizeMode::KeepRatioLargest,
            resize_only_if_bigger: true,
            encode_format: EncodeFormat::Jpg,
            encode_quality: 95,
            skip_reencode: false,
        }
    }
}

/// What of a picture is stored in the dataset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Store {
    /// Nothing: links, scores and evidence only.
    #[default]
    None,
    /// Resized and encoded anew, without what else the file held.
    Resized,
    /// The bytes received.
    Original,
}

/// How a stored picture is brought to `resize_to`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResizeMode {
    /// Not at all.
    No,
    /// The longer side to size, then white around it to a square.
    Border,
    /// The shorter side to size.
    KeepRatio,
    /// The longer side to size.
    #[default]
    KeepRatioLargest,
    /// The shorter side to size, then the square in the middle.
    CenterCrop,
}

/// Format of a stored picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EncodeFormat {
    /// JPEG.
    #[default]
    Jpg,
    /// PNG.
    Png,
    /// WebP.
    Webp,
}

/// `[score]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Score {
    /// `demo` (embedded, not CLIP), a folder with a `model.toml`, or a name that `pinakes models list` tells.
    pub model: String,
    /// Where to run.
    pub device: Device,
    /// Pictures per inference call; 0: what suits the device.
    pub batch: usize,
    /// ONNX Runtime's shared library; found by itself if empty, else the embedded backend.
    pub onnxruntime: String,
    /// Whether embeddings are written.
    pub embeddings: bool,
    /// Tags that pictures are given by what the model makes of prompts, without training.
    pub tags: Vec<TagRule>,
}

/// `[[score.tags]]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagRule {
    /// The tag.
    pub name: String,
    /// Texts of pictures that deserve it; their embeddings are averaged, as CLIP's authors do it.
    pub prompts: Vec<String>,
    /// Least cosine of picture and prompts; with a group the least share of the group's softmax.
    pub threshold: Option<f32>,
    /// Tags of one group exclude each other: the likeliest is given.
    pub group: Option<String>,
}

impl Default for Score {
    fn default() -> Self {
        Self {
            model: "demo".into(),
            device: Device::Auto,
            batch: 0,
            onnxruntime: String::new(),
            embeddings: true,
            tags: Vec::new(),
        }
    }
}

/// `[models]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Models {
    /// Folder of pulled models; the user's cache if empty.
    pub cache: String,
    /// Address of the hub or its mirror; `HF_ENDPOINT`, else the hub itself, if empty.
    pub hub: String,
    /// File with further models, written as `configs/models.toml`; none if empty.
    pub registry: String,
}

/// `[keep]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keep {
    /// Shortest text, in characters. LAION: 5.
    pub min_text_chars: usize,
    /// Fewest words of a text, which are what stands between blanks. The basic filtering of `DataComp`: 3.
    pub min_text_words: usize,
    /// Longest text, in characters.
    pub max_text_chars: usize,
    /// Longest image URL, in bytes.
    pub max_url_bytes: usize,
    /// Which texts make a pair, the first found counts.
    pub text_sources: Vec<TextSource>,
    /// Kinds of texts that are dropped rather than flagged.
    pub drop_texts: Vec<TextFlag>,
    /// Pictures of one page host with the same text from which on that text is flagged as repeated.
    pub repeated_from: usize,
    /// Smallest body, in bytes. LAION: 5,000.
    pub min_body_bytes: u64,
    /// Shortest side, in pixels.
    pub min_side: u32,
    /// Longest side over shortest side.
    pub max_aspect: f32,
    /// Least cosine of picture and text; the model's own threshold if absent.
    pub min_similarity: Option<f32>,
    /// The same for texts of single languages (BCP 47 primary tags, `unknown`), in place of it. LAION-5B: 0.28 for
    /// English, 0.26 for all others.
    pub min_similarity_by_language: BTreeMap<String, f32>,
    /// Least aesthetic score; no threshold if absent.
    pub min_aesthetic: Option<f32>,
    /// Largest probability of unsafe content; no threshold if absent.
    pub max_unsafe: Option<f32>,
    /// Least of other heads' scores, by name.
    pub min_scores: BTreeMap<String, f32>,
    /// Largest of other heads' scores, by name.
    pub max_scores: BTreeMap<String, f32>,
    /// Languages of texts kept (BCP 47 primary tags, `unknown`); all if empty.
    pub languages: Vec<String>,
    /// Which pictures are kept whose bytes are in the bucket already, under another address.
    pub duplicates: Duplicates,
}

/// Which pictures are kept whose bytes (SHA-256) are in their bucket already, under another address. That an address
/// is asked for once a run is another matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Duplicates {
    /// All of them, as the configurations of LAION and `DataComp` have it.
    All,
    /// Those with another text: it makes another pair.
    #[default]
    OtherText,
    /// None, whatever their texts.
    None,
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            min_text_chars: 5,
            min_text_words: 1,
            max_text_chars: 2000,
            max_url_bytes: 4096,
            text_sources: vec![
                TextSource::Alt,
                TextSource::Caption,
                TextSource::Title,
                TextSource::AriaLabel,
                TextSource::Meta,
                TextSource::JsonLd,
            ],
            drop_texts: Vec::new(),
            repeated_from: 5,
            min_body_bytes: 5000,
            min_side: 64,
            max_aspect: 4.0,
            min_similarity: None,
            min_aesthetic: None,
            max_unsafe: None,
            min_similarity_by_language: BTreeMap::new(),
            min_scores: BTreeMap::new(),
            max_scores: BTreeMap::new(),
            languages: Vec::new(),
            duplicates: Duplicates::OtherText,
        }
    }
}

/// `[output]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Output {
    /// Folder of the run.
    pub dir: String,
    /// How many shares all hosts are split into.
    pub buckets: u32,
}

impl Default for Output {
    fn default() -> Self {
        Self { dir: String::new(), buckets: 8 }
    }
}
