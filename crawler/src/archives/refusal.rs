//! What ends a transfer, told with the way out.

use super::{Place, server::Server};
use crate::Error;
use http::StatusCode;
use std::time::Duration;

pub(super) fn banned(place: &Place, server: &Server) -> Error {
    let hint = match place {
        Place::S3 { .. } => {
            "either the bucket wants credentials (set the AWS environment variables; Common Crawl's wants some), or the \
             key is not there, or we are banned; nothing more is asked of it in this run"
        }
        _ => {
            "we are banned for asking too much, or nothing of that name is there; nothing more is asked of it in this \
             run. Check the name, wait a day, lower `input.connections`, or read from a mirror with `input.base`"
        }
    };
    Error::archive(&place.to_string(), &format!("is refused: `{}` answered 403", server.name), hint)
}

pub(super) fn missing(place: &Place, server: &Server, status: StatusCode) -> Error {
    let hint = "check the name, and for a line of a listing `input.base`, the place its names are taken from";
    Error::archive(&place.to_string(), &format!("is not there: `{}` answered {}", server.name, status.as_u16()), hint)
}

pub(super) fn locked(place: &Place, server: &Server) -> Error {
    let hint = "archives are read from public places, or from S3 buckets with the AWS environment variables";
    Error::archive(&place.to_string(), &format!("wants credentials: `{}` answered 401", server.name), hint)
}

pub(super) fn unexpected(place: &Place, server: &Server, status: StatusCode) -> Error {
    let hint = match (place, status.is_redirection()) {
        (Place::S3 { .. }, true) => "the bucket lies in another region: set `AWS_REGION`",
        _ => "try the address with another program; name a mirror with `input.base`",
    };
    Error::archive(&place.to_string(), &format!("is not given: `{}` answered {}", server.name, status.as_u16()), hint)
}

pub(super) fn changed(place: &Place, at: u64) -> Error {
    let problem = format!("changed where it lies while it was read: what follows byte {at} is of another version");
    Error::archive(&place.to_string(), &problem, "run again: it is then read from its beginning")
}

pub(super) fn too_long(place: &Place, bytes: u64) -> Error {
    let hint = "run again; if it stays so, the server is broken: name a mirror with `input.base`";
    Error::archive(&place.to_string(), &format!("goes on after the {bytes} bytes that were announced"), hint)
}

pub(super) fn gave_up(place: &Place, at: u64, tries: u32, last: &str) -> Error {
    let problem = format!("cannot be read on from byte {at}: {tries} tries in a row failed, the last: {last}");
    Error::archive(&place.to_string(), &problem, "run again later: finished archives are not read again")
}

pub(super) fn sent_away(place: &Place, server: &Server, wait: Duration) -> Error {
    let problem = format!("is not given now: `{}` wants to be left alone for {} s", server.name, wait.as_secs());
    Error::archive(&place.to_string(), &problem, "run again after that time: finished archives are not read again")
}

pub(super) fn of_no_length(place: &Place, server: &Server) -> Error {
    let hint = "a transfer cut short could not be told from a whole one: name a mirror with `input.base`";
    Error::archive(&place.to_string(), &format!("comes without its length from `{}`", server.name), hint)
}
