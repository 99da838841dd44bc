//! `models pull`: a model from its hub, or from a folder, into the cache.

use super::{on_a_thread, open};
use crate::{
    exit::{Stop, print},
    library::Library,
    progress::{Progress, Transfer},
};
use crawler::{
    archives::Patience,
    hub::{HUB, Hub, News, Wanted},
};
use filter::{
    model::DEMO,
    registry::{Cache, Entry, HubFile, Lock, Stage},
};
use schema::Config;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

/// Between two looks whether another pull of the same model is done.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Where the files come from.
enum Source {
    Hub(Hub),
    Folder(PathBuf),
}

/// Pulls the model `name`.
pub(super) async fn run(
    config: &Config,
    name: &str,
    from: Option<&Path>,
    mirror: Option<&str>,
    progress: Progress,
) -> Result<ExitCode, Stop> {
    if name == DEMO {
        progress.say("`demo` is built in: there is nothing to pull");
        return Ok(ExitCode::SUCCESS);
    }
    let Library { registry, cache } = open(config)?;
    let entry = registry.find(name).cloned().ok_or_else(|| registry.unknown(name, &cache))?;
    entry.must_run()?;
    let source = match from {
        Some(folder) => Source::Folder(folder.to_owned()),
        None => Source::Hub(hub(config, mirror)?),
    };
    let lock = lock(&cache, &entry.name, progress).await?;
    let (held_by, what) = (cache.clone(), entry.clone());
    let folder = if on_a_thread(move || held_by.holds(&what)).await? {
        progress.say(&format!("`{}` is there already, verified", entry.name));
        cache.root().join(&entry.name)
    } else {
        bring(&cache, &lock, &entry, &source, progress).await?
    };
    print(&format!("{}\n", folder.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// The hub, asked with the token of the environment.
fn hub(config: &Config, mirror: Option<&str>) -> Result<Hub, Stop> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let setting = Some(config.models.hub.clone()).filter(|hub| !hub.is_empty());
    let address =
        mirror.map(str::to_owned).or(setting).or_else(|| set("HF_ENDPOINT")).unwrap_or_else(|| HUB.to_owned());
    Ok(Hub::open(&config.agent, &address, set("HF_TOKEN").as_deref(), Patience::default())?)
}

async fn lock(cache: &Cache, name: &str, progress: Progress) -> Result<Lock, Stop> {
    let mut told = false;
    loop {
        if let Some(lock) = cache.lock(name)? {
            return Ok(lock);
        }
        if !told {
            progress.say(&format!("`{name}` is being pulled by another process; waiting for it"));
            told = true;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Brings all files, then the model.
async fn bring(
    cache: &Cache,
    lock: &Lock,
    entry: &Entry,
    source: &Source,
    progress: Progress,
) -> Result<PathBuf, Stop> {
    let stage = Arc::new(cache.stage(lock)?);
    let mut digests = BTreeMap::new();
    for file in &entry.files {
        let digest = bring_file(&stage, entry, file, source, progress).await?;
        digests.insert(file.path.clone(), digest);
    }
    let spec = entry.describe(&digests)?;
    let toml = toml::to_string_pretty(&spec).map_err(|error| Stop::ours(error.into()))?;
    let toml = format!("# Written by `pinakes models pull`: {}.\n{toml}", entry.about);
    let folder = on_a_thread(move || stage.install(toml.as_bytes())).await?;
    progress.say(&format!("`{0}` is there, verified: score with `score.model = \"{0}\"`", entry.name));
    if spec.thresholds.similarity.is_none() {
        progress.say("nobody published a threshold of similarity for it: set `keep.min_similarity`");
    }
    Ok(folder)
}

/// Brings one file, unless an earlier pull did; gives its digest.
async fn bring_file(
    stage: &Arc<Stage>,
    entry: &Entry,
    file: &HubFile,
    source: &Source,
    progress: Progress,
) -> Result<String, Stop> {
    let wanted =
        Wanted { repository: &entry.repository, revision: &entry.revision, file: &file.path, bytes: file.bytes };
    let place = match source {
        Source::Hub(hub) => hub.address(&wanted).to_string(),
        Source::Folder(folder) => folder.join(&file.path).display().to_string(),
    };
    let (before, what, of) = (Arc::clone(stage), file.clone(), place.clone());
    if let Some(digest) = on_a_thread(move || Ok(before.accepted(&what, &of))).await? {
        return Ok(digest);
    }
    let transfer = Transfer::new(progress, &file.path);
    let stated = match source {
        Source::Hub(hub) => hub.fetch(&wanted, &stage.part(&file.path)?, &|news| transfer.tell(news)).await?,
        Source::Folder(folder) => {
            let (to, path, file) = (Arc::clone(stage), folder.join(&file.path), file.path.clone());
            let bytes = on_a_thread(move || to.copy_part(&path, &file)).await?;
            transfer.tell(News::Here(bytes, Some(bytes)));
            None
        }
    };
    transfer.finish();
    if file.sha256.is_none() && stated.is_none() {
        progress.say(&format!(
            "    note: no digest of `{}` is known; what came is noted, and held against later",
            file.path
        ));
    }
    let (stage, file) = (Arc::clone(stage), file.clone());
    on_a_thread(move || stage.accept(&file, stated.as_deref(), &place)).await
}
