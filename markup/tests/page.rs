//! What a page gives, by example, and what hostile pages cannot do.

use markup::{AddressSource, Image, Page, Place};
use std::time::{Duration, Instant};

fn addresses(html: &str) -> Vec<String> {
    Page::parse(html).images.into_iter().map(|image| image.address.map_or(String::new(), |(url, _)| url)).collect()
}

#[test]
fn every_way_to_name_an_image_is_read() {
    for (html, url, source) in [
        ("<img src=a.jpg alt=x>", "a.jpg", AddressSource::Src),
        ("<img src=' a\n.jpg '>", "a .jpg", AddressSource::Src),
        ("<img src=?a=1&copy=2&amp;b>", "?a=1&copy=2&b", AddressSource::Src),
        ("<img src=blank.gif data-src=a.jpg>", "a.jpg", AddressSource::Lazy),
        ("<img src='data:image/gif;base64,R0lG' data-original=a.jpg>", "a.jpg", AddressSource::Lazy),
        ("<img src='DATA:,' srcset='s.jpg 320w, l.jpg 1280w, m.jpg 640w'>", "l.jpg", AddressSource::Srcset),
        ("<img srcset='one,with,commas.jpg, two.jpg 2x'>", "two.jpg", AddressSource::Srcset),
        ("<img data-srcset='s.jpg 1x,l.jpg 3x'>", "l.jpg", AddressSource::Lazy),
        ("<picture><source srcset='p.webp 2x'><img alt=x></picture>", "p.webp", AddressSource::Picture),
        ("<picture><img src=data:,><source media=x><source data-srcset=p></picture>", "p", AddressSource::Picture),
        ("<picture><div><source srcset=p></div><img src=data:,></picture>", "data:,", AddressSource::Src),
        ("<noscript><img src=n.jpg></noscript>", "n.jpg", AddressSource::Src),
        ("<image src=i.jpg>", "i.jpg", AddressSource::Src),
        ("<svg><image href=x /><img src=s.jpg>", "s.jpg", AddressSource::Src),
        ("<img/src=a/b.jpg/>", "a/b.jpg/", AddressSource::Src),
        ("<img src=a.jpg src=b.jpg>", "a.jpg", AddressSource::Src),
        ("<img src = 'a.jpg'alt='x'>", "a.jpg", AddressSource::Src),
        ("<select><option><img src=a.jpg></select>", "a.jpg", AddressSource::Src),
    ] {
        let images = Page::parse(html).images;
        assert_eq!(images.len(), 1, "{html}");
        assert_eq!(images[0].address, Some((url.to_owned(), source)), "{html}");
    }
    assert_eq!(Page::parse("<img alt=nothing>").images[0].address, None);
}

#[test]
fn what_is_no_image_is_not_read() {
    for html in [
        "<script>'<img src=no.jpg>'</script>",
        "<script><!-- <script> </script> <img src=no.jpg>",
        "<!-- <img src=no.jpg> -->",
        "<!-- > <img src=no.jpg> --!>",
        "<template><img src=no.jpg></template>",
        "<textarea><img src=no.jpg></textarea>",
        "<title><img src=no.jpg></title>",
        "<style><img src=no.jpg></style>",
        "<iframe srcdoc='<img src=no.jpg>'><img src=no.jpg></iframe>",
        "<xmp><img src=no.jpg></xmp>",
        "<noframes><img src=no.jpg></noframes>",
        "<plaintext><img src=no.jpg>",
        "<svg><![CDATA[<img src=no.jpg>]]></svg>",
        "<p title='<img src=no.jpg>'>",
        "<img src=no.jpg",
        "<img src='no.jpg>",
        "< img src=no.jpg>",
        "<imgs src=no.jpg>",
        "<frameset><img src=no.jpg></frameset>",
        "</img src=no.jpg>",
    ] {
        assert!(addresses(html).is_empty(), "{html}");
    }
}

#[test]
fn texts_metas_and_licences_are_read() {
    let page = Page::parse(
        "<html lang=pt-BR><base href=/x/><meta name=ROBOTS content='noai, x'><meta property=og:a content=b>\
         <body><figure><a><img src=a.jpg alt=' a \n cat ' title=t aria-label=l></a><figcaption>The <b>cat</b></figcaption></figure>\
         <a rel='nofollow license' href=/l>l</a><meta http-equiv=tdm-reservation content=1><meta charset=x><meta name='' content=y>\
         <link rel=license type=application/rsl+xml href=' /l.xml '><script type='application/LD+json; x'>{\"a\":\"&amp;\"}</script>\
         <html lang=de class=x><template><meta name=a content=b><link rel=license href=no></template>",
    );
    assert_eq!((page.language.as_deref(), page.base.as_deref()), (Some("pt-BR"), Some("/x/")));
    let licenses: Vec<_> = page.licenses.iter().map(|link| (&*link.href, link.media_type.as_deref())).collect();
    assert_eq!(licenses, [("/l", None), ("/l.xml", Some("application/rsl+xml"))]);
    let metas: Vec<_> = page.metas.iter().map(|meta| (&*meta.name, &*meta.content)).collect();
    assert_eq!(metas, [("ROBOTS", "noai, x"), ("og:a", "b"), ("tdm-reservation", "1")]);
    let scripts: Vec<_> = page.scripts.iter().map(|script| (&*script.media_type, &*script.text)).collect();
    assert_eq!(scripts, [("application/ld+json", "{\"a\":\"&amp;\"}")]);
    let image = &page.images[0];
    assert_eq!((image.alt.as_deref(), image.title.as_deref()), (Some("a cat"), Some("t")));
    assert_eq!((image.aria_label.as_deref(), image.caption.as_deref()), (Some("l"), Some("The cat")));
}

