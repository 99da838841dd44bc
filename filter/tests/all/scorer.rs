//! The whole way, on the demo model and the embedded backend.

use crate::support::odd;
use filter::{Outcome, Scorer, Stamp, decode::decode};
use half::f16;
use schema::{
    Candidate, Category, DropReason, Evidence, Fetch, Fetched, ImageSource, Keep, Mode, SampleId, Scope, Score, Scored,
    Source, Store, TextSource, Verdict,
};

fn scorer(batch: usize) -> Scorer {
    Scorer::open(&Score { batch, ..Score::default() }, &[]).unwrap()
}

pub(crate) fn stamp() -> Stamp {
    Stamp { mode: Mode::Strict, policy: "7".into() }
}

pub(crate) fn keep_all() -> Keep {
    Keep { min_side: 1, min_similarity: Some(-1.0), ..Keep::default() }
}

fn evidence(signal: &str, verdict: Verdict) -> Evidence {
    Evidence {
        signal: signal.into(),
        scope: Scope::Page,
        category: Category::Train,
        verdict,
        place: "here".into(),
        raw: "so".into(),
        addressed_to: None,
        source: Source::Live,
        seen_at: None,
    }
}

pub(crate) fn row(url: &str, text: &str, body: Vec<u8>) -> Fetched {
    Fetched {
        candidate: Candidate {
            id: SampleId::of(url, text),
            url: url.into(),
            text: text.into(),
            text_source: TextSource::Caption,
            text_flags: Vec::new(),
            language: Some("en".into()),
            alt: None,
            title: Some("title".into()),
            caption: Some(text.into()),
            image_source: ImageSource::Src,
            other_urls: Vec::new(),
            page_url: "https://www.page.example/a".into(),
            page_host: "www.page.example".into(),
            image_host: "img.host.example".into(),
            archive: "a.warc.gz".into(),
            archive_offset: 42,
            captured_at: None,
            page_language: Some("en-GB".into()),
            license_url: Some("https://creativecommons.org/licenses/by-sa/4.0/".into()),
            evidence: vec![
                evidence("tdmrep.header", Verdict::Allow),
                evidence("robots.own", Verdict::Info),
                evidence("robots.own", Verdict::Allow),
                evidence("meta.noai", Verdict::Deny),
            ],
            checked: vec!["meta".into(), "page-robots".into()],
        },
        final_url: url.into(),
        attempts: 1,
        seconds: 0.1,
        fetched_at: "2026-11-22T00:00:00Z".parse().unwrap(),
        mime: "image/jpeg".into(),
        width: 0,
        height: 0,
        sha256: schema::sha256_hex(&body),
        ai_generated: None,
        offset: 0,
        bytes: body.len() as u64,
        body: body.into(),
    }
}

fn scored(outcome: &Outcome) -> &Scored {
    match outcome {
        Outcome::Scored(scored) => scored,
        Outcome::Undecodable(_, problem) => panic!("{problem}"),
    }
}

