//! For artists: am I in it, take me out, and prove it.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{
    cli::{Folder, Settings},
    data::photo,
    forge::Forge,
    table::{number, samples, sorted, version},
    web::{Answer, Routes, Web},
};
use image::{ImageFormat, RgbImage, imageops};
use schema::sha256_hex;
use serde_json::Value;
use std::{collections::BTreeMap, io::Cursor, path::Path};

/// Pictures on several hosts, each with its text.
const PICTURES: [(&str, &str, usize); 6] = [
    ("artist.example/boat.jpg", "A boat by Zoë Müller, 1921", 0),
    ("artist.example/bird.jpg", "A bird on a branch", 1),
    ("mirror.example/copy.jpg", "Somebody copied a bird here", 1),
    ("museum.example/dog.jpg", "Portrait of ZOË MÜLLER with her dog", 2),
    ("museum.example/horse.jpg", "A horse, perhaps by Zoe Muller", 3),
    ("other.example/hens.jpg", "Brown hens in the yard, muellerzoe", 4),
];

/// A dataset of all these pictures, and of what nobody may ask for.
fn dataset() -> (Folder, Web) {
    let (mut routes, mut archive) = (Routes::default(), Forge::new());
    let mut page = "<!doctype html><title>All</title>".to_owned();
    for host in ["artist.example", "mirror.example", "museum.example", "other.example", "page.example"] {
        routes.add(&format!("{host}/robots.txt"), Answer::ok("text/plain", "User-agent: *\nDisallow: /private/\n"));
    }
    for (place, text, number) in PICTURES {
        page += &format!("<p><img src='http://{place}' alt='{text}'></p>\n");
        routes.add(place, Answer::ok("image/jpeg", photo(number)));
    }
    page += "<p><img src='http://artist.example/private/x.jpg' alt='Nobody may ask for this boat'></p>\n";
    archive.capture("http://page.example/", 200, &[("Content-Type", "text/html")], page.as_bytes());
    let (web, folder) = (Web::serve(routes), Folder::new());
    let archive = folder.write("web.warc.gz", archive.gzip());
    let settings = Settings::new(&[&archive], &web).set("fetch.store", "resized");
    let config = folder.write("config.toml", settings.toml());
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    assert_eq!(samples(&folder, "run/dataset").len(), PICTURES.len());
    (folder, web)
}

/// Every file below a folder, with its bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(at) = open.pop() {
        for entry in std::fs::read_dir(&at).into_iter().flatten().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                open.push(entry);
            } else {
                found.insert(entry.strip_prefix(folder).unwrap().display().to_string(), std::fs::read(&entry).unwrap());
            }
        }
    }
    found
}

fn urls(folder: &Folder, dataset: &str) -> Vec<String> {
    let rows = folder.sql(dataset, "select url from samples");
    sorted(rows.iter().map(|row| row["url"].as_str().unwrap().trim_start_matches("http://").to_owned()))
}

/// A smaller copy in other bytes.
fn small_copy(number: usize) -> Vec<u8> {
    let pixels = filter::decode::decode(&photo(number), 10_000_000).unwrap();
    let whole = RgbImage::from_raw(pixels.width, pixels.height, pixels.rgb).unwrap();
    let small = imageops::resize(&whole, pixels.width / 2, pixels.height / 2, imageops::FilterType::Triangle);
    let mut bytes = Cursor::new(Vec::new());
    small.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn found<'a>(told: &'a Value, key: &str) -> &'a Vec<Value> {
    told[key].as_array().unwrap_or_else(|| panic!("{key} of {told}"))
}

