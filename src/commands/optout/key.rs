//! The key that receipts are signed with. It lies with whoever keeps the dataset, never in the dataset: who is handed a
//! copy could sign in their name.

use crate::exit::Stop;
use index::optout::Key;
use std::{
    env::{home_dir, var_os},
    io::Write,
    path::{Path, PathBuf},
};

/// Names the key where no option does.
const VARIABLE: &str = "PINAKES_RECEIPT_KEY";

/// A key, where it lies, and whether it was made just now.
pub(super) struct Found {
    pub(super) key: Key,
    pub(super) path: PathBuf,
    pub(super) is_new: bool,
}

/// The key named by the option or the variable, else the user's own, which is made where there is none.
pub(super) fn find(option: Option<&Path>, dataset: &Path) -> Result<Found, Stop> {
    let named = option.map(Path::to_path_buf).or_else(|| set(VARIABLE));
    let path = match &named {
        Some(path) => path.clone(),
        None => own().ok_or_else(|| {
            Stop::yours("there is no home folder to keep a key in", format!("name a key with `--key` or {VARIABLE}"))
        })?,
    };
    outside(&path, dataset)?;
    let shown = path.display();
    match std::fs::read_to_string(&path) {
        Ok(pem) => {
            let key = Key::parse(&pem).map_err(|error| Stop::from(error).context(format!("key `{shown}`")))?;
            Ok(Found { key, path, is_new: false })
        }
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            let key = Key::generate()?;
            make(&path, &key.pem()?).map_err(|error| {
                Stop::yours(
                    format!("key `{shown}` cannot be written: {error}"),
                    format!("name a key with `--key` or {VARIABLE}"),
                )
            })?;
            Ok(Found { key, path, is_new: true })
        }
        Err(error) => Err(Stop::yours(
            format!("key `{shown}` cannot be read: {error}"),
            "name a key that exists; without `--key` one of your own is made",
        )),
    }
}

/// Refuses a key that lies in the dataset, or would.
fn outside(path: &Path, dataset: &Path) -> Result<(), Stop> {
    let whole = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if whole(folder)?.starts_with(whole(dataset)?) {
        let problem = format!("key `{}` lies in the dataset", path.display());
        return Err(Stop::yours(problem, "keep it elsewhere: whoever is handed a copy could sign with it"));
    }
    Ok(())
}

/// The user's own, by the XDG Base Directory Specification, which has relative paths ignored.
fn own() -> Option<PathBuf> {
    let xdg = set("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
    let home = || home_dir().filter(|home| home.is_absolute()).map(|home| home.join(".config"));
    Some(xdg.or_else(home)?.join("pinakes/receipt-key.pem"))
}

fn set(name: &str) -> Option<PathBuf> {
    var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// Writes the file for its owner's eyes alone, unless there is one already.
fn make(path: &Path, pem: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(pem.as_bytes())?;
    file.sync_all()
}
