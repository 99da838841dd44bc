//! What a content box holds, CBOR and JSON alike: as much of it as assertions say anything in.

use std::borrow::Cow;

/// Largest box that is read, in bytes. Every item takes at least one, so this bounds the memory a
/// hostile box can ask for; assertions in use are below 10 KiB, actions below 100 KiB.
pub(super) const MAX_BOX_BYTES: usize = 256 * 1024;

/// A box that is no well-formed CBOR or JSON, or more than we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

/// A value with its text borrowed from the box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Text(Cow<'a, str>),
    Bool(bool),
    Array(Vec<Value<'a>>),
    /// In the order written and with keys that stand twice: the no may be in either. A key that
    /// is no text is empty.
    Map(Vec<(Cow<'a, str>, Value<'a>)>),
    /// Numbers, null and byte strings: nothing is said in them.
    Other,
}

impl<'a> Value<'a> {
    /// This value as the key of a map.
    pub(super) fn into_key(self) -> Cow<'a, str> {
        if let Self::Text(text) = self { text } else { Cow::Borrowed("") }
    }

    /// Writes it in diagnostic notation (RFC 8949 section 8), which for these is JSON. Stops once
    /// `out` is longer than anything kept.
    pub(super) fn write(&self, out: &mut String) {
        match self {
            _ if out.len() > schema::Evidence::MAX_RAW_BYTES => {}
            Self::Text(text) => write_text(text, out),
            Self::Bool(yes) => out.push_str(if *yes { "true" } else { "false" }),
            Self::Array(items) => write_list(out, ['[', ']'], items, Self::write),
            Self::Map(pairs) => {
                write_list(out, ['{', '}'], pairs, |(key, value), out| Self::write_pair(key, value, out));
            }
            Self::Other => out.push('…'),
        }
    }

    /// Writes one pair of a map.
    pub(super) fn write_pair(key: &str, value: &Self, out: &mut String) {
        write_text(key, out);
        out.push_str(": ");
        value.write(out);
    }
}

fn write_list<T>(out: &mut String, [open, close]: [char; 2], items: &[T], write: impl Fn(&T, &mut String)) {
    out.push(open);
    for (place, item) in items.iter().enumerate() {
        if out.len() > schema::Evidence::MAX_RAW_BYTES {
            return;
        }
        if place > 0 {
            out.push_str(", ");
        }
        write(item, out);
    }
    out.push(close);
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    out.push_str(&crate::findings::clip(text, schema::Evidence::MAX_RAW_BYTES));
    out.push('"');
}
