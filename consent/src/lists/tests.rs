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
    assert_eq!(list.len(), 5, "the narrower prefix is covered by the wider");
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
fn bad_lines_are_named_with_a_way_out() {
    for (text, problem) in [
        ("ok.example\nexample.com/path\n", "l:2: `example.com/path` is no domain"),
        ("https://\n", "l:1: `https://` is no URL"),
        ("ftp://h.example/x\n", "l:1: `ftp://h.example/x` is no URL"),
        ("https://*.example.com/*\n", "l:1: `https://*.example.com/` is no URL"),
        ("a b\n", "l:1: `a b` is no domain"),
        ("type,value\nsite,example.com\n", "l:2: `site` is no type of entry"),
        ("type,value\ndomain,\"example.com\n", "l:2: a quoted field is not closed"),
        ("type,value\ndomain\n", "l:2: `` is no domain"),
    ] {
        let error = OptOutList::parse("l", text).unwrap_err().to_string();
        assert!(error.starts_with(problem), "{error}");
        assert!(error.contains("\nhint: "), "{error}");
    }
}

#[test]
fn lists_add_up() {
    let mut list = OptOutList::empty();
    assert!(list.is_empty());
    list.extend(OptOutList::parse("a", "https://h.example/a/b*\nhttps://h.example/c*\n").unwrap());
    list.extend(OptOutList::parse("b", "https://h.example/a*\nexample.com\n").unwrap());
    assert_eq!(list.len(), 3);
    assert_eq!(find(&list, "https://h.example/a/b/c"), Some((ListKind::UrlPrefix, "b:1".into())));
    assert_eq!(find(&list, "https://h.example/c"), Some((ListKind::UrlPrefix, "a:2".into())));
    assert_eq!(find(&list, "https://h.example/b"), None);
}