#[test]
fn an_artist_is_found_taken_out_and_handed_a_receipt() {
    let (folder, web) = dataset();
    let dataset = "run/dataset";
    let list =
        folder.write("list.csv", format!("type,value\ndomain,artist.example\nsha256,{}\n", sha256_hex(&photo(1))));

    let told = folder.pinakes(&["optout", "check", dataset, &list, "--format", "json"]).ends_with(0).json();
    assert_eq!((number(&told["samples"]), number(&told["ledger"])), (3, 1), "{told}");
    assert_eq!(number(&told["searched"]["samples"]), 6);
    let direct = ["optout", "check", dataset, "--domain", "nobody.example", "--url", "http://nobody.example/x"];
    let nothing = folder.pinakes(&direct).ends_with(0).stdout;
    assert!(nothing.contains("looked through all 6 samples and 1 rows of the ledger of version 1"), "{nothing}");

    // A dry run says it all, and writes nothing, not even a key.
    let before = files(&folder.path(""));
    let dry = folder.pinakes(&["optout", "apply", dataset, &list, "--dry-run"]).ends_with(0).stdout;
    for words in ["domain artist.example", "sha256 ", "versions 1 hold such rows", "nothing was written"] {
        assert!(dry.contains(words), "{words}: {dry}");
    }
    assert_eq!(files(&folder.path("")), before);

    // What cannot be understood stops everything.
    let bad = folder.write("bad.txt", "artist.example\nhttps://artist.example/*/x\n");
    folder.pinakes(&["optout", "apply", dataset, &bad]).fails(1, &["bad.txt:2"]).hints("url-prefix");
    folder.pinakes(&["optout", "apply", dataset, "--domain", "com"]).fails(1, &["`com` is a public suffix"]);
    folder
        .pinakes(&["optout", "apply", dataset, "--name", "Zoë Müller"])
        .fails(1, &["names of persons"])
        .hints("--review");
    folder
        .pinakes(&["optout", "apply", dataset, "--phash", "8000000000000000"])
        .fails(1, &["flat picture"])
        .hints("SHA-256");
    folder.pinakes(&["optout", "apply", dataset]).fails(1, &["nothing is named"]);
    let inside = folder.path("run/dataset/key.pem").display().to_string();
    folder.pinakes(&["optout", "apply", dataset, &list, "--key", &inside]).fails(1, &["lies in the dataset"]);
    assert_eq!(version(&folder, dataset), 1);

    let outcome = folder.pinakes_fed(&["optout", "apply", dataset, "-"], &std::fs::read(&list).unwrap()).ends_with(0);
    assert!(outcome.stderr.contains("made a key"), "{outcome:?}");
    assert!(outcome.stdout.contains("version 1 to 2") && outcome.stdout.contains("nothing is left"), "{outcome:?}");
    assert_eq!(
        urls(&folder, dataset),
        ["museum.example/dog.jpg", "museum.example/horse.jpg", "other.example/hens.jpg"]
    );
    assert_eq!(folder.sql(dataset, "select * from ledger where url like '%artist%'").len(), 0);
    let audit = folder.pinakes(&["audit", dataset]).ends_with(0).stdout;
    assert!(audit.contains("every row adds up"), "{audit}");
    let key = folder.path("config-home/pinakes/receipt-key.pem");
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&key).unwrap().permissions()) & 0o777, 0o600);

    // The receipt: what was asked for and no other address, and it holds.
    let receipts = folder.pinakes(&["optout", "receipts", dataset, "--format", "json"]).ends_with(0).json();
    assert_eq!(receipts.as_array().unwrap().len(), 1);
    let receipt = &receipts[0]["receipt"];
    assert_eq!(receipt["request"]["list_sha256"], sha256_hex(&std::fs::read(&list).unwrap()));
    assert_eq!((number(&receipt["matched"]["samples"]), number(&receipt["proof"]["rows"])), (3, 0), "{receipt}");
    assert!(!receipt.to_string().contains("artist.example/"), "{receipt}");
    assert!(!receipt.to_string().contains("mirror.example/"), "{receipt}");
    let query = receipt["proof"]["query"].as_str().unwrap();
    assert_eq!(number(&folder.sql(dataset, query)[0]["rows"]), 0);
    let verified = folder.pinakes(&["optout", "receipts", dataset, "--verify"]).ends_with(0).stdout;
    for words in
        ["✔ signature", "✔ versions", "✔ files removed", "✔ files written", "✔ standing list", "✔ nothing left"]
    {
        assert!(verified.contains(words), "{words}: {verified}");
    }
    let public = folder.write("public.hex", receipts[0]["signature"]["public_key"].as_str().unwrap());
    let with_key = ["optout", "receipts", dataset, "--verify", "--public-key", &public];
    folder.pinakes(&with_key).ends_with(0);
    folder.write("public.hex", "00".repeat(32));
    let outcome = folder.pinakes(&with_key).ends_with(1);
    assert!(outcome.stdout.contains("✖ signature: it is signed by another key"), "{outcome:?}");

    // The same again is no second takedown.
    let again = folder.pinakes(&["optout", "apply", dataset, &list]).ends_with(0).stdout;
    assert!(again.contains("was done before"), "{again}");
    assert_eq!(version(&folder, dataset), 2);
    // Nobody was asked for anything, and the log names nothing.
    let asked = web.visit_count();
    folder.pinakes(&["publish", &folder.path("config.toml").display().to_string(), "--quiet"]).ends_with(0);
    assert_eq!(web.visit_count(), asked);
    assert_eq!(urls(&folder, dataset).len(), 3);
    let traces: Vec<String> = files(&folder.path(dataset))
        .into_iter()
        .filter(|(name, bytes)| {
            !name.starts_with("_optout/") && String::from_utf8_lossy(bytes).contains("http://artist.example/")
        })
        .map(|(name, _)| name)
        .collect();
    assert_eq!(traces, Vec::<String>::new());
}

