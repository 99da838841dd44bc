//! Image files from outside: every container, hostile files, and files made by others.

use crate::{
    common::{AGENT, url},
    files::{
        a_box, avif, brotlied, chunk, dataset, deflated, exif, gif, gif_comment, gif_xmp, jpeg, jpeg_extended_xmp,
        jpeg_xmp, jxl, photoshop, png, png_compressed_text, png_international_text, png_profile, png_text, segment,
        tiff, webp, xmp,
    },
};
use consent::{FileReading, License, Policy, file_evidence};
use proptest::prelude::*;
use schema::{Evidence, Mode, Scope, Source, Verdict};
use std::{env, fs, path::PathBuf};

const CODE: &str = "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING";

fn read(file: &[u8], mode: Mode) -> FileReading {
    file_evidence(&Policy::new(mode, AGENT), &url("https://i.example/a"), file, Source::Live, None)
}

fn prohibition() -> Vec<u8> {
    xmp(&format!("plus:DataMining=\"{CODE}\""), "").into_bytes()
}

/// The prohibition in every place that an image file has for XMP.
fn carriers() -> Vec<(&'static str, Vec<u8>)> {
    let packet = prohibition();
    let (front, back) = packet.split_at(300);
    let guid = b"0123456789ABCDEF0123456789ABCDEF";
    let main = [b"<x>", &guid[..], b"</x>"].concat();
    let extended = |offset: usize, part: &[u8]| jpeg_extended_xmp(guid, packet.len(), offset, part);
    let mime = b"mime\0application/rdf+xml\0";
    let gzipped = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut encoder, &svg(&packet)).expect("memory");
        encoder.finish().expect("memory")
    };
    vec![
        ("JPEG APP1", jpeg(&[jpeg_xmp(&packet)])),
        ("JPEG extended", jpeg(&[jpeg_xmp(&main), extended(0, front), extended(300, back)])),
        ("JPEG extended, out of order", jpeg(&[extended(300, back), jpeg_xmp(&main), extended(0, front)])),
        ("JPEG after the scan", [&jpeg(&[])[..10], &jpeg_xmp(&packet), b"\xFF\xD9"].concat()),
        ("JPEG EXIF tag 700", jpeg(&[segment(0xE1, &[b"Exif\0\0", &tiff(true, &[(0x02BC, &packet)])[..]].concat())])),
        ("PNG iTXt", png(&[png_international_text("XML:com.adobe.xmp", false, &packet)])),
        ("PNG iTXt compressed", png(&[png_international_text("XML:com.adobe.xmp", true, &packet)])),
        ("PNG tEXt", png(&[png_text("XML:com.adobe.xmp", &packet)])),
        ("PNG raw profile", png(&[png_profile("xmp", &packet)])),
        (
            "PNG raw profile APP1",
            png(&[png_profile("APP1", &[b"http://ns.adobe.com/xap/1.0/\0", &packet[..]].concat())]),
        ),
        ("PNG eXIf", png(&[chunk(*b"eXIf", &tiff(false, &[(0x02BC, &packet)]))])),
        ("WebP", webp(&[(b"VP8X", &[0; 10]), (b"EXIF", b"odd"), (b"XMP ", &packet)])),
        ("WebP EXIF", webp(&[(b"EXIF", &[b"Exif\0\0", &tiff(true, &[(0x02BC, &packet)])[..]].concat())])),
        ("GIF", gif(&[gif_comment(b"hello"), gif_xmp(&packet)])),
        ("TIFF little-endian", tiff(false, &[(0x010E, b"a title"), (0x02BC, &packet)])),
        ("TIFF big-endian", tiff(true, &[(0x02BC, &packet)])),
        ("BigTIFF", big_tiff(&packet)),
        ("AVIF in mdat", avif(mime, &packet, false)),
        ("AVIF in idat", avif(mime, &packet, true)),
        ("AVIF deflated", avif(b"mime\0application/rdf+xml\0deflate\0", &deflated(&packet), false)),
        ("AVIF EXIF", avif(b"Exif\0", &[b"\0\0\0\x06Exif\0\0", &tiff(true, &[(0x02BC, &packet)])[..]].concat(), false)),
        ("AVIF uuid", [a_box(*b"ftyp", b"avif\0\0\0\0"), a_box(*b"uuid", &[XMP_UUID, &packet[..]].concat())].concat()),
        ("JXL xml", jxl(&[a_box(*b"xml ", &packet)])),
        ("JXL brob", jxl(&[a_box(*b"brob", &[b"xml ", &brotlied(&packet)[..]].concat())])),
        ("JXL Exif", jxl(&[a_box(*b"Exif", &[&[0; 4][..], &tiff(false, &[(0x02BC, &packet)])].concat())])),
        (
            "JPEG 2000 uuid",
            [a_box(*b"jP  ", b"\r\n\x87\n"), a_box(*b"uuid", &[XMP_UUID, &packet[..]].concat())].concat(),
        ),
        ("SVG", svg(&packet)),
        ("SVG with a DTD", [b"<!DOCTYPE svg [<!ENTITY a \"b\">]>", &svg(&packet)[..]].concat()),
        ("SVG compressed", gzipped),
        ("a format nobody knows", [b"????", &packet[..]].concat()),
    ]
}

