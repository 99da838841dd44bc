//! Opening and asking.

use crate::{
    common::{column, fate, folder, open, published, run_info, write_run},
    interop::{python_with, runs},
};
use index::{
    Dataset, Error, publish,
    sql::{self, Format, Written},
};

#[tokio::test]
async fn what_would_change_something_is_refused() {
    let (_folder, dataset) = published(0..20).await;
    for query in [
        "drop table samples",
        "insert into samples select * from samples",
        "create table x as select 1",
        "create external table x stored as csv location '/etc/passwd'",
        "copy samples to '/tmp/x.csv'",
        "set datafusion.execution.batch_size = 1",
    ] {
        let error = sql::run(&dataset, query).await.unwrap_err();
        assert!(error.to_string().contains("not supported"), "{query}: {error}");
    }
    assert_eq!(column(&dataset, "select count(*) from samples").await, ["12"]);
}

#[tokio::test]
async fn mistyped_names_come_with_those_there_are() {
    let (_folder, dataset) = published(0..20).await;
    let error = sql::run(&dataset, "select similarty from samples").await.unwrap_err();
    assert!(error.to_string().contains("similarty"), "{error}");
    assert!(error.hint().unwrap().contains("similarity, aesthetic"), "{:?}", error.hint());
    let error = sql::run(&dataset, "select 1 from sample").await.unwrap_err();
    assert!(error.hint().unwrap().contains("`ledger`"), "{error}");
    assert!(sql::run(&dataset, "selec 1").await.is_err());
}

#[tokio::test]
async fn answers_are_written_in_three_ways() {
    let (_folder, dataset) = published(0..20).await;
    let batches = sql::run(&dataset, "select url, aesthetic, license from samples order by url limit 1").await.unwrap();
    let csv = sql::format(&batches, Format::Csv).unwrap();
    assert_eq!(csv, "url,aesthetic,license\nhttps://img.site0.example/14.jpg,5.5,\n");
    let json = sql::format(&batches, Format::Json).unwrap();
    assert_eq!(json, "[{\"url\":\"https://img.site0.example/14.jpg\",\"aesthetic\":5.5,\"license\":null}]\n");
    assert!(sql::format(&batches, Format::Table).unwrap().contains("| https://img.site0.example/14.jpg | 5.5"));
    // Lists and groups and bytes have to come out somehow, too.
    let batches = sql::run(&dataset, "select * from samples limit 2").await.unwrap();
    for format in [Format::Csv, Format::Json, Format::Table] {
        assert!(sql::format(&batches, format).unwrap().contains("strict"));
    }
    let batches = sql::run(&dataset, "select url from samples where false").await.unwrap();
    assert_eq!(sql::format(&batches, Format::Csv).unwrap(), "url\n");
    assert_eq!(sql::format(&batches, Format::Json).unwrap(), "[]\n");
}

#[tokio::test]
async fn scores_and_tags_can_be_asked_for_by_name() {
    let (_folder, dataset) = published(0..20).await;
    let count =
        async |condition: &str| column(&dataset, &format!("select count(*) from samples where {condition}")).await;
    // Of 12 samples the even ones have 0.75.
    assert_eq!(count("scores['violence'] < 0.5").await, ["6"]);
    assert_eq!(count("scores['violence'] > 0.5").await, ["6"]);
    assert_eq!(count("scores['other'] is null").await, ["12"]);
    assert_eq!(count("array_has(tags, 'photo')").await, ["4"]);
    let of_ledger = "select count(*) from ledger where scores['violence'] is not null and reason = 'low_similarity'";
    assert_eq!(column(&dataset, of_ledger).await, ["2"]);
}

#[tokio::test]
async fn tables_join_and_evidence_unfolds() {
    let (_folder, dataset) = published(0..20).await;
    let query = "select distinct e['signal'] from (select unnest(evidence) as e from ledger)";
    assert_eq!(column(&dataset, query).await, ["robots.own"]);
    let query =
        "select count(*) from samples s join ledger l on s.image_host = l.image_host where s.bucket <> l.bucket";
    assert_eq!(column(&dataset, query).await, ["0"]);
}

