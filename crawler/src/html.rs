//! What a page's HTML says that we need: its images with their texts, its metas, base, language
//! and licence. Read with html5ever through `scraper`, scripting off, so that the images inside
//! `noscript` (the fallbacks of lazy loading, often with the best texts) are seen.

use consent::{Meta, MetaAttribute};
use html5ever::{driver, tendril::TendrilSink, tree_builder::TreeBuilderOpts};
use schema::ImageSource;
use scraper::{ElementRef, Html, HtmlTreeSink};

/// Attributes under which lazy-loading scripts keep the real address, most used first.
const LAZY_SOURCES: [&str; 6] =
    ["data-src", "data-original", "data-lazy-src", "data-lazy", "data-url", "data-hi-res-src"];
const LAZY_SOURCE_SETS: [&str; 2] = ["data-srcset", "data-lazy-srcset"];

/// How far up from an image its figure, picture or template is looked for.
const MAX_ANCESTORS: usize = 64;

/// Deeper pages are read up to here. Browsers stop nesting at 512; html5ever looks through all open
/// elements at every tag, so that a megabyte of `<div>` would take it many minutes.
const MAX_DEPTH: usize = 1000;

/// Elements that close by themselves, or never hold anything: unclosed ones do not nest.
const SHALLOW: [&[u8]; 30] = [
    b"p",
    b"li",
    b"td",
    b"tr",
    b"th",
    b"dt",
    b"dd",
    b"option",
    b"optgroup",
    b"tbody",
    b"thead",
    b"tfoot",
    b"colgroup",
    b"rt",
    b"rp",
    b"br",
    b"hr",
    b"img",
    b"input",
    b"meta",
    b"link",
    b"base",
    b"area",
    b"col",
    b"embed",
    b"source",
    b"track",
    b"wbr",
    b"param",
    b"frame",
];

/// A page, read.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// `href` of the first `base` that has one.
    pub(crate) base: Option<String>,
    /// `lang` of the root element.
    pub(crate) language: Option<String>,
    /// `href` of the first link with `rel=license`.
    pub(crate) license: Option<String>,
    /// Every meta with a name, property or http-equiv, in order.
    pub(crate) metas: Vec<Meta>,
    /// Every `img`, in order.
    pub(crate) images: Vec<Image>,
}

/// An `img` element.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Image {
    /// The address chosen, as written, and where it stood; `None` where there is none.
    pub(crate) address: Option<(String, ImageSource)>,
    /// `alt`, white space collapsed; `None` where empty.
    pub(crate) alt: Option<String>,
    /// `title`, likewise.
    pub(crate) title: Option<String>,
    /// Text of the enclosing figure's `figcaption`, likewise.
    pub(crate) caption: Option<String>,
}

impl Page {
    /// Reads `html`. Any input makes a page, if an empty one.
    pub(crate) fn parse(html: &str) -> Self {
        let tree_builder = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
        let options = driver::ParseOpts { tree_builder, ..driver::ParseOpts::default() };
        let html = &html[..depth_limit(html)];
        let tree = driver::parse_document(HtmlTreeSink::new(Html::new_document()), options).one(html);
        let mut page = Self::default();
        for element in tree.tree.nodes().filter_map(ElementRef::wrap) {
            page.read(element);
        }
        page
    }

    fn read(&mut self, element: ElementRef<'_>) {
        match element.value().name() {
            "html" if self.language.is_none() => self.language = attribute(element, "lang"),
            "base" if self.base.is_none() => self.base = attribute(element, "href"),
            "meta" if !in_template(element) => self.metas.extend(meta(element)),
            "link" | "a" if self.license.is_none() && is_license(element) => self.license = attribute(element, "href"),
            "img" if !in_template(element) => self.images.push(image(element)),
            _ => {}
        }
    }
}

/// Where `html` nests too deep, by a rough count of tags; its length if nowhere.
fn depth_limit(html: &str) -> usize {
    let bytes = html.as_bytes();
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(found) = bytes[at..].iter().position(|byte| *byte == b'<') {
        let tag = at + found;
        at = tag + 1;
        let closing = bytes.get(at) == Some(&b'/');
        let name = &bytes[at + usize::from(closing)..];
        let name = &name[..name.iter().take(12).position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(0)];
        if name.is_empty() || SHALLOW.iter().any(|shallow| name.eq_ignore_ascii_case(shallow)) {
            continue;
        }
        depth = if closing { depth.saturating_sub(1) } else { depth + 1 };
        if depth > MAX_DEPTH {
            return tag;
        }
    }
    html.len()
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
        Some(Meta { attribute, name, content: content.clone(), line: None })
    })
}

fn image(element: ElementRef<'_>) -> Image {
    Image {
        address: address(element),
        alt: attribute(element, "alt"),
        title: attribute(element, "title"),
        caption: caption(element),
    }
}

/// Picks one address: a lazy attribute first (then `src` is only a placeholder), `src` next, and
/// the largest candidate of `srcset` or of the picture's sources where there is no usable `src`.
fn address(element: ElementRef<'_>) -> Option<(String, ImageSource)> {
    let lazy = LAZY_SOURCES.iter().find_map(|name| attribute(element, name));
    let lazy = lazy.or_else(|| LAZY_SOURCE_SETS.iter().find_map(|name| largest(element.attr(name)?)));
    if let Some(url) = lazy {
        return Some((url, ImageSource::Lazy));
    }
    let src = attribute(element, "src");
    if let Some(url) = src.as_ref().filter(|url| !is_data(url)) {
        return Some((url.clone(), ImageSource::Src));
    }
    if let Some(url) = element.attr("srcset").and_then(largest) {
        return Some((url, ImageSource::Srcset));
    }
    let picture = ancestor(element, "picture");
    let sources = picture.into_iter().flat_map(|picture| picture.child_elements());
    let mut sources = sources.filter(|child| child.value().name() == "source");
    let from_picture = sources.find_map(|source| {
        source.attr("srcset").and_then(largest).or_else(|| source.attr("data-srcset").and_then(largest))
    });
    from_picture.map(|url| (url, ImageSource::Picture)).or(src.map(|url| (url, ImageSource::Src)))
}

