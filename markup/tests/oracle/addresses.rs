//! The addresses of an image: all of them first, then the choice.

use super::{ancestors, attribute, is};
use markup::{AddressSource, ElementKind};
use scraper::ElementRef;

/// Attributes under which lazy-loading scripts keep the real address, most used first.
const LAZY_SOURCES: [&str; 14] = [
    "data-src",
    "data-lazy-src",
    "data-original",
    "data-lazy",
    "data-img-url",
    "data-lsrc",
    "data-cfsrc",
    "data-ezsrc",
    "data-hi-res-src",
    "data-pagespeed-lazy-src",
    "data-original-src",
    "data-img-src",
    "data-actualsrc",
    "data-poster",
];
const VAGUE_SOURCES: [&str; 3] = ["data-image", "data-bg", "data-url"];
const LAZY_SOURCE_SETS: [&str; 3] = ["data-srcset", "data-lazy-srcset", "data-ezsrcset"];
const LARGER: [&str; 8] = [
    "data-orig-file",
    "data-large-file",
    "data-large_image",
    "data-full-src",
    "data-full-url",
    "data-zoom-image",
    "data-retina",
    "data-pin-media",
];
const READABLE: [&str; 5] = ["image/jpeg", "image/jpg", "image/png", "image/webp", "image/gif"];
const ENDINGS: [&str; 6] = [".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif"];

/// An address to choose from: readable, lazy, has a width, size.
struct Choice {
    url: String,
    rank: (bool, bool, bool, f64),
    source: AddressSource,
}

/// The address chosen, and the others.
pub(super) fn of(element: ElementRef<'_>, kind: ElementKind) -> (Option<(String, AddressSource)>, Vec<String>) {
    let src = attribute(element, if kind == ElementKind::Video { "poster" } else { "src" });
    let mut choices = Vec::new();
    if kind == ElementKind::Img {
        choices.extend(of_picture(element));
    }
    for name in LAZY_SOURCE_SETS {
        choices.extend(set(element, name, true, true, AddressSource::Lazy));
    }
    let plain = |url, lazy, source| Choice { url, rank: (true, lazy, false, 1.0), source };
    let lazy = LAZY_SOURCES.iter().filter_map(|name| attribute(element, name));
    let vague = VAGUE_SOURCES.iter().filter_map(|name| attribute(element, name)).filter(|url| is_file(url));
    let lazy = lazy.chain(vague).filter(|url| is_address(url));
    choices.extend(lazy.map(|url| plain(url, true, AddressSource::Lazy)));
    if matches!(kind, ElementKind::Img | ElementKind::AmpImg) {
        choices.extend(set(element, "srcset", true, false, AddressSource::Srcset));
    }
    choices.extend(src.clone().map(|url| plain(url, false, AddressSource::Src)));
    choices.retain(|choice| is_usable(&choice.url));

    let mut best: Option<&Choice> = None;
    for choice in &choices {
        if best.is_none_or(|best| choice.rank > best.rank) {
            best = Some(choice);
        }
    }
    let chosen = best.map(|best| (best.url.clone(), best.source));
    let mut others = Vec::new();
    for url in larger(element).into_iter().chain(choices.iter().map(|choice| choice.url.clone())) {
        let is_chosen = chosen.as_ref().is_some_and(|(chosen, _)| *chosen == url);
        if !is_chosen && is_usable(&url) && !others.contains(&url) && others.len() < 16 {
            others.push(url);
        }
    }
    (chosen.or(src.map(|url| (url, AddressSource::Src))), others)
}

fn of_picture(element: ElementRef<'_>) -> Vec<Choice> {
    let Some(picture) = ancestors(element).find(|above| is(*above, "picture")) else { return Vec::new() };
    let mut choices = Vec::new();
    for source in picture.child_elements().filter(|child| is(*child, "source")) {
        let media_type = attribute(source, "type").map(|value| value.to_ascii_lowercase());
        let readable = media_type.is_none_or(|value| READABLE.contains(&&*value));
        for name in LAZY_SOURCE_SETS {
            choices.extend(set(source, name, readable, true, AddressSource::Picture));
        }
        choices.extend(set(source, "srcset", readable, false, AddressSource::Picture));
    }
    choices
}

