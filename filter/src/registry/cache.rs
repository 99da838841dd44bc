//! The models on this machine: a folder with a folder a model, each whole or not there at all.

use super::{
    Entry, HubFile, Lock, Registry, Stage,
    entry::{is_name, is_path_within},
    receipt::{RECEIPT, Receipt, unreadable, unwritable},
};
use crate::{
    Error, Model,
    model::{DEMO, MODEL_TOML, ModelSpec, measured},
};
use schema::sha256_hex;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// Where models are made ready, within the cache so that a rename brings them to their place. No model's name begins
/// with a dot.
pub(super) const PULLING: &str = ".pulling";

/// A folder of models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    root: PathBuf,
}

/// What a look tells of a model in the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is not there.
    Absent,
    /// Its files were held against their digests, and have not been written since.
    Verified,
    /// They have changed since, or some are missing.
    Changed,
    /// It is there, and nobody verified it.
    Unverified,
}

/// One file of a model, held against its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Its path within the model's folder.
    pub file: String,
    /// What is wrong with it.
    pub problem: Option<String>,
}

impl Cache {
    /// The cache in this folder, which need not be there yet.
    pub fn at(root: PathBuf) -> Self {
        Self { root }
    }

    /// The folder of the cache.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the model `name` lies or would lie; nowhere, if that can be no model's name.
    pub fn folder(&self, name: &str) -> Option<PathBuf> {
        (is_name(name) && name != DEMO).then(|| self.root.join(name))
    }

