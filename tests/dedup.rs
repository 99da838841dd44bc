//! The same picture twice: byte for byte it is kept once, and what only looks the same is marked.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{
    cli::{Folder, Settings},
    data::photo,
    forge::Forge,
    table::{ends, funnel, ledger, number, samples, sorted, version},
    web::{Answer, Routes, Web},
};
use image::{ImageFormat, RgbImage, imageops};
use schema::Bucket;
use std::io::Cursor;

/// A web of pictures, each at its place with its text, and the archive of a page that shows them.
fn gallery(pictures: &[(&str, &str, &[u8])]) -> (Web, Vec<u8>) {
    let (mut routes, mut archive) = (Routes::default(), Forge::new());
    let mut page = "<!doctype html><title>All</title>".to_owned();
    for host in pictures.iter().map(|(place, ..)| place.split('/').next().unwrap()).chain(["page.example"]) {
        routes.add(&format!("{host}/robots.txt"), Answer::ok("text/plain", "User-agent: *\nAllow: /\n"));
    }
    for (place, text, bytes) in pictures {
        page += &format!("<p><img src='http://{place}' alt='{text}'></p>\n");
        let media_type = if place.ends_with(".png") { "image/png" } else { "image/jpeg" };
        routes.add(place, Answer::ok(media_type, *bytes));
    }
    archive.capture("http://page.example/", 200, &[("Content-Type", "text/html")], page.as_bytes());
    (Web::serve(routes), archive.gzip())
}

