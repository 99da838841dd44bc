//! What is written inside an image file: rights in XMP, EXIF, IPTC and text chunks, C2PA manifests.
//!
//! A picture is copied from page to page; what its author wrote into the file goes along, unless a
//! platform strips it. So these bytes speak for the picture wherever it lies, and their absence
//! says nothing.
//!
//! [`container`] finds the packets of each format, [`xmp`] and [`fields`] read them, [`scan`] looks
//! at the bare bytes when no packet spoke (strict mode).

mod bytes;
mod c2pa;
mod container;
mod fields;
mod generated;
mod keys;
mod packet;
mod scan;
mod source_type;
mod text;
mod xmp;

use crate::{
    Policy,
    findings::{Findings, Sight},
    policy::Reading,
    statement::Statement,
};
use chrono::{DateTime, Utc};
use packet::{Content, Packet};
use schema::{Category, Evidence, Scope, Source, Verdict};
use std::borrow::Cow;
use url::Url;

/// What an image file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileReading {
    /// What it states on its use: scope [`Scope::ImageBytes`].
    pub evidence: Vec<Evidence>,
    /// Which marker says that software made or changed the picture, if one does:
    /// `iptc:trainedAlgorithmicMedia`, `png:parameters`, … No opt-out: a label for subsets.
    pub generated: Option<String>,
    /// Address of a known public licence named inside the file.
    pub license_url: Option<String>,
    /// Whom the file names as its author.
    pub creator: Option<String>,
}

/// Reads the original bytes of the image that was fetched from `url`.
///
/// They must be those that came over the wire: resizing and re-encoding destroy what is looked
/// for here. Any bytes may be given; a format that is not known says nothing of its own, but is
/// still searched in strict mode.
pub fn file_evidence(
    policy: &Policy,
    url: &Url,
    bytes: &[u8],
    source: Source,
    seen_at: Option<DateTime<Utc>>,
) -> FileReading {
    let sight = Sight { scope: Scope::ImageBytes, source, seen_at };
    let contents = contents(policy, url, bytes);
    let mut findings = Findings::default();
    for said in &contents.statements {
        let evidence = sight.of_statement(said, url.as_str());
        findings.add(evidence, &said.raw, said.addressed_to.as_deref());
    }
    FileReading {
        evidence: findings.into_vec(),
        generated: contents.generated,
        license_url: contents.license_url,
        creator: contents.creator,
    }
}

/// What was found inside a file.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    /// What it states on use, each with its place: `byte 120 XMP plus:DataMining`.
    pub(crate) statements: Vec<Statement>,
    /// Which marker says that software made or changed the picture, if one does.
    pub(crate) generated: Option<String>,
    /// Address of a licence named inside the file.
    pub(crate) license_url: Option<String>,
    /// Whom it names as its author.
    pub(crate) creator: Option<String>,
}

/// Reads a file of any format; what is not understood says nothing.
pub(crate) fn contents(policy: &Policy, url: &Url, bytes: &[u8]) -> Contents {
    let mut contents = Contents::default();
    let packets = container::packets(bytes, policy.reading());
    for packet in &packets {
        let reader = Reader { policy, url, byte: packet.byte };
        match &packet.content {
            Content::Xmp(xmp) => xmp::read(reader, xmp, &mut contents),
            Content::Manifest(store) => contents.add_manifests(reader, store),
            Content::Field { name, text } => fields::read(reader, name, text, &mut contents),
        }
    }
    if policy.reading() == Reading::Strict {
        contents.search(bytes, &packets);
    }
    contents
}

/// What every reader of a packet is told.
#[derive(Clone, Copy)]
struct Reader<'a> {
    policy: &'a Policy,
    url: &'a Url,
    /// Where the packet begins in the file.
    byte: usize,
}

impl Reader<'_> {
    fn reading(self) -> Reading {
        self.policy.reading()
    }

    /// A place as an auditor finds it again: `byte 120 XMP plus:DataMining`.
    fn place(self, within: &str) -> String {
        format!("byte {} {within}", self.byte)
    }
}

impl Contents {
    /// Most statements kept; beyond, only a first no still gets in.
    const MOST: usize = 64;

    fn add(&mut self, said: Statement) {
        let full = self.statements.len() >= Self::MOST;
        if full && (!said.denies() || self.statements.iter().any(Statement::denies)) {
            return;
        }
        self.statements.push(said);
    }

    fn add_manifests(&mut self, reader: Reader<'_>, store: &[u8]) {
        let manifests = c2pa::read(store, reader.reading());
        for mut said in manifests.statements {
            said.place = reader.place(format!("C2PA {}", said.place).trim_end());
            self.add(said);
        }
        if let Some(marker) = manifests.generated {
            self.add_generated(reader, "C2PA", marker);
        }
    }

    /// Records a marker; the first one met stands for the file.
    fn add_generated(&mut self, reader: Reader<'_>, within: &str, marker: String) {
        let family = marker.split(':').next().unwrap_or_default();
        let said = Statement::new(format!("generated.{family}"), Category::Info, Verdict::Info, &marker);
        self.add(said.at(reader.place(within)));
        self.generated.get_or_insert(marker);
    }

    /// Looks at the bare bytes for what no packet said.
    fn search(&mut self, file: &[u8], packets: &[Packet<'_>]) {
        if !self.refuses_mining() {
            self.statements.extend(scan::statement(file));
        }
        if !packets.iter().any(|packet| matches!(packet.content, Content::Manifest(_))) {
            self.statements.extend(c2pa::in_clear(file));
        }
    }

    fn refuses_mining(&self) -> bool {
        let about_mining = |said: &Statement| matches!(&said.signal, Cow::Borrowed("plus.dmi" | "file.noai-key"));
        self.statements.iter().any(|said| said.denies() && about_mining(said))
    }
}
