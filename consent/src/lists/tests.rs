//! Tables of examples for lists.

use super::*;

fn find(list: &OptOutList, url: &str) -> Option<(ListKind, String)> {
    list.find(&Url::parse(url).unwrap()).map(|hit| (hit.kind, hit.place))
}

#[test]
fn plain_lists_are_read_and_found() {
    let text = "\u{FEFF}# asked by mail\nexample.com   # all of it\n*.Büro.example\nhttps://a.example/x.jpg#top\n\
        http://b.example:8080/art/*\nhttps://b.example:8080/art/old/*\n\n10.0.0.7\n";
    let list = OptOutList::parse("my.txt", text).unwrap();
    assert_eq!(list.len(), 6);
    let at = |line: usize| format!("my.txt:{line}");
    for (url, expected) in [
        ("https://example.com/", Some((ListKind::Domain, at(2)))),
        ("https://img.example.com./x.jpg", Some((ListKind::Domain, at(2)))),
        ("https://notexample.com/", None),
        ("https://xn--bro-hoa.example/", Some((ListKind::Domain, at(3)))),
        ("https://www.büro.example/", Some((ListKind::Domain, at(3)))),
        ("http://a.example/x.jpg", Some((ListKind::Url, at(4)))),
        ("https://A.example/x.jpg#bottom", Some((ListKind::Url, at(4)))),
        ("https://a.example/x.jpg?v=1", None),
        ("http://b.example:8080/art/a.jpg", Some((ListKind::UrlPrefix, at(5)))),
        ("http://b.example:8080/art/old/a.jpg", Some((ListKind::UrlPrefix, at(5)))),
        ("http://b.example:8080/artist.jpg", None),
        ("http://b.example/art/a.jpg", None),
        ("http://10.0.0.7/a.jpg", Some((ListKind::Domain, at(8)))),
        ("data:image/png,x", None),
    ] {
        assert_eq!(find(&list, url), expected, "{url}");
    }
}

#[test]
fn csv_lists_are_read_and_found() {
    let text = "added,Type,value,note\n2026-01-01,domain,example.com,\"asked, twice\"\n,host,img.example.org\n\
        ,url,\"https://c.example/a,b.jpg\",\n,url-prefix,https://d.example/pre\n";
    let list = OptOutList::parse("o.csv", text).unwrap();
    for (url, expected) in [
        ("https://www.example.com/", Some(ListKind::Domain)),
        ("https://img.example.org/", Some(ListKind::Host)),
        ("https://sub.img.example.org/", None),
        ("https://c.example/a,b.jpg", Some(ListKind::Url)),
        ("https://d.example/prefix", Some(ListKind::UrlPrefix)),
    ] {
        assert_eq!(find(&list, url).map(|(kind, _)| kind), expected, "{url}");
    }
}

#[test]
fn what_was_said_is_kept_and_told() {
    let csv = "type;value;date;evidence;note\n\"Domain\";example.com;2026-01-02;\"mail 7;\r\n\"\"please\"\"\";x\r\n\
        # a remark; with \"quotes\r\nurl_prefix;https://d.example/a/;;;\n;;;;\nhost;h.example\r";
    let list = OptOutList::parse("l", csv).unwrap();
    let hit = list.find(&Url::parse("https://a.example.com/").unwrap()).unwrap();
    assert_eq!((hit.date.as_deref(), hit.proof.as_deref()), (Some("2026-01-02"), Some("mail 7;\r\n\"please\"")));
    let hit = list.find(&Url::parse("https://d.example/a/b").unwrap()).unwrap();
    assert_eq!((hit.place.as_str(), hit.date, hit.proof), ("l:5", None, None));
    assert_eq!(find(&list, "https://h.example/"), Some((ListKind::Host, "l:7".into())));

    let json = "\u{FEFF}{\"type\":\"url\",\"value\":\"https:\\/\\/a.example/\\u00fc.jpg\",\"extra\":[{}]}\r\n\r\n# remark\r\n\
        {\"evidence\":\"ticket 3\",\"date\":null,\"value\":\"b.example\",\"type\":\"host\"}\r\n";
    let list = OptOutList::parse("l.jsonl", json).unwrap();
    assert_eq!(find(&list, "http://a.example/%c3%bc.jpg"), Some((ListKind::Url, "l.jsonl:1".into())));
    let hit = list.find(&Url::parse("https://b.example/").unwrap()).unwrap();
    assert_eq!((hit.place.as_str(), hit.date, hit.proof.as_deref()), ("l.jsonl:4", None, Some("ticket 3")));
}

