//! The configuration of a run: one TOML file, every key known, every value checked before work starts.

use crate::{Dns, NameServer, Span, TextFlag, TextSource};
use serde::{Deserialize, Serialize};
use std::fmt;

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
    /// `demo` (embedded, not CLIP), or a folder with a `model.toml`.
    pub model: String,
    /// Where to run.
    pub device: Device,
    /// Pictures per inference call.
    pub batch: usize,
    /// ONNX Runtime's shared library; found by itself if empty, else the embedded backend.
    pub onnxruntime: String,
    /// Whether embeddings are written.
    pub embeddings: bool,
}

impl Default for Score {
    fn default() -> Self {
        Self { model: "demo".into(), device: Device::Auto, batch: 16, onnxruntime: String::new(), embeddings: true }
    }
}

/// Where inference runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Device {
    /// The best there is.
    #[default]
    Auto,
    /// The processor.
    Cpu,
}

/// `[keep]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keep {
    /// Shortest text, in characters. LAION: 5.
    pub min_text_chars: usize,
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
    /// Least aesthetic score; no threshold if absent.
    pub min_aesthetic: Option<f32>,
    /// Largest probability of unsafe content; no threshold if absent.
    pub max_unsafe: Option<f32>,
    /// Languages of texts kept (BCP 47 primary tags, `unknown`); all if empty.
    pub languages: Vec<String>,
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            min_text_chars: 5,
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
            languages: Vec::new(),
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

/// A configuration that cannot be used, with the way out.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not TOML, an unknown key, or a value of the wrong type.
    #[error("{message}")]
    Toml {
        /// What and where, as the parser says it.
        message: String,
        /// The nearest known key, if one is near.
        hint: Option<String>,
    },
    /// A `--set` that is no `key=value`.
    #[error("`{0}` is no setting")]
    Override(String),
    /// A value that makes no sense.
    #[error("`{key}` {problem}")]
    Value {
        /// The key, dotted.
        key: &'static str,
        /// What is wrong with it.
        problem: String,
        /// What to write instead.
        hint: &'static str,
    },
}

impl ConfigError {
    /// The way out, where there is one to name.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Toml { hint, .. } => hint.clone(),
            Self::Override(_) => Some("write `--set section.key=value`, for example `--set keep.min_side=256`".into()),
            Self::Value { hint, .. } => Some((*hint).into()),
        }
    }
}

impl Config {
    /// Reads a configuration, with `key=value` overrides on top.
    pub fn parse(text: &str, overrides: &[String]) -> Result<Self, ConfigError> {
        let mut table: toml::Table = toml::from_str(text).map_err(|error| toml_error(&error))?;
        for setting in overrides {
            set(&mut table, setting)?;
        }
        let config = if overrides.is_empty() {
            // Straight from the text, so that errors carry line and column.
            toml::from_str(text)
        } else {
            table.try_into()
        };
        config.map_err(|error| toml_error(&error))
    }

