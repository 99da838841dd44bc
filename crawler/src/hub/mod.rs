//! A hub of models, or a mirror of one: files that the user names, fetched whole, taken up where they broke off, and
//! left to whoever knows what they must be.
//!
//! A file is asked for as the hub's own tools do, at `{hub}/{repository}/resolve/{revision}/{file}`. The hub sends us on to
//! where large files lie, and says of those, in headers of its own, which SHA-256 and length they have.

mod answer;
mod part;
mod refusal;

use crate::{
    Error,
    archives::{Patience, with_causes},
    door,
};
use answer::Answer;
use part::Part;
use reqwest::header::HeaderValue;
use schema::Agent;
use std::{fmt, path::Path};
use url::Url;

/// Where models are, unless somebody says otherwise.
pub const HUB: &str = "https://huggingface.co";

/// Largest file taken where nobody says how large it is: twenty times the largest in the registry.
const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024 * 1024;

/// The way to one hub.
pub struct Hub {
    root: Url,
    token: Option<HeaderValue>,
    client: reqwest::Client,
    patience: Patience,
}

/// One file of a hub.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// `owner/name`.
    pub repository: &'a str,
    /// A commit, a branch or a tag.
    pub revision: &'a str,
    /// The file's path in the repository.
    pub file: &'a str,
    /// Its length, where it is known.
    pub bytes: Option<u64>,
}

/// What is told of a file on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News<'a> {
    /// So many bytes are here, of so many, if that is known.
    Here(u64, Option<u64>),
    /// It broke off for this reason, and is asked for again.
    Again(&'a str),
}

/// Who is told.
pub type Told<'a> = &'a (dyn Fn(News<'_>) + Sync);

/// Tries where not one byte has come: then it is rather the address that is wrong, or the way to it.
const TRIES_IN_VAIN: u32 = 3;

/// What ended a try.
enum Trouble {
    /// This file will not come.
    End(Error),
    /// It may come if asked for again, from where it broke off.
    Again(String),
    /// The same, and the server has said when.
    After(String, std::time::Duration),
    /// What is here and what would come do not fit: from its beginning, then.
    Anew(String),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::End(error)
    }
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the token.
        f.debug_struct("Hub").field("root", &self.root.as_str()).finish_non_exhaustive()
    }
}

impl Hub {
    /// The hub at `address`, asked as `agent`; with `token` for what is not everybody's.
    pub fn open(agent: &Agent, address: &str, token: Option<&str>, patience: Patience) -> Result<Self, Error> {
        let wrong = |problem: String| Error::Hub {
            name: address.to_owned(),
            problem,
            hint: format!("name a hub or a mirror as `{HUB}`: `models.hub`, --mirror, or HF_ENDPOINT"),
        };
        let root = Url::parse(address).map_err(|error| wrong(format!("is no address: {error}")))?;
        if !matches!(root.scheme(), "http" | "https") || root.host().is_none() {
            return Err(wrong("is no web address".into()));
        }
        if !root.username().is_empty() || root.password().is_some() {
            let bare = root.host_str().unwrap_or_default().to_owned();
            let hint = "give a token in HF_TOKEN instead".to_owned();
            return Err(Error::Hub { name: bare, problem: "is named with a user or password".into(), hint });
        }
        let token = token.map(|token| bearer(token.trim())).transpose()?;
        if token.is_some() && root.scheme() == "http" && !is_loopback(&root) {
            let hint = "name the hub with https://, or leave HF_TOKEN out".to_owned();
            let problem = "is asked without encryption, and HF_TOKEN would be there for all to read".to_owned();
            return Err(Error::Hub { name: address.to_owned(), problem, hint });
        }
        Ok(Self { root, token, client: door::client::for_named_files(agent)?, patience })
    }

    /// Where `wanted` lies.
    pub fn address(&self, wanted: &Wanted<'_>) -> Url {
        let mut url = self.root.clone();
        url.set_query(None);
        url.set_fragment(None);
        if let Ok(mut path) = url.path_segments_mut() {
            // Pushed one by one, so that no `?` or `#` of a name ends the path; a revision like refs/pr/1 is one segment.
            path.pop_if_empty().extend(wanted.repository.split('/'));
            path.push("resolve").push(wanted.revision).extend(wanted.file.split('/'));
        }
        url
    }

