//! Texts that are a file's name: with its extension, as cameras and programs give it, or the same as
//! in the image's address.

use super::letters::Letters;
use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use url::Url;

/// Names of files are no longer than this, in bytes.
const MOST_BYTES: usize = 255;

const EXTENSIONS: [&str; 22] = [
    "jpg", "jpeg", "jpe", "jfif", "png", "gif", "webp", "avif", "svg", "bmp", "tif", "tiff", "heic", "heif", "ico",
    "psd", "eps", "pdf", "mp4", "webm", "mov", "raw",
];

/// What cameras, telephones and programs begin the names with that they give, lower case; digits follow.
const BEGINNINGS: [&str; 53] = [
    "img",
    "imag",
    "image",
    "images",
    "dsc",
    "dscn",
    "dscf",
    "dsci",
    "pict",
    "pic",
    "photo",
    "foto",
    "pxl",
    "mvimg",
    "cimg",
    "sam",
    "gopr",
    "dji",
    "wp",
    "fb img",
    "fb",
    "kakaotalk",
    "kakaotalk photo",
    "wechat image",
    "whatsapp image",
    "signal",
    "received",
    "screenshot",
    "screen shot",
    "bildschirmfoto",
    "capture",
    "capture d’écran",
    "capture d'écran",
    "captura",
    "captura de pantalla",
    "captura de tela",
    "schermata",
    "schermafbeelding",
    "snimek obrazovky",
    "zrzut ekranu",
    "снимок экрана",
    "スクリーンショット",
    "屏幕截图",
    "截屏",
    "scan",
    "untitled",
    "unnamed",
    "unbenannt",
    "sans titre",
    "sin título",
    "adobestock",
    "shutterstock",
    "istock",
];

/// What follows the digits in such names.
const ENDS: [&str; 18] = [
    "scaled", "copy", "kopie", "copie", "copia", "edited", "edit", "cropped", "crop", "resized", "x", "at", "um", "à",
    "am", "pm", "n", "o",
];

/// Whether the whole of `text` is a file's name; `image` is the address of its image.
pub(super) fn is_one(text: &str, letters: &Letters, image: Option<&Url>) -> bool {
    if text.len() > MOST_BYTES {
        return false;
    }
    let is_one_word = !text.contains(' ');
    has_extension(text)
        || (letters.digits > 1 && (is_as_cameras_name(text) || (is_one_word && is_code(text))))
        || (is_one_word && (is_as_programs_name(text) || is_that_of(text, image)))
}

/// `sunset.jpg`, `my holiday.JPEG`, `a.png?w=300`.
fn has_extension(text: &str) -> bool {
    let name = text.split_once('?').map_or(text, |(name, _)| name);
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    let has_end = |stem: &str| !stem.is_empty() && !stem.ends_with([' ', '.']);
    has_end(stem) && EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// `IMG_1234`, `dsc00123`, `Screenshot 2024-05-01 at 10.11.12`, `photo_2020-01-01 (2)`.
fn is_as_cameras_name(text: &str) -> bool {
    let Some(digits) = text.find(|character: char| character.is_ascii_digit()) else { return false };
    let (start, rest) = text.split_at(digits);
    let start = start.trim_end_matches(is_between).replace(['_', '-'], " ").to_lowercase();
    // Two digits are a count: "photo 12".
    let count = rest.bytes().filter(u8::is_ascii_digit).count();
    count >= 3 && BEGINNINGS.contains(&start.as_str()) && rest.split(is_between).all(is_counter)
}

fn is_between(character: char) -> bool {
    matches!(character, ' ' | '_' | '-' | '.' | ',' | '(' | ')' | ':' | '~' | '@' | '\u{202F}')
}

/// Digits, a size, a version, or a word that programs append.
fn is_counter(part: &str) -> bool {
    let part = part.to_lowercase();
    let number = part.trim_matches(|character: char| character.is_ascii_lowercase());
    // `wa0012`, `e1612345`, `20240102t101112z`, `300x200`
    let is_number = number.split(['x', 't', 'h', 'm']).all(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let letters = part.len() - number.len();
    part.is_empty() || ENDS.contains(&part.as_str()) || (is_number && !number.is_empty() && letters <= 2)
}

/// `4f3a2b1c9d8e7f60`, a UUID, `71x4kQ1rXdL._AC_SL1500_`: what no word looks like.
fn is_code(text: &str) -> bool {
    const LEAST: usize = 12;
    if text.len() < LEAST || !text.is_ascii() {
        return false;
    }
    let mut digits = 0;
    // Changes between letters and digits: a word has none, `covid19` one.
    let mut changes = 0;
    let mut is_hexadecimal = true;
    for pair in text.as_bytes().windows(2) {
        changes += usize::from(pair[0].is_ascii_digit() != pair[1].is_ascii_digit());
    }
    for byte in text.bytes() {
        digits += usize::from(byte.is_ascii_digit());
        is_hexadecimal &= byte.is_ascii_hexdigit() || matches!(byte, b'-' | b'_');
    }
    let is_name = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.+,~".contains(&byte));
    is_name && ((is_hexadecimal && digits >= 3) || (changes >= 6 && digits >= 4))
}

/// `sunset_beach_2`, `header-home-final-v2`: words joined as in no sentence.
fn is_as_programs_name(text: &str) -> bool {
    // Mentions and tags are written like that too.
    if text.starts_with(['@', '#']) {
        return false;
    }
    let within = text.trim_matches(is_between);
    let hyphens = within.bytes().filter(|byte| *byte == b'-').count();
    within.contains('_') || (hyphens >= 3 && !within.chars().any(char::is_uppercase))
}

/// Whether `text`, written as names of files are, is that of the image. In plain words it is a
/// description, after which the file was named.
fn is_that_of(text: &str, image: Option<&Url>) -> bool {
    let looks_like_name =
        text.bytes().any(|byte| byte.is_ascii_digit()) || (text.contains('-') && !text.chars().any(char::is_uppercase));
    if !looks_like_name {
        return false;
    }
    let Some(segment) = image.and_then(|image| image.path_segments()?.next_back()) else { return false };
    let name: Cow<'_, str> = percent_decode_str(segment).decode_utf8_lossy();
    let stem = name.rsplit_once('.').map_or(&*name, |(stem, _)| stem);
    is_same(text, stem) || is_same(text, without_size(stem))
}

/// Without the size that programs append: `sunset-300x200`, `sunset-scaled`, `sunset@2x`.
fn without_size(stem: &str) -> &str {
    let is_size = |end: &str| {
        let numbers = end.split_once('x');
        end == "scaled"
            || end == "2x"
            || numbers.is_some_and(|(width, height)| {
                [width, height]
                    .iter()
                    .all(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
            })
    };
    match stem.rsplit_once(['-', '_', '@']) {
        Some((start, end)) if is_size(end) => start,
        _ => stem,
    }
}

/// Alike but for case and for what joins the words.
fn is_same(text: &str, stem: &str) -> bool {
    let folded = |text: &str| -> Vec<char> {
        let joined = |character: char| if matches!(character, '-' | '_' | '+') { ' ' } else { character };
        text.chars().map(joined).flat_map(char::to_lowercase).collect()
    };
    !stem.is_empty() && text.chars().count() == stem.chars().count() && folded(text) == folded(stem)
}
