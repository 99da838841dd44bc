//! Tables of examples for encodings, and real pages.

use super::*;
use encoding_rs::{EUC_JP, SHIFT_JIS, WINDOWS_1251};
use proptest::prelude::*;

#[test]
fn encodings_are_found_in_their_order() {
    let shift_jis = SHIFT_JIS.encode("<meta charset=shift_jis>猫").0.into_owned();
    assert!(decode(&shift_jis, None, None).ends_with('猫'));
    let latin = b"caf\xe9";
    assert_eq!(decode(latin, Some("text/html; charset=\"ISO-8859-1\""), None), "café");
    assert_eq!(decode("café".as_bytes(), None, None), "café");
    assert_eq!(decode(b"", Some("text/html; charset=klingon"), None), "");
    // The mark before the header, the header before the meta, the meta before what the bytes look like.
    assert_eq!(decode(b"\xff\xfeh\x00i\x00", Some("text/html; charset=utf-8"), None), "hi");
    assert_eq!(decode(b"\xfe\xff\x00h\x00i", None, None), "hi");
    assert_eq!(decode(b"\xef\xbb\xbfcaf\xc3\xa9", Some("text/html; charset=latin1"), None), "café");
    assert_eq!(decode(&shift_jis, Some("text/html;charset=windows-1252"), None), "<meta charset=shift_jis>”L");
    assert_eq!(decode("<meta charset=latin1>é".as_bytes(), None, None), "<meta charset=latin1>Ã©");
    assert_eq!(decode("<meta charset=klingon>é".as_bytes(), None, None), "<meta charset=klingon>é");
}

#[test]
fn headers_name_encodings_in_every_form() {
    for (header, expected) in [
        ("text/html; charset=windows-1251", "й"),
        ("text/html;Charset = \"Windows-1251\" ; x=y", "й"),
        ("text/html; x=y; charset='cp1251'", "й"),
        ("text/html; charset=klingon; charset=cp1251", "é"),
        ("text/html; xcharset=cp1251", "é"),
        ("charset", "é"),
        ("", "é"),
    ] {
        assert_eq!(
            decode(b"<meta charset=latin1>\xe9", Some(header), None),
            format!("<meta charset=latin1>{expected}"),
            "{header}"
        );
    }
}

#[test]
fn sixteen_bits_are_believed_where_the_bytes_have_them() {
    for html in ["<meta charset=utf-16>hi", "<meta charset=utf-16be>hi"] {
        assert_eq!(decode(html.as_bytes(), None, None), html);
        assert_eq!(decode(html.as_bytes(), Some("text/html; charset=utf-16"), None), html);
    }
    assert_eq!(decode(b"h\x00i\x00", Some("text/html; charset=utf-16le"), None), "hi");
    assert_eq!(decode(b"\x00h\x00i", Some("text/html; charset=utf-16be"), None), "hi");
}

#[test]
fn only_a_meta_element_declares() {
    for (before, is_declared) in [
        ("<meta charset=windows-1251>", true),
        ("<META CHARSET='Windows-1251'/>", true),
        ("<meta/charset=windows-1251 x>", true),
        ("<meta name=x charset=windows-1251>", true),
        ("<!doctype html><html lang=ru x='<meta'><head>\n<meta charset=\"windows-1251\">", true),
        ("<meta http-equiv=Content-Type content='text/html; charset=windows-1251'>", true),
        ("<meta content='text/html;CharSet = \"windows-1251\"' http-equiv=content-type>", true),
        ("<meta http-equiv=content-type content='charset charset=windows-1251;x'>", true),
        ("<!----><meta charset=windows-1251>", true),
        ("<!--><meta charset=windows-1251>-->", true),
        ("<meta charset=klingon><meta charset=windows-1251>", true),
        ("<meta charset=windows-1251 charset=utf-8>", true),
        ("<meta name=description content='charset=utf-8'><meta charset=windows-1251>", true),
        ("<?xml version='1.0' encoding='windows-1251'?>", true),
        // No element, or no declaration.
        ("<script>var a = 'text/html; charset=windows-1251'</script>", false),
        ("<script src=a.js charset=windows-1251></script>", false),
        ("<link rel=x href=a charset=windows-1251>", false),
        ("<!-- <meta charset=windows-1251> -->", false),
        ("<p title='<meta charset=windows-1251>'>", false),
        ("<p>charset=windows-1251", false),
        ("<metadata charset=windows-1251>", false),
        ("<meta content='text/html; charset=windows-1251'>", false),
        ("<meta http-equiv=refresh content='text/html; charset=windows-1251'>", false),
        ("<meta charset=utf-8 charset=windows-1251>", false),
        ("<meta http-equiv=content-type content='charset=\"windows-1251'>", false),
        (" <?xml version='1.0' encoding='windows-1251'?>", false),
        ("<?xml version='1.0'?><p encoding='windows-1251'>", false),
        ("<meta charset=windows-1251", true),
        ("<meta charset=", false),
        ("<meta charset", false),
        ("<meta =", false),
        ("<", false),
    ] {
        assert_eq!(prescan::declared(before.as_bytes()) == Some(WINDOWS_1251), is_declared, "{before}");
    }
    let late = format!("{}<meta charset=windows-1251><p>", " ".repeat(PRESCAN_BYTES - 200));
    let bytes = [late.as_bytes(), b"\xe9"].concat();
    assert!(decode(&bytes, None, None).ends_with('й'));
}