#[test]
fn a_name_takes_out_nothing_until_somebody_has_looked() {
    let (folder, _web) = dataset();
    let dataset = "run/dataset";
    let review = folder.path("review.csv").display().to_string();
    let told = folder
        .pinakes(&["optout", "check", dataset, "--name", "Zoë Müller", "--review", &review, "--format", "json"])
        .ends_with(0)
        .json();
    let place = |row: &Value| row["url"].as_str().unwrap().trim_start_matches("http://").to_owned();
    let by_accents = |wanted: bool| -> Vec<String> {
        let rows = found(&told, "candidates").iter().filter(|row| row["without_accents"] == wanted);
        sorted(rows.map(place))
    };
    assert_eq!(by_accents(false), ["artist.example/boat.jpg", "museum.example/dog.jpg"]);
    assert_eq!(by_accents(true), ["museum.example/horse.jpg"]);
    assert_eq!((number(&told["samples"]), number(&told["names"])), (0, 1));

    let text = std::fs::read_to_string(&review).unwrap();
    folder.pinakes(&["optout", "apply", dataset, "--review", &review]).fails(1, &["no row of the review is marked"]);
    let mark = |decision: &str| {
        let line = |line: &str| {
            if line.contains("dog.jpg") { format!("{decision}{line}\n") } else { format!("{line}\n") }
        };
        folder.write("review.csv", text.lines().map(line).collect::<String>())
    };
    mark("perhaps");
    folder
        .pinakes(&["optout", "apply", dataset, "--review", &review])
        .fails(1, &["review.csv:", "`perhaps` is no decision"]);
    mark("Yes");
    let dry = folder.pinakes(&["optout", "apply", dataset, "--review", &review, "--dry-run"]).ends_with(0).stdout;
    assert!(dry.contains("1         0  in all, of 1 entries"), "{dry}");
    folder.pinakes(&["optout", "apply", dataset, "--review", &review]).ends_with(0);
    let left = urls(&folder, dataset);
    assert_eq!(left.len(), 5);
    assert!(!left.contains(&"museum.example/dog.jpg".to_owned()));
    folder.pinakes(&["optout", "receipts", dataset, "--verify"]).ends_with(0);
}

#[test]
fn own_pictures_are_found_by_bytes_looks_and_embedding() {
    let (folder, _web) = dataset();
    let dataset = "run/dataset";
    std::fs::create_dir_all(folder.path("own/below")).unwrap();
    folder.write("own/bird.jpg", photo(1));
    folder.write("own/below/boat.png", small_copy(0));
    let mut flat = Cursor::new(Vec::new());
    RgbImage::from_pixel(300, 200, image::Rgb([200, 10, 10])).write_to(&mut flat, ImageFormat::Png).unwrap();
    folder.write("own/flat.png", flat.into_inner());
    folder.write("own/notes.txt", "not a picture");
    let page = folder.path("page.html").display().to_string();
    let review = folder.path("review.csv").display().to_string();
    let told = folder
        .pinakes(&[
            "optout",
            "check",
            dataset,
            "--pictures",
            "own",
            "--page",
            &page,
            "--review",
            &review,
            "--domain",
            "artist.example",
            "--min-cosine",
            "0.99",
            "--format",
            "json",
        ])
        .ends_with(0)
        .json();
    let likes: BTreeMap<&str, &Vec<Value>> =
        found(&told, "pictures").iter().map(|likes| (likes["name"].as_str().unwrap(), found(likes, "found"))).collect();
    let kinds = |name: &str| -> Vec<(&str, &str)> {
        likes[name].iter().map(|like| (like["by"].as_str().unwrap(), like["url"].as_str().unwrap())).collect()
    };
    let birds = kinds("bird.jpg");
    assert_eq!(
        sorted(birds[..2].to_vec()),
        [("bytes", "http://artist.example/bird.jpg"), ("bytes", "http://mirror.example/copy.jpg")]
    );
    assert_eq!(kinds("below/boat.png")[0], ("looks", "http://artist.example/boat.jpg"));
    assert!(likes["below/boat.png"][0]["cosine"].as_f64().unwrap() > 0.8, "{told}");
    assert!(kinds("flat.png").iter().all(|(by, _)| *by == "embedding"), "a flat picture's hash says nothing: {told}");
    assert_eq!(told["unreadable"][0][0], "notes.txt");
    assert!(told["model"].as_str().unwrap().starts_with("demo@"));

    let html = std::fs::read_to_string(&page).unwrap();
    for words in [
        "Your picture bird.jpg",
        "domain artist.example",
        "data:image/",
        "picture: http://artist.example/boat.jpg",
        "6 samples",
    ] {
        assert!(html.contains(words), "{words}");
    }
    assert!(!html.contains("<a ") && !html.contains("src=\"http"), "whoever opens the page asks nobody");
    // The review of pictures works as that of names does.
    let text = std::fs::read_to_string(&review).unwrap();
    folder.write("review.csv", text.replacen("\n,bird.jpg", "\ny,bird.jpg", 1));
    folder.pinakes(&["optout", "apply", dataset, "--review", &review]).ends_with(0);
    assert_eq!(urls(&folder, dataset).len(), 5);
    folder.pinakes(&["optout", "check", dataset, "--pictures", "run/reports"]).fails(1, &["holds no picture"]);
}

