//! The same reading over html5ever's tree, as slow and plain as can be: what the scanner is held
//! against. It knows no places.

use html5ever::{driver, ns, tendril::TendrilSink, tree_builder::TreeBuilderOpts};
use markup::{AddressSource, Image, LicenseLink, Mark, Meta, MetaAttribute, Notice, Page, Place, Script};
use scraper::{ElementRef, Html, HtmlTreeSink};

/// Attributes under which lazy-loading scripts keep the real address, most used first.
const LAZY_SOURCES: [&str; 6] =
    ["data-src", "data-original", "data-lazy-src", "data-lazy", "data-url", "data-hi-res-src"];
const LAZY_SOURCE_SETS: [&str; 2] = ["data-srcset", "data-lazy-srcset"];

/// Attributes that speak of use.
const MARKS: [&str; 12] = [
    "data-noai",
    "data-noimageai",
    "data-nollm",
    "data-no-ai",
    "data-ai",
    "data-ai-training",
    "data-no-ai-training",
    "data-ai-train",
    "nopin",
    "data-pin-nopin",
    "data-pin-no-hover",
    "data-nosnippet",
];
const MAX_MARKS: usize = 64;

/// Elements whose text is markup or code, not words of the page.
const WORDLESS: [&str; 10] =
    ["script", "style", "xmp", "iframe", "noembed", "noframes", "textarea", "title", "plaintext", "template"];

const MAX_NOTICES: usize = 16;
const MAX_NOTICE_BYTES: usize = 4096;
/// How much of a notice's text before its copyright sign is kept.
const MAX_BYTES_BEFORE_SIGN: usize = 1024;
const MAX_CAPTION_BYTES: usize = 4096;
const MAX_SCRIPT_BYTES: usize = 1 << 20;
const SCRIPT_TYPES: [&str; 2] = ["application/ld+json", "application/rsl+xml"];

/// Reads `html`.
pub(crate) fn parse(html: &str) -> Page {
    let tree_builder = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let options = driver::ParseOpts { tree_builder, ..driver::ParseOpts::default() };
    let tree = driver::parse_document(HtmlTreeSink::new(Html::new_document()), options).one(html);
    let mut page = Page { language: attribute(tree.root_element(), "lang"), ..Page::default() };
    // In order of creation, which is that of the source.
    for element in tree.tree.nodes().filter_map(ElementRef::wrap) {
        if !in_template(element) {
            read(&mut page, element);
        }
    }
    page.notices = notices(&tree);
    page
}

fn read(page: &mut Page, element: ElementRef<'_>) {
    match element.value().name() {
        "base" if page.base.is_none() && is_html(element) => page.base = attribute(element, "href"),
        "meta" if is_html(element) => page.metas.extend(meta(element)),
        "link" | "a" | "area" => page.licenses.extend(license(element)),
        "script" if is_html(element) => page.scripts.extend(script(element)),
        "img" if is_html(element) => page.images.push(image(element)),
        _ => {}
    }
}

fn meta(element: ElementRef<'_>) -> Option<Meta> {
    let content = element.attr("content").unwrap_or_default().to_owned();
    let keys = [
        ("name", MetaAttribute::Name),
        ("property", MetaAttribute::Property),
        ("http-equiv", MetaAttribute::HttpEquiv),
    ];
    keys.into_iter().find_map(|(key, attribute)| {
        let name = element.attr(key).filter(|name| !name.is_empty())?.to_owned();
        Some(Meta { attribute, name, content: content.clone(), at: Place::default() })
    })
}

fn license(element: ElementRef<'_>) -> Option<LicenseLink> {
    let is_license = |word: &str| word.eq_ignore_ascii_case("license");
    element.attr("rel").filter(|rel| rel.split_ascii_whitespace().any(is_license))?;
    let href = element.attr("href").map(str::trim).filter(|href| !href.is_empty())?.to_owned();
    Some(LicenseLink { href, media_type: element.attr("type").map(str::to_owned), at: Place::default() })
}

fn script(element: ElementRef<'_>) -> Option<Script> {
    let media_type = element.attr("type")?.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let mut text: String = SCRIPT_TYPES.contains(&media_type.as_str()).then(|| element.text().collect())?;
    text.truncate(text.floor_char_boundary(MAX_SCRIPT_BYTES));
    Some(Script { media_type, text, at: Place::default() })
}

