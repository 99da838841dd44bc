//! `models`: which there are, and which are on this machine.

mod list;
mod pull;

use crate::{
    cli::{Format, Models, Shelf},
    exit::{Stop, print},
    library::Library,
    progress::Progress,
    run::read_config,
};
use filter::{
    model::DEMO,
    registry::{Checked, State},
};
use schema::Config;
use serde_json::json;
use std::{path::Path, process::ExitCode};

/// Does what was asked for.
pub(crate) async fn run(action: &Models, progress: Progress) -> Result<ExitCode, Stop> {
    match action {
        Models::List { library, output } => list::run(&open(&config(library)?)?, output.format),
        Models::Pull { name, from, mirror, library } => {
            pull::run(&config(library)?, name, from.as_deref(), mirror.as_deref(), progress).await
        }
        Models::Verify { name, library, output } => {
            verify(open(&config(library)?)?, name.as_deref(), output.format, progress).await
        }
        Models::Add { folder, library } => add(open(&config(library)?)?, folder, progress).await,
    }
}

/// The settings that hold for models, with what the command line says on top.
pub(super) fn config(shelf: &Shelf) -> Result<Config, Stop> {
    let mut config = match &shelf.config {
        Some(path) => read_config(path, &shelf.settings)?,
        None => Config::parse("", &shelf.settings)?,
    };
    if let Some(cache) = &shelf.cache {
        config.models.cache = cache.display().to_string();
    }
    Ok(config)
}

fn open(config: &Config) -> Result<Library, Stop> {
    Ok(Library::of(&config.models)?)
}

/// Reads all files of one model or of all, and says of each whether it is what it should be.
async fn verify(library: Library, name: Option<&str>, format: Format, progress: Progress) -> Result<ExitCode, Stop> {
    let names = match name {
        Some(name) => vec![library.registry.find(name).map_or(name, |entry| entry.name.as_str()).to_owned()],
        None => library.cache.names()?,
    };
    if let Some(absent) = names.iter().find(|name| library.cache.state(name) == State::Absent) {
        // As if it were to be scored with: what is known of the name, and the way out.
        let place = library.locate(absent)?;
        let cache = library.cache.root().display();
        if place == DEMO {
            return Err(Stop::yours(
                "`demo` is built in, and not in the cache",
                "it is verified whenever it is opened",
            ));
        }
        let hint = format!("`pinakes models add {place}` takes it in");
        return Err(Stop::yours(format!("`{place}` is a folder of yours, and not in the cache `{cache}`"), hint));
    }
    if names.is_empty() {
        progress.say(&format!("no models in `{}`", library.cache.root().display()));
    }
    let mut rows = Vec::new();
    for name in names {
        progress.say(&format!("reading {name}"));
        let (cache, of) = (library.cache.clone(), name.clone());
        let checked = on_a_thread(move || cache.verify(&of)).await?;
        rows.extend(checked.into_iter().map(|one| (name.clone(), one)));
    }
    print(&verified(&rows, format))?;
    let wrong: Vec<&(String, Checked)> = rows.iter().filter(|(_, one)| one.problem.is_some()).collect();
    let Some((first, _)) = wrong.first() else { return Ok(ExitCode::SUCCESS) };
    let hint = if library.registry.find(first).is_some_and(|entry| entry.must_run().is_ok()) {
        format!("`pinakes models pull {first}` brings it anew")
    } else {
        format!("remove `{}`, and give `pinakes models add FOLDER` again", library.cache.root().join(first).display())
    };
    Err(Stop::yours(format!("{} of {} files are not what they should be", wrong.len(), rows.len()), hint))
}

fn verified(rows: &[(String, Checked)], format: Format) -> String {
    let of = |one: &Checked| one.problem.clone().unwrap_or_default();
    match format {
        Format::Table => {
            let line = |(name, one): &(String, Checked)| match &one.problem {
                None => format!("✔ {name}/{}\n", one.file),
                Some(problem) => format!("✖ {name}/{} {problem}\n", one.file),
            };
            rows.iter().map(line).collect()
        }
        Format::Json => {
            let row = |(name, one): &(String, Checked)| {
                let Checked { file, problem } = one;
                json!({ "model": name, "file": file, "verified": problem.is_none(), "problem": problem })
            };
            format!("{:#}\n", rows.iter().map(row).collect::<serde_json::Value>())
        }
        Format::Csv => {
            let row =
                |(name, one): &(String, Checked)| csv(&[name, &one.file, &one.problem.is_none().to_string(), &of(one)]);
            format!("model,file,verified,problem\n{}", rows.iter().map(row).collect::<String>())
        }
    }
}

async fn add(library: Library, folder: &Path, progress: Progress) -> Result<ExitCode, Stop> {
    let folder = folder.to_owned();
    let name = on_a_thread(move || {
        let name = library.cache.add(&folder, &library.registry)?;
        Ok((library.locate(&name)?, name))
    });
    let (place, name) = name.await?;
    progress.say(&format!("`{name}` is there, verified: score with `score.model = \"{name}\"`"));
    print(&format!("{place}\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// Work that reads or writes gigabytes, beside the thread that hears Ctrl-C.
async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, filter::Error> + Send + 'static,
) -> Result<T, Stop> {
    Ok(tokio::task::spawn_blocking(work).await.map_err(|lost| Stop::ours(lost.into()))??)
}

/// A line of comma-separated values.
fn csv(fields: &[&str]) -> String {
    let quoted = |text: &&str| format!("\"{}\"", text.replace('"', "\"\""));
    fields.iter().map(quoted).collect::<Vec<_>>().join(",") + "\n"
}