/// The candidate of a `srcset` with the largest width or density. The grammar is that of the
/// HTML standard, section 4.8.4.2.1: addresses may hold commas inside, not at their ends.
fn largest(srcset: &str) -> Option<String> {
    let mut best: Option<(f64, &str)> = None;
    let mut rest = srcset;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        if rest.is_empty() {
            return best.map(|(_, url)| url.to_owned());
        }
        let end = rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let url = word.trim_end_matches(',');
        let descriptor = if url.len() < word.len() {
            rest = after;
            ""
        } else {
            let end = after.find(',').unwrap_or(after.len());
            rest = &after[end..];
            after[..end].trim()
        };
        let size = descriptor.strip_suffix(['w', 'x']).and_then(|number| number.trim().parse().ok()).unwrap_or(1.0);
        if !is_data(url) && best.is_none_or(|(largest, _)| size > largest) {
            best = Some((size, url));
        }
    }
}

fn caption(element: ElementRef<'_>) -> Option<String> {
    let figure = ancestor(element, "figure")?;
    let caption = figure.descendent_elements().find(|child| child.value().name() == "figcaption")?;
    collapsed(&caption.text().collect::<Vec<_>>().join(" "))
}

fn ancestor<'a>(element: ElementRef<'a>, name: &str) -> Option<ElementRef<'a>> {
    let ancestors = element.ancestors().take(MAX_ANCESTORS).filter_map(ElementRef::wrap);
    ancestors.into_iter().find(|above| above.value().name() == name)
}

/// Content of a `template` is not on the page.
fn in_template(element: ElementRef<'_>) -> bool {
    ancestor(element, "template").is_some()
}

fn is_license(element: ElementRef<'_>) -> bool {
    element.attr("rel").is_some_and(|rel| rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("license")))
}

fn is_data(url: &str) -> bool {
    url.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:"))
}

fn attribute(element: ElementRef<'_>, name: &str) -> Option<String> {
    collapsed(element.attr(name)?)
}

/// White space collapsed; `None` where nothing is left.
fn collapsed(text: &str) -> Option<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(html: &str) -> Vec<String> {
        Page::parse(html).images.into_iter().map(|image| image.address.map_or(String::new(), |(url, _)| url)).collect()
    }

    #[test]
    fn every_way_to_name_an_image_is_read() {
        for (html, url) in [
            ("<img src=a.jpg alt=x>", "a.jpg"),
            ("<img src=blank.gif data-src=a.jpg>", "a.jpg"),
            ("<img src='data:image/gif;base64,R0lG' data-original=a.jpg>", "a.jpg"),
            ("<img src='data:image/gif;base64,R0lG' srcset='s.jpg 320w, l.jpg 1280w, m.jpg 640w'>", "l.jpg"),
            ("<img srcset='one,with,commas.jpg, two.jpg 2x'>", "two.jpg"),
            ("<img data-srcset='s.jpg 1x,l.jpg 3x'>", "l.jpg"),
            ("<picture><source srcset='p.webp 2x'><img alt=x></picture>", "p.webp"),
            ("<noscript><img src=n.jpg></noscript>", "n.jpg"),
            ("<img alt=nothing>", ""),
            ("<img src='data:image/gif;base64,R0lG'>", "data:image/gif;base64,R0lG"),
        ] {
            assert_eq!(addresses(html), [url], "{html}");
        }
        assert!(addresses("<script>'<img src=no.jpg>'</script><!-- <img src=no.jpg> -->").is_empty());
        assert!(addresses("<template><img src=no.jpg></template><textarea><img src=no.jpg></textarea>").is_empty());
    }

    #[test]
    fn texts_metas_and_licence_are_read() {
        let page = Page::parse(
            "<html lang=pt-BR><base href=/x/><meta name=ROBOTS content='noai, x'><meta property=og:a content=b>\
             <body><figure><a><img src=a.jpg alt=' a \n cat ' title=t></a><figcaption>The <b>cat</b></figcaption></figure>\
             <a rel='nofollow license' href=/l>l</a><meta http-equiv=tdm-reservation content=1>",
        );
        assert_eq!(page.language.as_deref(), Some("pt-BR"));
        assert_eq!((page.base.as_deref(), page.license.as_deref()), (Some("/x/"), Some("/l")));
        let metas: Vec<_> = page.metas.iter().map(|meta| (meta.name.as_str(), meta.content.as_str())).collect();
        assert_eq!(metas, [("ROBOTS", "noai, x"), ("og:a", "b"), ("tdm-reservation", "1")]);
        let image = &page.images[0];
        assert_eq!(image.alt.as_deref(), Some("a cat"));
        assert_eq!((image.title.as_deref(), image.caption.as_deref()), (Some("t"), Some("The cat")));
    }

    #[test]
    fn hostile_nesting_ends() {
        let images = "<img src=a.jpg alt=x>".repeat(100);
        let deep = format!("{}{images}", "<div>".repeat(900));
        assert_eq!(Page::parse(&deep).images.len(), 100);
        // What lies too deep is not seen, and costs nothing.
        let abyss = format!("{images}{}{images}", "<div>".repeat(200_000));
        assert_eq!(Page::parse(&abyss).images.len(), 100);
        let unclosed = format!("{}{images}", "<p><li><br>".repeat(5_000));
        assert_eq!(Page::parse(&unclosed).images.len(), 100);
    }
}
