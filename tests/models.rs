//! Models from outside: pulled from a hub on loopback that cuts, lies, hides and sends elsewhere; verified, added, and
//! scored with by name.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
mod hub;

use common::{
    cli::{Folder, Settings},
    data::photo,
    forge::Forge,
    web::{Answer, Routes, Web},
};
use hub::{Hub, Reply, Visit};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{fs, path::Path, sync::LazyLock, thread, time::Duration};

const TAG: &str = "\"v1\"";
const IMAGE: &str = "onnx/image.onnx";

/// The files of the model `little`, which is the demo's under another name, as they lie at the hub.
static FILES: LazyLock<Vec<(&str, Vec<u8>)>> = LazyLock::new(|| {
    let read = |file: &str| fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("models/demo").join(file)).unwrap();
    vec![
        (IMAGE, read("image_encoder.onnx")),
        ("onnx/text.onnx", read("text_encoder.onnx")),
        ("tokenizer.json", read("tokenizer.json")),
    ]
});

fn file(path: &str) -> &'static [u8] {
    let path = path.split('?').next().unwrap();
    FILES.iter().find(|(name, _)| path.ends_with(name)).map(|(_, bytes)| bytes.as_slice()).unwrap()
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A registry that knows `little`; `known` writes what is known of each file.
fn registry(known: impl Fn(&str, &[u8]) -> String) -> String {
    let files: String =
        FILES.iter().map(|(path, bytes)| format!("{{ path = \"{path}\"{} }},", known(path, bytes))).collect();
    format!(
        r#"
[[models]]
name = "little"
aliases = ["me/little"]
about = "the demo's encoder under another name"
family = "little"
dimension = 128
licence = "Apache-2.0 AND MIT"
runs = "pulled"
repository = "me/little"
revision = "0123abc"
preprocessing = "as CLIP"
tokens = "as CLIP"
tokenizer = "tokenizer.json"
files = [{files}]
thresholds = [{{ similarity = -1.0, source = "this test" }}]
[models.image]
file = "{IMAGE}"
input = "pixel_values"
output = "image_embeds"
size = 224
resize = "bicubic-short-side"
crop = "center"
mean = [0.48145466, 0.4578275, 0.40821073]
std = [0.26862954, 0.26130258, 0.27577711]
[models.text]
file = "onnx/text.onnx"
input = "input_ids"
output = "text_embeds"
context = 77
pad = 0
"#
    )
}

fn all_known(_: &str, bytes: &[u8]) -> String {
    format!(", sha256 = \"{}\", bytes = {}", digest(bytes), bytes.len())
}

fn nothing_known(_: &str, _: &[u8]) -> String {
    String::new()
}

/// A folder with the registry, and a cache of its own.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("registry.toml", registry(all_known));
    folder
}

/// Arguments behind which the registry and cache of the folder hold.
fn with_shelf<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &["--set", "models.registry=registry.toml", "--cache", "models"]].concat()
}

fn pull(folder: &Folder, hub: &Hub) -> common::cli::Outcome {
    folder.pinakes(&with_shelf(&["models", "pull", "little", "--mirror", &hub.root]))
}

/// The row of `little` in the list.
fn listed(folder: &Folder) -> Value {
    let rows = folder.pinakes(&with_shelf(&["models", "list", "--format", "json"])).ends_with(0).json();
    rows.as_array().unwrap().iter().find(|row| row["name"] == "little").unwrap().clone()
}

#[track_caller]
fn assert_pulled(folder: &Folder) {
    for (path, bytes) in FILES.iter() {
        assert!(fs::read(folder.path("models/little").join(path)).unwrap() == *bytes, "{path}");
    }
    let row = listed(folder);
    assert_eq!((&row["cached"], &row["verified"]), (&true.into(), &true.into()), "{row}");
    let left: Vec<_> = fs::read_dir(folder.path("models/.pulling")).unwrap().flatten().collect();
    assert!(left.iter().all(|entry| entry.path().extension().is_some_and(|end| end == "lock")), "{left:?}");
}

