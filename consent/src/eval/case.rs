//! A case: what was received, as JSON.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use schema::Mode;
use serde::Deserialize;
use std::collections::BTreeMap;
use url::Url;

/// One case. Every key but `id` is optional; keys that are not known are not looked at.
#[derive(Clone, Debug, Deserialize)]
pub struct Case {
    /// Comes back with the answer.
    pub id: String,
    /// How strictly signals are read.
    #[serde(default)]
    pub mode: Mode,
    /// The time by which dates are judged; 1970 where it is not given, when no date has passed.
    #[serde(default)]
    pub now: Option<DateTime<Utc>>,
    /// Our product token.
    #[serde(default = "pinakes")]
    pub agent: String,
    /// Whether the dataset holds pictures rather than links.
    #[serde(default)]
    pub redistributes: bool,
    /// The page that shows the image.
    #[serde(default)]
    pub page: Option<PageCase>,
    /// The image.
    #[serde(default)]
    pub image: Option<ImageCase>,
    /// What sites answered: origin → path → answer. What is not named was not asked for.
    #[serde(default)]
    pub origins: BTreeMap<String, BTreeMap<String, Received>>,
    /// Entries of an opt-out list.
    #[serde(default)]
    pub lists: Vec<String>,
}

/// A page as received.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct PageCase {
    /// Its URL.
    #[serde(default)]
    pub url: Option<String>,
    /// Its response headers, repeated ones too.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// Its markup.
    #[serde(default)]
    html: Option<String>,
    #[serde(default)]
    html_base64: Option<Base64>,
}

/// An image as named and received.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct ImageCase {
    /// Its URL.
    #[serde(default)]
    pub url: Option<String>,
    /// Its `alt` text on the page.
    #[serde(default)]
    pub alt: Option<String>,
    /// Its response headers.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// Its response's status; 0 if there was none.
    #[serde(default)]
    pub status: Option<u16>,
    /// Its bytes.
    #[serde(flatten)]
    pub body: Body,
}

/// What came back for a site's file.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Received {
    /// HTTP status; 0 where nothing came back.
    #[serde(default = "ok")]
    pub status: u16,
    /// Response headers.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(flatten)]
    pub body: Body,
}

/// Bytes, given as text or in base64.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Body {
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    body_base64: Option<Base64>,
}

/// Bytes in base64 (RFC 4648 section 4).
#[derive(Clone, Debug)]
struct Base64(Vec<u8>);

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text.as_bytes()).map(Self).map_err(serde::de::Error::custom)
    }
}

/// A case that cannot be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("case `{id}`: {key}: {problem}")]
pub struct EvalError {
    /// The case's id, or where it stands if it has none.
    pub id: String,
    /// The key that is wrong.
    pub key: String,
    /// What is wrong.
    pub problem: String,
}

impl EvalError {
    pub(super) fn new(id: &str, key: &str, problem: &str) -> Self {
        Self { id: id.to_owned(), key: key.to_owned(), problem: problem.to_owned() }
    }
}

impl Case {
    /// Reads one.
    pub fn parse(json: &str) -> Result<Self, EvalError> {
        serde_json::from_str(json).map_err(|problem| EvalError::new("?", "json", &problem.to_string()))
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.now.unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// The page's URL; a page without one is nowhere in particular.
    pub(super) fn page_url(&self) -> Result<Option<Url>, EvalError> {
        let Some(page) = &self.page else { return Ok(None) };
        let text = page.url.as_deref().unwrap_or("https://page.invalid/");
        let url = Url::parse(text).map_err(|problem| EvalError::new(&self.id, "page.url", &problem.to_string()));
        url.map(Some)
    }

    /// The image's URL; one without has the page's address for a base only.
    pub(super) fn image_url(&self) -> Result<Option<Url>, EvalError> {
        let Some(image) = &self.image else { return Ok(None) };
        let text = image.url.as_deref().unwrap_or("https://image.invalid/");
        let url = Url::parse(text).map_err(|problem| EvalError::new(&self.id, "image.url", &problem.to_string()));
        url.map(Some)
    }
}

impl PageCase {
    /// Its markup, read.
    pub(super) fn markup(&self) -> markup::Page {
        match (&self.html, &self.html_base64) {
            (Some(html), _) => markup::Page::parse(html),
            (None, Some(Base64(bytes))) => markup::Page::parse(&String::from_utf8_lossy(bytes)),
            (None, None) => markup::Page::default(),
        }
    }
}

impl ImageCase {
    /// Whether anything came back for it.
    pub(super) fn has_response(&self) -> bool {
        self.status.is_some() || !self.headers.is_empty() || self.body.bytes().is_some()
    }

    /// An element with its words, if it has any.
    pub(super) fn element(&self) -> Option<markup::Image> {
        let alt = self.alt.clone()?;
        Some(markup::Image { alt: Some(alt), ..markup::Image::default() })
    }

    /// The Content-Type header.
    pub(super) fn media_type(&self) -> Option<&str> {
        header(&self.headers, "content-type")
    }
}

impl Body {
    /// The bytes, if there are any.
    pub fn bytes(&self) -> Option<&[u8]> {
        match (&self.body, &self.body_base64) {
            (Some(text), _) => Some(text.as_bytes()),
            (None, Some(Base64(bytes))) => Some(bytes),
            (None, None) => None,
        }
    }
}

/// The first header of that name.
pub(super) fn header<'a>(headers: &'a [(String, String)], wanted: &str) -> Option<&'a str> {
    headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.as_str())
}

fn pinakes() -> String {
    "pinakes".to_owned()
}

fn ok() -> u16 {
    200
}