fn image(element: ElementRef<'_>) -> Image {
    Image {
        address: address(element),
        alt: attribute(element, "alt"),
        title: attribute(element, "title"),
        aria_label: attribute(element, "aria-label"),
        caption: caption(element),
        marks: all_marks(element),
        at: Place::default(),
    }
}

/// Picks one address: a lazy attribute first (then `src` is only a placeholder), `src` next, and
/// the largest candidate of `srcset` or of the picture's sources where there is no usable `src`.
fn address(element: ElementRef<'_>) -> Option<(String, AddressSource)> {
    let lazy = LAZY_SOURCES.iter().find_map(|name| attribute(element, name));
    let lazy = lazy.or_else(|| LAZY_SOURCE_SETS.iter().find_map(|name| largest(element.attr(name)?)));
    if let Some(url) = lazy {
        return Some((url, AddressSource::Lazy));
    }
    let src = attribute(element, "src");
    if let Some(url) = src.as_ref().filter(|url| !is_data(url)) {
        return Some((url.clone(), AddressSource::Src));
    }
    if let Some(url) = element.attr("srcset").and_then(largest) {
        return Some((url, AddressSource::Srcset));
    }
    let picture = ancestors(element).find(|above| is(*above, "picture"));
    let sources = picture.into_iter().flat_map(|picture| picture.child_elements());
    let mut sources = sources.filter(|child| is(*child, "source"));
    let from_picture = sources.find_map(|source| {
        source.attr("srcset").and_then(largest).or_else(|| source.attr("data-srcset").and_then(largest))
    });
    from_picture.map(|url| (url, AddressSource::Picture)).or(src.map(|url| (url, AddressSource::Src)))
}

fn caption(element: ElementRef<'_>) -> Option<String> {
    let figure = ancestors(element).find(|above| is(*above, "figure"))?;
    let caption = figure.descendent_elements().find(|child| is(*child, "figcaption"))?;
    let text = collapsed(&pieces(caption).join(" "))?;
    Some(clipped(text, MAX_CAPTION_BYTES))
}

fn all_marks(element: ElementRef<'_>) -> Vec<Mark> {
    let own_first = std::iter::once(element).chain(ancestors(element));
    own_first.flat_map(marks).take(MAX_MARKS).collect()
}

fn marks(element: ElementRef<'_>) -> Vec<Mark> {
    let speaks = |(name, value): &(&str, &str)| {
        let is_noai = |word: &str| ["noai", "no-ai", "noimageai"].iter().any(|no| word.eq_ignore_ascii_case(no));
        MARKS.contains(name) || *name == "class" && value.split_ascii_whitespace().any(is_noai)
    };
    let mark = |(name, value): (&str, &str)| Mark {
        name: name.to_owned(),
        value: value.to_owned(),
        element: element.value().name().to_ascii_lowercase(),
        at: Place::default(),
    };
    element.value().attrs().filter(speaks).map(mark).collect()
}

/// A piece of small print, and whether it is more than a mere `small`.
struct Candidate<'a> {
    element: ElementRef<'a>,
    strong: bool,
    text: String,
}

/// The last 16: small print stands at the end of a page, and dates and prices in `small` are many.
fn notices(tree: &Html) -> Vec<Notice> {
    let elements = tree.tree.nodes().filter_map(ElementRef::wrap);
    let candidates: Vec<_> = elements.filter_map(candidate).collect();
    let strong = candidates.iter().rev().filter(|candidate| candidate.strong);
    let weak = candidates.iter().rev().filter(|candidate| !candidate.strong);
    let mut chosen: Vec<_> = strong.chain(weak).take(MAX_NOTICES).collect();
    chosen.sort_by_key(|candidate| candidate.element.id());
    let mut notices: Vec<Notice> = Vec::new();
    for candidate in chosen {
        if !notices.iter().any(|earlier| earlier.text.contains(&candidate.text)) {
            let element = candidate.element.value().name().to_owned();
            notices.push(Notice { element, text: candidate.text.clone(), at: Place::default() });
        }
    }
    notices
}

