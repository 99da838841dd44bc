//! Lists that are damaged, or none: rows are counted, files are named, and nothing stops.

use crate::{Folder, dropped, gzip, parquet, strings};
use arrow_array::{ArrayRef, Int64Array};
use schema::DropReason;
use std::sync::Arc;

const MIB: usize = 1024 * 1024;

/// So many rows of CSV, with their header.
fn rows(count: usize) -> String {
    let rows = (0..count).map(|n| format!("http://a.example/{n}.jpg,picture number {n} of the lake\n"));
    format!("url,caption\n{}", rows.collect::<String>())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_none_is_counted_and_the_next_ones_read() {
    let huge = format!("{{\"url\":\"http://a.example/9.jpg\",\"caption\":\"{}\"}}\n", "x".repeat(2 * MIB));
    let good = |n: u8| format!("{{\"url\":\"http://a.example/{n}.jpg\",\"caption\":\"a picture\"}}\n");
    let lines = [good(1), "{\"url\":\n".into(), "[1]\n".into(), "7\n".into(), huge, good(2)].concat();
    let lines =
        [lines.as_bytes(), b"{\"url\":\"\xff\"}\n", b"{\"url\":7,\"caption\":\"a\"}\n", good(3).as_bytes()].concat();
    let array = b"[{\"url\":\"http://a.example/1.jpg\",\"caption\":\"a picture\"}, null, [], {\"caption\":5},
        {\"url\":\"http://a.example/2.jpg\",\"caption\":\"a picture\"}, {}, {\"url\":\"http://a.example/3.jpg\",\"caption\":\"a picture\"}]";
    let comma = b"url,caption\nhttp://a.example/1.jpg,a picture\nhttp://a.example/x.jpg\nhttp://a.example/y.jpg,a,b\n\
        http://a.example/z.jpg,\xff\xfe\nhttp://a.example/2.jpg,a picture\nhttp://a.example/3.jpg,a picture";
    for (name, bytes, seen, damaged, oversized) in [
        ("list.jsonl", lines.as_slice(), 9, 5, 1),
        ("list.json", array.as_slice(), 7, 3, 0),
        ("list.csv", comma.as_slice(), 6, 3, 0),
    ] {
        let (candidates, work) = Folder::with(name, bytes).read().await;
        let urls: Vec<_> = candidates.iter().map(|row| row.url.as_str()).collect();
        assert_eq!(urls, ["http://a.example/1.jpg", "http://a.example/2.jpg", "http://a.example/3.jpg"], "{name}");
        assert_eq!(work.rows.seen(), seen, "{name}");
        assert_eq!(dropped(&work, DropReason::DamagedRecord), damaged, "{name}: {:?}", work.counts.notes);
        assert_eq!(dropped(&work, DropReason::OversizedRecord), oversized, "{name}");
        assert!(work.counts.notes.iter().all(|note| note.contains(name) && note.contains("row ")));
        assert_eq!(work.counts.notes.len() as u64, damaged + oversized, "{:?}", work.counts.notes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_breaks_off_is_named_and_what_came_before_kept() {
    let whole = gzip(rows(20_000));
    let json: Vec<_> =
        (0..100).map(|n| format!("{{\"url\":\"http://a.example/{n}.jpg\",\"caption\":\"a picture\"}}")).collect();
    let json = format!("[{}]", json.join(","));
    let (mut open, more) = (rows(10), rows(60_000));
    open += "http://a.example/open.jpg,\"a quote that is never closed\n";
    open += &more;
    assert!(more.len() > MIB);
    for (name, bytes, least) in [
        ("cut.csv.gz", whole[..whole.len() / 2].to_vec(), 5_000),
        ("cut.json", json.as_bytes()[..json.len() / 2].to_vec(), 40),
        ("open.csv", open.into_bytes(), 10),
        ("behind.json", format!("{json} and more").into_bytes(), 100),
    ] {
        let (candidates, work) = Folder::with(name, bytes).read().await;
        assert!(candidates.len() >= least, "{name}: {}", candidates.len());
        assert_eq!(work.rows.seen(), work.rows.kept() + 1, "{name}: {:?}", work.rows);
        let notes = &work.counts.notes;
        assert!(notes.len() == 1 && notes[0].contains(name) && notes[0].contains("lost"), "{name}: {notes:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_list_breaks_off_is_told_however_much_was_told_before() {
    // A bit flipped in the middle damages many rows, and at the end the checksum does not fit.
    let mut flipped = gzip(rows(20_000));
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x55;
    let work = Folder::with("flipped.csv.gz", flipped).run().await.unwrap();
    assert!(work.rows.kept() > 5_000 && dropped(&work, DropReason::DamagedRecord) > 0);
    let last = work.counts.notes.last().unwrap();
    assert!(work.counts.notes.len() <= 21 && last.contains("flipped.csv.gz") && last.contains("lost"), "{last}");

    // SBU's captions as they come: an object of columns, short and long.
    for count in [2, 40_000] {
        let urls = vec!["http://a.example/1.jpg"; count];
        let columns = serde_json::json!({ "url": urls, "caption": vec!["a boat on the lake"; count] });
        let work = Folder::with("sbu.json", columns.to_string()).run().await.unwrap();
        assert_eq!((work.rows.seen(), work.rows.kept()), (1, 0));
        assert!(work.counts.notes.last().unwrap().contains("an array of objects, or an object a line"));
    }

    let many = "one\n".repeat(1_000);
    let work = Folder::with("list.jsonl", &many).run().await.unwrap();
    assert_eq!((work.rows.seen(), dropped(&work, DropReason::DamagedRecord)), (1_000, 1_000));
    assert!(work.counts.notes.len() <= 22 && work.counts.notes.last().unwrap().contains("no row that can be read"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_row_group_is_lost_and_the_others_are_not() {
    let count = 400;
    let urls: Vec<String> = (0..count).map(|n| format!("http://a.example/{n}.jpg")).collect();
    let urls: Vec<Option<&str>> = urls.iter().map(|url| Some(url.as_str())).collect();
    let texts = vec![Some("a picture of the lake"); count];
    let whole = parquet(vec![("url", strings(&urls)), ("caption", strings(&texts))], 100);
    let at = whole.windows(20).position(|bytes| bytes.starts_with(b"http://a.example/150")).unwrap();
    // The dictionary or page of the second group, all of it.
    let mut damaged = whole.clone();
    damaged[at - 900..at + 300].iter_mut().for_each(|byte| *byte ^= 0xa5);
    let (candidates, work) = Folder::with("damaged.parquet", damaged).read().await;
    assert_eq!(work.rows.seen(), 400);
    assert!((200..400).contains(&candidates.len()), "{}", candidates.len());
    assert_eq!(dropped(&work, DropReason::DamagedRecord) + candidates.len() as u64, 400);
    // Those of other groups keep their numbers.
    for row in &candidates {
        assert_eq!(row.url, format!("http://a.example/{}.jpg", row.archive_offset));
    }
    assert!(candidates.iter().any(|row| row.archive_offset == 399));
    let note = &work.counts.notes[0];
    assert!(note.contains("damaged.parquet") && note.contains("row group"), "{note}");

    // Whatever is damaged, it is told of, and nothing stops.
    for place in (8..whole.len()).step_by(whole.len() / 150) {
        let mut damaged = whole.clone();
        damaged[place..whole.len().min(place + 5)].iter_mut().for_each(|byte| *byte = !*byte);
        let folder = Folder::with("damaged.parquet", damaged);
        match folder.run().await {
            Ok(work) => {
                let is_told = work.counts.notes.iter().any(|note| note.contains("damaged.parquet"));
                assert!(is_told || dropped(&work, DropReason::DamagedRecord) == 0, "{:?}", work.rows);
            }
            Err(error) => assert!(error.to_string().contains("damaged.parquet"), "{error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_list_is_an_error_with_the_way_out() {
    let whole = parquet(vec![("url", strings(&[Some("http://a.example/1.jpg")]))], 10);
    let numbers = parquet(vec![("url", Arc::new(Int64Array::from(vec![1])) as ArrayRef)], 10);
    let other = parquet(vec![("link", strings(&[None])), ("title", strings(&[None]))], 10);
    for (name, bytes, said) in [
        ("a.parquet", whole[..whole.len() - 9].to_vec(), "cannot be read as Parquet"),
        ("a.parquet", b"url,caption\n".to_vec(), "cannot be read as Parquet"),
        ("a.parquet", Vec::new(), "cannot be read as Parquet"),
        ("a.parquet", numbers, "holds no texts in its column `url`, but Int64"),
        ("a.parquet", other, "has no column `url` or `URL`; it has `link`, `title`"),
        ("a.csv", b"link,\"ti\ntle\"\n".to_vec(), "has no column `url` or `URL`; it has `link`, `ti\\ntle`"),
        ("a.tsv", b"url,caption\n".to_vec(), "it has `url,caption`"),
        ("a.json", b"[{\"link\":1,\"title\":2}]".to_vec(), "it has `link`, `title`"),
        ("a.jsonl", "{\"link\":1}\n".repeat(5000).into_bytes(), "it has `link`"),
        ("a.json", format!("[{}{{}}]", "{\"link\":1},".repeat(5000)).into_bytes(), "it has `link`"),
    ] {
        let error = Folder::with(name, bytes).run().await.unwrap_err();
        assert!(error.to_string().contains(said) && error.to_string().contains(name), "{error}");
        assert!(error.hint().is_some(), "{error}");
    }
    // A column that the settings name must be there, whichever it is.
    for (column, hint) in
        [("caption", "input.caption_column"), ("page", "input.page_column"), ("url", "input.url_column")]
    {
        for (name, bytes) in [
            ("a.csv", b"url,caption\nhttp://a.example/1.jpg,a picture\n".to_vec()),
            ("a.jsonl", b"{\"url\":\"http://a.example/1.jpg\",\"caption\":\"a picture\"}\n".to_vec()),
            ("a.parquet", whole.clone()),
        ] {
            let mut folder = Folder::with(name, bytes);
            let input = &mut folder.config.input;
            let named = match column {
                "caption" => &mut input.caption_column,
                "page" => &mut input.page_column,
                _ => &mut input.url_column,
            };
            *named = "Other".into();
            let error = folder.run().await.unwrap_err();
            assert!(error.to_string().contains("no column `Other`") && error.hint().unwrap().contains(hint), "{error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compression_that_is_not_read_is_told_before_a_row_is() {
    let plain = parquet(vec![("url", strings(&[Some("http://a.example/1.jpg")]))], 10);
    // The footer is Thrift's compact form: the codec is a field of type i32 (0x15) and says none (0). Which of those
    // fields it is, the message tells: 4 is gzip, zigzag.
    let mut told = 0;
    for at in plain.len() / 3..plain.len() - 8 {
        if plain[at..at + 2] == [0x15, 0] {
            let mut other = plain.clone();
            other[at + 1] = 4;
            let result = Folder::with("a.parquet", other).run().await;
            let error = result.err().filter(|error| error.to_string().contains("is compressed with GZIP"));
            told += usize::from(error.is_some_and(|error| error.hint().is_some_and(|hint| hint.contains("zstd"))));
        }
    }
    assert_eq!(told, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_lists_are_named() {
    let none = parquet(vec![("url", strings(&[]))], 10);
    for (name, bytes) in [
        ("a.csv", Vec::new()),
        ("a.csv", b"url,caption\n".to_vec()),
        ("a.txt", b"\n\n".to_vec()),
        ("a.json", b" [ ] ".to_vec()),
        ("a.jsonl", Vec::new()),
        ("a.jsonl.gz", gzip("")),
        ("a.parquet", none),
    ] {
        let work = Folder::with(name, bytes).run().await.unwrap();
        assert_eq!(work.rows.seen(), 0);
        assert!(
            work.counts.notes.len() == 1 && work.counts.notes[0].contains("holds no rows"),
            "{:?}",
            work.counts.notes
        );
    }
}
