//! Which URLs a `content` element speaks of: a path pattern as in robots.txt, or an absolute URL.

use crate::robots::{NormalPath, Pattern};
use url::Url;

/// The value of the `url` attribute.
#[derive(Clone, Debug)]
pub(super) enum Reach {
    /// All that the document is associated with.
    Everything,
    /// A path. Of whatever site: a document may lie with a collective that writes licences for
    /// many, and it is the association (robots.txt, header, link) that says whose paths are meant.
    Path(Pattern),
    /// Paths of one host, or of all hosts below one.
    Host { name: String, below: bool, port: Option<u16>, path: Pattern },
}

/// A URL that is asked about.
pub(super) struct Target<'a> {
    path: NormalPath,
    host: &'a str,
    port: Option<u16>,
}

impl<'a> Target<'a> {
    pub(super) fn of(url: &'a Url) -> Self {
        Self { path: NormalPath::of(url), host: url.host_str().unwrap_or_default(), port: url.port() }
    }
}

impl Reach {
    /// Reads an attribute of a document at `document`. An empty one, or one whose host cannot be
    /// read, covers everything: to take it for another site's would be to find silence.
    pub(super) fn read(value: &str, document: &Url) -> Self {
        let value = value.trim();
        if value.is_empty() {
            return Self::Everything;
        }
        if let Some((scheme, rest)) = value.split_once("://") {
            return Self::absolute(scheme, rest);
        }
        match value.strip_prefix("//") {
            Some(rest) => Self::absolute("https", rest),
            None if value.starts_with(['/', '*']) => Self::Path(Pattern::new(value.as_bytes())),
            None => Self::relative(value, document),
        }
    }

    /// How specific it is for `target`, if it covers it: octets of the path.
    pub(super) fn rank(&self, target: &Target<'_>) -> Option<usize> {
        match self {
            Self::Everything => Some(0),
            Self::Path(path) => path.matches(&target.path).then(|| path.octets()),
            Self::Host { name, below, port, path } => {
                // http and https are not told apart: most sites redirect one to the other.
                let is_host = target.host == name || (*below && is_below(target.host, name));
                (is_host && target.port == *port && path.matches(&target.path)).then(|| path.octets())
            }
        }
    }

    fn absolute(scheme: &str, rest: &str) -> Self {
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let path = path.split('#').next().unwrap_or_default();
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let (below, authority) = authority.strip_prefix("*.").map_or((false, authority), |rest| (true, rest));
        let Ok(base) = Url::parse(&format!("{scheme}://{authority}/")) else { return Self::Everything };
        match base.host_str() {
            None | Some("" | "*") => Self::Everything,
            Some(host) if host.contains(['*', '%']) => Self::Everything,
            Some(host) => Self::Host {
                name: host.to_ascii_lowercase(),
                below,
                port: base.port(),
                path: Pattern::new(path.as_bytes()),
            },
        }
    }

    /// `images/*` and `example.com/images/*`: neither is valid, and both are written.
    fn relative(value: &str, document: &Url) -> Self {
        let (first, _) = value.split_at(value.find('/').unwrap_or(value.len()));
        if document.host_str().is_some_and(|host| first.eq_ignore_ascii_case(host)) {
            Self::absolute("https", value)
        } else if first.contains('.') {
            // Another host, or a file: nobody can tell.
            Self::Everything
        } else {
            Self::Path(Pattern::new(format!("/{value}").as_bytes()))
        }
    }
}

fn is_below(host: &str, name: &str) -> bool {
    host.strip_suffix(name).is_some_and(|front| front.ends_with('.'))
}