#[test]
fn a_caption_is_that_of_its_figure() {
    for (html, caption) in [
        ("<figure><img><figcaption>a</figcaption></figure>", Some("a")),
        ("<figure><figcaption>a <p>b<p>c</figcaption><img></figure>", Some("a b c")),
        ("<figure><img></figure><figcaption>a</figcaption>", None),
        ("<figure><figcaption><svg><title>no</title></svg>a<script>no</script>&amp;</figcaption><img>", Some("a &")),
        ("<figure><figcaption>a</figcaption></figure><img>", None),
        (
            "<figure><img><figure><figcaption>inner</figcaption></figure><figcaption>outer</figcaption></figure>",
            Some("inner"),
        ),
        ("<figure><figcaption> </figcaption><img></figure>", None),
        ("<figure><div><b></div><img></b><figcaption>a</figure>", Some("a")),
    ] {
        assert_eq!(Page::parse(html).images[0].caption.as_deref(), caption, "{html}");
    }
}

fn marks(image: &Image) -> Vec<(&str, &str, &str)> {
    image.marks.iter().map(|mark| (&*mark.element, &*mark.name, &*mark.value)).collect()
}

#[test]
fn marks_are_read_from_the_image_outwards() {
    let page = Page::parse(
        "<body data-noai><div class='a NoAI'><p data-nosnippet=''><img nopin data-noai=false></div><img>\
         <image data-ai=none><p><b data-no-ai>x</p><img></b><table data-ai-training=false><div><img></table>\
         <body data-noai=2 data-pin-nopin=true>",
    );
    let body = [("body", "data-noai", ""), ("body", "data-pin-nopin", "true")];
    let expected: [&[_]; 5] = [
        &[("img", "data-noai", "false"), ("img", "nopin", ""), ("p", "data-nosnippet", ""), ("div", "class", "a NoAI")],
        &[],
        &[("img", "data-ai", "none")],
        // Opened again, as its end tag comes later.
        &[("b", "data-no-ai", "")],
        // What a table refuses stands before it.
        &[],
    ];
    for (image, own) in page.images.iter().zip(expected) {
        assert_eq!(marks(image), [own, &body].concat());
    }
    assert!(Page::parse("<p class='noai2 no-ais' data-noais data-src=noai><img>").images[0].marks.is_empty());
}

#[test]
fn small_print_is_found() {
    for (html, notices) in [
        ("<footer>No <b>AI</b> training<script>x</script></footer>", vec![("footer", "No AI training")]),
        ("<p>x</p><small> a\nb </small>", vec![("small", "a b")]),
        ("<div class=site-Copyright-2>a</div><p id=copyright>b</p>", vec![("div", "a"), ("p", "b")]),
        ("<p>All mine.<br>&copy; 2024 <a>Me</a>. Rights</p>x", vec![("p", "All mine. © 2024 Me . Rights")]),
        ("<div id=footer>a <small>a</small> <p>© b</p></div>", vec![("div", "a a © b")]),
        ("<section role=contentinfo>a</section>", vec![("section", "a")]),
        ("<template><footer>x</footer></template><svg><text>©</text></svg><title>©</title>", vec![]),
        ("<body class=copyright>a", vec![]),
        ("a<p>b</p>?c=1&copy=2 &#xA9;", vec![("body", "a b ?c=1©=2 ©")]),
    ] {
        let page = Page::parse(html);
        let found: Vec<_> = page.notices.iter().map(|notice| (&*notice.element, &*notice.text)).collect();
        assert_eq!(found, notices, "{html}");
    }
}

#[test]
fn small_print_is_bounded_and_the_last_is_kept() {
    let prices: String = (0..1000).map(|price| format!("<small>{price}</small>")).collect();
    let page =
        Page::parse(&format!("<p>{}© me {}</p>{prices}<footer>last</footer>", "a ".repeat(9000), "b ".repeat(9000)));
    assert_eq!(page.notices.len(), 16);
    let (first, last) = (&page.notices[0].text, &page.notices[15].text);
    assert!(first.starts_with("a a ") && first.len() == 4096, "{}", first.len());
    assert_eq!(last, "last");
    let pieces = "<i>a </i>".repeat(9000);
    let page = Page::parse(&format!("<p>{pieces}© me</p>"));
    let text = &page.notices[0].text;
    assert!(text.ends_with("© me") && text.len() < 2100, "{}", text.len());
}

