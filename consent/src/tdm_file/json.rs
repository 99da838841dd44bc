//! Takes the objects out of JSON one by one, so that those before a mistake are not lost with it.

use super::read::{Entry, Shape};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;
use std::fmt;

/// Most objects kept: each costs time for every URL that is asked for.
const MAX_OBJECTS: usize = 10_000;

/// Objects read so far, outside of the value that an error would take away.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) entries: Vec<Entry>,
    pub(super) truncated: bool,
}

impl<'de> Visitor<'de> for &mut Kept {
    type Value = Shape;

    fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape, A::Error> {
        while self.entries.len() < MAX_OBJECTS {
            let Some(entry) = items.next_element()? else { return Ok(Shape::Array) };
            self.entries.push(entry);
        }
        while items.next_element::<IgnoredAny>()?.is_some() {
            self.truncated = true;
        }
        Ok(Shape::Array)
    }

    fn visit_map<A: MapAccess<'de>>(self, items: A) -> Result<Shape, A::Error> {
        self.entries.push(EntryVisitor.visit_map(items)?);
        Ok(Shape::Object)
    }
}

struct EntryVisitor;

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(EntryVisitor)
    }
}

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry;

    fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<Entry, A::Error> {
        let mut entry = Entry::default();
        while let Some((key, value)) = items.next_entry::<String, Value>()? {
            entry.set(&key, &value);
        }
        Ok(entry)
    }

    // Anything else in the array is passed over; it must not hide the objects after it.
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Entry, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Entry::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Entry, E> {
        Ok(Entry::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Entry, E> {
        Ok(Entry::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Entry, E> {
        Ok(Entry::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Entry, E> {
        Ok(Entry::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Entry, E> {
        Ok(Entry::default())
    }

    fn visit_unit<E>(self) -> Result<Entry, E> {
        Ok(Entry::default())
    }
}
