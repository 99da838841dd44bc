//! The user's own rules of where hosts are (`fetch.resolve`): tests, and mirrors of the web. Where one
//! applies, nobody is asked for the host's address.

use crate::Error;
use std::net::SocketAddr;
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
    /// To the rule's address too, with the URL's own scheme.
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
        self.cover_all() && self.0.iter().all(|rule| rule.address.ip().is_loopback())
    }

    /// What the rules say of `url`. Literal addresses are beyond all rules.
    pub(super) fn target(&self, url: &Url) -> Option<Target> {
        let Some(url::Host::Domain(host)) = url.host() else { return None };
        let rule = self.find(host)?;
        // The client keeps connections by the URL's host and port. Asked for as it stands, a host keeps its own; but a
        // port that the URL names is the one that the client goes to.
        let other_port = url.port().is_some_and(|port| port != rule.address.port());
        let plain = rule.plain || (url.scheme() == "http" && other_port);
        Some(if plain { Target::Plain(rule.address) } else { Target::Resolved })
    }

    /// Whether every host has a rule, so that no name is ever looked up.
    pub(super) fn cover_all(&self) -> bool {
        self.0.iter().any(|rule| rule.pattern == "*")
    }

    /// The address that the rules give `host`.
    pub(super) fn address(&self, host: &str) -> Option<SocketAddr> {
        self.find(host).map(|rule| rule.address)
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
        assert_eq!(port("http://a.example:80/x"), 0);
        assert_eq!(port("http://a.example:8/x"), 1);
        assert_eq!(port("https://x.b.example/"), 2);
        assert_eq!(port("http://c.example:8080/"), 3);
        assert_eq!(port("http://c.example:3/"), 0);
        assert_eq!(port("http://c.example/"), 0);
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
