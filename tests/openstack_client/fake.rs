//! A cloud made of one closure: Keystone is built in, every other call goes to the closure and is written down.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use moonferry::base::secret::Secret;
use moonferry::openstack::{Cloud, CloudConfig, RetryPolicy};
use serde_json::{Value, json};

/// A call as the server saw it.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
    /// Which call of this method and path it is, from 1.
    pub nth: usize,
}

impl Seen {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub fn is(&self, method: &str, path: &str) -> bool {
        self.method == method && self.path == path
    }
}

pub struct Fake {
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Fake {
    /// Starts a cloud whose tokens last an hour.
    pub async fn start<F>(answer: F) -> Self
    where
        F: Fn(&Seen) -> Response + Send + Sync + 'static,
    {
        Self::bare(move |call, url| match keystone(call, url) {
            Some(response) => response,
            None => answer(call),
        })
        .await
    }

    /// Starts a server without Keystone; the closure gets the server's own URL.
    pub async fn bare<F>(answer: F) -> Self
    where
        F: Fn(&Seen, &str) -> Response + Send + Sync + 'static,
    {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::<Seen>::new()));
        let (log, own, answer) = (seen.clone(), url.clone(), Arc::new(answer));
        let router = Router::new().fallback(move |request: Request| {
            let (log, own, answer) = (log.clone(), own.clone(), answer.clone());
            async move {
                let call = read(request, &log).await;
                // A test that wants a slow service says so in a header of its answer.
                let response = answer(&call, &own);
                if let Some(ms) = response.headers().get("x-test-delay-ms") {
                    tokio::time::sleep(Duration::from_millis(ms.to_str().unwrap().parse().unwrap())).await;
                }
                response
            }
        });
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, seen, server }
    }

    /// Returns all calls so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Returns how often a call was made.
    pub fn count(&self, method: &str, path: &str) -> usize {
        self.seen().iter().filter(|call| call.is(method, path)).count()
    }

    /// Returns a configuration for this cloud that waits only moments between attempts.
    pub fn config(&self) -> CloudConfig {
        config(&format!("{}/v3", self.url))
    }

    pub fn cloud(&self) -> Cloud {
        Cloud::new(self.config()).unwrap()
    }
}

/// Returns a configuration with the password `hunter2` and short waits.
pub fn config(auth_url: &str) -> CloudConfig {
    let mut config = CloudConfig::new("fake", auth_url);
    config.credentials.values =
        [("username", "ann"), ("project_name", "web")].map(|(k, v)| (k.into(), v.into())).into();
    config.credentials.secret = Secret::new("hunter2");
    config.retry = RetryPolicy { attempts: 4, base: Duration::from_millis(5), cap: Duration::from_secs(5) };
    config.api_timeout = Duration::from_secs(5);
    config
}

async fn read(request: Request, log: &Mutex<Vec<Seen>>) -> Seen {
    let (head, body) = request.into_parts();
    let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let mut call = Seen {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: to_bytes(body, usize::MAX).await.unwrap_or_default().to_vec(),
        nth: 0,
    };
    let mut log = log.lock().unwrap();
    call.nth = 1 + log.iter().filter(|other| other.is(&call.method, &call.path)).count();
    log.push(call.clone());
    call
}

/// Answers authentication with the tokens `token-1`, `token-2` …, and the version documents of the services.
pub fn keystone(call: &Seen, url: &str) -> Option<Response> {
    if call.is("POST", "/v3/auth/tokens") {
        return Some(token(&format!("token-{}", call.nth), 3600, catalog(url)));
    }
    if call.is("GET", "/compute/v2.1/") {
        let version = json!({"id": "v2.1", "status": "CURRENT", "version": "2.93", "min_version": "2.1", "links": []});
        return Some(ok(json!({"version": version})));
    }
    if call.is("GET", "/volume/v3/") {
        let version = json!({"id": "v3.0", "status": "CURRENT", "version": "3.70", "min_version": "3.0",
            "links": [{"rel": "self", "href": "http://elsewhere/v3/"}]});
        return Some(ok(json!({"versions": [version]})));
    }
    None
}

/// Returns the answer to an authentication.
pub fn token(id: &str, seconds: i64, catalog: Value) -> Response {
    let now = jiff::Timestamp::now();
    let expires = now + jiff::SignedDuration::from_secs(seconds);
    let body = json!({"token": {
        "methods": ["password"], "user": {"id": "u1", "name": "ann", "domain": {"id": "default", "name": "Default"}},
        "project": {"id": "p1", "name": "web", "domain": {"id": "default", "name": "Default"}},
        "roles": [{"id": "r1", "name": "member"}], "issued_at": now.to_string(), "expires_at": expires.to_string(),
        "catalog": catalog,
    }});
    (StatusCode::CREATED, [("x-subject-token", id.to_owned())], axum::Json(body)).into_response()
}

/// Returns a catalog with every service below one URL.
pub fn catalog(url: &str) -> Value {
    let service = |kind: &str, path: &str| {
        let endpoint = json!({"interface": "public", "region_id": "R1", "region": "R1", "url": format!("{url}{path}")});
        json!({"type": kind, "name": kind, "endpoints": [endpoint]})
    };
    json!([
        service("identity", "/v3"),
        service("compute", "/compute/v2.1"),
        service("image", "/image"),
        service("network", "/network"),
        service("volumev3", "/volume/v3/p1"),
    ])
}

pub fn ok(body: Value) -> Response {
    axum::Json(body).into_response()
}

pub fn fail(status: u16, body: Value) -> Response {
    let id = [("x-openstack-request-id", "req-42")];
    (StatusCode::from_u16(status).unwrap(), id, axum::Json(body)).into_response()
}

/// Adds a header to an answer.
pub fn with(mut response: Response, name: &'static str, value: &str) -> Response {
    response.headers_mut().insert(name, value.parse().unwrap());
    response
}

pub fn nothing() -> Response {
    (StatusCode::NO_CONTENT, Body::empty()).into_response()
}
