//! Tags and attributes as the HTML standard reads them, case by case.

mod oracle;
mod table;

use markup::Page;

/// The cases of html5lib-tests: see the head of the table.
#[test]
fn tags_are_read_as_browsers_read_them() {
    let mut count = 0;
    for case in table::cases(include_str!("tokens.tsv")) {
        let (html, expected) = case.split_first().unwrap();
        let (ours, theirs) = (Page::parse(html), oracle::parse(html));
        assert_eq!(metas(&ours), *expected, "{html:?}");
        assert_eq!(metas(&theirs), *expected, "{html:?}");
        count += 1;
    }
    assert!(count > 350, "{count}");
}

fn metas(page: &Page) -> Vec<&str> {
    page.metas.iter().flat_map(|meta| [&*meta.name, &*meta.content]).collect()
}
