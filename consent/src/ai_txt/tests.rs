//! What an ai.txt says, row by row.

use super::*;
use Verdict::{Allow, Deny, Info, MalformedDeny};
use proptest::prelude::*;
use schema::Mode;
use std::time::{Duration, Instant};

fn said(body: &str, path: &str, mime: Option<&str>, mode: Mode) -> Vec<Statement> {
    let url = Url::parse("https://media.example").unwrap().join(path).unwrap();
    AiTxt::read(body.as_bytes(), None).statements(&url, mime, &Policy::new(mode, "pinakes"))
}

/// The weightiest verdict.
fn verdict(body: &str, path: &str, mime: Option<&str>, mode: Mode) -> Option<Verdict> {
    let said = said(body, path, mime, mode);
    let of = |verdict| said.iter().map(|one| one.verdict).find(|one| *one == verdict);
    of(Deny).or(of(MalformedDeny)).or(of(Allow)).or(of(Info))
}

const DEFAULT: &str = "# Spawning AI\n# Prevent datasets from using the following file types\n\nUser-Agent: *\n\
    Disallow: *.jpg\nDisallow: *.jpeg\nDisallow: *.png\nAllow: *.txt\n";

#[test]
fn rules_name_file_types() {
    for (body, path, expected) in [
        (DEFAULT, "/a.jpg", Some(Deny)),
        (DEFAULT, "/a.PNG?x=1", Some(Deny)),
        (DEFAULT, "/a.webp", None),
        (DEFAULT, "/a.txt", Some(Allow)),
        (DEFAULT, "/a.jpg.html", None),
        (DEFAULT, "/jpg", None),
        (DEFAULT, "/a.jpg/page", None),
        ("User-agent: *\nDisallow: *.JPG", "/a.jpg", Some(Deny)),
        ("User-agent: *\nDisallow: /*.jpg$", "/x/a.JPG", Some(Deny)),
        ("User-agent: *\nDisallow: .jpg", "/a.jpg", Some(Deny)),
        ("User-agent: *\nDisallow: jpg", "/a.jpg", Some(Deny)),
        ("User-agent: *\nDisallow: image/jpeg", "/a.jpg", Some(Deny)),
        ("User-agent: *\nDisallow: image/*", "/a.webp", Some(Deny)),
        ("User-agent: *\nDisallow: /", "/a.webp", Some(Deny)),
        ("User-agent: *\nDisallow: *", "/a.webp", Some(Deny)),
        ("User-agent: *\nDisallow:", "/a.webp", None),
        ("User-agent: *\nDisallow: /art/", "/art/a.webp", Some(Deny)),
        ("User-agent: *\nDisallow: art/", "/art/a.webp", Some(Deny)),
        ("User-agent: *\nDisallow: /art/", "/Art/a.webp", None),
        ("User-agent: *\nDisallow: /art.v2", "/art.v2/a.webp", Some(Deny)),
        // The longest; a tie denies.
        ("User-agent: *\nDisallow: /\nAllow: *.jpg", "/a.jpg", Some(Allow)),
        ("User-agent: *\nDisallow: *.jpg\nAllow: *.jpg", "/a.jpg", Some(Deny)),
        ("User-agent: *\nAllow: *\nDisallow: /", "/a.jpg", Some(Deny)),
        ("User-agent: *\nDisallow: *.jpg\nAllow: /free/*.jpg", "/free/a.jpg", Some(Allow)),
    ] {
        for mode in [Mode::Strict, Mode::Spec] {
            assert_eq!(verdict(body, path, None, mode), expected, "{body} for {path}");
        }
    }
}