#[test]
fn a_lone_carriage_return_ends_a_line() {
    let list = OptOutList::parse("l", "# old\rexample.com\rhttps://a.example/*\r").unwrap();
    assert_eq!(find(&list, "https://example.com/"), Some((ListKind::Domain, "l:2".into())));
    assert_eq!(list.len(), 2);
}

#[test]
fn the_widest_entry_is_told() {
    let text = "type,value\nurl,https://img.b.example/a/x.jpg\nurl-prefix,https://img.b.example/a/\n\
        url-prefix,https://img.b.example/\nhost,img.b.example\ndomain,img.b.example\ndomain,b.example\n";
    let all: Vec<&str> = text.lines().collect();
    for (rows, kind, line) in [
        (2, ListKind::Url, 2),
        (3, ListKind::UrlPrefix, 3),
        (4, ListKind::UrlPrefix, 4),
        (5, ListKind::Host, 5),
        (6, ListKind::Domain, 6),
        (7, ListKind::Domain, 7),
    ] {
        let list = OptOutList::parse("l", &all[..rows].join("\n")).unwrap();
        assert_eq!(find(&list, "https://img.b.example/a/x.jpg"), Some((kind, format!("l:{line}"))));
    }
}

#[test]
fn hosts_are_read_as_people_write_them() {
    let text = "type,value\nhost,WWW.Example.ORG.\nhost,2001:db8::1\ndomain,[2001:DB8:0::2]\ndomain,.dotted.example\n\
        domain,*.github.io\ndomain,tumblr.com\ndomain,例え.テスト\nhost,my_host.example\ndomain,localhost\n\
        url-prefix,http://[2001:db8::3]:8080/a\nhost,10.0.0.7\n";
    let list = OptOutList::parse("l", text).unwrap();
    for (url, found) in [
        ("https://www.example.org:8443/x", true),
        ("https://example.org/", false),
        ("https://a.www.example.org/", false),
        ("http://[2001:db8::1]/x", true),
        ("http://[2001:db8::2]:81/x", true),
        ("http://[2001:db8::3]:8080/abc", true),
        ("http://[2001:db8::3]/abc", false),
        ("https://dotted.example/", true),
        ("https://someone.github.io/", true),
        ("https://artist.tumblr.com/", true),
        ("https://a.xn--r8jz45g.xn--zckzah/", true),
        ("https://my_host.example/", true),
        ("http://localhost:8080/", true),
        ("http://10.0.0.7/", true),
        ("http://1.10.0.0.7.example/", false),
        ("mailto:somebody@example.com", false),
    ] {
        assert_eq!(find(&list, url).is_some(), found, "{url}");
    }
}

