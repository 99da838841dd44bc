//! Audits sum up, funnels add up, and tampering shows.

use crate::common::{at, candidate, column, dataset_path, fate, folder, open, published, run_info, write_run};
use index::{
    Audit, By, Dataset, Funnel, Gone, RunInfo,
    audit::{Between, DiffSide, Question, Sort, Values, audit_page, diff, report, report_page, scores, trace},
    optout::{self, Entry, EntryKind},
    publish, sql,
};
use schema::{Stage, Tally};
use std::collections::BTreeSet;

#[tokio::test]
async fn every_side_sums_to_all_candidates() {
    let (_folder, dataset) = published(0..100).await;
    for by in By::ALL {
        let audit = Audit::by(&dataset, by).await.unwrap();
        let totals = &audit.totals;
        let parts = (totals.candidates, totals.refused, totals.failed, totals.filtered, totals.kept);
        assert_eq!(parts, (100, 10, 20, 10, 60), "{by:?}");
        for row in audit.rows.iter().chain([totals]) {
            assert_eq!(row.candidates, row.refused + row.failed + row.filtered + row.kept, "{row:?}");
            assert_eq!(row.reasons.each().map(|(_, count)| count).sum::<u64>() + row.kept, row.candidates, "{row:?}");
            assert_eq!((row.reached.admit, row.reached.publish), (row.candidates, row.kept), "{row:?}");
        }
        assert_eq!((totals.reached.fetch, totals.reached.score), (90, 80), "{by:?}");
        assert_eq!(totals.reasons["page_robots"], 10, "{by:?}");
        assert_eq!((audit.groups, &audit.others), (audit.rows.len() as u64, &None), "{by:?}");
        let text = sql::format(&[audit.to_batch(false, false).unwrap()], sql::Format::Csv).unwrap();
        assert!(text.starts_with(by.name()) && text.ends_with("total,100,10,20,10,60\n"), "{text}");
        assert_eq!(by.name().parse::<By>(), Ok(by));
    }
    assert!("domain".parse::<By>().unwrap_err().contains("image-domain"));
    assert!("imagedomain".parse::<By>().unwrap_err().contains("did you mean `image-domain`?"));
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
        audit.to_batch(false, false).unwrap();
    }
}

#[tokio::test]
async fn counts_are_those_of_sql_whatever_is_asked() {
    let (_folder, dataset) = published(0..100).await;
    for (by, samples, ledger) in [
        (By::ImageHost, "image_host", "image_host"),
        (By::PageDomain, "page_domain", "page_domain"),
        (By::Language, "coalesce(language, '(none)')", "'(not recorded)'"),
        (By::Mime, "mime", "'(not recorded)'"),
        (By::Model, "model", "'(not recorded)'"),
        (By::Archive, "archive", "archive"),
        (By::Stage, "'kept'", "stage"),
    ] {
        for condition in [None, Some("archive_offset >= 5000 -- half of them")] {
            let question = Question { condition: condition.map(str::to_owned), ..Question::by(by) };
            let audit = Audit::of(&dataset, &question, Gone::default()).await.unwrap();
            let condition = condition.unwrap_or("true");
            let query = format!(
                "select concat(name, ' ', count(*)) from (select {samples} as name from samples where ({condition}\n) \
                 union all select {ledger} as name from ledger where ({condition}\n)) group by name order by count(*) desc, name"
            );
            let told: Vec<_> = audit.rows.iter().map(|row| format!("{} {}", row.name, row.candidates)).collect();
            assert_eq!(told, column(&dataset, &query).await, "{by:?}");
        }
    }
}

