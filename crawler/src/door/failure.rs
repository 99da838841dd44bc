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
    /// Whether there is such a name could not be learnt.
    #[error("the name could not be looked up: {0}")]
    NoAnswer(String),
    /// No connection, or it broke.
    #[error("connection: {0}")]
    Connection(String),
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
        while let Some(inner) = cause {
            if let Some(unreachable) = inner.downcast_ref::<Unreachable>() {
                return unreachable.clone().into();
            }
            if inner.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::TimedOut) {
                return Self::Timeout;
            }
            last = inner.to_string();
            cause = inner.source();
        }
        Self::Connection(last)
    }

    /// Whether another try may do better.
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
            Self::Nameless => DropReason::ImageUnknown,
            Self::BadUrl | Self::NoAnswer(_) | Self::Connection(_) | Self::Closed => DropReason::Connection,
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