const XMP_UUID: &[u8] = b"\xBE\x7A\xCF\xCB\x97\xA9\x42\xE8\x9C\x71\x99\x94\x91\xE3\xAF\xAC";

fn svg(packet: &[u8]) -> Vec<u8> {
    let packet = str::from_utf8(packet).expect("UTF-8");
    format!("<svg xmlns=\"http://www.w3.org/2000/svg\"><metadata>{packet}</metadata><path d=\"M0 0\"/></svg>")
        .into_bytes()
}

/// One directory with one tag, all offsets eight bytes long.
fn big_tiff(packet: &[u8]) -> Vec<u8> {
    let mut file = b"II\x2B\0\x08\0\0\0\x10\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\xBC\x02\x07\0".to_vec();
    file.extend(u64::try_from(packet.len()).expect("a short packet").to_le_bytes());
    file.extend(52_u64.to_le_bytes());
    file.extend([0; 8]);
    assert_eq!(file.len(), 52);
    file.extend_from_slice(packet);
    file
}

#[test]
fn every_container_is_read() {
    for (name, file) in carriers() {
        for mode in [Mode::Strict, Mode::Spec] {
            let found = read(&file, mode).evidence;
            let said = found.iter().find(|one| one.signal == "plus.dmi");
            let said = said.unwrap_or_else(|| panic!("{name}: nothing found in {mode:?}, but {found:?}"));
            assert_eq!((said.verdict, said.scope), (Verdict::Deny, Scope::ImageBytes), "{name}");
            assert_eq!(said.raw, CODE, "{name}");
        }
    }
}

#[test]
fn places_are_where_the_packet_lies() {
    for (name, file) in
        carriers().into_iter().filter(|(name, _)| matches!(*name, "JPEG APP1" | "TIFF big-endian" | "GIF"))
    {
        let place = read(&file, Mode::Spec).evidence[0].place.clone();
        let byte: usize = place.split(' ').nth(2).and_then(|byte| byte.parse().ok()).expect("a byte");
        assert!(file[byte..].starts_with(b"<?xpacket"), "{name}: {place}");
        assert!(place.ends_with(" XMP plus:DataMining"), "{name}: {place}");
    }
}

#[test]
fn a_file_cut_anywhere_refuses_at_most_what_the_whole_does() {
    for (name, file) in carriers() {
        for end in (0..file.len()).step_by(7) {
            let found = read(&file[..end], Mode::Strict).evidence;
            let known = |one: &Evidence| ["plus.dmi", "plus.dmi-bytes"].contains(&one.signal.as_str());
            assert!(found.iter().filter(|one| one.denies()).all(known), "{name} cut at {end}: {found:?}");
        }
    }
}

#[test]
fn packets_that_disagree_refuse() {
    let allowed = xmp("plus:DataMining=\"http://ns.useplus.org/ldf/vocab/DMI-ALLOWED\"", "");
    let both = [jpeg_xmp(allowed.as_bytes()), jpeg_xmp(&prohibition())];
    for file in [jpeg(&both), jpeg(&[both[1].clone(), both[0].clone()])] {
        for mode in [Mode::Strict, Mode::Spec] {
            let verdicts: Vec<Verdict> = read(&file, mode).evidence.iter().map(|one| one.verdict).collect();
            assert!(verdicts.contains(&Verdict::Allow) && verdicts.contains(&Verdict::Deny), "{verdicts:?}");
        }
    }
}

