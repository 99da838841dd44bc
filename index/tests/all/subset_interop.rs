//! Others read what we export: webdataset, Hugging Face's `datasets`, `NumPy`, pyarrow, DuckDB, Polars, deltalake.

use crate::{
    common::{copy, dataset_path, folder, open, published, run_info, sample, write_run_of},
    interop::{python_with, runs},
    subset::{out, subset},
};
use index::{
    publish,
    subset::{Layout, Wanted},
};
use schema::Sample;
use std::path::Path;

/// Runs `script` on a subset of 60 rows, 10 of them with pictures, in `layout`.
async fn read_subset(modules: &[&str], layout: Layout, script: &str) {
    let Some(python) = python_with(modules) else { return };
    let (_folder, dataset) = published(0..100).await;
    let (_out, out) = out();
    subset(&dataset, Wanted::default(), layout, &out).await.unwrap();
    runs(&python, script, &out);
}

#[tokio::test]
async fn webdataset_yields_pictures_texts_and_facts() {
    let script = r#"
import sys, webdataset, pyarrow.parquet as pq
rows = list(webdataset.WebDataset(sys.argv[1] + "/00000.tar", shardshuffle=False).decode("pil"))
assert len(rows) == 10, len(rows)
for row in rows:
    assert row["jpg"].size == (16, 8) and row["jpg"].mode == "RGB"
    facts = row["json"]
    assert facts["key"] == row["__key__"] and facts["caption"] == row["txt"] and facts["status"] == "success"
    assert (facts["width"], facts["height"], facts["original_width"]) == (16, 8, 640)
    assert int(facts["uid"], 16) >> 64 == facts["id"] % 2**64
# As img2dataset and clip-retrieval have it, the Parquet beside a shard has its rows in its order.
beside = pq.read_table(sys.argv[1] + "/00000.parquet").to_pylist()
assert [row["key"] for row in beside] == [row["__key__"] for row in rows]
assert [row["caption"] for row in beside] == [row["txt"] for row in rows]
assert [row["sha256"] for row in beside] == [row["json"]["sha256"] for row in rows]
"#;
    read_subset(&["webdataset", "PIL", "pyarrow"], Layout::Webdataset, script).await;
}

#[tokio::test]
async fn hugging_face_loads_the_folder_with_its_pictures() {
    let script = r#"
import sys, tempfile, datasets
folder = sys.argv[1]
with tempfile.TemporaryDirectory() as cache:
    rows = datasets.load_dataset(folder, split="train", cache_dir=cache)
    assert len(rows) == 10, rows
    assert isinstance(rows.features["image"], datasets.Image), rows.features
    assert rows[0]["image"].size == (16, 8) and rows[0]["consent_mode"] == "strict", rows[0]
    assert rows.features["id"].dtype == "int64" and rows.features["similarity"].dtype == "float32"
    stream = datasets.load_dataset(folder, split="train", streaming=True)
    streamed = list(stream)
    assert [row["url"] for row in streamed] == rows["url"][:], streamed
    assert all(row["image"].size == (16, 8) for row in streamed)
    # A file of it alone, without the card, is read with its pictures, too.
    alone = datasets.load_dataset("parquet", data_files=folder + "/data/train-00000.parquet", split="train", cache_dir=cache)
    assert alone[0]["image"].size == (16, 8), alone.features
"#;
    read_subset(&["datasets", "PIL"], Layout::Huggingface, script).await;
}

#[tokio::test]
async fn numpy_finds_uids_as_datacomps_resharder_does() {
    let script = r#"
import sys, numpy, pyarrow.dataset as ds
u16 = numpy.dtype("u8,u8")
subset = numpy.load(sys.argv[1] + "/uids.npy", mmap_mode="r")
assert subset.dtype == u16 and subset.shape == (60,), (subset.dtype, subset.shape)
assert (numpy.sort(subset) == subset).all()
table = ds.dataset(sorted(__import__("glob").glob(sys.argv[1] + "/*.parquet"))).to_table()
assert table.column_names == ["uid", "url", "text", "original_width", "original_height", "sha256"], table.column_names
for uid in table["uid"].to_pylist():
    key = numpy.array([divmod(int(uid, 16), 2**64)], u16)[0]
    assert numpy.searchsorted(subset, key, "right") - numpy.searchsorted(subset, key, "left") == 1, uid
other = numpy.array([(1, 1)], u16)[0]
assert numpy.searchsorted(subset, other, "right") == numpy.searchsorted(subset, other, "left")
"#;
    read_subset(&["numpy", "pyarrow.dataset"], Layout::Datacomp, script).await;
}