#[test]
fn bad_lines_are_named_with_a_way_out() {
    for (text, problem) in [
        ("ok.example\nexample.com/path\n", "l:2: `example.com/path` is no domain"),
        ("https://\n", "l:1: `https://` is no URL"),
        ("ftp://h.example/x\n", "l:1: `ftp://h.example/x` is no URL"),
        ("https://*.example.com/*\n", "l:1: `https://*.example.com/` is no URL"),
        ("type,value\nsite,example.com\n", "l:2: `site` is no type of entry"),
        ("type,value\nhandle,@artist\n", "l:2: `handle` is no type of entry"),
        ("type,value\ndomain,\"example.com\n", "l:2: a quoted field is not closed"),
        ("type,value\n\ndomain,\"a.example\" b\n", "l:3: words stand behind a closing quote"),
        ("type,value\ndomain\n", "l:2: `` is no domain"),
        ("domain,example.com\n", "l:1: `domain,example.com` is no domain"),
        ("a.example b.example\n", "l:1: `a.example b.example` is no domain"),
        // What could never match.
        ("tumblr\n", "l:1: `tumblr` is no domain: it has no dot"),
        ("42\n", "l:1: `42` is no domain"),
        ("0x7f.1\n", "l:1: `0x7f.1` is no domain"),
        ("a..example\n", "l:1: `a..example` is no domain"),
        ("*.*.example.com\n", "l:1: `*.example.com` is no domain"),
        ("a1b2c3d4e5f60718\n", "l:1: `a1b2c3d4e5f60718` is no domain: it has no dot"),
        ("https://a.example/*/x.jpg\n", "l:1: `https://a.example/*/x.jpg` has a `*`"),
        ("https://a.example/*/x*\n", "l:1: `https://a.example/*/x*` has a `*` that does not stand at its end"),
        ("https://a.exam*\n", "l:1: `https://a.exam*` ends within the name of a host"),
        ("https://a.example/#/artist/*\n", "l:1: `https://a.example/#/artist/*` has a `#`"),
        ("https://a.example/x%2*\n", "l:1: `https://a.example/x%2*` ends within a percent-escape"),
        ("https://a.example/x/.%2E*\n", "l:1: `https://a.example/x/.%2E*` ends within a `.` or `..`"),
        ("https://.a.example/x\n", "l:1: `https://.a.example/x` is no URL"),
        // What would take out half the web.
        ("com\n", "l:1: `com` is a public suffix"),
        ("*.co.uk\n", "l:1: `*.co.uk` is a public suffix"),
        ("рф\n", "l:1: `рф` is a public suffix"),
        ("type,value\nsha256,abc\n", "l:2: `abc` is no SHA-256"),
        ("type,value\nphash,a1b2c3d4e5f6071\n", "l:2: `a1b2c3d4e5f6071` is no perceptual hash"),
        ("type,value\nphash,-1234567890123456\n", "l:2: `-1234567890123456` is no perceptual hash"),
        ("type,value\nphash,a1b2c3d4e5f60718/11\n", "l:2: `a1b2c3d4e5f60718/11` is no perceptual hash"),
        ("type,value\nname,X\n", "l:2: `X` is no name"),
        ("{\"type\":\"domain\"}\n", "l:1: is no entry: missing field `value` (column 17)"),
        ("{\"type\":\"domain\",\"value\":5}\n", "l:1: is no entry: invalid type: integer `5`"),
        ("{\"type\":\"host\",\"value\":\"a.example\"}\nb.example\n", "l:2: is no entry: expected value"),
        ("[{\"type\":\"domain\"}]\n", "l:1: this is a JSON array"),
    ] {
        let error = OptOutList::parse("l", text).unwrap_err().to_string();
        assert!(error.starts_with(problem), "{error}");
        assert!(error.contains("\nhint: "), "{error}");
    }
    let long = format!("https://a.example/{}", "x".repeat(9_000));
    let error = OptOutList::parse("l", &long).unwrap_err().to_string();
    assert!(error.ends_with("for long addresses a `url-prefix` does") && error.len() < 300, "{error}");
}

