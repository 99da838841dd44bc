//! A plain no in a store whose boxes are broken: the label and the words stand there in clear.

use crate::{findings::clip, statement::Statement};
use aho_corasick::{AhoCorasick, packed};
use schema::{Category, Evidence, Verdict};
use std::{collections::BTreeMap, sync::LazyLock};

/// Labels by where they end among the bytes, and whether all of the assertion was understood.
pub(super) type Understood = BTreeMap<usize, bool>;

/// How far behind a label its no may stand, in bytes: an assertion of four entries takes 200.
const LOOK_AHEAD: usize = 4096;
/// The first of [`NEEDLES`] are labels, so many; the others are a no.
const LABELS: usize = 4;
const NEEDLES: [&str; 9] = [
    "training-mining",
    "training_mining",
    "training-and-data-mining",
    "training_and_data_mining",
    // Without its end, which may be what was cut off.
    "notallow",
    "not_allow",
    "not-allow",
    "not allow",
    "constrained",
];

static SEARCH: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::builder().ascii_case_insensitive(true).build(NEEDLES).ok());

/// What is in every label, letters small.
const IN_EVERY_LABEL: [u8; 4] = *b"mini";

/// The same in each mix of small and capital letters: a picture is passed over many bytes at a time,
/// eight times as fast as the whole search does it, and in hardly any does this stand by chance.
static GLANCE: LazyLock<Option<packed::Searcher>> = LazyLock::new(|| {
    packed::Searcher::new((0..1_u8 << IN_EVERY_LABEL.len()).map(|mix| {
        let letter = |at: usize| IN_EVERY_LABEL[at] ^ (mix >> at & 1) << 5;
        std::array::from_fn::<u8, { IN_EVERY_LABEL.len() }, _>(letter)
    }))
});

/// The first no behind the label of an assertion that was not understood.
pub(super) fn plain_no(bytes: &[u8], understood: &Understood) -> Option<Statement> {
    let may_be_labelled = GLANCE.as_ref().is_none_or(|glance| glance.find(bytes).is_some());
    if may_be_labelled { searched(bytes, understood) } else { None }
}

/// The same, by looking at every byte once.
fn searched(bytes: &[u8], understood: &Understood) -> Option<Statement> {
    let mut open = None;
    for found in SEARCH.as_ref()?.find_iter(bytes) {
        if found.pattern().as_usize() >= LABELS {
            if let Some(label) = open.filter(|label| found.start() - label < LOOK_AHEAD) {
                return Some(statement(bytes, label, found.end()));
            }
        } else if let Some(end) = label_end(bytes, found.end()) {
            open = (understood.get(&end) != Some(&true)).then_some(found.start());
        }
    }
    None
}

/// Where the label ends of which a needle was found up to `at`; `None` if this is no label but a
/// text that speaks of one: in a description box NUL follows (ISO/IEC 19566-5), in CBOR and JSON
/// it does not.
fn label_end(bytes: &[u8], at: usize) -> Option<usize> {
    /// `.v2__12`
    const LONGEST_TAIL: usize = 24;
    let rest = &bytes[at..];
    let tail = rest.iter().take(LONGEST_TAIL).take_while(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte));
    let length = tail.count();
    (rest.get(length) == Some(&0)).then_some(at + length)
}

fn statement(bytes: &[u8], label: usize, end: usize) -> Statement {
    let signal = if bytes[..label].ends_with(b"cawg.") { "cawg.training-mining" } else { "c2pa.training-mining" };
    let end = end.min(label + Evidence::MAX_RAW_BYTES);
    let raw = clip(&String::from_utf8_lossy(&bytes[label..end]), Evidence::MAX_RAW_BYTES);
    Statement::new(signal, Category::Train, Verdict::MalformedDeny, &raw).at(format!("C2PA byte {label}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_glance_sees_every_label_in_any_case() {
        assert!(GLANCE.is_some() || cfg!(not(any(target_arch = "x86_64", target_arch = "aarch64"))));
        for label in &NEEDLES[..LABELS] {
            for mix in 0..32_usize {
                let letter = |(at, byte): (usize, u8)| {
                    if at % 5 == mix % 5 || mix >> (at % 5) & 1 == 1 { byte.to_ascii_uppercase() } else { byte }
                };
                let label: Vec<u8> = label.bytes().enumerate().map(letter).collect();
                let bytes = [&vec![b'.'; mix][..], &label, b"\0 NotAllowed"].concat();
                assert!(searched(&bytes, &Understood::default()).is_some());
                assert!(plain_no(&bytes, &Understood::default()).is_some(), "{}", String::from_utf8_lossy(&label));
            }
        }
    }

    #[test]
    fn a_no_behind_a_label_is_found() {
        let far = |distance: usize| [&b"c2pa.training-mining\0"[..], &vec![b'.'; distance], b"notAllowed"].concat();
        for (about, bytes, expected) in [
            ("plain", b"xx c2pa.training-mining\0\0cusejnotAllowed".to_vec(), Some("c2pa.training-mining")),
            ("numbered", b"cawg.training-mining__2\0 \"not_allowed\"".to_vec(), Some("cawg.training-mining")),
            ("another case", b"CAWG.Training-Mining\0NOTALLOWED".to_vec(), Some("c2pa.training-mining")),
            ("a condition", b"cawg.training-mining\0\x6bconstrained".to_vec(), Some("cawg.training-mining")),
            ("allowed", b"cawg.training-mining\0gallowed".to_vec(), None),
            ("a no before", b"notAllowed c2pa.training-mining\0".to_vec(), None),
            ("a mention in JSON", br#"{"x":"c2pa.training-mining","y":"notAllowed"}"#.to_vec(), None),
            ("a reference in a claim", b"/c2pa.training-mining\x64hashX notAllowed".to_vec(), None),
            ("near", far(4000), Some("c2pa.training-mining")),
            ("far", far(5000), None),
        ] {
            let found = plain_no(&bytes, &Understood::new());
            assert_eq!(found.map(|one| one.signal.into_owned()).as_deref(), expected, "{about}");
        }
    }

    #[test]
    fn what_was_understood_is_not_searched_again() {
        let bytes = b"c2pa.training-mining\0notAllowed";
        assert_eq!(plain_no(bytes, &[(20, true)].into()), None);
        assert!(plain_no(bytes, &[(20, false)].into()).is_some());
        assert!(plain_no(bytes, &[(21, true)].into()).is_some());
    }
}
