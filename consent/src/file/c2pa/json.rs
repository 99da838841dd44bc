//! JSON into values, with keys that stand twice kept: `serde_json::Value` would drop the first.

use super::value::{MAX_BOX_BYTES, Unreadable, Value};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::{borrow::Cow, fmt};

/// Reads the first value of `bytes`. What follows it is padding to us; nesting is bounded by
/// `serde_json` (128 levels).
pub(super) fn read(bytes: &[u8]) -> Result<Value<'_>, Unreadable> {
    if bytes.len() > MAX_BOX_BYTES {
        return Err(Unreadable);
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    Value::deserialize(&mut serde_json::Deserializer::from_slice(bytes)).map_err(|_| Unreadable)
}

impl<'de> Deserialize<'de> for Value<'de> {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        source.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Value::Other)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Value::Other)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Value::Other)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Value::Other)
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some((key, value)) = map.next_entry::<Value, Value>()? {
            pairs.push((key.into_key(), value));
        }
        Ok(Value::Map(pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Option<String> {
        let mut out = String::new();
        read(text.as_bytes()).ok()?.write(&mut out);
        Some(out)
    }

    #[test]
    fn values_are_read() {
        for (text, expected) in [
            (r#"{"a":[1,-1,1.5,null,true],"b":"\u00fc"}"#, Some(r#"{"a": […, …, …, …, true], "b": "ü"}"#)),
            (r#"{"use":"allowed","use":"notAllowed"}"#, Some(r#"{"use": "allowed", "use": "notAllowed"}"#)),
            ("\u{FEFF}[]\0\0", Some("[]")),
            ("{\"a\":", None),
            ("{'a':1}", None),
            ("", None),
        ] {
            assert_eq!(said(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn nesting_and_size_are_bounded() {
        assert_eq!(said(&"[".repeat(200_000)), None);
        assert_eq!(said(&format!("\"{}\"", "a".repeat(MAX_BOX_BYTES))), None);
    }
}
