//! Which rows a subset takes: each option against what plain code makes of the same rows.

use crate::{
    common::{PICTURE, at, candidate, dataset_path, fate, folder, open, published, run_info, sample, write_run_of},
    subset::{adds_up, out, such_that},
};
use arrow_array::Array;
use index::{
    Dataset, Error, publish,
    subset::{Layout, Manifest, Sampling, Score, Subset, Wanted, recipes},
};
use schema::{License, Sample};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};
use tempfile::TempDir;

/// Rows with scores that repeat, some without an aesthetic score, over many domains of different size.
fn varied(n: usize) -> Sample {
    let mut row = sample(n);
    let place = n % 37;
    row.similarity = 0.2 + (n * 7 % 20) as f32 / 100.0;
    row.aesthetic = if n.is_multiple_of(11) { None } else { Some((n * 13 % 70) as f32 / 10.0) };
    row.image_domain = format!("d{}.example", place * place / 37);
    row.page_domain = if n.is_multiple_of(9) { String::new() } else { format!("p{}.example", n % 6) };
    row.language = match n % 7 {
        0..=3 => Some("en".into()),
        4 => Some("de".into()),
        5 => Some("ja".into()),
        _ => None,
    };
    row.width = 300 + i32::try_from(n * 31 % 900).unwrap();
    row.height = row.width;
    row
}

fn kept(rows: usize) -> Vec<Sample> {
    (0..rows).filter(|n| fate(*n).is_none()).map(varied).collect()
}

async fn varied_dataset(rows: usize) -> (TempDir, Dataset) {
    let (folder, store) = folder();
    write_run_of(&store, 0..rows, varied).await;
    publish(&store, &run_info("first")).await.unwrap();
    let dataset = open(&folder).await;
    (folder, dataset)
}

/// Ids of the rows chosen, and the manifest, whose sums hold, and which counting alone gives, too.
async fn chosen(dataset: &Dataset, wanted: &Wanted) -> (BTreeSet<i64>, Manifest) {
    let subset = Subset::choose(dataset, wanted, Layout::Laion, at(5)).await.unwrap();
    let counted = Subset::count(dataset, wanted, Layout::Laion, at(5)).await.unwrap();
    assert_eq!(&counted, subset.manifest());
    written(subset).await
}

async fn written(subset: Subset<'_>) -> (BTreeSet<i64>, Manifest) {
    let (_out, out) = out();
    let manifest = subset.write(&out, None).await.unwrap();
    adds_up(&manifest);
    let batches = crate::subset::read(&Path::new(&out).join("part-00000.parquet"));
    let mut ids = BTreeSet::new();
    for batch in &batches {
        let hashes = batch.column_by_name("hash").unwrap().as_any();
        let hashes = hashes.downcast_ref::<arrow_array::Int64Array>().unwrap();
        ids.extend(hashes.iter().flatten());
    }
    assert_eq!(ids.len() as u64, manifest.rows);
    (ids, manifest)
}

fn ids<'a>(rows: impl IntoIterator<Item = &'a Sample>) -> BTreeSet<i64> {
    rows.into_iter().map(|row| row.id.0).collect()
}

/// Best first; without a score last; of equal ones the least id.
fn by_score(rows: &mut [Sample], score: impl Fn(&Sample) -> Option<f32>) {
    let key = |row: &Sample| score(row).unwrap_or(f32::MIN);
    rows.sort_by(|a, b| key(b).partial_cmp(&key(a)).unwrap().then(a.id.0.cmp(&b.id.0)));
}

/// At most so many of each key, in order.
fn first_of_each(rows: Vec<Sample>, most: usize, key: impl Fn(&Sample) -> String) -> Vec<Sample> {
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    let mut taken = move |row: &Sample| {
        let count = taken.entry(key(row)).or_default();
        *count += 1;
        *count
    };
    rows.into_iter().filter(|row| taken(row) <= most).collect()
}

/// The chance that the manifest promises, written once more: splitmix64 of the id and the mixed seed.
fn place(id: i64, seed: u64, purpose: u64) -> u64 {
    let mixed = |number: u64| {
        let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    };
    mixed(mixed(seed ^ (purpose << 56)) ^ id.cast_unsigned())
}

