//! Stores built by hand, for tests.

/// A box.
pub(super) fn boxed(kind: &[u8], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len() + 8).unwrap();
    [&length.to_be_bytes(), kind, data].concat()
}

/// A registered type.
pub(super) fn uuid(kind: &[u8]) -> Vec<u8> {
    [kind, b"\x00\x11\x00\x10\x80\x00\x00\xAA\x00\x38\x9B\x71"].concat()
}

/// A superbox with its description, then its content boxes.
pub(super) fn superbox(kind: &[u8], label: &str, content: &[Vec<u8>]) -> Vec<u8> {
    let description = boxed(b"jumd", &[&uuid(kind)[..], b"\x03", label.as_bytes(), b"\0"].concat());
    boxed(b"jumb", &[description, content.concat()].concat())
}

/// CBOR of a short text.
pub(super) fn text(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    [&[0x78, length], text.as_bytes()].concat()
}

/// CBOR of a map of at most 23 pairs.
pub(super) fn map(pairs: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut out = vec![0xA0 + u8::try_from(pairs.len()).unwrap()];
    for (key, value) in pairs {
        out.extend(text(key));
        out.extend(value);
    }
    out
}

/// `{"use": …}`
pub(super) fn usage(word: &str) -> Vec<u8> {
    map(&[("use", text(word))])
}

/// `{"entries": {…}}`
pub(super) fn entries(pairs: &[(&str, Vec<u8>)]) -> Vec<u8> {
    map(&[("entries", map(pairs))])
}

/// An assertion in CBOR.
pub(super) fn assertion(label: &str, cbor: &[u8]) -> Vec<u8> {
    superbox(b"cbor", label, &[boxed(b"cbor", cbor)])
}

/// A manifest with these assertions.
pub(super) fn manifest(label: &str, assertions: &[Vec<u8>]) -> Vec<u8> {
    superbox(b"c2ma", label, &[superbox(b"c2as", "c2pa.assertions", assertions)])
}

/// A store with these manifests.
pub(super) fn store(manifests: &[Vec<u8>]) -> Vec<u8> {
    superbox(b"c2pa", "c2pa", manifests)
}
