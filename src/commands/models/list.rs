//! `models list`: what is known by name, and what of it is here.

use super::csv;
use crate::{
    cli::Format,
    exit::{Stop, json, print},
    library::Library,
};
use filter::{
    Model,
    model::ModelSpec,
    registry::{Entry, KnownThreshold, Runs, State},
};
use serde::Serialize;
use std::process::ExitCode;

/// One model.
#[derive(Default, Serialize)]
struct Row {
    name: String,
    aliases: Vec<String>,
    about: String,
    family: String,
    dimension: usize,
    licence: String,
    /// On this machine, or at the hub where that is known.
    bytes: Option<u64>,
    /// Of how many of its files the registry knows the digest, and how many it has; nothing for what came otherwise.
    digests: Option<(usize, usize)>,
    /// How it comes to run here; nothing for what came otherwise.
    runs: Option<Runs>,
    /// Why it does not run as pulled.
    why: Option<String>,
    cached: bool,
    verified: bool,
    state: &'static str,
    preprocessing: Option<String>,
    tokens: Option<String>,
    thresholds: Vec<KnownThreshold>,
    source: Option<String>,
}

pub(super) fn run(library: &Library, format: Format) -> Result<ExitCode, Stop> {
    let rows = rows(library)?;
    print(&match format {
        Format::Table => table(&rows),
        Format::Json => json(&rows)?,
        Format::Csv => {
            let head = "name,family,dimension,licence,bytes,cached,verified,state\n".to_owned();
            let line = |row: &Row| {
                let bytes = row.bytes.map(|bytes| bytes.to_string()).unwrap_or_default();
                let (dimension, cached, verified) = (row.dimension, row.cached, row.verified);
                let numbers = [dimension.to_string(), bytes, cached.to_string(), verified.to_string()];
                csv(&[
                    &row.name,
                    &row.family,
                    &numbers[0],
                    &row.licence,
                    &numbers[1],
                    &numbers[2],
                    &numbers[3],
                    row.state,
                ])
            };
            head + &rows.iter().map(line).collect::<String>()
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The embedded model, those of the registry, and those that were added.
fn rows(library: &Library) -> Result<Vec<Row>, Stop> {
    let (spec, bytes) = Model::demo()?;
    let demo = Row { cached: true, verified: true, ..Row::of_spec(&spec, Some(bytes), "built in; not CLIP") };
    let mut rows = vec![demo];
    let cache = &library.cache;
    for entry in library.registry.entries() {
        let state = cache.state(&entry.name);
        let bytes = if state == State::Absent { entry.bytes() } else { cache.bytes(&entry.name) };
        rows.push(Row::of_entry(entry, bytes, state));
    }
    for name in cache.names()?.into_iter().filter(|name| library.registry.entries().iter().all(|one| one.name != *name))
    {
        let state = cache.state(&name);
        rows.push(match cache.spec(&name) {
            Ok(spec) => Row {
                name: name.clone(),
                cached: true,
                verified: state == State::Verified,
                ..Row::of_spec(&spec, cache.bytes(&name), told(state))
            },
            Err(error) => {
                tracing::warn!("{error}");
                Row { name, cached: true, state: "damaged: `pinakes models verify` says how", ..Row::default() }
            }
        });
    }
    Ok(rows)
}

impl Row {
    fn of_spec(spec: &ModelSpec, bytes: Option<u64>, state: &'static str) -> Self {
        let own = spec.thresholds.similarity;
        Self {
            name: spec.name.clone(),
            family: spec.family.clone(),
            dimension: spec.dimension,
            licence: spec.licence.clone(),
            bytes,
            state,
            thresholds: own
                .map(|similarity| KnownThreshold { similarity, source: "its model.toml".into() })
                .into_iter()
                .collect(),
            source: Some(spec.sources.join("; ")),
            ..Self::default()
        }
    }

    fn of_entry(entry: &Entry, bytes: Option<u64>, state: State) -> Self {
        let known = entry.files.iter().filter(|file| file.sha256.is_some()).count();
        Self {
            name: entry.name.clone(),
            aliases: entry.aliases.clone(),
            about: entry.about.clone(),
            family: entry.family.clone(),
            dimension: entry.dimension,
            licence: entry.licence.clone(),
            bytes,
            digests: Some((known, entry.files.len())),
            runs: Some(entry.runs),
            why: (!entry.why.is_empty()).then(|| entry.why.clone()),
            cached: state != State::Absent,
            verified: state == State::Verified,
            state: match (state, entry.runs) {
                (State::Absent, Runs::Pulled) => "not pulled",
                (State::Absent, Runs::Exported) => "to be exported (1)",
                (State::Absent, Runs::NotYet) => "does not run yet",
                _ => told(state),
            },
            preprocessing: Some(entry.preprocessing.clone()),
            tokens: Some(entry.tokens.clone()),
            thresholds: entry.thresholds.clone(),
            source: Some(format!("{} at {}", entry.repository, entry.revision)),
        }
    }
}

fn told(state: State) -> &'static str {
    match state {
        State::Absent => "not there",
        State::Verified => "here, verified",
        State::Changed => "here, changed since it was verified",
        State::Unverified => "here, never verified",
    }
}

fn table(rows: &[Row]) -> String {
    let head = ["name", "family", "dimension", "licence", "size", "digests", "state"].map(str::to_owned);
    let lines: Vec<[String; 7]> = [head].into_iter().chain(rows.iter().map(columns)).collect();
    let widths: Vec<usize> =
        (0..7).map(|column| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0)).collect();
    let mut text = String::new();
    for line in &lines {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        text += cells.collect::<Vec<_>>().join("  ").trim_end();
        text.push('\n');
    }
    let stuck = rows.iter().filter_map(|row| Some((row, row.why.as_ref().filter(|_| !row.cached)?)));
    let notes: String = stuck.map(|(row, why)| format!("\n{}: {why}\n", row.name)).collect();
    let exported = rows.iter().any(|row| row.runs == Some(Runs::Exported) && !row.cached);
    let how =
        "\n(1) `pinakes models pull NAME` says how: with tools/export_clip.py, then `pinakes models add FOLDER`\n";
    text + &notes + if exported { how } else { "" }
}

fn columns(row: &Row) -> [String; 7] {
    let digests = match row.digests {
        Some((known, all)) if known == all => "known".to_owned(),
        Some((0, _)) => "unknown".to_owned(),
        Some((known, all)) => format!("{known} of {all} known"),
        None => "-".to_owned(),
    };
    let size = row.bytes.map_or_else(|| "unknown".to_owned(), |bytes| format!("{:.1} MB", bytes as f64 / 1e6));
    let (name, family, licence) = (row.name.clone(), row.family.clone(), row.licence.clone());
    [name, family, row.dimension.to_string(), licence, size, digests, row.state.to_owned()]
}
