//! Downloads: a body read as it comes. An image's data never changes, so a broken one goes on where it stopped.

use std::pin::Pin;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use url::Url;

use super::http::{Answer, Call};
use super::{ByteStream, Cloud, Error, Request, Service};

/// How often a body is taken up again without a single byte between.
const RESUMES: u32 = 4;

type Chunks = Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>;

impl Cloud {
    /// Opens a body for reading; its length where the service says it. A body that breaks off is an error in the stream.
    pub async fn download(&self, request: Request) -> Result<(Option<u64>, ByteStream), Error> {
        let (mut call, _) = self.prepare(&request).await?;
        call.streamed = true;
        call.headers.retain(|(name, _)| name != "Accept");
        let about = self.about(request.service, &request.object);
        let mut answer = self.exchange(call.clone(), &about).await?;
        let Some(response) = answer.rest.take() else { return Err(about.refusal(&answer)) };
        let length = length(&answer);
        let url = response.url().clone();
        let chunks: Chunks = Box::pin(response.bytes_stream());
        let whole = !call.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("range"));
        let resumable = request.service == Service::Image && whole && length.is_some();
        let body =
            Body { cloud: self.clone(), request, call, url, chunks, offset: 0, length, resumable, idle_resumes: 0 };
        let stream = stream::try_unfold(body, |mut body| async move {
            let next = body.next().await?;
            Ok(next.map(|bytes| (bytes, body)))
        });
        Ok((length, Box::pin(stream)))
    }
}

/// A body under way.
struct Body {
    cloud: Cloud,
    request: Request,
    call: Call,
    url: Url,
    chunks: Chunks,
    offset: u64,
    length: Option<u64>,
    resumable: bool,
    idle_resumes: u32,
}

impl Body {
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            let http = &self.cloud.inner.http;
            let trouble = match tokio::time::timeout(http.timeout, self.chunks.next()).await {
                Ok(None) => return Ok(None),
                Ok(Some(Ok(bytes))) => {
                    self.offset += bytes.len() as u64;
                    self.idle_resumes = 0;
                    return Ok(Some(bytes));
                }
                Ok(Some(Err(why))) => http.trouble(&why, &self.url),
                Err(_) => http.too_slow(&self.url),
            };
            let error = trouble.error(&self.cloud.about(self.request.service, &self.request.object), true);
            if !self.resumable || self.idle_resumes == RESUMES {
                return Err(error);
            }
            self.idle_resumes += 1;
            tracing::debug!(cloud = self.cloud.name(), offset = self.offset, %error, "taking the body up again");
            self.chunks = self.resume().await.ok_or(error)?;
        }
    }

    /// Asks for the rest; `None` where the service cannot give it.
    async fn resume(&mut self) -> Option<Chunks> {
        let mut call = self.call.clone();
        call.headers.push(("Range".into(), format!("bytes={}-", self.offset)));
        let about = self.cloud.about(self.request.service, &self.request.object);
        let mut answer = self.cloud.exchange(call, &about).await.ok()?;
        let rest = self.length?.saturating_sub(self.offset);
        let response = answer.rest.take().filter(|_| answer.status == 206 && length(&answer) == Some(rest))?;
        Some(Box::pin(response.bytes_stream()))
    }
}

fn length(answer: &Answer) -> Option<u64> {
    answer.header("content-length").and_then(|text| text.parse().ok())
}