#[test]
fn labels_mean_what_the_standard_says() {
    assert_eq!(decode(b"<meta charset=x-user-defined>\xe9", None, None), "<meta charset=x-user-defined>é");
    assert_eq!(decode(b"<meta charset=us-ascii>\x80", None, None), "<meta charset=us-ascii>€");
    // Encodings in which markup can be hidden: browsers show one sign in the page's place.
    assert_eq!(decode(b"<meta charset=hz-gb-2312>~{<:Ky~}", None, None), "\u{FFFD}");
    let japanese = b"<meta charset=iso-2022-jp>\x1b$BG-\x1b(B";
    assert!(decode(japanese, None, None).ends_with('猫'));
}

#[test]
fn what_is_not_declared_is_guessed() {
    let russian = "Съешь же ещё этих мягких французских булок, да выпей чаю. ".repeat(4);
    let japanese = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。".repeat(4);
    for (encoding, text) in
        [(WINDOWS_1251, &russian), (encoding_rs::KOI8_R, &russian), (SHIFT_JIS, &japanese), (EUC_JP, &japanese)]
    {
        let bytes = encoding.encode(text).0.into_owned();
        assert_eq!(decode(&bytes, None, Some("page.example")), *text, "{}", encoding.name());
    }
    // The same bytes under two ends of hosts, and under none that is one.
    let short = b"<title>\xcf\xf0\xe8\xe2\xe5\xf2</title>";
    assert_eq!(decode(short, None, Some("page.example.ru")), "<title>Привет</title>");
    for host in ["192.0.2.1", "[2001:db8::1]", "EXAMPLE", "", ".", "xn--e1afmkfd.xn--p1ai."] {
        assert!(decode(short, None, Some(host)).starts_with("<title>"), "{host}");
    }
}

#[test]
fn nothing_is_copied_that_is_utf_8_already() {
    for content_type in [None, Some("text/html; charset=utf-8"), Some("text/html; charset=utf-16")] {
        assert!(matches!(decode("<p>猫".as_bytes(), content_type, None), Cow::Borrowed(_)));
        assert!(matches!(decode(b"\xef\xbb\xbf<p>caf\xc3\xa9", content_type, None), Cow::Borrowed("<p>café")));
    }
    assert!(matches!(decode(b"<p>plain", Some("text/html; charset=latin1"), None), Cow::Borrowed(_)));
}

#[test]
fn a_page_cut_off_within_a_character_stays_utf_8() {
    let text = "Größe und Übergrößen ".repeat(20) + "猫";
    for cut in 1..3 {
        let decoded = decode(&text.as_bytes()[..text.len() - cut], None, None);
        assert!(decoded.starts_with("Größe") && decoded.ends_with(" \u{FFFD}"), "{decoded}");
    }
}

#[test]
fn real_pages_are_read_in_their_encodings() {
    let folder = std::env::var_os("PINAKES_TEST_DATA").map_or_else(
        || std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")),
        std::path::PathBuf::from,
    );
    let names = ["clueweb09-ja.warc.gz", "edge/qsl.net-encoding-alias.warc.gz"];
    for name in names {
        let path = folder.join("warc").join(name);
        let Ok(file) = std::fs::File::open(&path) else {
            eprintln!("skipped: real_pages_are_read_in_their_encodings: no test data beside the project (see README)");
            return;
        };
        let (mut pages, mut signs, mut broken, mut japanese) = (0, 0, 0, 0);
        let mut reader =
            crate::warc::Reader::new(std::io::BufReader::new(file), crate::warc::Limits::default()).unwrap();
        while let Some(item) = reader.next_item().unwrap() {
            let crate::warc::Item::Record(record) = item else { continue };
            let Some(response) =
                record.is("response").then(|| crate::http::Response::parse(record.block)).and_then(Result::ok)
            else {
                continue;
            };
            let text = decode(&response.body, response.header("Content-Type"), None);
            pages += 1;
            signs += text.chars().count();
            broken += text.matches(char::REPLACEMENT_CHARACTER).count();
            japanese += usize::from(text.chars().filter(|c| matches!(c, 'ぁ'..='ヿ')).count() > 20);
        }
        println!("{name}: {pages} pages, {signs} characters, {broken} broken, {japanese} in Japanese");
        assert!(pages > 0 && broken * 1000 < signs, "{name}");
        assert!(!name.contains("-ja") || japanese * 10 >= pages * 9, "{name}: {japanese} of {pages}");
    }
}

proptest! {
    #[test]
    fn any_bytes_make_a_text(bytes in prop::collection::vec(any::<u8>(), 0..200), header in "(; ?charset=[a-z0-9-]{0,12})?", host in "\\PC{0,12}") {
        decode(&bytes, Some(&header), Some(&host));
    }

    #[test]
    fn any_head_is_scanned(head in "(<|>|!--|-->|meta|/|=|'|\"| |charset|content|http-equiv|utf-8|\\?xml|x){0,40}") {
        prescan::declared(head.as_bytes());
    }
}
