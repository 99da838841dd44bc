//! A row that goes costs the pages it lies in: the others are copied, and what the file tells of all of them is true.

use crate::{
    common::{copy, folder, open, run_info, sample, write_run_of},
    interop::{python_with, runs},
};
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, cast::AsArray};
use datafusion::arrow::{
    compute::{cast, concat_batches, filter_record_batch, max_string, min_string},
    datatypes::{DataType, Float32Type, Int64Type},
};
use index::{
    RunInfo,
    optout::{Entry, EntryKind, apply},
    publish,
};
use parquet::{
    arrow::arrow_reader::{
        ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, statistics::StatisticsConverter,
    },
    file::{
        metadata::PageIndexPolicy,
        reader::{FileReader, SerializedFileReader},
    },
};
use schema::{Sample, SampleId};
use std::{
    collections::BTreeSet,
    fs::File,
    path::{Path, PathBuf},
};

/// Rows of one domain, of which columns are full, empty, and both in turns.
fn of_one(n: usize) -> Sample {
    let mut row = sample(n);
    row.image_host = "img.site.example".into();
    row.image_domain = "site.example".into();
    row.url = format!("https://img.site.example/{n:06}.jpg");
    row.final_url = row.url.clone();
    row.text = format!("a picture called {n}, {}", "and so on ".repeat(n % 7));
    row.id = SampleId::of(&row.url, &row.text);
    row.title = (n / 2_500 % 2 == 1).then(|| format!("title of {n}"));
    row.exif = (n % 1_000 == 999).then(|| format!("exif of {n}"));
    row.punsafe = (!n.is_multiple_of(3)).then(|| f32::from(u16::try_from(n % 997 + 1).unwrap()) / 1_000.0);
    row.similarity = 0.25 + f32::from(u16::try_from(n % 1_000).unwrap()) / 2_000.0;
    row.image = None;
    row.embedding = n.is_multiple_of(2).then(|| n.to_le_bytes().to_vec());
    row
}

fn file_of(folder: &Path) -> PathBuf {
    let dataset = folder.join("dataset");
    let buckets = std::fs::read_dir(dataset).unwrap().map(|entry| entry.unwrap().path());
    let files = buckets.filter(|path| path.to_str().unwrap().contains("bucket="));
    let mut files: Vec<PathBuf> = files
        .flat_map(|bucket| std::fs::read_dir(bucket).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>())
        .collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

fn rows_of(path: &Path) -> RecordBatch {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let schema = reader.schema().clone();
    let batches: Vec<RecordBatch> = reader.build().unwrap().map(Result::unwrap).collect();
    concat_batches(&schema, &batches).unwrap()
}

fn metadata_of(path: &Path) -> ArrowReaderMetadata {
    let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Required);
    ArrowReaderMetadata::load(&File::open(path).unwrap(), options).unwrap()
}

/// The bytes of each page of a column.
fn pages_of(path: &Path, leaf: usize) -> Vec<Vec<u8>> {
    let (bytes, metadata) = (std::fs::read(path).unwrap(), metadata_of(path));
    let groups = metadata.metadata().offset_index().unwrap();
    let pages = groups.iter().flat_map(|group| group[leaf].page_locations());
    pages
        .map(|page| {
            let start = usize::try_from(page.offset).unwrap();
            bytes[start..start + usize::try_from(page.compressed_page_size).unwrap()].to_vec()
        })
        .collect()
}

/// Least, greatest, and how many are missing.
type Told = (Option<String>, Option<String>, u64);

/// Long texts are told by their beginnings.
fn holds(told: &Told, found: &Told, of: &str) {
    if found.0.as_ref().is_some_and(|text| text.len() > 64) || found.1.as_ref().is_some_and(|text| text.len() > 64) {
        assert!(told.0 <= found.0 && told.1 >= found.1 && told.2 == found.2, "{of}: {told:?}, {found:?}");
    } else {
        assert_eq!(told, found, "{of}");
    }
}