#[test]
fn pictures_are_found_by_bytes_and_by_looks() {
    let sha = "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08";
    let list = OptOutList::parse("p", &format!("{sha}\n")).unwrap();
    assert_eq!(
        list.find_sha256(&sha.to_lowercase()).map(|hit| (hit.kind, hit.value)),
        Some((ListKind::Sha256, sha.into()))
    );
    assert_eq!(list.find_sha256(&sha.replace('9', "8")), None);
    assert_eq!(list.find_sha256(""), None);

    let mut list = OptOutList::parse("l", "type,value\nphash,C3A5C3A5C3A5C3A5\nphash,00000000ffffffff/0\n").unwrap();
    list.extend(OptOutList::parse("m", "type,value\nphash,c3a5c3a5c3a5c3a5/8\nphash,c3a5c3a5c3a5c3a5/4\n").unwrap());
    assert_eq!(list.len(), 3, "a reach of four is the usual one");
    let listed = 0xC3A5_C3A5_C3A5_C3A5;
    for (hash, place) in [
        (listed, Some("l:2")),
        (listed ^ 0xF, Some("l:2")),
        (listed ^ 0x8001_0001_0001_0001, Some("m:2")),
        (listed ^ 0xFF, Some("m:2")),
        (listed ^ 0x1FF, None),
        (0x0000_0000_FFFF_FFFF, Some("l:3")),
        (0x0000_0000_FFFF_FFFE, None),
    ] {
        assert_eq!(list.find_phash(hash).map(|hit| hit.place).as_deref(), place, "{hash:x}");
    }
}

#[test]
fn names_are_found_and_refuse_nothing() {
    let text = "type,value\nname,Ada  Example\ncreator-name,山田太郎\nname,Ann\nname,Zoë Groß\nname,홍길동\n";
    let list = OptOutList::parse("l", text).unwrap();
    assert_eq!(list.names().collect::<Vec<_>>(), ["Ada  Example", "山田太郎", "Ann", "Zoë Groß", "홍길동"]);
    for (text, found) in [
        ("by ADA\u{A0}EXAMPLE, 2025", vec!["l:2"]),
        ("Ada Examples", vec![]),
        ("“Ada Example’s garden”", vec!["l:2"]),
        ("山田太郎の絵", vec!["l:3"]),
        ("Annual planning by Ann", vec!["l:4"]),
        ("Hannover", vec![]),
        ("ZOE\u{308} GROSS & ann", vec!["l:4", "l:5"]),
        ("홍길동은 그렸다", vec!["l:6"]),
        ("", vec![]),
    ] {
        let places: Vec<String> = list.find_names(text).into_iter().map(|hit| hit.place).collect();
        assert_eq!(places, found, "{text}");
    }
    assert!(list.find_names("Ann").iter().all(|hit| !hit.evidence(schema::Scope::Page).denies()));
    let mut more = list;
    assert_eq!(find(&more, "https://ann.example/"), None);
    more.extend(OptOutList::parse("m", "type,value\nname,Bob Example\n").unwrap());
    assert_eq!(more.find_names("Bob Example and Ann").len(), 2, "found after a list is added too");
}

#[test]
fn hostile_sizes_take_little_time() {
    let list = "b.example\nhttps://h.example/a*\nhttps://h.example/aa*\nhttps://h.example/b/*\n";
    let list = OptOutList::parse("l", list).unwrap();
    for url in [
        format!("https://{}example/", "a.".repeat(500_000)),
        format!("https://h.example/{}", "ab".repeat(500_000)),
        format!("https://h.example/?{}", "%61%zz|".repeat(200_000)),
    ] {
        let _ = find(&list, &url);
    }
    for text in ["\"".repeat(500_001), "type,value\n".to_owned() + &",\"\"".repeat(300_000), "[".repeat(500_000)] {
        let _ = OptOutList::parse("l", &text);
    }
    let names = OptOutList::parse("l", "type,value\nname,aa\nname,aaa\nname,aaaa\n").unwrap();
    assert!(names.find_names(&"a".repeat(500_000)).is_empty());
}

#[test]
fn lists_add_up() {
    let mut list = OptOutList::empty();
    assert!(list.is_empty());
    list.extend(OptOutList::parse("a", "https://h.example/a/b*\nhttps://h.example/c*\n").unwrap());
    list.extend(OptOutList::parse("b", "https://h.example/a*\nexample.com\n").unwrap());
    assert_eq!(list.len(), 4);
    list.extend(OptOutList::parse("c", "https://h.example/a*\nEXAMPLE.com\n").unwrap());
    assert_eq!(list.len(), 4, "what is named already");
    assert_eq!(find(&list, "https://www.example.com/"), Some((ListKind::Domain, "b:2".into())));
    assert_eq!(find(&list, "https://h.example/a/b/c"), Some((ListKind::UrlPrefix, "b:1".into())));
    assert_eq!(find(&list, "https://h.example/c"), Some((ListKind::UrlPrefix, "a:2".into())));
    assert_eq!(find(&list, "https://h.example/b"), None);
}

