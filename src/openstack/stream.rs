//! Uploads: a body sent as it comes, without a temporary file, holding no more than what is under way.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt};
use tokio::io::AsyncRead;

use super::fault::About;
use super::http::{Answer, Call, head};
use super::send::with_token;
use super::{Cloud, Detail, Error, ErrorKind, Request, Response};

/// A body as it comes.
pub type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>;

/// How long a service may work after the last byte of an upload: stores write and hash what they got.
const AFTER_LAST_BYTE: Duration = Duration::from_secs(900);

impl Cloud {
    /// Sends a body as it comes, chunked where its length is not known. It is sent once: a stream cannot be rewound.
    pub async fn upload<S>(&self, request: Request, stream: S, length: Option<u64>) -> Result<Response, Error>
    where
        S: Stream<Item = Result<Bytes, Error>> + Send + 'static,
    {
        let (mut call, microversion) = self.prepare(&request).await?;
        if !call.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            call.headers.push(("Content-Type".into(), "application/octet-stream".into()));
        }
        if let Some(length) = length {
            call.headers.push(("Content-Length".into(), length.to_string()));
        }
        let about = self.about(request.service, &request.object);
        let token = self.inner.session.token().await?;
        let progress = Arc::new(Progress::new());
        let started = Instant::now();
        let ended = self.pour(&with_token(&call, &token), stream, length, &about, &progress).await;
        let (status, id) = match &ended {
            Ok(answer) => (answer.status.to_string(), answer.request_id().unwrap_or_default()),
            Err(error) => (error.message().to_owned(), String::new()),
        };
        self.inner.http.trace(&call, &status, started, &id);
        let answer = ended?;
        if answer.status == 401 {
            // The next attempt, with a stream from its start, finds a good token.
            self.inner.session.renew(Some(&token)).await?;
        }
        self.accept(answer, &about, microversion)
    }

    async fn pour<S>(
        &self,
        call: &Call,
        stream: S,
        length: Option<u64>,
        about: &About<'_>,
        progress: &Arc<Progress>,
    ) -> Result<Answer, Error>
    where
        S: Stream<Item = Result<Bytes, Error>> + Send + 'static,
    {
        let http = &self.inner.http;
        let watched = watch(stream, length, progress.clone());
        let sent = http.request(call, &call.url).body(reqwest::Body::wrap_stream(watched)).send();
        let answered = async {
            let response = sent.await?;
            let answer = head(&response);
            Ok::<_, reqwest::Error>(Answer { body: response.bytes().await?, ..answer })
        };
        tokio::select! {
            answered = answered => answered.map_err(|why| match progress.failure() {
                Some(failure) => named(failure, about),
                None => http.trouble(&why, &call.url).error(about, false),
            }),
            () = progress.stalled(http.timeout) => Err(http.too_slow(&call.url).error(about, false)),
        }
    }
}

/// Makes an `AsyncRead` of a body.
pub fn reader(stream: ByteStream) -> impl AsyncRead + Send {
    tokio_util::io::StreamReader::new(stream.map_err(std::io::Error::other))
}

/// Names the object in an error of the stream that has none yet; what was sent may have left its mark.
fn named(mut failure: Error, about: &About<'_>) -> Error {
    let detail = failure.detail_mut();
    detail.may_have_happened = true;
    if detail.object.is_empty() {
        (detail.cloud, detail.object) = (about.cloud.to_owned(), about.object.to_owned());
    }
    failure
}

/// How an upload goes, seen from the stream that feeds it.
struct Progress {
    started: Instant,
    last_ms: AtomicU64,
    ended: AtomicBool,
    failure: Mutex<Option<Error>>,
}

impl Progress {
    fn new() -> Self {
        Self {
            started: Instant::now(),
            last_ms: AtomicU64::new(0),
            ended: AtomicBool::new(false),
            failure: Mutex::new(None),
        }
    }

    fn step(&self) {
        self.last_ms.store(self.started.elapsed().as_millis() as u64, Ordering::Release);
    }

    fn fail(&self, error: Error) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    fn failure(&self) -> Option<Error> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Returns when nothing has moved for too long.
    async fn stalled(&self, idle: Duration) {
        loop {
            let patience = if self.ended.load(Ordering::Acquire) { AFTER_LAST_BYTE.max(idle) } else { idle };
            let moved = self.started + Duration::from_millis(self.last_ms.load(Ordering::Acquire));
            let left = patience.saturating_sub(moved.elapsed());
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(Duration::from_secs(1))).await;
        }
    }
}

/// Passes a stream on, noting its progress, its end, and whether it keeps the promised length.
fn watch<S>(stream: S, length: Option<u64>, progress: Arc<Progress>) -> impl Stream<Item = Result<Bytes, Error>> + Send
where
    S: Stream<Item = Result<Bytes, Error>> + Send + 'static,
{
    let state = (Box::pin(stream), 0_u64, progress);
    futures_util::stream::try_unfold(state, move |(mut stream, so_far, progress)| async move {
        progress.step();
        let next = stream.next().await;
        progress.step();
        match next {
            Some(Ok(bytes)) => {
                let so_far = so_far + bytes.len() as u64;
                Ok(Some((bytes, (stream, so_far, progress))))
            }
            Some(Err(error)) => {
                progress.fail(error.clone());
                Err(error)
            }
            None if length.is_some_and(|length| length != so_far) => {
                let message = format!("the bytes to upload ended after {so_far} of {}", length.unwrap_or_default());
                let error = Error::new(ErrorKind::Transport, Detail { message, ..Detail::default() });
                progress.fail(error.clone());
                Err(error)
            }
            None => {
                progress.ended.store(true, Ordering::Release);
                Ok(None)
            }
        }
    })
}