    /// The names of the models that are there, in order.
    pub fn names(&self) -> Result<Vec<String>, Error> {
        let entries = match fs::read_dir(&self.root) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|error| unreadable(&self.root, &error))?,
        };
        let mut names: Vec<String> =
            entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.retain(|name| self.folder(name).is_some_and(|folder| folder.join(MODEL_TOML).is_file()));
        names.sort();
        Ok(names)
    }

    /// What a look tells of the model `name`.
    pub fn state(&self, name: &str) -> State {
        match self.folder(name).filter(|folder| folder.join(MODEL_TOML).is_file()) {
            None => State::Absent,
            Some(folder) => match Receipt::read(&folder) {
                None => State::Unverified,
                Some(receipt) if receipt.still_holds(&folder) => State::Verified,
                Some(_) => State::Changed,
            },
        }
    }

    /// What the `model.toml` of the model `name` says.
    pub fn spec(&self, name: &str) -> Result<ModelSpec, Error> {
        let folder = self.folder(name).ok_or_else(|| Error::NotPulled { name: name.to_owned() })?;
        spec_in(&folder)
    }

    /// Bytes of its files.
    pub fn bytes(&self, name: &str) -> Option<u64> {
        let folder = self.folder(name)?;
        let files = spec_in(&folder).ok()?.files();
        files.iter().map(|(file, _)| fs::metadata(folder.join(file)).ok().map(|found| found.len())).sum()
    }

    /// Whether what `entry` says is there, whole. Reads all of it.
    pub fn holds(&self, entry: &Entry) -> Result<bool, Error> {
        if self.state(&entry.name) == State::Absent || self.verify(&entry.name)?.iter().any(|one| one.problem.is_some())
        {
            return Ok(false);
        }
        let spec = self.spec(&entry.name)?;
        let digests: BTreeMap<String, String> =
            spec.files().into_iter().filter_map(|(file, sha256)| Some((file, sha256?))).collect();
        let expected = |file: &HubFile| {
            let known = file.sha256.as_ref();
            known.is_none_or(|known| digests.get(&file.path).is_some_and(|held| held.eq_ignore_ascii_case(known)))
        };
        Ok(entry.files.iter().all(expected) && entry.describe(&digests)? == spec)
    }

    /// Holds every file of the model `name` against its digest: the one in `model.toml`, or what was noted when it came.
    pub fn verify(&self, name: &str) -> Result<Vec<Checked>, Error> {
        let folder = self.folder(name).filter(|folder| folder.is_dir());
        let folder = folder.ok_or_else(|| Error::NotPulled { name: name.to_owned() })?;
        let noted = Receipt::read(&folder).unwrap_or_default();
        let mut wanted: BTreeMap<String, Option<String>> =
            noted.files.into_iter().map(|seen| (seen.path, Some(seen.sha256))).collect();
        wanted.entry(MODEL_TOML.to_owned()).or_insert(None);
        let spec = match spec_in(&folder) {
            Ok(spec) => spec,
            Err(Error::File { problem, .. }) => {
                return Ok(vec![Checked { file: MODEL_TOML.to_owned(), problem: Some(problem) }]);
            }
            Err(error) => return Err(error),
        };
        for (path, sha256) in spec.files() {
            let known = wanted.remove(&path).flatten();
            wanted.insert(path, sha256.or(known));
        }
        let checked: Vec<Checked> =
            wanted.iter().map(|(file, sha256)| check(&folder, file, sha256.as_deref())).collect();
        if checked.iter().all(|one| one.problem.is_none()) {
            Receipt::of(&folder, &wanted.into_iter().collect::<Vec<_>>())?.write(&folder)?;
        }
        Ok(checked)
    }

    /// The right to make the model `name` ready, if nobody else has it now.
    pub fn lock(&self, name: &str) -> Result<Option<Lock>, Error> {
        Lock::of(&self.root.join(PULLING), name)
    }

    /// Where the model `name` is made ready.
    pub fn stage(&self, lock: &Lock) -> Result<Stage, Error> {
        Stage::open(&self.root, lock)
    }

    /// Takes the model in `folder` in under its own name, verified. Gives its name; nothing is done where just that
    /// model is there already.
    pub fn add(&self, folder: &Path, registry: &Registry) -> Result<String, Error> {
        let wrong = |problem: String, hint: &str| {
            let file = folder.join(MODEL_TOML).display().to_string();
            Err(Error::File { file, problem, hint: hint.to_owned() })
        };
        // All files are held against their digests here.
        let spec = Model::open(&folder.display().to_string())?.spec;
        let name = spec.name.clone();
        let Some(home) = self.folder(&name) else {
            let problem = format!("has the name `{name}`, under which nothing can be kept");
            return wrong(problem, "choose letters, digits, `-`, `_` and `.` (not first), and not `demo`");
        };
        if let Some(entry) = registry.find(&name).filter(|entry| entry.family != spec.family) {
            let problem = format!(
                "has the name `{name}`, which is known for embeddings of `{}`, and its own are of `{}`",
                entry.family, spec.family
            );
            return wrong(problem, "give it another `name`");
        }
        let files = spec.files();
        if let Some((path, _)) = files.iter().find(|(path, _)| !is_path_within(path) || path == RECEIPT) {
            return wrong(format!("names `{path}`, which is no plain path within its folder"), "put the file there");
        }
        let lock = Lock::or_refuse(self.lock(&name)?, &name)?;
        let toml = folder.join(MODEL_TOML);
        let text = fs::read(&toml).map_err(|error| unreadable(&toml, &error))?;
        if home.join(MODEL_TOML).is_file() {
            let same = fs::read(home.join(MODEL_TOML)).is_ok_and(|held| sha256_hex(&held) == sha256_hex(&text));
            if same && self.verify(&name)?.iter().all(|one| one.problem.is_none()) {
                return Ok(name);
            }
            if !same {
                let hint = format!("give it another `name`, or remove `{}` first", home.display());
                return wrong(format!("has the name `{name}`, and another model of that name is there"), &hint);
            }
        }
        let stage = self.stage(&lock)?;
        stage.clear()?;
        for (path, _) in &files {
            stage.copy(&folder.join(path), path)?;
        }
        stage.install(&text)?;
        Ok(name)
    }
}

pub(super) fn spec_in(folder: &Path) -> Result<ModelSpec, Error> {
    let place = folder.join(MODEL_TOML);
    let text = fs::read(&place).map_err(|error| unreadable(&place, &error))?;
    ModelSpec::parse(&text, &place.display().to_string())
}

fn check(folder: &Path, file: &str, sha256: Option<&str>) -> Checked {
    let problem = match (File::open(folder.join(file)).and_then(measured), sha256) {
        (Err(error), _) => Some(format!("cannot be read: {error}")),
        (Ok((_, found)), Some(wanted)) if !found.eq_ignore_ascii_case(wanted) => {
            Some(format!("has SHA-256 {found}, and {wanted} is wanted"))
        }
        // A head that was put there by hand: `model.toml` says no digest of heads.
        _ => None,
    };
    Checked { file: file.to_owned(), problem }
}

/// Makes the folder that `place` lies in.
pub(super) fn make_room_for(place: &Path) -> Result<(), Error> {
    place.parent().map_or(Ok(()), |folder| fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error)))
}
