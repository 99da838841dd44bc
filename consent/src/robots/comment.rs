//! Comments of a robots.txt: prose, and in many a publisher's file the reservation of rights.

use super::line::raw_lines;
use memchr::memchr;

/// Most text kept of all comments, in bytes.
const MAX_TEXT: usize = 64 * 1024;

/// Comment lines that follow each other, as one text: sentences run over line ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Comment {
    /// Number of its first line.
    pub(crate) line: u32,
    pub(crate) text: String,
}

/// The comments of a file, those behind a rule too.
pub(crate) fn comments(body: &[u8]) -> Vec<Comment> {
    let mut found: Vec<Comment> = Vec::new();
    let (mut kept, mut last) = (0, 0);
    for (number, _, line) in raw_lines(body) {
        let Some(start) = memchr(b'#', line) else { continue };
        let words = prose(&line[start..]);
        kept += words.len() + 1;
        if kept > MAX_TEXT {
            break;
        }
        match found.last_mut().filter(|_| start == 0 && last + 1 == number) {
            Some(comment) => join(&mut comment.text, &words),
            None => found.push(Comment { line: number, text: words }),
        }
        // What follows a rule's remark is another text.
        last = if start == 0 { number } else { 0 };
    }
    found.retain(|comment| comment.text.chars().any(char::is_alphabetic));
    found
}

/// Without the frames people draw around what they say.
fn prose(comment: &[u8]) -> String {
    let is_frame = |c: char| c.is_whitespace() || matches!(c, '#' | '=' | '*' | '-' | '|');
    String::from_utf8_lossy(comment).trim_start_matches(is_frame).trim_end_matches(is_frame).to_owned()
}

/// An empty line ends a paragraph.
fn join(text: &mut String, words: &str) {
    match (words.is_empty(), text.ends_with('\n')) {
        (true, false) => text.push('\n'),
        (false, false) if !text.is_empty() => {
            text.push(' ');
            text.push_str(words);
        }
        _ => text.push_str(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_follow_each_other_are_one_text() {
        let body = "# The use of any tool\r\n# to mine data\r\n#\r\n# is prohibited. #\r\nUser-agent: * # all\n\
            # next\nDisallow:\n#####\n\n#=== No. ===#\n";
        let expected = [(1, "The use of any tool to mine data\nis prohibited."), (5, "all"), (6, "next"), (10, "No.")];
        let found = comments(body.as_bytes());
        let found: Vec<_> = found.iter().map(|one| (one.line, one.text.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn there_is_a_limit() {
        let body = "# word\nDisallow: /\n".repeat(100_000);
        let found = comments(body.as_bytes());
        assert!(found.iter().map(|one| one.text.len()).sum::<usize>() <= MAX_TEXT);
        assert!(comments("#".repeat(1 << 20).as_bytes()).is_empty());
        assert!(comments(b"Disallow: /\n").is_empty());
    }
}