#[tokio::test]
async fn the_best_of_each_domain_are_taken_and_ties_go_to_the_least_id() {
    let (_folder, dataset) = varied_dataset(400).await;
    for (score, of) in [
        (Score::Similarity, (|row: &Sample| Some(row.similarity)) as fn(&Sample) -> Option<f32>),
        (Score::Aesthetic, |row: &Sample| row.aesthetic),
    ] {
        let wanted = Wanted { per_domain: Some(3), by_score: score, ..Wanted::default() };
        let mut rows = kept(400);
        by_score(&mut rows, of);
        let expected = first_of_each(rows, 3, |row| row.image_domain.clone());
        assert_eq!(chosen(&dataset, &wanted).await.0, ids(&expected), "{score:?}");
    }
    // Rows whose page is not known have no page domain in common.
    let wanted = Wanted { per_page_domain: Some(2), ..Wanted::default() };
    let mut rows = kept(400);
    by_score(&mut rows, |row| Some(row.similarity));
    let key = |row: &Sample| if row.page_domain.is_empty() { row.id.0.to_string() } else { row.page_domain.clone() };
    assert_eq!(chosen(&dataset, &wanted).await.0, ids(&first_of_each(rows, 2, key)));
}

#[tokio::test]
async fn a_top_fraction_is_exact() {
    let (_folder, dataset) = varied_dataset(400).await;
    for (fraction, most) in [(0.3, 72), (0.29, 69), (0.001, 1), (1.0, 240)] {
        let wanted = Wanted { top_fraction: Some(fraction), by: Score::Aesthetic, ..Wanted::default() };
        let mut rows = kept(400);
        assert_eq!(rows.len(), 240);
        by_score(&mut rows, |row| row.aesthetic);
        assert_eq!(chosen(&dataset, &wanted).await.0, ids(&rows[..most]), "{fraction}");
    }
    for (fraction, named) in [(0.0, "`0`"), (1.5, "`1.5`"), (f64::NAN, "`NaN`")] {
        let wanted = Wanted { top_fraction: Some(fraction), ..Wanted::default() };
        let error = Subset::choose(&dataset, &wanted, Layout::Laion, at(5)).await.err().unwrap();
        assert!(error.to_string().contains(named) && error.hint().unwrap().contains("0.3"), "{error}");
    }
}

#[tokio::test]
async fn strata_are_balanced_by_chance_and_short_ones_are_told_of() {
    let (_folder, dataset) = varied_dataset(400).await;
    let stratify = Some("language".parse().unwrap());
    let wanted = Wanted { stratify, per_stratum: Some(40), seed: 3, ..Wanted::default() };
    let (found, manifest) = chosen(&dataset, &wanted).await;
    let mut rows = kept(400);
    rows.sort_by_key(|row| place(row.id.0, 3, 2));
    let language = |row: &Sample| row.language.clone().unwrap_or_else(|| "(none)".into());
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for row in &rows {
        *counts.entry(language(row)).or_default() += 1;
    }
    assert_eq!(found, ids(&first_of_each(rows, 40, language)));
    let told: BTreeMap<String, u64> =
        manifest.strata.iter().map(|stratum| (stratum.name.clone(), stratum.rows)).collect();
    assert_eq!(told, counts);
    assert!(counts["en"] > 40 && counts["de"] < 40);
    for stratum in &manifest.strata {
        assert_eq!((stratum.taken, stratum.is_short), (stratum.rows.min(40), stratum.rows < 40), "{stratum:?}");
    }

    let stratify = Some("aesthetic:2,4.5".parse().unwrap());
    let wanted = Wanted { stratify, per_stratum: Some(1000), ..Wanted::default() };
    let (found, manifest) = chosen(&dataset, &wanted).await;
    assert_eq!(found.len(), 240);
    let names: Vec<_> = manifest.strata.iter().map(|stratum| stratum.name.as_str()).collect();
    assert_eq!(names, ["(none)", "2 to 4.5", "4.5 and more", "under 2"]);
    let low = kept(400).iter().filter(|row| row.aesthetic.is_some_and(|score| score < 2.0)).count() as u64;
    assert_eq!(manifest.strata[3].rows, low);
    for wrong in ["width", "aesthetic:5,4", "aesthetic:x", "language:1"] {
        let error = wrong.parse::<index::subset::Stratify>().unwrap_err();
        assert!(error.to_string().contains(&format!("`{wrong}`")) && error.hint().is_some(), "{error}");
    }
    let error =
        Subset::choose(&dataset, &Wanted { per_stratum: Some(4), ..Wanted::default() }, Layout::Laion, at(5)).await;
    assert!(error.err().unwrap().hint().unwrap().contains("--stratify"));
}

