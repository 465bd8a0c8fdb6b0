//! What can go wrong with a call, by what the caller may do about it.

use std::fmt;
use std::time::Duration;

use super::Service;

/// A failed call. Every variant carries the same [`Detail`]; the variant says what to do.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The object does not exist, or the token may not see it: check name, project and region.
    #[error("{0}")]
    NotFound(Box<Detail>),
    /// The object's state or another object forbids the call: look at both, then decide.
    #[error("{0}")]
    Conflict(Box<Detail>),
    /// Several objects bear the name: use an id.
    #[error("{0}")]
    Ambiguous(Box<Detail>),
    /// The token's roles do not allow the call: use another account, role or scope.
    #[error("{0}")]
    Forbidden(Box<Detail>),
    /// The credentials were refused: correct clouds.yaml or secure.yaml.
    #[error("{0}")]
    Unauthorized(Box<Detail>),
    /// The service refused the call as wrong: correct what the message names.
    #[error("{0}")]
    Invalid(Box<Detail>),
    /// A quota is used up: raise it or free something.
    #[error("{0}")]
    Quota(Box<Detail>),
    /// The service wants fewer calls even after the waits it asked for: try later or lower the concurrency.
    #[error("{0}")]
    RateLimited(Box<Detail>),
    /// The service failed inside or is down: look into its log by the request id, then try again.
    #[error("{0}")]
    Unavailable(Box<Detail>),
    /// The connection could not be made, was not trusted or broke: see the message for which.
    #[error("{0}")]
    Transport(Box<Detail>),
    /// The cloud's configuration is missing or wrong: correct the named key in the named file.
    #[error("{0}")]
    Config(Box<Detail>),
    /// The endpoint does not speak the needed version or microversion.
    #[error("{0}")]
    Version(Box<Detail>),
    /// No answer came in time: raise `api_timeout` or look at the service.
    #[error("{0}")]
    Timeout(Box<Detail>),
    /// The answer was not what the API promises, perhaps a proxy's: look at the URL.
    #[error("{0}")]
    Protocol(Box<Detail>),
}

/// The kind of an [`Error`] as one word, for scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs)] // The words are those of `Error`.
pub enum ErrorKind {
    NotFound,
    Conflict,
    Ambiguous,
    Forbidden,
    Unauthorized,
    Invalid,
    Quota,
    RateLimited,
    Unavailable,
    Transport,
    Config,
    Version,
    Timeout,
    Protocol,
}

impl ErrorKind {
    /// Returns the word scripts compare with: `not_found`.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorKind::NotFound => "not_found",
            ErrorKind::Conflict => "conflict",
            ErrorKind::Ambiguous => "ambiguous",
            ErrorKind::Forbidden => "forbidden",
            ErrorKind::Unauthorized => "unauthorized",
            ErrorKind::Invalid => "invalid",
            ErrorKind::Quota => "quota",
            ErrorKind::RateLimited => "rate_limited",
            ErrorKind::Unavailable => "unavailable",
            ErrorKind::Transport => "transport",
            ErrorKind::Config => "config",
            ErrorKind::Version => "version",
            ErrorKind::Timeout => "timeout",
            ErrorKind::Protocol => "protocol",
        }
    }
}

/// What is known of a failure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Detail {
    /// The clouds.yaml entry, empty where none is concerned.
    pub cloud: String,
    /// The service that answered or should have.
    pub service: Option<Service>,
    /// What the call was about: `server web-1`.
    pub object: String,
    /// The cause, in the service's own words where it gave any.
    pub message: String,
    /// The HTTP status of the answer.
    pub status: Option<u16>,
    /// The request id, by which the service's log is searched.
    pub request_id: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
    /// How long the service asked to wait.
    pub retry_after: Option<Duration>,
    /// Whether the call may have taken effect although it failed.
    pub may_have_happened: bool,
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.cloud.is_empty() {
            write!(f, "cloud {}: ", self.cloud)?;
        }
        if !self.object.is_empty() {
            write!(f, "{}: ", self.object)?;
        }
        f.write_str(self.message.trim_end_matches('.'))?;
        let service = self.service.map(|service| service.to_string());
        let status = self.status.map(|status| status.to_string());
        let about: Vec<String> = [
            service.into_iter().chain(status).collect::<Vec<_>>().join(" "),
            self.request_id.clone().unwrap_or_default(),
        ]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
        if about.is_empty() { Ok(()) } else { write!(f, " ({})", about.join(", ")) }
    }
}

