//! What is kept: `[keep]` held against what is known of a row. Pure: no file, no clock.

use schema::{DropReason, Keep, Sample};
use std::collections::BTreeMap;

/// What the rules ask about a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Facts<'a> {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Cosine of picture and text.
    pub similarity: f32,
    /// Language of the text, where it can be told.
    pub language: Option<&'a str>,
    /// Aesthetic score, where the model has a head for it.
    pub aesthetic: Option<f32>,
    /// Probability of unsafe content, where the model has a head for it.
    pub punsafe: Option<f32>,
    /// Scores of the model's other heads, by name.
    pub scores: &'a BTreeMap<String, f32>,
}

impl<'a> Facts<'a> {
    /// What a row that was scored before tells.
    pub fn of(sample: &'a Sample) -> Self {
        Self {
            width: sample.width.unsigned_abs(),
            height: sample.height.unsigned_abs(),
            similarity: sample.similarity,
            language: sample.language.as_deref(),
            aesthetic: sample.aesthetic,
            punsafe: sample.punsafe,
            scores: &sample.scores,
        }
    }
}

/// The first rule that drops the row; `None` keeps it. `model_similarity` is the model's own
/// threshold, for where `[keep]` names none.
///
/// What is unknown under a rule that asks for it is dropped, and so is every score that is no
/// number, rule or none: such a row is not worth keeping.
pub fn decide(keep: &Keep, model_similarity: f32, facts: &Facts<'_>) -> Option<DropReason> {
    if let Some(reason) = shape(keep, facts.width, facts.height) {
        return Some(reason);
    }
    if !at_least(facts.similarity, least_similarity(keep, model_similarity, facts.language)) {
        return Some(DropReason::LowSimilarity);
    }
    let least = keep.min_aesthetic.unwrap_or(f32::NEG_INFINITY);
    if !facts.aesthetic.map_or(keep.min_aesthetic.is_none(), |score| at_least(score, least)) {
        return Some(DropReason::LowAesthetic);
    }
    let most = keep.max_unsafe.unwrap_or(f32::INFINITY);
    if !facts.punsafe.map_or(keep.max_unsafe.is_none(), |score| at_least(most, score)) {
        return Some(DropReason::Unsafe);
    }
    scores(keep, facts.scores)
}

/// The least cosine asked for: of a text in this language, of any, or of the model itself.
fn least_similarity(keep: &Keep, model_similarity: f32, language: Option<&str>) -> f32 {
    let by_language = keep.min_similarity_by_language.get(language.unwrap_or("unknown")).copied();
    by_language.or(keep.min_similarity).unwrap_or(model_similarity)
}

/// The rules about scores by name.
fn scores(keep: &Keep, scores: &BTreeMap<String, f32>) -> Option<DropReason> {
    let of = |name: &String| scores.get(name).copied().unwrap_or(f32::NAN);
    if scores.values().any(|score| score.is_nan())
        || !keep.min_scores.iter().all(|(name, least)| at_least(of(name), *least))
    {
        return Some(DropReason::LowScore);
    }
    let fine = keep.max_scores.iter().all(|(name, most)| at_least(*most, of(name)));
    (!fine).then_some(DropReason::HighScore)
}

/// The rules that ask for nothing but the size.
pub(crate) fn shape(keep: &Keep, width: u32, height: u32) -> Option<DropReason> {
    let (short, long) = (width.min(height), width.max(height));
    if short < keep.min_side {
        return Some(DropReason::TooSmall);
    }
    (f64::from(long) > f64::from(keep.max_aspect) * f64::from(short)).then_some(DropReason::TooLong)
}

