//! Where the text of elements without markup ends, and where comments do.

use crate::tokens::is_blank;
use memchr::{memchr, memchr_iter, memchr2};

/// Where the end tag of `label` begins.
pub(crate) fn end(text: &[u8], label: &[u8]) -> Option<usize> {
    memchr_iter(b'<', text).find(|at| text.get(at + 1) == Some(&b'/') && is_word(&text[at + 2..], label))
}

/// Where the end tag of a script begins (HTML standard, sections 13.2.5.15 to 13.2.5.31). Inside
/// `<!--` a `<script>` hides the next `</script>`: old pages wrapped scripts in comments.
pub(crate) fn script_end(text: &[u8]) -> Option<usize> {
    let mut depth = Depth::Plain;
    let mut at = 0;
    loop {
        let found = if depth == Depth::Plain { memchr(b'<', &text[at..]) } else { memchr2(b'<', b'>', &text[at..]) };
        at += found?;
        let rest = &text[at..];
        if rest[0] == b'>' {
            if text[..at].ends_with(b"--") {
                depth = Depth::Plain;
            }
        } else if rest.get(1) == Some(&b'/') && is_word(&rest[2..], b"script") {
            match depth {
                Depth::Hidden => depth = Depth::Comment,
                _ => return Some(at),
            }
        } else if depth == Depth::Comment && is_word(&rest[1..], b"script") {
            depth = Depth::Hidden;
        } else if depth == Depth::Plain && rest.starts_with(b"<!--") {
            depth = Depth::Comment;
            // `<!-->` ends at once, by the dashes it began with.
            at += 3;
        }
        at += 1;
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    Plain,
    Comment,
    /// In a script in a comment in a script.
    Hidden,
}

fn is_word(text: &[u8], word: &[u8]) -> bool {
    let Some((start, rest)) = text.split_at_checked(word.len()) else { return false };
    start.eq_ignore_ascii_case(word) && rest.first().is_some_and(|byte| is_blank(*byte) || matches!(byte, b'/' | b'>'))
}

/// Where a comment ends, from after its `<!--` to after its `>`.
pub(crate) fn comment_end(text: &[u8]) -> Option<usize> {
    if text.starts_with(b">") {
        return Some(1);
    }
    if text.starts_with(b"->") {
        return Some(2);
    }
    let ends = |at: &usize| text[..*at].ends_with(b"--") || text[..*at].ends_with(b"--!");
    memchr_iter(b'>', text).find(ends).map(|at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_end_where_browsers_end_them() {
        for (text, end) in [
            ("a</script>", Some(1)),
            ("'</scriptx>' </SCRIPT\n>", Some(13)),
            ("a</script", None),
            ("<!-- </script>", Some(5)),
            ("<!-- <script> </script> --></script>", Some(27)),
            ("<!-- <script> </script> </script>", Some(24)),
            ("<!-- <scripty> </script>", Some(15)),
            ("<!--><script></script>", Some(13)),
            ("<!--- <script> -- > </script></script>", Some(29)),
            ("<!-- <script> --></script>", Some(17)),
            ("<!- <script></script>", Some(12)),
        ] {
            assert_eq!(script_end(text.as_bytes()), end, "{text}");
        }
    }

    #[test]
    fn comments_end_where_browsers_end_them() {
        for (text, end) in [
            (">a", Some(1)),
            ("->a", Some(2)),
            ("-->a", Some(3)),
            (" a --!> b", Some(7)),
            (" -- > -->", Some(9)),
            (" --!-> -->", Some(10)),
            (" <!-- > <!-->", Some(13)),
            (" -", None),
        ] {
            assert_eq!(comment_end(text.as_bytes()), end, "{text}");
        }
    }
}