#[track_caller]
fn assert_not_pulled(folder: &Folder) {
    assert!(!folder.path("models/little").exists());
    assert_eq!(listed(folder)["cached"], false);
}

/// The whole hub, its answers to the image encoder but for one.
fn serving(image: impl Fn(&Visit, usize) -> Option<Reply> + Send + Sync + 'static) -> Hub {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    Hub::serve(move |visit| {
        let special = visit.path.ends_with(IMAGE).then(|| asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        let special = special.and_then(|number| image(visit, number));
        special.unwrap_or_else(|| Reply::file(visit, TAG, file(&visit.path)))
    })
}

#[test]
fn a_pull_cut_twice_goes_on_where_it_was_cut() {
    let (folder, cut) = (folder(), 3_000_000);
    let hub = serving(move |visit, number| (number < 2).then(|| Reply::file(visit, TAG, file(IMAGE)).cut_after(cut)));
    let outcome = pull(&folder, &hub).ends_with(0);
    assert!(outcome.stderr.contains("broke off") && outcome.stderr.contains("score.model = \"little\""), "{outcome:?}");
    assert_eq!(outcome.stdout.trim(), "models/little");
    assert_pulled(&folder);
    let visits = hub.visits_to(IMAGE);
    assert_eq!(visits.iter().map(Visit::from).collect::<Vec<_>>(), [None, Some(cut), Some(2 * cut)]);
    assert!(visits[1..].iter().all(|visit| visit.header("if-range") == Some(TAG)));
    assert_eq!(visits.iter().map(|visit| visit.sent).sum::<usize>(), file(IMAGE).len());
    assert_eq!(visits[0].path, format!("/me/little/resolve/0123abc/{IMAGE}"));
    // What is there is not asked for again.
    let before = hub.visits().len();
    let outcome = pull(&folder, &hub).ends_with(0);
    assert!(outcome.stderr.contains("there already"), "{outcome:?}");
    assert_eq!(hub.visits().len(), before);
}

#[test]
fn a_killed_pull_is_taken_up_by_the_next() {
    let (folder, here) = (folder(), 4_000_000);
    let hub =
        serving(move |visit, number| (number == 0).then(|| Reply::file(visit, TAG, file(IMAGE)).hang_after(here)));
    let part = folder.path("models/.pulling/little").join(format!("{IMAGE}.part"));
    let enough = here - 100_000;
    let is_time = || fs::metadata(&part).is_ok_and(|found| found.len() >= enough as u64);
    let arguments = ["models", "pull", "me/little", "--mirror", &hub.root];
    assert!(folder.pinakes_until(&with_shelf(&arguments), is_time));
    assert_not_pulled(&folder);
    pull(&folder, &hub).ends_with(0);
    assert_pulled(&folder);
    let visits = hub.visits_to(IMAGE);
    assert_eq!(visits.len(), 2);
    assert!(visits[1].from().unwrap() >= enough, "{visits:?}");
}

#[test]
fn a_pull_interrupted_between_files_keeps_those_that_came() {
    let folder = folder();
    let hub = Hub::serve(|visit| {
        let not_yet = visit.path.ends_with("tokenizer.json") && visit.number < 3;
        if not_yet { Reply::status(404) } else { Reply::file(visit, TAG, file(&visit.path)) }
    });
    pull(&folder, &hub).fails(1, &["tokenizer.json", "404"]);
    pull(&folder, &hub).ends_with(0);
    assert_pulled(&folder);
    assert_eq!((hub.visits_to(".onnx").len(), hub.visits_to("tokenizer.json").len()), (2, 2));
}

#[test]
fn a_server_without_ranges_is_asked_for_all_of_it() {
    let folder = folder();
    let hub = serving(|_, number| {
        let whole = Reply::whole(file(IMAGE)).with("ETag", TAG);
        Some(if number == 0 { whole.cut_after(3_000_000) } else { whole })
    });
    pull(&folder, &hub).ends_with(0);
    assert_pulled(&folder);
    assert_eq!(hub.visits_to(IMAGE).iter().map(|visit| visit.sent).collect::<Vec<_>>(), [3_000_000, file(IMAGE).len()]);
}

