//! Response headers: a line each, as `name: value`.
#![no_main]

mod common;

use consent::header_evidence;
use schema::{Scope, Source};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let headers: Vec<(String, String)> = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect();
    let url = common::url("https://h.example/img/a.jpg");
    common::strict_is_stricter(|policy| {
        header_evidence(policy, &url, &headers, Scope::ImageUrl, Source::Live, None, common::now())
    });
});
