//! Which letters stand in words apart by blanks, and which do not.

/// Whether a character belongs to a script that sets no blanks between words, or, as Korean, sets
/// them as the writer likes: kana, ideographs, Hangul, Thai.
pub(super) fn is_tight(char: char) -> bool {
    matches!(char, '\u{E00}'..='\u{E7F}' | '\u{1100}'..='\u{11FF}' | '\u{3005}' | '\u{3040}'..='\u{30FF}' | '\u{3130}'..='\u{318F}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Whether two neighbours are parts of one word, as in "Hanoai".
pub(super) fn joins(one: char, other: char) -> bool {
    let in_word = |char: char| char.is_alphanumeric() && !is_tight(char);
    in_word(one) && in_word(other)
}
