//! Training and data mining assertions: `cawg.training-mining` (CAWG 1.1) and the older
//! `c2pa.training-mining` (C2PA 1.0 to 1.4).

use super::{
    value::Value,
    vocabulary::{self, Use, plain},
};
use crate::{policy::Reading, statement::Statement};
use schema::{Category, Verdict};

/// The label of an assertion of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Label {
    /// Whose names it uses: `cawg` or `c2pa`.
    pub(super) family: &'static str,
    /// Whether it is spelt as the standard has it.
    exact: bool,
}

impl Label {
    /// Whether `label` is one, be it with an instance number (`__1`), in another case or with a
    /// tail (`.v1`): strict mode listens to all that is called so.
    pub(super) fn of(label: &[u8]) -> Option<Self> {
        const NAMES: [&str; 2] = ["trainingmining", "traininganddatamining"];
        let text = String::from_utf8_lossy(label);
        let plain = plain(&text);
        if !NAMES.iter().any(|name| plain.contains(name)) {
            return None;
        }
        let family = if plain.starts_with("cawg") { "cawg" } else { "c2pa" };
        let exact = matches!(without_instance(&text), "cawg.training-mining" | "c2pa.training-mining");
        Some(Self { family, exact })
    }
}

/// A label without the number that tells several of one kind apart (C2PA, "Multiple Instances").
pub(super) fn without_instance(label: &str) -> &str {
    match label.rsplit_once("__") {
        Some((name, number)) if !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => label,
    }
}

/// One use of one entry.
#[derive(Debug)]
pub(super) struct Entry<'v> {
    pub(super) key: &'v str,
    value: &'v Value<'v>,
    signal: String,
    category: Category,
    said: Use,
    /// Whether the standard defines all of it.
    exact: bool,
}

/// What an assertion holds.
#[derive(Debug)]
pub(super) struct Entries<'v> {
    label: Label,
    pub(super) found: Vec<Entry<'v>>,
    /// Whether something stood where an entry belongs and could not be read as one.
    pub(super) odd: bool,
}

impl<'v> Entries<'v> {
    /// Reads the assertion's content.
    pub(super) fn of(label: Label, root: &'v Value<'v>) -> Self {
        let mut entries = Self { label, found: Vec::new(), odd: false };
        let Value::Map(pairs) = root else {
            entries.odd = true;
            return entries;
        };
        for (key, value) in pairs {
            match (plain(key).as_str(), value) {
                ("entries", Value::Map(inner)) => entries.add_all(inner, key == "entries"),
                // Tools that follow no version: {"use": {"ai_training": false}}.
                ("use", Value::Map(inner)) => entries.add_all(inner, false),
                ("entries" | "use", _) => entries.odd = true,
                // An earlier text of the standard had left out the map around the entries.
                _ => entries.add(key, value, true),
            }
        }
        entries
    }

    fn add_all(&mut self, pairs: &'v [(std::borrow::Cow<str>, Value)], exact: bool) {
        for (key, value) in pairs {
            self.add(key, value, exact);
        }
    }

    fn add(&mut self, key: &'v str, value: &'v Value<'v>, exact: bool) {
        let Some(name) = Name::of(self.label, key) else { return };
        let (uses, odd) = uses(value, name.listed);
        self.odd |= odd && name.listed;
        for (said, by_the_letter) in uses {
            let exact = exact && by_the_letter && name.exact;
            self.found.push(Entry { key, value, signal: name.signal.clone(), category: name.category, said, exact });
        }
    }
}

impl Entry<'_> {
    /// What it says to us. `in_place`: its box lies where C2PA has assertions.
    pub(super) fn statement(&self, in_place: bool, reading: Reading) -> Statement {
        let mut raw = String::new();
        Value::write_pair(self.key, self.value, &mut raw);
        Statement::new(self.signal.clone(), self.category, self.verdict(in_place, reading), &raw)
    }

    /// Signatures are not checked: a no stands without one, and a yes is therefore never more than
    /// information.
    fn verdict(&self, in_place: bool, reading: Reading) -> Verdict {
        let by_the_letter = self.exact && in_place;
        match (self.said, reading) {
            (Use::Yes | Use::Unknown, _) => Verdict::Info,
            (_, Reading::Spec) if !by_the_letter => Verdict::Info,
            // Inference is not training. But whoever scores a picture with a model does infer on
            // it, which is what strict mode is asked to leave alone.
            (_, Reading::Spec) if self.category == Category::Inference => Verdict::Info,
            (_, Reading::Strict) if !by_the_letter => Verdict::MalformedDeny,
            (Use::Condition, _) if is_told(self.value) => Verdict::Conditional,
            // CAWG 1.1: "In the absence of additional information, `constrained` shall be treated
            // as equivalent to `notAllowed`."
            (Use::No | Use::Condition, _) => Verdict::Deny,
        }
    }
}

/// The key of an entry, understood.
struct Name {
    signal: String,
    category: Category,
    /// Whether it is one of the four of the standard, not somebody's own.
    listed: bool,
    exact: bool,
}

impl Name {
    fn of(label: Label, key: &str) -> Option<Self> {
        let (prefix, name) = key.rsplit_once('.').unwrap_or(("", key));
        let family = match plain(prefix).as_str() {
            "cawg" => "cawg",
            "c2pa" => "c2pa",
            "" => label.family,
            _ => return Self::custom(label, key),
        };
        let Some((spelling, category)) = vocabulary::entry(name) else { return Self::custom(label, key) };
        let signal = format!("{family}.{spelling}");
        let exact = label.exact && label.family == family && signal == key;
        Some(Self { signal, category, listed: true, exact })
    }

    /// The standard lets anybody add keys. Of those only the ones that speak of training or mining
    /// are listened to.
    fn custom(label: Label, key: &str) -> Option<Self> {
        let key = plain(key);
        let category = match () {
            () if key.contains("train") => Category::Train,
            () if key.contains("mining") => Category::Tdm,
            () => return None,
        };
        Some(Self { signal: format!("{}.custom", label.family), category, listed: false, exact: false })
    }
}

/// What is said of the use, each once, with whether it is said by the letter; and whether there
/// was something else. A key that stands twice is taken twice.
fn uses(value: &Value, listed: bool) -> (Vec<(Use, bool)>, bool) {
    let mut uses = Vec::new();
    let mut odd = false;
    let mut add = |value: &Value, exact: bool| {
        let (said, by_the_letter) = match value {
            Value::Text(text) => vocabulary::word(text),
            Value::Bool(yes) => vocabulary::word(if *yes { "true" } else { "false" }),
            _ => (Use::Unknown, false),
        };
        odd |= said == Use::Unknown;
        let found = (said, exact && by_the_letter);
        if !uses.contains(&found) {
            uses.push(found);
        }
    };
    match value {
        Value::Map(pairs) => {
            for (key, value) in pairs.iter().filter(|(key, _)| plain(key) == "use") {
                add(value, key == "use");
            }
        }
        // {"cawg.ai_training": "notAllowed"}. Under a key of somebody's own a text is just a text.
        _ if listed => add(value, false),
        _ => {}
    }
    odd |= uses.is_empty();
    (uses, odd)
}

/// Whether there is text on the condition that somebody could act on. The standard's prose has
/// `constraints_info`, its schema `constraint_info`.
fn is_told(value: &Value) -> bool {
    let Value::Map(pairs) = value else { return false };
    pairs.iter().any(|(key, value)| {
        let names_it = matches!(plain(key).as_str(), "constraintinfo" | "constraintsinfo");
        names_it && matches!(value, Value::Text(text) if text.chars().any(char::is_alphanumeric))
    })
}
