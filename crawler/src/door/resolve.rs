//! What the HTTP client asks where a host is: the user's own rules first, then [`Names`], which
//! gives addresses of the public web only. The check sits where the connection is made, so a name
//! cannot change its address between check and use.

use super::{names::Names, rules::Rules};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{net::SocketAddr, sync::Arc};

/// Why a name leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreachable {
    /// It leads off the public web.
    #[error("address off the public web")]
    Private,
    /// It does not exist, or has no address.
    #[error("{0}")]
    NoAddress(String),
    /// Nobody could say; another time somebody may.
    #[error("{0}")]
    NoAnswer(String),
}

/// The resolver that the client asks.
pub(super) struct Resolver {
    pub(super) rules: Arc<Rules>,
    pub(super) names: Arc<Names>,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let ruled = self.rules.address(name.as_str());
        let names = Arc::clone(&self.names);
        Box::pin(async move {
            if let Some(address) = ruled {
                return Ok(Box::new(std::iter::once(address)) as Addrs);
            }
            let found = names.find(name.as_str()).await?;
            // Port 0: the client puts in the URL's.
            let addresses: Vec<SocketAddr> = found.iter().map(|address| SocketAddr::new(*address, 0)).collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