#[test]
fn everything_has_its_place() {
    let html = "\u{feff}<!doctype html>\n<meta name=a>\r\n<p\nnopin>é<img src=b>\n <small>c</small><link rel=license href=d>\n\
                <script type=application/ld+json></script>";
    let page = Page::parse(html);
    let place = |tag: &str| {
        let byte = html.find(tag).unwrap();
        Place { line: u32::try_from(html[..byte].matches('\n').count()).unwrap() + 1, byte }
    };
    assert_eq!(page.metas[0].at, place("<meta"));
    assert_eq!(page.images[0].at, place("<img"));
    assert_eq!(page.images[0].marks[0].at, place("<p"));
    assert_eq!(page.notices[0].at, place("<small"));
    assert_eq!(page.licenses[0].at, place("<link"));
    assert_eq!(page.scripts[0].at, Place { line: 6, byte: html.find("<script").unwrap() });
}

#[test]
fn hostile_pages_end_soon() {
    let images = "<img src=a.jpg alt=x>".repeat(100);
    let megabyte = |piece: &str| piece.repeat((1 << 20) / piece.len());
    let pages = [
        "<div>",
        "<p>",
        "<b>",
        "<b id=1><p>",
        "<a>",
        "<p><b>",
        "<p><b a></p><p><i></p>",
        "<table>",
        "<table><tr><td>",
        "<table><b>",
        "<svg>",
        "<svg><desc>",
        "<math><mi>",
        "<template>",
        "<select><option>",
        "<figure><figcaption>",
        "<small>",
        "<footer>a",
        "<p>©</p>",
        "<div nopin>",
        "<b nopin><div>",
        "</p>",
        "</b>",
        "<b></div>",
        "<li>",
        "<button>",
        "<form>",
        "<object>",
        "<frameset>",
        "<",
        "</",
        "<!",
        "<!--",
        "<!-- -->",
        "<a ",
        "<a b=",
        "<a b='",
        "&",
        "&a",
        "&#",
        "&#9",
        "&NotEqualTilde",
        "<script>",
        "<script><!--<script>",
        "\0",
        "\r",
        "<nobr>",
        "<ruby><rt>",
        "<picture><source srcset=a>",
        "<meta name=a content=b>",
        "<a rel=license href=b>",
    ];
    let bold: String = (0..100).map(|number| format!("<b nopin id={number}>")).collect();
    let formatting = format!("<p>{bold}</p>");
    let spans = "<span>".repeat(500);
    let prefixed =
        [("", pages.as_slice()), (&spans, &["</x>", "<p>a", "<li>", "</p>"]), (&formatting, &["<p>x</p>", "</p><i>"])];
    for (prefix, pieces) in prefixed {
        for piece in pieces {
            let html = format!("{images}{prefix}{}{images}", megabyte(piece));
            let start = Instant::now();
            let page = Page::parse(&html);
            assert!(start.elapsed() < Duration::from_secs(20), "{piece}: {:?}", start.elapsed());
            assert!(page.images.len() >= 100, "{piece}: {}", page.images.len());
            assert!(page.metas.len() <= 10_000 && page.licenses.len() <= 1_000, "{piece}");
        }
    }
}

#[test]
fn what_lies_deep_is_seen() {
    let images = "<img src=a.jpg>".repeat(100);
    let abyss = format!("<div data-noai>{}{images}{}", "<div>".repeat(200_000), "</div>".repeat(200_000));
    let page = Page::parse(&format!("{abyss}<meta name=robots content=noai><img></div><img>"));
    assert_eq!((page.images.len(), page.metas.len()), (102, 1));
    assert!(page.images[..101].iter().all(|image| image.marks.len() == 1));
    assert!(page.images[101].marks.is_empty());
}

#[test]
fn long_values_are_bounded_where_they_are_copied() {
    let long = "x".repeat(1 << 20);
    let images = "<img>".repeat(200_000);
    let page = Page::parse(&format!("<figure data-ai={long}><figcaption>{long}</figcaption>{images}"));
    assert_eq!(page.images.len(), 100_000);
    assert_eq!(page.images[0].caption.as_ref().map(String::len), Some(4096));
    assert_eq!(page.images[99_999].caption.as_ref().map(String::len), Some(256));
    assert!(page.images.iter().all(|image| image.marks[0].value.len() == 1024));
    let script = Page::parse(&format!("<script type=application/ld+json>{long}é{long}</script>"));
    assert_eq!(script.scripts[0].text.len(), 1 << 20);
}