fn told(values: &ArrayRef) -> Told {
    let nulls = values.null_count() as u64;
    let (least, most) = match values.data_type() {
        DataType::Utf8 => {
            let texts = values.as_string::<i32>();
            (min_string(texts).map(str::to_owned), max_string(texts).map(str::to_owned))
        }
        DataType::Float32 => {
            let numbers: Vec<f32> = values.as_primitive::<Float32Type>().iter().flatten().collect();
            let by = |a: &f32, b: &f32| a.total_cmp(b);
            let text = |number: f32| number.to_string();
            (numbers.iter().copied().min_by(by).map(text), numbers.iter().copied().max_by(by).map(text))
        }
        _ => {
            let numbers = cast(values, &DataType::Int64).unwrap();
            let numbers: Vec<i64> = numbers.as_primitive::<Int64Type>().iter().flatten().collect();
            (numbers.iter().min().map(i64::to_string), numbers.iter().max().map(i64::to_string))
        }
    };
    (least, most, nulls)
}

/// What the footer tells of the columns of row groups and pages is so.
fn check_what_is_told(path: &Path) {
    let (metadata, rows) = (metadata_of(path), rows_of(path));
    let parquet = metadata.metadata();
    let mut leaves = parquet.row_groups()[0].columns().iter().map(|column| column.column_path().string());
    assert_eq!(leaves.next().as_deref(), Some("id"));
    for name in ["id", "url", "text", "title", "exif", "similarity", "punsafe", "width", "language", "cluster"] {
        let all = rows.column_by_name(name).unwrap();
        let schema = parquet.file_metadata().schema_descr();
        let converter = StatisticsConverter::try_new(name, metadata.schema(), schema).unwrap();
        let leaf = converter.parquet_column_index().unwrap();
        let groups = parquet.row_groups();
        let (least, most) = (converter.row_group_mins(groups).unwrap(), converter.row_group_maxes(groups).unwrap());
        let nulls = converter.row_group_null_counts(groups).unwrap();
        let text = |array: &ArrayRef, place: usize| {
            let array = array.slice(place, 1);
            told(&array).0
        };
        let mut first = 0;
        for (place, group) in groups.iter().enumerate() {
            let count = usize::try_from(group.num_rows()).unwrap();
            let found = told(&all.slice(first, count));
            holds(
                &(text(&least, place), text(&most, place), nulls.value(place)),
                &found,
                &format!("{name}, group {place}"),
            );
            assert_eq!(group.column(leaf).num_values(), group.num_rows());
            first += count;
        }
        let (index, offsets) = (parquet.column_index().unwrap(), parquet.offset_index().unwrap());
        let numbers: Vec<usize> = (0..groups.len()).collect();
        let least = converter.data_page_mins(index, offsets, &numbers).unwrap();
        let most = converter.data_page_maxes(index, offsets, &numbers).unwrap();
        let nulls = converter.data_page_null_counts(index, offsets, &numbers).unwrap();
        let counts = converter.data_page_row_counts(offsets, groups, &numbers).unwrap().unwrap();
        let mut first = 0;
        for (page, count) in counts.values().iter().enumerate() {
            let count = usize::try_from(*count).unwrap();
            let found = told(&all.slice(first, count));
            holds(&(text(&least, page), text(&most, page), nulls.value(page)), &found, &format!("{name}, page {page}"));
            first += count;
        }
        assert_eq!(first, rows.num_rows(), "{name}");
    }
    // Sizes, by reading all pages: what is told counts their heads, too.
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group).unwrap();
        for leaf in 0..group.num_columns() {
            let (mut size, mut heads) = (0, 0);
            let mut pages = group.get_column_page_reader(leaf).unwrap();
            while let Some(page) = pages.get_next_page().unwrap() {
                size += i64::try_from(page.buffer().len()).unwrap();
                heads += 1;
            }
            let told = group.metadata().column(leaf).uncompressed_size();
            assert!((size + heads * 8..size + heads * 120).contains(&told), "{told} told, {size} in {heads} pages");
        }
    }
}

