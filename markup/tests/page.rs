//! What a page gives, by example, and what hostile pages cannot do.

use markup::{AddressSource, ElementKind, Image, Page, Place};
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
        ("<img data-src=a.jpg data-srcset='s.jpg 320w, l.jpg 1280w'>", "l.jpg", AddressSource::Lazy),
        ("<img data-src=a.jpg data-srcset='s.jpg .5x'>", "a.jpg", AddressSource::Lazy),
        // The largest of the source set, in which `src` is a candidate too.
        ("<img src=a.jpg srcset='b.jpg 2x'>", "b.jpg", AddressSource::Srcset),
        ("<img src=a.jpg srcset='b.jpg 1x'>", "b.jpg", AddressSource::Srcset),
        ("<img src=a.jpg srcset='b.jpg 0.5x'>", "a.jpg", AddressSource::Src),
        ("<img src=a.jpg srcset='b.jpg 10w' sizes=100vw>", "b.jpg", AddressSource::Srcset),
        ("<img src=a.jpg srcset='b.jpg 10w, c.jpg 9x'>", "b.jpg", AddressSource::Srcset),
        ("<img src=a.jpg srcset='data:,x 10w, b.jpg 0w'>", "a.jpg", AddressSource::Src),
        ("<picture><source srcset='p.webp 2x'><img alt=x></picture>", "p.webp", AddressSource::Picture),
        ("<picture><source srcset=p.jpg><img src=a.jpg></picture>", "p.jpg", AddressSource::Picture),
        ("<picture><source srcset=p.jpg><img src=a.jpg srcset='b.jpg 2x'></picture>", "b.jpg", AddressSource::Srcset),
        ("<picture><source srcset='p 1w'><source srcset='q 2w'><img src=a.jpg></picture>", "q", AddressSource::Picture),
        ("<picture><source srcset=p.jpg><img data-src=a.jpg></picture>", "a.jpg", AddressSource::Lazy),
        ("<picture><source data-srcset=p.jpg><img data-src=a.jpg></picture>", "p.jpg", AddressSource::Picture),
        // What few can read only where there is nothing else.
        ("<picture><source type=image/avif srcset='p 9w'><img src=a.jpg></picture>", "a.jpg", AddressSource::Src),
        ("<picture><source type=image/avif srcset=p><img src=data:,></picture>", "p", AddressSource::Picture),
        ("<picture><source type=IMAGE/WebP srcset=p><img src=a.jpg></picture>", "p", AddressSource::Picture),
        ("<picture><img src=data:,><source media=x><source data-srcset=p></picture>", "p", AddressSource::Picture),
        ("<picture><div><source srcset=p></div><img src=data:,></picture>", "data:,", AddressSource::Src),
        // Flags, numbers and JSON are no addresses.
        ("<img src=a.jpg data-lazy=true>", "a.jpg", AddressSource::Src),
        ("<img src=a.jpg data-src='{\"default\":\"//b.jpg\"}'>", "a.jpg", AddressSource::Src),
        ("<img src=a.jpg data-url=/page data-image=42>", "a.jpg", AddressSource::Src),
        ("<img src=a.jpg data-url=/b.jpg?c>", "/b.jpg?c", AddressSource::Lazy),
        ("<img src=a.jpg data-pagespeed-lazy-src=/b>", "/b", AddressSource::Lazy),
        ("<img src=a.jpg data-orig-file=b.jpg>", "a.jpg", AddressSource::Src),
        ("<video poster=a.jpg src=b.mp4></video>", "a.jpg", AddressSource::Src),
        ("<video data-poster=a.jpg>", "a.jpg", AddressSource::Lazy),
        ("<amp-img src=a.jpg srcset='b.jpg 2x'></amp-img>", "b.jpg", AddressSource::Srcset),
        ("<input type=IMAGE src=a.jpg srcset='b.jpg 2x'>", "a.jpg", AddressSource::Src),
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
fn all_other_addresses_are_recorded() {
    for (html, others) in [
        ("<img src=a>", vec![]),
        ("<img src=a srcset='a 1x'>", vec![]),
        ("<img src=a srcset='b 1x, c 3x, b 2x, data:,d 4x'>", vec!["b", "a"]),
        ("<img src=a data-src=/b data-original=/c data-lazy=/b>", vec!["/c", "a"]),
        ("<img srcset='a, b 2x' data-srcset='c 1w, d 2w'>", vec!["c", "a", "b"]),
        (
            "<picture><source srcset='a 1w, b 2w'><source srcset='c 3w, d 4w'><img src=e srcset='f 1w'></picture>",
            vec!["a", "b", "c", "f", "e"],
        ),
        (
            "<a href=/l.JPG?x#y><picture><img src=a data-zoom-image=/z data-orig-file=/o><source srcset=b></picture></a>",
            vec!["/o", "/z", "/l.JPG?x#y", "a"],
        ),
        ("<a href=/l.png><div><span><img src=a></span></div></a><a href=/m.png></a>", vec!["/l.png"]),
        ("<a href=/l.png><p>x<p><img src=a></a>", vec!["/l.png"]),
        ("<a href=/l.png><p>x</a><p><img src=a>", vec![]),
        ("<a href=/l.html><img src=a></a>", vec![]),
        ("<a href=/l.png></a><img src=a>", vec![]),
        ("<a href=/wiki/File:l.png><img src=a></a>", vec![]),
        ("<a href=/l.jpg><img src=/l.jpg></a>", vec![]),
    ] {
        assert_eq!(Page::parse(html).images[0].others, others, "{html}");
    }
    let set: String = (1..100).map(|number| format!("{number} {number}w, ")).collect();
    let page = Page::parse(&format!("<img src=a srcset='{set}'><img srcset='{0} 3w, {0}x 2w, b'>", "x".repeat(4096)));
    assert_eq!(page.images[0].address.as_ref().unwrap().0, "99");
    assert_eq!(page.images[0].others, (1..=16).map(|number| number.to_string()).collect::<Vec<_>>());
    assert_eq!(
        (page.images[1].address.as_ref().unwrap().0.len(), &*page.images[1].others),
        (4096, &["b".to_owned()][..])
    );
}