#[tokio::test]
async fn what_is_left_out_is_summed_up() {
    let (_folder, dataset) = published(0..100).await;
    let all = Audit::by(&dataset, By::ImageDomain).await.unwrap();
    let question = Question { top: Some(2), sort: Sort::Kept, ..Question::by(By::ImageDomain) };
    let audit = Audit::of(&dataset, &question, Gone::default()).await.unwrap();
    assert_eq!((audit.groups, audit.rows.len()), (7, 2));
    let least = all.rows.iter().map(|row| row.kept).min().unwrap();
    assert!(audit.rows.iter().all(|row| row.kept > least), "{audit:?}");
    let others = audit.others.as_ref().unwrap();
    assert_eq!((others.groups, others.row.name.as_str()), (5, "(5 others)"));
    assert_eq!((&audit.totals, &audit.kept), (&all.totals, &all.kept));
    let reasons = |name: &str| audit.rows.iter().chain([&others.row]).map(|row| row.reasons.get(name)).sum::<u64>();
    assert_eq!((reasons("gone"), reasons("low_similarity")), (10, 10));
    let text = sql::format(&[audit.to_batch(true, true).unwrap()], sql::Format::Csv).unwrap();
    assert!(text.starts_with(
        "image-domain,candidates,refused,failed,filtered,kept,to admit,to fetch,to score,to publish,gone,low_similarity,page_robots,undecodable\n"
    ), "{text}");
    assert!(text.ends_with("total,100,10,20,10,60,100,90,80,60,10,10,10,10\n"), "{text}");
    let question = Question { min_rows: 15, ..Question::by(By::ImageDomain) };
    let audit = Audit::of(&dataset, &question, Gone::default()).await.unwrap();
    assert!(audit.rows.iter().all(|row| row.candidates == 15), "of 100 over 7 domains two have 15");
    assert_eq!((audit.rows.len(), audit.totals.candidates), (2, 100));
}

#[tokio::test]
async fn conditions_are_over_columns_of_both_tables() {
    let (folder, dataset) = published(0..20).await;
    for (condition, word) in [("width > 3", "width"), ("reason = 'gone'", "reason"), ("urll = ''", "urll")] {
        let question = Question { condition: Some(condition.into()), ..Question::by(By::Stage) };
        let error = Audit::of(&dataset, &question, Gone::default()).await.unwrap_err();
        assert!(error.to_string().contains(&format!("no column is called `{word}`")), "{error}");
        let hint = error.hint().unwrap();
        assert!(hint.contains("both tables have") && hint.contains("similarity") && !hint.contains("width"), "{hint}");
    }
    let question = Question { condition: Some("1 = ".into()), ..Question::by(By::Stage) };
    assert!(Audit::of(&dataset, &question, Gone::default()).await.is_err());

    // What leaves its brackets is no condition, even where all of it together would be one.
    let outside = "similarity > 9) or (similarity < 3";
    let question = Question { condition: Some(outside.into()), ..Question::by(By::Stage) };
    let side = async || Between {
        dataset: open(&folder).await,
        gone: Gone::default(),
        crawl: Some("CC-MAIN-2024-18".into()),
        name: "one".into(),
    };
    let (one, other) = (side().await, side().await);
    for error in [
        Audit::of(&dataset, &question, Gone::default()).await.unwrap_err(),
        diff(&one, &other, &question).await.unwrap_err(),
        scores(&dataset, None, Some(outside)).await.unwrap_err(),
        report(&dataset, Gone::default(), Some(outside), 3).await.unwrap_err(),
    ] {
        assert!(error.to_string().contains(&format!("`{outside}` is no condition")), "{error}");
        assert!(error.hint().is_some_and(|hint| hint.contains("where")), "{error}");
    }
}

#[tokio::test]
async fn a_page_has_every_row_it_is_given_and_is_cut_by_summing_up() {
    let (folder, store) = folder();
    crate::common::write_run_of(&store, 0..100, |n| {
        let mut sample = crate::common::sample(n);
        sample.image_domain = format!("domain{n}.example");
        sample
    })
    .await;
    publish(&store, &run_info("first")).await.unwrap();
    let audit = Audit::by(&open(&folder).await, By::ImageDomain).await.unwrap();
    assert!(audit.rows.len() > 60, "{}", audit.rows.len());
    let page = audit_page(&audit, None);
    for row in &audit.rows {
        assert!(page.contains(&format!("<td>{}</td>", row.name)), "{} is missing: {page}", row.name);
    }
    let cut = audit.clone().cut(50).cut(40);
    let others = cut.others.as_ref().unwrap();
    assert_eq!((cut.rows.len(), others.groups), (40, audit.groups - 40));
    assert_eq!(others.row.name, format!("({} others)", audit.groups - 40));
    let told: u64 = cut.rows.iter().chain([&others.row]).map(|row| row.candidates).sum();
    assert_eq!((told, &cut.totals), (100, &audit.totals));
    assert_eq!(audit.clone().cut(1000), audit);
}