fn candidate(element: ElementRef<'_>) -> Option<Candidate<'_>> {
    if !is_html(element) || ancestors(element).any(is_wordless) {
        return None;
    }
    let is_page = matches!(element.value().name(), "html" | "body");
    let named = !is_page && (is_footer(element) || is_copyright(element));
    let sign = if named { None } else { sign(element) };
    let strong = named || sign.is_some();
    let text = match sign {
        Some(sign) => around(&pieces(element), sign),
        None if named || element.value().name() == "small" => collapsed(&pieces(element).join(" ")),
        None => None,
    };
    Some(Candidate { element, strong, text: clipped(text?, MAX_NOTICE_BYTES) })
}

fn is_footer(element: ElementRef<'_>) -> bool {
    let is_footer = |word: &str| word.eq_ignore_ascii_case("footer");
    let says = |name: &str| element.attr(name).is_some_and(|value| value.split_ascii_whitespace().any(is_footer));
    let role = element.attr("role").is_some_and(|role| role.trim().eq_ignore_ascii_case("contentinfo"));
    is(element, "footer") || role || says("class") || says("id")
}

fn is_copyright(element: ElementRef<'_>) -> bool {
    let holds = |name: &str| element.attr(name).is_some_and(|value| value.to_ascii_lowercase().contains("copyright"));
    holds("class") || holds("id")
}

/// Which of the element's pieces of text is its own and holds the first copyright sign.
fn sign(element: ElementRef<'_>) -> Option<usize> {
    let has_sign = element.children().any(|child| child.value().as_text().is_some_and(|text| text.contains('©')));
    if !has_sign || is_wordless(element) {
        return None;
    }
    owned_pieces(element).iter().position(|(text, own)| *own && text.contains('©'))
}

/// The text from as many whole pieces before the one with the sign as come to no more than 1 KiB.
fn around(pieces: &[&str], sign: usize) -> Option<String> {
    let (mut first, mut bytes) = (sign, 0);
    while first > 0 {
        bytes += collapsed(pieces[first - 1]).map_or(0, |text| text.len());
        if bytes > MAX_BYTES_BEFORE_SIGN {
            break;
        }
        first -= 1;
    }
    collapsed(&pieces[first..].join(" "))
}

fn pieces(element: ElementRef<'_>) -> Vec<&str> {
    owned_pieces(element).into_iter().map(|(text, _)| text).collect()
}

/// The texts below `element` that hold words of the page, and whether they are its children.
fn owned_pieces(element: ElementRef<'_>) -> Vec<(&str, bool)> {
    let mut pieces = Vec::new();
    for node in element.descendants() {
        let Some(text) = node.value().as_text() else { continue };
        let mut above = node.ancestors().filter_map(ElementRef::wrap);
        if !above.any(is_wordless) {
            pieces.push((&**text, node.parent().is_some_and(|parent| parent.id() == element.id())));
        }
    }
    pieces
}

fn is_html(element: ElementRef<'_>) -> bool {
    element.value().name.ns == ns!(html)
}

fn ancestors(element: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    element.ancestors().filter_map(ElementRef::wrap)
}

/// Whether it is HTML's element of that name.
fn is(element: ElementRef<'_>, name: &str) -> bool {
    is_html(element) && element.value().name() == name
}

fn in_template(element: ElementRef<'_>) -> bool {
    ancestors(element).any(|above| is(above, "template"))
}

/// Whether the text inside it is no words of the page.
fn is_wordless(element: ElementRef<'_>) -> bool {
    let name = element.value().name();
    if is_html(element) { WORDLESS.contains(&name) } else { name == "svg" && element.value().name.ns == ns!(svg) }
}

fn attribute(element: ElementRef<'_>, name: &str) -> Option<String> {
    collapsed(element.attr(name)?)
}

/// White space collapsed; `None` where nothing is left.
fn collapsed(text: &str) -> Option<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

fn clipped(mut text: String, bytes: usize) -> String {
    text.truncate(text.floor_char_boundary(bytes));
    text
}

/// The candidate with the largest width or density: the standard's steps, one by one.
fn largest(srcset: &str) -> Option<String> {
    let mut best: Option<(f64, String)> = None;
    for (url, descriptors) in candidates(srcset) {
        let Some(size) = size(&descriptors) else { continue };
        if !is_data(&url) && best.as_ref().is_none_or(|(largest, _)| size > *largest) {
            best = Some((size, url));
        }
    }
    best.map(|(_, url)| url)
}

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

fn size(descriptors: &[String]) -> Option<f64> {
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
        (1, 0, 0 | 1) => Some(widths[0]),
        (0, 1, 0) => Some(densities[0]),
        (0, 0, 0) => Some(1.0),
        _ => None,
    }
}

fn is_data(url: &str) -> bool {
    url.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:"))
}
