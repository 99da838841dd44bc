//! Who made the picture: digital source types in actions and in metadata assertions.

use super::{training::without_instance, value::Value, vocabulary::plain};
use crate::file::source_type;

/// Assertions that may name a digital source type.
const LABELS: [&str; 6] = [
    "c2pa.actions",
    "c2pa.actions.v2",
    // Metadata in JSON-LD: `Iptc4xmpExt:DigitalSourceType`.
    "c2pa.metadata",
    "cawg.metadata",
    "stds.iptc",
    "stds.iptc.photo-metadata",
];

/// Whether an assertion labelled so may say who made the picture.
pub(super) fn is_told_in(label: &[u8]) -> bool {
    std::str::from_utf8(label).is_ok_and(|label| LABELS.contains(&without_instance(label)))
}

/// The source type that marks the picture as generated: of several, one by a model.
pub(super) fn generated_by(root: &Value) -> Option<&'static str> {
    match root {
        Value::Map(pairs) => pairs.iter().fold(None, |found, (key, value)| {
            let here = match value {
                Value::Text(uri) if is_source_type(key) => source_type::generated_by(uri),
                _ => generated_by(value),
            };
            stronger(found, here)
        }),
        Value::Array(items) => items.iter().map(generated_by).fold(None, stronger),
        _ => None,
    }
}

/// The first of two, unless only the second says that a model was at work.
pub(super) fn stronger(first: Option<&'static str>, second: Option<&'static str>) -> Option<&'static str> {
    match (first, second) {
        (Some(first), Some(second)) if source_type::by_model(second) && !source_type::by_model(first) => Some(second),
        _ => first.or(second),
    }
}

/// `digitalSourceType` in actions, with a prefix in JSON-LD.
fn is_source_type(key: &str) -> bool {
    plain(key.rsplit(':').next().unwrap_or(key)) == "digitalsourcetype"
}
