//! From names to addresses: the user's own rules first, then the system's resolver, whose answers
//! are kept only if they are of the public web. The check sits where the connection is made, so
//! a name cannot change its address between check and use.

use super::address::is_public;
use crate::Error;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};
use url::Url;

/// The rules of `fetch.resolve`, in order.
#[derive(Debug, Default)]
pub struct Rules(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    pattern: String,
    address: SocketAddr,
    /// Ask in plain HTTP whatever the scheme: a mirror without certificates.
    plain: bool,
}

/// Where a rule sends a request.
pub(super) enum Target {
    /// To this address, in plain HTTP.
    Plain(SocketAddr),
    /// To where [`Resolver`] says, with the URL's own scheme.
    Resolved,
}

impl Rules {
    /// Reads `pattern=address:port` and `pattern=http://address:port`; a pattern is a host name,
    /// `*.domain`, or `*`.
    pub fn parse(settings: &[String]) -> Result<Self, Error> {
        settings.iter().map(|setting| Rule::parse(setting)).collect::<Result<_, _>>().map(Self)
    }

    /// Whether no request can leave this machine.
    pub(super) fn stay_on_loopback(&self) -> bool {
        let all = self.0.iter().any(|rule| rule.pattern == "*");
        all && self.0.iter().all(|rule| rule.address.ip().is_loopback())
    }

    /// What the rules say of `url`. Literal addresses are beyond all rules.
    pub(super) fn target(&self, url: &Url) -> Option<Target> {
        let Some(url::Host::Domain(host)) = url.host() else { return None };
        let rule = self.find(host)?;
        let plain = rule.plain || url.scheme() == "http";
        Some(if plain { Target::Plain(rule.address) } else { Target::Resolved })
    }

    fn find(&self, host: &str) -> Option<&Rule> {
        self.0.iter().find(|rule| rule.matches(host))
    }
}

impl Rule {
    fn parse(setting: &str) -> Result<Self, Error> {
        let wrong = |problem: &str| Error::Setting {
            key: "fetch.resolve",
            problem: format!("`{setting}` {problem}"),
            hint: "write `host=address:port`, `*.domain=address:port` or `*=address:port`".into(),
        };
        let (pattern, target) = setting.split_once('=').ok_or_else(|| wrong("has no `=`"))?;
        let address = target.strip_prefix("http://");
        let plain = address.is_some();
        let address = address.unwrap_or(target).trim_end_matches('/');
        let address = address.parse().map_err(|_| wrong("names no address and port"))?;
        Ok(Self { pattern: pattern.trim().to_ascii_lowercase(), address, plain })
    }

    fn matches(&self, host: &str) -> bool {
        match self.pattern.strip_prefix('*') {
            Some(suffix) => host.to_ascii_lowercase().ends_with(suffix),
            None => host.eq_ignore_ascii_case(&self.pattern),
        }
    }
}

/// Why a name leads nowhere.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum Unreachable {
    /// It leads off the public web.
    #[error("address off the public web")]
    Private,
    /// It does not exist.
    #[error("{0}")]
    NoAddress(String),
}

/// The resolver that the client asks.
pub(super) struct Resolver {
    pub(super) rules: Arc<Rules>,
    pub(super) private_allowed: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let ruled = self.rules.find(name.as_str()).map(|rule| rule.address);
        let private_allowed = self.private_allowed;
        Box::pin(async move {
            if let Some(address) = ruled {
                return Ok(Box::new(std::iter::once(address)) as Addrs);
            }
            let no_address = |error: std::io::Error| Unreachable::NoAddress(error.to_string());
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(no_address)?;
            let addresses: Vec<SocketAddr> = found.collect();
            if addresses.is_empty() {
                return Err(Unreachable::NoAddress("no addresses".into()).into());
            }
            let allowed = |ip: IpAddr| private_allowed || is_public(ip);
            // One private address among public ones is a trick, not a mistake: none is asked.
            if addresses.iter().all(|address| allowed(address.ip())) {
                Ok(Box::new(addresses.into_iter()) as Addrs)
            } else {
                Err(Unreachable::Private.into())
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(settings: &[&str]) -> Rules {
        Rules::parse(&settings.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn the_first_rule_that_matches_counts() {
        let rules = rules(&["a.example=127.0.0.1:1", "*.b.example=http://127.0.0.1:2", "*=127.0.0.1:3"]);
        let port = |url: &str| match rules.target(&Url::parse(url).unwrap()) {
            Some(Target::Plain(address)) => address.port(),
            Some(Target::Resolved) => 0,
            None => 9,
        };
        assert_eq!(port("http://a.example/x"), 1);
        assert_eq!(port("https://x.b.example/"), 2);
        assert_eq!(port("http://c.example:8080/"), 3);
        assert_eq!(port("https://c.example/"), 0);
        assert_eq!(port("http://10.0.0.7/"), 9);
        assert!(rules.stay_on_loopback());
    }

    #[test]
    fn broken_rules_are_named() {
        for wrong in ["a.example", "a.example=localhost:80", "a.example=127.0.0.1"] {
            let error = Rules::parse(&[wrong.to_owned()]).unwrap_err();
            assert!(error.to_string().contains(wrong), "{error}");
        }
        assert!(!rules(&["a.example=127.0.0.1:1"]).stay_on_loopback());
        assert!(!rules(&["*=93.184.216.34:80"]).stay_on_loopback());
    }
}