#[tokio::test]
async fn countries_and_crawls_are_read_off_names() {
    let (folder, store) = folder();
    let hosts = [
        "a.example.co.uk",
        "b.example.uk",
        "c.example.de",
        "d.com",
        "10.0.0.7",
        "e.xn--p1ai",
        "f.xn--fiqs8s",
        "g.eu",
        "localhost",
        "x.museum",
    ];
    let archives = [
        "crawl-data/CC-MAIN-2024-22/segments/1/warc/CC-MAIN-20240517233122-20240518023122-00000.warc.gz",
        "https://data.commoncrawl.org/crawl-data/CC-MAIN-2024-18/x.warc.gz",
        "CC-MAIN-20240517233122-20240518023122-00000.warc.gz",
        "mine.warc.gz",
    ];
    crate::common::write_run_of(&store, 4..90, |n| {
        let mut sample = crate::common::sample(n);
        sample.image_domain = schema::RegisteredDomain::of(hosts[(n + n / 10) % 10]).to_string();
        sample.archive = archives[n / 10 % 4].to_owned();
        sample
    })
    .await;
    publish(&store, &run_info("first")).await.unwrap();
    let dataset = open(&folder).await;
    let kept = async |by| {
        let audit = Audit::by(&dataset, by).await.unwrap();
        audit.rows.into_iter().filter(|row| row.kept > 0).map(|row| row.name).collect::<BTreeSet<_>>()
    };
    let countries = kept(By::Country).await;
    let expected = ["(address)", "(generic)", "CN", "DE", "EU", "GB", "RU"].map(str::to_owned).into();
    assert_eq!(countries, expected);
    let crawls = kept(By::Crawl).await;
    assert_eq!(crawls, ["(no crawl)", "CC-MAIN-2024-18", "CC-MAIN-2024-22"].map(str::to_owned).into());

    let side = |crawl: &str| match crawl.parse::<DiffSide>().unwrap() {
        DiffSide::Crawl(crawl) => Some(crawl),
        DiffSide::Version(_) => None,
    };
    let between = async |crawl: &str| Between {
        dataset: open(&folder).await,
        gone: Gone::default(),
        crawl: side(crawl),
        name: crawl.to_owned(),
    };
    let (before, after) = (between("crawl:CC-MAIN-2024-18").await, between("crawl:CC-MAIN-2024-22").await);
    let told = diff(&before, &after, &Question::by(By::Crawl)).await.unwrap();
    let changes: Vec<_> = told.rows.iter().map(|row| (row.name.as_str(), row.change)).collect();
    assert_eq!(changes.len(), 2, "{changes:?}");
    assert!(changes.contains(&("CC-MAIN-2024-18", "went")) && changes.contains(&("CC-MAIN-2024-22", "came")));
    let error = diff(&between("crawl:CC-MAIN-1999-01").await, &after, &Question::by(By::Crawl)).await.unwrap_err();
    assert!(error.to_string().contains("`CC-MAIN-1999-01`"), "{error}");
    assert!(error.hint().unwrap().contains("CC-MAIN-2024-18"), "{:?}", error.hint());
    assert!("latest".parse::<DiffSide>().is_err() && "crawl:".parse::<DiffSide>().is_err());
}

