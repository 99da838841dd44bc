//! One behaviour: who serves what in which way, and how the picture there must end.

use super::peer::{Act, Peer};
use std::{io, sync::Arc};

/// Ports of servers that do not speak plain HTTP have names of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Plain HTTP.
    Plain,
    /// TLS with a certificate that is trusted and good for `*.tls.example`.
    Tls,
    /// TLS with one that nobody has signed.
    SelfSigned,
    /// TLS with one that is trusted, and no longer good.
    Expired,
    /// No server of HTTP at all: every connection is treated so, over TLS or not.
    Raw { tls: bool },
}

/// A row of the table.
#[derive(Clone)]
pub(crate) struct Behaviour {
    pub(crate) name: String,
    pub(crate) host: String,
    /// The address under which a page shows the picture.
    pub(crate) picture: String,
    pub(crate) line: Line,
    /// Path and what happens there. Site files that are not named say nothing.
    pub(crate) routes: Vec<(String, Act)>,
    /// Its reason in the ledger, or `kept`.
    pub(crate) end: &'static str,
    /// Requests for the picture, redirects and retries among them: no more and no fewer.
    pub(crate) requests: usize,
    /// Most requests for the site's files, or connections to what is no server of HTTP.
    pub(crate) site_requests: usize,
}

/// Where pictures lie.
const PLACE: &str = "/picture";

/// robots.txt, tdmrep.json, and ai.txt and trust.txt at both their places.
const SITE_FILES: usize = 6;

impl Behaviour {
    /// A host `<name>.hostile.example` that serves its one picture so.
    pub(crate) fn new(
        name: impl Into<String>,
        end: &'static str,
        requests: usize,
        act: impl Fn(&mut Peer) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let name = name.into();
        let host = format!("{name}.hostile.example");
        let picture = format!("http://{host}{PLACE}");
        let site_requests = SITE_FILES;
        let line = Line::Plain;
        Self { name, host, picture, line, routes: Vec::new(), end, requests, site_requests }.serves(PLACE, act)
    }

    /// The same with something at another path.
    pub(crate) fn serves(
        mut self,
        path: &str,
        act: impl Fn(&mut Peer) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.routes.push((path.to_owned(), Arc::new(act)));
        self
    }

    /// The same behind TLS of this kind, at `<name>.<domain>`.
    pub(crate) fn behind(self, line: Line, domain: &str) -> Self {
        let host = format!("{}.{domain}", self.name);
        Self { picture: format!("https://{host}{PLACE}"), host, line, ..self }
    }

    /// The same shown by pages under another address.
    pub(crate) fn shown_as(self, picture: impl Into<String>) -> Self {
        Self { picture: picture.into(), ..self }
    }

    /// The same with so many requests for the files of its site at most.
    pub(crate) fn asked_for_files(self, site_requests: usize) -> Self {
        Self { site_requests, ..self }
    }

    /// What happens at `path`, if anything.
    pub(crate) fn act(&self, path: &str) -> Option<Act> {
        self.routes.iter().find(|(known, _)| known == path).map(|(_, act)| Arc::clone(act))
    }
}
