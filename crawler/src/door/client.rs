//! Where HTTP clients are built, and nowhere else.

use crate::Error;
use schema::Agent;
use std::time::Duration;

/// Longest response head taken, in headers.
const MAX_HEADERS: usize = 256;

/// Time to connect to a place that the user named.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What all our clients have in common.
pub(super) fn builder(agent: &Agent) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(agent.user_agent())
        // Redirects are asked about one by one.
        .redirect(reqwest::redirect::Policy::none())
        // Retries are ours to count.
        .retry(reqwest::retry::never())
        .referer(false)
        .http1_max_headers(MAX_HEADERS)
}

/// A client for files that the user himself names, and for nothing of the crawled web: such a request needs no permit,
/// goes through the proxy of the user's environment if there is one, and may go to a machine of his own network.
pub(crate) fn for_named_files(agent: &Agent) -> Result<reqwest::Client, Error> {
    // What is unpacked on the way has another length than was announced, and cannot be taken up where it broke.
    let client = builder(agent).connect_timeout(CONNECT_TIMEOUT).no_gzip().no_brotli().no_deflate();
    Ok(client.build()?)
}
