//! Texts mended as Python's `ftfy.fix_text` mends them, which CLIP's first tokenizer begins with. Written anew, with what captions
//! need of it; `filter/tests/golden/mended.tsv` is what ftfy 6.3 gives.

use super::mojibake;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Longest name of a reference that is undone.
const MAX_NAME: usize = 24;
/// Every turn takes away a layer; nobody wraps a caption in more.
const MAX_TURNS: usize = 16;

/// `text`, mended line by line.
pub(super) fn mended(text: &str) -> String {
    // Nothing of what follows touches these, and most captions are such.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t') && byte != b'&') {
        return text.to_owned();
    }
    let mut whole = String::with_capacity(text.len());
    // What holds a `<` may be HTML, whose references mean what they say.
    let mut is_html = false;
    for line in text.split_inclusive('\n') {
        is_html |= line.contains('<');
        whole.push_str(&line_mended(line, is_html));
    }
    whole
}

fn line_mended(line: &str, is_html: bool) -> String {
    let mut line = line.to_owned();
    for _ in 0..MAX_TURNS {
        let mut next = if is_html { line.clone() } else { undone(&line) };
        for _ in 0..MAX_TURNS {
            let Some(repaired) = mojibake::repaired(&next) else { break };
            next = repaired;
        }
        next = without_controls(&plain(&mojibake::controls_as_windows(&next)));
        if !is_nfc(&next) {
            next = next.nfc().collect();
        }
        if next == line {
            break;
        }
        line = next;
    }
    line
}

/// References of HTML with their semicolon, also those whose name somebody wrote in capitals (`&EACUTE;`).
fn undone(text: &str) -> String {
    let mut undone = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        undone.push_str(&rest[..at]);
        rest = &rest[at..];
        let (meaning, length) = reference(rest).unwrap_or_else(|| ("&".to_owned(), 1));
        undone.push_str(&meaning);
        rest = &rest[length..];
    }
    undone + rest
}

/// The reference that `text` begins with, and its length.
fn reference(text: &str) -> Option<(String, usize)> {
    let end = text.bytes().take(MAX_NAME + 3).position(|byte| byte == b';')?;
    let name = text[1..end].strip_prefix('#').unwrap_or(&text[1..end]);
    if !(1..=MAX_NAME).contains(&name.len()) || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let written = &text[..=end];
    // Of what is meant without its semicolon (`&notit;`) nothing is undone.
    let means = |written: &str| Some(markup::dereferenced(written)).filter(|meaning| whole(meaning));
    let capitals = || {
        let is_capital = name.bytes().all(|byte| !byte.is_ascii_lowercase());
        is_capital.then(|| means(&written.to_ascii_lowercase())).flatten().map(|meaning| meaning.to_uppercase())
    };
    Some((means(written).or_else(capitals)?, end + 1))
}

fn whole(meaning: &str) -> bool {
    meaning == ";" || !meaning.ends_with(';')
}

/// Ligatures taken apart, wide and half-wide letters at their usual width, straight quotes, one kind of line break.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\r' => {
                letters.next_if_eq(&'\n');
                plain.push('\n');
            }
            '\u{85}' | '\u{2028}' | '\u{2029}' => plain.push('\n'),
            '\u{2bc}' | '\u{2018}'..='\u{201b}' => plain.push('\''),
            '\u{201c}'..='\u{201f}' => plain.push('"'),
            '\u{3000}' => plain.push(' '),
            '\u{ff01}'..='\u{ffef}' => plain.extend([letter].into_iter().nfkc()),
            // The long s of this one stays.
            'ﬅ' => plain.push_str("ſt"),
            'ŉ' => plain.push_str("ʼn"),
            'Ĳ' | 'ĳ' | 'Ǆ'..='ǌ' | 'Ǳ'..='ǳ' | 'ﬀ'..='ﬆ' => plain.extend([letter].into_iter().nfkc()),
            letter => plain.push(letter),
        }
    }
    plain
}

/// Without control characters that nobody means, and without what colours a terminal.
fn without_controls(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let escape = rest
            .strip_prefix("\u{1b}[")
            .map(|rest| rest.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == ';'));
        if let Some(end) = escape.filter(|end| end.starts_with(|letter: char| letter.is_ascii_alphabetic())) {
            rest = &end[1..];
            continue;
        }
        if !matches!(
            letter,
            '\0'..='\u{8}' | '\u{b}' | '\u{e}'..='\u{1f}' | '\u{7f}' | '\u{206a}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}'
        ) {
            kept.push(letter);
        }
        rest = &rest[letter.len_utf8()..];
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_undone_where_they_are_unmistakable() {
        for (text, meaning) in [
            ("P&eacute;rez &amp; P&EACUTE;REZ", "Pérez & PÉREZ"),
            ("&ampamp; this&not that &notit; &nTILDE; &;", "&ampamp; this&not that &notit; &nTILDE; &;"),
            ("&amp;amp;lt;", "<"),
            ("&#8217;&#x2019;&#99999999;", "''\u{fffd}"),
            ("&semi;&#1;", ";"),
        ] {
            assert_eq!(mended(text), meaning, "{text}");
        }
        assert_eq!(mended("<b> &eacute;\n&eacute;"), "<b> &eacute;\n&eacute;");
        assert_eq!(mended("&eacute;\n<b> &eacute;"), "é\n<b> &eacute;");
    }

    #[test]
    fn letters_come_out_plain() {
        for (text, plain) in [
            ("ＬＯＵＤ　ＮＯＩＳＥＳ ﾀｰﾝ", "LOUD NOISES ターン"),
            ("ﬂuﬃeﬆ Ǆ ĳ ŉ", "fluffiest DŽ ij 'n"),
            ("a\r\nb\rc\u{2028}d", "a\nb\nc\nd"),
            ("\u{1b}[36;44mblue\u{1b}[0m \u{feff}\u{7}bell\u{1b}[", "blue bell["),
            ("cafe\u{301}", "café"),
        ] {
            assert_eq!(mended(text), plain, "{text:?}");
        }
    }
}
