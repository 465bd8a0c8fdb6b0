//! One call to a service and its answer, free of any HTTP library's types.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use super::{Error, Microversion, Service};

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Method(&'static str);

#[allow(missing_docs)] // HTTP's own names.
impl Method {
    pub const GET: Method = Method("GET");
    pub const HEAD: Method = Method("HEAD");
    pub const POST: Method = Method("POST");
    pub const PUT: Method = Method("PUT");
    pub const PATCH: Method = Method("PATCH");
    pub const DELETE: Method = Method("DELETE");
}

impl Method {
    const ALL: [Method; 6] = [Self::GET, Self::HEAD, Self::POST, Self::PUT, Self::PATCH, Self::DELETE];

    /// Returns the method as HTTP spells it.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// Tells whether the method changes nothing at the service.
    pub fn is_read(self) -> bool {
        matches!(self, Method::GET | Method::HEAD)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Method {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let known = Self::ALL.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(text));
        known.ok_or_else(|| {
            Error::invalid(format!("'{text}' is no HTTP method; use GET, HEAD, POST, PUT, PATCH or DELETE"))
        })
    }
}

/// One call to a service.
#[derive(Clone)]
pub struct Request {
    /// The service that is called.
    pub service: Service,
    /// The HTTP method.
    pub method: Method,
    /// The path below the versioned endpoint, percent-encoded where needed: `/servers/detail`.
    pub path: String,
    /// The query parameters, not yet encoded.
    pub query: Vec<(String, String)>,
    /// The JSON body.
    pub body: Option<Value>,
    /// The highest microversion the caller understands; the call uses less where the service offers less.
    pub microversion: Option<Microversion>,
    /// The lowest microversion that makes sense for the call; an endpoint below it is an error.
    pub require: Option<Microversion>,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// What the call is about, for errors: `server web-1`.
    pub object: String,
}

impl Request {
    /// Starts a call.
    pub fn new(service: Service, method: Method, path: impl Into<String>) -> Self {
        let path = path.into();
        Self {
            service,
            method,
            object: format!("{method} {path}"),
            path,
            query: Vec::new(),
            body: None,
            microversion: None,
            require: None,
            headers: Vec::new(),
        }
    }

    /// Starts a `GET`.
    pub fn get(service: Service, path: impl Into<String>) -> Self {
        Self::new(service, Method::GET, path)
    }

    /// Starts a `POST`.
    pub fn post(service: Service, path: impl Into<String>) -> Self {
        Self::new(service, Method::POST, path)
    }

    /// Starts a `PUT`.
    pub fn put(service: Service, path: impl Into<String>) -> Self {
        Self::new(service, Method::PUT, path)
    }

    /// Starts a `PATCH`.
    pub fn patch(service: Service, path: impl Into<String>) -> Self {
        Self::new(service, Method::PATCH, path)
    }

    /// Starts a `DELETE`.
    pub fn delete(service: Service, path: impl Into<String>) -> Self {
        Self::new(service, Method::DELETE, path)
    }

    /// Adds query parameters.
    pub fn query(mut self, pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        self.query.extend(pairs);
        self
    }

    /// Sets the JSON body.
    pub fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// Sets the highest microversion the caller understands.
    pub fn microversion(mut self, highest: Option<Microversion>) -> Self {
        self.microversion = highest;
        self
    }

    /// Sets the lowest microversion that makes sense for the call.
    pub fn require(mut self, lowest: Option<Microversion>) -> Self {
        self.require = lowest;
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Says what the call is about, for errors.
    pub fn object(mut self, object: impl Into<String>) -> Self {
        self.object = object.into();
        self
    }
}

impl fmt::Debug for Request {
    // Bodies and headers may hold passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.service, self.method, self.path)
    }
}

/// The answer to a call that succeeded.
#[derive(Clone)]
pub struct Response {
    /// The HTTP status, below 300.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The JSON body, null where there was none; text that is no JSON comes as a string.
    pub body: Value,
    /// The request id, where the service gave one.
    pub request_id: Option<String>,
    /// The microversion the call used.
    pub microversion: Option<Microversion>,
}

impl Response {
    /// Returns a header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for Response {
    // Bodies and headers may hold passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.request_id.as_deref().unwrap_or_default())
    }
}

/// Percent-encodes one segment of a path.
pub fn encode(segment: &str) -> String {
    let mut encoded = String::with_capacity(segment.len());
    for byte in segment.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' => encoded.push(char::from(byte)),
            // A segment of dots alone would climb in the path.
            b'.' if segment.bytes().any(|other| other != b'.') => encoded.push('.'),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_cannot_leave_their_place() {
        assert_eq!(encode("web-1.example"), "web-1.example");
        assert_eq!(encode("a/b c?d"), "a%2Fb%20c%3Fd");
        assert_eq!(encode(".."), "%2E%2E");
        assert_eq!(encode("ü"), "%C3%BC");
    }

    #[test]
    fn methods_are_read_in_any_case() {
        assert_eq!("post".parse::<Method>().unwrap(), Method::POST);
        assert!("FETCH".parse::<Method>().is_err());
    }
}
