//! Routes: a method, a path template, a handler.

use std::path::PathBuf;

use super::call::Call;
use super::refusal::Refusal;
use super::reply::Reply;

/// What a handler returns.
pub type Answer = Result<Reply, Refusal>;

/// An uploaded body, already in the file that `begin` named.
#[derive(Debug, Clone)]
pub struct Received {
    /// Where the bytes are.
    pub path: PathBuf,
    /// How many arrived.
    pub size: u64,
    /// MD5 in hexadecimal.
    pub md5: String,
    /// SHA-512 in hexadecimal.
    pub sha512: String,
    /// Whether the sender hung up before the end: the object must then be as after a failed upload.
    pub broken: bool,
}

/// How a request is handled.
#[derive(Clone, Copy)]
pub enum Handler {
    /// The whole body is read as JSON first.
    Plain(fn(&mut Call) -> Answer),
    /// The body is streamed into a file: `begin` checks and names the file, `finish` sees what arrived.
    Upload {
        /// Decides, before a byte is read, whether the upload is allowed and where the bytes go.
        begin: fn(&mut Call) -> Result<PathBuf, Refusal>,
        /// Records the result.
        finish: fn(&mut Call, Received) -> Answer,
    },
}

/// One entry of a service's routing table.
#[derive(Clone)]
pub struct Route {
    /// `GET`, `POST`, …
    pub method: &'static str,
    /// The path below the service's prefix, captures in braces: `/v2.1/servers/{id}`.
    pub template: &'static str,
    /// What to do.
    pub handler: Handler,
    /// Whether it answers without a token.
    pub open: bool,
}

impl Route {
    /// Makes a route for a method.
    pub fn new(method: &'static str, template: &'static str, handler: fn(&mut Call) -> Answer) -> Self {
        Self { method, template, handler: Handler::Plain(handler), open: false }
    }

    /// `GET`.
    pub fn get(template: &'static str, handler: fn(&mut Call) -> Answer) -> Self {
        Self::new("GET", template, handler)
    }

    /// `POST`.
    pub fn post(template: &'static str, handler: fn(&mut Call) -> Answer) -> Self {
        Self::new("POST", template, handler)
    }

    /// `PUT`.
    pub fn put(template: &'static str, handler: fn(&mut Call) -> Answer) -> Self {
        Self::new("PUT", template, handler)
    }

    /// `PATCH`.
    pub fn patch(template: &'static str, handler: fn(&mut Call) -> Answer) -> Self {
        Self::new("PATCH", template, handler)
    }

    /// `DELETE`.
    pub fn delete(template: &'static str, handler: fn(&mut Call) -> Answer) -> Self {
        Self::new("DELETE", template, handler)
    }

    /// `HEAD`.
    pub fn head(template: &'static str, handler: fn(&mut Call) -> Answer) -> Self {
        Self::new("HEAD", template, handler)
    }

    /// Makes an upload route.
    pub fn upload(
        template: &'static str,
        begin: fn(&mut Call) -> Result<PathBuf, Refusal>,
        finish: fn(&mut Call, Received) -> Answer,
    ) -> Self {
        Self { method: "PUT", template, handler: Handler::Upload { begin, finish }, open: false }
    }

    /// Lets the route answer without a token.
    pub fn open(mut self) -> Self {
        self.open = true;
        self
    }

    /// Matches a path and returns what the braces caught.
    pub fn captures(&self, path: &[&str]) -> Option<Vec<String>> {
        let mut caught = Vec::new();
        let mut given = path.iter();
        for part in self.template.split('/').filter(|part| !part.is_empty()) {
            let have = *given.next()?;
            if part.starts_with('{') {
                caught.push(have.to_owned());
            } else if part != have {
                return None;
            }
        }
        given.next().is_none().then_some(caught)
    }

    /// Orders templates so that literal segments win over captures.
    pub fn rank(&self) -> Vec<bool> {
        self.template.split('/').filter(|part| !part.is_empty()).map(|part| part.starts_with('{')).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_catch_segments() {
        let route = Route::get("/v2.1/servers/{id}", |_| Ok(Reply::empty(204)));
        assert_eq!(route.captures(&["v2.1", "servers", "x"]), Some(vec!["x".to_owned()]));
        assert_eq!(route.captures(&["v2.1", "servers"]), None);
        assert_eq!(route.captures(&["v2.1", "servers", "x", "y"]), None);
    }
}
