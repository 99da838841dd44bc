//! Images named by meta elements: `og:image` with what is said of it (ogp.me, "structured
//! properties" and "arrays"), `twitter:image`.
//!
//! Such an image has no text but that of its own `alt`: `og:title` and `og:description` speak of the
//! page, and a picture chosen for previews (a logo as often as not) does not show what they say.

use super::mentions::Named;
use markup::Meta;
use schema::ImageSource;
use std::borrow::Cow;

/// Most images taken of the metas of one page.
const MOST_IMAGES: usize = 64;

/// The images, in order, Open Graph's first.
pub(super) fn of(metas: &[Meta]) -> impl Iterator<Item = Named<'_>> {
    let mut open_graph = Series::default();
    let mut twitter = Series::default();
    for meta in metas {
        let name = meta.name.trim();
        if let Some(property) = property(name, "og:image") {
            open_graph.take(property, meta);
        } else if let Some(property) = property(name, "twitter:image") {
            twitter.take(property, meta);
        }
    }
    [open_graph, twitter].into_iter().flat_map(Series::images)
}

/// What follows `root` in a name: nothing, or a property of the image.
fn property<'n>(name: &'n str, root: &str) -> Option<&'n str> {
    let (start, rest) = name.split_at_checked(root.len())?;
    let rest = if rest.is_empty() { Some(rest) } else { rest.strip_prefix(':').filter(|name| !name.is_empty()) };
    rest.filter(|_| start.eq_ignore_ascii_case(root))
}

/// Images of one kind, while they are read.
#[derive(Default)]
struct Series<'a> {
    images: Vec<Image<'a>>,
    /// A description before any image.
    early: Option<&'a Meta>,
}

struct Image<'a> {
    address: &'a str,
    /// `url` and `secure_url`, where it has them.
    url: Option<&'a str>,
    secure_url: Option<&'a str>,
    alt: Option<&'a Meta>,
}

impl<'a> Series<'a> {
    fn take(&mut self, property: &str, meta: &'a Meta) {
        let content = meta.content.trim();
        let is = |name: &str| property.eq_ignore_ascii_case(name);
        if content.is_empty() {
            return;
        }
        // `og:image:url` is the same as `og:image`, and `secure_url` another address of it. Some pages
        // have these alone, where each that comes again begins another image.
        match self.images.last_mut() {
            Some(image) if (is("url") || is("src")) && image.url.is_none() => image.url = Some(content),
            Some(image) if is("secure_url") && image.secure_url.is_none() => image.secure_url = Some(content),
            Some(image) if is("alt") => image.alt = image.alt.or(Some(meta)),
            None if is("alt") => self.early = self.early.or(Some(meta)),
            _ if property.is_empty() => self.begin(content, None, None),
            _ if is("url") || is("src") => self.begin(content, Some(content), None),
            _ if is("secure_url") => self.begin(content, None, Some(content)),
            _ => {}
        }
    }

    fn begin(&mut self, address: &'a str, url: Option<&'a str>, secure_url: Option<&'a str>) {
        if self.images.len() < MOST_IMAGES {
            self.images.push(Image { address, url, secure_url, alt: None });
        }
    }

    fn images(self) -> impl Iterator<Item = Named<'a>> {
        let Self { mut images, early } = self;
        if let [only] = &mut images[..] {
            only.alt = only.alt.or(early);
        }
        images.into_iter().map(|image| Named {
            source: ImageSource::Meta,
            address: Cow::Borrowed(image.address),
            others: image.url.into_iter().chain(image.secure_url).map(Cow::Borrowed).collect(),
            meta: image.alt,
            json_ld: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(head: &str) -> Vec<(String, Vec<String>, Option<String>)> {
        let page = markup::Page::parse(head);
        let owned = |named: Named<'_>| {
            let others = named.others.iter().map(ToString::to_string).collect();
            (named.address.into_owned(), others, named.meta.map(|meta| meta.content.clone()))
        };
        of(&page.metas).map(owned).collect()
    }

    fn meta(name: &str, content: &str) -> String {
        format!("<meta property=\"{name}\" content=\"{content}\">")
    }

    /// Pairs of names (after `og:image`) and contents; what is read of them.
    #[test]
    fn structured_properties_belong_to_the_image_before_them() {
        type Expected<'a> = &'a [(&'a str, &'a [&'a str], Option<&'a str>)];
        let cases: &[(&[(&str, &str)], Expected<'_>)] = &[
            (&[], &[]),
            (&[("", "a.jpg")], &[("a.jpg", &[], None)]),
            (&[("", " a.jpg "), (":alt", "A cat")], &[("a.jpg", &[], Some("A cat"))]),
            // ogp.me, "arrays": the second image has no width, the third a height.
            (
                &[
                    ("", "1"),
                    (":width", "300"),
                    (":alt", "one"),
                    ("", "2"),
                    ("", "3"),
                    (":height", "9"),
                    (":alt", "three"),
                ],
                &[("1", &[], Some("one")), ("2", &[], None), ("3", &[], Some("three"))],
            ),
            (&[("", "a"), (":url", "b"), (":secure_url", "c")], &[("a", &["b", "c"], None)]),
            (&[(":url", "a"), (":alt", "x"), (":url", "b")], &[("a", &["a"], Some("x")), ("b", &["b"], None)]),
            (&[(":secure_url", "a"), (":url", "b")], &[("a", &["b", "a"], None)]),
            (&[("", "a"), (":alt", "x"), (":alt", "y")], &[("a", &[], Some("x"))]),
            (&[("", ""), (":alt", " "), ("", "a")], &[("a", &[], None)]),
            // A description ahead of its image is believed where there is no doubt which it means.
            (&[(":alt", "x"), ("", "a")], &[("a", &[], Some("x"))]),
            (&[(":alt", "x"), ("", "a"), ("", "b")], &[("a", &[], None), ("b", &[], None)]),
            (&[(":alt", "x")], &[]),
            (&[("s", "a"), (":type", "image/png"), (":", "c"), ("1", "d")], &[]),
        ];
        for (metas, expected) in cases {
            let head: String = metas.iter().map(|(name, content)| meta(&format!("og:image{name}"), content)).collect();
            let expected: Vec<_> = expected
                .iter()
                .map(|(address, others, alt)| {
                    (address.to_string(), others.iter().map(ToString::to_string).collect(), alt.map(str::to_owned))
                })
                .collect();
            assert_eq!(read(&head), expected, "{head}");
        }
    }

    #[test]
    fn open_graph_comes_before_twitter_and_no_title_describes_an_image() {
        let head = [
            "<meta name=Twitter:Image:SRC content=t.jpg><meta name=twitter:image:alt content='A tit'>".to_owned(),
            meta("og:title", "All about birds"),
            meta("OG:Image", "o.jpg"),
        ];
        let expected =
            [("o.jpg".to_owned(), vec![], None), ("t.jpg".into(), vec!["t.jpg".into()], Some("A tit".into()))];
        assert_eq!(read(&head.concat()), expected);
    }

    #[test]
    fn a_page_without_end_is_bounded() {
        assert_eq!(read(&meta("og:image", "a").repeat(1000)).len(), MOST_IMAGES);
    }
}
