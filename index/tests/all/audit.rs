//! Audits sum up, funnels add up, and tampering shows.

use crate::common::{fate, open, published};
use index::{Audit, By, Funnel, sql};
use schema::{Stage, Tally};

#[tokio::test]
async fn every_side_sums_to_all_candidates() {
    let (_folder, dataset) = published(0..100).await;
    for by in By::ALL {
        let audit = Audit::by(&dataset, by).await.unwrap();
        let totals = &audit.totals;
        let parts = (totals.candidates, totals.refused, totals.failed, totals.filtered, totals.kept);
        assert_eq!(parts, (100, 10, 20, 10, 60), "{by:?}");
        for row in &audit.rows {
            assert_eq!(row.candidates, row.refused + row.failed + row.filtered + row.kept, "{row:?}");
        }
        let text = sql::format(&[audit.to_batch().unwrap()], sql::Format::Csv).unwrap();
        assert!(text.starts_with(by.name()) && text.ends_with("total,100,10,20,10,60\n"), "{text}");
        assert_eq!(by.name().parse::<By>(), Ok(by));
    }
    assert!("domain".parse::<By>().unwrap_err().contains("image-domain"));
}

#[tokio::test]
async fn groups_are_counted_by_what_they_are_named() {
    let (_folder, dataset) = published(0..100).await;
    let domains = Audit::by(&dataset, By::ImageDomain).await.unwrap();
    assert_eq!(domains.rows.len(), 7);
    let row = domains.rows.iter().find(|row| row.name == "site3.example").unwrap();
    let mine = || (0..100).filter(|n| n % 7 == 3);
    assert_eq!(row.candidates, mine().count() as u64);
    assert_eq!(row.kept, mine().filter(|n| fate(*n).is_none()).count() as u64);
    let signals = Audit::by(&dataset, By::Signal).await.unwrap();
    let names: Vec<_> = signals.rows.iter().map(|row| (row.name.as_str(), row.candidates)).collect();
    assert_eq!(names, [("(none)", 90), ("robots.own", 10)]);
}

#[tokio::test]
async fn a_funnel_adds_up_until_it_is_tampered_with() {
    let (folder, dataset) = published(0..100).await;
    let funnel = Funnel::of(&dataset).await.unwrap();
    funnel.check().unwrap();
    let stages = funnel.stages();
    let kept: Vec<u64> = stages.iter().map(|stage| stage.rows.kept()).collect();
    assert_eq!(kept, [100, 90, 80, 60, 60]);
    assert_eq!(stages[4].stage, Stage::Publish);

    let name = folder.path().join("dataset/_runs/first.json");
    let record = std::fs::read_to_string(&name).unwrap();
    let mut told: serde_json::Value = serde_json::from_str(&record).unwrap();
    told["stages"][2]["rows"] = serde_json::json!({"seen": 89, "kept": 79, "dropped": {"gone": 10}});
    std::fs::write(&name, told.to_string()).unwrap();
    let error = Funnel::of(&open(&folder).await).await.unwrap().check().unwrap_err();
    assert_eq!(error, "run `first`: admit kept 90 rows, fetch saw 89");

    told["stages"][2]["rows"] = serde_json::json!({"seen": 90, "kept": 80, "dropped": {"gone": 9}});
    std::fs::write(&name, told.to_string()).unwrap();
    let error = Funnel::of(&open(&folder).await).await.unwrap().check().unwrap_err();
    assert!(error.contains("fetch saw more or fewer rows"), "{error}");

    std::fs::write(&name, &record).unwrap();
    let mut funnel = Funnel::of(&open(&folder).await).await.unwrap();
    funnel.ledger -= 1;
    assert!(funnel.check().unwrap_err().contains("holds 99"));
    funnel.ledger += 1;
    funnel.runs[0].stages[0].rows = Tally::default();
    assert!(funnel.check().is_err());
}

#[tokio::test]
async fn an_empty_dataset_has_an_empty_audit() {
    let (_folder, dataset) = published(0..0).await;
    for by in By::ALL {
        let audit = Audit::by(&dataset, by).await.unwrap();
        assert!(audit.rows.is_empty() && audit.totals.candidates == 0);
        audit.to_batch().unwrap();
    }
}