#[test]
fn another_version_in_between_begins_anew() {
    // Told by the tag: the server sends all of it. Told by the hub, which names another digest: no range is asked for.
    for by_hub in [false, true] {
        let folder = folder();
        folder.write("registry.toml", registry(nothing_known));
        let hub = serving(move |visit, number| {
            let old: Vec<u8> = file(IMAGE).iter().map(|byte| byte ^ 1).collect();
            let (tag, body) = if number == 0 { (TAG, old.as_slice()) } else { ("\"v2\"", file(IMAGE)) };
            let tag = if by_hub { TAG } else { tag };
            let reply = Reply::file(visit, tag, body).with("X-Linked-ETag", &format!("\"{}\"", digest(body)));
            Some(if number == 0 { reply.cut_after(3_000_000) } else { reply })
        });
        pull(&folder, &hub).ends_with(0);
        assert_pulled(&folder);
        let visits = hub.visits_to(IMAGE);
        assert_eq!(visits.last().unwrap().sent, file(IMAGE).len(), "{visits:?}");
    }
}

#[test]
fn a_weak_tag_is_compared_here() {
    // If-Range does not hold for weak tags, so that a part may come of what is another version now.
    for changes in [false, true] {
        let folder = folder();
        let hub = serving(move |visit, number| {
            let body = if changes && number == 0 {
                file(IMAGE).iter().map(|byte| byte ^ 1).collect()
            } else {
                file(IMAGE).to_vec()
            };
            let tag = if changes && number > 0 { "W/\"v2\"" } else { "W/\"v1\"" };
            let reply = Reply::file(visit, tag, &body);
            Some(if number == 0 { reply.cut_after(3_000_000) } else { reply })
        });
        pull(&folder, &hub).ends_with(0);
        assert_pulled(&folder);
        let visits = hub.visits_to(IMAGE);
        let from: Vec<_> = visits.iter().map(Visit::from).collect();
        let expected: &[_] = if changes { &[None, Some(3_000_000), None] } else { &[None, Some(3_000_000)] };
        assert_eq!(from, expected);
        assert!(visits.iter().all(|visit| visit.header("if-range").is_none()), "{visits:?}");
    }
}

#[test]
fn a_file_whose_end_cannot_be_told_is_refused_unless_its_length_is_known() {
    let cut = || {
        serving(|_, number| {
            let reply = Reply::whole(file(IMAGE)).with("ETag", TAG).without_length();
            Some(if number == 0 { reply.cut_after(3_000_000) } else { reply })
        })
    };
    let known = folder();
    pull(&known, &cut()).ends_with(0);
    assert_pulled(&known);
    let unknown = folder();
    unknown.write("registry.toml", registry(nothing_known));
    pull(&unknown, &cut()).fails(1, &["comes without its length"]).hints("another mirror");
    assert_not_pulled(&unknown);
}

#[test]
fn a_wrong_digest_is_refused_and_removed() {
    let flipped = || {
        let mut bytes = file(IMAGE).to_vec();
        bytes[5_000_000] ^= 1;
        bytes
    };
    for (known, stated, says) in [
        (all_known as fn(&str, &[u8]) -> String, None, "the registry says"),
        (nothing_known, Some(digest(file(IMAGE))), "its hub says"),
    ] {
        let folder = folder();
        folder.write("registry.toml", registry(known));
        let hub = serving(move |visit, number| {
            let reply = Reply::file(visit, TAG, &flipped());
            let reply =
                stated.iter().fold(reply, |reply, digest| reply.with("X-Linked-ETag", &format!("\"{digest}\"")));
            (number == 0).then_some(reply)
        });
        let outcome = pull(&folder, &hub).fails(1, &[IMAGE, "has SHA-256", says, &digest(file(IMAGE)), "removed"]);
        outcome.hints("another mirror");
        assert_not_pulled(&folder);
        assert!(!folder.path("models/.pulling/little").join(format!("{IMAGE}.part")).exists());
        // Whole the next time, from its first byte.
        pull(&folder, &hub).ends_with(0);
        assert_pulled(&folder);
        assert_eq!(hub.visits_to(IMAGE)[1].from(), None);
    }
}

