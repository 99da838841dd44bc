//! Named texts: which of them speak of rights, and what is done with each.

use super::{Contents, Reader, generated, keys};
use crate::{License, rsl, statement::Statement, words};
use schema::{Category, Verdict};
use std::{collections::HashMap, sync::LazyLock};

const TABLE: &str = include_str!("../../data/file-fields.tsv");

/// Roles by the field's name in lower case: writers of PNG differ in theirs.
static ROLES: LazyLock<HashMap<String, Role>> =
    LazyLock::new(|| rows().filter_map(|(name, role)| Some((name.to_ascii_lowercase(), Role::of(role)?))).collect());

/// Longest text read for phrases, in bytes.
const MAX_TEXT: usize = 1 << 18;

/// What a field is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Rights,
    License,
    Creator,
    Credit,
    Text,
    Software,
    Record,
}

/// Reads one text. `name` is as in the table: `PNG Copyright`, `XMP dc:rights`.
pub(super) fn read(reader: Reader<'_>, name: &str, text: &str, contents: &mut Contents) {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    if let Some(said) = name.strip_prefix("PNG ").and_then(|key| keys::statement(key, text, reader.reading())) {
        contents.add(said.at(reader.place(name)));
    }
    if text.is_empty() {
        return;
    }
    if text.starts_with("<rsl") {
        read_rsl(reader, name, text, contents);
    }
    let made = generated::marker(name, text);
    let is_made = made.is_some();
    if let Some(marker) = made {
        contents.add_generated(reader, name, marker);
    }
    if let Some(role) = role_of(name) {
        // A prompt is no caption: `no AI` may be a thing not to be drawn.
        read_role(reader, role, name, text, !is_made, contents);
    }
}

/// A licence document carried by the file itself (RSL 1.0, embedding in media).
pub(super) fn read_rsl(reader: Reader<'_>, name: &str, document: &str, contents: &mut Contents) {
    for said in rsl::statements(document.as_bytes(), reader.url, reader.url) {
        contents.add(placed(reader, name, said));
    }
}

fn read_role(reader: Reader<'_>, role: Role, name: &str, text: &str, is_prose: bool, contents: &mut Contents) {
    match role {
        Role::Rights | Role::License | Role::Credit | Role::Record => {
            let said = Statement::new("file.rights", Category::Info, Verdict::Info, text);
            contents.add(said.at(reader.place(name)));
        }
        Role::Creator if contents.creator.is_none() => {
            contents.creator = Some(crate::findings::clip(text, schema::Evidence::MAX_RAW_BYTES));
        }
        Role::Creator | Role::Text | Role::Software => {}
    }
    if contents.license_url.is_none() && matches!(role, Role::License | Role::Rights) {
        contents.license_url = license_in(text);
    }
    if is_prose && !matches!(role, Role::Software | Role::Record) {
        read_words(reader, name, text, contents);
    }
}

/// Reads prose for objections.
pub(super) fn read_words(reader: Reader<'_>, name: &str, text: &str, contents: &mut Contents) {
    let text = crate::findings::clip(text, MAX_TEXT);
    for said in words::statements(reader.policy, "nl.file", &text) {
        contents.add(placed(reader, name, said));
    }
}

fn placed(reader: Reader<'_>, name: &str, mut said: Statement) -> Statement {
    let within = if said.place.is_empty() { name.to_owned() } else { format!("{name} {}", said.place) };
    said.place = reader.place(&within);
    said
}

/// The first address in a text at which a licence lies that we know.
fn license_in(text: &str) -> Option<String> {
    let is_wrapping = |c: char| matches!(c, '(' | ')' | '<' | '>' | '[' | ']' | '"' | '\'' | ',' | ';' | '.');
    let words = text.split_whitespace().map(|word| word.trim_matches(is_wrapping));
    let mut addresses = words.filter(|word| word.len() <= 2048 && word.contains("://"));
    addresses.find(|word| License::at(word).is_some()).map(str::to_owned)
}

fn role_of(name: &str) -> Option<Role> {
    // Longer than any name in the table: not worth a copy.
    if name.len() > 64 {
        return None;
    }
    ROLES.get(&name.to_ascii_lowercase()).copied()
}

impl Role {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "rights" => Self::Rights,
            "license" => Self::License,
            "creator" => Self::Creator,
            "credit" => Self::Credit,
            "text" => Self::Text,
            "software" => Self::Software,
            "record" => Self::Record,
            _ => return None,
        })
    }
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_a_role() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(rows().filter(|(_, role)| Role::of(role).is_some()).count(), lines);
        assert!(TABLE.contains(&format!("# version: {}\n", crate::POLICY_VERSION)));
    }

    #[test]
    fn names_are_compared_without_case() {
        assert_eq!(role_of("PNG copyright"), Some(Role::Rights));
        assert_eq!(role_of("XMP dc:creator"), Some(Role::Creator));
        assert_eq!(role_of("XMP ?:rights"), None);
        assert_eq!(role_of("PNG Creation Time"), None);
        assert_eq!(role_of(&"x".repeat(1000)), None);
    }
}