#[tokio::test]
async fn concentration_is_what_numpy_gives() {
    let (_folder, dataset) = published(0..100).await;
    let kept = Audit::by(&dataset, By::ImageDomain).await.unwrap().kept;
    // 60 samples over 7 domains: sorted 8, 8, 8, 9, 9, 9, 9.
    let mut sizes: Vec<u64> =
        (0..7).map(|d| (0..100).filter(|n| n % 7 == d && fate(*n).is_none()).count() as u64).collect();
    sizes.sort_unstable();
    let (n, all) = (sizes.len() as f64, sizes.iter().sum::<u64>() as f64);
    let weighted: f64 = sizes.iter().enumerate().map(|(i, x)| (i as f64 + 1.0) * *x as f64).sum();
    let gini = 2.0 * weighted / (n * all) - (n + 1.0) / n;
    let herfindahl: f64 = sizes.iter().map(|x| (*x as f64 / all).powi(2)).sum();
    assert!((kept.gini - gini).abs() < 1e-12 && (kept.herfindahl - herfindahl).abs() < 1e-12, "{kept:?}");
    assert_eq!((kept.groups, kept.rows, kept.half), (7, 60, 4));
    assert_eq!(kept.top.len(), 1);
    assert!((kept.top[0].share - sizes[6] as f64 / all).abs() < 1e-12);
    assert_eq!((kept.lorenz[0], kept.lorenz[100]), (0.0, 1.0));
    assert_eq!(
        kept.sizes.iter().map(|size| (size.from, size.to, size.groups, size.rows)).collect::<Vec<_>>(),
        [(1, 9, 7, 60)]
    );
    let one = Audit::by(&dataset, By::Model).await.unwrap().kept;
    assert_eq!((one.groups, one.half, one.top[0].share), (1, 1, 1.0));
    assert!(one.gini.abs() < 1e-12 && (one.herfindahl - 1.0).abs() < 1e-12);
}

#[tokio::test]
async fn quantiles_are_of_all_scores_of_kept_and_dropped_rows() {
    let (folder, store) = folder();
    // Kept rows have similarities of n / 1000, and every third no aesthetic score.
    crate::common::write_run_of(&store, 0..100, |n| {
        let mut sample = crate::common::sample(n);
        sample.similarity = n as f32 / 1000.0;
        sample.aesthetic = (!n.is_multiple_of(3)).then_some(n as f32);
        sample
    })
    .await;
    publish(&store, &run_info("first")).await.unwrap();
    let dataset = open(&folder).await;
    let groups: BTreeSet<String> = ["site1.example".to_owned()].into();
    let table = scores(&dataset, Some((By::ImageDomain, &groups)), None).await.unwrap();
    let row = |group: &str, score: &str, of: &str| {
        table.rows.iter().find(|row| (row.group.as_str(), row.score.as_str(), row.of) == (group, score, of)).unwrap()
    };
    let kept: Vec<usize> = (0..100).filter(|n| fate(*n).is_none()).collect();
    let rank = |values: &[usize], percent: usize| values[(percent * values.len()).div_ceil(100).max(1) - 1] as f32;
    let near = |a: f32, b: f32| assert!((a - b).abs() < 1e-6, "{a} {b}");
    let all = row("(all)", "similarity", "kept");
    assert_eq!((all.values, all.not_numbers, all.histogram.iter().sum::<u64>()), (60, 0, 60));
    for (name, percent) in [("p1", 1), ("p25", 25), ("p50", 50), ("p99", 99)] {
        near(all.quantiles[name], rank(&kept, percent) / 1000.0);
    }
    let scored: Vec<usize> = kept.iter().copied().filter(|n| !n.is_multiple_of(3)).collect();
    near(row("(all)", "aesthetic", "kept").quantiles["p50"], rank(&scored, 50));
    let mine: Vec<usize> = kept.iter().copied().filter(|n| n % 7 == 1).collect();
    let of_group = row("site1.example", "similarity", "kept");
    assert_eq!(of_group.values, mine.len() as u64);
    near(of_group.quantiles["p50"], rank(&mine, 50) / 1000.0);
    assert_eq!(row("(all)", "similarity", "dropped").values, 10, "only `low_similarity` was scored and not kept");
    near(row("(all)", "scores.violence", "kept").quantiles["p50"], 0.25);
    assert!(table.rows.iter().all(|row| row.score != "punsafe"), "nobody has one");
    assert!(all.method.starts_with("exact"));
}

/// A takedown of a domain, by which old versions lose their files.
async fn take_out(dataset: &Dataset, domain: &str) {
    let info = RunInfo { id: "takedown".into(), at: at(100), ..run_info("takedown") };
    let entries = [Entry { kind: EntryKind::Domain, value: domain.into() }];
    optout::apply(dataset, &entries, &info).await.unwrap();
}