#[test]
fn the_media_type_speaks_where_the_url_does_not() {
    for (path, mime, expected) in [
        ("/photo", Some("image/jpeg"), Some(Deny)),
        ("/photo.php?id=1", Some("Image/JPEG; charset=x"), Some(Deny)),
        ("/photo", Some("image/webp"), None),
        ("/photo", None, None),
        ("/photo.webp", Some("image/jpeg"), None),
    ] {
        assert_eq!(verdict(DEFAULT, path, mime, Mode::Spec), expected, "{path} {mime:?}");
    }
    let one = "User-agent: *\nDisallow: *.jpeg\nAllow: *.jpg";
    assert_eq!(verdict(one, "/photo", Some("image/jpeg"), Mode::Spec), Some(Deny));
}

#[test]
fn groups_bind_whom_they_name() {
    for (agents, strict, spec) in [
        ("User-agent: *", Some(Deny), Some(Deny)),
        ("USER-AGENT : Pinakes/1.0", Some(Deny), Some(Deny)),
        ("User-agent: img2dataset", Some(Deny), Some(Info)),
        ("User-agent: GPTBot, CCBot", Some(Deny), Some(Info)),
        ("User-agent: Googlebot\nUser-agent: CCBot", Some(Deny), Some(Info)),
        ("User-agent: Googlebot", Some(Info), Some(Info)),
        ("User-agent: ChatGPT-User", Some(Info), Some(Info)),
        ("User-agent: *\nAllow: /\nUser-agent: pinakes", Some(Deny), Some(Deny)),
        ("", Some(MalformedDeny), Some(Info)),
    ] {
        let body = format!("{agents}\nDisallow: /");
        assert_eq!(verdict(&body, "/a.jpg", None, Mode::Strict), strict, "{agents}");
        assert_eq!(verdict(&body, "/a.jpg", None, Mode::Spec), spec, "{agents}");
    }
    let own = "User-agent: *\nDisallow: /\nUser-agent: pinakes\nAllow: /";
    assert_eq!(verdict(own, "/a.jpg", None, Mode::Strict), Some(Allow));
    let two = "User-agent: *\nAllow: *.png\n\nUser-agent: *\nDisallow: *.jpg";
    assert_eq!(verdict(two, "/a.jpg", None, Mode::Spec), Some(Deny));
}

