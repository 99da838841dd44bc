//! Opening and asking.

use crate::common::{column, folder, open, published, run_info, write_run};
use index::{
    Dataset, Error, publish,
    sql::{self, Format},
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