#[tokio::test]
async fn samples_are_the_same_whatever_the_files_and_lie_within_one_another() {
    let (_folder, dataset) = varied_dataset(400).await;
    let sampled = async |dataset: &Dataset, sampling, seed| {
        let wanted = Wanted { sample: Some(sampling), seed, ..Wanted::default() };
        chosen(dataset, &wanted).await.0
    };
    let mut rows = kept(400);
    rows.sort_by_key(|row| place(row.id.0, 7, 1));
    let (small, large) =
        (sampled(&dataset, Sampling::Rows(20), 7).await, sampled(&dataset, Sampling::Rows(100), 7).await);
    assert_eq!((&small, &large), (&ids(&rows[..20]), &ids(&rows[..100])));
    assert!(small.is_subset(&large));
    assert_ne!(small, sampled(&dataset, Sampling::Rows(20), 8).await);
    let (tenth, half) =
        (sampled(&dataset, Sampling::Fraction(0.1), 7).await, sampled(&dataset, Sampling::Fraction(0.5), 7).await);
    assert!(tenth.is_subset(&half) && (10..=40).contains(&tenth.len()) && (90..=150).contains(&half.len()));

    // The same rows, published by two runs: other files in another order; and a version that grows.
    let (first, store) = folder();
    write_run_of(&store, 200..400, varied).await;
    publish(&store, &run_info("first")).await.unwrap();
    let before = open(&first).await;
    let part = sampled(&before, Sampling::Fraction(0.5), 7).await;
    let (second, store) = folder();
    write_run_of(&store, 0..200, varied).await;
    crate::common::copy(Path::new(&dataset_path(&first)), &second.path().join("dataset"));
    publish(&store, &run_info("second")).await.unwrap();
    let grown = open(&second).await;
    assert!(grown.samples().files().unwrap().len() > dataset.samples().files().unwrap().len());
    assert_eq!(sampled(&grown, Sampling::Rows(100), 7).await, large);
    assert_eq!(sampled(&grown, Sampling::Fraction(0.5), 7).await, half);
    // What was in the sample stays in it.
    assert!(part.is_subset(&half));
    for wrong in ["0.0", "1.5", "-3", "many", ""] {
        assert!(wrong.parse::<Sampling>().unwrap_err().to_string().contains(&format!("`{wrong}`")));
    }
    assert_eq!(
        ("1".parse::<Sampling>().unwrap(), "1.0".parse::<Sampling>().unwrap()),
        (Sampling::Rows(1), Sampling::Fraction(1.0))
    );
}

#[tokio::test]
async fn options_compose_in_the_order_that_is_stated() {
    let (_folder, dataset) = varied_dataset(600).await;
    let files = tempfile::tempdir().unwrap();
    let list = files.path().join("domains.txt");
    std::fs::write(&list, "site3.example\nnobody.example\n").unwrap();
    let wanted = Wanted {
        condition: Some("width >= 400".into()),
        recipes: vec!["english-only".into()],
        exclude_domains: Some(list),
        top_fraction: Some(0.8),
        per_domain: Some(4),
        stratify: Some("similarity:0.3".parse().unwrap()),
        per_stratum: Some(30),
        sample: Some(Sampling::Fraction(0.6)),
        limit: Some(12),
        seed: 1,
        ..Wanted::default()
    };
    let (found, manifest) = chosen(&dataset, &wanted).await;
    let mut rows = kept(600);
    let mut expected = vec![];
    let mut step = |name: &'static str, rows: &[Sample]| expected.push((name, rows.len() as u64));
    rows.retain(|row| row.width >= 400);
    step("where", &rows);
    rows.retain(|row| row.language.as_deref() == Some("en"));
    step("recipe english-only", &rows);
    rows.retain(|row| row.image_host != "img.site3.example");
    step("exclude-domains", &rows);
    by_score(&mut rows, |row| Some(row.similarity));
    rows.truncate(rows.len() * 8 / 10);
    step("top-fraction", &rows);
    rows = first_of_each(rows, 4, |row| row.image_domain.clone());
    step("per-domain", &rows);
    rows.sort_by_key(|row| place(row.id.0, 1, 2));
    rows = first_of_each(rows, 30, |row| (row.similarity >= 0.3).to_string());
    step("stratify", &rows);
    rows.retain(|row| (place(row.id.0, 1, 1) as f64) < 0.6 * 2_f64.powi(64));
    step("sample", &rows);
    rows.sort_by_key(|row| row.id.0);
    rows.truncate(12);
    step("limit", &rows);
    let told: Vec<_> = manifest.steps.iter().map(|step| (step.step.as_str(), step.left)).collect();
    assert_eq!(told, expected);
    assert!(
        manifest.steps.iter().all(|step| step.dropped > 0),
        "each step has work in this test: {:?}",
        manifest.steps
    );
    assert_eq!(found, ids(&rows));
    assert_eq!((manifest.lists[0].entries, manifest.lists[0].matched, manifest.lists[0].unmatched), (2, 1, 1));
    assert_eq!(manifest.recipes[0].name, "english-only");
    assert!(manifest.query.contains("width >= 400") && manifest.query.contains("language = 'en'"));
}

