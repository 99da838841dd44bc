//! The same rows in every format, as lists in the wild and img2dataset's documentation have them.

use crate::{Folder, dropped, gzip, parquet, strings};
use arrow_array::{
    ArrayRef, BinaryArray, DictionaryArray, Int64Array, LargeStringArray, StringArray, StringViewArray,
    types::Int32Type,
};
use schema::{Candidate, DropReason, ImageSource, SampleId, TextFlag, TextSource};
use serde_json::json;
use std::sync::Arc;

/// URL and text of each row; quotes, breaks, tabs and commas among them.
const ROWS: [(&str, &str); 5] = [
    ("http://a.example/1.jpg", "a boat on the lake"),
    ("https://b.example/2.png?x=1,2#top", "a \"tall\" ship, seen\nfrom the quay"),
    ("http://c.example/bücher.jpg", "ein Regal\tvoller Bücher"),
    ("  http://d.example/4.jpg ", "一只猫坐在窗台上"),
    ("http://a.example/5.jpg", "\"quoted\""),
];

fn separated(separator: u8, header: [&str; 2]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
    writer.write_record(header).unwrap();
    for (url, text) in ROWS {
        writer.write_record([url, text]).unwrap();
    }
    writer.into_inner().unwrap()
}

fn objects(url: &str, text: &str) -> Vec<serde_json::Value> {
    ROWS.iter().map(|row| json!({ "id": 7, url: row.0, text: row.1, "more": [{ "url": 1 }] })).collect()
}

fn json_lines() -> String {
    objects("url", "caption").iter().map(|object| format!("{object}\n")).collect()
}