/// The picture at so many hundredths of its size, its colours in steps of eight, as PNG.
fn copy_of(photo: &[u8], hundredths: u32) -> Vec<u8> {
    let pixels = filter::decode::decode(photo, 1_000_000).unwrap();
    let (width, height) = (pixels.width * hundredths / 100, pixels.height * hundredths / 100);
    let whole = RgbImage::from_raw(pixels.width, pixels.height, pixels.rgb).unwrap();
    let mut small = imageops::resize(&whole, width, height, imageops::FilterType::Triangle);
    for pixel in small.pixels_mut() {
        pixel.0 = pixel.0.map(|value| value / 8 * 8 + 4);
    }
    let mut bytes = Cursor::new(Vec::new());
    small.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn kept(folder: &Folder) -> Vec<String> {
    let ends = ends(folder, "run/dataset").into_iter();
    ends.filter(|(.., end)| end == "kept").map(|(url, ..)| url.trim_start_matches("http://").to_owned()).collect()
}

#[test]
fn the_same_bytes_with_the_same_text_are_kept_once() {
    let boat = photo(0);
    let (web, archive) = gallery(&[
        ("one.example/a.jpg", "A boat in the harbour", &boat),
        ("one.example/b.jpg", "A boat in the harbour", &boat),
        ("one.example/c.jpg", "My grandfather’s boat", &boat),
        ("one.example/d.jpg", "A boat in the harbour", &photo(1)),
    ]);
    let folder = Folder::new();
    let archive = folder.write("web.warc.gz", archive);
    let settings = Settings::new(&[&archive], &web);
    let config = folder.write("config.toml", settings.toml());
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    assert_eq!(kept(&folder), ["one.example/a.jpg", "one.example/c.jpg", "one.example/d.jpg"]);
    let sums = funnel(&folder, "run/dataset");
    assert_eq!(number(&sums["stages"][4]["rows"]["dropped"]["same_bytes"]), 1);
    let lost = folder.sql("run/dataset", "select url, stage, kind, reason from ledger where similarity is not null");
    assert_eq!(lost.len(), 1);
    assert_eq!(
        (lost[0]["url"].as_str(), lost[0]["stage"].as_str()),
        (Some("http://one.example/b.jpg"), Some("publish"))
    );
    let before = (samples(&folder, "run/dataset"), ledger(&folder, "run/dataset"));
    let asked = web.visit_count();

    // The setting is moved as thresholds are, there and back.
    for (duplicates, left) in [("none", 2), ("all", 4), ("other-text", 3)] {
        let config = folder.write("other.toml", settings.clone().set("keep.duplicates", duplicates).toml());
        folder.pinakes(&["run", &config, "--quiet"]).fails(1, &["`publish` was done under other settings"]);
        folder.pinakes(&["rescore", &config, "--quiet"]).ends_with(0);
        assert_eq!(kept(&folder).len(), left, "{duplicates}");
        funnel(&folder, "run/dataset");
    }
    assert_eq!((samples(&folder, "run/dataset"), ledger(&folder, "run/dataset")), before);
    assert_eq!(web.visit_count(), asked, "nobody was asked for anything");
}

#[test]
fn a_row_comes_back_when_the_one_before_it_is_dropped() {
    let boat = photo(0);
    // Of two texts one is more alike; on the one host it comes first, on the other, in another bucket, second.
    let hosts = ["two.example", "three.example", "four.example", "five.example", "six.example"];
    let bucket = |host: &str| Bucket::of(host, 3);
    let other = hosts.into_iter().find(|host| bucket(host) != bucket("one.example")).unwrap();
    let texts = ["A boat in the harbour", "Annual report of the society for the year"];
    let places = [
        ["one.example/a.jpg".to_owned(), "one.example/b.jpg".to_owned()],
        [format!("{other}/a.jpg"), format!("{other}/b.jpg")],
    ];
    let (web, archive) = gallery(&[
        (&places[0][0], texts[0], &boat),
        (&places[0][1], texts[1], &boat),
        (&places[1][0], texts[1], &boat),
        (&places[1][1], texts[0], &boat),
    ]);
    let folder = Folder::new();
    let archive = folder.write("web.warc.gz", archive);
    let settings = Settings::new(&[&archive], &web).set("keep.duplicates", "none");
    let config = folder.write("config.toml", settings.toml());
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    assert_eq!(kept(&folder), sorted([places[0][0].clone(), places[1][0].clone()]));
    let before = (samples(&folder, "run/dataset"), ledger(&folder, "run/dataset"));
    let query = "select text, max(similarity) as similarity from (select text, similarity from samples union all \
                 select text, similarity from ledger) group by text order by text";
    let scores: Vec<f64> =
        folder.sql("run/dataset", query).iter().map(|row| row["similarity"].as_f64().unwrap()).collect();
    assert_eq!(scores.len(), 2);

    let between = f64::midpoint(scores[0], scores[1]);
    let strict = folder.write("strict.toml", settings.clone().set("keep.min_similarity", between).toml());
    folder.pinakes(&["rescore", &strict, "--quiet"]).ends_with(0);
    let better = usize::from(scores[1] > scores[0]);
    assert_eq!(kept(&folder), sorted([places[0][better].clone(), places[1][1 - better].clone()]));
    funnel(&folder, "run/dataset");
    folder.pinakes(&["rescore", &config, "--quiet"]).ends_with(0);
    assert_eq!((samples(&folder, "run/dataset"), ledger(&folder, "run/dataset")), before);
}

#[test]
fn copies_on_other_hosts_are_marked_and_left_out_of_subsets() {
    let (boat, bird) = (photo(0), photo(1));
    let (small, smaller) = (copy_of(&boat, 75), copy_of(&boat, 50));
    let (web, archive) = gallery(&[
        ("one.example/boat.jpg", "A boat in the harbour", &boat),
        ("two.example/small.png", "Boat, 75 per cent", &small),
        ("three.example/smaller.png", "Boat, 50 per cent", &smaller),
        ("two.example/bird.jpg", "Quite another picture", &bird),
        ("four.example/third.jpg", "And a third one", &photo(2)),
    ]);
    let folder = Folder::new();
    let archive = folder.write("web.warc.gz", archive);
    let config = folder.write("config.toml", Settings::new(&[&archive], &web).toml());
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    let dataset = "run/dataset";
    let wanted = ["subset", dataset, "--without-duplicates", "--layout", "urls", "--out", "urls"];
    folder.pinakes(&wanted).fails(1, &["never looked for"]).hints("pinakes dedup");
    folder.pinakes(&["dedup", dataset, "--max-distance", "9"]).fails(1, &["`--max-distance` is `9`"]).hints("0 to 8");

    let before = (version(&folder, dataset), samples(&folder, dataset).len());
    let told = folder.pinakes(&["dedup", dataset, "--dry-run", "--format", "json"]).ends_with(0).json();
    assert_eq!((number(&told["clusters"]), number(&told["near_duplicates"]), number(&told["changed"])), (1, 2, 3));
    assert_eq!((version(&folder, dataset), samples(&folder, dataset).len()), before);

    let told = folder.pinakes(&["dedup", dataset]).ends_with(0).stdout;
    assert!(told.contains("2  near-duplicates in them") && told.contains("version 2"), "{told}");
    let marked =
        "select s.url, c.url as of, s.similarity from samples s join samples c on s.cluster = c.id order by s.url";
    let marked = folder.sql(dataset, marked);
    let urls: Vec<_> = marked.iter().map(|row| row["url"].as_str().unwrap()).collect();
    let cluster = ["http://one.example/boat.jpg", "http://three.example/smaller.png", "http://two.example/small.png"];
    assert_eq!(urls, cluster);
    assert!(marked.iter().all(|row| row["of"] == cluster[0]), "{marked:?}");
    assert_eq!(samples(&folder, dataset).len(), 5, "nothing is deleted");
    let told = folder.pinakes(&["dedup", dataset]).ends_with(0).stdout;
    assert!(told.contains("the marks stand already"), "{told}");
    assert_eq!(version(&folder, dataset), before.0 + 1);

    assert_eq!(number(&funnel(&folder, dataset)["near_duplicates"]), 2);
    let audit = folder.pinakes(&["audit", dataset]).ends_with(0).stdout;
    assert!(audit.contains("2  of them look like another") && audit.contains("every row adds up"), "{audit}");
    folder.pinakes(&wanted).ends_with(0);
    let urls = std::fs::read_to_string(folder.path("urls/urls.txt")).unwrap();
    let expected = ["http://four.example/third.jpg", "http://one.example/boat.jpg", "http://two.example/bird.jpg"];
    assert_eq!(urls.lines().collect::<Vec<_>>(), expected);
    let small = [
        "subset",
        dataset,
        "--without-duplicates",
        "--where",
        "mime = 'image/png'",
        "--layout",
        "urls",
        "--out",
        "png",
    ];
    folder.pinakes(&small).ends_with(0);
    assert_eq!(std::fs::read_to_string(folder.path("png/urls.txt")).unwrap(), "http://two.example/small.png\n");
}