#[tokio::test]
async fn versions_are_compared_also_where_files_are_gone() {
    let (folder, dataset) = published(0..100).await;
    let kept_before = Audit::by(&dataset, By::ImageDomain).await.unwrap();
    take_out(&dataset, "site3.example").await;
    let open_side = async |version: Option<u64>| {
        let (dataset, gone) = Dataset::open_what_is_left(&dataset_path(&folder), version).await.unwrap();
        let name = format!("version {}", dataset.version());
        Between { dataset, gone, crawl: None, name }
    };
    let (empty, old, new) = (open_side(Some(0)).await, open_side(Some(1)).await, open_side(None).await);
    assert!(!old.gone.is_nothing() && new.gone.is_nothing());
    assert_eq!(old.dataset.rows().0 + old.gone.samples, 60);
    // The ledger that goes with it is the one after the takedown, which is in all versions: 6 of its 40 rows were of site3.
    assert_eq!((old.dataset.rows().1, old.gone.ledger), (34, 0));

    // From nothing to what is there now: all groups came, and site3 is not among them.
    let told = diff(&empty, &new, &Question::by(By::ImageDomain)).await.unwrap();
    assert_eq!(told.changes.into_iter().collect::<Vec<_>>(), [("came", 6)]);
    assert!(told.rows.iter().all(|row| row.name != "site3.example"));
    let operations: Vec<_> = told.commits.iter().map(|commit| (commit.version, commit.operation.as_str())).collect();
    assert_eq!(operations, [(1, "WRITE"), (2, "DELETE")]);
    assert_eq!(
        told.commits[1].counts["removed"],
        kept_before.rows.iter().find(|row| row.name == "site3.example").unwrap().kept
    );

    // From the version that lost files: it adds up by the log, and says so.
    let told = diff(&old, &new, &Question::by(By::ImageDomain)).await.unwrap();
    assert_eq!((told.totals.before.kept, told.totals.before.candidates), (60, 94));
    let row = &told.totals.before;
    assert_eq!(row.refused + row.failed + row.filtered + row.unknown + row.kept, 94);
    let gone = told.rows.iter().find(|row| row.name == "(files deleted since)").unwrap();
    assert_eq!((gone.change, gone.before.kept, gone.before.unknown), ("went", old.gone.samples, 0));
    assert_eq!(told.notes.len(), 1);
    assert!(told.notes[0].contains("deleted"), "{:?}", told.notes);
    let text = sql::format(&[told.to_batch(true).unwrap()], sql::Format::Csv).unwrap();
    assert!(text.lines().last().unwrap().starts_with("total,shrank,-"), "{text}");

    let audit = Audit::of(&old.dataset, &Question::by(By::Stage), old.gone).await.unwrap();
    assert_eq!((audit.totals.candidates, audit.totals.kept), (94, 60));
    // A ledger's file that is gone: that its rows were not kept is all that is known.
    let gone = Gone { ledger_files: 1, ledger: 5, ..old.gone };
    let audit = Audit::of(&old.dataset, &Question::by(By::Stage), gone).await.unwrap();
    let row = audit.rows.iter().find(|row| row.name == "(files deleted since)").unwrap();
    assert_eq!((row.unknown, row.kept, row.candidates), (5, old.gone.samples, old.gone.samples + 5));
    assert_eq!((audit.totals.candidates, audit.totals.unknown), (99, 5));
    let text = sql::format(&[audit.to_batch(false, false).unwrap()], sql::Format::Csv).unwrap();
    assert!(text.starts_with("stage,candidates,refused,failed,filtered,kept,unknown\n"), "{text}");
    assert!(audit_page(&audit, None).contains(">unknown</th>"), "the page's rows add up, too");
    let lost = Between { gone, ..open_side(Some(1)).await };
    let told = diff(&lost, &new, &Question::by(By::Stage)).await.unwrap();
    for all_columns in [false, true] {
        let text = sql::format(&[told.to_batch(all_columns).unwrap()], sql::Format::Csv).unwrap();
        assert!(text.lines().next().unwrap().ends_with(",unknown before,unknown after"), "{text}");
        assert!(text.lines().last().unwrap().ends_with(",5,0"), "{text}");
    }
    // The same against itself.
    let told = diff(&new, &open_side(Some(2)).await, &Question::by(By::ImageDomain)).await.unwrap();
    assert_eq!((told.rows.len(), told.changes["same"], told.totals.change), (0, 6, "same"));
}

