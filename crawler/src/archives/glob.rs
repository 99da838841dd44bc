//! Patterns: on this disk by looking, in a bucket by its listing, on a web server not at all.

use super::{Courier, Place, s3::Page, transfer};
use crate::Error;
use ::glob::{MatchOptions, Pattern};

/// Most keys of a bucket looked at for one pattern.
const MAX_KEYS: usize = 1_000_000;

/// Largest page of a bucket's listing read: a page holds at most 1000 keys of at most 1 KiB each.
const MAX_PAGE_BYTES: u64 = 8 * 1024 * 1024;

/// As a shell has it: `*` stays in its folder.
const LIKE_A_SHELL: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: false };

/// The places that `pattern` matches, or `None` where it is no pattern.
pub(super) async fn expand(courier: &Courier, pattern: &Place) -> Result<Option<Vec<Place>>, Error> {
    match pattern {
        Place::File(path) => {
            let text = path.to_string_lossy();
            if is_pattern(&text) { on_disk(&text).map(Some) } else { Ok(None) }
        }
        Place::S3 { bucket, key } if is_pattern(key) => in_bucket(courier, pattern, bucket, key).await.map(Some),
        // Here a `?` begins a query.
        Place::Http(url) if url.path().contains(['*', '[']) => {
            let hint = "web servers tell no names: give a `*.paths` listing, or the same place as `s3://bucket/…`";
            Err(Error::archive(&pattern.to_string(), "is a pattern, and a web server cannot be listed", hint))
        }
        _ => Ok(None),
    }
}

fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

fn on_disk(pattern: &str) -> Result<Vec<Place>, Error> {
    let found = ::glob::glob(pattern).map_err(|error| broken(pattern, &error))?;
    let found: Vec<Place> = found.filter_map(Result::ok).filter(|path| path.is_file()).map(Place::File).collect();
    if found.is_empty() {
        let hint = "paths are taken from the folder the program is started in";
        return Err(Error::archive(pattern, "matches no file", hint));
    }
    Ok(found)
}

async fn in_bucket(courier: &Courier, place: &Place, bucket: &str, key: &str) -> Result<Vec<Place>, Error> {
    let name = place.to_string();
    let pattern = Pattern::new(key).map_err(|error| broken(&name, &error))?;
    let plain = &key[..key.find(['*', '?', '[']).unwrap_or(key.len())];
    // One folder is enough where the pattern is in the last segment.
    let deep = key[plain.len()..].contains('/');
    let (mut found, mut looked_at, mut token) = (Vec::new(), 0, None);
    loop {
        let url = courier.bucket(place)?.page_address(plain, deep, token.as_deref())?;
        let answer = transfer::answer(courier, place, url, MAX_PAGE_BYTES).await?;
        let page = Page::read(&answer).map_err(|problem| {
            let hint = "what answers is no S3 bucket: look at the environment variable `AWS_ENDPOINT_URL`";
            Error::archive(&name, &format!("cannot be listed: {problem}"), hint)
        })?;
        looked_at += page.keys.len();
        let matching = page.keys.into_iter().filter(|key| pattern.matches_with(key, LIKE_A_SHELL));
        found.extend(matching.map(|key| Place::S3 { bucket: bucket.to_owned(), key }));
        token = page.next;
        if token.is_none() {
            break;
        }
        if looked_at > MAX_KEYS {
            let hint = "begin the pattern with a longer folder, or give a `*.paths` listing";
            return Err(Error::archive(&name, &format!("matches too widely: over {MAX_KEYS} keys"), hint));
        }
    }
    if found.is_empty() {
        let hint = "the pattern holds for the whole key, `*` within one folder and `**` across folders";
        return Err(Error::archive(&name, &format!("matches none of {looked_at} keys"), hint));
    }
    Ok(found)
}

fn broken(pattern: &str, error: &::glob::PatternError) -> Error {
    Error::archive(pattern, &format!("is no pattern: {error}"), "see the pattern's brackets")
}
