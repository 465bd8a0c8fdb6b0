//! One HTTP exchange, and its repetition as the retry policy allows.

use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::Semaphore;
use url::Url;

use super::fault::{About, message, speaks_of_quota};
use super::retry::{self, Outcome};
use super::tls::root_cause;
use super::{CloudConfig, Detail, Error, ErrorKind, Method, RetryPolicy};

/// How many redirects a read follows, all on one host.
const REDIRECTS: usize = 3;

/// The HTTP client of one cloud.
pub(crate) struct Http {
    pub client: reqwest::Client,
    pub cloud: String,
    pub timeout: Duration,
    connect_timeout: Duration,
    policy: RetryPolicy,
}

/// A request ready to be sent, as often as needed.
#[derive(Clone)]
pub(crate) struct Call {
    pub method: Method,
    pub url: Url,
    pub headers: Vec<(String, String)>,
    pub body: Option<Bytes>,
    /// Leaves the body of a successful answer to be read as it comes.
    pub streamed: bool,
}

/// An answer of any status.
#[derive(Default)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    /// The unread rest of a streamed answer.
    pub rest: Option<reqwest::Response>,
}

/// Why there is no answer.
pub(crate) struct Trouble {
    pub kind: ErrorKind,
    pub message: String,
    pub hint: Option<String>,
    /// How it ended, for the retry policy; `None` where repeating cannot help.
    pub outcome: Option<Outcome>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn request_id(&self) -> Option<String> {
        let names = ["x-openstack-request-id", "x-compute-request-id", "openstack-request-id", "x-request-id"];
        names.into_iter().find_map(|name| self.header(name)).map(str::to_owned)
    }

    pub fn retry_after(&self) -> Option<Duration> {
        self.header("retry-after").and_then(|value| retry::retry_after(value, Timestamp::now()))
    }

    fn outcome(&self) -> Outcome {
        let quota = self.status >= 400 && speaks_of_quota(self.status, &message(self));
        Outcome::Status { code: self.status, retry_after: self.retry_after(), quota }
    }
}

impl Http {
    pub fn new(config: &CloudConfig) -> Result<Self, Error> {
        Ok(Self {
            client: super::tls::client(config)?,
            cloud: config.name.clone(),
            timeout: config.api_timeout,
            connect_timeout: config.connect_timeout,
            policy: config.retry,
        })
    }

    /// Sends a call until it is answered or must not be repeated; refusals are answers too.
    pub async fn persist(&self, call: &Call, about: &About<'_>, gate: Option<&Semaphore>) -> Result<Answer, Error> {
        let read = call.method.is_read();
        self.persist_as(call, about, gate, read, self.policy.attempts).await
    }

    /// As [`Self::persist`], for a call known to be harmless, and with a limit of its own.
    pub async fn persist_as(
        &self,
        call: &Call,
        about: &About<'_>,
        gate: Option<&Semaphore>,
        read: bool,
        attempts: u32,
    ) -> Result<Answer, Error> {
        let policy = RetryPolicy { attempts, ..self.policy };
        let mut attempt = 1;
        loop {
            // The gate is closed never, so an error cannot come; a wait between attempts frees the place.
            let place = match gate {
                Some(gate) => gate.acquire().await.ok(),
                None => None,
            };
            let ended = self.traced(call).await;
            drop(place);
            let outcome = match &ended {
                Ok(answer) if answer.status < 400 => return ended.map_err(|trouble| trouble.error(about, read)),
                Ok(answer) => Some(answer.outcome()),
                Err(trouble) => trouble.outcome,
            };
            match outcome.and_then(|outcome| policy.wait(read, attempt, outcome)) {
                Some(wait) => {
                    tracing::debug!(cloud = self.cloud, attempt, wait_ms = wait.as_millis() as u64, "again");
                    tokio::time::sleep(wait).await;
                    attempt += 1;
                }
                None => return ended.map_err(|trouble| trouble.error(about, read)),
            }
        }
    }

    async fn traced(&self, call: &Call) -> Result<Answer, Trouble> {
        let started = Instant::now();
        let ended = self.once(call).await;
        let (status, id) = match &ended {
            Ok(answer) => (answer.status.to_string(), answer.request_id().unwrap_or_default()),
            Err(trouble) => (trouble.message.clone(), String::new()),
        };
        self.trace(call, &status, started, &id);
        ended
    }

    /// Writes the one line that every HTTP call leaves in the log.
    pub fn trace(&self, call: &Call, status: &str, started: Instant, request_id: &str) {
        let ms = started.elapsed().as_millis() as u64;
        let (method, path) = (call.method.as_str(), call.url.path());
        tracing::debug!(cloud = self.cloud, method, path, status, ms, request_id, "http");
    }

    async fn once(&self, call: &Call) -> Result<Answer, Trouble> {
        let mut url = call.url.clone();
        for _ in 0..REDIRECTS {
            let answer = self.hop(call, &url).await?;
            match redirect(call.method, &url, &answer) {
                Some(next) => url = next,
                None => return Ok(answer),
            }
        }
        self.hop(call, &url).await
    }

    async fn hop(&self, call: &Call, url: &Url) -> Result<Answer, Trouble> {
        let mut builder = self.request(call, url);
        if let Some(body) = &call.body {
            builder = builder.body(body.clone());
        }
        if !call.streamed {
            builder = builder.timeout(self.timeout);
        }
        let opened = tokio::time::timeout(self.timeout, builder.send()).await;
        let response = match opened {
            Ok(opened) => opened.map_err(|why| self.trouble(&why, url))?,
            Err(_) => return Err(self.too_slow(url)),
        };
        let answer = head(&response);
        if call.streamed && answer.status < 300 {
            return Ok(Answer { rest: Some(response), ..answer });
        }
        let body = tokio::time::timeout(self.timeout, response.bytes()).await;
        let body = match body {
            Ok(body) => body.map_err(|why| self.trouble(&why, url))?,
            Err(_) => return Err(self.too_slow(url)),
        };
        Ok(Answer { body, ..answer })
    }