#[test]
fn what_is_not_given_is_told_with_the_way_out() {
    for (status, token, says, hint) in [
        (404, None, "is not there: the hub answered 404", "models.registry"),
        (401, None, "answered 401 (Access is restricted)", "set HF_TOKEN"),
        (403, Some("secret"), "answered 403", "does not open it"),
        (451, None, "answered 451", "another mirror"),
    ] {
        let folder = token.into_iter().fold(folder(), |folder, token| folder.with("HF_TOKEN", token));
        let hub = Hub::serve(move |_| Reply::status(status).with("X-Error-Message", "Access is restricted"));
        let outcome = pull(&folder, &hub).fails(1, &[says, IMAGE]).hints(hint);
        assert!(!outcome.stderr.contains("secret"), "{outcome:?}");
        assert_eq!(hub.visits().len(), 1, "{status}: asking again mends nothing");
        assert_not_pulled(&folder);
    }
    // Nobody there at all, and a hub that is none.
    let arguments = with_shelf(&["models", "pull", "little", "--mirror", "http://127.0.0.1:1"]);
    folder().pinakes(&arguments).fails(1, &["tries in a row failed"]).hints("--from DIR");
    let arguments = with_shelf(&["models", "pull", "little", "--mirror", "mirror.example"]);
    folder().pinakes(&arguments).fails(1, &["`mirror.example` is no address"]).hints("HF_ENDPOINT");
}

#[test]
fn a_busy_hub_is_waited_for_and_one_that_wants_to_be_left_alone_is_left() {
    let folder = folder();
    let hub = serving(|_, number| match number {
        0 => Some(Reply::status(429).with("Retry-After", "1")),
        1 => Some(Reply::status(503)),
        _ => None,
    });
    pull(&folder, &hub).ends_with(0);
    assert_pulled(&folder);
    let hub = Hub::serve(|_| Reply::status(429).with("Retry-After", "86400"));
    let outcome = pull(&self::folder(), &hub).fails(1, &["86400 s"]);
    outcome.hints("the same command");
    assert_eq!(hub.visits().len(), 1);
}

#[test]
fn more_than_there_should_be_is_not_taken() {
    let folder = folder();
    let hub = serving(|_, _| Some(Reply::status(200).endless()));
    let outcome = pull(&folder, &hub).fails(1, &["goes on after", &file(IMAGE).len().to_string()]);
    outcome.hints("thrown away");
    let sent = hub.visits_to(IMAGE)[0].sent;
    // What is on its way in the system's buffers has been sent, too.
    assert!(sent < file(IMAGE).len() + 16_000_000, "{sent}");
    assert!(!folder.path("models/.pulling/little").join(format!("{IMAGE}.part")).exists());
    // Another length is known from the head.
    let hub = serving(|_, _| Some(Reply::whole(&file(IMAGE)[1..]).with("ETag", TAG)));
    pull(&folder, &hub).fails(1, &["bytes there, and the registry says"]).hints("models.registry");
    assert_not_pulled(&folder);
}