#[tokio::test]
async fn only_pages_with_such_rows_are_encoded_anew() {
    let (whole, store) = folder();
    let info = RunInfo { duplicates: schema::Duplicates::All, ..run_info("first") };
    write_run_of(&store, 0..20_000, of_one).await;
    publish(&store, &info).await.unwrap();
    let old = file_of(whole.path());
    check_what_is_told(&old);
    let before = rows_of(&old);
    let urls: Vec<String> =
        before.column_by_name("url").unwrap().as_string::<i32>().iter().map(|url| url.unwrap().to_owned()).collect();
    let rows = urls.len();
    assert!(rows > 10_000 && metadata_of(&old).metadata().num_row_groups() == 2);
    let cases: [(&str, Vec<usize>, usize); 8] = [
        ("one", vec![5_000], 5),
        ("the first and the last", vec![0, rows - 1], 4),
        ("a page", (2_048..4_096).collect(), 5),
        ("more than a page", (2_000..4_200).collect(), 3),
        ("two pages apart", vec![100, 8_000], 4),
        ("a row group", (0..8_192).collect(), 2),
        ("all but the last rows of pages", (0..rows).filter(|row| row % 2_048 < 2_047).collect(), 0),
        ("scattered", (0..rows).step_by(1_000).collect(), 0),
    ];
    for (name, gone, copied) in cases {
        let (after, _) = folder();
        copy(&whole.path().join("dataset"), &after.path().join("dataset"));
        let entry = |row: &usize| Entry { kind: EntryKind::Url, value: urls[*row].clone() };
        let entries: Vec<Entry> = gone.iter().map(entry).collect();
        let applied = apply(&open(&after).await, &entries, &run_info("taken")).await.unwrap();
        assert_eq!(applied.samples.rows, gone.len() as u64, "{name}");
        let new = file_of(after.path());
        let stays: BooleanArray = (0..rows).map(|row| Some(!gone.contains(&row))).collect();
        assert!(rows_of(&new) == filter_record_batch(&before, &stays).unwrap(), "{name}");
        check_what_is_told(&new);
        let [old_pages, new_pages] = [&old, &new].map(|path| pages_of(path, 1));
        let same = new_pages.iter().filter(|page| old_pages.contains(page)).count();
        assert_eq!(same, copied, "{name}: {} pages of {}", same, old_pages.len());
        let bytes = std::fs::read(&new).unwrap();
        let gone: BTreeSet<usize> = gone.into_iter().collect();
        for row in gone.iter().take(100) {
            assert!(!bytes.windows(urls[*row].len()).any(|window| window == urls[*row].as_bytes()), "{name}");
        }
        let Some(python) = python_with(&["pyarrow", "duckdb"]) else { continue };
        let (first, count) = ((0..rows).find(|row| !gone.contains(row)).unwrap(), rows - gone.len());
        let script = format!(
            "import sys, duckdb, pyarrow.parquet as p, pyarrow.compute as c\n\
             rows = p.read_table(sys.argv[1])\n\
             assert rows.num_rows == {count}, rows.num_rows\n\
             assert p.read_table(sys.argv[1], filters=c.field('url') == '{url}').num_rows == 1\n\
             ask = lambda what: duckdb.execute(f'select {{what}} from read_parquet(?)', [sys.argv[1]]).fetchone()[0]\n\
             assert ask('count(distinct url)') == {count}\n\
             assert ask(\"count(*) filter (url = '{url}')\") == 1\n\
             assert ask('sum(len(text))') == c.sum(c.utf8_length(rows['text'])).as_py()\n\
             assert ask('count(title)') == rows.num_rows - rows['title'].null_count",
            url = urls[first],
        );
        runs(&python, &script, new.to_str().unwrap());
    }
}