#[test]
fn bytes_are_searched_when_no_packet_refuses() {
    let allowed = xmp("plus:DataMining=\"http://ns.useplus.org/ldf/vocab/DMI-ALLOWED\"", "");
    let behind = [&jpeg(&[jpeg_xmp(allowed.as_bytes())])[..], b"DMI-PROHIBITED"].concat();
    let signals = |file: &[u8], mode| read(file, mode).evidence.into_iter().map(|one| one.signal).collect::<Vec<_>>();
    assert_eq!(signals(&behind, Mode::Strict), ["plus.dmi", "plus.dmi-bytes"]);
    assert_eq!(signals(&behind, Mode::Spec), ["plus.dmi"]);
    // One that was understood is not told twice.
    assert_eq!(signals(&jpeg(&[jpeg_xmp(&prohibition())]), Mode::Strict), ["plus.dmi"]);
}

#[test]
fn what_breaks_the_rules_of_a_container_is_for_strict() {
    let packet = prohibition();
    let guid = b"0123456789ABCDEF0123456789ABCDEF";
    let named = jpeg_xmp(&[b"<x>", &guid[..], b"</x>"].concat());
    let extended = |whole: usize, offset: usize| jpeg_extended_xmp(guid, whole, offset, &packet);
    let mut short = webp(&[(b"XMP ", &packet)]);
    short[4..8].copy_from_slice(&4_u32.to_le_bytes());
    for (name, file) in [
        ("an extended packet that nobody names", jpeg(&[jpeg_xmp(b"<x/>"), extended(packet.len(), 0)])),
        ("one that begins late", jpeg(&[named.clone(), extended(packet.len() + 5, 5)])),
        ("one that is too short", jpeg(&[named.clone(), extended(packet.len() + 1, 0)])),
        ("a chunk behind the end", short),
    ] {
        let refuses = |mode| read(&file, mode).evidence.iter().any(|one| one.signal == "plus.dmi" && one.denies());
        assert_eq!([refuses(Mode::Strict), refuses(Mode::Spec)], [true, false], "{name}");
    }
}

/// Field, file, words.
fn notes() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let comment = |charset: &[u8; 8], text: &[u8]| {
        let value = [&charset[..], text].concat();
        jpeg(&[segment(0xE1, &[b"Exif\0\0", &exif(true, &[], &[(0x9286, &value)])[..]].concat())])
    };
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let iim = |number, value: &[u8]| [dataset(1, 90, b"\x1B%G"), dataset(2, number, value)].concat();
    let rights = xmp("", "<dc:rights><rdf:Alt><rdf:li xml:lang=\"x-default\">© Ada</rdf:li></rdf:Alt></dc:rights>");
    vec![
        ("EXIF Copyright", tiff(false, &[(0x8298, b"Ada\0Editor\0")]), "Ada Editor"),
        ("EXIF Copyright", png(&[chunk(*b"eXIf", &tiff(true, &[(0x8298, b"\xA9 Ada\0")]))]), "© Ada"),
        ("EXIF Copyright", png(&[png_profile("exif", &tiff(true, &[(0x8298, b"Ada Ada\0")]))]), "Ada Ada"),
        (
            "IPTC CopyrightNotice",
            jpeg(&[segment(0xED, &[b"Photoshop 3.0\0", &photoshop(&iim(116, b"\xC2\xA9 Ada"))[..]].concat())]),
            "© Ada",
        ),
        ("IPTC CopyrightNotice", tiff(true, &[(0x83BB, &dataset(2, 116, b"\xA9 Ada"))]), "© Ada"),
        ("IPTC SpecialInstructions", png(&[png_profile("iptc", &photoshop(&iim(40, b"Ask first")))]), "Ask first"),
        ("IPTC SpecialInstructions", tiff(false, &[(0x8649, &photoshop(&iim(40, b"Ask first")))]), "Ask first"),
        ("PNG Copyright", png(&[png_text("Copyright", b"\xA9 Ada")]), "© Ada"),
        ("PNG copyright", png(&[png_compressed_text("copyright", b"Ada")]), "Ada"),
        ("PNG Disclaimer", png(&[png_international_text("Disclaimer", true, "© Ada".as_bytes())]), "© Ada"),
        ("XMP dc:rights", webp(&[(b"XMP\0", rights.as_bytes())]), "© Ada"),
        ("EXIF UserComment", comment(b"ASCII\0\0\0", b"{\"AIGC\":{}}"), "aigc:label"),
        ("EXIF UserComment", comment(b"UNICODE\0", &wide("Steps: 9, Sampler: DDIM")), "exif:parameters"),
        ("EXIF XPComment", tiff(false, &[(0x9C9C, &wide("Steps: 9, Sampler: DDIM"))]), "exif:parameters"),
        ("GIF comment", gif(&[gif_comment(b"Steps: 9, Sampler: DDIM")]), "gif:parameters"),
        ("JPEG comment", jpeg(&[segment(0xFE, b"Steps: 9, Sampler: DDIM")]), "jpeg:parameters"),
        (
            "PNG Description",
            png(&[png_text("Description", b"Job ID: 0f8fad5b-d9cb-469f-a165-70867728950e")]),
            "midjourney:job-id",
        ),
    ]
}

