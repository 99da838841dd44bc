//! Who goes to the servers of archives: one client under our true name, and for each server the
//! manners that all who fetch from it share.

use super::{
    Place,
    s3::Bucket,
    server::{Server, Servers},
};
use crate::Error;
use http::HeaderValue;
use object_store::{
    ClientOptions,
    client::{HttpClient, HttpConnector, HttpRequest, HttpRequestBody, ReqwestConnector},
};
use schema::{Agent, Input};
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};
use url::Url;

/// Time to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long and how often a server is asked for the same thing.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Wait after a first failure; doubled with each further one.
    pub first_wait: Duration,
    /// Longest such wait.
    pub longest_wait: Duration,
    /// Longest `Retry-After` waited for; who is told to stay away longer gives up.
    pub longest_retry_after: Duration,
    /// Longest wait for bytes: without an answer, or without `least_progress` bytes of it.
    pub stall: Duration,
    /// Failures in a row after which a transfer is given up.
    pub tries: u32,
    /// Bytes that count as progress.
    pub least_progress: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(60),
            longest_retry_after: Duration::from_secs(15 * 60),
            stall: Duration::from_secs(60),
            tries: 10,
            least_progress: 64 * 1024,
        }
    }
}

/// Fetches archives and listings. Clones share connections, waits and bans.
#[derive(Clone)]
pub struct Courier(Arc<Inner>);

struct Inner {
    patience: Patience,
    servers: Servers,
    options: ClientOptions,
    /// Built for the first remote place: it reads the system's certificates.
    client: OnceLock<Result<HttpClient, String>>,
    environment: Vec<(String, String)>,
    buckets: Mutex<HashMap<String, Arc<Bucket>>>,
}

impl fmt::Debug for Courier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The environment holds credentials.
        f.debug_struct("Courier").field("servers", &self.0.servers).finish_non_exhaustive()
    }
}

impl Courier {
    /// A courier who says who `agent` is. The AWS variables of `environment` say where and as whom
    /// buckets are asked.
    pub fn new(
        agent: &Agent,
        input: &Input,
        patience: Patience,
        environment: Vec<(String, String)>,
    ) -> Result<Self, Error> {
        let user_agent = HeaderValue::from_str(&agent.user_agent()).map_err(|_| Error::Setting {
            key: "agent.contact",
            problem: "holds characters a header cannot carry".into(),
            hint: "write plain ASCII".into(),
        })?;
        let options = ClientOptions::new()
            .with_user_agent(user_agent)
            // A mirror in the next room may have no certificate; archives are public and are named with their scheme.
            .with_allow_http(true)
            // An archive takes as long as it takes: stalls are watched for instead.
            .with_timeout_disabled()
            .with_connect_timeout(CONNECT_TIMEOUT);
        Ok(Self(Arc::new(Inner {
            patience,
            servers: Servers::new(input.connections, patience),
            options,
            client: OnceLock::new(),
            environment,
            buckets: Mutex::default(),
        })))
    }

    pub(super) fn patience(&self) -> Patience {
        self.0.patience
    }

    /// Where a request for `place` goes.
    pub(super) fn address(&self, place: &Place) -> Result<Url, Error> {
        match place {
            Place::Http(url) => Ok(url.clone()),
            Place::S3 { key, .. } => self.bucket(place)?.address(key),
            Place::File(_) => Err(Error::archive(&place.to_string(), "lies on this machine", "open it as a file")),
        }
    }

    pub(super) fn server(&self, url: &Url) -> Arc<Server> {
        self.0.servers.of(url)
    }

    /// Signs `request`, where its bucket wants that.
    pub(super) async fn sign(&self, place: &Place, request: &mut HttpRequest) -> Result<(), Error> {
        match place {
            Place::S3 { .. } => self.bucket(place)?.sign(request).await,
            _ => Ok(()),
        }
    }

    pub(super) fn client(&self) -> Result<HttpClient, Error> {
        let connect = || ReqwestConnector::default().connect(&self.0.options).map_err(|error| with_causes(&error));
        self.0.client.get_or_init(connect).clone().map_err(|problem| Error::Setting {
            key: "input.archives",
            problem: format!("names remote archives, and no http client can be built: {problem}"),
            hint: "look at the system's certificates and proxy settings".into(),
        })
    }

    /// The bucket that `place` lies in.
    pub(super) fn bucket(&self, place: &Place) -> Result<Arc<Bucket>, Error> {
        let Place::S3 { bucket: name, .. } = place else {
            return Err(Error::archive(&place.to_string(), "lies in no bucket", "write `s3://bucket/key`"));
        };
        let mut buckets = self.0.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get(name) {
            return Ok(Arc::clone(bucket));
        }
        let bucket = Arc::new(Bucket::open(name, self.0.options.clone(), &self.0.environment)?);
        buckets.insert(name.to_owned(), Arc::clone(&bucket));
        Ok(bucket)
    }
}

/// A GET of this address.
pub(super) fn get(url: &Url) -> Result<HttpRequest, Error> {
    http::Request::get(url.as_str())
        .body(HttpRequestBody::empty())
        .map_err(|error| Error::archive(url.as_str(), &format!("is no address: {error}"), "write `https://host/path`"))
}

/// An error with all that lies under it, since the top says only that sending failed.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}
