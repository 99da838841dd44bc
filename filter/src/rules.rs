//! What is kept: `[keep]` held against what is known of a row. Pure: no file, no clock.

use schema::{DropReason, Keep};

/// What the rules ask about a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Facts {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Cosine of picture and text.
    pub similarity: f32,
    /// Aesthetic score, where the model has a head for it.
    pub aesthetic: Option<f32>,
    /// Probability of unsafe content, where the model has a head for it.
    pub punsafe: Option<f32>,
}

/// The first rule that drops the row; `None` keeps it. `model_similarity` is the model's own
/// threshold, for where `[keep]` names none.
///
/// What is unknown under a rule that asks for it is dropped, and so is every score that is no
/// number, rule or none: such a row is not worth keeping.
pub fn decide(keep: &Keep, model_similarity: f32, facts: &Facts) -> Option<DropReason> {
    if let Some(reason) = shape(keep, facts.width, facts.height) {
        return Some(reason);
    }
    if !at_least(facts.similarity, keep.min_similarity.unwrap_or(model_similarity)) {
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
    None
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

    const GOOD: Facts = Facts { width: 640, height: 480, similarity: 0.4, aesthetic: Some(6.0), punsafe: Some(0.1) };

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