#[test]
fn other_elements_show_images_too() {
    for (html, element, texts) in [
        ("<img alt=a title=b aria-label=c>", ElementKind::Img, [Some("a"), Some("b"), Some("c")]),
        ("<image alt=a>", ElementKind::Img, [Some("a"), None, None]),
        ("<amp-img alt=a title=b src=c>", ElementKind::AmpImg, [Some("a"), Some("b"), None]),
        ("<video poster=a aria-label=b title=c>", ElementKind::Video, [None, Some("c"), Some("b")]),
        ("<input type=image alt=a>", ElementKind::Input, [Some("a"), None, None]),
    ] {
        let images = Page::parse(html).images;
        assert_eq!((images.len(), images[0].element), (1, element), "{html}");
        let found = [&images[0].alt, &images[0].title, &images[0].aria_label];
        assert_eq!(found.map(Option::as_deref), texts, "{html}");
    }
    // An unknown element ends at its end tag only: the fallback is inside.
    let page = Page::parse(
        "<figure><amp-img src=a data-noai><noscript><img src=a></noscript></amp-img><video poster=b></video>\
         <figcaption>c</figcaption></figure>",
    );
    let marks: Vec<_> = page.images.iter().map(|image| image.marks.len()).collect();
    assert_eq!(marks, [1, 1, 0]);
    assert!(page.images.iter().all(|image| image.caption.as_deref() == Some("c")));
}

