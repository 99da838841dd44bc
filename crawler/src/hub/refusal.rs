//! What ends a transfer from a hub, told with the way out.

use crate::Error;
use reqwest::{StatusCode, header::HeaderMap};
use std::{io, path::Path, time::Duration};
use url::Url;

/// Most characters repeated of what a server says.
const MAX_SAID_CHARS: usize = 200;

fn refused(url: &Url, problem: String, hint: &str) -> Error {
    // Where large files lie, addresses are signed: what follows the `?` is nobody's business.
    let mut shown = url.clone();
    shown.set_query(None);
    Error::Hub { name: shown.into(), problem, hint: hint.to_owned() }
}

/// What the hub says in its own header, made fit to be shown.
fn said(headers: &HeaderMap) -> String {
    let said = headers.get("x-error-message").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let said: String = said.chars().filter(|c| !c.is_control()).take(MAX_SAID_CHARS).collect();
    if said.is_empty() { said } else { format!(" ({said})") }
}

pub(super) fn locked(url: &Url, status: StatusCode, headers: &HeaderMap, with_token: bool) -> Error {
    let hint = if with_token {
        "the token in HF_TOKEN does not open it: accept the model's terms on its page, or see that the token may read it"
    } else {
        "either it is not there (the hub answers so for what does not exist, too), or it wants to know who asks: accept its \
         terms on its page and set HF_TOKEN, or bring the files yourself and use `--from DIR`"
    };
    refused(url, format!("is not given: the hub answered {}{}", status.as_u16(), said(headers)), hint)
}

pub(super) fn missing(url: &Url, status: StatusCode, headers: &HeaderMap) -> Error {
    let hint = "the repository, its revision or the file has moved, or the mirror does not have it: correct the entry with \
                `models.registry`, or name another mirror";
    refused(url, format!("is not there: the hub answered {}{}", status.as_u16(), said(headers)), hint)
}

pub(super) fn unexpected(url: &Url, status: StatusCode) -> Error {
    let hint = "try the address with another program; name another mirror";
    refused(url, format!("is not given: the hub answered {}", status.as_u16()), hint)
}

pub(super) fn downgraded(url: &Url, next: &Url) -> Error {
    let hint = "what comes unencrypted may be anybody's: name another mirror";
    refused(url, format!("leads to `{}://`", next.scheme()), hint)
}

pub(super) fn in_circles(url: &Url, most: usize) -> Error {
    refused(url, format!("leads through more than {most} redirects"), "name another mirror")
}

pub(super) fn of_no_length(url: &Url) -> Error {
    let hint = "a transfer cut short could not be told from a whole one: name another mirror";
    refused(url, "comes without its length, and the registry does not know it".into(), hint)
}

pub(super) fn of_wrong_length(url: &Url, problem: &str) -> Error {
    let hint =
        "it is another file than the registry knows: name another mirror, or correct the entry with `models.registry`";
    refused(url, problem.to_owned(), hint)
}

pub(super) fn too_long(url: &Url, bytes: u64) -> Error {
    let hint = "what came was thrown away; the server is broken, or it is another file: name another mirror";
    refused(url, format!("goes on after {bytes} bytes, which is all there should be"), hint)
}

pub(super) fn gave_up(url: &Url, at: u64, tries: u32, last: &str) -> Error {
    let hint = match at {
        0 => {
            "is the hub to be reached from here? Name a mirror (--mirror, HF_ENDPOINT), or bring the files and use `--from DIR`"
        }
        _ => "what came is kept: the same command later goes on there",
    };
    refused(url, format!("cannot be had beyond byte {at}: {tries} tries in a row failed, the last: {last}"), hint)
}

pub(super) fn sent_away(url: &Url, problem: &str, wait: Duration) -> Error {
    let hint = "what came is kept: the same command after that time goes on there";
    refused(url, format!("is not given now: {problem} and wants to be left alone for {} s", wait.as_secs()), hint)
}

pub(super) fn unwritable(path: &Path, error: &io::Error) -> Error {
    let hint = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "make room and give the same command again, it goes on there; or keep models elsewhere: `models.cache`, \
             PINAKES_MODELS, or --cache"
        }
        _ => "name a folder that can be written: `models.cache`, PINAKES_MODELS, or --cache",
    };
    let problem = format!("cannot be written: {error}");
    Error::Hub { name: path.display().to_string(), problem, hint: hint.to_owned() }
}