#[tokio::test]
async fn lists_join_and_anti_join_in_every_form() {
    let (_folder, dataset) = published(0..100).await;
    let files = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = files.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let some: Vec<usize> = (0..100).filter(|n| fate(*n).is_none() && n % 3 == 0).collect();
    let lines = |text: &dyn Fn(usize) -> String| some.iter().map(|n| format!("{}\n", text(*n))).collect::<String>();
    let id = |n: usize| candidate(n).id.0.to_string();
    let url = |n: usize| candidate(n).url;
    let parquet = files.path().join("list.parquet");
    let hashes: arrow_array::ArrayRef =
        std::sync::Arc::new(arrow_array::Int64Array::from_iter_values(some.iter().map(|n| candidate(*n).id.0)));
    let texts: arrow_array::ArrayRef =
        std::sync::Arc::new(some.iter().map(|n| Some(url(*n))).collect::<arrow_array::StringArray>());
    let batch = arrow_array::RecordBatch::try_from_iter([("hash", hashes), ("URL", texts)]).unwrap();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(std::fs::File::create(&parquet).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let csv = lines(&|n| format!("\"a, b\",{}", url(n)));
    let id_lists = [
        file("ids.txt", format!("\u{feff}{}# a comment\n\n{}\n", lines(&id), id(some[0])).as_bytes()),
        file("ids.csv", format!("text,id\n{}", lines(&|n| format!("\"x, y\",{}", id(n)))).as_bytes()),
        parquet.clone(),
    ];
    let url_lists =
        [file("urls.txt", lines(&url).as_bytes()), file("urls.csv", format!("caption,url\n{csv}").as_bytes()), parquet];
    let expected: BTreeSet<i64> = some.iter().map(|n| candidate(*n).id.0).collect();
    let of_ids = id_lists.iter().map(|path| (path, true));
    for (path, is_ids) in of_ids.chain(url_lists.iter().map(|path| (path, false))) {
        let path = Some(path.clone());
        let (join, anti) = if is_ids {
            (Wanted { ids: path.clone(), ..Wanted::default() }, Wanted { exclude_ids: path, ..Wanted::default() })
        } else {
            (Wanted { urls: path.clone(), ..Wanted::default() }, Wanted { exclude_urls: path, ..Wanted::default() })
        };
        let (found, manifest) = chosen(&dataset, &join).await;
        assert_eq!(found, expected, "{join:?}");
        let list = &manifest.lists[0];
        assert_eq!((list.matched, list.unmatched), (some.len() as u64, 0), "{list:?}");
        assert_eq!(list.entries, list.matched + list.repeated);
        let (rest, _) = chosen(&dataset, &anti).await;
        assert_eq!(rest.len() + found.len(), 60);
        assert!(rest.is_disjoint(&found));
    }
    // Addresses are found as people write them, and what names nothing is counted.
    let odd = file("odd.txt", b"HTTPS://IMG.site4.example/4.jpg\nhttps://nobody.example/x.jpg\n");
    let (found, manifest) = chosen(&dataset, &Wanted { urls: Some(odd), ..Wanted::default() }).await;
    assert_eq!((found, manifest.lists[0].unmatched), ([candidate(4).id.0].into(), 1));
    // Domains: with all below them, the picture's and the page's, and no domain that only ends alike.
    let domains = file("domains.csv", b"domain,why\nsite4.example,asked\nwww.page2.example,asked\nte5.example,typo\n");
    let (found, _) = chosen(&dataset, &Wanted { exclude_domains: Some(domains), ..Wanted::default() }).await;
    let left = (0..100).filter(|n| fate(*n).is_none() && n % 7 != 4 && n % 5 != 2).map(|n| candidate(n).id.0);
    assert_eq!(found, left.collect());
}

#[tokio::test]
async fn all_entries_that_name_a_row_are_matched_not_only_the_narrowest() {
    let (_folder, dataset) = published(0..100).await;
    let files = tempfile::tempdir().unwrap();
    let excluding = async |lines: &str| {
        let path = files.path().join("domains.txt");
        std::fs::write(&path, lines).unwrap();
        let wanted = Wanted { exclude_domains: Some(path), ..Wanted::default() };
        let subset = Subset::choose(&dataset, &wanted, Layout::Urls, at(5)).await.unwrap();
        adds_up(subset.manifest());
        (subset.manifest().written, subset.manifest().lists[0].matched, subset.manifest().lists[0].unmatched)
    };
    let left = (0..100).filter(|n| fate(*n).is_none() && n % 7 != 3).count() as u64;
    assert_eq!(excluding("site3.example\nimg.site3.example\nwww.site3.example\n").await, (left, 2, 1));
    // Each row is out by its picture's host already; that of its page is named all the same.
    let mut lines: Vec<String> = (0..7).map(|n| format!("site{n}.example")).collect();
    lines.extend(["page2.example".to_owned(), "www.page2.example".to_owned()]);
    assert_eq!(excluding(&lines.join("\n")).await, (0, 9, 0));
}

#[tokio::test]
async fn conditions_that_ask_other_rows_or_chance_are_asked_once() {
    let (_folder, dataset) = published(0..100).await;
    let rows: Vec<usize> = (0..100).filter(|n| fate(*n).is_none()).collect();
    // Row 3 was not alike enough.
    let refused = format!("select image_host from ledger where url = '{}'", candidate(3).url);
    let expected: BTreeSet<i64> = rows.iter().filter(|n| **n % 7 == 3).map(|n| candidate(*n).id.0).collect();
    assert!(!expected.is_empty() && expected.len() < rows.len());
    assert_eq!(chosen(&dataset, &such_that(&format!("image_host in ({refused})"))).await.0, expected);
    let all: BTreeSet<i64> = rows.iter().map(|n| candidate(*n).id.0).collect();
    assert_eq!(chosen(&dataset, &such_that("width <= (select max(width) from samples)")).await.0, all);
    assert_eq!(chosen(&dataset, &such_that("random() < 2.0")).await.0, all);
    assert_eq!(chosen(&dataset, &such_that("date_part('year', now()) > 2000")).await.0, all);
    // Whichever come, the same are written.
    let subset = Subset::choose(&dataset, &such_that("random() < 0.5"), Layout::Laion, at(5)).await.unwrap();
    let (found, _) = written(subset).await;
    assert!(found.is_subset(&all));
}

#[tokio::test]
async fn a_list_that_is_wrong_is_refused_with_the_value_and_the_line() {
    let (_folder, dataset) = published(0..20).await;
    let files = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = files.path().join(name);
        std::fs::write(&path, text).unwrap();
        Some(path)
    };
    let none = Wanted::default();
    let cases = [
        (Wanted { ids: file("a.txt", "12\n13x\n"), ..none.clone() }, "`13x` in line 2"),
        (Wanted { urls: file("b.txt", "https://a.example/\nhtp:/x\n"), ..none.clone() }, "`htp:/x` in line 2"),
        (
            Wanted { exclude_urls: file("c.csv", "link\nhttps://a.example/\n"), ..none.clone() },
            "its columns are `link`",
        ),
        (
            Wanted { exclude_domains: file("d.txt", "https://a.example/\n"), ..none.clone() },
            "`https://a.example/` in line 1",
        ),
        (Wanted { exclude_ids: Some(files.path().join("absent.txt")), ..none.clone() }, "absent.txt"),
        (Wanted { ids: file("e.parquet", "no parquet"), ..none.clone() }, "e.parquet"),
    ];
    for (wanted, words) in cases {
        let error = Subset::choose(&dataset, &wanted, Layout::Urls, at(5)).await.err().unwrap();
        assert!(matches!(error, Error::List { .. }) && error.hint().is_some(), "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[tokio::test]
async fn recipes_choose_what_they_say_and_are_refused_where_scores_are_missing() {
    let (_folder, dataset) = varied_dataset(400).await;
    let follow =
        |names: &[&str]| Wanted { recipes: names.iter().map(|name| (*name).to_owned()).collect(), ..Wanted::default() };
    let (found, manifest) = chosen(&dataset, &follow(&["laion-aesthetics-6plus", "512px-and-up"])).await;
    let rows = kept(400);
    let expected = rows.iter().filter(|row| {
        row.aesthetic.is_some_and(|score| score >= 6.0) && row.language.as_deref() == Some("en") && row.width >= 512
    });
    assert_eq!(found, ids(expected));
    assert!(!found.is_empty());
    // The demo's scores are not those of CLIP ViT-L/14.
    assert!(
        manifest.notes[0].contains("laion-aesthetics-6plus") && manifest.notes[0].contains("`demo@0`"),
        "{:?}",
        manifest.notes
    );
    let (found, _) = chosen(&dataset, &follow(&["datacomp-clip-l14-30"])).await;
    assert_eq!(found.len(), 72);
    // Texts are `picture, number "7"`: three words.
    let (found, _) = chosen(&dataset, &follow(&["datacomp-basic"])).await;
    assert_eq!(found, ids(rows.iter().filter(|row| row.language.as_deref() == Some("en") && row.width >= 200)));

    let error = Subset::choose(&dataset, &follow(&["laion-art"]), Layout::Urls, at(5)).await.err().unwrap();
    assert!(error.to_string().contains("recipe `laion-art`: no row of this dataset has `punsafe`"), "{error}");
    assert!(error.hint().unwrap().contains("model.toml"), "{error}");
    let error = Subset::choose(&dataset, &follow(&["laion-aesthetic-6plus"]), Layout::Urls, at(5)).await.err().unwrap();
    assert!(error.to_string().contains("`laion-aesthetic-6plus`"), "{error}");
    assert!(error.hint().unwrap().contains("did you mean `laion-aesthetics-6plus`"), "{error:?}");
    // Each can be planned on a dataset without rows, whose scores nobody can miss.
    let (empty, store) = folder();
    write_run_of(&store, 0..0, varied).await;
    publish(&store, &run_info("first")).await.unwrap();
    let empty = open(&empty).await;
    for recipe in recipes().unwrap() {
        let subset = Subset::choose(&empty, &follow(&[recipe.name.as_str()]), Layout::Urls, at(5)).await.unwrap();
        assert_eq!(subset.manifest().written, 0, "{recipe:?}");
    }
}

#[tokio::test]
async fn permissive_licences_are_those_that_exclude_nothing() {
    let addresses = [
        "https://creativecommons.org/licenses/by/4.0/",
        "https://creativecommons.org/licenses/by/3.0/de/",
        "https://creativecommons.org/licenses/by-sa/4.0/",
        "https://creativecommons.org/licenses/by-nc/4.0/",
        "https://creativecommons.org/licenses/by-nd/2.0/",
        "https://creativecommons.org/licenses/by-nc-nd/3.0/de/",
        "https://creativecommons.org/licenses/by-nc-sa/2.5/",
        "https://creativecommons.org/licenses/nd/1.0/",
        "https://creativecommons.org/publicdomain/zero/1.0/",
        "https://creativecommons.org/publicdomain/mark/1.0/",
        "https://www.gnu.org/licenses/fdl-1.3.html",
        "https://opensource.org/licenses/MIT",
        "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
        "http://rightsstatements.org/vocab/InC/1.0/",
        "http://rightsstatements.org/vocab/NoC-NC/1.0/",
        "https://unsplash.com/license",
    ];
    let licences: Vec<License> = addresses.iter().map(|address| License::at(address).unwrap()).collect();
    let (folder, store) = folder();
    let of = |n: usize| licences[n % licences.len()].clone();
    write_run_of(&store, 0..100, |n| Sample { license: Some(of(n).id), ..sample(n) }).await;
    publish(&store, &run_info("first")).await.unwrap();
    let dataset = open(&folder).await;
    let own_terms = |licence: &License| licence.id.starts_with("InC") || licence.id == "Unsplash";
    let excludes = |licence: &License| licence.non_commercial || licence.no_derivatives || own_terms(licence);
    for (name, share_alike) in [("permissive-licences", false), ("open-licences", true)] {
        let wanted = Wanted { recipes: vec![name.into()], ..Wanted::default() };
        let (found, _) = chosen(&dataset, &wanted).await;
        let allowed = |n: &usize| !excludes(&of(*n)) && (share_alike || !of(*n).share_alike);
        let rows = (0..100).filter(|n| fate(*n).is_none()).filter(allowed);
        assert_eq!(found, rows.map(|n| candidate(n).id.0).collect(), "{name}");
        assert!(!found.is_empty());
    }
}

#[tokio::test]
async fn a_limit_takes_the_least_ids_of_what_the_condition_leaves() {
    let (_folder, dataset) = published(0..100).await;
    let wanted = Wanted { limit: Some(5), ..such_that("width = 640") };
    let mut rows: Vec<i64> = (0..100).filter(|n| fate(*n).is_none()).map(|n| candidate(n).id.0).collect();
    rows.sort_unstable();
    assert_eq!(chosen(&dataset, &wanted).await.0, rows[..5].iter().copied().collect());
}

#[tokio::test]
async fn counting_tells_what_choosing_tells() {
    let (_folder, dataset) = published(0..100).await;
    let files = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = files.path().join(name);
        std::fs::write(&path, text).unwrap();
        Some(path)
    };
    let lines = |text: &dyn Fn(usize) -> String| {
        (0..100).filter(|n| n % 3 == 0).map(|n| format!("{}\n", text(n))).collect::<String>()
    };
    let urls = file("urls.txt", &lines(&|n| candidate(n).url));
    let ids = file("ids.txt", &lines(&|n| candidate(n).id.0.to_string()));
    let domains = file("domains.txt", "site3.example\nwww.page2.example\nnobody.example\n");
    let condition = such_that("page_domain <> 'page1.example' -- theirs");
    let recipes: Vec<String> = vec!["english-only".into()];
    let cases = [
        Wanted::default(),
        such_that("width > 9999"),
        condition.clone(),
        Wanted { recipes: recipes.clone(), ..condition.clone() },
        Wanted { exclude_urls: urls.clone(), exclude_domains: domains.clone(), ..Wanted::default() },
        Wanted { ids: ids.clone(), exclude_domains: domains.clone(), recipes, ..condition.clone() },
        Wanted { urls, exclude_ids: ids, ..condition.clone() },
        Wanted { exclude_domains: domains, limit: Some(7), ..condition },
    ];
    for wanted in cases {
        for layout in [Layout::Parquet, Layout::Urls, Layout::Webdataset] {
            let chosen = Subset::choose(&dataset, &wanted, layout, at(5)).await.unwrap();
            let counted = Subset::count(&dataset, &wanted, layout, at(5)).await.unwrap();
            assert_eq!(&counted, chosen.manifest());
            adds_up(&counted);
        }
    }
    let error = Subset::count(&dataset, &such_that("widht > 1"), Layout::Parquet, at(5)).await.unwrap_err();
    assert!(error.to_string().contains("`widht`"), "{error}");
}

#[tokio::test]
async fn rows_without_pictures_are_counted_whether_all_have_one_or_none() {
    for (image, left) in [(None, 0), (Some(PICTURE.to_vec()), 60)] {
        let (folder, store) = folder();
        write_run_of(&store, 0..100, |n| Sample { image: image.clone(), ..sample(n) }).await;
        publish(&store, &run_info("first")).await.unwrap();
        let dataset = open(&folder).await;
        let counted = Subset::count(&dataset, &Wanted::default(), Layout::Webdataset, at(5)).await.unwrap();
        assert_eq!((counted.asked, counted.without_picture, counted.written), (60, 60 - left, left));
        adds_up(&counted);
    }
}