#[test]
fn fields_are_read_with_their_places() {
    for (field, file, words) in notes() {
        let found = read(&file, Mode::Strict).evidence;
        assert!(found.iter().any(|one| one.raw == words && one.place.ends_with(field)), "{field}: {found:?}");
        assert!(found.iter().all(|one| one.verdict == Verdict::Info), "{field}: {found:?}");
    }
}

#[test]
fn authors_and_licences_are_named() {
    let address = "https://creativecommons.org/licenses/by/4.0/";
    let file = jpeg(&[jpeg_xmp(
        xmp(
            &format!("xmpRights:WebStatement=\"{address}\""),
            "<dc:creator><rdf:Seq><rdf:li>Ada</rdf:li><rdf:li>Bea</rdf:li></rdf:Seq></dc:creator>",
        )
        .as_bytes(),
    )]);
    let reading = read(&file, Mode::Strict);
    assert_eq!(reading.creator.as_deref(), Some("Ada"));
    assert_eq!(reading.license_url.is_some(), License::at(address).is_some());
    let file = png(&[png_text("Copyright", b"Ada")]);
    assert_eq!(read(&file, Mode::Strict).license_url, None);
}

#[test]
fn our_directories_are_those_another_reader_sees() {
    for is_big in [true, false] {
        let file = exif(is_big, &[(0x010E, b"A harbour\0"), (0x8298, b"Ada\0")], &[(0x9286, b"ASCII\0\0\0No comment")]);
        let theirs = exif::Reader::new().read_raw(file.clone()).expect("EXIF");
        let seen = |tag| theirs.get_field(tag, exif::In::PRIMARY).is_some();
        assert!(seen(exif::Tag::ImageDescription) && seen(exif::Tag::Copyright) && seen(exif::Tag::UserComment));
        assert_eq!(read(&file, Mode::Strict).evidence[0].raw, "Ada");
    }
}

#[test]
fn files_made_by_others_are_read() {
    let Some(folder) = embedded_files("files_made_by_others_are_read") else { return };
    let file = fs::read(folder.join("negative-no_manifest.jpg")).expect("a file");
    let reading = read(&file, Mode::Strict);
    // Photoshop's XMP points at the manifest, which was taken out.
    let signals: Vec<(&str, Verdict)> = reading.evidence.iter().map(|one| (one.signal.as_str(), one.verdict)).collect();
    assert_eq!(signals, [("c2pa.provenance", Verdict::Info)]);
    let theirs = exif::Reader::new().read_from_container(&mut std::io::Cursor::new(&file)).expect("EXIF");
    let program =
        theirs.get_field(exif::Tag::Software, exif::In::PRIMARY).expect("a program").display_value().to_string();
    assert!(program.contains("Adobe Photoshop"), "{program}");

    for (name, refuses) in [
        ("cawg-notAllowed.jpg", true),
        ("c2pa-notAllowed.png", true),
        // Its manifest takes two segments.
        ("negative-CA.jpg", false),
        ("negative-C.jpg", false),
    ] {
        let file = fs::read(folder.join(name)).expect("a file");
        for mode in [Mode::Strict, Mode::Spec] {
            let found = read(&file, mode).evidence;
            assert_eq!(found.iter().any(Evidence::denies), refuses, "{name}: {found:?}");
        }
    }
}

fn embedded_files(test: &str) -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let folder = env::var_os("PINAKES_TEST_DATA").map_or_else(beside, PathBuf::from).join("consent/embedded");
    if !folder.is_dir() {
        eprintln!("skipped embedded::{test}: no `{}` (set PINAKES_TEST_DATA)", folder.display());
        return None;
    }
    Some(folder)
}

