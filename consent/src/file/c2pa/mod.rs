//! C2PA manifests: training and data mining assertions (CAWG 1.1, C2PA up to 1.4), and who made it.
//!
//! Signatures and hashes are not checked. A no stands whether or not they are valid; a yes would
//! need them, so that here `allowed` is information only.

mod cbor;
mod gathered;
mod generated;
mod json;
mod jumbf;
mod scan;
mod training;
mod value;
mod vocabulary;

use crate::{findings::clip, policy::Reading, statement::Statement};
use gathered::Gathered;
use jumbf::{Content, Description};
use scan::Understood;
use std::io::Read as _;
use training::{Entries, Label};
use value::Value;

/// Type of the superbox that holds all manifests.
const STORE: [u8; 4] = *b"c2pa";
/// Type of a manifest.
const MANIFEST: [u8; 4] = *b"c2ma";
/// Type of a manifest that adds to the one before and leaves the picture as it is.
const UPDATE_MANIFEST: [u8; 4] = *b"c2um";
/// Type of the superbox that holds a manifest's assertions.
const ASSERTIONS: [u8; 4] = *b"c2as";

/// Most bytes that the compressed manifests of one store may unfold to, and how many are unfolded.
const MAX_UNFOLDED_BYTES: usize = 16 * 1024 * 1024;
const MOST_UNFOLDED: usize = 64;
/// Longest label or key shown in a place, in bytes.
const MAX_LABEL_BYTES: usize = 128;

/// What a manifest store holds.
#[derive(Debug, Default)]
pub(crate) struct Manifests {
    /// What its training-mining assertions state.
    pub(crate) statements: Vec<Statement>,
    /// `digitalSourceType` of its actions that says a model made or changed the picture.
    pub(crate) generated: Option<String>,
}

/// Reads a manifest store: JUMBF boxes, as they come out of any container.
///
/// Strict reading counts every manifest and finds a no in broken boxes too; reading to the letter
/// counts the active manifest, which is the last, and records what the others say.
pub(crate) fn read(store: &[u8], reading: Reading) -> Manifests {
    let mut reader = StoreReader::new(reading);
    reader.boxes(store, &[]);
    Manifests { statements: reader.gathered.list, generated: reader.generated.map(|term| format!("c2pa:{term}")) }
}

/// A no that stands in clear in a file whose container is too broken to find a store in it; for
/// strict reading. Where a store was found [`read`] has searched it, with more knowledge.
pub(crate) fn in_clear(file: &[u8]) -> Option<Statement> {
    scan::plain_no(file, &Understood::new())
}

struct StoreReader {
    reading: Reading,
    gathered: Gathered,
    generated: Option<&'static str>,
    /// What may still be unfolded.
    bytes_left: usize,
    unfolds_left: usize,
}

impl StoreReader {
    fn new(reading: Reading) -> Self {
        Self {
            reading,
            gathered: Gathered::default(),
            generated: None,
            bytes_left: MAX_UNFOLDED_BYTES,
            unfolds_left: MOST_UNFOLDED,
        }
    }

    fn boxes(&mut self, bytes: &[u8], within: &[Description<'_>]) {
        let mut understood = Understood::new();
        jumbf::walk(bytes, within, &mut |path, content| self.content(path, content, &mut understood));
        if self.reading == Reading::Strict
            && let Some(statement) = scan::plain_no(bytes, &understood)
        {
            self.gathered.add(statement);
        }
    }

    fn content(&mut self, path: &[Description<'_>], content: Content<'_>, understood: &mut Understood) {
        let Some(superbox) = path.last() else { return };
        match &content.kind {
            &jumbf::DESCRIPTION => self.superbox_begins(path),
            b"cbor" => self.assertion(path, superbox, || cbor::read(content.data).ok(), understood),
            b"json" => self.assertion(path, superbox, || json::read(content.data).ok(), understood),
            b"brob" => self.compressed(path, content.data),
            _ => {}
        }
    }

    /// The last manifest is the active one (C2PA, "Locating the Active Manifest"). One that only
    /// updates leaves the content as it is, and with it what the manifest before says of it.
    fn superbox_begins(&mut self, path: &[Description<'_>]) {
        let begins_manifest = matches!(path, [.., store, manifest] if store.kind == STORE && manifest.kind == MANIFEST);
        if begins_manifest && self.reading == Reading::Spec {
            self.gathered.supersede();
        }
    }

    fn assertion<'v>(
        &mut self,
        path: &[Description<'_>],
        superbox: &Description<'_>,
        value: impl FnOnce() -> Option<Value<'v>>,
        understood: &mut Understood,
    ) {
        if let Some(label) = Label::of(superbox.label) {
            let value = value();
            let all = value.is_some_and(|value| self.training(path, label, &value));
            *understood.entry(superbox.label_end).or_insert(true) &= all;
        } else if generated::is_told_in(superbox.label) {
            let term = value().and_then(|value| generated::generated_by(&value));
            self.generated = generated::stronger(self.generated, term);
        }
    }

    /// Takes what a training-mining assertion says; whether all of it was understood.
    fn training(&mut self, path: &[Description<'_>], label: Label, value: &Value<'_>) -> bool {
        let in_place = matches!(path, [store, manifest, assertions, _]
            if store.kind == STORE && is_manifest(manifest) && assertions.kind == ASSERTIONS);
        let entries = Entries::of(label, value);
        for entry in &entries.found {
            self.gathered.add(entry.statement(in_place, self.reading).at(place(path, entry.key)));
        }
        !entries.odd
    }

    /// A compressed manifest (C2PA 2.1 and later): the type of the box it stands for, then that
    /// box's content in Brotli (ISO/IEC 18181-2).
    fn compressed(&mut self, path: &[Description<'_>], data: &[u8]) {
        let (Some(packed), Some((_, around))) = (data.strip_prefix(b"jumb"), path.split_last()) else { return };
        let Some(unfolds_left) = self.unfolds_left.checked_sub(1) else { return };
        self.unfolds_left = unfolds_left;
        // A superbox up to its end, to hold what is unfolded.
        let mut unfolded = b"\0\0\0\0jumb".to_vec();
        let limit = u64::try_from(self.bytes_left).unwrap_or(u64::MAX);
        // What was unfolded up to an error is read like any truncated store.
        let _ = brotli::Decompressor::new(packed, 4096).take(limit).read_to_end(&mut unfolded);
        self.bytes_left = self.bytes_left.saturating_sub(unfolded.len());
        // Some write the whole box, not its content.
        let whole = unfolded.get(12..16) == Some(b"jumb");
        self.boxes(&unfolded[if whole { 8 } else { 0 }..], around);
    }
}

fn is_manifest(superbox: &Description<'_>) -> bool {
    superbox.kind == MANIFEST || superbox.kind == UPDATE_MANIFEST
}

/// `C2PA manifest <label> / <assertion> / <entry>`
fn place(path: &[Description<'_>], key: &str) -> String {
    let shown =
        |label: &[u8]| clip(&String::from_utf8_lossy(&label[..label.len().min(MAX_LABEL_BYTES)]), MAX_LABEL_BYTES);
    let manifest = path.iter().find(|one| is_manifest(one)).map_or_else(|| "unknown".into(), |one| shown(one.label));
    let assertion = path.last().map(|one| shown(one.label)).unwrap_or_default();
    format!("C2PA manifest {manifest} / {assertion} / {}", clip(key, MAX_LABEL_BYTES))
}

#[cfg(test)]
mod build;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;
