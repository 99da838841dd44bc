//! Turns away texts that cannot hold a phrase, without an allocation and at memory's pace.
//!
//! It may let too much through and must let everything through that has a phrase. So it looks for
//! fragments that survive spelling: without accents, in one piece, any case.

use super::{normalise::is_invisible, script::joins};
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
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

/// Bytes that full-width, mathematical and invisible characters begin with: with one of them in it
/// a text must be normalised before anything can be said.
const ODD: [&str; 6] = ["\u{AD}", "\u{34F}", "\u{61C}", "\u{FEFF}", "\u{3164}", "\u{FFA0}"];
const ODD_BYTES: [&[u8]; 7] =
    [b"\xE2\x80", b"\xE2\x81", b"\xEF\xB8", b"\xEF\xBC", b"\xEF\xBD", b"\xF0\x9D", b"\xF3\xA0"];

/// Whether `text` may hold a phrase.
pub(super) fn may_speak(text: &str) -> bool {
    let Some(anchors) = &*ANCHORS else { return true };
    let mut hits = anchors.find_overlapping_iter(text);
    hits.any(|hit| match hit.pattern().as_usize() {
        pattern if pattern < SHORT.len() => is_word(text, hit.start(), hit.end()),
        pattern if pattern >= SHORT.len() + FRAGMENTS.len() + ODD.len() => is_odd(text, hit.start()),
        _ => true,
    })
}

static ANCHORS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words = SHORT.iter().chain(FRAGMENTS).chain(&ODD).map(|word| word.as_bytes());
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .match_kind(MatchKind::Standard)
        .build(words.chain(ODD_BYTES))
        .ok()
});

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
mod tests {
    use super::*;

    #[test]
    fn ordinary_texts_are_turned_away() {
        for text in [
            "",
            "A big burly grizzly bear is shown with grass in the background.",
            "She said it again: Spain, a painting of Hanoi, the chair and the fair",
            "Café \u{201C}Zur Linde\u{201D} \u{2013} Straße",
            "港の夕暮れ",
            "Вид на море",
        ] {
            assert!(!may_speak(text), "{text}");
        }
        for text in
            ["AI", "no-ai", "#NoAI", "(a.i.)", "ai学習", "Ａ", "ma\u{AD}chine", "n\u{200B}o", "Обучение ИИ", "𝐀𝐈"]
        {
            assert!(may_speak(text), "{text}");
        }
    }
}
