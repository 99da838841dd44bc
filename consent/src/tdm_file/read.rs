//! The JSON of a tdmrep.json, as far as it can be read: what stands before a mistake is kept, since
//! a file with a comma too many still says what its author wants.

use super::json::Kept;
use crate::{findings::clip, policy::Reading, tdmrep};
use schema::Evidence;
use serde::Deserializer;
use serde_json::Value;

/// Most read of a file.
const MAX_BYTES: usize = 1024 * 1024;

/// What a file holds.
pub(super) struct Contents {
    pub(super) shape: Shape,
    pub(super) entries: Vec<Entry>,
    pub(super) truncated: bool,
    /// Words that reserve and belong to no entry, in a file that was not read to its end.
    pub(super) unheard: Option<Box<str>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// As the report has it.
    Array,
    /// A single object.
    Object,
    /// No JSON to its end, or neither array nor object.
    Broken,
}

/// An object.
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// One; more only where a list was written.
    pub(super) locations: Vec<String>,
    pub(super) reservation: Option<Reservation>,
    pub(super) policy: Option<String>,
    /// Whether anything in it had to be guessed.
    guessed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reservation {
    Reserved,
    Free,
    /// Badly written, plainly meant as 1.
    Meant,
}

impl Contents {
    pub(super) fn read(body: &[u8]) -> Self {
        let body = &body[..body.len().min(MAX_BYTES)];
        let text = String::from_utf8_lossy(body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body));
        let mut kept = Kept::default();
        // serde_json stops at 128 levels with an error, so depth costs no stack.
        let mut json = serde_json::Deserializer::from_str(&text);
        let read = json.deserialize_any(&mut kept);
        let shape = read.and_then(|shape| json.end().map(|()| shape)).unwrap_or(Shape::Broken);
        let reserving = kept.entries.iter().filter(|entry| entry.reserves()).count();
        let is_whole = shape != Shape::Broken && !kept.truncated && reserving > 0;
        let is_markup = text.trim_start().starts_with('<');
        let unheard = if is_whole || is_markup { None } else { loose_reservations(&text).nth(reserving) };
        let unheard = unheard.map(|words| clip(words, 120).into());
        Self { shape, entries: kept.entries, truncated: kept.truncated, unheard }
    }
}

impl Entry {
    /// Whether it is written as the report has it.
    pub(super) fn is_exact(&self) -> bool {
        let rooted = matches!(&self.locations[..], [one] if one.starts_with('/'));
        rooted && !self.guessed && matches!(self.reservation, Some(Reservation::Reserved | Reservation::Free))
    }

    fn reserves(&self) -> bool {
        matches!(self.reservation, Some(Reservation::Reserved | Reservation::Meant))
    }

    /// The object in its own words, without what we do not read.
    pub(super) fn raw(&self) -> String {
        let reservation = match self.reservation {
            Some(Reservation::Reserved) => "1",
            Some(Reservation::Free) => "0",
            Some(Reservation::Meant) => "meant as 1",
            None => "unset",
        };
        let policy = self.policy.as_ref().map(|url| format!(", tdm-policy: {url}")).unwrap_or_default();
        let locations = clip(&self.locations.join(" "), Evidence::MAX_RAW_BYTES / 2);
        clip(&format!("location: {locations}, tdm-reservation: {reservation}{policy}"), Evidence::MAX_RAW_BYTES)
    }

    /// Takes in one of its members.
    pub(super) fn set(&mut self, key: &str, value: &Value) {
        let name = key.trim().to_ascii_lowercase().replace('_', "-");
        match name.as_str() {
            "location" | "locations" => self.locations.extend(locations(value)),
            "tdm-reservation" => self.set_reservation(reservation(value)),
            "tdm-policy" => self.policy = value.as_str().map(str::to_owned),
            _ => return,
        }
        self.guessed |= name != key;
    }

    /// A name that stands twice has no defined meaning (RFC 8259 section 4): a 1 among them is
    /// taken as meant.
    fn set_reservation(&mut self, next: Option<Reservation>) {
        self.reservation = match (self.reservation, next) {
            (Some(one), Some(other)) if one != other => Some(Reservation::Meant),
            (one, other) => other.or(one),
        };
    }
}

fn locations(value: &Value) -> Vec<String> {
    let of_text = |value: &Value| value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    match value {
        Value::Array(list) => list.iter().filter_map(of_text).collect(),
        one => of_text(one).into_iter().collect(),
    }
}

fn reservation(value: &Value) -> Option<Reservation> {
    match value {
        Value::Number(number) if number.as_f64() == Some(1.0) => Some(Reservation::Reserved),
        Value::Number(number) if number.as_f64() == Some(0.0) => Some(Reservation::Free),
        Value::Bool(true) => Some(Reservation::Meant),
        Value::String(text) => tdmrep::reservation(text, Reading::Strict)
            .filter(|verdict| *verdict != schema::Verdict::Allow)
            .map(|_| Reservation::Meant),
        _ => None,
    }
}

/// `tdm-reservation: 1`, `'tdm_reservation' = "1"`, anywhere in a text.
fn loose_reservations(text: &str) -> impl Iterator<Item = &str> {
    const NAME: &str = "tdm-reservation";
    const MARKS: [char; 5] = ['"', '\'', ' ', '\t', '['];
    let searched = text.to_ascii_lowercase().replace('_', "-");
    let mut from = 0;
    std::iter::from_fn(move || {
        while let Some(found) = searched[from..].find(NAME) {
            let start = from + found;
            from = start + NAME.len();
            let after = searched[from..].trim_start_matches(MARKS);
            let Some(value) = after.strip_prefix([':', '=']) else { continue };
            let value = value.trim_start_matches(MARKS);
            let end = value.find(|c: char| !c.is_alphanumeric() && c != '.').unwrap_or(value.len());
            if matches!(&value[..end], "1" | "true" | "yes") {
                return text[start..].lines().next();
            }
        }
        None
    })
}
