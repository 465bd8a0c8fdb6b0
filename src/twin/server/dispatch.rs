//! One request from its path to its answer.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{self, Body};
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::{Value, json};

use super::link::Link;
use super::{Shared, answer, lock, micro, upload};
use crate::twin::control;
use crate::twin::faults::Fault;
use crate::twin::http::refusal::ASTRAY;
use crate::twin::http::route::Handler;
use crate::twin::http::welcome::welcome;
use crate::twin::http::{Answer, Call, Caller, Query, Received, Refusal, Reply, Route, Service, Version};

/// The longest JSON body that is read.
const BODY_LIMIT: usize = 16 << 20;

/// What the path said.
struct Target<'a> {
    service: Service,
    path: String,
    route: Option<(&'a Route, Vec<String>)>,
    /// The project id that stood in the path, where the service has it there.
    project: Option<String>,
    /// Whether the path exists with another method.
    other_method: bool,
}

/// Handles a request completely.
pub async fn handle(shared: Arc<Shared>, link: Link, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let segments: Vec<String> = parts.uri.path().split('/').filter(|part| !part.is_empty()).map(decode).collect();
    let bare = parts.method == "HEAD";
    let (first, rest) = match segments.split_first() {
        Some((first, rest)) => (first.as_str(), rest.iter().map(String::as_str).collect::<Vec<_>>()),
        None => ("", Vec::new()),
    };
    if first == "twin" {
        let body = body::to_bytes(body, BODY_LIMIT).await.unwrap_or_default();
        return answer::render(control::handle(&shared, parts.method.as_str(), &rest, &body), None, bare).await;
    }
    let Some(service) = Service::of_prefix(first) else {
        return answer::render(Reply::json(404, json!({"error": format!("no service at /{first}")})), None, bare).await;
    };
    let target = find(&shared, service, parts.method.as_str(), &rest);
    let fault = fate(&shared, &target, parts.method.as_str()).await;
    if fault == Some(Fault::DropBefore) {
        link.cut();
        return Response::default();
    }
    let request_id = format!("req-{}", lock(&shared.ids).uuid());
    let mut reply = match fault.and_then(|fault| struck(&shared, fault)) {
        Some(refused) => fault_reply(service, &refused, &request_id),
        None => respond(&shared, &target, &parts, body, &rest, &request_id).await,
    };
    if fault == Some(Fault::DropAfter) {
        link.cut();
        return Response::default();
    }
    reply.header("x-openstack-request-id", request_id.clone());
    if matches!(service, Service::Compute | Service::Volume) {
        reply.header("x-compute-request-id", request_id);
    }
    answer::render(reply, fault, bare).await
}

/// Finds the route; a project id after the version is taken out where the service allows one there.
fn find<'a>(shared: &'a Shared, service: Service, method: &str, rest: &[&str]) -> Target<'a> {
    let path = format!("/{}", rest.join("/"));
    let table = shared.routes.get(&service).map_or(&[] as &[Route], Vec::as_slice);
    let mut seen = rest.to_vec();
    let mut project = None;
    let takes_project = matches!(service, Service::Volume | Service::Compute);
    if takes_project && rest.len() >= 3 && is_project(rest[1]) {
        project = Some(seen.remove(1).to_owned());
    }
    let caught = |route: &'a Route| route.captures(&seen).map(|caught| (route, caught));
    let route = table.iter().filter(|route| route.method == method).find_map(caught);
    let other_method = route.is_none() && table.iter().any(|route| route.captures(&seen).is_some());
    Target { service, path, route, project, other_method }
}

