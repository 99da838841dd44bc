//! The page of a subset: what strangers wrote stays text, and what was stored is shown.

use crate::common::{PICTURE, at, fate, folder, open, published, run_info, sample, write_run_of};
use index::{
    Error, publish,
    subset::{Layout, Subset, Wanted},
};
use schema::Sample;

/// Elements that have no end.
const VOID: [&str; 2] = ["meta", "img"];

/// Every element that is opened is closed, in order; gives the names of all.
fn elements(page: &str) -> Vec<String> {
    let (mut open, mut all) = (Vec::new(), Vec::new());
    let page = page.strip_prefix("<!DOCTYPE html>").unwrap();
    for tag in page.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').unwrap();
        let name = tag.split_whitespace().next().unwrap().to_owned();
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
        } else {
            all.push(name.clone());
            if !VOID.contains(&name.as_str()) {
                open.push(name);
            }
        }
    }
    assert_eq!(open, Vec::<String>::new());
    all
}

#[tokio::test]
async fn hostile_captions_stay_text_and_the_page_asks_nobody() {
    const HOSTILE: &str = "<script>alert(1)</script> \"><img src=x onerror=alert(1)> & </style>";
    let (folder, store) = folder();
    let hostile = |n: usize| Sample {
        text: HOSTILE.into(),
        license: Some("<i>licence</i>".into()),
        language: Some("<i>".into()),
        page_url: "https://evil.example/\"><script src=//evil.example/x.js></script>".into(),
        image_domain: "<svg onload=alert(1)>".into(),
        ..sample(n)
    };
    write_run_of(&store, 0..100, hostile).await;
    publish(&store, &run_info("first")).await.unwrap();
    let dataset = open(&folder).await;
    let wanted = Wanted { condition: Some("url <> '</pre><script>'".into()), ..Wanted::default() };
    let subset = Subset::choose(&dataset, &wanted, Layout::Parquet, at(1)).await.unwrap();
    let page = subset.page(60).await.unwrap();
    let elements = elements(&page);
    for name in ["script", "i", "a", "link", "iframe"] {
        assert!(!elements.iter().any(|element| element == name), "{name}");
    }
    let pictured = (0..100).filter(|n| fate(*n).is_none() && n % 5 == 0).count();
    assert_eq!(elements.iter().filter(|name| *name == "img").count(), pictured);
    assert_eq!(page.matches("src=\"data:image/jpeg;base64,").count(), pictured);
    assert_eq!(page.matches("src=").count() - page.matches("src=x").count() - page.matches("src=//").count(), pictured);
    assert_eq!(page.matches("&lt;script&gt;alert(1)").count(), 60);
    assert_eq!(page.matches("no picture is stored").count(), 60 - pictured);
    assert!(!page.contains("onerror=alert(1)>") && !page.contains("url("), "{page}");
}

#[tokio::test]
async fn the_page_shows_the_same_rows_each_time_and_is_bounded() {
    let (folder, store) = folder();
    // A file that is larger than what one picture may have.
    let large: Vec<u8> = PICTURE.iter().copied().chain(std::iter::repeat_n(0, 1 << 20)).collect();
    let image = |n: usize| if n == 5 { large.clone() } else { PICTURE.to_vec() };
    write_run_of(&store, 0..100, |n| Sample { image: Some(image(n)), ..sample(n) }).await;
    publish(&store, &run_info("first")).await.unwrap();
    let dataset = open(&folder).await;
    let page = async |rows, seed| {
        let wanted = Wanted { seed, ..Wanted::default() };
        Subset::choose(&dataset, &wanted, Layout::Parquet, at(1)).await.unwrap().page(rows).await
    };
    let urls = |page: &str| -> Vec<String> {
        page.split("https://img.").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
    };
    let (ten, twenty) = (page(10, 0).await.unwrap(), page(20, 0).await.unwrap());
    assert_eq!(ten, page(10, 0).await.unwrap());
    assert_ne!(urls(&ten), urls(&page(10, 1).await.unwrap()));
    assert_eq!(urls(&ten).len(), 10);
    assert!(urls(&ten).iter().all(|url| urls(&twenty).contains(url)), "a page lies within a larger one");
    let all = page(100, 0).await.unwrap();
    assert_eq!((all.matches("src=\"data:").count(), all.matches("too large for this page").count()), (59, 1));
    assert!(all.len() < 1 << 20);
    // Histograms are of all rows, whatever is shown.
    for page in [&ten, &all] {
        assert!(page.contains("60 of 60 rows have it.") && page.contains("No row has it."), "{page}");
        assert!(page.contains("512 to 767 px") && page.contains("site3.example"));
    }
    for rows in [0, 1001] {
        let error = page(rows, 0).await.unwrap_err();
        assert!(
            matches!(error, Error::Threshold { .. }) && error.to_string().contains(&format!("`{rows}`")),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_page_of_no_rows_is_a_page() {
    let (_folder, dataset) = published(0..20).await;
    let wanted = Wanted { condition: Some("width > 9999".into()), ..Wanted::default() };
    let subset = Subset::choose(&dataset, &wanted, Layout::Urls, at(1)).await.unwrap();
    let page = subset.page(50).await.unwrap();
    elements(&page);
    assert!(page.contains("0 of 0 rows"), "{page}");
}

#[tokio::test]
async fn a_page_of_rows_that_were_not_counted_before_is_the_same() {
    let (_folder, dataset) = published(0..40).await;
    for (condition, words) in [("language = 'en' -- only", "5 of 12 rows"), ("width > 9999", "0 of 0 rows")] {
        let wanted = Wanted { condition: Some(condition.into()), ..Wanted::default() };
        let chosen = Subset::choose(&dataset, &wanted, Layout::Parquet, at(1)).await.unwrap();
        let prepared = Subset::prepare(&dataset, &wanted, Layout::Parquet, at(1)).await.unwrap();
        let page = prepared.page(5).await.unwrap();
        assert!(page.contains(words), "{page}");
        assert_eq!(page, chosen.page(5).await.unwrap());
    }
}