    /// Starts a request with the call's method and headers.
    pub fn request(&self, call: &Call, url: &Url) -> reqwest::RequestBuilder {
        // Cannot fail: the methods are HTTP's own.
        let method = reqwest::Method::from_bytes(call.method.as_str().as_bytes()).unwrap_or_default();
        let builder = self.client.request(method, url.clone());
        call.headers.iter().fold(builder, |builder, (name, value)| {
            match reqwest::header::HeaderValue::from_str(value) {
                Ok(mut value) => {
                    // Keeps tokens out of the logs of every layer below and of compressed header tables.
                    value.set_sensitive(name.to_ascii_lowercase().contains("token"));
                    builder.header(name, value)
                }
                // The builder keeps the error for the sending.
                Err(_) => builder.header(name, value),
            }
        })
    }

    /// Says what a broken exchange means.
    pub fn trouble(&self, why: &reqwest::Error, url: &Url) -> Trouble {
        let cause = root_cause(why);
        let host = place(url);
        if why.is_builder() {
            let message = format!("the request cannot be made: {cause}");
            return Trouble { kind: ErrorKind::Invalid, message, hint: None, outcome: None };
        }
        if why.is_connect() && why.is_timeout() {
            let message = format!("cannot connect to {host} within {:?}", self.connect_timeout);
            let hint = Some("check the URL, the network and the firewall".to_owned());
            return Trouble { kind: ErrorKind::Transport, message, hint, outcome: Some(Outcome::NeverSent) };
        }
        if why.is_timeout() {
            return self.too_slow(url);
        }
        if why.is_connect() {
            return not_connected(&cause, &host, url.scheme());
        }
        let message = format!("the connection to {host} broke: {cause}");
        let hint = Some("look whether the service or a proxy before it restarted".to_owned());
        Trouble { kind: ErrorKind::Transport, message, hint, outcome: Some(Outcome::Unknown) }
    }

    pub fn too_slow(&self, url: &Url) -> Trouble {
        Trouble {
            kind: ErrorKind::Timeout,
            message: format!("no complete answer from {} within {:?}", place(url), self.timeout),
            hint: Some("raise api_timeout in clouds.yaml or look at the service's load".to_owned()),
            outcome: Some(Outcome::Timeout),
        }
    }
}

impl Trouble {
    pub fn error(self, about: &About<'_>, read: bool) -> Error {
        let sent = matches!(self.outcome, Some(Outcome::Unknown | Outcome::Timeout));
        let detail = Detail {
            cloud: about.cloud.into(),
            service: Some(about.service),
            object: about.object.into(),
            message: self.message,
            hint: self.hint,
            may_have_happened: sent && !read,
            ..Detail::default()
        };
        Error::new(self.kind, detail)
    }
}

/// Takes status and headers; the body is still to be read.
pub(crate) fn head(response: &reqwest::Response) -> Answer {
    let headers = response.headers().iter();
    let headers = headers.map(|(name, value)| {
        (name.as_str().to_ascii_lowercase(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    Answer { status: response.status().as_u16(), headers: headers.collect(), ..Answer::default() }
}

/// Returns where a read is sent on; never to another host, which must not see the token.
fn redirect(method: Method, url: &Url, answer: &Answer) -> Option<Url> {
    let moved = matches!(answer.status, 301 | 302 | 303 | 307 | 308) && method.is_read();
    let next = url.join(answer.header("location").filter(|_| moved)?).ok()?;
    (next.origin() == url.origin()).then_some(next)
}

fn not_connected(cause: &str, host: &str, scheme: &str) -> Trouble {
    let (message, hint, outcome) = if cause.contains("UnknownIssuer") || cause.contains("SelfSigned") {
        let message = format!("the certificate of {host} is signed by an unknown authority");
        (message, "set cacert in clouds.yaml to the file of the cloud's certificate authority", None)
    } else if cause.contains("BadSignature") {
        // Most often an authority that was made anew under the name it had.
        let message = format!("the certificate of {host} is not of the authority whose name it bears");
        (message, "set cacert in clouds.yaml to the current file of the cloud's certificate authority", None)
    } else if cause.contains("invalid peer certificate") {
        let cause = cause.trim_start_matches("invalid peer certificate: ");
        (format!("the certificate of {host} is not valid: {cause}"), "renew it, or use the name it is made for", None)
    } else if cause.contains("InvalidContentType") || cause.contains("corrupt message") {
        (format!("{host} does not speak TLS"), "write http:// instead of https:// in the URL", None)
    } else if cause.contains("received fatal alert") {
        let message = format!("{host} broke off the TLS handshake: {cause}");
        (message, "if it wants a client certificate, set cert and key in clouds.yaml", None)
    } else {
        let message = format!("cannot connect to {host} by {scheme}: {cause}");
        (message, "check the URL and whether the service is up", Some(Outcome::NeverSent))
    };
    Trouble { kind: ErrorKind::Transport, message, hint: Some(hint.to_owned()), outcome }
}

/// Names host and port for people.
fn place(url: &Url) -> String {
    let port = url.port_or_known_default().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}{port}", url.host_str().unwrap_or_default())
}
