//! Runs the conformance suite, `consent/conformance/*.jsonl`, in all modes, and prints the count of each family.

use consent::eval::{Case, PageText, Verdict, evaluate};
use schema::Mode;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

/// Families with their lines, in the order of their names.
fn families() -> BTreeMap<String, Vec<String>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("conformance");
    let mut families = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("the suite's folder") {
        let path = entry.expect("a file").path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).expect("UTF-8");
            families.insert(name, text.lines().map(str::to_owned).collect());
        }
    }
    families
}

/// What is wrong with a case, if anything.
fn failures(json: &Value, family: &str) -> Vec<String> {
    let mut failures = Vec::new();
    if json["family"] != *family {
        failures.push(format!("says it is of family {}", json["family"]));
    }
    for key in ["about", "cite"] {
        if json[key].as_str().is_none_or(|text| text.trim().is_empty()) {
            failures.push(format!("has no `{key}`"));
        }
    }
    let mut case = match Case::parse(&json.to_string()) {
        Ok(case) => case,
        Err(problem) => return vec![problem.to_string()],
    };
    for (mode, name) in [(Mode::Strict, "strict"), (Mode::Spec, "spec"), (Mode::RecordOnly, "record-only")] {
        case.mode = mode;
        let outcome = match evaluate(&case) {
            Ok(outcome) => outcome,
            Err(problem) => return vec![problem.to_string()],
        };
        let heard =
            || outcome.evidence.iter().map(|one| format!("{}={:?}", one.signal, one.verdict)).collect::<Vec<_>>();
        let verdict = match outcome.verdict {
            Verdict::Allow => "allow",
            Verdict::Deny => "deny",
            Verdict::Conditional => "conditional",
        };
        let expected =
            if mode == Mode::RecordOnly { "allow" } else { json["expect"][name].as_str().unwrap_or("nothing") };
        if verdict != expected {
            failures.push(format!("{name}: {verdict}, expected {expected}; heard {:?}", heard()));
        }
        let text = if outcome.page_text == PageText::Drop { "drop" } else { "keep" };
        if let Some(expected) = json["page_text"][name].as_str().filter(|expected| *expected != text) {
            failures.push(format!("{name}: page text {text}, expected {expected}; heard {:?}", heard()));
        }
        for signal in json["signals"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if mode == Mode::Strict && !outcome.evidence.iter().any(|one| one.signal == signal) {
                failures.push(format!("{name}: `{signal}` is not among {:?}", heard()));
            }
        }
    }
    failures
}

#[test]
fn conformance() {
    let only = std::env::var("CONFORMANCE").unwrap_or_default();
    let (mut cases, mut failed, mut ids) = (0, 0, BTreeSet::new());
    for (family, lines) in families().iter().filter(|(family, _)| family.contains(&only)) {
        let mut passed = 0;
        for (number, line) in lines.iter().enumerate() {
            let json: Value = match serde_json::from_str(line) {
                Ok(json) => json,
                Err(problem) => panic!("{family}.jsonl:{}: {problem}", number + 1),
            };
            let id = json["id"].as_str().unwrap_or_default().to_owned();
            let mut failures = failures(&json, family);
            if !id.starts_with(&format!("{family}/")) || !ids.insert(id.clone()) {
                failures.push("its id is not `family/name`, or stands twice".into());
            }
            for failure in &failures {
                println!("{id}: {failure}");
            }
            passed += usize::from(failures.is_empty());
        }
        println!("{family:>20}  {passed} of {} passed", lines.len());
        cases += lines.len();
        failed += lines.len() - passed;
    }
    println!("{:>20}  {} of {cases} passed", "in all", cases - failed);
    assert_eq!(failed, 0, "run with --nocapture to see which; CONFORMANCE=family runs one family");
}
