//! Spells out what `[input] archives` names.

use super::{Archive, Courier, Patience, Place, glob, listing};
use crate::{Error, lists};
use schema::{Config, Format, Input, sha256_hex};
use std::collections::BTreeMap;

/// Spells out what the settings name, each archive once, in order of name.
///
/// Call it once a run and keep what it gives: manners towards a server hold among the archives of
/// one call, and a remote listing is fetched by each.
pub async fn spell_out(config: &Config) -> Result<Vec<Archive>, Error> {
    let environment = std::env::vars_os();
    let readable = environment.filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)));
    let courier = Courier::new(&config.agent, &config.input, Patience::default(), readable.collect())?;
    spell_out_with(&courier, &config.input).await
}

/// The same through a courier that is there already.
pub async fn spell_out_with(courier: &Courier, input: &Input) -> Result<Vec<Archive>, Error> {
    let base = if input.base.is_empty() { None } else { Some(Place::parse(&input.base)?) };
    let mut found = BTreeMap::new();
    for pattern in &input.archives {
        for place in places(courier, input, base.as_ref(), pattern).await? {
            let archive = Archive::new(place, input.format, courier.clone());
            check(&archive)?;
            found.insert(archive.name.clone(), archive);
        }
    }
    if found.is_empty() {
        let hint = "name at least one: `archives = [\"crawl/*.warc.gz\"]`".to_owned();
        return Err(Error::Setting { key: "input.archives", problem: "names no archive".into(), hint });
    }
    Ok(found.into_values().collect())
}

/// What one entry of the settings stands for. Only what a pattern or listing brings is sampled:
/// who names an archive by itself wants it.
async fn places(courier: &Courier, input: &Input, base: Option<&Place>, pattern: &str) -> Result<Vec<Place>, Error> {
    let place = Place::parse(pattern)?;
    let named = if listing::is_listing(&place) {
        listing::read(courier, &place, base).await?
    } else if let Some(places) = glob::expand(courier, &place).await? {
        places.into_iter().map(|place| (place.to_string(), place)).collect()
    } else {
        return Ok(vec![place]);
    };
    Ok(sample(named, input.sample))
}

/// At most `count` of them (0: all), each once. Which ones depends on the names alone, so that a
/// larger sample holds every smaller one, and each mirror of a crawl gives the same.
fn sample(named: Vec<(String, Place)>, count: usize) -> Vec<Place> {
    let by_digest: BTreeMap<String, Place> =
        named.into_iter().map(|(name, place)| (sha256_hex(name.as_bytes()), place)).collect();
    let count = if count == 0 { by_digest.len() } else { count };
    by_digest.into_values().take(count).collect()
}

/// What can be known without asking anybody.
fn check(archive: &Archive) -> Result<(), Error> {
    let name = &archive.name;
    let file = archive.place.file_name();
    if archive.format == Format::Urls && !file.is_empty() && lists::Kind::of(file).is_none() {
        return Err(lists::unknown(name));
    }
    let Place::File(path) = &archive.place else {
        return match archive.place.file_name() {
            "" => Err(Error::archive(name, "is a folder", "name a file in it, or a `*.paths` listing")),
            _ => Ok(()),
        };
    };
    match path.metadata() {
        Ok(meta) if meta.is_file() => Ok(()),
        Ok(_) => Err(Error::archive(name, "is a folder", "name the files in it: `folder/*.warc.gz`")),
        Err(error) => {
            let hint =
                "paths are taken from the folder the program is started in, those of a local listing from its own";
            Err(Error::archive(name, &format!("cannot be read: {error}"), hint))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    async fn spelled(archives: &[String], sample: usize) -> Result<Vec<Archive>, Error> {
        let input = Input { archives: archives.to_vec(), sample, ..Input::default() };
        spell_out(&Config { input, ..Config::default() }).await
    }

    #[tokio::test]
    async fn patterns_and_listings_are_spelled_out_once_each() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        for name in ["b.warc.gz", "a.warc.gz", "c d.warc"] {
            std::fs::write(path(name), "").unwrap();
        }
        std::fs::write(path("all.paths"), "a.warc.gz\n\nc d.warc\n").unwrap();
        let url = format!("file://{}", path("b.warc.gz"));
        let found = spelled(&[path("*.warc.gz"), path("all.paths"), path("a.warc.gz"), url], 0).await.unwrap();
        let stems: Vec<_> = found.iter().map(|archive| archive.key.rsplit_once('-').unwrap().0).collect();
        assert_eq!(stems, ["a", "b", "c_d"]);
        assert_eq!(found[0].name, path("a.warc.gz"));
    }

    #[tokio::test]
    async fn what_is_not_there_is_named() {
        for (pattern, problem) in [
            ("no/such.warc.gz", "no/such.warc.gz"),
            ("no/such*.warc.gz", "matches no file"),
            ("no.paths", "cannot be read"),
            ("ftp://data.example/a.warc.gz", "`ftp://`"),
            ("https://data.example/*.warc.gz", "cannot be listed"),
            ("https://data.example/crawl/", "is a folder"),
            (".", "is a folder"),
        ] {
            let error = spelled(&[pattern.to_owned()], 0).await.unwrap_err();
            assert!(error.to_string().contains(problem), "{error}");
            assert!(error.hint().is_some());
        }
        assert!(spelled(&[], 0).await.is_err());
    }

    #[tokio::test]
    async fn samples_are_nested_and_without_replacement() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        let names: Vec<String> = (0..40).map(|number| format!("{number:02}.warc.gz")).collect();
        for name in &names {
            std::fs::write(path(name), "").unwrap();
        }
        // Each line twice: a name is drawn once.
        std::fs::write(path("all.paths"), [names.clone(), names.clone()].concat().join("\n")).unwrap();
        let mut smaller = BTreeSet::new();
        for count in [1, 2, 7, 39, 40, 100] {
            let drawn = spelled(&[path("all.paths")], count).await.unwrap();
            let drawn: BTreeSet<String> = drawn.into_iter().map(|archive| archive.name).collect();
            assert_eq!(drawn.len(), count.min(40));
            assert!(drawn.is_superset(&smaller), "{count}");
            smaller = drawn;
        }
        // The order of a listing and the folder it lies in decide nothing.
        let first = spelled(&[path("all.paths")], 3).await.unwrap();
        let moved = tempfile::tempdir().unwrap();
        let lines: Vec<String> = names.iter().rev().cloned().collect();
        std::fs::write(moved.path().join("all.paths"), lines.join("\n")).unwrap();
        for name in &names {
            std::fs::write(moved.path().join(name), "").unwrap();
        }
        let second = spelled(&[moved.path().join("all.paths").to_string_lossy().into_owned()], 3).await.unwrap();
        let files = |found: &[Archive]| -> Vec<String> {
            found.iter().map(|archive| archive.place.file_name().to_owned()).collect()
        };
        assert_eq!(files(&first), files(&second));
        assert_ne!(files(&first), names[..3], "the first of a listing are no sample");
        // Each entry is sampled for itself, and what is named by itself stays.
        let both = spelled(&[path("all.paths"), path("*.warc.gz"), path("38.warc.gz"), path("39.warc.gz")], 1).await;
        let both: BTreeSet<String> = both.unwrap().into_iter().map(|archive| archive.name).collect();
        assert!(both.contains(&path("38.warc.gz")) && both.contains(&path("39.warc.gz")));
        assert!((2..=4).contains(&both.len()), "{both:?}");
    }
}