#[test]
fn subsets_that_were_cut_before_are_written_anew() {
    let (folder, _web) = dataset();
    let dataset = "run/dataset";
    let layouts = ["parquet", "laion", "urls", "webdataset"];
    for layout in layouts {
        folder.pinakes(&["subset", dataset, "--layout", layout, "--out", layout]).ends_with(0);
    }
    let check: Vec<&str> = ["optout", "check", dataset, "--domain", "artist.example", "--format", "json"]
        .into_iter()
        .chain(layouts.iter().flat_map(|layout| ["--subset", layout]))
        .collect();
    let told = folder.pinakes(&check).ends_with(0).json();
    let named: Vec<(u64, u64)> =
        found(&told, "subsets").iter().map(|subset| (number(&subset["rows"]), number(&subset["named"]))).collect();
    assert_eq!(named, [(6, 2); 4], "{told}");
    let before = files(&folder.path("webdataset"));
    // By the page that the horse stands on nothing is named but all; so by a row of its own.
    folder
        .pinakes(&[
            "optout",
            "apply",
            dataset,
            "--domain",
            "artist.example",
            "--url",
            "http://museum.example/horse.jpg",
        ])
        .ends_with(0);
    let dry = folder.pinakes(&["optout", "rewrite", dataset, "webdataset", "--dry-run"]).ends_with(0).stdout;
    assert!(dry.contains("3 of 6 rows are named") && dry.contains("to be written anew"), "{dry}");
    assert_eq!(files(&folder.path("webdataset")), before);
    for layout in layouts {
        let told = folder.pinakes(&["optout", "rewrite", dataset, layout, "--format", "json"]).ends_with(0).json();
        assert_eq!((number(&told["named"]), &told["rewritten"]), (3, &Value::Bool(true)), "{layout}: {told}");
        let manifest: Value =
            serde_json::from_slice(&std::fs::read(folder.path(layout).join("manifest.json")).unwrap()).unwrap();
        assert_eq!((number(&manifest["rows"]), number(&manifest["takedowns"][0]["rows_removed"])), (3, 3), "{layout}");
        for file in found(&manifest, "files") {
            let bytes = std::fs::read(folder.path(layout).join(file["name"].as_str().unwrap())).unwrap();
            assert_eq!(
                (file["sha256"].as_str().unwrap(), number(&file["bytes"])),
                (sha256_hex(&bytes).as_str(), bytes.len() as u64)
            );
            if [".tar", ".txt"].iter().any(|end| file["name"].as_str().unwrap().ends_with(end)) {
                let text = String::from_utf8_lossy(&bytes);
                assert!(!text.contains("artist.example") && text.contains("other.example/hens.jpg"), "{layout}");
            }
        }
        // Again it is nothing.
        let again = folder.pinakes(&["optout", "rewrite", dataset, layout, "--format", "json"]).ends_with(0).json();
        assert_eq!((number(&again["rows"]), number(&again["named"]), &again["rewritten"]), (3, 0, &Value::Bool(false)));
    }
    // A subset that somebody changed is not blessed.
    folder.write("urls/urls.txt", "http://other.example/hens.jpg\n");
    folder.pinakes(&["optout", "rewrite", dataset, "urls"]).fails(2, &["urls.txt", "somebody changed it"]);
    folder.pinakes(&["optout", "rewrite", dataset, "own"]).fails(1, &["own"]);
}