    /// The effective configuration, to be stored beside the output.
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self).unwrap_or_default()
    }

    /// Checks what types cannot: names, contacts, ranges.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let bad = |key, problem: String, hint| Err(ConfigError::Value { key, problem, hint });
        if self.output.dir.is_empty() {
            return bad("output.dir", "is missing".into(), "name the folder of the run: `dir = \"runs/first\"`");
        }
        if self.output.buckets == 0 || self.output.buckets > 65_536 {
            return bad("output.buckets", format!("is {}", self.output.buckets), "choose 1 to 65536");
        }
        self.input.validate()?;
        let token = &self.agent.name;
        if token.is_empty() || !token.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-' || b == b'_') {
            let hint = "robots.txt product tokens are letters, `-` and `_` only (RFC 9309 section 2.2.1)";
            return bad("agent.name", format!("is `{token}`"), hint);
        }
        let printable = |text: &str| text.bytes().all(|b| (0x20..0x7f).contains(&b));
        if !printable(&self.agent.contact) || !printable(&self.agent.version) {
            return bad("agent.contact", "holds characters a header cannot carry".into(), "write plain ASCII");
        }
        self.fetch.validate()?;
        self.fetch.validate_storing()?;
        if self.score.batch == 0 {
            return bad("score.batch", "is 0".into(), "choose 1 or more, 16 is a good start on a CPU");
        }
        if self.keep.text_sources.contains(&TextSource::List) {
            let hint = "take it out: the texts of lists always count, these are the texts of pages";
            return bad("keep.text_sources", "names `list`".into(), hint);
        }
        if !self.keep.max_aspect.is_finite() || self.keep.max_aspect < 1.0 {
            return bad(
                "keep.max_aspect",
                format!("is {}", self.keep.max_aspect),
                "it is long side over short side, so 1 or more",
            );
        }
        for (key, value) in [
            ("keep.min_similarity", self.keep.min_similarity),
            ("keep.min_aesthetic", self.keep.min_aesthetic),
            ("keep.max_unsafe", self.keep.max_unsafe),
        ] {
            if value.is_some_and(|value| !value.is_finite()) {
                return bad(key, "is no number".into(), "write a finite number, or leave the key out");
            }
        }
        Ok(())
    }
}

impl Fetch {
    fn validate_storing(&self) -> Result<(), ConfigError> {
        // The largest JPEG has 65,535 pixels a side, the largest WebP 16,383.
        if self.resize_to == 0 || self.resize_to > 16_383 {
            let problem = format!("is {}", self.resize_to);
            return Err(ConfigError::Value { key: "fetch.resize_to", problem, hint: "choose 1 to 16383 pixels" });
        }
        let (most, hint) = match self.encode_format {
            EncodeFormat::Jpg => (100, "JPEG takes 0 to 100"),
            EncodeFormat::Png => (9, "for PNG it is the compression, 0 to 9"),
            EncodeFormat::Webp => (101, "WebP takes 0 to 100, and 101 for lossless"),
        };
        if self.encode_quality > most {
            let problem = format!("is {}", self.encode_quality);
            return Err(ConfigError::Value { key: "fetch.encode_quality", problem, hint });
        }
        Ok(())
    }
}

impl Input {
    fn validate(&self) -> Result<(), ConfigError> {
        let bad = |key, problem: String, hint| Err(ConfigError::Value { key, problem, hint });
        if self.connections == 0 || self.connections > 64 {
            let problem = format!("is {}", self.connections);
            return bad(
                "input.connections",
                problem,
                "choose 1 to 64; 2 is what a public archive bears from everybody",
            );
        }
        let scheme = self.base.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        if scheme.is_some_and(|scheme| !["http", "https", "s3", "file"].contains(&scheme.as_str())) {
            let problem = format!("is `{}`", self.base);
            return bad("input.base", problem, "write `https://host/`, `s3://bucket/`, or a folder");
        }
        Ok(())
    }
}

impl Fetch {
    fn validate(&self) -> Result<(), ConfigError> {
        let bad = |key, problem: &str, hint| Err(ConfigError::Value { key, problem: problem.into(), hint });
        if self.max_connections == 0 {
            return bad("fetch.max_connections", "is 0", "at least one connection is needed");
        }
        if self.per_host_connections == 0 {
            return bad("fetch.per_host_connections", "is 0", "1 is polite, and enough with many hosts");
        }
        if self.per_address_connections == 0 {
            return bad("fetch.per_address_connections", "is 0", "8 is bearable for a server that many hosts share");
        }
        for (key, number) in [
            ("fetch.max_connections", self.max_connections),
            ("fetch.per_host_connections", self.per_host_connections),
            ("fetch.per_address_connections", self.per_address_connections),
        ] {
            if number > 1_000_000_000 {
                return bad(key, "is more than there can be", "a few thousand are many");
            }
        }
        if self.dns == Dns::System && !self.name_servers.is_empty() {
            let problem = "are named, but `fetch.dns = \"system\"` asks the system's own";
            return bad("fetch.name_servers", problem, "take them out, or write `dns = \"own\"`");
        }
        Ok(())
    }
}

