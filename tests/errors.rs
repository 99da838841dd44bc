//! What goes wrong is told: the exit code of the contract, the value in question, the way out.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{
    cli::{Folder, Settings},
    data::photo,
    forge::Forge,
    table::{STAGES, ends, funnel, number},
    web::{Answer, Routes, Web},
};
use serde_json::Value;
use std::process::{Command, Stdio};

/// A folder with an archive of two pages, one picture each, a web that serves the pictures, and
/// settings for them.
fn small() -> (Folder, Web, Settings) {
    let (folder, mut archive, mut routes) = (Folder::new(), Forge::new(), Routes::default());
    for host in ["one.example", "two.example"] {
        let html = format!("<html><img src=http://{host}/a.jpg alt='A photograph on {host}'>");
        archive.capture(&format!("http://{host}/"), 200, &[("Content-Type", "text/html")], html.as_bytes());
        routes.add(&format!("{host}/a.jpg"), Answer::ok("image/jpeg", photo(3)));
    }
    let archive = folder.write("web.warc.gz", archive.gzip());
    let web = Web::serve(routes);
    let settings = Settings::new(&[&archive], &web);
    (folder, web, settings)
}

#[test]
fn settings_that_do_not_exist_are_named_with_the_nearest_that_does() {
    let (folder, web, settings) = small();
    let config = folder.write("config.toml", "[keep]\nmin_simlarity = 0.3\n");
    let outcome = folder.pinakes(&["run", &config]).fails(1, &["`min_simlarity`", "line 2", "config.toml"]);
    outcome.hints("did you mean `min_similarity`?");

    let config = folder.write("config.toml", settings.toml());
    folder.pinakes(&["run", &config, "--set", "keep.min_sid=3"]).fails(1, &["`min_sid`"]).hints("`min_side`");
    folder.pinakes(&["run", &config, "--set", "keep.min_side"]).fails(1, &["`keep.min_side`"]).hints("--set");
    folder.pinakes(&["run", &config, "--set", "keep.min_side=many"]).fails(1, &["many"]);
    folder.pinakes(&["run", &config, "--set", "agent.name=my bot"]).fails(1, &["`my bot`"]).hints("RFC 9309");
    assert!(web.visits().is_empty());
}

#[test]
fn a_device_that_is_none_or_not_here_stops_the_run_before_anybody_is_asked() {
    let (folder, web, settings) = small();
    let config = folder.write("config.toml", settings.toml());
    let set = |device: &str| folder.pinakes(&["run", &config, "--set", &format!("score.device={device}")]);
    set("gpu").fails(1, &["`gpu` is no device", "`cuda:0`"]);
    set("cuda:0,cuda:0").fails(1, &["`cuda:0` twice"]);
    // Where the tests run with a library that was built for GPUs, whether there is one is told when scoring begins.
    if std::env::var_os("ORT_DYLIB_PATH").is_none() {
        set("cuda:7").fails(1, &["cannot score on `cuda:7`", "does not know this provider"]).hints("onnxruntime-gpu");
        set("tensorrt").fails(1, &["cannot score on `tensorrt`"]).hints("`score.device = \"auto\"`");
    }
    assert!(web.visits().is_empty());
}

#[test]
fn a_config_that_is_not_there_is_named() {
    let folder = Folder::new();
    for verb in ["run", "extract", "publish"] {
        folder.pinakes(&[verb, "no/such.toml"]).fails(1, &["`no/such.toml`"]).hints("configs/");
    }
}

#[test]
fn a_missing_archive_stops_the_run_before_anybody_is_asked() {
    let (folder, web, settings) = small();
    let config = folder.write("config.toml", settings.set("input.archives", &["gone.warc.gz"][..]).toml());
    folder.pinakes(&["run", &config]).fails(1, &["`gone.warc.gz`"]).hints("paths");
    assert!(web.visits().is_empty());
}

#[test]
fn a_missing_optout_list_stops_the_run_before_anybody_is_asked() {
    let (folder, web, settings) = small();
    let config = folder.write("config.toml", settings.set("consent.lists", &["gone.csv"][..]).toml());
    folder.pinakes(&["run", &config]).fails(1, &["`gone.csv`"]).hints("unheard");
    assert!(web.visits().is_empty());
}