#[test]
fn every_column_is_filled_and_a_bad_picture_fails_alone() {
    let rows = vec![
        row("https://img.host.example/1.jpg", "four colours", odd("exif-6.jpg")),
        row("https://img.host.example/2.jpg", "nothing", b"no picture".to_vec()),
        row("https://img.host.example/3.png", "four colours", odd("waves.png")),
    ];
    let scorer = scorer(16);
    assert!(scorer.is_demo() && scorer.model_id().starts_with("demo@"));
    let outcomes = scorer.score(rows, &keep_all(), &Fetch::default(), &stamp()).unwrap();
    assert_eq!(outcomes.len(), 3);
    let Outcome::Undecodable(bad, problem) = &outcomes[1] else { panic!("the second row is no picture") };
    assert_eq!((bad.candidate.text.as_str(), problem.as_str()), ("nothing", "neither JPEG, PNG, GIF, WebP nor AVIF"));

    let Scored { sample, dropped } = scored(&outcomes[0]);
    assert_eq!(*dropped, None);
    assert_eq!((sample.width, sample.height), (24, 16), "upright");
    assert_eq!(sample.exif.as_deref(), Some(r#"{"Image Orientation":"Rotated 90 CW"}"#));
    assert_eq!((sample.image_domain.as_str(), sample.page_domain.as_str()), ("host.example", "page.example"));
    assert_eq!((sample.text_source.as_str(), sample.language.as_deref()), ("caption", Some("en")));
    assert_eq!(sample.license.as_deref(), Some("CC-BY-SA-4.0"));
    assert_eq!(sample.bytes, i64::try_from(odd("exif-6.jpg").len()).unwrap());
    assert_eq!(sample.phash, filter::phash::phash(&decode(&odd("exif-6.jpg"), 1000).unwrap()));
    assert_eq!((sample.consent.mode.as_str(), sample.consent.policy.as_str()), ("strict", "7"));
    assert_eq!(sample.consent.checked, ["meta", "page-robots"]);
    assert_eq!(sample.consent.heard, ["robots.own", "tdmrep.header"]);
    assert_eq!(sample.model, scorer.model_id());
    assert!((-1.0..=1.0).contains(&sample.similarity));
    assert!(sample.aesthetic.is_some_and(|score| (1.0..=10.0).contains(&score)));
    assert_eq!((sample.punsafe, &sample.image), (None, &None));
    let embedding = sample.embedding.as_ref().unwrap();
    assert_eq!(embedding.len(), 2 * scorer.dimension());
    let norm: f32 = embedding.as_chunks().0.iter().map(|half| f16::from_le_bytes(*half).to_f32().powi(2)).sum();
    assert!((norm - 1.0).abs() < 1e-2, "{norm}");
}

#[test]
fn pictures_are_stored_as_asked() {
    let scorer = Scorer::open(&Score { embeddings: false, ..Score::default() }, &[]).unwrap();
    for (store, resize_to) in [(Store::None, 512), (Store::Original, 512), (Store::Resized, 50)] {
        let fetch = Fetch { store, resize_to, ..Fetch::default() };
        let rows = vec![row("https://img.host.example/3.png", "waves", odd("waves.png"))];
        let outcomes = scorer.score(rows, &keep_all(), &fetch, &stamp()).unwrap();
        let sample = &scored(&outcomes[0]).sample;
        assert_eq!((sample.width, sample.height, &sample.embedding), (97, 61, &None));
        match store {
            Store::None => assert_eq!(sample.image, None),
            Store::Original => assert_eq!(sample.image, Some(odd("waves.png"))),
            Store::Resized => {
                let stored = decode(sample.image.as_ref().unwrap(), 1_000_000).unwrap();
                assert_eq!((stored.width, stored.height), (50, 31));
            }
        }
    }
}

#[test]
fn nothing_is_stored_of_a_picture_whose_shape_the_rules_drop() {
    let scorer = scorer(1);
    let fetch = Fetch { store: Store::Original, ..Fetch::default() };
    let keep = Keep { min_side: 62, ..keep_all() };
    let rows = vec![row("https://img.host.example/3.png", "waves", odd("waves.png"))];
    let outcomes = scorer.score(rows, &keep, &fetch, &stamp()).unwrap();
    let Scored { sample, dropped } = scored(&outcomes[0]);
    assert_eq!((*dropped, &sample.image), (Some(DropReason::TooSmall), &None));
}

#[test]
fn rules_strike_and_scores_stay() {
    let scorer = scorer(2);
    let rows = || vec![row("https://img.host.example/3.png", "waves", odd("waves.png"))];
    for (keep, reason) in [
        (keep_all(), None),
        (Keep { min_side: 62, ..keep_all() }, Some(DropReason::TooSmall)),
        (Keep { max_aspect: 1.5, ..keep_all() }, Some(DropReason::TooLong)),
        (Keep { min_similarity: Some(0.999), ..keep_all() }, Some(DropReason::LowSimilarity)),
        (Keep { min_aesthetic: Some(9.99), ..keep_all() }, Some(DropReason::LowAesthetic)),
    ] {
        let outcomes = scorer.score(rows(), &keep, &Fetch::default(), &stamp()).unwrap();
        let Scored { sample, dropped } = scored(&outcomes[0]);
        assert_eq!(*dropped, reason);
        assert!(sample.similarity.is_finite() && sample.aesthetic.is_some());
    }
    assert!(scorer.check(&keep_all()).is_ok());
    assert!(scorer.check(&Keep { max_unsafe: Some(0.5), ..keep_all() }).is_err());
}

#[test]
fn a_row_scores_the_same_whatever_stands_beside_it() {
    // Texts and pictures that come twice are encoded once.
    let (bodies, texts): (Vec<&str>, Vec<&str>) = [
        ("waves.png", "waves"),
        ("corners.jpg", "four colours"),
        ("exif-3.jpg", "four colours"),
        ("grey.jpg", "a grey picture"),
        ("animated.gif", ""),
        ("alpha.png", "a dog on a beach"),
        ("cmyk.jpg", "waves"),
        ("waves.png", "the sea"),
    ]
    .into_iter()
    .unzip();
    let rows: Vec<Fetched> = bodies.iter().zip(texts).map(|(body, text)| row(body, text, odd(body))).collect();
    let score =
        |scorer: &Scorer, rows: Vec<Fetched>| scorer.score(rows, &keep_all(), &Fetch::default(), &stamp()).unwrap();
    let together = score(&scorer(16), rows.clone());
    assert_eq!(score(&scorer(3), rows.clone()), together, "in threes");
    let backwards: Vec<_> = score(&scorer(5), rows.iter().rev().cloned().collect()).into_iter().rev().collect();
    assert_eq!(backwards, together, "backwards");
    let one = scorer(1);
    for (row, wanted) in rows.into_iter().zip(&together) {
        assert_eq!(score(&one, vec![row])[0], *wanted, "alone");
    }
}

#[test]
fn callers_at_once_get_what_each_alone_would() {
    let bodies = ["waves.png", "corners.jpg", "grey.jpg", "alpha.png", "bomb.jpg"];
    let rows: Vec<Fetched> = bodies.iter().map(|body| row(body, body, odd(body))).collect();
    let scorer = scorer(4);
    let score = |rows: Vec<Fetched>| scorer.score(rows, &keep_all(), &Fetch::default(), &stamp()).unwrap();
    let wanted = score(rows.clone());
    std::thread::scope(|scope| {
        for turn in 0..rows.len() {
            let (mut rows, mut wanted) = (rows.clone(), wanted.clone());
            rows.rotate_left(turn);
            wanted.rotate_left(turn);
            scope.spawn(move || assert_eq!(score(rows), wanted));
        }
    });
}

#[test]
fn a_gpu_that_is_named_and_is_not_there_is_told_of_with_the_way_out() {
    for device in ["cuda", "cuda:0", "cuda:0,cuda:1", "tensorrt:3"] {
        let score = Score { device: device.parse().unwrap(), ..Score::default() };
        let error = Scorer::open(&score, &[]).err().unwrap();
        let first = device.split(',').next().unwrap();
        assert!(error.to_string().starts_with(&format!("cannot score on `{first}`: ")), "{error}");
        assert!(error.hint().unwrap().contains("`score.device = \"auto\"`"), "{error:?}");
    }
    let places = |device: &str| {
        let score = Score { device: device.parse().unwrap(), ..Score::default() };
        let scorer = Scorer::open(&score, &[]).unwrap();
        (scorer.places(), scorer.notes())
    };
    assert_eq!(places("cpu"), (vec!["cpu".to_owned()], Vec::new()));
    assert_eq!(places("auto").0, ["cpu"]);
}

/// `cargo test -p filter --test all measure -- --ignored --nocapture`, with `ORT_DYLIB_PATH` for
/// ONNX Runtime: pictures a second, from bytes to score, with a small picture so that the
/// encoder is most of it.
#[test]
#[ignore = "a measurement: `cargo test --workspace measure -- --ignored --nocapture`"]
fn measure() {
    for batch in [1, 16] {
        let scorer = scorer(batch);
        let rows: Vec<Fetched> = (0..64).map(|index| row("u", &format!("text {index}"), odd("waves.png"))).collect();
        scorer.score(rows[..16].to_vec(), &keep_all(), &Fetch::default(), &stamp()).unwrap();
        let start = std::time::Instant::now();
        scorer.score(rows, &keep_all(), &Fetch::default(), &stamp()).unwrap();
        let rate = 64.0 / start.elapsed().as_secs_f64();
        eprintln!("{:?}, batches of {batch}: {rate:.1} pictures a second", scorer.backend());
    }
}
