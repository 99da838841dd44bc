//! `consent explain`: what we would do with a page or picture, why, and how to be heard more clearly.

use crate::{
    cli::{Explain, Format},
    exit::{Stop, json, print},
    run::{read_config, read_lists},
};
use consent::{
    Policy,
    advice::{WHERE_NOTHING_IS_SAID, advice},
    signals_checked,
};
use crawler::{
    Sites,
    door::Door,
    look::{Kind, Look, Looker, Shown, look_in},
};
use schema::{Config, Evidence, Mode, Verdict};
use serde::Serialize;
use std::{fs::File, io::BufReader, path::Path, process::ExitCode, sync::Arc};
use url::Url;

/// Most pictures of a page in the table; JSON has them all.
const MOST_SHOWN: usize = 40;

/// Looks at one URL and tells what was found.
pub(crate) async fn run(what: &Explain) -> Result<ExitCode, Stop> {
    let config = match &what.config {
        Some(path) => read_config(path, &what.settings)?,
        None => Config::parse("", &what.settings)?,
    };
    if config.consent.mode == Mode::RecordOnly {
        let hint = "use `strict` or `spec`: record-only refuses nothing, so there is nothing to explain";
        return Err(Stop::yours("`consent.mode` is `record-only`", hint));
    }
    let url = web_address(&what.url)?;
    let (lists, _) = read_lists(&config.consent.lists)?;
    let policy = Policy { lists, ..Policy::new(config.consent.mode, &config.agent.name) };
    let look = match &what.archive {
        Some(archive) => in_archive(archive, &policy, &url)?,
        None => on_the_web(&config, policy.clone(), &url).await?,
    };
    let told = Told::of(&look, &policy);
    print(&match what.output.format {
        Format::Json => json(&told)?,
        Format::Csv => csv(&look),
        Format::Table => table(&told),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn web_address(text: &str) -> Result<Url, Stop> {
    let hint = "write it whole: `https://example.com/gallery`";
    let url = Url::parse(text).map_err(|problem| Stop::yours(format!("`{text}` is no URL: {problem}"), hint))?;
    if matches!(url.scheme(), "http" | "https") {
        Ok(url)
    } else {
        Err(Stop::yours(format!("`{text}` is no web address"), hint))
    }
}

fn in_archive(path: &Path, policy: &Policy, url: &Url) -> Result<Look, Stop> {
    let name = path.display().to_string();
    let file = File::open(path)
        .map_err(|error| Stop::yours(format!("archive `{name}` cannot be read: {error}"), "name a WARC file"))?;
    let look = look_in(BufReader::new(file), &name, policy, url)?;
    look.ok_or_else(|| {
        Stop::yours(format!("`{url}` is not in `{name}`"), "name a page as the archive has it, query and all")
    })
}

async fn on_the_web(config: &Config, policy: Policy, url: &Url) -> Result<Look, Stop> {
    let door = Arc::new(Door::open(&config.agent, &config.fetch)?);
    door.check_named()?;
    let policy = Arc::new(policy);
    let sites = Sites::new(Arc::clone(&door), Arc::clone(&policy));
    let looker = Looker {
        policy: &policy,
        door: &door,
        sites: &sites,
        max_body_bytes: config.fetch.max_body_bytes,
        max_pixels: config.fetch.max_pixels,
    };
    let hint = "is the address right, and can this machine reach it?";
    looker.look_at(url).await.map_err(|failure| Stop::yours(format!("`{url}`: {failure}"), hint))
}

/// A look with what its owner may want to change.
#[derive(Serialize)]
struct Told<'a> {
    mode: Mode,
    agent: &'a str,
    #[serde(flatten)]
    look: &'a Look,
    not_checked: Vec<&'static str>,
    advice: Vec<&'static str>,
}

impl<'a> Told<'a> {
    fn of(look: &'a Look, policy: &'a Policy) -> Self {
        let all = || look.evidence.iter().chain(look.images.iter().flat_map(|image| &image.evidence));
        let mut told: Vec<&'static str> = Vec::new();
        for line in all().filter_map(advice) {
            if !told.contains(&line) {
                told.push(line);
            }
        }
        if !all().any(Evidence::denies) {
            told.extend(WHERE_NOTHING_IS_SAID);
        }
        let side = if look.kind == Kind::Page { "image-" } else { "page-" };
        let missing = signals_checked::ALL.into_iter().filter(|name| !name.starts_with(side));
        let not_checked = missing.filter(|name| !look.checked.contains(name)).collect();
        Self { mode: policy.mode, agent: &policy.agent, look, not_checked, advice: told }
    }
}

fn table(told: &Told<'_>) -> String {
    let look = told.look;
    let kind = match look.kind {
        Kind::Page => "page",
        Kind::Image => "picture",
        Kind::Unknown => "not read",
    };
    let status = look.status.map(|status| format!(", status {status}")).unwrap_or_default();
    let mut text = format!("{}\n{kind}{status}; read as `{}` in mode {}\n\n", look.url, told.agent, told.mode);
    text += &match look.refused {
        Some(reason) => format!("✖ not used: {} ({})\n", reason.explanation(), reason.name()),
        None if look.kind == Kind::Page => "✔ the page does not object to the use of its pictures\n".to_owned(),
        None => "✔ nobody objects\n".to_owned(),
    };
    text += &lines(&look.evidence);
    if !look.images.is_empty() {
        text += &format!("\nPICTURES ON THE PAGE ({}); their own hosts were not asked\n", look.images.len());
        text += &look.images.iter().take(MOST_SHOWN).map(picture).collect::<String>();
        if look.images.len() > MOST_SHOWN {
            text += "  …\n";
        }
    }
    text += &format!("\nlooked for: {}\n", look.checked.iter().copied().collect::<Vec<_>>().join(", "));
    if !told.not_checked.is_empty() {
        text += &format!("not looked for, or not to be had: {}\n", told.not_checked.join(", "));
    }
    if !told.advice.is_empty() {
        let silent = !look.evidence.iter().any(Evidence::denies);
        text += if silent { "\nTO SAY NO\n" } else { "\nTO BE HEARD MORE CLEARLY\n" };
        text += &told.advice.iter().map(|line| format!("- {line}\n")).collect::<String>();
    }
    text
}

fn picture(shown: &Shown) -> String {
    let mark = if shown.refused.is_some() { "✖" } else { "✔" };
    let reason = shown.refused.map(|reason| format!("  {}", reason.name())).unwrap_or_default();
    format!("{mark} {}{reason}\n{}", shown.url, lines(&shown.evidence))
}

fn lines(evidence: &[Evidence]) -> String {
    evidence.iter().map(line).collect()
}

fn line(one: &Evidence) -> String {
    let verdict = match one.verdict {
        Verdict::Deny => "no",
        Verdict::MalformedDeny => "no, badly written",
        Verdict::Conditional => "only under terms",
        Verdict::Allow => "yes",
        Verdict::Info => "noted",
    };
    let raw: String = one.raw.split_whitespace().collect::<Vec<_>>().join(" ");
    let raw: String = raw.chars().take(120).collect();
    let said = if raw.is_empty() { String::new() } else { format!("\n      «{raw}»") };
    format!("  {:<18} {:<24} {}{said}\n", verdict, one.signal, one.place)
}

fn csv(look: &Look) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let of_page = look.evidence.iter().map(|one| (look.url.as_str(), one));
    let of_images = look.images.iter().flat_map(|image| image.evidence.iter().map(|one| (image.url.as_str(), one)));
    let mut text = "url,signal,verdict,where,raw\n".to_owned();
    for (url, one) in of_page.chain(of_images) {
        let verdict = serde_json::to_value(one.verdict).ok();
        let verdict = verdict.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
        let fields = [url, &one.signal, verdict, &one.place, &one.raw].map(quoted);
        text += &format!("{}\n", fields.join(","));
    }
    text
}
