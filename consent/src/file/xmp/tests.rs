//! XMP in all its serialisations, row by row.

use super::*;
use crate::Policy;
use schema::{Evidence, Mode, Source};
use url::Url;

const RDF: &str = "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"";
const PLUS: &str = "xmlns:plus=\"http://ns.useplus.org/ldf/xmp/1.0/\"";
const CODE: &str = "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED";

/// What a bare packet says; files of unknown format are searched for packets.
fn evidence(packet: &[u8], mode: Mode) -> Vec<Evidence> {
    let policy = Policy::new(mode, "pinakes");
    let url = Url::parse("https://i.example/a.jpg").unwrap();
    let mut contents = Contents::default();
    read(Reader { policy: &policy, url: &url, byte: 7 }, packet, &mut contents);
    let sight = crate::findings::Sight { scope: schema::Scope::ImageBytes, source: Source::Live, seen_at: None };
    contents.statements.iter().map(|said| sight.of_statement(said, "")).collect()
}

fn denies(packet: &[u8]) -> [bool; 2] {
    [Mode::Strict, Mode::Spec].map(|mode| evidence(packet, mode).iter().any(Evidence::denies))
}

fn rdf(inner: &str) -> String {
    format!("<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF {RDF}>{inner}</rdf:RDF></x:xmpmeta>")
}

fn described(attributes: &str, inner: &str) -> String {
    rdf(&format!("<rdf:Description rdf:about=\"\" {PLUS} {attributes}>{inner}</rdf:Description>"))
}

#[test]
fn every_way_of_rdf_is_one_statement() {
    for packet in [
        described(&format!("plus:DataMining=\"{CODE}\""), ""),
        described("", &format!("<plus:DataMining>{CODE}</plus:DataMining>")),
        described("", &format!("<plus:DataMining>\n   {CODE}\n  </plus:DataMining>")),
        described("", &format!("<plus:DataMining rdf:resource=\"{CODE}\"/>")),
        described(
            "",
            &format!("<p:DataMining xmlns:p=\"http://ns.useplus.org/ldf/xmp/1.0/\" rdf:resource=\"{CODE}\"/>"),
        ),
        described(
            "",
            &format!("<plus:DataMining rdf:parseType=\"Resource\"><rdf:value>{CODE}</rdf:value></plus:DataMining>"),
        ),
        described("", &format!("<plus:DataMining><rdf:Bag><rdf:li>{CODE}</rdf:li></rdf:Bag></plus:DataMining>")),
        described("", &format!("<plus:DataMining><![CDATA[{CODE}]]></plus:DataMining>")),
        format!(
            "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n{}\n  <?xpacket end=\"w\"?>\0\0",
            described("", &format!("<plus:DataMining>{CODE}</plus:DataMining>"))
        ),
    ] {
        assert_eq!(denies(packet.as_bytes()), [true, true], "{packet}");
    }
}

#[test]
fn other_ways_are_for_strict() {
    for packet in [
        described("plus:DataMining=\"DMI-PROHIBITED\"", ""),
        // Of an ingredient, not of the file.
        described(
            "",
            &format!(
                "<i:Ingredients xmlns:i=\"i\"><rdf:Bag><rdf:li plus:DataMining=\"{CODE}\"/></rdf:Bag></i:Ingredients>"
            ),
        ),
        // A prefix nobody declared: no XML.
        "<x><plus:DataMining>DMI-PROHIBITED</plus:DataMining></x>".to_owned(),
        // Cut off.
        format!("<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><a {PLUS} plus:DataMining=\"{CODE}\"><b"),
        // A DTD is refused, and with it the whole.
        "<!DOCTYPE x [<!ENTITY d \"DMI-PROHIBITED\">]><x>&d;</x>".to_owned(),
    ] {
        assert_eq!(denies(packet.as_bytes()), [true, false], "{packet}");
    }
}

