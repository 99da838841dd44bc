//! Digital source types (IPTC, C2PA): which of them say that a model or an algorithm made a picture.

use std::{collections::HashMap, sync::LazyLock};

const TABLE: &str = include_str!("../../data/digital-source-types.tsv");

/// Terms that mark a picture as generated, by their lower-case form.
static GENERATED: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let marking = rows().filter(|(_, maker)| *maker != "person");
    marking.map(|(term, _)| (term.to_ascii_lowercase(), term)).collect()
});

/// The term, spelt as in the table, if `uri` says that software made or changed the picture.
///
/// Only the last segment is compared: the same term is met with http and https, under IPTC's and
/// C2PA's addresses, as `digsrctype:` code and bare.
pub(super) fn generated_by(uri: &str) -> Option<&'static str> {
    let uri = uri.trim().trim_end_matches('/');
    let term = uri.rsplit(['/', '#', ':']).next()?;
    // Longer than any term: not worth a copy.
    if term.len() > 64 {
        return None;
    }
    GENERATED.get(&term.to_ascii_lowercase()).copied()
}

/// Whether a term of the table says that a trained model was at work, not just an algorithm.
pub(super) fn by_model(term: &str) -> bool {
    rows().any(|row| row == (term, "model"))
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_segment_decides() {
        for (uri, expected) in [
            ("http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia", Some("trainedAlgorithmicMedia")),
            (
                "https://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia/",
                Some("compositeWithTrainedAlgorithmicMedia"),
            ),
            ("http://c2pa.org/digitalsourcetype/trainedAlgorithmicData", Some("trainedAlgorithmicData")),
            (" http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia\n", Some("algorithmicMedia")),
            ("digsrctype:compositeSynthetic", Some("compositeSynthetic")),
            ("TRAINEDALGORITHMICMEDIA", Some("trainedAlgorithmicMedia")),
            ("http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture", None),
            ("http://c2pa.org/digitalsourcetype/empty", None),
            ("http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia/x", None),
            ("http://cv.iptc.org/newscodes/digitalsourcetype/", None),
            ("notTrainedAlgorithmicMedia", None),
            ("", None),
        ] {
            assert_eq!(generated_by(uri), expected, "{uri}");
        }
    }

    #[test]
    fn models_are_told_from_algorithms() {
        assert!(by_model("compositeSynthetic"));
        assert!(!by_model("algorithmicMedia"));
        assert!(!by_model("digitalCapture"));
    }

    #[test]
    fn every_row_has_a_term_of_its_own_and_a_maker() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        let terms: std::collections::HashSet<_> = rows().map(|(term, _)| term).collect();
        assert_eq!((rows().count(), terms.len()), (lines, lines));
        assert!(rows().all(|(_, maker)| ["model", "algorithm", "person"].contains(&maker)));
        assert!(TABLE.contains(&format!("# version: {}\n", crate::POLICY_VERSION)));
    }
}