/// Puts `a.b=value` into `table`; the value is TOML where it parses as such, else a string.
fn set(table: &mut toml::Table, setting: &str) -> Result<(), ConfigError> {
    let wrong = || ConfigError::Override(setting.to_owned());
    let (path, text) = setting.split_once('=').ok_or_else(wrong)?;
    let value = toml::from_str::<toml::Table>(&format!("value = {text}"))
        .ok()
        .and_then(|mut parsed| parsed.remove("value"))
        .unwrap_or_else(|| toml::Value::String(text.trim().to_owned()));
    let mut keys: Vec<&str> = path.trim().split('.').collect();
    let last = keys.pop().filter(|key| !key.is_empty() && !keys.is_empty()).ok_or_else(wrong)?;
    let mut here = table;
    for key in keys {
        let next = here.entry(key.to_owned()).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        here = next.as_table_mut().ok_or_else(wrong)?;
    }
    here.insert(last.to_owned(), value);
    Ok(())
}

fn toml_error(error: &toml::de::Error) -> ConfigError {
    let message = error.to_string().trim_end().to_owned();
    let hint = nearest_key(error.message());
    ConfigError::Toml { message, hint }
}

/// For "unknown field `x`, expected one of `a`, `b`", and for variants: the expected one nearest to `x`.
fn nearest_key(message: &str) -> Option<String> {
    let mut quoted = message
        .strip_prefix("unknown field")
        .or_else(|| message.strip_prefix("unknown variant"))?
        .split('`')
        .skip(1)
        .step_by(2);
    let wrong = quoted.next()?;
    let near = quoted.min_by_key(|key| edit_distance(wrong, key))?;
    (edit_distance(wrong, near) <= 1 + near.len() / 3).then(|| format!("did you mean `{near}`?"))
}