#[test]
fn images_without_texts_get_the_words_around_them() {
    let long = "word ".repeat(100);
    let cut = format!("{}b a {}word", "word ".repeat(51), "word ".repeat(50));
    for (html, around) in [
        ("<p>a <b>b</b><img>c<i> d</i></p>e", Some("a b c d".to_owned())),
        ("<p>a</p><img><p>b</p>", Some("a b".to_owned())),
        ("<div><a><img></a></div><p>b</p>", Some("b".to_owned())),
        ("x<div><div><div><div><img></div></div></div></div>x", None),
        ("x<section><div><ul><li><span><img></span></li></ul></div>a</section>x", Some("a".to_owned())),
        ("<table><tr><td>x</td></tr><tr><td><img></td><td>a</td></tr></table>", Some("a".to_owned())),
        ("<div>x<img>a<img></div>x", Some("x a".to_owned())),
        ("<div><img alt=y>a<img>b<video poster=z></video>x</div>", Some("a b".to_owned())),
        ("<p>a<noscript><img alt=y></noscript><img>b<noscript><img alt=y></noscript>c<img>x", Some("a b c".to_owned())),
        ("<p>x<img alt=y>a<noscript><img></noscript>b<noscript><img alt=y></noscript>x", Some("a b".to_owned())),
        ("<p><img><script>x</script><svg><text>x</text></svg><style>x</style><!--x-->&amp;</p>", Some("&".to_owned())),
        ("<p>&nbsp;<img> &nbsp;</p>a", Some("a".to_owned())),
        ("<figure>x<img><figcaption>y</figcaption></figure>", None),
        ("<p>x<img alt=y></p>", None),
        ("<p>x<img title=y></p>", None),
        ("<p>x<img alt=' '></p>", Some("x".to_owned())),
        (&format!("<p>{long}b<img>a {long}</p>"), Some(cut)),
        (&format!("<p>{0}<img>{0}</p>", "wordy ".repeat(99)), Some("wordy ".repeat(84).trim_end().to_owned())),
        (&format!("<p>{0}<img>{0}</p>", "é".repeat(999)), Some(format!("{0} {0}", "é".repeat(128)))),
    ] {
        let images = Page::parse(html).images;
        let image = images.iter().find(|image| image.alt.is_none() && image.element == ElementKind::Img);
        let image = image.unwrap_or(&images[0]);
        assert_eq!(image.around, around, "{html}");
    }
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
        "<video src=no.mp4>",
        "<input src=no.jpg>",
        "<svg><amp-img src=no.jpg></svg>",
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
fn words_of_a_class_are_found_wherever_they_stand() {
    for length in 0..40 {
        let before = "x".repeat(length);
        for quote in ["\"", "'", ""] {
            let blank = if quote.is_empty() { "" } else { "\n" };
            let tag = |word: &str| format!("<p class={quote}{before}{word}{quote}>\u{a9}<img>");
            for word in ["noai", "No-AI", "NOIMAGEAI", "&#110;oai"] {
                let is_word = length == 0 || !blank.is_empty();
                let page = Page::parse(&tag(&format!("{blank}{word}")));
                assert_eq!(page.images[0].marks.len(), usize::from(is_word), "{before} {word}");
            }
            for (word, is_named) in [("footer", length == 0), ("Copyright", true), ("-copYRight", true), ("y", false)] {
                let page = Page::parse(&tag(word).replace('\u{a9}', "a"));
                assert_eq!(page.notices.len(), usize::from(is_named), "{before} {word}");
            }
        }
    }
}

#[test]
fn a_page_is_read_alike_however_near_its_end() {
    let html = "<title>x</title><h1\n>a</H1 ><p class='a noai' ID=\"copyright\" data-pin-no-hover>b &copy; c</p \
                x><annotation-xml a=b/>  <a rel = license href=/l type=\"t\">&amp;</a><img alt=x src=\"y\" =z title='w'>";
    for end in (0..=html.len()).filter(|end| html.is_char_boundary(*end)) {
        let part = &html[..end];
        if part.ends_with("</") {
            // With a blank after it, a comment.
            continue;
        }
        // An end of many blanks is no part of a tag that is whole.
        let (near, far) = (Page::parse(part), Page::parse(&format!("{part}{}", " ".repeat(40))));
        assert_eq!(near, far, "{part}");
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
        "<img>&nbsp;",
        "<div><img>a</div>",
        "<noscript><img>&nbsp;",
        "<a href=b.jpg><img>",
        "<b href=b.jpg><a><i><img>",
        "<picture><source srcset='a 1w, b 2w'><img>",
        "<img srcset='a 1w, b 2w, c, d e, f (, g)'>",
        "<input type=image>",
        "<amp-img><video poster>",
    ];
    let bold: String = (0..100).map(|number| format!("<b nopin id={number}>")).collect();
    let formatting = format!("<p>{bold}</p>");
    let spans = "<span>".repeat(500);
    let prefixed = [
        ("", pages.as_slice()),
        (&spans, &["</x>", "<p>a", "<li>", "</p>", "<img>a"]),
        (&formatting, &["<p>x</p>", "</p><i>"]),
        ("<picture><source srcset='a, b 2x, c 3x'>", &["<img>a"]),
        ("<img srcset='", &["a 1w, "]),
    ];
    for (prefix, pieces) in prefixed {
        for piece in pieces {
            let html = format!("{images}{prefix}{}{images}", megabyte(piece));
            let start = Instant::now();
            let page = Page::parse(&html);
            assert!(start.elapsed() < Duration::from_secs(20), "{piece}: {:?}", start.elapsed());
            assert!(
                page.images.len() >= if piece.contains("1w, ") { 2 } else { 100 },
                "{piece}: {}",
                page.images.len()
            );
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
    let page =
        Page::parse(&format!("<a {long} href=a.jpg><table><tr><td>{}", "<a href=b.jpg><img></a><img>".repeat(10_000)));
    assert_eq!(
        (&*page.images[19_998].others, &*page.images[19_999].others),
        (&["b.jpg".to_owned()][..], &["a.jpg".to_owned()][..])
    );
    let page = Page::parse(&format!("<figure data-ai={long}><figcaption>{long}</figcaption>{images}"));
    assert_eq!(page.images.len(), 100_000);
    assert_eq!(page.images[0].caption.as_ref().map(String::len), Some(4096));
    assert_eq!(page.images[99_999].caption.as_ref().map(String::len), Some(256));
    assert!(page.images.iter().all(|image| image.marks[0].value.len() == 1024));
    let addresses: String = (1..18).map(|number| format!("{number}{} {number}w, ", &long[..4000])).collect();
    let page = Page::parse(&format!("<picture><source srcset='{addresses}'>{images}"));
    let given =
        page.images.iter().flat_map(|image| image.others.iter().chain(image.address.iter().map(|(url, _)| url)));
    let given: usize = given.map(String::len).sum();
    assert!(page.images[0].others.len() == 16 && given > 31 << 20 && given < 33 << 20, "{given}");
    let script = Page::parse(&format!("<script type=application/ld+json>{long}é{long}</script>"));
    assert_eq!(script.scripts[0].text.len(), 1 << 20);
}