#[tokio::test]
async fn a_moved_dataset_is_the_same_dataset() {
    let (folder, dataset) = published(0..20).await;
    let before = column(&dataset, "select id from samples order by id").await;
    let elsewhere = tempfile::tempdir().unwrap();
    let place = elsewhere.path().join("moved # 100%");
    std::fs::rename(folder.path().join("dataset"), &place).unwrap();
    let moved = Dataset::open(place.to_str().unwrap()).await.unwrap();
    assert_eq!(column(&moved, "select id from samples order by id").await, before);
    assert_eq!(moved.runs().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_no_dataset_is_said_plainly() {
    let (folder, store) = folder();
    let place = folder.path().to_str().unwrap().to_owned();
    let error = Dataset::open(&place).await.err().unwrap();
    assert!(error.to_string().ends_with("is no dataset: the folder is empty"), "{error}");
    write_run(&store, 0..10).await;
    let error = Dataset::open(&place).await.err().unwrap();
    assert!(error.to_string().contains("it holds admit/, fetch/, reports/, score/"), "{error}");
    publish(&store, &run_info("first")).await.unwrap();
    let error = Dataset::open(&place).await.err().unwrap();
    assert!(matches!(error, Error::NoDataset { .. }));
    assert_eq!(error.hint().unwrap(), format!("its dataset is `{place}/dataset`"));
    assert!(Dataset::open(&format!("{place}/nowhere")).await.is_err());
    open(&folder).await;
}

/// The answer to `query`, written.
async fn answer(dataset: &Dataset, query: &str, format: Format, most: Option<u64>) -> (Vec<u8>, Written) {
    let mut bytes = Vec::new();
    let written = sql::ask(dataset, query, None).await.unwrap().write(format, &mut bytes, most).await.unwrap();
    (bytes, written)
}

#[tokio::test]
async fn answers_are_written_as_they_come() {
    let (_folder, dataset) = published(0..100).await;
    let (lines, written) = answer(&dataset, "select * from samples", Format::JsonLines, None).await;
    assert_eq!((written.rows, written.cut), (60, false));
    let rows: Vec<serde_json::Value> =
        String::from_utf8(lines).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 60);
    assert!(rows.iter().all(|row| row["consent"]["mode"] == "strict" && row["scores"]["violence"].is_number()));
    let (array, _) = answer(&dataset, "select * from samples", Format::Json, None).await;
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&array).unwrap().as_array().unwrap().len(), 60);
    let query = "select scores, tags, consent, embedding, license from samples where array_has(tags, 'photo') order by url limit 1";
    let (csv, _) = answer(&dataset, query, Format::Csv, None).await;
    let csv = String::from_utf8(csv).unwrap();
    assert!(csv.starts_with("scores,tags,consent,embedding,license\n"), "{csv}");
    assert!(csv.contains(r#""[""photo""]""#) && csv.contains("003c0000"), "lists are JSON, bytes hexadecimal: {csv}");

    let (table, written) = answer(&dataset, "select url from samples order by url", Format::Table, Some(7)).await;
    assert_eq!((written.rows, written.cut), (7, true));
    assert_eq!(String::from_utf8(table).unwrap().lines().count(), 7 + 4);
    let (_, written) = answer(&dataset, "select url from samples", Format::Table, Some(60)).await;
    assert_eq!((written.rows, written.cut), (60, false));
    for (format, empty) in [(Format::Json, "[]\n"), (Format::JsonLines, ""), (Format::Csv, "url,similarity\n")] {
        let (bytes, written) = answer(&dataset, "select url, similarity from samples where false", format, None).await;
        assert_eq!((String::from_utf8(bytes).unwrap().as_str(), written.rows), (empty, 0), "{format:?}");
    }
}

#[tokio::test]
async fn the_dataset_tells_of_itself() {
    let (_folder, dataset) = published(0..20).await;
    let csv = async |query: &str| String::from_utf8(answer(&dataset, query, Format::Csv, None).await.0).unwrap();
    assert_eq!(
        csv("select run, buckets, samples, ledger from runs").await,
        "run,buckets,samples,ledger\nfirst,3,12,8\n"
    );
    let told = csv("select table_name, version, operation, run from versions order by table_name, version").await;
    assert_eq!(
        told,
        "table_name,version,operation,run\nledger,0,CREATE TABLE,first\nledger,1,WRITE,first\nsamples,0,CREATE TABLE,first\nsamples,1,WRITE,first\n"
    );
    assert_eq!(csv("select count(*) as n from optouts").await, "n\n0\n");
    for (table, _) in sql::TABLES {
        assert!(csv(&format!("describe {table}")).await.lines().count() > 3, "{table}");
    }
    let told = csv("explain select url from samples").await;
    assert!(told.contains("physical_plan") && told.contains("projection=[url]"), "{told}");
    let error = sql::ask(&dataset, "select 1 from nothing", None).await.err().unwrap();
    assert_eq!(error.hint().unwrap(), "the tables are `samples`, `ledger`, `runs`, `versions`, `optouts`");
    for query in ["drop table runs", "create table x as select 1", "copy runs to '/tmp/x.csv'"] {
        assert!(sql::ask(&dataset, query, None).await.err().unwrap().to_string().contains("not supported"), "{query}");
    }
}

#[tokio::test]
async fn the_log_alone_answers_how_many_and_skips_files() {
    let (_folder, dataset) = published(0..100).await;
    let csv = async |query: &str| String::from_utf8(answer(&dataset, query, Format::Csv, None).await.0).unwrap();
    let plan = csv("explain select count(*) from samples").await;
    assert!(!plan.contains("DataSourceExec") && plan.contains("60 as count(*)"), "{plan}");
    // Domains that sort before and after all others are in no file.
    let told = csv("explain analyze select url from samples where image_domain = 'aaa.example'").await;
    assert!(told.contains("→ 0 matched"), "no file is opened: {told}");
    assert_eq!(csv("select url from samples where image_domain = 'aaa.example'").await, "url\n");
    // What a condition is about is read first, other columns only of rows for which it holds.
    let told = csv("explain analyze select text from samples where url = 'https://img.site4.example/4.jpg'").await;
    assert!(told.contains("pushdown_rows_pruned=") && !told.contains("FilterExec"), "{told}");
    let expected = (0..100).filter(|n| n % 7 >= 3 && fate(*n).is_none()).count();
    let query = "select count(*) as n from samples where similarity > 0.2 and image_domain >= 'site3'";
    assert_eq!(csv(query).await, format!("n\n{expected}\n"));
    assert_eq!(csv("select max(image_domain) as m from samples").await, "m\nsite6.example\n");
}

#[tokio::test]
async fn a_sort_that_does_not_fit_goes_to_the_disk_or_says_so() {
    let (_folder, dataset) = published(0..100).await;
    // 491,520 texts of some 240 bytes: 118 MB.
    let many = "select concat(s.url, repeat('x', 200), cast(n.value as varchar)) as u \
                from samples s cross join (select unnest(range(0, 8192)) as value) n";
    let query = format!("select max(place) as n from (select row_number() over (order by u) as place from ({many}))");
    let mut bytes = Vec::new();
    let answer = sql::ask(&dataset, &query, Some(80_000_000)).await.unwrap();
    answer.write(Format::Csv, &mut bytes, None).await.unwrap();
    assert_eq!(String::from_utf8(bytes).unwrap(), "n\n491520\n");
    let few = sql::ask(&dataset, &format!("select u from ({many}) order by u"), Some(1_000_000)).await.unwrap();
    let error = few.write(Format::Csv, std::io::sink(), None).await.unwrap_err();
    assert!(error.hint().is_some_and(|hint| hint.contains("--memory")), "{error}");
}

#[tokio::test]
async fn parquet_is_read_by_others() {
    let (folder, dataset) = published(0..100).await;
    let file = folder.path().join("answer.parquet");
    let out = std::fs::File::create(&file).unwrap();
    let answer = sql::ask(&dataset, "select *, upper(image_domain) as shouted from samples", None).await.unwrap();
    assert_eq!(answer.write(Format::Parquet, out, None).await.unwrap().rows, 60);
    for (module, script) in [
        (
            "pyarrow",
            "import pyarrow.parquet as p; f = p.ParquetFile(path); t = f.read(); assert t.num_rows == 60; \
                     assert str(t.schema.field('shouted').type) == 'string', t.schema; \
                     assert f.metadata.row_group(0).column(0).compression == 'ZSTD'; \
                     assert t['consent'][0]['mode'].as_py() == 'strict'; assert len(t['embedding'][0].as_py()) == 4",
        ),
        (
            "duckdb",
            "import duckdb; r = duckdb.execute('select count(*), min(shouted), sum(len(tags)) from read_parquet(?)', [path]).fetchone(); \
                    assert r[0] == 60 and r[1] == 'SITE0.EXAMPLE' and r[2] > 0, r",
        ),
    ] {
        let Some(python) = python_with(&[module]) else { continue };
        runs(&python, &format!("import sys; path = sys.argv[1]; {script}"), file.to_str().unwrap());
    }
}