#[test]
fn more_connections_than_files_may_be_open_are_told_before_anybody_is_asked() {
    let (folder, web) = (Folder::new(), Web::serve(Routes::default()));
    let archive = folder.write("web.warc.gz", Forge::new().gzip());
    let settings = Settings::new(&[&archive], &web).set("fetch.max_connections", 1_000_000_000);
    let config = folder.write("config.toml", settings.toml());
    let outcome = folder.pinakes(&["run", &config, "--quiet"]);
    outcome.fails(1, &["`fetch.max_connections` is 1000000000", "files open"]).hints("ulimit -n");
}

#[test]
fn without_a_contact_nobody_elses_machine_is_asked() {
    let (folder, web, settings) = small();
    let config = folder.write("config.toml", settings.without("agent.contact").without("fetch.resolve").toml());
    folder.pinakes(&["run", &config]).fails(1, &["`agent.contact`"]).hints("contact = ");
    assert!(web.visits().is_empty());
}

#[test]
fn a_gzip_cut_short_is_a_counted_drop() {
    let (folder, _web, settings) = small();
    let mut bytes = std::fs::read(folder.path("web.warc.gz")).unwrap();
    bytes.truncate(bytes.len() - 20);
    folder.write("web.warc.gz", bytes);
    let config = folder.write("config.toml", settings.toml());
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    let totals = funnel(&folder, "run/dataset");
    let records = &totals["stages"][0]["counts"]["records"];
    let dropped = |reason: &str| number(&records["dropped"][reason]);
    assert_eq!((number(&records["seen"]), number(&records["kept"])), (5, 1), "{records}");
    assert_eq!((dropped("not_a_response"), dropped("damaged_record")), (3, 1), "{records}");
    let ends = ends(&folder, "run/dataset");
    assert_eq!(ends, [("http://one.example/a.jpg".into(), "http://one.example/".into(), "kept".into())]);
}

#[test]
fn an_empty_archive_makes_an_empty_dataset() {
    let (folder, web, settings) = small();
    folder.write("web.warc.gz", b"");
    let config = folder.write("config.toml", settings.toml());
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    let totals = funnel(&folder, "run/dataset");
    assert_eq!((number(&totals["samples"]), number(&totals["ledger"])), (0, 0));
    assert_eq!(folder.sql("run/dataset", "select count(*) as n from samples"), [serde_json::json!({"n": 0})]);
    assert!(web.visits().is_empty());
}

#[test]
fn a_folder_that_is_no_dataset_is_told_from_one() {
    let (folder, _web, settings) = small();
    std::fs::create_dir(folder.path("empty")).unwrap();
    let config = folder.write("config.toml", settings.toml());
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    folder.pinakes(&["audit", "empty"]).fails(1, &["`empty`"]).hints("_delta_log");
    folder.pinakes(&["audit", "nowhere"]).fails(1, &["`nowhere`"]);
    folder.pinakes(&["audit", "run"]).fails(1, &["`run`"]).hints("`run/dataset`");
    folder.pinakes(&["sql", "empty", "select 1"]).fails(1, &["`empty`"]);
    folder.pinakes(&["audit", "run/dataset", "--by", "colour"]).fails(1, &["`colour`", "image-domain"]);
}

#[test]
fn queries_that_cannot_be_answered_say_why_and_none_writes() {
    let (folder, _web, settings) = small();
    let config = folder.write("config.toml", settings.toml());
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    let query = |text: &str| folder.pinakes(&["sql", "run/dataset", text]);
    query("select similarty from samples").fails(1, &["`similarty`"]).hints("similarity");
    query("select * from sampels").fails(1, &["sampels"]).hints("`samples`");
    query("selec 1").fails(1, &["selec"]);
    for writing in ["drop table samples", "delete from samples", "insert into ledger select * from ledger"] {
        query(writing).fails(1, &[]);
    }
    query("copy (select 1) to 'stolen.csv'").fails(1, &[]);
    assert!(!folder.path("stolen.csv").exists());
    assert_eq!(folder.sql("run/dataset", "select count(*) as n from samples"), [serde_json::json!({"n": 2})]);
}

