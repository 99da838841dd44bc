//! Whether characters stand together as nobody writes them: what tells mojibake from what is meant.

use super::charset::{Charset, LOST, sequence};

/// What the bytes from 0x80 on look like in windows-1252: `U` a capital letter, `L` a small one, `s` what opens, `e` what closes, `$` a
/// currency, `n` a number or a sign of arithmetic, `l` a sign of law, `d` a degree, `b` what hardly anybody writes, `c` a control
/// character, `.` what stands anywhere.
const KINDS: &[u8; 128] = b"$csbs.bbbbUsUcUccs.ses..beLeLcLU.s$$b$blbsbsb.ebdnnn.nl.bnbennns\
    UUUUUUUUUUUUUUUUUU.....nU...UU.LLLLLLLLLLLLLLLLLLL.....n....L...";

pub(super) fn kind(byte: u8) -> u8 {
    match byte {
        LOST => b'b',
        b'a'..=b'z' => b'a',
        b'A'..=b'Z' | b'0'..=b'9' | b'_' => b'A',
        b' ' | b'\t' | b'\n' | b'\r' => b' ',
        0x80.. => KINDS[usize::from(byte) - 0x80],
        _ => b'-',
    }
}

/// Whether neighbours stand together in windows-1252 that hardly anybody writes, and that are what UTF-8 looks like there: the
/// heuristic of ftfy's `badness`, for this charset.
pub(super) fn western(bytes: &[u8]) -> bool {
    let at = |place: Option<usize>| place.and_then(|place| bytes.get(place)).copied();
    (0..bytes.len()).any(|place| {
        let (before, this, next, last) =
            (at(place.checked_sub(1)), bytes[place], at(Some(place + 1)), at(Some(place + 2)));
        let kinds = [before, next, last].map(|byte| byte.map_or(0, kind));
        unlikely(kinds[0], (this, kind(this)), (next.unwrap_or(0), kinds[1]), kinds[2]) || spaced(place, bytes)
    })
}

/// Whether two bytes with what stands before and behind them look like UTF-8.
fn unlikely(before: u8, (this, one): (u8, u8), (next, two): (u8, u8), last: u8) -> bool {
    let marked = |kind: u8| matches!(kind, b'L' | b'U' | b's' | b'e' | b'$' | b'n' | b'l');
    let letter = |kind: u8| matches!(kind, b'L' | b'U');
    let wordlike = |kind: u8| matches!(kind, b'a' | b'A' | b'L' | b'U' | b'n');
    match (one, two) {
        (b'c', _) => true,
        (b'b', kind) if marked(kind) => true,
        (kind, b'b') if marked(kind) || kind == b'b' => true,
        (b'L' | b'e' | b'$' | b'n', b'U') | (b'e' | b'$' | b'n', b'L') | (b'L' | b'e', b'$') => true,
        (b'U', b'n' | b'l' | b'd') | (b'$' | b'n', b's') => true,
        (b'U', b'$') if matches!(before, b' ' | b'a') => true,
        (b'U', b's') if before == b'a' => true,
        (kind, b's') if (letter(kind) || matches!(kind, b'$' | b'e')) && last == b'n' => true,
        (kind, b'e') if (letter(kind) || matches!(kind, b'$' | b'n' | b'l')) && last == b's' => true,
        (kind, b's' | b'e') if letter(kind) && wordlike(last) => true,
        _ => match this {
            // Œ and œ, which only letters follow; Â, Ã, Î and Ð, with which the letters of Latin-1, Greek and Cyrillic begin.
            0x8c | 0x9c => next != 0 && !next.is_ascii_alphabetic(),
            0xc2 | 0xc3 | 0xce | 0xd0 => {
                matches!(two, b's' | b'e' | b'd')
                    || matches!(
                        next,
                        0x80 | 0x8a | 0x96 | 0x97 | 0x9a | 0x9c | 0x9e | 0x9f | 0xa0 | 0xa2 | 0xa3 | 0xad | 0xb4 | 0xb7
                    )
            }
            // à, with which India's letters begin.
            0xe0 => matches!(next, 0xb2 | 0xb5 | 0xb9 | 0xbc..=0xbe),
            0xd7 => matches!(next, 0xb2 | 0xb3),
            _ => false,
        },
    }
}

/// A space in the place of the no-break space with which `à` ends, or after Â, which a no-break space is.
fn spaced(place: usize, bytes: &[u8]) -> bool {
    if !matches!(bytes[place..], [0xc2 | 0xc3, b' ', ..]) {
        return false;
    }
    let (before, further) = bytes[..place].split_last().map_or((None, &[][..]), |(last, rest)| (Some(*last), rest));
    match before {
        None | Some(b'a'..=b'z') => true,
        Some(b' ') => further.last().is_some_and(u8::is_ascii_lowercase),
        Some(mark) => bytes[place] == 0xc2 && (matches!(mark, b'.' | b',' | b'?' | b'!') || kind(mark) == b'e'),
    }
}

/// Whether `bytes` convince in a charset whose letters are common in pairs: `РЎС` is Cyrillic twice, and ordinary in Russian once.
pub(super) fn foreign(bytes: &[u8], charset: &Charset) -> bool {
    let character =
        |byte: u8| if byte == LOST { char::REPLACEMENT_CHARACTER } else { charset.high[usize::from(byte) - 0x80] };
    (0..bytes.len()).any(|at| {
        let Some(one) = sequence(&bytes[at..]) else { return false };
        let two = sequence(&bytes[at + one.len()..]);
        let usual = |sequence: &[u8]| matches!(sequence[0], 0xc2..=0xc5 | 0xce | 0xcf | 0xd0 | 0xd1 | 0xe0..=0xe9);
        if usual(one) && two.is_some_and(usual) || one.starts_with(&[0xe2, 0x80]) {
            return true;
        }
        // Alone, only before a sign: what nobody writes behind a letter, and less of it behind Greek and Cyrillic ones.
        let (lead, next) = (character(one[0]), character(one[1]));
        matches!(one[0], 0xc2..=0xc5)
            && match lead {
                '¬' => true,
                '√' => !"§¶¢£•°úùûòôöÓÔÒÚÛÙ…’".contains(next),
                '\u{370}'..='\u{4ff}' => at > 0 && bytes[at - 1].is_ascii_alphabetic() && "‰†‡¤¦¬ѓ".contains(next),
                _ => {
                    let is_sign = !next.is_alphabetic() || matches!(next, 'ˆ' | 'ˇ');
                    is_sign && !next.is_whitespace() && !"…–—’”™®»›\u{ad}".contains(next)
                }
            }
    })
}
