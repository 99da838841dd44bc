//! What the log tells of columns of files, by which whole files are skipped.

use super::Table;
use crate::Error;
use datafusion::common::ScalarValue;
use serde_json::Value;
use std::collections::HashMap;

/// Least and greatest value of a column that has no nulls, in one file. Another writer may have shortened texts, so that they
/// are bounds and no values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Range {
    pub(crate) column: String,
    pub(crate) low: ScalarValue,
    pub(crate) high: ScalarValue,
}

impl Table {
    /// The ranges of columns by file.
    pub(crate) fn ranges(&self) -> Result<HashMap<String, Vec<Range>>, Error> {
        let mut all = HashMap::new();
        for file in self.delta.snapshot()?.log_data().iter() {
            let Some(text) = file.stats() else { continue };
            // What cannot be read tells nothing: the file is read.
            let Ok(told) = serde_json::from_str::<Value>(&text) else { continue };
            all.insert(file.path().into_owned(), ranges_of(&told));
        }
        Ok(all)
    }
}

/// The ranges in a file's statistics as Delta writes them.
pub(crate) fn ranges_of(told: &Value) -> Vec<Range> {
    let Some(lows) = told["minValues"].as_object() else { return Vec::new() };
    let mut ranges = Vec::new();
    for (column, low) in lows {
        let full = told["nullCount"][column] == 0;
        if let (true, Some(low), Some(high)) = (full, value(low), value(&told["maxValues"][column])) {
            ranges.push(Range { column: column.clone(), low, high });
        }
    }
    ranges
}

/// Texts and numbers with a point; others are in no statistics of ours, and their type could not be told from JSON.
fn value(value: &Value) -> Option<ScalarValue> {
    match value {
        Value::String(text) => Some(ScalarValue::Utf8(Some(text.clone()))),
        Value::Number(number) if number.is_f64() => number.as_f64().map(|number| ScalarValue::Float64(Some(number))),
        _ => None,
    }
}