#[tokio::test]
async fn pyarrow_duckdb_and_polars_read_every_parquet_layout() {
    let script = r#"
import sys, glob, duckdb, polars, pyarrow.parquet as pq
files = sorted(glob.glob(sys.argv[1] + "/**/*.parquet", recursive=True))
assert files
rows = sum(pq.read_table(file).num_rows for file in files)
assert duckdb.execute("select count(*) from read_parquet(?)", [files]).fetchone() == (rows,)
assert polars.read_parquet(files).height == rows
assert rows in (10, 60), rows
"#;
    let modules = ["pyarrow", "duckdb", "polars"];
    for layout in Layout::ALL.into_iter().filter(|layout| *layout != Layout::Urls) {
        read_subset(&modules, layout, script).await;
    }
}

#[tokio::test]
async fn img2dataset_columns_are_its_own() {
    let script = r#"
import sys, pyarrow as pa, pyarrow.parquet as pq
schema = pq.read_schema(sys.argv[1] + "/00000.parquet")
expected = [("caption", pa.string()), ("url", pa.string()), ("key", pa.string()), ("status", pa.string()),
    ("error_message", pa.string()), ("width", pa.int32()), ("height", pa.int32()), ("original_width", pa.int32()),
    ("original_height", pa.int32()), ("exif", pa.string()), ("sha256", pa.string())]
assert [(field.name, field.type) for field in schema] == expected, schema
rows = pq.read_table(sys.argv[1] + "/00000.parquet").to_pylist()
assert {row["width"] for row in rows} == {16, None} and {row["original_width"] for row in rows} == {640}
"#;
    read_subset(&["pyarrow"], Layout::Img2dataset, script).await;
}

#[tokio::test]
async fn polars_reads_the_table_through_deltalake() {
    let script = r"
import sys, polars
assert polars.read_delta(sys.argv[1]).height == 60
";
    let Some(python) = python_with(&["polars", "deltalake", "pyarrow"]) else { return };
    let (folder, _dataset) = published(0..100).await;
    // Polars 2.1 asks for files under the address of the folder, in which blanks are `%20`: so to a folder without.
    let plain = tempfile::tempdir().unwrap();
    copy(Path::new(&dataset_path(&folder)), &plain.path().join("dataset"));
    runs(&python, script, plain.path().join("dataset").to_str().unwrap());
}

/// The demo's photographs, as large as they were taken.
#[tokio::test]
async fn photographs_of_every_kind_come_through_whole() {
    let Some(python) = python_with(&["webdataset", "datasets", "PIL"]) else { return };
    let photos = ["14-dolphin-underwater.jpg", "08-red-panda.webp", "27-blurred-clock.png"];
    let photos = photos.map(|name| std::fs::read(format!("{}/../demo/photos/{name}", env!("CARGO_MANIFEST_DIR"))));
    let [Ok(one), Ok(two), Ok(three)] = photos else {
        eprintln!("skipped: the demo's photographs are not there");
        return;
    };
    let photos = [one, two, three];
    let (folder, store) = folder();
    write_run_of(&store, 0..100, |n| Sample { image: Some(photos[n % 3].clone()), ..sample(n) }).await;
    publish(&store, &run_info("first")).await.unwrap();
    let dataset = open(&folder).await;
    let (_out, out) = out();
    for layout in [Layout::Webdataset, Layout::Huggingface] {
        subset(&dataset, Wanted::default(), layout, &format!("{out}-{}", layout.name())).await.unwrap();
    }
    let script = r#"
import sys, hashlib, webdataset, datasets
tars = list(webdataset.WebDataset(sys.argv[1] + "-webdataset/00000.tar", shardshuffle=False).decode("pil"))
assert len(tars) == 60
kinds = {kind for row in tars for kind in ("jpg", "png", "webp") if kind in row}
assert kinds == {"jpg", "png", "webp"}, kinds
sizes = [(row.get("jpg") or row.get("png") or row.get("webp")).size for row in tars]
assert [(row["json"]["width"], row["json"]["height"]) for row in tars] == sizes
rows = list(datasets.load_dataset(sys.argv[1] + "-huggingface", split="train", streaming=True))
assert [row["image"].size for row in rows] == sizes
"#;
    runs(&python, script, &out);
}