#[test]
fn broken_wrapping_does_not_hide_sound_rdf() {
    let sound = rdf(&format!("<rdf:Description rdf:about=\"\" {PLUS} plus:DataMining=\"{CODE}\"/>"));
    for packet in [format!("<!DOCTYPE x>{sound}"), format!("{sound}<second/>"), format!("<open>{sound}")] {
        assert_eq!(denies(packet.as_bytes()), [true, true], "{packet}");
    }
}

#[test]
fn encodings_do_not_matter() {
    let packet = described(&format!("plus:DataMining=\"{CODE}\""), "");
    let units: Vec<u16> = packet.encode_utf16().collect();
    let wide = |bytes: fn(u16) -> [u8; 2]| units.iter().flat_map(|unit| bytes(*unit)).collect::<Vec<u8>>();
    let widest: Vec<u8> = packet.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    for encoded in
        [wide(u16::to_be_bytes), wide(u16::to_le_bytes), widest, [&b"\xEF\xBB\xBF"[..], packet.as_bytes()].concat()]
    {
        assert_eq!(denies(&encoded), [true, true]);
    }
}

#[test]
fn reservations_count_in_strict() {
    let tdm = |inner: &str| rdf(&format!("<rdf:Description xmlns:tdm=\"http://www.w3.org/ns/tdmrep/\" {inner}/>"));
    assert_eq!(denies(tdm("tdm:reservation=\"1\"").as_bytes()), [true, false]);
    assert_eq!(denies(tdm("tdm:reserve_tdm=\"1\"").as_bytes()), [true, false]);
    assert_eq!(denies(tdm("tdm:reservation=\"0\"").as_bytes()), [false, false]);
    assert_eq!(denies(b"<x tdm:reservation='1'>"), [true, false]);
    let hotel = rdf("<rdf:Description xmlns:h=\"http://hotel.example/\" h:reservation=\"1\"/>");
    assert_eq!(denies(hotel.as_bytes()), [false, false]);
}

#[test]
fn places_tell_where_it_stands() {
    let found = evidence(described(&format!("plus:DataMining=\"{CODE}\""), "").as_bytes(), Mode::Strict);
    assert_eq!(found[0].place, " byte 7 XMP plus:DataMining");
}

#[test]
fn a_licence_is_cut_out_with_the_prefixes_it_needs() {
    let text = "<a xmlns:r=\"https://rslstandard.org/rsl\" xmlns:x=\"x&amp;y\"><r:content url=\"/\"><r:license/></r:content>\
                <rsl xmlns=\"https://rslstandard.org/rsl\"><content/></rsl></a>";
    let document = Document::parse(text).unwrap();
    let licences = embedded_licences(&document);
    assert_eq!(licences.len(), 2);
    for licence in &licences {
        let licence = Document::parse(licence).unwrap();
        assert_eq!(licence.root_element().tag_name(), (RSL, "rsl").into());
        assert!(licence.descendants().any(|node| node.has_tag_name((RSL, "content"))));
    }
    let linked =
        rdf("<rdf:Description xmlns:r=\"https://rslstandard.org/rsl\" r:license=\"https://e.example/l.xml\"/>");
    assert_eq!(denies(linked.as_bytes()), [true, true]);
}

#[test]
fn floods_are_not_parsed() {
    let attributes: String = (0..40_000).map(|n| format!(" a{n}=\"\"")).collect();
    let declarations: String = (0..40_000).map(|n| format!(" xmlns:a{n}=\"{n}\"")).collect();
    let nested: String = (0..20_000).map(|n| format!("<a xmlns:a{n}=\"{n}\">")).collect();
    for flood in [format!("<x{attributes}/>"), format!("<x{declarations}/>"), nested] {
        assert!(parse(&flood).is_none());
        assert_eq!(denies(format!("{flood}DMI-PROHIBITED>").as_bytes()), [true, false]);
    }
    // Deep, but neither recursive nor slow.
    let deep = format!("{}{}", "<a>".repeat(90_000), "</a>".repeat(90_000));
    assert!(parse(&deep).is_some());
}
