//! The lines of an ai.txt: rules in groups, plain words about training, and the rest as prose.

use super::{
    AiTxt, Group, Rule,
    ad_hoc::{self, AdHoc},
    media::Pattern,
};
use crate::findings::clip;
use schema::Evidence;

/// Most read of a file.
const MAX_BYTES: usize = 1024 * 1024;
/// Within so many bytes markup must show.
const MARKUP_WITHIN: usize = 1024;
/// Most rules kept: each costs time for every URL that is asked for.
const MAX_RULES: usize = 10_000;

pub(super) fn file(body: &[u8], content_type: Option<&str>) -> AiTxt {
    let body = &body[..body.len().min(MAX_BYTES)];
    let text = String::from_utf8_lossy(body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body));
    let mut file = AiTxt { html: is_html(&text, content_type), ..AiTxt::default() };
    if file.html {
        return file;
    }
    let mut reader = Reader { file: &mut file, list_is_open: false, comments: String::new(), rules: 0 };
    // In JSON several statements may share a line.
    let is_json = text.trim_start().starts_with(['{', '[']);
    for (place, line) in text.lines().flat_map(|line| line.split('\r')).enumerate() {
        if is_json {
            line.split([',', '{', '}', '[', ']']).for_each(|part| reader.line(place + 1, part));
        } else {
            reader.line(place + 1, line);
        }
    }
    // Beside rules a comment explains them ("prevent datasets from using …"); alone it is the text.
    let comments = if reader.rules == 0 { std::mem::take(&mut reader.comments) } else { String::new() };
    file.prose.push_str(&comments);
    file
}

/// Most answers for /ai.txt are the start page of a web application with status 200.
fn is_html(text: &str, content_type: Option<&str>) -> bool {
    const MARKUP: [&str; 10] =
        ["<!doctype", "<html", "<head", "<body", "<script", "<meta", "<div", "<title", "<h1", "<p>"];
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let start = clip(text, MARKUP_WITHIN).to_ascii_lowercase();
    !essence.eq_ignore_ascii_case("text/plain") && MARKUP.iter().any(|tag| start.contains(tag))
        || MARKUP[..2].iter().any(|tag| start.trim_start().starts_with(tag))
}

struct Reader<'a> {
    file: &'a mut AiTxt,
    /// Whether the next User-agent line joins the last group.
    list_is_open: bool,
    comments: String,
    rules: usize,
}

impl Reader<'_> {
    fn line(&mut self, number: usize, whole: &str) {
        let (line, comment) = whole.split_once('#').unwrap_or((whole, ""));
        push_line(&mut self.comments, comment);
        if line.trim().is_empty() {
            return;
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "user-agent" | "useragent" | "user agent" => self.agent(value),
            "allow" => self.rule(true, value, number, line),
            "disallow" => self.rule(false, value, number, line),
            _ => self.other(number, line),
        }
    }

    fn agent(&mut self, value: &str) {
        if !self.list_is_open {
            self.file.groups.push(Group::default());
        }
        self.list_is_open = true;
        if let Some(group) = self.file.groups.last_mut() {
            group.agents.extend(value.split(',').flat_map(names));
        }
    }

    fn rule(&mut self, allows: bool, value: &str, line: usize, text: &str) {
        self.list_is_open = false;
        let Some(pattern) = Pattern::read(value).filter(|_| self.rules < MAX_RULES) else { return };
        self.rules += 1;
        let text = clip(text.trim(), Evidence::MAX_RAW_BYTES).into();
        let rules = self.file.groups.last_mut().map_or(&mut self.file.homeless, |group| &mut group.rules);
        rules.push(Rule { allows, pattern, line, text });
    }

    fn other(&mut self, number: usize, line: &str) {
        match AdHoc::read(line, number, &mut self.file.ad_hoc) {
            ad_hoc::Heard::Statement => {}
            ad_hoc::Heard::Nothing => push_line(&mut self.file.prose, line),
        }
    }
}

/// The name in full, and up to what no name holds (`FooBot/1.0`), in lower case.
fn names(value: &str) -> Vec<String> {
    let full = value.split_ascii_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase();
    let short = full.split(['/', ' ', '(']).next().unwrap_or_default().to_owned();
    let mut names = vec![full, short];
    names.dedup();
    names.retain(|name| !name.is_empty());
    names
}

fn push_line(text: &mut String, line: &str) {
    let line = line.trim_matches(|c: char| c.is_whitespace() || c == '#');
    if !line.is_empty() {
        text.push_str(line);
        text.push('\n');
    }
}
