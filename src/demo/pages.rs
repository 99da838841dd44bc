//! The HTML of the little web: one plain template with what real pages have around their
//! pictures, so that the extractor has something to pass over.

use super::sites::{Page, Shown, Way, host_and_path};
use std::fmt::Write as _;

/// The page's body as it is sent, in its own encoding.
pub(crate) fn body(page: &Page) -> Vec<u8> {
    let html = html(page);
    if !page.latin1 {
        return html.into_bytes();
    }
    html.chars().map(|character| u8::try_from(u32::from(character)).unwrap_or(b'?')).collect()
}

/// The response headers, those that every server sends first.
pub(crate) fn headers(page: &Page) -> Vec<(&'static str, &'static str)> {
    let charset = if page.latin1 { "text/html; charset=ISO-8859-1" } else { "text/html; charset=utf-8" };
    [("Server", "little-web"), ("Content-Type", charset)].into_iter().chain(page.headers.iter().copied()).collect()
}

fn html(page: &Page) -> String {
    let Page { language, title, .. } = page;
    let mut html = format!("<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n");
    if !page.latin1 {
        html.push_str("<meta charset=\"utf-8\">\n");
    }
    let _ = writeln!(html, "<title>{}</title>", escaped(title));
    if !page.base.is_empty() {
        let _ = writeln!(html, "<base href=\"{}\">", page.base);
    }
    if !page.head.is_empty() {
        let _ = writeln!(html, "{}", page.head);
    }
    html.push_str(
        "</head>\n<body>\n<header><a href=\"/\"><img src=\"/logo.png\" alt=\"logo\"></a>\n\
         <nav><a href=\"/\">1</a> <a href=\"/about\">2</a></nav></header>\n<main>\n",
    );
    let _ = writeln!(html, "<h1>{}</h1>", escaped(title));
    for shown in page.shows {
        picture(&mut html, shown, &address(page, shown.image));
    }
    html.push_str(
        "</main>\n<footer><img src=\"/divider.png\" alt=\"\">\n\
         <img src=\"data:image/gif;base64,R0lGODlhAQABAAAAACw=\" alt=\"a transparent dot\">\n\
         <img src=\"https://stats-counter.example/pixel.gif?site=7\" width=\"1\" height=\"1\">\n",
    );
    if !page.foot.is_empty() {
        let _ = writeln!(html, "<p>{}</p>", escaped(page.foot));
    }
    html.push_str("</footer>\n</body>\n</html>\n");
    html
}

fn picture(html: &mut String, shown: &Shown, address: &str) {
    let address = escaped(address);
    let text = escaped(shown.words());
    let _ = match shown.way {
        Way::Plain => writeln!(html, "<p><img src=\"{address}\" alt=\"{text}\"></p>"),
        Way::Figure => writeln!(
            html,
            "<figure><a href=\"{address}\"><img src=\"{address}\" alt=\"\"></a>\n\
             <figcaption>{text}</figcaption></figure>"
        ),
        Way::Srcset => writeln!(
            html,
            "<p><img src=\"data:image/gif;base64,R0lGODlhAQABAAAAACw=\" \
             srcset=\"{address}?w=320 320w, {address} 640w\" sizes=\"50vw\" alt=\"{text}\"></p>"
        ),
        Way::Picture => {
            writeln!(html, "<picture><source srcset=\"{address}\" media=\"all\"><img alt=\"{text}\"></picture>")
        }
        Way::Lazy => writeln!(
            html,
            "<p><img class=\"lazy\" src=\"/spacer.png\" data-src=\"{address}\" alt=\"{text}\">\n\
             <noscript><img src=\"{address}\" alt=\"{text}\"></noscript></p>"
        ),
        Way::Reserved => {
            writeln!(html, "<figure data-noai><img src=\"{address}\" alt=\"{text}\"></figure>")
        }
        Way::Title => writeln!(html, "<p><img src=\"{address}\" alt=\"\" title=\"{text}\"></p>"),
    };
}

/// The URL as an author would write it: as short as the page's own address and base allow.
fn address(page: &Page, image: &str) -> String {
    if let Some(rest) = image.strip_prefix(page.base).filter(|_| !page.base.is_empty()) {
        return rest.to_owned();
    }
    let (page_host, _) = host_and_path(page.url);
    let (image_host, path) = host_and_path(image);
    let scheme = |url: &str| url.split(':').next().map(str::to_owned);
    match (scheme(page.url) == scheme(image), page.base.is_empty()) {
        (true, true) if page_host == image_host => path.to_owned(),
        (true, _) => format!("//{image_host}{path}"),
        (false, _) => image.to_owned(),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