fn set(element: ElementRef<'_>, name: &str, readable: bool, lazy: bool, source: AddressSource) -> Vec<Choice> {
    let candidates = element.attr(name).map(candidates).unwrap_or_default();
    let choice = |(url, descriptors): (String, Vec<String>)| {
        let (width, size) = size(&descriptors)?;
        Some(Choice { url, rank: (readable, lazy, width, size), source })
    };
    candidates.into_iter().filter_map(choice).collect()
}

/// The addresses of larger versions.
fn larger(element: ElementRef<'_>) -> Vec<String> {
    let mut larger: Vec<String> = LARGER.iter().filter_map(|name| attribute(element, name)).collect();
    larger.retain(|url| is_address(url));
    let link = ancestors(element).find(|above| is(*above, "a")).and_then(|link| attribute(link, "href"));
    larger.extend(link.filter(|url| is_file(url)));
    larger
}

fn is_usable(url: &str) -> bool {
    !url.is_empty() && url.len() <= 4096 && !is_data(url)
}

fn is_address(value: &str) -> bool {
    value.contains(['/', '.']) && !value.starts_with(['{', '[', '<', '\\', '"'])
}

fn is_file(url: &str) -> bool {
    let path = &url[..url.find(['?', '#']).unwrap_or(url.len())];
    let name = &path[path.rfind('/').map_or(0, |slash| slash + 1)..];
    let is_wiki = name.contains(':') || name.contains("%3A");
    ENDINGS.iter().any(|ending| name.to_ascii_lowercase().ends_with(ending)) && !is_wiki
}

/// The standard's steps, one by one.
fn candidates(srcset: &str) -> Vec<(String, Vec<String>)> {
    let letters: Vec<char> = srcset.chars().collect();
    let (mut at, mut candidates) = (0, Vec::new());
    loop {
        while at < letters.len() && (letters[at].is_ascii_whitespace() || letters[at] == ',') {
            at += 1;
        }
        if at == letters.len() {
            return candidates;
        }
        let mut url = String::new();
        while at < letters.len() && !letters[at].is_ascii_whitespace() {
            url.push(letters[at]);
            at += 1;
        }
        if url.ends_with(',') {
            candidates.push((url.trim_end_matches(',').to_owned(), Vec::new()));
            continue;
        }
        let (mut descriptors, mut word, mut inside) = (Vec::new(), String::new(), false);
        while at < letters.len() && (inside || letters[at] != ',') {
            let letter = letters[at];
            at += 1;
            inside = if inside { letter != ')' } else { letter == '(' };
            if !inside && letter.is_ascii_whitespace() {
                descriptors.push(std::mem::take(&mut word));
            } else {
                word.push(letter);
            }
        }
        descriptors.push(word);
        descriptors.retain(|word| !word.is_empty());
        candidates.push((url, descriptors));
    }
}

fn size(descriptors: &[String]) -> Option<(bool, f64)> {
    let (mut widths, mut densities, mut heights) = (Vec::new(), Vec::new(), Vec::new());
    for descriptor in descriptors {
        let number = &descriptor[..descriptor.len() - descriptor.chars().last()?.len_utf8()];
        let digits = !number.is_empty() && number.chars().all(|letter| letter.is_ascii_digit());
        let float = number.trim_start_matches('-').starts_with(|letter: char| letter.is_ascii_digit() || letter == '.')
            && number.ends_with(|letter: char| letter.is_ascii_digit());
        let value: Option<f64> = number.replace(".e", "!").replace(".E", "!").parse().ok();
        match descriptor.chars().last()? {
            'w' if digits => widths.push(value.filter(|value| *value > 0.0)?),
            'h' if digits => heights.push(value.filter(|value| *value > 0.0)?),
            'x' if float => densities.push(value.filter(|value| *value >= 0.0)?),
            _ => return None,
        }
    }
    match (widths.len(), densities.len(), heights.len()) {
        (1, 0, 0 | 1) => Some((true, widths[0])),
        (0, 1, 0) => Some((false, densities[0])),
        (0, 0, 0) => Some((false, 1.0)),
        _ => None,
    }
}

fn is_data(url: &str) -> bool {
    url.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:"))
}
