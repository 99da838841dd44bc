//! The models of this machine and of this configuration: the registry, and where the cache lies.

use filter::{
    Error,
    registry::{Cache, Registry},
};
use schema::Models;
use std::{
    env::{home_dir, var_os},
    path::PathBuf,
};

/// Where the cache lies where no setting says so.
const CACHE_VARIABLE: &str = "PINAKES_MODELS";

/// What models there are, and which of them are here.
pub(crate) struct Library {
    pub(crate) registry: Registry,
    pub(crate) cache: Cache,
}

impl Library {
    /// By these settings.
    pub(crate) fn of(models: &Models) -> Result<Self, Error> {
        let mut registry = Registry::built_in()?;
        if !models.registry.is_empty() {
            let text = std::fs::read_to_string(&models.registry).map_err(|error| Error::File {
                file: models.registry.clone(),
                problem: format!("cannot be read: {error}"),
                hint: "name a file as configs/models.toml in `models.registry`, or leave it empty".into(),
            })?;
            registry = registry.with(&text, &models.registry)?;
        }
        Ok(Self { registry, cache: Cache::at(cache_folder(&models.cache)?) })
    }

    /// What is to be opened for the model `name`.
    pub(crate) fn locate(&self, name: &str) -> Result<String, Error> {
        self.registry.locate(name, &self.cache)
    }
}

fn cache_folder(setting: &str) -> Result<PathBuf, Error> {
    let set = |name: &str| var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    // The XDG Base Directory Specification has relative paths ignored.
    let xdg = || set("XDG_CACHE_HOME").filter(|path| path.is_absolute());
    let home = || home_dir().filter(|home| home.is_absolute()).map(|home| home.join(".cache"));
    let named = if setting.is_empty() { set(CACHE_VARIABLE) } else { Some(setting.into()) };
    named.or_else(|| Some(xdg().or_else(home)?.join("pinakes/models"))).ok_or_else(|| Error::File {
        file: "models.cache".into(),
        problem: "is not set, and there is no home folder to keep models in".into(),
        hint: format!("set it, or {CACHE_VARIABLE}"),
    })
}
