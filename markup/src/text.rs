//! White space and lengths.

/// White space collapsed; `None` where nothing is left.
pub(crate) fn collapsed(text: &str) -> Option<String> {
    let mut words = text.split_whitespace();
    let mut line = String::with_capacity(text.len());
    line.push_str(words.next()?);
    for word in words {
        line.push(' ');
        line.push_str(word);
    }
    Some(line)
}

/// The beginning of `text`, at most so many bytes, in memory of its own.
pub(crate) fn clipped(text: &str, bytes: usize) -> String {
    text[..text.floor_char_boundary(bytes)].to_owned()
}
