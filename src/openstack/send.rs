//! One call to a service: endpoint, microversion, token, one renewal where the token is refused.

use serde_json::Value;
use url::Url;

use super::cloud::Endpoint;
use super::fault::About;
use super::http::{Answer, Call};
use super::token::Token;
use super::{Cloud, Error, ErrorKind, Microversion, Request, Response};

impl Cloud {
    /// Sends one call and returns its answer; a refusal is an error.
    pub async fn send(&self, request: Request) -> Result<Response, Error> {
        let (call, microversion) = self.prepare(&request).await?;
        let about = About { body: request.body.as_ref(), ..self.about(request.service, &request.object) };
        let answer = self.exchange(call, &about).await?;
        self.accept(answer, &about, microversion)
    }

    /// Builds what goes over the wire, without the token.
    pub(crate) async fn prepare(&self, request: &Request) -> Result<(Call, Option<Microversion>), Error> {
        let about = self.about(request.service, &request.object);
        let endpoint = self.resolve(request.service).await?;
        let microversion = endpoint.versions.negotiate(request.microversion, request.require).map_err(|why| {
            let hint = format!("this cloud's release of {} is too old or too new for it", request.service.project());
            about.error(ErrorKind::Version, why, hint)
        })?;
        let mut headers = vec![("Accept".to_owned(), "application/json".to_owned())];
        if let Some(version) = microversion {
            headers.extend(request.service.microversion_headers(version));
        }
        if request.body.is_some() {
            headers.push(("Content-Type".into(), "application/json".into()));
        }
        for (name, value) in &request.headers {
            headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
            headers.push((name.clone(), value.clone()));
        }
        let url = self.url(request, &endpoint)?;
        let body = request.body.as_ref().map(|body| body.to_string().into());
        Ok((Call { method: request.method, url, headers, body, streamed: false }, microversion))
    }

    fn url(&self, request: &Request, endpoint: &Endpoint) -> Result<Url, Error> {
        let slash = if request.path.is_empty() || request.path.starts_with('/') { "" } else { "/" };
        let text = format!("{}{slash}{}", endpoint.base, request.path);
        let mut url = Url::parse(&text).map_err(|_| self.bad_url(request.service, &text))?;
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        Ok(url)
    }

    /// Sends a prepared call with a token; a refused token is replaced once.
    pub(crate) async fn exchange(&self, call: Call, about: &About<'_>) -> Result<Answer, Error> {
        let gate = self.gate(about.service);
        let token = self.inner.session.token().await?;
        let answer = self.inner.http.persist(&with_token(&call, &token), about, Some(&gate)).await?;
        if answer.status != 401 {
            return Ok(answer);
        }
        tracing::debug!(cloud = self.name(), "the token was refused; renewing it");
        let token = self.inner.session.renew(Some(&token)).await?;
        self.inner.http.persist(&with_token(&call, &token), about, Some(&gate)).await
    }

    /// Reads an answer: an error where it refuses, else its document.
    pub(crate) fn accept(
        &self,
        answer: Answer,
        about: &About<'_>,
        microversion: Option<Microversion>,
    ) -> Result<Response, Error> {
        if answer.status >= 300 {
            return Err(about.refusal(&answer));
        }
        let is_json = answer.header("content-type").is_some_and(|kind| kind.contains("json"));
        let body = match serde_json::from_slice::<Value>(&answer.body) {
            Ok(body) => body,
            Err(_) if answer.body.is_empty() => Value::Null,
            Err(why) if is_json => {
                let message = format!("the answer is no JSON: {why}");
                return Err(about.error(ErrorKind::Protocol, message, "look at the proxy before the service"));
            }
            Err(_) => Value::String(String::from_utf8_lossy(&answer.body).into_owned()),
        };
        let request_id = answer.request_id();
        Ok(Response { status: answer.status, headers: answer.headers, body, request_id, microversion })
    }
}

/// Adds the token's header.
pub(crate) fn with_token(call: &Call, token: &Token) -> Call {
    let mut call = call.clone();
    call.headers.push(("X-Auth-Token".into(), token.id.expose().to_owned()));
    call
}