fn is_project(segment: &str) -> bool {
    segment.len() == 32 && segment.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Counts the request, decides what goes wrong with it, and waits.
async fn fate(shared: &Shared, target: &Target<'_>, method: &str) -> Option<Fault> {
    let below = target.route.as_ref().map_or(target.path.as_str(), |(route, _)| route.template);
    let template = format!("/{}{below}", target.service.prefix());
    let nth = shared.counts().add(method, &template);
    let (fault, extra) = {
        let mut faults = shared.faults();
        let fault = faults.decide(target.service, method, &template, nth);
        (fault, Duration::from_millis(faults.rates(target.service).latency_ms))
    };
    let wait = shared.options.latency + extra;
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    fault
}

/// Returns the refusal of a fault that answers with a status.
fn struck(shared: &Shared, fault: Fault) -> Option<(Refusal, Option<u64>)> {
    let after = Some(shared.faults().retry_after);
    match fault {
        Fault::Error => Some((Refusal::new(500, "Unexpected API Error (injected)."), None)),
        Fault::Unavailable => Some((Refusal::new(503, "The service is currently unavailable (injected)."), None)),
        Fault::RetryLater => Some((Refusal::new(503, "The service is currently unavailable (injected)."), after)),
        Fault::TooMany => Some((Refusal::new(429, "Too many requests (injected)."), after)),
        Fault::DropBefore | Fault::DropAfter | Fault::SlowBody | Fault::Truncate => None,
    }
}

fn fault_reply(service: Service, (refusal, after): &(Refusal, Option<u64>), request_id: &str) -> Reply {
    let mut reply = refusal.reply(service, request_id);
    if let Some(seconds) = after {
        reply.header("retry-after", seconds.to_string());
    }
    reply
}

/// Answers in earnest.
async fn respond(
    shared: &Shared,
    target: &Target<'_>,
    parts: &Parts,
    body: Body,
    rest: &[&str],
    request_id: &str,
) -> Reply {
    let (service, release) = (target.service, shared.options.release);
    if parts.method == "GET" || parts.method == "HEAD" {
        let origin = lock(&shared.cloud).origin.clone();
        if let Some(reply) = welcome(service, release, shared.options.identity_v2, rest, &origin) {
            return reply;
        }
    }
    let version = match micro::asked(service, release, &parts.headers) {
        Ok(version) => version,
        Err(refusal) => return refusal.reply(service, request_id),
    };
    let done = admit(shared, target, parts, version, body, request_id).await;
    let mut reply = done.unwrap_or_else(|refusal| {
        let mut reply = refusal.reply(service, request_id);
        if refusal.status == 401 {
            let uri = format!("Keystone uri=\"{}/identity\"", lock(&shared.cloud).origin);
            reply.header("www-authenticate", uri);
        }
        reply
    });
    micro::stamp(service, version, &mut reply);
    reply
}

/// Checks the token and the path, reads the body, and runs the handler.
async fn admit(
    shared: &Shared,
    target: &Target<'_>,
    parts: &Parts,
    version: Version,
    body: Body,
    request_id: &str,
) -> Answer {
    let open = target.route.as_ref().is_some_and(|(route, _)| route.open);
    let caller = if open { Caller::default() } else { authenticate(shared, &parts.headers)? };
    let Some((route, params)) = &target.route else {
        return Err(astray(target));
    };
    let bound = target.service == Service::Volume || !caller.is_admin();
    if let Some(project) = target.project.as_ref().filter(|project| bound && **project != caller.project_id) {
        let own = &caller.project_id;
        return Err(Refusal::bad(format!(
            "Malformed request URL: URL's project_id '{project}' doesn't match Context's project_id '{own}'"
        )));
    }
    let visit = Visit { shared, target, params, parts, caller, version, request_id };
    match route.handler {
        Handler::Plain(handler) => {
            let value = read_json(body).await?;
            visit.run(value, handler)
        }
        Handler::Upload { begin, finish } => {
            let path = visit.run(Value::Null, begin)?;
            let received = match upload::receive(path.clone(), body).await {
                Ok(received) => received,
                Err(error) => {
                    // The service has to know, or the object stays half made.
                    let lost = Received { path, size: 0, md5: String::new(), sha512: String::new(), broken: true };
                    let _ = visit.run(Value::Null, |call| finish(call, lost.clone()));
                    return Err(Refusal::new(413, format!("Image storage media is full: {error}")));
                }
            };
            visit.run(Value::Null, |call| finish(call, received.clone()))
        }
    }
}

/// What a handler needs to be called, perhaps twice.
struct Visit<'a> {
    shared: &'a Shared,
    target: &'a Target<'a>,
    params: &'a [String],
    parts: &'a Parts,
    caller: Caller,
    version: Version,
    request_id: &'a str,
}

impl Visit<'_> {
    fn run<T>(&self, body: Value, handler: impl Fn(&mut Call) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let mut cloud = self.shared.cloud();
        let origin = cloud.origin.clone();
        handler(&mut Call {
            cloud: &mut cloud,
            service: self.target.service,
            caller: self.caller.clone(),
            params: self.params.to_vec(),
            query: Query::parse(self.parts.uri.query().unwrap_or_default()),
            headers: &self.parts.headers,
            body,
            version: self.version,
            path: self.target.path.clone(),
            origin,
            request_id: self.request_id.to_owned(),
        })
    }
}

fn authenticate(shared: &Shared, headers: &HeaderMap) -> Result<Caller, Refusal> {
    let token = headers.get("x-auth-token").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let cloud = shared.cloud();
    cloud
        .identity
        .caller(token, cloud.now)
        .ok_or_else(|| Refusal::new(401, "The request you have made requires authentication."))
}

async fn read_json(body: Body) -> Result<Value, Refusal> {
    let bytes = body::to_bytes(body, BODY_LIMIT).await.map_err(|_| Refusal::new(413, "Request is too large."))?;
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&bytes).map_err(|_| Refusal::bad("Malformed request body"))
}

/// Words an unknown path or method.
fn astray(target: &Target) -> Refusal {
    if target.other_method {
        return Refusal::new(405, "The method specified is not allowed for this resource.");
    }
    match target.service {
        Service::Identity => Refusal::missing(
            "The requested URL was not found on the server. If you entered the URL manually please check your \
             spelling and try again.",
        ),
        _ => Refusal::missing("The resource could not be found.").kind(ASTRAY),
    }
}

/// Decodes `%xx` in a path segment.
fn decode(segment: &str) -> String {
    // Only form decoding is at hand; a literal plus must survive it.
    let guarded = format!("k={}", segment.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(guarded.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}