impl Error {
    /// Makes an error of a kind.
    pub fn new(kind: ErrorKind, detail: Detail) -> Self {
        let detail = Box::new(detail);
        match kind {
            ErrorKind::NotFound => Error::NotFound(detail),
            ErrorKind::Conflict => Error::Conflict(detail),
            ErrorKind::Ambiguous => Error::Ambiguous(detail),
            ErrorKind::Forbidden => Error::Forbidden(detail),
            ErrorKind::Unauthorized => Error::Unauthorized(detail),
            ErrorKind::Invalid => Error::Invalid(detail),
            ErrorKind::Quota => Error::Quota(detail),
            ErrorKind::RateLimited => Error::RateLimited(detail),
            ErrorKind::Unavailable => Error::Unavailable(detail),
            ErrorKind::Transport => Error::Transport(detail),
            ErrorKind::Config => Error::Config(detail),
            ErrorKind::Version => Error::Version(detail),
            ErrorKind::Timeout => Error::Timeout(detail),
            ErrorKind::Protocol => Error::Protocol(detail),
        }
    }

    /// Makes a configuration error about a cloud, with what to do.
    pub(crate) fn config(cloud: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        let hint = hint.into();
        Error::Config(Box::new(Detail {
            cloud: cloud.into(),
            message: message.into(),
            hint: (!hint.is_empty()).then_some(hint),
            ..Detail::default()
        }))
    }

    /// Makes an error about a value that no call was made with.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Error::Invalid(Box::new(Detail { message: message.into(), ..Detail::default() }))
    }

    /// Returns everything known of the failure.
    pub fn detail(&self) -> &Detail {
        self.parts().1
    }

    pub(crate) fn detail_mut(&mut self) -> &mut Detail {
        match self {
            Error::NotFound(detail)
            | Error::Conflict(detail)
            | Error::Ambiguous(detail)
            | Error::Forbidden(detail)
            | Error::Unauthorized(detail)
            | Error::Invalid(detail)
            | Error::Quota(detail)
            | Error::RateLimited(detail)
            | Error::Unavailable(detail)
            | Error::Transport(detail)
            | Error::Config(detail)
            | Error::Version(detail)
            | Error::Timeout(detail)
            | Error::Protocol(detail) => detail,
        }
    }

    /// Returns what kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.parts().0
    }

    /// Returns the cause without object, status and request id.
    pub fn message(&self) -> &str {
        &self.detail().message
    }

    /// Returns the HTTP status, where there was an answer.
    pub fn status(&self) -> Option<u16> {
        self.detail().status
    }

    /// Returns the request id, where the service gave one.
    pub fn request_id(&self) -> Option<&str> {
        self.detail().request_id.as_deref()
    }

    /// Returns what to do about it.
    pub fn hint(&self) -> Option<String> {
        self.detail().hint.clone()
    }

    /// Tells whether the call may have taken effect although it failed; ask the service before repeating it.
    pub fn may_have_happened(&self) -> bool {
        self.detail().may_have_happened
    }

    fn parts(&self) -> (ErrorKind, &Detail) {
        match self {
            Error::NotFound(detail) => (ErrorKind::NotFound, detail),
            Error::Conflict(detail) => (ErrorKind::Conflict, detail),
            Error::Ambiguous(detail) => (ErrorKind::Ambiguous, detail),
            Error::Forbidden(detail) => (ErrorKind::Forbidden, detail),
            Error::Unauthorized(detail) => (ErrorKind::Unauthorized, detail),
            Error::Invalid(detail) => (ErrorKind::Invalid, detail),
            Error::Quota(detail) => (ErrorKind::Quota, detail),
            Error::RateLimited(detail) => (ErrorKind::RateLimited, detail),
            Error::Unavailable(detail) => (ErrorKind::Unavailable, detail),
            Error::Transport(detail) => (ErrorKind::Transport, detail),
            Error::Config(detail) => (ErrorKind::Config, detail),
            Error::Version(detail) => (ErrorKind::Version, detail),
            Error::Timeout(detail) => (ErrorKind::Timeout, detail),
            Error::Protocol(detail) => (ErrorKind::Protocol, detail),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_object_status_and_request() {
        let detail = Detail {
            cloud: "source".into(),
            service: Some(Service::Compute),
            object: "server web-1".into(),
            message: "Instance could not be found.".into(),
            status: Some(404),
            request_id: Some("req-1".into()),
            ..Detail::default()
        };
        assert_eq!(
            Error::new(ErrorKind::NotFound, detail).to_string(),
            "cloud source: server web-1: Instance could not be found (compute 404, req-1)"
        );
    }
}