/// An entry, and whether it names a host and path, written as plainly as it can be.
#[derive(Clone, Debug)]
enum Entry {
    Domain(String),
    Host(String),
    Url(String, String),
    Prefix(String, String),
}

impl Entry {
    fn row(&self) -> String {
        match self {
            Self::Domain(name) => format!("domain,{name}"),
            Self::Host(name) => format!("host,{name}"),
            Self::Url(host, path) => format!("url,https://{host}/{path}"),
            Self::Prefix(host, path) => format!("url-prefix,http://{host}/{path}"),
        }
    }

    fn names(&self, host: &str, path: &str) -> bool {
        match self {
            Self::Domain(name) => host == name || host.ends_with(&format!(".{name}")),
            Self::Host(name) => host == name,
            Self::Url(its_host, its_path) => host == its_host && path == its_path,
            Self::Prefix(its_host, its_path) => host == its_host && path.starts_with(its_path.as_str()),
        }
    }
}

mod oracle {
    use super::*;
    use proptest::prelude::*;

    fn host() -> impl Strategy<Value = String> {
        "([ab]\\.){1,3}example"
    }

    fn entry() -> impl Strategy<Value = Entry> {
        prop_oneof![
            host().prop_map(Entry::Domain),
            host().prop_map(Entry::Host),
            (host(), "[ab/]{0,5}").prop_map(|(host, path)| Entry::Url(host, path)),
            (host(), "([ab/]{0,5}|[ab]{60,70})").prop_map(|(host, path)| Entry::Prefix(host, path)),
        ]
    }

    proptest! {
        #[test]
        fn a_list_finds_what_a_plain_search_finds(
            entries in proptest::collection::vec(entry(), 0..80),
            looked_up in proptest::collection::vec((host(), "([ab/]{0,7}|[ab]{60,140})"), 1..20),
        ) {
            let rows: Vec<String> = entries.iter().map(Entry::row).collect();
            // In two lists, so that they are joined too.
            let (one, other) = rows.split_at(rows.len() / 2);
            let read = |rows: &[String]| OptOutList::parse("l", &format!("type,value\n{}", rows.join("\n"))).unwrap();
            let mut list = read(one);
            list.extend(read(other));
            for (host, path) in looked_up {
                let found = list.find(&Url::parse(&format!("https://{host}/{path}")).unwrap());
                let expected = entries.iter().any(|entry| entry.names(&host, &path));
                prop_assert_eq!(found.is_some(), expected, "{} {}", host, path);
            }
        }

        #[test]
        fn likenesses_are_those_of_a_plain_search(
            listed in proptest::collection::vec((any::<u64>(), 0..=10_u32), 1..30),
            flips in proptest::collection::vec(0..64_u32, 0..12),
            which in any::<proptest::sample::Index>(),
        ) {
            let rows: Vec<String> = listed.iter().map(|(hash, reach)| format!("phash,{hash:016x}/{reach}")).collect();
            let list = OptOutList::parse("l", &format!("type,value\n{}", rows.join("\n"))).unwrap();
            let hash = flips.iter().fold(which.get(&listed).0, |hash, bit| hash ^ (1 << bit));
            let expected = listed.iter().any(|(its, reach)| (its ^ hash).count_ones() <= *reach);
            prop_assert_eq!(list.find_phash(hash).is_some(), expected);
        }

        #[test]
        fn any_text_is_a_list_or_an_error(text in "\\PC{0,80}", more in "[\\[{\"type,value;\n\r#*:/]{0,60}") {
            let _ = OptOutList::parse("l", &text);
            let _ = OptOutList::parse("l", &format!("type,value\n{text}\n{more}"));
            let _ = OptOutList::parse("l", &more);
        }
    }
}