/// Whether `score` reaches `threshold`; never so if either is no number.
fn at_least(score: f32, threshold: f32) -> bool {
    score >= threshold
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: &BTreeMap<String, f32> = &BTreeMap::new();
    const GOOD: Facts<'_> = Facts {
        width: 640,
        height: 480,
        similarity: 0.4,
        language: None,
        aesthetic: Some(6.0),
        punsafe: Some(0.1),
        scores: NONE,
    };

    fn strict() -> Keep {
        Keep { min_similarity: Some(0.3), min_aesthetic: Some(5.0), max_unsafe: Some(0.5), ..Keep::default() }
    }

    #[test]
    fn every_rule_drops_what_it_is_for() {
        let nan = f32::NAN;
        for (facts, reason) in [
            (GOOD, None),
            (Facts { width: 63, ..GOOD }, Some(DropReason::TooSmall)),
            (Facts { width: 1920, ..GOOD }, None),
            (Facts { width: 1921, ..GOOD }, Some(DropReason::TooLong)),
            (Facts { height: 2561, ..GOOD }, Some(DropReason::TooLong)),
            (Facts { similarity: 0.3, ..GOOD }, None),
            (Facts { similarity: 0.299, ..GOOD }, Some(DropReason::LowSimilarity)),
            (Facts { similarity: nan, ..GOOD }, Some(DropReason::LowSimilarity)),
            (Facts { aesthetic: Some(5.0), ..GOOD }, None),
            (Facts { aesthetic: Some(4.9), ..GOOD }, Some(DropReason::LowAesthetic)),
            (Facts { aesthetic: Some(nan), ..GOOD }, Some(DropReason::LowAesthetic)),
            (Facts { aesthetic: None, ..GOOD }, Some(DropReason::LowAesthetic)),
            (Facts { punsafe: Some(0.5), ..GOOD }, None),
            (Facts { punsafe: Some(0.51), ..GOOD }, Some(DropReason::Unsafe)),
            (Facts { punsafe: Some(nan), ..GOOD }, Some(DropReason::Unsafe)),
            (Facts { punsafe: None, ..GOOD }, Some(DropReason::Unsafe)),
        ] {
            assert_eq!(decide(&strict(), 0.9, &facts), reason, "{facts:?}");
        }
    }

    #[test]
    fn each_language_has_its_own_threshold() {
        // LAION-5B's: 0.28 for English, 0.26 for the others and where it cannot be told.
        let by_language = BTreeMap::from([("en".to_owned(), 0.28)]);
        let keep =
            Keep { min_similarity: Some(0.26), min_similarity_by_language: by_language.clone(), ..Keep::default() };
        let of = |keep: &Keep, language, similarity| {
            let facts = Facts { language, similarity, aesthetic: None, punsafe: None, ..GOOD };
            decide(keep, 0.9, &facts).is_none()
        };
        for (language, similarity, is_kept) in [
            (Some("en"), 0.28, true),
            (Some("en"), 0.27, false),
            (Some("de"), 0.26, true),
            (Some("de"), 0.25, false),
            (None, 0.26, true),
        ] {
            assert_eq!(of(&keep, language, similarity), is_kept, "{language:?} {similarity}");
        }
        let unknown = BTreeMap::from([("unknown".to_owned(), 0.5)]);
        let keep = Keep { min_similarity_by_language: unknown, ..keep };
        assert!(!of(&keep, None, 0.4) && of(&keep, Some("en"), 0.27));
        // Where neither names one, the model's own holds.
        let keep = Keep { min_similarity_by_language: by_language, ..Keep::default() };
        assert!(of(&keep, Some("en"), 0.3) && !of(&keep, Some("de"), 0.3));
    }

    #[test]
    fn scores_by_name_are_held_against_their_bounds() {
        let bounds = |bound: f32| BTreeMap::from([("violence".to_owned(), bound)]);
        let keep = Keep { min_scores: bounds(0.1), max_scores: bounds(0.5), ..Keep::default() };
        for (score, reason) in [
            (Some(0.1), None),
            (Some(0.5), None),
            (Some(0.09), Some(DropReason::LowScore)),
            (Some(0.51), Some(DropReason::HighScore)),
            (Some(f32::NAN), Some(DropReason::LowScore)),
            (None, Some(DropReason::LowScore)),
        ] {
            let scores: BTreeMap<String, f32> = score.map(|score| ("violence".to_owned(), score)).into_iter().collect();
            assert_eq!(decide(&keep, 0.0, &Facts { scores: &scores, ..GOOD }), reason, "{score:?}");
        }
        let most = Keep { max_scores: bounds(0.5), ..Keep::default() };
        assert_eq!(decide(&most, 0.0, &GOOD), Some(DropReason::HighScore), "what is unknown is dropped");
        let odd = BTreeMap::from([("other".to_owned(), f32::NAN)]);
        assert_eq!(decide(&Keep::default(), 0.0, &Facts { scores: &odd, ..GOOD }), Some(DropReason::LowScore));
    }

    #[test]
    fn without_thresholds_the_models_own_holds_and_nan_still_falls() {
        let keep = Keep::default();
        let bare = Facts { aesthetic: None, punsafe: None, ..GOOD };
        assert_eq!(decide(&keep, 0.4, &bare), None);
        assert_eq!(decide(&keep, 0.41, &bare), Some(DropReason::LowSimilarity));
        assert_eq!(decide(&keep, f32::NAN, &bare), Some(DropReason::LowSimilarity));
        assert_eq!(decide(&keep, 0.0, &Facts { aesthetic: Some(f32::NAN), ..bare }), Some(DropReason::LowAesthetic));
        assert_eq!(decide(&keep, 0.0, &Facts { punsafe: Some(f32::NAN), ..bare }), Some(DropReason::Unsafe));
    }
}
