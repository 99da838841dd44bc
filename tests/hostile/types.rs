//! Answers that are not what they say, pictures that cost too much, and pictures that are two things.

use super::{
    behaviour::Behaviour,
    bombs::deflate,
    pictures::{
        gif_and_script, grey, huge_gif, huge_jpeg, huge_png, huge_webp, jpeg_and_html, noise, padding, photo_jpeg, png,
        png_and_zip, png_with_text_bomb,
    },
};
use image::ImageFormat;

/// A page longer than the least body.
fn page() -> Vec<u8> {
    b"<!doctype html><p>This is not the picture you asked for.</p>\n".repeat(100)
}

fn drawing() -> Vec<u8> {
    let circles = "<circle cx=\"5\" cy=\"5\" r=\"4\"/>".repeat(300);
    format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\">{circles}</svg>").into()
}

pub(super) fn all() -> Vec<Behaviour> {
    let mut all = wrong_types();
    all.extend(sizes());
    all.extend(cut());
    all.extend(bombs());
    all
}

fn served(name: &'static str, end: &'static str, media_type: &'static str, body: Vec<u8>) -> Behaviour {
    Behaviour::new(name, end, 1, move |peer| peer.picture(media_type, &body))
}

fn wrong_types() -> Vec<Behaviour> {
    vec![
        served("page-as-page", "not_an_image", "text/html", page()),
        served("page-as-picture", "not_an_image", "image/jpeg", page()),
        served("picture-as-page", "not_an_image", "text/html; charset=utf-8", photo_jpeg(0)),
        served("picture-as-another", "kept", "image/png", photo_jpeg(10)),
        served("picture-as-bytes", "kept", "application/octet-stream", photo_jpeg(11)),
        served("type-without-end", "kept", "image/jpeg;;;;=;\"", photo_jpeg(12)),
        Behaviour::new("endless-page", "not_an_image", 1, |peer| {
            peer.head(200, &["Content-Type: text/html"])?;
            peer.forever(&page())
        }),
        served("drawing", "not_an_image", "image/svg+xml", drawing()),
        served("drawing-as-picture", "not_an_image", "image/png", drawing()),
        served("archive-as-picture", "not_an_image", "image/jpeg", [b"PK\x03\x04".to_vec(), vec![7; 9000]].concat()),
        served("gif-and-script", "undecodable", "image/gif", gif_and_script()),
        served("jpeg-and-html", "kept", "image/jpeg", jpeg_and_html()),
        served("png-and-zip", "kept", "image/png", png_and_zip()),
        served("jpeg-behind-a-pdf", "not_an_image", "image/jpeg", [b"%PDF-1.7\n".to_vec(), photo_jpeg(0)].concat()),
    ]
}

fn sizes() -> Vec<Behaviour> {
    let dot = |width, height| png(width, height, &[padding(), (b"IDAT", grey(width as usize, height as usize))]);
    vec![
        served("one-pixel", "too_small", "image/png", dot(1, 1)),
        served("no-pixel", "not_an_image", "image/png", dot(0, 0)),
        served("a-line", "too_long", "image/png", dot(4000, 100)),
        served("60000-square-png", "too_many_pixels", "image/png", huge_png()),
        served("60000-square-gif", "too_many_pixels", "image/gif", huge_gif()),
        served("60000-square-jpeg", "too_many_pixels", "image/jpeg", huge_jpeg()),
        served("60000-square-webp", "too_many_pixels", "image/webp", huge_webp()),
        served("2-to-the-32-wide-png", "too_many_pixels", "image/png", {
            png(u32::MAX, u32::MAX, &[padding(), (b"IDAT", grey(1, 1))])
        }),
    ]
}

/// Cut in the middle, and cut behind the header.
fn cut() -> Vec<Behaviour> {
    let half = |bytes: Vec<u8>| bytes[..bytes.len() / 2].to_vec();
    let header = |bytes: Vec<u8>| [&bytes[..14], &[0; 6000]].concat();
    let noisy = |format| noise(160, format);
    vec![
        served("half-a-jpeg", "undecodable", "image/jpeg", half(photo_jpeg(0))),
        served("half-a-png", "undecodable", "image/png", half(noisy(ImageFormat::Png))),
        served("half-a-gif", "undecodable", "image/gif", half(noisy(ImageFormat::Gif))),
        served("half-a-webp", "undecodable", "image/webp", half(noisy(ImageFormat::WebP))),
        served("header-of-a-jpeg", "not_an_image", "image/jpeg", header(photo_jpeg(0))),
        served("header-of-a-png", "not_an_image", "image/png", header(noisy(ImageFormat::Png))),
        served("header-of-a-gif", "undecodable", "image/gif", header(noisy(ImageFormat::Gif))),
        served("header-of-a-webp", "not_an_image", "image/webp", header(noisy(ImageFormat::WebP))),
    ]
}

fn bombs() -> Vec<Behaviour> {
    // Of 256 x 256 pixels by its header, of 256 MiB by what it unpacks to.
    let overfull = png(256, 256, &[padding(), (b"IDAT", deflate(&vec![0; 256 * 1024 * 1024]))]);
    let profile = [b"profile\0\0".as_slice(), &deflate(&vec![0; 256 * 1024 * 1024])].concat();
    let profile = png(256, 256, &[(b"iCCP", profile), (b"IDAT", grey(256, 256))]);
    vec![
        served("png-with-too-many-pixels-inside", "kept", "image/png", overfull),
        served("png-with-a-profile-bomb", "kept", "image/png", profile),
        served("png-with-a-text-bomb", "kept", "image/png", png_with_text_bomb(*b"zTXt", b"Comment")),
        served("png-with-an-xmp-bomb", "kept", "image/png", png_with_text_bomb(*b"iTXt", b"XML:com.adobe.xmp")),
    ]
}
