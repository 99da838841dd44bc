//! UTF-8 that somebody read as another charset (`dÃ©jÃ  vu`), read as UTF-8.
//!
//! As ftfy has it, a text, or a run of characters in it, is mojibake if the bytes it stands for are UTF-8, and if some of its characters
//! stand together as nobody writes them. For windows-1252 the latter is ftfy's own heuristic, put into kinds of bytes; for
//! other charsets, which captions are seldom in, a simpler one. `filter/tests/golden/mended.tsv` holds both beside each other.

use super::{
    charset::{CHARSETS, Charset, LOST, follows, sequence},
    unlikely::{foreign, kind, western},
};

/// `text` with one layer of mojibake less, if it has one.
pub(super) fn repaired(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let whole = CHARSETS.iter().find_map(|charset| {
        let bytes = charset.bytes(text)?;
        // Control characters of Latin-1 are nothing that anybody writes.
        let convinces = text.contains(|letter| matches!(letter, '\u{80}'..='\u{9f}'))
            || if charset.is_western { western(&bytes) } else { foreign(&bytes, charset) };
        let bytes = convinces.then(|| with_lost(&with_spaces(&bytes)))?;
        String::from_utf8(bytes).ok()
    });
    whole.or_else(|| in_runs(text, &CHARSETS[0])).filter(|repaired| repaired != text)
}

/// Control characters that are left, as Windows has them: nobody means the others.
pub(super) fn controls_as_windows(text: &str) -> String {
    let windows = |letter: char| match letter {
        '\u{80}'..='\u{9f}' => CHARSETS[0].high[letter as usize - 0x80],
        _ => letter,
    };
    text.chars().map(windows).collect()
}

/// Repairs what can be repaired of a text that is not of one charset: runs of characters that are UTF-8 in this one.
fn in_runs(text: &str, charset: &Charset) -> Option<String> {
    let letters: Vec<char> = text.chars().collect();
    // What is not of the charset is a byte that neither begins nor follows.
    let bytes: Vec<u8> = letters.iter().map(|letter| charset.byte(*letter).unwrap_or(0)).collect();
    let mut repaired = String::with_capacity(text.len());
    let mut at = 0;
    let mut any = false;
    while at < bytes.len() {
        let run: usize = run_length(&bytes[at..]);
        // What follows a remainder of something else would be half of a character.
        let is_remainder = at > 0 && follows(bytes[at - 1]) && !matches!(kind(bytes[at - 1]), b'.' | b's' | b'e');
        let meant = if run > 0 && !is_remainder && western(&bytes[at..at + run]) {
            String::from_utf8(with_lost(&bytes[at..at + run])).ok()
        } else {
            None
        };
        any |= meant.is_some();
        let length = run.max(1);
        repaired.extend(meant.map_or_else(|| letters[at..at + length].to_vec(), |meant| meant.chars().collect()));
        at += length;
    }
    any.then_some(repaired)
}

/// How many of the first bytes are characters that UTF-8 writes with several.
fn run_length(bytes: &[u8]) -> usize {
    let mut length = 0;
    while let Some(sequence) = sequence(&bytes[length..]) {
        length += sequence.len();
    }
    length
}

/// No-break spaces that became spaces, where they belong to a character.
fn with_spaces(bytes: &[u8]) -> Vec<u8> {
    let mut mended = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let within = |byte: u8| matches!(byte, 0x80..=0x84 | 0x86..=0x9f | 0xa1..=0xbf);
        let length = match *rest {
            // `Ã la`: a word of its own; but `Ã s` and its kin are Portuguese, where nothing is between.
            [0xc3, b' ', ref next @ ..] if !stays_joined(next) => {
                mended.extend([0xc3, 0xa0, b' ']);
                at += 2;
                continue;
            }
            [0xc2 | 0xc3 | 0xc5 | 0xce | 0xd0 | 0xd9, b' ', ..] => 2,
            [0xe2 | 0xe3, b' ', last, ..] if within(last) => 3,
            [0xe0..=0xe3, middle, b' ', ..] if within(middle) => 3,
            [0xf0, b' ', one, two, ..] | [0xf0, one, b' ', two, ..] | [0xf0, one, two, b' ', ..]
                if follows(one) && follows(two) =>
            {
                4
            }
            _ => 1,
        };
        mended.extend(rest[..length].iter().map(|byte| if length > 1 && *byte == b' ' { 0xa0 } else { *byte }));
        at += length;
    }
    mended
}

fn stays_joined(next: &[u8]) -> bool {
    [&b" "[..], b"quele", b"quela", b"quilo", b"s "].iter().any(|word| next.starts_with(word))
}

/// U+FFFD for characters of which a byte was lost.
fn with_lost(bytes: &[u8]) -> Vec<u8> {
    let mut mended = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let lost = sequence(&bytes[at..]).filter(|sequence| sequence.contains(&LOST));
        if lost.is_some() || bytes[at] == LOST {
            mended.extend("\u{fffd}".bytes());
        } else {
            mended.push(bytes[at]);
        }
        at += lost.map_or(1, <[u8]>::len);
    }
    mended
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_8_that_was_read_as_something_else_is_read_again() {
        for (text, meant) in [
            ("sÃ³ el niÃ±o", "só el niño"),
            ("itâ€™s â€œhereâ€\u{9d}", "it’s “here”"),
            ("Ð¡Ð¾Ð±Ð°ÐºÐ°", "Собака"),
            ("РЎРѕР±Р°РєР°", "Собака"),
            ("æµ\u{9c}è¾º", "浜辺"),
            ("voilÃ  le travail", "voilà le travail"),
            ("Ã  la mode, Ã s vezes", "à la mode, às vezes"),
            ("it was â€œlostâ€\u{fffd}", "it was “lost\u{fffd}"),
            ("浜辺 cafÃ©", "浜辺 café"),
            ("ðŸ˜\u{8d}", "😍"),
        ] {
            assert_eq!(repaired(text).as_deref(), Some(meant), "{text}");
        }
    }

    #[test]
    fn what_is_meant_stays() {
        for text in [
            "Spaß”",
            "CAFÉ® ",
            "MENÜ» «ÉTÉ»",
            "Москва",
            "Її «Київ»",
            "naïve façade",
            "IRMÃ MARIA",
            "日本語",
            "Ελληνικά",
            "señor ¿qué?",
            "Århus – Ølgod",
            "ÀÉÎ",
            "…",
            "Țară și Ştefan",
            "50 € · 20 °C",
        ] {
            assert_eq!(repaired(text), None, "{text}");
        }
        assert_eq!(controls_as_windows("a\u{85}\u{93}b\u{81}"), "a…“b\u{81}");
    }
}