#[test]
fn the_token_is_shown_to_the_hub_alone() {
    let elsewhere = Hub::serve(|visit| Reply::file(visit, TAG, file(&visit.path)));
    let root = elsewhere.root.clone();
    let hub = Hub::serve(move |visit| {
        let body = file(&visit.path);
        let reply = Reply::redirect(&format!("{root}/files{}?signature=hidden", visit.path));
        reply.with("X-Linked-ETag", &format!("\"{}\"", digest(body))).with("X-Linked-Size", &body.len().to_string())
    });
    // The path of large files has a signature, which is nobody's business either.
    let elsewhere_path = |path: &str| path.trim_start_matches("/files").split('?').next().unwrap().to_owned();
    let folder = folder().with("HF_TOKEN", "hf_secret");
    folder.write("registry.toml", registry(nothing_known));
    let outcome = folder.pinakes(&with_shelf(&["models", "pull", "little", "--mirror", &hub.root, "--verbose"]));
    let outcome = outcome.ends_with(0);
    assert!(!outcome.stderr.contains("hf_secret") && !outcome.stderr.contains("hidden"), "{outcome:?}");
    assert_pulled(&folder);
    assert_eq!((hub.visits().len(), elsewhere.visits().len()), (3, 3));
    assert!(hub.visits().iter().all(|visit| visit.header("authorization") == Some("Bearer hf_secret")));
    assert!(elsewhere.visits().iter().all(|visit| visit.header("authorization").is_none()));
    assert_eq!(elsewhere_path(&elsewhere.visits()[0].path), hub.visits()[0].path);
    let toml = fs::read_to_string(folder.path("models/little/model.toml")).unwrap();
    assert!(!toml.contains("hf_secret") && toml.contains(&digest(file(IMAGE))), "{toml}");
}

#[test]
fn redirects_end_somewhere() {
    let hub = Hub::serve(|visit| Reply::redirect(&format!("{}x", visit.path)));
    pull(&folder(), &hub).fails(1, &["more than 5 redirects"]).hints("mirror");
    assert_eq!(hub.visits().len(), 6);
    let hub = Hub::serve(|_| Reply::redirect("file:///etc/passwd"));
    pull(&folder(), &hub).fails(1, &["leads to `file://`"]);
    let hub = Hub::serve(|_| Reply::status(302));
    pull(&folder(), &hub).fails(1, &["answered 302"]);
}

#[test]
fn a_folder_takes_the_place_of_the_hub() {
    let folder = folder();
    for (path, bytes) in FILES.iter() {
        let place = folder.path("download").join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, bytes).unwrap();
    }
    let arguments = with_shelf(&["models", "pull", "little", "--from", "download"]);
    let text = folder.path("download/onnx/text.onnx");
    fs::rename(&text, folder.path("elsewhere")).unwrap();
    folder.pinakes(&arguments).fails(1, &["download/onnx/text.onnx", "cannot be read"]);
    fs::write(&text, "no encoder").unwrap();
    folder.pinakes(&arguments).fails(1, &["onnx/text.onnx", "has 10 bytes, and the registry says"]);
    assert_not_pulled(&folder);
    fs::rename(folder.path("elsewhere"), &text).unwrap();
    folder.pinakes(&arguments).ends_with(0);
    assert_pulled(&folder);
}

#[test]
fn mirrors_are_named_on_the_command_line_in_settings_or_in_the_environment() {
    let hubs: Vec<Hub> = (0..3).map(|_| Hub::serve(|_| Reply::status(404))).collect();
    let asked = || hubs.iter().map(|hub| hub.visits().len()).collect::<Vec<_>>();
    let setting = format!("models.hub={}", hubs[1].root);
    let folder = folder().with("HF_ENDPOINT", &hubs[0].root);
    let arguments = with_shelf(&["models", "pull", "little"]);
    folder.pinakes(&arguments).fails(1, &["404"]);
    assert_eq!(asked(), [1, 0, 0]);
    let arguments = with_shelf(&["models", "pull", "little", "--set", &setting]);
    folder.pinakes(&arguments).fails(1, &["404"]);
    assert_eq!(asked(), [1, 1, 0]);
    let arguments = with_shelf(&["models", "pull", "little", "--set", &setting, "--mirror", &hubs[2].root]);
    folder.pinakes(&arguments).fails(1, &["404"]);
    assert_eq!(asked(), [1, 1, 1]);
}