#[tokio::test]
async fn a_trace_leads_back_to_record_run_and_version() {
    let (folder, store) = folder();
    write_run(&store, 0..50).await;
    publish(&store, &run_info("first")).await.unwrap();
    write_run(&store, 50..100).await;
    publish(&store, &run_info("second")).await.unwrap();
    let dataset = open(&folder).await;

    let told = trace(&dataset, &candidate(64).url.replace("https", "http")).await.unwrap();
    assert_eq!((told.found_as, told.rows.len(), told.rows[0].table), (Some("url"), 1, "samples"));
    let row = &told.rows[0];
    assert_eq!(row.row["archive_offset"], 6400);
    assert_eq!(row.row["consent"]["mode"], "strict");
    assert!(!row.row.contains_key("embedding") && !row.row.contains_key("image"));
    assert_eq!(
        row.read_again.as_deref(),
        Some("tail -c +6401 'made-up.warc.gz' | gzip -dc 2>/dev/null | head -c 65536")
    );
    let came = row.came.as_ref().unwrap();
    assert_eq!((came.version, came.change.as_deref(), came.certain), (2, Some("second"), true));
    assert_eq!(row.run.as_ref().unwrap().command, "pinakes publish second.toml");
    assert_eq!((&row.opted_out, &told.opted_out), (&None, &None));

    let refused = candidate(20);
    for asked in [refused.id.0.to_string(), format!("{}#top", refused.url)] {
        let told = trace(&dataset, &asked).await.unwrap();
        let row = &told.rows[0];
        assert_eq!((row.table, row.row["reason"].as_str()), ("ledger", Some("page_robots")));
        assert_eq!(row.row["evidence"][0]["raw"], "Disallow: /");
        assert!(row.row["evidence"][0]["seen_at"].is_string());
        assert_eq!(row.came.as_ref().unwrap().change.as_deref(), Some("first"));
    }
    let told = trace(&dataset, &refused.page_url).await.unwrap();
    assert_eq!(told.found_as, Some("page or redirect"));
    let there = (0..100).filter(|n| candidate(*n).page_url == refused.page_url).count();
    assert_eq!(told.rows.len(), there);
    let told = trace(&dataset, "https://nowhere.example/x.jpg").await.unwrap();
    assert_eq!((told.found_as, told.rows.len()), (None, 0));
    let error = trace(&dataset, "not a url").await.unwrap_err();
    assert!(error.to_string().contains("`not a url`") && error.hint().is_some(), "{error}");

    // After a takedown of another domain of its bucket, its first file may be gone; and what was named is named.
    take_out(&dataset, "site3.example").await;
    let dataset = open(&folder).await;
    let told = trace(&dataset, "https://img.site3.example/3.jpg").await.unwrap();
    assert!(told.rows.is_empty());
    assert_eq!(told.opted_out.unwrap().value, "site3.example");
    let told = trace(&dataset, &candidate(64).url).await.unwrap();
    let came = told.rows[0].came.as_ref().unwrap();
    assert!(came.version == 2 || !came.certain, "{came:?}");
}

#[tokio::test]
async fn a_trace_of_a_page_of_very_many_pictures_says_that_it_is_cut() {
    let (folder, store) = folder();
    let page = "https://www.page0.example/all";
    crate::common::write_run_of(&store, 0..1700, |n| {
        let mut sample = crate::common::sample(n);
        sample.page_url = page.into();
        sample
    })
    .await;
    publish(&store, &run_info("first")).await.unwrap();
    let dataset = open(&folder).await;
    let told = trace(&dataset, page).await.unwrap();
    // Of 1,020 samples 1,000, and all 170 rows that were scored and not kept.
    let samples = told.rows.iter().filter(|row| row.table == "samples").count();
    assert_eq!((told.cut, samples, told.rows.len()), (true, 1000, 1170));
    for row in &told.rows {
        let came = row.came.as_ref().unwrap();
        assert_eq!((came.version, came.change.as_deref(), came.certain), (1, Some("first"), true));
        assert_eq!(row.run.as_ref().unwrap().id, "first");
    }
    assert!(!trace(&dataset, &candidate(64).url).await.unwrap().cut);
}

