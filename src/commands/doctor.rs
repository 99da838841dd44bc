//! `doctor`: whether this machine is ready, item by item.

use crate::{
    exit::{Stop, print},
    library::Library,
};
use crawler::archives::{self, Archive};
use filter::{Backend, doctor, runtime::default_search};
use schema::{Config, Format, Score};
use std::{fmt::Display, path::Path, process::ExitCode};

/// Checks the runtime, the model, and a configuration if one is named.
pub(crate) async fn run(config: Option<&Path>, onnxruntime: Option<&Path>) -> Result<ExitCode, Stop> {
    let mut all_well = true;
    let mut text = String::new();
    let mut tell = |what: &str, found: Result<String, String>| match found {
        Ok(found) => text += &format!("✔ {what}: {found}\n"),
        Err(problem) => {
            all_well = false;
            text += &format!("✖ {what}: {problem}\n");
        }
    };

    tell("version", Ok(env!("CARGO_PKG_VERSION").to_owned()));
    tell("consent policy", Ok(consent::POLICY_VERSION.to_owned()));
    let cores = std::thread::available_parallelism().map(|cores| format!("{cores} usable"));
    tell("processors", cores.map_err(|error| error.to_string()));

    let mut settings = Config::default();
    if let Some(path) = config {
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string());
        let read = text.and_then(|text| Config::parse(&text, &[]).map_err(|error| told(&error, error.hint())));
        let valid =
            read.and_then(|config| config.validate().map(|()| config).map_err(|error| told(&error, error.hint())));
        match valid {
            Ok(config) => {
                tell("configuration", Ok(path.display().to_string()));
                let archives = archives::spell_out(&config).await;
                let archives = archives.map(|archives| to_read(&archives));
                tell("archives", archives.map_err(|error| told(&error, error.hint().map(str::to_owned))));
                let agent = config.agent.user_agent();
                tell(
                    "user agent",
                    if config.agent.contact.is_empty() {
                        Err(format!("`{agent}` names no contact"))
                    } else {
                        Ok(agent)
                    },
                );
                settings = config;
            }
            Err(problem) => tell("configuration", Err(format!("`{}`: {problem}", path.display()))),
        }
    }
    if let Some(library) = onnxruntime {
        settings.score.onnxruntime = library.display().to_string();
    }

    let backend = doctor::backend(&settings.score.onnxruntime, &default_search());
    tell("inference", backend.map(|backend| describe(&backend)).map_err(|error| told(&error, error.hint())));
    let place = Library::of(&settings.models).and_then(|library| library.locate(&settings.score.model));
    let model = place.and_then(|place| doctor::model(&place).map(|id| (place, id)));
    let device = model.as_ref().ok().map(|(place, _)| {
        doctor::device(&Score { model: place.clone(), tags: Vec::new(), ..settings.score.clone() }, &default_search())
    });
    let model = model
        .map(|(_, id)| id)
        .map(|id| if id.starts_with("demo@") { format!("{id} (for show; it is not CLIP)") } else { id });
    tell("model", model.map_err(|error| told(&error, error.hint())));
    if let Some(device) = device {
        let told_of =
            |(places, notes): (Vec<String>, Vec<String>)| [vec![places.join(", ")], notes].concat().join("; ");
        tell("device", device.map(told_of).map_err(|error| told(&error, error.hint())));
    }
    print(&text)?;
    Ok(ExitCode::from(u8::from(!all_well)))
}

fn to_read(archives: &[Archive]) -> String {
    let lists = archives.iter().filter(|archive| archive.format == Format::Urls).count();
    match lists {
        0 => format!("{} to read", archives.len()),
        _ => format!("{} to read, {lists} of them lists of URLs", archives.len()),
    }
}

fn describe(backend: &Backend) -> String {
    match &backend.library {
        Some(library) => format!("{} {} ({})", backend.name, backend.version, library.display()),
        None => {
            format!("{} {}, built in; `pip install onnxruntime` brings a faster one", backend.name, backend.version)
        }
    }
}

fn told(error: &dyn Display, hint: Option<String>) -> String {
    hint.map_or_else(|| error.to_string(), |hint| format!("{error} (hint: {hint})"))
}
