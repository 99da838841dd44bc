//! What a page's HTML holds that matters to images: their addresses and texts, the page's metas,
//! links, scripts and small print, each with its place in the source. Any input makes a page.
//!
//! The source is read once, as bytes, without building a tree: only what is asked for is decoded.
//! What is inside what follows the HTML standard, as browsers read it with scripting off.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod addresses;
mod around;
mod attributes;
mod chunk;
mod element;
mod figures;
mod formatting;
mod images;
mod marks;
mod names;
mod nesting;
mod notices;
mod page;
mod places;
mod quirks;
mod raw;
mod reader;
mod references;
mod srcset;
mod stack;
#[cfg(test)]
#[path = "../tests/table/mod.rs"]
mod table;
mod text;
mod tokens;
mod words;

pub use page::{
    AddressSource, ElementKind, Image, LicenseLink, Mark, Meta, MetaAttribute, Notice, Page, Place, Script,
};
pub use references::{dereferenced, unescaped};
