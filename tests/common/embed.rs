//! Writes metadata into a JPEG: what artists' programs do.
#![allow(dead_code, reason = "each test uses some of it")]

/// A marker segment (ITU T.81 section B.1.1.4) right after the start of the image.
pub(crate) fn with_segment(jpeg: &[u8], marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap();
    [&jpeg[..2], &[0xFF, marker], &length.to_be_bytes(), content, &jpeg[2..]].concat()
}

/// An XMP packet whose description has these attributes (XMP specification part 3, section 1.1.3).
pub(crate) fn with_xmp(jpeg: &[u8], attributes: &str) -> Vec<u8> {
    let packet = format!(
        "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'>\
         <rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
         <rdf:Description rdf:about='' {attributes}/></rdf:RDF></x:xmpmeta>"
    );
    with_segment(jpeg, 0xE1, packet.as_bytes())
}

/// A comment segment.
pub(crate) fn with_comment(jpeg: &[u8], text: &str) -> Vec<u8> {
    with_segment(jpeg, 0xFE, text.as_bytes())
}

/// The content of an APP11 segment with a C2PA manifest store, whose one assertion,
/// `cawg.training-mining`, says no to training (CAWG Training and Data Mining Assertion 1.1).
pub(crate) fn c2pa_no_training() -> Vec<u8> {
    // {"entries": {"cawg.ai_training": {"use": "notAllowed"}}}
    let cbor = [b"\xA1\x67entries\xA1".as_slice(), b"\x70cawg.ai_training", b"\xA1\x63use\x6AnotAllowed"].concat();
    let assertion = superbox(*b"cbor", "cawg.training-mining", &boxed(*b"cbor", &cbor));
    let assertions = superbox(*b"c2as", "c2pa.assertions", &assertion);
    let manifest = superbox(*b"c2ma", "urn:uuid:00000000-0000-4000-8000-000000000001", &assertions);
    let store = superbox(*b"c2pa", "c2pa", &manifest);
    // Common identifier, box instance 1, packet sequence 1 (ISO 19566-5 annex D).
    [b"JP\0\x01\0\0\0\x01".as_slice(), &store].concat()
}

/// A JUMBF superbox: a description with type and label, then what it holds.
fn superbox(kind: [u8; 4], label: &str, content: &[u8]) -> Vec<u8> {
    let uuid = [kind.as_slice(), b"\x00\x11\x00\x10\x80\x00\x00\xAA\x00\x38\x9B\x71"].concat();
    let description = [uuid.as_slice(), b"\x03", label.as_bytes(), b"\0"].concat();
    boxed(*b"jumb", &[boxed(*b"jumd", &description), content.to_vec()].concat())
}

fn boxed(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len() + 8).unwrap();
    [&length.to_be_bytes(), kind.as_slice(), content].concat()
}