#[test]
fn plain_words_count_in_strict_only() {
    for (body, path, heard) in [
        ("Training: deny", "/a.jpg", true),
        ("training: disallow", "/a.jpg", true),
        ("Allow-Training: no", "/a.jpg", true),
        ("train-ai=n", "/a.jpg", true),
        ("Train: false # really", "/a.jpg", true),
        ("Content-Signal: search=yes, ai-train=no", "/a.jpg", true),
        ("User-agent: *\nSpawning: disallow", "/a.jpg", true),
        ("Disallow-AI-Training: /", "/a.jpg", true),
        ("Disallow-AI-Training: /art/", "/art/a.jpg", true),
        ("Disallow-AI-Training: /art/", "/a.jpg", false),
        ("Disallow-AI-Training:", "/a.jpg", false),
        ("DisallowAITraining: yes", "/a.jpg", true),
        ("no-ai-training: false", "/a.jpg", false),
        (r#"{"version": 1, "training": "deny", "search": "allow"}"#, "/a.jpg", true),
        (r#"{"permissions":{"ai_training":false}}"#, "/a.jpg", true),
        ("{\"training\": {\n \"allowed\": false\n}}", "/a.jpg", true),
        ("permissions:\n  training:\n    allowed: no\n", "/a.jpg", true),
        ("permissions:\n  search:\n    allowed: no\n", "/a.jpg", false),
        ("- training: \"prohibited\"", "/a.jpg", true),
        ("Training: allow", "/a.jpg", false),
        ("Training: conditional", "/a.jpg", false),
        ("Contact: mailto:no@example.com", "/a.jpg", false),
        ("Training: not before 2030", "/a.jpg", true),
        ("Training: notes/", "/a.jpg", false),
        ("Strength-Training: no", "/a.jpg", false),
    ] {
        let denies = |mode| said(body, path, None, mode).iter().any(Statement::denies);
        assert_eq!((denies(Mode::Strict), denies(Mode::Spec)), (heard, false), "{body}");
        let recorded = said(body, path, None, Mode::Spec).iter().any(|one| one.signal == "ai-txt.ad-hoc");
        assert_eq!(recorded, heard, "{body}");
    }
}

#[test]
fn html_and_prose_are_told_from_rules() {
    let html = "  <!DOCTYPE html><title>Shop</title>\nUser-agent: *\nDisallow: /";
    let url = Url::parse("https://media.example/a.jpg").unwrap();
    let policy = Policy::new(Mode::Strict, "pinakes");
    for content_type in [None, Some("text/html"), Some("text/plain")] {
        let said = AiTxt::read(html.as_bytes(), content_type).statements(&url, None, &policy);
        assert_eq!(said.iter().map(|one| one.signal.as_ref()).collect::<Vec<_>>(), ["ai-txt.html"]);
    }
    let mislabelled = AiTxt::read(b"User-agent: *\nDisallow: /", Some("text/html"));
    assert!(mislabelled.statements(&url, None, &policy).iter().any(Statement::denies));
    let mention =
        AiTxt::read(b"# not for <div> scrapers\nUser-agent: *\nDisallow: /", Some("text/plain; charset=utf-8"));
    assert!(mention.statements(&url, None, &policy).iter().any(Statement::denies));
    assert_eq!(AiTxt::read(DEFAULT.as_bytes(), None).prose, "");
    assert_eq!(AiTxt::read(b"# Hands off.\nNo rules here: none", None).prose, "No rules here: none\nHands off.\n");
}

#[test]
fn line_numbers_and_names_are_told() {
    let said = said("\u{FEFF}# x\r\nUser-Agent: *\r\nDisallow: *.jpg # all\r\n", "/a.jpg", None, Mode::Strict);
    let one = &said[0];
    assert_eq!(
        (one.place.as_str(), one.raw.as_str(), one.addressed_to.as_deref()),
        ("line 3", "Disallow: *.jpg", Some("*"))
    );
}

#[test]
fn hostile_files_are_bounded() {
    let started = Instant::now();
    for body in [
        "User-agent: *\nDisallow: *a*b*c*.jpg\n".repeat(30_000),
        format!("User-agent: *\nDisallow: {}", "*".repeat(1_000_000)),
        (0..20_000).map(|n| format!("User-agent: bot{n}\nDisallow: /\n")).collect(),
        "training:".repeat(100_000),
        "training:\n".repeat(100_000),
        "training: no\n".repeat(80_000),
        "{".repeat(1_000_000),
        ",".repeat(1_000_000),
    ] {
        let said = said(&body, &format!("/{}.jpg", "a".repeat(2000)), Some("image/jpeg"), Mode::Strict);
        assert!(said.len() <= MOST);
    }
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

proptest! {
    #[test]
    fn strict_refuses_whatever_the_letter_refuses(
        lines in proptest::collection::vec(
            prop::sample::select(vec![
                "User-agent: *", "User-agent: pinakes", "User-agent: CCBot", "User-agent: Googlebot", "Disallow: /",
                "Disallow: *.jpg", "Allow: *.jpg", "Allow: /", "Disallow: /a/", "Training: no", "# x", "",
                "Disallow: .JPEG", "training:", "  allowed: no", "{", "<html>",
            ]),
            0..9,
        ),
        path in prop::sample::select(vec!["/a.jpg", "/a/b.JPG", "/photo", "/x.webp?a.jpg"]),
    ) {
        let body = lines.join("\n");
        let denies = |mode| said(&body, path, Some("image/jpeg"), mode).iter().any(Statement::denies);
        prop_assert!(!denies(Mode::Spec) || denies(Mode::Strict), "{} for {}", body, path);
    }

    #[test]
    fn any_bytes_are_read(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let url = Url::parse("https://media.example/a.jpg").unwrap();
        let file = AiTxt::read(&body, None);
        prop_assert!(file.statements(&url, None, &Policy::new(Mode::Strict, "pinakes")).len() <= MOST);
    }
}