#[test]
fn the_cache_lies_where_it_is_said_to_lie() {
    let hub = serving(|_, _| None);
    let folder = folder().with("PINAKES_MODELS", "by-variable").with("HF_ENDPOINT", &hub.root);
    let config = folder.write("config.toml", "[models]\ncache = \"by-setting\"\nregistry = \"registry.toml\"\n");
    let registry = ["--set", "models.registry=registry.toml"];
    folder.pinakes(&[&["models", "pull", "little"][..], &registry].concat()).ends_with(0);
    assert!(folder.path("by-variable/little/model.toml").exists());
    folder.pinakes(&["models", "pull", "little", "--config", &config]).ends_with(0);
    assert!(folder.path("by-setting/little/model.toml").exists());
    let folder = self::folder().with("HF_ENDPOINT", &hub.root);
    folder.pinakes(&[&["models", "pull", "little"][..], &registry].concat()).ends_with(0);
    assert!(folder.path("cache-home/pinakes/models/little/model.toml").exists());
}

#[test]
fn a_flipped_byte_is_found_and_mended() {
    let folder = folder();
    let hub = serving(|_, _| None);
    pull(&folder, &hub).ends_with(0);
    let verify = with_shelf(&["models", "verify", "--format", "json"]);
    let rows = folder.pinakes(&verify).ends_with(0).json();
    assert_eq!(rows.as_array().unwrap().len(), 4);
    assert!(rows.as_array().unwrap().iter().all(|row| row["verified"] == true), "{rows}");

    let text = folder.path("models/little/onnx/text.onnx");
    let mut bytes = fs::read(&text).unwrap();
    bytes[100_000] ^= 1;
    fs::write(&text, bytes).unwrap();
    let row = listed(&folder);
    assert_eq!((&row["verified"], &row["state"]), (&false.into(), &"here, changed since it was verified".into()));
    let outcome = folder.pinakes(&verify).ends_with(1).hints("pinakes models pull little");
    let wrong: Vec<_> =
        outcome.json().as_array().unwrap().iter().filter(|row| row["verified"] == false).cloned().collect();
    assert_eq!(wrong.len(), 1);
    assert!(
        wrong[0]["file"] == "onnx/text.onnx" && wrong[0]["problem"].as_str().unwrap().contains("SHA-256"),
        "{wrong:?}"
    );
    let table = folder.pinakes(&with_shelf(&["models", "verify", "me/little"])).ends_with(1);
    assert!(table.stdout.contains("✖ little/onnx/text.onnx") && table.stdout.contains("✔ little/onnx/image.onnx"));
    pull(&folder, &hub).ends_with(0);
    assert_pulled(&folder);
    folder.pinakes(&verify).ends_with(0);
    folder.pinakes(&with_shelf(&["models", "verify", "clip-vit-b-32"])).fails(1, &["not on this machine"]);
    folder.pinakes(&with_shelf(&["models", "verify", "litle"])).fails(1, &["`litle`"]).hints("did you mean `little`?");
}

#[test]
fn a_folder_with_a_model_is_added_under_its_name() {
    let folder = folder();
    let own = folder.path("export");
    fs::create_dir(&own).unwrap();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/demo");
    for name in ["image_encoder.onnx", "text_encoder.onnx", "tokenizer.json"] {
        fs::copy(demo.join(name), own.join(name)).unwrap();
    }
    let toml = fs::read_to_string(demo.join("model.toml")).unwrap().replace("name = \"demo\"", "name = \"own\"");
    fs::write(own.join("model.toml"), &toml).unwrap();
    fs::write(own.join("parity.json"), "{}").unwrap();
    let add = with_shelf(&["models", "add", "export"]);
    let outcome = folder.pinakes(&add).ends_with(0);
    assert_eq!(outcome.stdout.trim(), "models/own");
    assert!(!folder.path("models/own/parity.json").exists(), "only what model.toml names");
    assert_eq!(fs::read_to_string(folder.path("models/own/model.toml")).unwrap(), toml);
    let rows = folder.pinakes(&with_shelf(&["models", "list", "--format", "json"])).ends_with(0).json();
    let row = rows.as_array().unwrap().iter().find(|row| row["name"] == "own").unwrap();
    assert!(row["verified"] == true && row["dimension"] == 128 && row["family"] == "demo", "{row}");
    folder.pinakes(&add).ends_with(0);
    fs::write(own.join("model.toml"), toml.replace("0.3", "0.2")).unwrap();
    folder.pinakes(&add).fails(1, &["another model of that name"]).hints("another `name`");
    fs::write(own.join("text_encoder.onnx"), "none").unwrap();
    folder.pinakes(&add).fails(1, &["text_encoder.onnx", "SHA-256"]);
    folder.pinakes(&with_shelf(&["models", "add", "nowhere"])).fails(1, &["`nowhere` is no model"]);
}