fn assert_rows(candidates: &[Candidate], archive: &str) {
    let found: Vec<_> = candidates.iter().map(|row| (row.url.as_str(), row.text.as_str())).collect();
    let expected = [
        ("http://a.example/1.jpg", "a boat on the lake"),
        ("https://b.example/2.png?x=1,2", "a \"tall\" ship, seen from the quay"),
        ("http://c.example/b%C3%BCcher.jpg", "ein Regal voller Bücher"),
        ("http://d.example/4.jpg", "一只猫坐在窗台上"),
        ("http://a.example/5.jpg", "\"quoted\""),
    ];
    assert_eq!(found, expected, "{archive}");
    for (number, row) in candidates.iter().enumerate() {
        assert_eq!(row.id, SampleId::of(&row.url, &row.text));
        assert_eq!((row.archive.as_str(), usize::try_from(row.archive_offset).unwrap()), (archive, number));
        assert_eq!((row.text_source, row.image_source), (TextSource::List, ImageSource::List));
        assert_eq!((row.page_url.as_str(), row.page_host.as_str(), row.captured_at), ("", "", None));
        assert!(row.checked.is_empty() && row.evidence.is_empty(), "nothing was looked for yet: {row:?}");
    }
    let languages: Vec<_> = candidates.iter().map(|row| row.language.as_deref()).collect();
    assert_eq!((languages[0], languages[2], languages[3]), (Some("en"), Some("de"), Some("zh")));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_format_gives_the_same_candidates() {
    let comma = separated(b',', ["url", "caption"]);
    let columns = |urls: [&str; 5], texts: [&str; 5]| {
        parquet(vec![("url", strings(&urls.map(Some))), ("caption", strings(&texts.map(Some)))], 2)
    };
    let json = serde_json::to_string_pretty(&objects("url", "caption")).unwrap();
    let lists: Vec<(&str, Vec<u8>)> = vec![
        ("list.csv", comma.clone()),
        ("list.csv.gz", gzip(&comma)),
        ("bom.csv", [b"\xef\xbb\xbf".as_slice(), &comma].concat()),
        ("LIST.TSV", separated(b'\t', ["url", "caption"])),
        ("list.json", json.clone().into()),
        ("list.json.gz", gzip(&json)),
        ("lines.json", json_lines().into()),
        ("list.jsonl", json_lines().into()),
        ("bom.jsonl.gz", gzip(format!("\u{feff}\r\n{}", json_lines().replace('\n', "\r\n\r\n")))),
        ("list.ndjson", json_lines().trim_end().into()),
        ("list.parquet", columns(ROWS.map(|row| row.0), ROWS.map(|row| row.1))),
    ];
    for (name, bytes) in lists {
        let length = bytes.len() as u64;
        let folder = Folder::with(name, bytes);
        let (candidates, work) = folder.read().await;
        assert_rows(&candidates, folder.path().to_str().unwrap());
        assert_eq!((work.rows.seen(), work.rows.kept(), work.counts.pages_unknown), (5, 5, 5), "{name}");
        assert_eq!((work.counts.bytes_in, work.counts.notes.as_slice()), (length, &[][..]), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parquet_texts_of_every_type_are_texts() {
    let [urls, texts] = [ROWS.map(|row| row.0), ROWS.map(|row| row.1)];
    let of = |texts: [&str; 5]| -> [ArrayRef; 5] {
        [
            Arc::new(StringArray::from(texts.to_vec())),
            Arc::new(LargeStringArray::from(texts.to_vec())),
            Arc::new(StringViewArray::from(texts.to_vec())),
            Arc::new(texts.into_iter().collect::<DictionaryArray<Int32Type>>()),
            Arc::new(BinaryArray::from(texts.map(str::as_bytes).to_vec())),
        ]
    };
    for (urls, texts) in of(urls).into_iter().zip(of(texts).into_iter().rev()) {
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1; 5]));
        // As LAION's: the text stands before the URL, and there is more.
        let columns = vec![("SAMPLE_ID", numbers), ("TEXT", texts), ("URL", urls)];
        let folder = Folder::with("laion.parquet", parquet(columns, 3));
        let (candidates, _) = folder.read().await;
        assert_rows(&candidates, folder.path().to_str().unwrap());
    }
}

/// The commands of img2dataset's documentation: its flags beside our settings.
#[tokio::test(flavor = "multi_thread")]
async fn the_lists_of_img2datasets_documentation_are_read() {
    // `--input_format "parquet" --url_col "URL" --caption_col "TEXT"`: LAION.
    let laion = parquet(
        vec![
            ("URL", strings(&[Some("http://a.example/1.jpg"), None])),
            ("TEXT", strings(&[Some("a boat on the lake"), Some("no address")])),
            ("WIDTH", Arc::new(Int64Array::from(vec![640, 480])) as ArrayRef),
        ],
        10,
    );
    // `--input_format "tsv" --url_col "url" --caption_col "caption"`: CC3M, after `sed -i '1s/^/caption\turl\n/'`.
    let cc3m = "caption\turl\na boat on the lake\thttp://a.example/1.jpg\nno address\t\n";
    // `--input_format "json" --url_col "image_urls" --caption_col "captions"`: SBU captions, as rows.
    let sbu = json!([
        { "image_urls": "http://a.example/1.jpg", "captions": "a boat on the lake" },
        { "image_urls": null, "captions": "no address" },
    ]);
    for (name, bytes, url, caption) in [
        ("laion.parquet", laion.clone(), "URL", "TEXT"),
        ("laion.parquet", laion, "", ""),
        ("cc3m.tsv", cc3m.into(), "url", "caption"),
        ("cc3m.tsv.gz", gzip(cc3m), "", ""),
        ("sbu.json", sbu.to_string().into_bytes(), "image_urls", "captions"),
    ] {
        let mut folder = Folder::with(name, bytes);
        folder.config.input.url_column = url.into();
        folder.config.input.caption_column = caption.into();
        let (candidates, work) = folder.read().await;
        assert_eq!(candidates.len(), 1, "{name}");
        assert_eq!(
            (candidates[0].url.as_str(), candidates[0].text.as_str()),
            ("http://a.example/1.jpg", "a boat on the lake")
        );
        assert_eq!((work.rows.seen(), dropped(&work, DropReason::NoUrl)), (2, 1), "{name}");
    }
}

/// `--input_format "txt"`, the first example there: what has no text makes no pair.
#[tokio::test(flavor = "multi_thread")]
async fn a_url_a_line_has_no_texts_and_says_so() {
    let list = "https://placekitten.example/200/305\n\nhttps://placekitten.example/200/304\r\nnot an address\n";
    for (name, bytes) in [("myimglist.txt", list.into()), ("myimglist.txt.gz", gzip(list))] {
        let (candidates, work) = Folder::with(name, bytes).read().await;
        assert!(candidates.is_empty());
        assert_eq!(
            (work.rows.seen(), dropped(&work, DropReason::NoText), dropped(&work, DropReason::BadUrl)),
            (3, 2, 1)
        );
        assert!(work.counts.notes.iter().any(|note| note.contains("no text beside any")), "{:?}", work.counts.notes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rules_of_urls_and_texts_are_those_of_pages() {
    let long = format!("http://a.example/{}.jpg", "x".repeat(300));
    let list = [
        ("http://a.example/1.jpg", "a boat on the lake"),
        ("", "no address"),
        ("  ", "no address"),
        ("/relative.jpg", "a relative address"),
        ("http://", "an address without host"),
        ("data:image/png;base64,AAAA", "a picture within"),
        ("ftp://a.example/1.jpg", "an old address"),
        (long.as_str(), "a long address"),
        ("http://a.example/2.jpg", ""),
        ("http://a.example/3.jpg", " \u{200b} "),
        ("http://a.example/4.jpg", "cat"),
        ("http://a.example/5.jpg", "IMG_1234.JPG"),
        ("http://a.example/6.jpg", "eine Katze schläft auf dem Sofa im Wohnzimmer"),
        ("http://a.example/7.jpg", "A BOAT UPON THE LAKE"),
    ];
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["url", "caption"]).unwrap();
    for (url, text) in list {
        writer.write_record([url, text]).unwrap();
    }
    let mut folder = Folder::with("list.csv", writer.into_inner().unwrap());
    folder.config.keep.max_url_bytes = 200;
    folder.config.keep.drop_texts = vec![TextFlag::FileName];
    folder.config.keep.languages = vec!["en".into()];
    // Texts of pages are chosen by source; the text of a list is the only one it has.
    folder.config.keep.text_sources = vec![TextSource::Title];
    let (candidates, work) = folder.read().await;
    let kept: Vec<_> = candidates.iter().map(|row| (row.archive_offset, row.text_flags.clone())).collect();
    assert_eq!(kept, [(0, vec![]), (13, vec![TextFlag::Capitals])]);
    let expected = [
        (DropReason::NoUrl, 2),
        (DropReason::BadUrl, 3),
        (DropReason::ForeignScheme, 2),
        (DropReason::NoText, 2),
        (DropReason::ShortText, 1),
        (DropReason::FlaggedText, 1),
        (DropReason::Language, 1),
    ];
    assert_eq!(work.rows.dropped(), &expected.into_iter().collect());
}