    /// Brings `wanted` to the file `part`, going on where an earlier try, of this process or another, broke off. Gives the
    /// SHA-256 that the hub states for it, if it does.
    pub async fn fetch(&self, wanted: &Wanted<'_>, part: &Path, told: Told<'_>) -> Result<Option<String>, Error> {
        let address = self.address(wanted);
        let (mut failures, mut furthest) = (0, 0);
        loop {
            let mut part = Part::open(part, &address);
            let trouble = match self.attempt(wanted, &address, &mut part, told).await {
                Ok(()) => return Ok(part.stated().map(str::to_owned)),
                Err(trouble) => trouble,
            };
            let here = part.close().await?;
            // Who begins anew each time makes no progress until he comes further than before.
            if here >= furthest + self.patience.least_progress {
                (failures, furthest) = (0, here);
            }
            failures += 1;
            let mut most = self.patience.tries;
            let problem = match trouble {
                Trouble::End(error) => return Err(error),
                Trouble::Anew(problem) => {
                    part.discard()?;
                    problem
                }
                Trouble::Again(problem) => {
                    most = if furthest == 0 && here == 0 { most.min(TRIES_IN_VAIN) } else { most };
                    problem
                }
                Trouble::After(problem, wait) if wait > self.patience.longest_retry_after => {
                    return Err(refusal::sent_away(&address, &problem, wait));
                }
                Trouble::After(problem, wait) => {
                    tokio::time::sleep(wait).await;
                    problem
                }
            };
            if failures >= most {
                return Err(refusal::gave_up(&address, here, failures, &problem));
            }
            tracing::info!(file = %address, here, problem, "asking again");
            told(News::Again(&problem));
            tokio::time::sleep(self.patience.wait(failures)).await;
        }
    }

    /// One try.
    async fn attempt(
        &self,
        wanted: &Wanted<'_>,
        address: &Url,
        part: &mut Part,
        told: Told<'_>,
    ) -> Result<(), Trouble> {
        if part.is_whole() {
            return Ok(());
        }
        let mut answer = self.ask(address, part).await?;
        let limit = self.begin(wanted, address, part, &answer).await?;
        let stall = self.patience.stall;
        told(News::Here(part.at(), part.total()));
        loop {
            match tokio::time::timeout(stall, answer.response.chunk()).await {
                Ok(Ok(Some(piece))) => {
                    if part.at() + piece.len() as u64 > limit {
                        part.discard()?;
                        return Err(refusal::too_long(address, limit).into());
                    }
                    part.append(&piece).await?;
                    told(News::Here(part.at(), part.total()));
                }
                Ok(Ok(None)) => break,
                Ok(Err(error)) => return Err(Trouble::Again(with_causes(&error))),
                Err(_) => return Err(Trouble::Again(format!("no bytes for {stall:?}"))),
            }
        }
        match part.total().or(wanted.bytes) {
            Some(total) if part.at() < total => Err(Trouble::Again("the transfer ended too soon".into())),
            _ => Ok(part.finish().await?),
        }
    }

    /// Sees to it that what comes fits behind what is here, or makes room for it from the beginning; tells how many
    /// bytes there may be in all.
    async fn begin(
        &self,
        wanted: &Wanted<'_>,
        address: &Url,
        part: &mut Part,
        answer: &Answer,
    ) -> Result<u64, Trouble> {
        let Answer { version, start, stated, .. } = answer;
        let total = version.bytes;
        if let Some(problem) = size_problem(wanted, total) {
            part.discard()?;
            return Err(refusal::of_wrong_length(address, &problem).into());
        }
        if total.is_none() && wanted.bytes.is_none() && answer.ends_with_connection {
            // A cut would look like the end.
            return Err(refusal::of_no_length(address).into());
        }
        match start {
            // Whole: a server without ranges, or another version than the one begun.
            None => part.begin(version, stated.as_deref()).await?,
            Some(start) if *start == part.at() && part.version().is_some_and(|before| before.is(version)) => {}
            Some(start) => return Err(Trouble::Anew(format!("a part from byte {start} came of another version"))),
        }
        Ok(total.or(wanted.bytes).unwrap_or(MAX_FILE_BYTES))
    }
}

/// What is wrong with the length that a server announces.
fn size_problem(wanted: &Wanted<'_>, announced: Option<u64>) -> Option<String> {
    match (announced?, wanted.bytes) {
        (announced, Some(bytes)) if announced != bytes => {
            Some(format!("has {announced} bytes there, and the registry says {bytes}"))
        }
        (announced, None) if announced > MAX_FILE_BYTES => {
            Some(format!("has {announced} bytes, and {MAX_FILE_BYTES} is the most that is taken"))
        }
        _ => None,
    }
}

fn bearer(token: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| Error::Hub {
        name: "HF_TOKEN".into(),
        problem: "holds characters a header cannot carry".into(),
        hint: "copy the token anew".into(),
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests;