#[test]
fn two_pulls_at_once_bring_one_model_once() {
    let folder = folder();
    let hub = serving(|visit, _| Some(Reply::file(visit, TAG, file(IMAGE)).slow(Duration::from_millis(10))));
    thread::scope(|scope| {
        let pulls: Vec<_> = (0..2).map(|_| scope.spawn(|| pull(&folder, &hub).ends_with(0))).collect();
        let outcomes: Vec<_> = pulls.into_iter().map(|pull| pull.join().unwrap()).collect();
        let waited = outcomes.iter().filter(|outcome| outcome.stderr.contains("waiting for it")).count();
        assert_eq!(waited, 1, "{outcomes:?}");
    });
    assert_eq!(hub.visits().len(), 3, "each file once");
    assert_pulled(&folder);
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_told_with_the_way_out() {
    let folder = folder();
    let part = folder.path("models/.pulling/little").join(format!("{IMAGE}.part"));
    fs::create_dir_all(part.parent().unwrap()).unwrap();
    // Whatever is written there, there is no room for it.
    std::os::unix::fs::symlink("/dev/full", &part).unwrap();
    let hub = serving(|_, _| None);
    pull(&folder, &hub).fails(1, &["image.onnx.part", "cannot be written", "No space left"]).hints("make room");
    fs::remove_file(&part).unwrap();
    pull(&folder, &hub).ends_with(0);
    assert_pulled(&folder);
}

/// An archive of a page with one picture, and the web that has it.
fn one_picture(folder: &Folder) -> (String, Web) {
    let (mut archive, mut routes) = (Forge::new(), Routes::default());
    let html = "<html><img src=http://one.example/a.jpg alt='A photograph of a cat'>";
    archive.capture("http://one.example/", 200, &[("Content-Type", "text/html")], html.as_bytes());
    routes.add("one.example/a.jpg", Answer::ok("image/jpeg", photo(3)));
    (folder.write("web.warc.gz", archive.gzip()), Web::serve(routes))
}

#[test]
fn a_run_scores_with_a_model_by_its_name() {
    let folder = folder();
    let (archive, web) = one_picture(&folder);
    let settings = Settings::new(&[&archive], &web)
        .set("models.cache", "models")
        .set("models.registry", "registry.toml")
        .without("keep.min_similarity");
    let config = |name: &str| folder.write("config.toml", settings.clone().set("score.model", name).toml());

    folder.pinakes(&["run", &config("litle")]).fails(1, &["`litle` is no model"]).hints("did you mean `little`?");
    let outcome =
        folder.pinakes(&["run", &config("me/little")]).fails(1, &["model `little` is known", "not on this machine"]);
    outcome.hints("pinakes models pull little");
    let doctor = folder.pinakes(&["doctor", &config("little")]).ends_with(1);
    assert!(doctor.stdout.contains("✖ model: model `little` is known"), "{doctor:?}");
    folder.pinakes(&["run", &config("siglip-base-16")]).fails(1, &["not on this machine"]);
    folder.pinakes(&["run", &config("clip-vit-b-32-multilingual")]).fails(1, &["a text encoder alone"]);
    assert!(web.visits().is_empty(), "told before anything is fetched");

    pull(&folder, &serving(|_, _| None)).ends_with(0);
    let doctor = folder.pinakes(&["doctor", &config("little")]).ends_with(0);
    assert!(doctor.stdout.contains("✔ model: little@"), "{doctor:?}");
    folder.pinakes(&["run", &config("little")]).ends_with(0);
    let rows = folder.sql("run/dataset", "select model, similarity from samples");
    assert_eq!(rows.len(), 1);
    assert!(rows[0]["model"].as_str().unwrap().starts_with("little@"), "{rows:?}");
}

#[test]
fn a_model_without_a_threshold_wants_one_to_be_set() {
    let folder = Folder::new();
    let text = registry(all_known).replace("thresholds = [{ similarity = -1.0, source = \"this test\" }]", "");
    folder.write("registry.toml", text);
    let outcome = pull(&folder, &serving(|_, _| None)).ends_with(0);
    assert!(outcome.stderr.contains("set `keep.min_similarity`"), "{outcome:?}");
    let (archive, web) = one_picture(&folder);
    let settings = Settings::new(&[&archive], &web)
        .set("models.cache", "models")
        .set("score.model", "little")
        .without("keep.min_similarity");
    let config = folder.write("config.toml", settings.toml());
    folder.pinakes(&["run", &config]).fails(1, &["no threshold of similarity"]).hints("`keep.min_similarity`");
    folder.pinakes(&["run", &config, "--set", "keep.min_similarity=0.1"]).ends_with(0);
}

#[test]
fn the_list_says_plainly_what_runs() {
    let folder = Folder::new();
    let table = folder.pinakes(&["models", "list"]).ends_with(0).stdout;
    for line in ["clip-vit-b-32 ", "clip-vit-l-14 ", "openclip-vit-h-14 ", "siglip-base-16 ", "demo "] {
        assert!(table.lines().any(|row| row.starts_with(line)), "{line}: {table}");
    }
    let row = |name: &str| {
        let row = table.lines().find(|row| row.starts_with(name)).unwrap();
        row.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(
        row("clip-vit-b-32 ").contains("608.0 MB known") && row("clip-vit-b-32 ").ends_with("not pulled"),
        "{table}"
    );
    assert!(row("clip-vit-b-16 ").contains("unknown unknown"), "{table}");
    assert!(row("clip-vit-l-14 ").contains("2 of 3 known"), "{table}");
    assert!(row("openclip").ends_with("to be exported (1)"), "{table}");
    assert!(row("clip-vit-b-32-multilingual").ends_with("to be exported (1)"), "{table}");
    assert!(row("siglip").contains("815.6 MB known") && row("siglip").ends_with("not pulled"), "{table}");
    assert!(table.contains("clip-vit-b-32-multilingual: it is a text encoder alone"), "{table}");
    let csv = folder.pinakes(&["models", "list", "--format", "csv"]).ends_with(0).stdout;
    assert!(
        csv.contains("\"clip-vit-b-32\",\"openai/clip-vit-base-patch32\",\"512\",\"MIT\",\"607968381\",\"false\""),
        "{csv}"
    );
    for (name, says, hint) in [
        ("openclip-vit-h-14", "no ONNX files", "tools/export_clip.py --open-clip ViT-H-14"),
        ("clip-vit-b-32-multilingual", "text encoder alone", "--text-tower clip-ViT-B-32-multilingual-v1"),
        ("clip-vit-b32", "is no model", "did you mean `clip-vit-b-32`?"),
    ] {
        folder.pinakes(&["models", "pull", name]).fails(1, &[says]).hints(hint);
    }
    folder.pinakes(&["models", "pull", "demo"]).ends_with(0);
    folder.pinakes(&["models", "verify", "demo"]).fails(1, &["built in"]);
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/models/demo");
    folder.pinakes(&["models", "verify", demo]).fails(1, &["not in the cache"]).hints("pinakes models add");
    folder.write("mine.toml", "[[models]]\nname = \"mine\"\n");
    let arguments = ["models", "list", "--set", "models.registry=mine.toml"];
    folder.pinakes(&arguments).fails(1, &["`mine.toml`", "missing field"]).hints("configs/models.toml");
    folder.pinakes(&["models", "verify"]).ends_with(0);
}