#[tokio::test]
async fn a_report_is_a_page_in_which_nothing_is_markup() {
    let (folder, store) = folder();
    crate::common::write_run_of(&store, 0..100, |n| {
        let mut sample = crate::common::sample(n);
        sample.language = Some("<script>alert(1)</script>".into());
        sample.license = Some("\"><img src=x onerror=alert(1)>".into());
        sample
    })
    .await;
    publish(&store, &run_info("first")).await.unwrap();
    let dataset = open(&folder).await;
    let report = report(&dataset, Gone::default(), None, 3).await.unwrap();
    assert_eq!((report.samples, report.ledger, report.problem.as_deref()), (60, 40, None));
    for audit in report.audits.iter().chain([&report.most_refused]) {
        assert_eq!((audit.totals.candidates, audit.totals.kept), (100, 60), "{:?}", audit.by);
        assert!(audit.rows.len() <= 3);
    }
    assert_eq!(
        report.months.iter().map(|month| (month.month.as_str(), month.samples)).collect::<Vec<_>>(),
        [("2026-09", 60)]
    );
    let page = report_page(&report);
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "shown, and as text");
    assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("src=x onerror=alert(1)>"), "{page}");
    assert!(!page.contains("http://") && !page.contains("https://"), "nothing is loaded from anywhere");
    let twin = serde_json::to_value(&report).unwrap();
    assert_eq!(twin["audits"][0]["totals"]["kept"], 60);
}

#[test]
fn quantiles_of_many_values_are_off_by_a_four_thousandth_at_most() {
    let shares = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];
    // 200,000 values between -1 and 1, a hundred of them nought, by a generator of the textbook.
    let (mut values, mut all, mut state) = (Values::default(), Vec::new(), 1_u32);
    for n in 0..200_000 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let value = if n % 2000 == 0 { 0.0 } else { (f64::from(state) / f64::from(u32::MAX) * 2.0 - 1.0).powi(3) };
        #[expect(clippy::cast_possible_truncation, reason = "scores are so")]
        all.push(value as f32);
    }
    for value in &all {
        values.add(*value);
    }
    values.add(f32::NAN);
    values.add(f32::INFINITY);
    let told = values.summary(&shares, 20).unwrap();
    assert_eq!((told.count, told.odd, told.exact), (200_000, 2, false));
    assert_eq!(told.histogram.iter().sum::<u64>(), 200_000);
    all.sort_by(f32::total_cmp);
    for (percent, found) in [1, 5, 25, 50, 75, 95, 99].into_iter().zip(&told.quantiles) {
        let exact = all[percent * 2000 - 1];
        assert!((exact - found).abs() <= exact.abs() / 4096.0, "p{percent}: {exact}, told {found}");
    }
    assert!(told.quantiles.windows(2).all(|pair| pair[0] <= pair[1]));
    let mut noughts = Values::default();
    (0..100_000).for_each(|_| noughts.add(-0.0));
    let told = noughts.summary(&shares, 4).unwrap();
    assert!(!told.exact && told.quantiles.iter().all(|value| value.abs() < f32::MIN_POSITIVE), "{told:?}");
    assert_eq!((told.histogram[0], Values::default().summary(&shares, 4)), (100_000, None));
}

/// When the list of suffixes is taken anew, its date in the program is to be, too: that of the crate's publication.
#[test]
fn the_list_of_suffixes_is_the_one_that_is_told() {
    let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock")).unwrap();
    let version = lock.split("name = \"psl\"\nversion = \"").nth(1).unwrap().split('"').next().unwrap();
    assert!(index::audit::SUFFIX_LIST.contains(&format!("psl {version})")), "{version}");
}