#[test]
fn the_command_line_itself_is_the_users_to_mend() {
    let (folder, _web, settings) = small();
    let config = folder.write("config.toml", settings.toml());
    folder.pinakes(&["tasks", &config, "fech"]).fails(1, &["`fech`", "fetch"]);
    folder.pinakes(&["task", &config, "extract", "no-such-key"]).fails(1, &["`no-such-key`"]).hints("pinakes tasks");
    folder.pinakes(&["extract", &config, "--quiet"]).ends_with(0);
    folder.pinakes(&["task", &config, "admit", "99999"]).fails(1, &["`99999`"]);
    // 2 says that we failed; a mistyped verb is no failure of ours.
    folder.pinakes(&["rnu", &config]).fails(1, &["rnu"]);
    folder.pinakes(&["audit"]).fails(1, &["DATASET"]);
    folder.pinakes(&["sql", "run/dataset", "select 1", "--format", "xml"]).fails(1, &["xml"]);
    assert!(folder.pinakes(&["--help"]).ends_with(0).stdout.contains("demo"));
    assert!(folder.pinakes(&["--version"]).ends_with(0).stdout.contains(env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_stage_waits_for_the_one_before_it() {
    let (folder, web, settings) = small();
    let config = folder.write("config.toml", settings.toml());
    for stage in &STAGES[1..] {
        folder.pinakes(&[stage, &config, "--quiet"]).fails(1, &["extract"]).hints("pinakes run");
    }
    folder.pinakes(&["extract", &config, "--quiet"]).ends_with(0);
    // One task alone must not go ahead either: what it does not see, it would lose for good.
    folder.pinakes(&["task", &config, "fetch", "00000"]).fails(1, &["admit"]);
    assert!(!folder.path("run/reports/fetch/00000.json").exists());
    assert!(web.visits().is_empty());
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let (folder, web, settings) = small();
    // Below a file nobody can make a folder, whoever runs the tests.
    folder.write("file", "");
    let config = folder.write("config.toml", settings.set("output.dir", "file/run").toml());
    folder.pinakes(&["run", &config]).fails(1, &["`file/run`"]).hints("folder");
    assert!(web.visits().is_empty());
}

#[test]
fn a_run_does_not_go_on_under_other_settings() {
    let (folder, web, settings) = small();
    let config = folder.write("config.toml", settings.clone().toml());
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    let visits = web.visits().len();
    let stored = || std::fs::read_to_string(folder.path("run/config.toml")).unwrap();
    let before = stored();
    let list = folder.write("optout.txt", "one.example\n");
    for other in [
        settings.clone().set("keep.min_side", 4000),
        settings.clone().set("keep.min_text_chars", 7),
        settings.clone().set("consent.lists", &[list.as_str()][..]),
        settings.clone().set("consent.mode", "spec"),
    ] {
        let config = folder.write("other.toml", other.toml());
        folder.pinakes(&["run", &config, "--quiet"]).fails(1, &["`run`"]).hints("output.dir");
        assert_eq!(stored(), before, "the settings beside the output are those it was made with");
    }
    // How gently it is done is no such setting.
    let config = folder.write("other.toml", settings.set("fetch.per_host_interval", "2s").toml());
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    assert_eq!(web.visits().len(), visits);
}

#[test]
fn a_broken_report_or_stage_file_is_named() {
    let (folder, _web, settings) = small();
    let config = folder.write("config.toml", settings.toml());
    folder.pinakes(&["extract", &config, "--quiet"]).ends_with(0);
    let reports = std::fs::read_dir(folder.path("run/reports/extract")).unwrap();
    let report = reports.map(|entry| entry.unwrap().path()).next().unwrap();
    let whole = std::fs::read_to_string(&report).unwrap();
    let mut edited: Value = serde_json::from_str(&whole).unwrap();
    edited["rows"]["kept"] = 1000.into();
    std::fs::write(&report, edited.to_string()).unwrap();
    folder.pinakes(&["admit", &config, "--quiet"]).fails(2, &["add up", "reports/extract"]);
    std::fs::write(&report, whole).unwrap();

    let files = std::fs::read_dir(folder.path("run/extract")).unwrap().map(|entry| entry.unwrap().path());
    let candidates = files.into_iter().find(|path| path.to_string_lossy().contains(".images.")).unwrap();
    std::fs::write(&candidates, "PAR1").unwrap();
    // All tasks of the stage failed, each told with the file's name; what is whole stays.
    let outcome = folder.pinakes(&["admit", &config, "--quiet"]).fails(3, &[".images.parquet"]);
    assert!(outcome.stderr.contains("tasks failed"), "{}", outcome.stderr);
}

#[test]
fn a_reader_that_leaves_early_is_no_crash() {
    let (folder, _web, settings) = small();
    let config = folder.write("config.toml", settings.toml());
    folder.pinakes(&["extract", &config, "--quiet"]).ends_with(0);
    // As in `pinakes tasks … | head -0`: the pipe is closed before anything is written.
    let mut child = Command::new(env!("CARGO_BIN_EXE_pinakes"))
        .args(["tasks", &config, "admit"])
        .current_dir(folder.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!stderr.contains("panicked"), "{stderr}");
}
