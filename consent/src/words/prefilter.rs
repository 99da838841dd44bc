//! Turns away texts that cannot hold a phrase, without an allocation and at memory's pace.
//!
//! It may let too much through and must let everything through that has a phrase. So it looks for
//! fragments that survive spelling: without accents, in one piece, any case.

use super::{fold::is_invisible, script::joins, windows::Windows};
use std::sync::LazyLock;

/// Short words: count only where they are words.
const SHORT: [&str; 18] = [
    "ai", "a.i", "a i", "ki", "k.i", "ia", "i.a", "si", "mi", "ml", "tdm", "llm", "llms", "ии", "ИИ", "ші", "ШІ", "44b",
];

/// Fragments that count wherever they stand.
const FRAGMENTS: &[&str] = &[
    // AI and its methods
    "noai",
    "no_ai",
    "genai",
    "antiai",
    "rtifici",
    "ntelig",
    "ntellig",
    "machine",
    "maskin",
    "neural",
    "language model",
    "generativ",
    "train",
    "yapay",
    "ذكاء",
    "νοημοσ",
    "ΝΟΗΜΟΣ",
    "нейрос",
    "НЕЙРОС",
    "Нейрос",
    "интеллект",
    "ИНТЕЛЛЕКТ",
    "нейромереж",
    "НЕЙРОМЕРЕЖ",
    "Нейромереж",
    "інтелект",
    "ІНТЕЛЕКТ",
    "teko",
    "เทรน",
    "เอไอ",
    // mining and the law
    "mining",
    "miner",
    "dataset",
    "scrap",
    "fouille",
    "testo e dati",
    "estrazione",
    "eksploracj",
    "datautv",
    "adatb",
    "vyt\u{11B}",
    "vyte\u{30C}",
    "122-5",
    "122\u{2011}5",
    "122 5",
    "reserv",
    "2019/790",
    "quater",
    "15o",
    "44 b",
    // copies and rights
    "imageai",
    "data m",
    "datam",
    "data-m",
    "publish",
    "broadcast",
    "rewrit",
    "resubi",
    "reup",
    "riprod",
    "ricaric",
    "kopi",
    "druck",
    "vervielf",
    "Копир",
    "копир",
    "КОПИР",
    "копі",
    "Копі",
    "КОПІ",
    "cipta",
    "vyhrazen",
    "حقوق",
    "sakl",
    "学習デ",
    "学習素",
    "教師デ",
    "データセ",
    "著作権",
    "저작권",
    "repost",
    "upload",
    "reuse",
    "re-use",
    "derivative",
    "copy",
    "copi",
    "reprod",
    "unauthori",
    "rights",
    "rechte",
    "droits",
    "derechos",
    "direitos",
    "diritti",
    "prawa",
    "права",
    "Права",
    "ПРАВА",
    "©",
    // Chinese, Japanese, Korean
    "人工智",
    "人工知能",
    "大模型",
    "语言模型",
    "機械学",
    "机器学",
    "機器學",
    "断学習",
    "柄学習",
    "生成",
    "转载",
    "轉載",
    "転載",
    "二传",
    "二傳",
    "二改",
    "盗图",
    "盜圖",
    "搬运",
    "搬運",
    "无断",
    "無断",
    "自作発言",
    "加工禁",
    "保存禁",
    "版权",
    "版權",
    "数据挖掘",
    "資料探勘",
    "数据",
    "인공지능",
    "기계학습",
    "머신러닝",
    "무단",
    "불펌",
    "재배포",
    "재업로드",
    "펌금지",
    "펌 금지",
];

/// Characters that cannot be seen: with one of them in it a text must be normalised before anything can be said.
const INVISIBLE: [&str; 6] = ["\u{AD}", "\u{34F}", "\u{61C}", "\u{FEFF}", "\u{3164}", "\u{FFA0}"];
/// What full-width, mathematical and more invisible characters begin with.
const ODD: [[u8; 2]; 7] =
    [*b"\xE2\x80", *b"\xE2\x81", *b"\xEF\xB8", *b"\xEF\xBC", *b"\xEF\xBD", *b"\xF0\x9D", *b"\xF3\xA0"];

/// Whether `text` may hold a phrase.
pub(super) fn may_speak(text: &str) -> bool {
    #[cfg(test)]
    if !crate::shortcut::is_taken() {
        return tests::may_speak_by_automaton(text);
    }
    ANCHORS.windows.any(text.as_bytes(), |number, start| {
        let anchor = ANCHORS.words[number];
        let end = start + anchor.len();
        text.as_bytes().get(start..end).is_some_and(|found| found.eq_ignore_ascii_case(anchor))
            && match number {
                number if number < SHORT.len() => is_word(text, start, end),
                _ if ODD.iter().any(|odd| *odd == *anchor) => is_odd(text, start),
                _ => true,
            }
    })
}

struct Anchors {
    words: Vec<&'static [u8]>,
    windows: Windows,
}

static ANCHORS: LazyLock<Anchors> = LazyLock::new(|| {
    let words: Vec<&[u8]> = words().collect();
    let windows = Windows::of(&words, |number, next| match words[number] {
        [first, second] if ODD.contains(&[*first, *second]) => is_odd_beginning([*first, *second, next]),
        _ if number < SHORT.len() => !next.is_ascii_alphanumeric(),
        _ => true,
    });
    Anchors { words, windows }
});

/// All that is looked for, the short words first and the odd characters last.
fn words() -> impl Iterator<Item = &'static [u8]> {
    let words = SHORT.iter().chain(FRAGMENTS).chain(&INVISIBLE).map(|word| word.as_bytes());
    words.chain(ODD.iter().map(<[u8; 2]>::as_slice))
}

/// Whether an odd character can begin with these bytes.
fn is_odd_beginning([first, second, third]: [u8; 3]) -> bool {
    let is_odd_char = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok_and(|text| is_odd(text, 0));
    is_odd_char(&[first, second, third]) || (0x80..=0xBF).any(|fourth| is_odd_char(&[first, second, third, fourth]))
}

fn is_word(text: &str, start: usize, end: usize) -> bool {
    // Both ends are borders of characters, since what was found is text.
    let (before, after) = (text[..start].chars().next_back(), text[end..].chars().next());
    !before.is_some_and(|char| joins(char, 'a')) && !after.is_some_and(|char| joins('a', char))
}

/// Whether the character at `start` is invisible or a letter in disguise.
fn is_odd(text: &str, start: usize) -> bool {
    let char = text.get(start..).and_then(|rest| rest.chars().next());
    char.is_some_and(|char| {
        is_invisible(char)
            || matches!(char, '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}' | '\u{1D400}'..='\u{1D7FF}')
    })
}

#[cfg(test)]
mod tests;
