//! Which files a rule of an ai.txt covers: by path without query, by file extension whatever its
//! case, and by media type where the URL has no extension that tells.

use crate::robots::{self, NormalPath};
use std::borrow::Cow;
use url::Url;

/// Extensions of the media types that pictures come in. The first column is what servers send.
const TYPES: [(&str, &[&str]); 11] = [
    ("image/jpeg", &["jpg", "jpeg"]),
    ("image/png", &["png"]),
    ("image/gif", &["gif"]),
    ("image/webp", &["webp"]),
    ("image/avif", &["avif"]),
    ("image/svg+xml", &["svg"]),
    ("image/tiff", &["tif", "tiff"]),
    ("image/bmp", &["bmp"]),
    ("image/heic", &["heic"]),
    ("image/heif", &["heif"]),
    ("image/jxl", &["jxl"]),
];

/// Longest extension looked for.
const MAX_EXTENSION: usize = 5;

/// The value of a rule.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    pattern: robots::Pattern,
    /// How specific it is: octets as written.
    octets: usize,
}

impl Pattern {
    /// Compiles a value; `None` if it is empty and so covers nothing.
    ///
    /// `*.jpg` means that the path ends so, where robots.txt would also take `/a.jpg.html`.
    pub(super) fn read(value: &str) -> Option<Self> {
        let octets = value.len();
        let value = covering(value)?;
        let (body, anchored) = value.strip_suffix('$').map_or((&*value, false), |body| (body, true));
        let (stem, extension) = body.split_at(body.len() - extension_of(body).map_or(0, str::len));
        let anchored = anchored || (stem.ends_with("*.") && !extension.is_empty());
        let text = format!("{stem}{}{}", extension.to_ascii_lowercase(), if anchored { "$" } else { "" });
        Some(Self { pattern: robots::Pattern::new(text.as_bytes()), octets })
    }

    pub(super) fn octets(&self) -> usize {
        self.octets
    }

    pub(super) fn matches(&self, form: &NormalPath) -> bool {
        self.pattern.matches(form)
    }
}

/// `.jpg`, `jpg` and `image/jpeg` mean `*.jpg`; `image/*` every picture; `art/` means `/art/`.
fn covering(value: &str) -> Option<Cow<'_, str>> {
    if value.is_empty() || value.starts_with(['/', '*']) {
        return Some(Cow::Borrowed(value)).filter(|value| !value.is_empty());
    }
    let lower = value.to_ascii_lowercase();
    if lower == "image" || lower == "image/*" || lower == "images" {
        return Some(Cow::Borrowed("*"));
    }
    let of_type = TYPES.iter().find(|(mime, _)| *mime == lower).map(|(_, extensions)| extensions[0]);
    let bare = lower.strip_prefix('.').unwrap_or(&lower);
    let extension = of_type.or_else(|| extensions().find(|known| *known == bare));
    Some(Cow::Owned(extension.map_or_else(|| format!("/{value}"), |extension| format!("*.{extension}"))))
}

/// The forms in which a URL is compared.
pub(super) struct Paths {
    plain: NormalPath,
    /// As if it ended in an extension of its media type.
    typed: Vec<NormalPath>,
}

impl Paths {
    pub(super) fn of(media: &Url, mime: Option<&str>) -> Self {
        let path = media.path();
        let own = extension_of(path);
        let form = |path: &str| {
            let mut url = media.clone();
            url.set_query(None);
            url.set_path(path);
            NormalPath::of(&url)
        };
        let stem = &path[..path.len() - own.map_or(0, str::len)];
        let plain = form(&format!("{stem}{}", own.unwrap_or_default().to_ascii_lowercase()));
        // `/image.php` and `/photo` tell nothing of what comes back.
        let tells = own.is_some_and(|own| extensions().any(|known| own.eq_ignore_ascii_case(known)));
        let added = if tells { &[][..] } else { extensions_of(mime) };
        Self { plain, typed: added.iter().map(|extension| form(&format!("{path}.{extension}"))).collect() }
    }

    pub(super) fn forms(&self) -> impl Iterator<Item = &NormalPath> {
        std::iter::once(&self.plain).chain(&self.typed)
    }
}

/// What stands after the last dot of the last segment, if it looks like an extension.
fn extension_of(path: &str) -> Option<&str> {
    let (_, extension) = path.rsplit_once('/').map_or(path, |(_, name)| name).rsplit_once('.')?;
    let fits = (1..=MAX_EXTENSION).contains(&extension.len());
    (fits && extension.bytes().all(|octet| octet.is_ascii_alphanumeric())).then_some(extension)
}

fn extensions_of(mime: Option<&str>) -> &'static [&'static str] {
    let essence = mime.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    TYPES.iter().find(|(known, _)| essence.eq_ignore_ascii_case(known)).map_or(&[], |(_, extensions)| extensions)
}

fn extensions() -> impl Iterator<Item = &'static str> {
    TYPES.iter().flat_map(|(_, extensions)| extensions.iter().copied())
}
