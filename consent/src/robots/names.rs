//! Whom the User-agent lines of a file name, and which groups are theirs.

use crate::policy::Reading;
use std::{cmp::Ordering, ops::Range};

/// Names with their groups: groups that name the same crawler are merged (RFC 9309 section 2.2.1).
#[derive(Debug, Default)]
pub(super) struct Names {
    /// All names one after the other, in lower case.
    text: Vec<u8>,
    /// In the order of their names once all are in.
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    name: Range<usize>,
    group: usize,
}

/// What a User-agent value turned out to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    /// More names were taken than the letter gives.
    pub(super) lenient: bool,
    /// A wildcard within a name, which RFC 9309 does not know.
    pub(super) wildcard: bool,
}

impl Names {
    /// Enters `group` under each name of a User-agent value.
    pub(super) fn add(&mut self, value: &[u8], group: usize, reading: Reading) -> Heard {
        let full = self.add_name(value, group);
        let wildcard = self.text[full.clone()].contains(&b'*') && self.text[full] != *b"*";
        let separates = |octet: &u8| octet.is_ascii_whitespace() || b",;|()+".contains(octet);
        let several = value.iter().any(separates);
        if several && reading == Reading::Strict {
            // "GPTBot, CCBot" and "Mozilla/5.0 (compatible; GPTBot/1.2)" are no valid names, and
            // whom they mean is plain.
            for word in value.split(separates).filter(|word| !word.is_empty()) {
                self.add_name(word, group);
            }
        }
        Heard { lenient: several && reading == Reading::Strict, wildcard }
    }

    /// Enters a value in full, and up to the first character that no name holds (`FooBot/1.0`,
    /// `FooBot (x)`). RFC 9309 would cut at digits and dots too, but then `img2dataset` were `img`
    /// and `AI2Bot` were `ai`.
    fn add_name(&mut self, value: &[u8], group: usize) -> Range<usize> {
        let start = self.text.len();
        for word in value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()) {
            if self.text.len() > start {
                self.text.push(b' ');
            }
            self.text.extend(word.iter().map(u8::to_ascii_lowercase));
        }
        let full = &self.text[start..];
        let in_name = |octet: &u8| octet.is_ascii_alphanumeric() || b"-_.".contains(octet);
        let short = full.iter().position(|octet| !in_name(octet)).unwrap_or(full.len());
        // A name that starts with a wildcard (`*bot*`) names nobody, but `*` all by itself does.
        let (short, full) = match full {
            [b'*'] | [b'*', b' ', ..] => (1, 1),
            [b'*', ..] => (0, 0),
            _ => (short, full.len()),
        };
        for end in [full, short] {
            let name = start..start + end;
            if end > 0 && self.entries.last().is_none_or(|last| last.name != name) {
                self.entries.push(Entry { name, group });
            }
        }
        start..self.text.len()
    }

    /// Orders the entries. Nothing is found before.
    pub(super) fn settle(&mut self) {
        let text = &self.text;
        let key = |entry: &Entry| (&text[entry.name.clone()], entry.group);
        self.entries.sort_unstable_by(|one, other| key(one).cmp(&key(other)));
        self.entries.dedup_by(|one, other| key(one) == key(other));
    }

    /// The entries of a name in any case; none if it is not named.
    pub(super) fn find(&self, name: &str) -> Range<usize> {
        let order = |entry: &Entry| {
            let known = &self.text[entry.name.clone()];
            known.iter().copied().cmp(name.bytes().map(|octet| octet.to_ascii_lowercase()))
        };
        let start = self.entries.partition_point(|entry| order(entry) == Ordering::Less);
        let count = self.entries[start..].iter().take_while(|entry| order(entry) == Ordering::Equal).count();
        start..start + count
    }

    /// The groups of some entries, in the order of the file.
    pub(super) fn groups(&self, entries: Range<usize>) -> impl Iterator<Item = usize> + Clone {
        self.entries[entries].iter().map(|entry| entry.group)
    }

    /// All names, each with its entries.
    pub(super) fn all(&self) -> impl Iterator<Item = (&[u8], Range<usize>)> {
        let name = |place: usize| &self.text[self.entries[place].name.clone()];
        let mut start = 0;
        std::iter::from_fn(move || {
            let known = (start < self.entries.len()).then(|| name(start))?;
            let from = start;
            while start < self.entries.len() && name(start) == known {
                start += 1;
            }
            Some((known, from..start))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(value: &str, reading: Reading) -> (Vec<String>, Heard) {
        let mut names = Names::default();
        let heard = names.add(value.as_bytes(), 0, reading);
        names.settle();
        (names.all().map(|(name, _)| String::from_utf8_lossy(name).into_owned()).collect(), heard)
    }

    #[test]
    fn values_are_read_in_full_and_up_to_the_end_of_the_name() {
        for (value, spec, more) in [
            ("FooBot", &["foobot"][..], &[][..]),
            ("FooBot/1.0", &["foobot", "foobot/1.0"], &[]),
            ("img2dataset", &["img2dataset"], &[]),
            ("panscient.com", &["panscient.com"], &[]),
            ("Kangaroo \t Bot", &["kangaroo", "kangaroo bot"], &["bot"]),
            ("*", &["*"], &[]),
            ("* all", &["*"], &["all"]),
            ("*bot*", &[], &[]),
            ("", &[], &[]),
            ("GPTBot, CCBot", &["gptbot", "gptbot, ccbot"], &["ccbot"]),
            ("GPTBot;CCBot", &["gptbot", "gptbot;ccbot"], &["ccbot"]),
        ] {
            assert_eq!(names(value, Reading::Spec).0, spec, "{value}");
            let strict = names(value, Reading::Strict).0;
            assert!(
                spec.iter().chain(more).all(|name| strict.iter().any(|known| known == name)),
                "{value}: {strict:?}"
            );
            assert_eq!(strict.len(), spec.len() + more.len(), "{value}: {strict:?}");
        }
    }

    #[test]
    fn wildcards_within_names_are_told() {
        for (value, wildcard) in [("*", false), ("*bot*", true), ("AI*", true), ("FooBot", false)] {
            assert_eq!(names(value, Reading::Spec).1.wildcard, wildcard, "{value}");
        }
    }

    #[test]
    fn names_are_found_in_any_case_with_all_their_groups() {
        let mut names = Names::default();
        for (group, value) in ["b", "*", "A", "B", "a", "a"].into_iter().enumerate() {
            names.add(value.as_bytes(), group, Reading::Spec);
        }
        names.settle();
        let groups = |name| names.groups(names.find(name)).collect::<Vec<_>>();
        assert_eq!(groups("a"), [2, 4, 5]);
        assert_eq!(groups("B"), [0, 3]);
        assert_eq!(groups("*"), [1]);
        assert!(groups("c").is_empty() && groups("").is_empty());
    }
}