/// Levenshtein distance, one row at a time.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_are_refused_with_the_nearest_known_one() {
        let error = Config::parse("[keep]\nmin_simlarity = 0.3\n", &[]).unwrap_err();
        assert!(error.to_string().contains("unknown field `min_simlarity`"), "{error}");
        assert!(error.to_string().contains("line 2"), "{error}");
        assert_eq!(error.hint().as_deref(), Some("did you mean `min_similarity`?"));
        let error = Config::parse("[keep]\ndrop_texts = [\"generc\"]\n", &[]).unwrap_err();
        assert_eq!(error.hint().as_deref(), Some("did you mean `generic`?"));
    }

    #[test]
    fn overrides_win_and_are_checked_like_the_file() {
        let settings = ["keep.min_side=256".into(), "output.dir=x/y".into(), "fetch.timeout=500ms".into()];
        let config = Config::parse("[keep]\nmin_side = 1\n", &settings).unwrap();
        assert_eq!((config.keep.min_side, config.output.dir.as_str()), (256, "x/y"));
        assert_eq!(config.fetch.timeout, Span::millis(500));
        for wrong in ["keep.min_side", "keep=3", "=3", "keep.min_sid=3", "keep.min_side=many"] {
            assert!(Config::parse("", &[wrong.into()]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn lists_of_urls_are_a_format_with_columns() {
        let text = "[input]\nformat = \"urls\"\nurl_column = \"Link\"\n";
        let config = Config::parse(text, &[]).unwrap();
        assert_eq!((config.input.format, config.input.url_column.as_str()), (Format::Urls, "Link"));
        assert_eq!((config.input.caption_column.as_str(), config.input.page_column.as_str()), ("", ""));
        assert_eq!(Config::parse(&config.to_toml(), &[]).unwrap(), config);
        let error = Config::parse("[input]\nformat = \"url\"\n", &[]).unwrap_err();
        assert_eq!(error.hint().as_deref(), Some("did you mean `urls`?"));
    }

    #[test]
    fn who_looks_names_up_is_said_plainly_or_refused_by_name() {
        let text = "[fetch]\ndns = \"own\"\nname_servers = [\"192.0.2.53\", \"[2001:db8::53]:5353\"]\n";
        let config = Config::parse(text, &[]).unwrap();
        assert_eq!(config.fetch.name_servers.len(), 2);
        assert_eq!(Config::parse(&config.to_toml(), &[]).unwrap(), config);
        let error = Config::parse("[fetch]\nname_servers = [\"dns.example\"]\n", &[]).unwrap_err();
        assert!(error.to_string().contains("dns.example") && error.to_string().contains("write"), "{error}");
        let error = Config::parse("[fetch]\ndns = \"sytem\"\n", &[]).unwrap_err();
        assert_eq!(error.hint().as_deref(), Some("did you mean `system`?"));
    }

    #[test]
    fn the_effective_configuration_reads_back_the_same() {
        let config = Config::parse("[output]\ndir = \"out\"\n[keep]\nmin_aesthetic = 5.5\n", &[]).unwrap();
        assert_eq!(Config::parse(&config.to_toml(), &[]).unwrap(), config);
        config.validate().unwrap();
    }

    #[test]
    fn the_shipped_configurations_are_sound_and_name_every_key() {
        let keys = Config::default().to_toml();
        let keys = keys.lines().filter_map(|line| line.split_once(" =").map(|(key, _)| key.trim().to_owned()));
        let keys: Vec<String> = keys.collect();
        for (name, text) in [
            ("demo", include_str!("../../configs/demo.toml")),
            ("laion", include_str!("../../configs/laion.toml")),
            ("strict-art", include_str!("../../configs/strict-art.toml")),
            ("audit-only", include_str!("../../configs/audit-only.toml")),
            ("cluster", include_str!("../../configs/cluster.toml")),
        ] {
            Config::parse(text, &[])
                .and_then(|config| config.validate())
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            for key in keys.iter().map(String::as_str).chain(["min_similarity", "min_aesthetic", "max_unsafe"]) {
                assert!(text.contains(&format!("{key} = ")), "{name}.toml lacks {key}");
            }
        }
    }

    #[test]
    fn senseless_values_name_their_key() {
        for (text, key) in [
            ("", "output.dir"),
            ("[output]\ndir=\"o\"\nbuckets=0", "output.buckets"),
            ("[output]\ndir=\"o\"\n[input]\nconnections=0", "input.connections"),
            ("[output]\ndir=\"o\"\n[input]\nconnections=65", "input.connections"),
            ("[output]\ndir=\"o\"\n[input]\nbase=\"ftp://mirror/\"", "input.base"),
            ("[output]\ndir=\"o\"\n[agent]\nname=\"bot 2\"", "agent.name"),
            ("[output]\ndir=\"o\"\n[keep]\ntext_sources=[\"list\"]", "keep.text_sources"),
            ("[output]\ndir=\"o\"\n[keep]\nmax_aspect=0.5", "keep.max_aspect"),
            ("[output]\ndir=\"o\"\n[fetch]\nper_address_connections=0", "fetch.per_address_connections"),
            ("[output]\ndir=\"o\"\n[fetch]\ndns=\"system\"\nname_servers=[\"192.0.2.1\"]", "fetch.name_servers"),
            ("[output]\ndir=\"o\"\n[fetch]\nresize_to=0", "fetch.resize_to"),
            ("[output]\ndir=\"o\"\n[fetch]\nencode_quality=101", "fetch.encode_quality"),
            ("[output]\ndir=\"o\"\n[fetch]\nencode_format=\"png\"", "fetch.encode_quality"),
        ] {
            let error = Config::parse(text, &[]).unwrap().validate().unwrap_err();
            assert!(error.to_string().contains(key), "{error}");
            assert!(error.hint().is_some());
        }
    }
}
