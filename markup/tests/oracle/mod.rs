//! The same reading over html5ever's tree, as slow and plain as can be: what the scanner is held
//! against. It knows no places.

mod addresses;
mod around;

use html5ever::{driver, ns, tendril::TendrilSink, tree_builder::TreeBuilderOpts};
use markup::{ElementKind, Image, LicenseLink, Mark, Meta, MetaAttribute, Notice, Page, Place, Script};
use scraper::{ElementRef, Html, HtmlTreeSink};

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
    let tree = tree(html);
    let mut page = Page { language: attribute(tree.root_element(), "lang"), ..Page::default() };
    let surroundings = around::Surroundings::of(&tree);
    // In order of creation, which is that of the source.
    for element in tree.tree.nodes().filter_map(ElementRef::wrap) {
        if !in_template(element) {
            read(&mut page, element, &surroundings);
        }
    }
    page.notices = notices(&tree);
    page
}

fn tree(html: &str) -> Html {
    let tree_builder = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let options = driver::ParseOpts { tree_builder, ..driver::ParseOpts::default() };
    driver::parse_document(HtmlTreeSink::new(Html::new_document()), options).one(html)
}

/// Whether an image, whose tag begins at `at`, stands elsewhere in the end than where it was put.
#[allow(dead_code, reason = "only soup is asked for it")]
pub(crate) fn is_moved(html: &str, number: usize, at: usize) -> bool {
    let mut ends = html[at..].match_indices('>').map(|(end, _)| &html[..=at + end]);
    let first = ends.find_map(|start| above_image(start, number));
    first != above_image(html, number)
}

/// The elements around an image inside the body, as they are written.
fn above_image(html: &str, number: usize) -> Option<Vec<String>> {
    let tree = tree(html);
    let images = tree.tree.nodes().filter_map(ElementRef::wrap).filter(|element| kind(*element).is_some());
    let image = images.filter(|element| !in_template(*element)).nth(number)?;
    let above = ancestors(image).take_while(|above| !is(*above, "body"));
    Some(above.map(|above| format!("{:?}", above.value())).collect())
}

fn read(page: &mut Page, element: ElementRef<'_>, surroundings: &around::Surroundings<'_>) {
    if let Some(kind) = kind(element) {
        page.images.push(image(element, kind, surroundings));
    }
    match element.value().name() {
        "base" if page.base.is_none() && is_html(element) => page.base = attribute(element, "href"),
        "meta" if is_html(element) => page.metas.extend(meta(element)),
        "link" | "a" | "area" => page.licenses.extend(license(element)),
        "script" if is_html(element) => page.scripts.extend(script(element)),
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

fn kind(element: ElementRef<'_>) -> Option<ElementKind> {
    let is_image = |value: &str| value.eq_ignore_ascii_case("image");
    match element.value().name() {
        _ if !is_html(element) => None,
        "img" => Some(ElementKind::Img),
        "amp-img" => Some(ElementKind::AmpImg),
        "video" if ["poster", "data-poster"].iter().any(|name| element.attr(name).is_some()) => {
            Some(ElementKind::Video)
        }
        "input" if element.attr("type").is_some_and(is_image) => Some(ElementKind::Input),
        _ => None,
    }
}

fn image(element: ElementRef<'_>, kind: ElementKind, surroundings: &around::Surroundings<'_>) -> Image {
    let (address, others) = addresses::of(element, kind);
    let [alt, title, aria_label] = ["alt", "title", "aria-label"].map(|name| attribute(element, name));
    let caption = caption(element);
    let has_text = [&alt, &title, &aria_label, &caption].iter().any(|text| text.is_some());
    Image {
        element: kind,
        address,
        others,
        alt,
        title,
        aria_label,
        caption,
        around: if has_text { None } else { surroundings.words(element) },
        marks: all_marks(element),
        at: Place::default(),
    }
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
