//! Why a request came to nothing.

use super::resolve::Unreachable;
use schema::DropReason;
use std::error::Error as _;

/// A request that brought no response, or a body that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Nothing that can be asked for by HTTP.
    #[error("not a web address")]
    BadUrl,
    /// An address off the public web.
    #[error("the address is not of the public web")]
    PrivateAddress,
    /// No such name.
    #[error("the name does not resolve: {0}")]
    NoAddress(String),
    /// The host wants longer waits than we have time for.
    #[error("{0}")]
    Unwaited(String),
    /// Whether there is such a name could not be learnt.
    #[error("the name could not be looked up: {0}")]
    NoAnswer(String),
    /// No connection, or it broke.
    #[error("connection: {0}")]
    Connection(String),
    /// What came back is no HTTP, or more of a head than anybody would read.
    #[error("not HTTP: {0}")]
    NotHttp(String),
    /// Whoever answered cannot prove to be who was asked.
    #[error("certificate: {0}")]
    Untrusted(String),
    /// What was packed for the way cannot be unpacked.
    #[error("the content coding cannot be undone: {0}")]
    BrokenCoding(String),
    /// A deadline passed.
    #[error("the deadline passed")]
    Timeout,
    /// The body is larger than wanted.
    #[error("the body is larger than allowed")]
    BodyTooLarge,
    /// Nothing is fetched off loopback without a contact.
    #[error("no contact is configured, so nothing but loopback is asked")]
    Nameless,
    /// The program is ending.
    #[error("the program is ending")]
    Closed,
}

impl Failure {
    /// Reads the client's error, down to its last cause.
    pub(super) fn of(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::Timeout;
        }
        let mut cause: Option<&(dyn std::error::Error + 'static)> = error.source();
        let mut last = error.to_string();
        let (mut is_of_connection, mut is_no_http) = (false, false);
        while let Some(inner) = cause {
            if let Some(unreachable) = inner.downcast_ref::<Unreachable>() {
                return unreachable.clone().into();
            }
            if let Some(io) = inner.downcast_ref::<std::io::Error>() {
                if io.kind() == std::io::ErrorKind::TimedOut {
                    return Self::Timeout;
                }
                if let Some(why) = io.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>())
                    && matches!(why, rustls::Error::InvalidCertificate(_))
                {
                    return Self::Untrusted(why.to_string());
                }
            }
            if let Some(hyper) = inner.downcast_ref::<hyper::Error>() {
                is_of_connection = true;
                is_no_http |= hyper.is_parse();
            }
            last = inner.to_string();
            cause = inner.source();
        }
        match (is_no_http, is_of_connection) {
            (true, _) => Self::NotHttp(last),
            // The body came, and whoever unpacked it stumbled.
            (false, false) if error.is_decode() => Self::BrokenCoding(last),
            _ => Self::Connection(last),
        }
    }

    /// Whether another try may do better. A server that speaks no HTTP, has the wrong certificate or packs badly will
    /// do so again.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::NoAnswer(_) | Self::Connection(_) | Self::Timeout)
    }

    /// Whether nothing was sent at all.
    pub fn stayed_here(&self) -> bool {
        matches!(
            self,
            Self::BadUrl
                | Self::PrivateAddress
                | Self::NoAddress(_)
                | Self::NoAnswer(_)
                | Self::Unwaited(_)
                | Self::Nameless
                | Self::Closed
        )
    }

    /// The end that a picture comes to by it.
    pub fn reason(&self) -> DropReason {
        match self {
            Self::PrivateAddress => DropReason::PrivateAddress,
            Self::NoAddress(_) => DropReason::NoAddress,
            Self::Timeout => DropReason::Timeout,
            Self::BodyTooLarge => DropReason::BodyTooLarge,
            Self::Nameless | Self::Unwaited(_) => DropReason::ImageUnknown,
            Self::BrokenCoding(_) => DropReason::NotAnImage,
            Self::BadUrl
            | Self::NoAnswer(_)
            | Self::Connection(_)
            | Self::NotHttp(_)
            | Self::Untrusted(_)
            | Self::Closed => DropReason::Connection,
        }
    }
}

impl From<Unreachable> for Failure {
    fn from(unreachable: Unreachable) -> Self {
        match unreachable {
            Unreachable::Private => Self::PrivateAddress,
            Unreachable::NoAddress(why) => Self::NoAddress(why),
            Unreachable::NoAnswer(why) => Self::NoAnswer(why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::door::Door;
    use consent::{Permit, SiteFile};
    use schema::{Agent, Fetch};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// What comes of asking a server that answers once with these bytes and hangs up.
    async fn outcome_of(answer: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let rule = format!("*=http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
            // Until the other side has read it all.
            let _ = stream.read(&mut [0; 1]).await;
        });
        let door = Door::open(&Agent::default(), &Fetch { resolve: vec![rule], ..Fetch::default() }).unwrap();
        let url = url::Url::parse("http://a.example/").unwrap();
        let response = door.send(&Permit::for_site_file(&url, SiteFile::Robots)).await?;
        response.body(1_000_000).await
    }

    #[tokio::test]
    async fn what_another_try_cannot_mend_is_told_apart() {
        let headed = |headers: &str, body: &str| format!("HTTP/1.1 200 OK\r\n{headers}\r\n{body}").into_bytes();
        for (answer, told_as, is_transient) in [
            (b"220 mail.example ESMTP\r\n".to_vec(), "not HTTP", false),
            (headed("Content-Length: -1\r\n", "x"), "not HTTP", false),
            (headed(&format!("X-Long: {}\r\n", "x".repeat(1_000_000)), ""), "not HTTP", false),
            (headed(&"X-More: x\r\n".repeat(1000), ""), "not HTTP", false),
            (headed("Content-Encoding: gzip\r\nContent-Length: 9\r\n", "not gzip!"), "the content coding", false),
            (Vec::new(), "connection", true),
            (headed("Content-Length: 9\r\n", "short"), "connection", true),
            (headed("Transfer-Encoding: chunked\r\n", "5\r\nshort\r\n"), "connection", true),
        ] {
            let start = String::from_utf8_lossy(&answer[..answer.len().min(60)]).into_owned();
            let failure = outcome_of(answer).await.unwrap_err();
            assert!(failure.to_string().starts_with(told_as), "{start}: {failure:?}");
            assert_eq!(failure.is_transient(), is_transient, "{start}: {failure:?}");
        }
        assert_eq!(outcome_of(headed("Content-Length: 5\r\n", "whole")).await, Ok(b"whole".to_vec()));
    }
}
