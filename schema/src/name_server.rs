//! Where names are looked up: by us or by the system, and at which name servers.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

/// Port of name servers.
const PORT: u16 = 53;

/// Who looks up the addresses of hosts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dns {
    /// We, at the name servers of `fetch.name_servers` or `/etc/resolv.conf`.
    #[default]
    Own,
    /// The system's `getaddrinfo`, with whatever the system has set up.
    System,
}

/// A name server: an address, and a port where it is not 53.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameServer(SocketAddr);

impl NameServer {
    /// Its address and port.
    pub const fn address(self) -> SocketAddr {
        self.0
    }
}

impl FromStr for NameServer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let alone = text.parse().map(|address: IpAddr| SocketAddr::new(address, PORT));
        alone.or_else(|_| text.parse()).map(Self).map_err(|_| {
            format!(
                "`{text}` is no address of a name server: write `192.0.2.53`, `192.0.2.53:5353` or `[2001:db8::53]:5353`"
            )
        })
    }
}

impl From<SocketAddr> for NameServer {
    fn from(address: SocketAddr) -> Self {
        Self(address)
    }
}

impl fmt::Display for NameServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.port() == PORT { self.0.ip().fmt(f) } else { self.0.fmt(f) }
    }
}

impl<'de> Deserialize<'de> for NameServer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl Serialize for NameServer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_servers_read_and_write_the_same() {
        for text in ["192.0.2.53", "192.0.2.53:5353", "2001:db8::53", "[2001:db8::53]:5353"] {
            let server: NameServer = text.parse().unwrap();
            assert_eq!(server.to_string(), text);
        }
        assert_eq!("192.0.2.53:53".parse::<NameServer>().unwrap().to_string(), "192.0.2.53");
        for text in ["", "dns.example", "192.0.2.53:", "192.0.2", "https://192.0.2.53/dns-query"] {
            let error = text.parse::<NameServer>().unwrap_err();
            assert!(error.contains(text) && error.contains("write"), "{error}");
        }
    }
}
