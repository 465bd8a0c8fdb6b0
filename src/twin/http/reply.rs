//! What a handler gives back.

use std::path::PathBuf;

use serde_json::Value;

/// The body of an answer.
#[derive(Debug)]
pub enum Body {
    /// Nothing.
    Empty,
    /// A JSON document.
    Json(Value),
    /// Bytes in memory.
    Bytes(Vec<u8>),
    /// Part of a file, streamed.
    File {
        /// The file.
        path: PathBuf,
        /// Where to start.
        offset: u64,
        /// How many bytes to send.
        length: u64,
    },
}

/// A status, headers and a body.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Headers beyond those that the core adds (request id, length, JSON content type, microversion).
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Body,
}

impl Reply {
    /// Makes an answer with any body.
    pub fn new(status: u16, body: Body) -> Self {
        Self { status, headers: Vec::new(), body }
    }

    /// Makes an answer with a JSON body.
    pub fn json(status: u16, value: Value) -> Self {
        Self::new(status, Body::Json(value))
    }

    /// 200 with JSON.
    pub fn ok(value: Value) -> Self {
        Self::json(200, value)
    }

    /// 201 with JSON.
    pub fn created(value: Value) -> Self {
        Self::json(201, value)
    }

    /// 202 with JSON.
    pub fn accepted(value: Value) -> Self {
        Self::json(202, value)
    }

    /// An empty body.
    pub fn empty(status: u16) -> Self {
        Self::new(status, Body::Empty)
    }

    /// Adds a header.
    pub fn header(&mut self, name: &'static str, value: impl Into<String>) {
        self.headers.push((name, value.into()));
    }

    /// Adds a header and gives the reply back.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.header(name, value);
        self
    }
}