/// Sizes at which anything worse than linear would not end.
#[test]
fn hostile_files_take_little_time() {
    const MANY: usize = 300_000;
    let packet = |inner: &str| jxl(&[a_box(*b"xml ", xmp("", inner).as_bytes())]);
    // Sixty thousand tags, all of which point at the whole file.
    let pointing = |tag: &[u8; 2]| {
        let entry = [&tag[..], b"\x07\0\0\0\x0A\0\0\0\0\0"].concat();
        [&b"II\x2A\0\x08\0\0\0\x60\xEA"[..], &entry.repeat(60_000)].concat()
    };
    let locations = {
        // Extents of no bytes, 65,535 of them for each item.
        let iloc = [&b"\x02\0\0\0\0\0\0\x04\0\0"[..], &b"\0\0\0\x01\0\0\0\0\xFF\xFF".repeat(100_000)].concat();
        let infe = a_box(*b"infe", b"\x02\0\0\0\0\x01\0\0mime\0application/rdf+xml\0");
        let iinf = a_box(*b"iinf", &[b"\0\0\0\0\0\x01", &infe[..]].concat());
        let meta = a_box(*b"meta", &[&[0; 4][..], &iinf, &a_box(*b"iloc", &iloc)].concat());
        [a_box(*b"ftyp", b"avif\0\0\0\0"), meta].concat()
    };
    let bomb = deflated(&vec![b'<'; 64 << 20]);
    for (name, file) in [
        ("open tags", packet(&"<a>".repeat(MANY))),
        ("attributes", packet(&format!("<a {}/>", "b='' ".repeat(MANY)))),
        ("properties", packet(&"<dc:rights>x</dc:rights>".repeat(MANY / 10))),
        ("prohibitions", packet(&"<plus:DataMining>x</plus:DataMining>".repeat(MANY / 10))),
        ("fragments", [b"????".to_vec(), b"<x:xmpmeta".repeat(MANY), b"<rdf:RDF".repeat(MANY)].concat()),
        ("JPEG markers", [b"\xFF\xD8".to_vec(), b"\xFF\xE1\0\x02".repeat(MANY)].concat()),
        ("JPEG fill", [b"\xFF\xD8".to_vec(), vec![0xFF; 4 * MANY]].concat()),
        ("JPEG boxes", jpeg(&vec![segment(0xEB, b"JP\0\x01\0\0\0\x01\0\0\0\x08jumb"); MANY / 10])),
        ("PNG text", png(&vec![png_text("Copyright", b"x"); MANY / 10])),
        ("PNG bombs", png(&vec![chunk(*b"zTXt", &[b"Copyright\0\0", &bomb[..]].concat()); 40])),
        ("GIF blocks", [b"GIF89a\0\0\0\0\0\0\0".to_vec(), b"\x21\xFE\x01x\0".repeat(MANY)].concat()),
        ("WebP chunks", webp(&vec![(b"XMP ", b"<a/>" as &[u8]); MANY / 10])),
        ("boxes", [a_box(*b"ftyp", b"avif\0\0\0\0"), a_box(*b"meta", b"").repeat(MANY)].concat()),
        ("TIFF pointers to XMP", pointing(b"\xBC\x02")),
        ("TIFF pointers to IPTC", pointing(b"\xBB\x83")),
        ("HEIF locations", locations),
        ("IPTC", tiff(true, &[(0x83BB, &dataset(2, 116, b"x").repeat(MANY / 10))])),
    ] {
        let found = read(&file, Mode::Strict).evidence;
        assert!(found.len() <= 65, "{name}: {}", found.len());
    }
}

proptest! {
    #[test]
    fn any_octets_are_read(body in proptest::collection::vec(any::<u8>(), 0..400), which in 0_usize..9) {
        let heads: [&[u8]; 9] = [
            b"\xFF\xD8\xFF\xE1", b"\x89PNG\r\n\x1A\n", b"RIFF\0\0\0\0WEBP", b"GIF89a", b"II\x2A\0", b"MM\0\x2B",
            b"\0\0\0\x08ftyp\0\0\0\0meta", b"\x1F\x8B\x08\0", b"",
        ];
        read(&[heads[which], &body].concat(), Mode::Strict);
    }

    #[test]
    fn a_file_with_bytes_changed_is_read(
        which in 0_usize..30,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut files = carriers();
        let length = files.len();
        let mut file = files.swap_remove(which % length).1;
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        let refuses = |mode| read(&file, mode).evidence.iter().any(Evidence::denies);
        prop_assert!(refuses(Mode::Strict) || !refuses(Mode::Spec));
    }
}
