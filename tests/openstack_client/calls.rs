//! Single calls: what goes over the wire and what comes back.

use axum::http::StatusCode;
use axum::response::IntoResponse;
use moonferry::openstack::{ErrorKind, Request, Service};
use serde_json::json;

use super::fake::{Fake, fail, ok, with};

#[tokio::test]
async fn a_call_carries_token_query_and_headers_and_returns_the_request_id() {
    let fake = Fake::start(|_| with(ok(json!({"a": 1})), "x-compute-request-id", "req-7")).await;
    let pairs = [("name".to_owned(), "a b&c".to_owned()), ("tag".to_owned(), "x".to_owned())];
    let request = Request::get(Service::Compute, "/servers").query(pairs).header("X-Extra", "1");
    let answer = fake.cloud().send(request).await.unwrap();
    assert_eq!((answer.status, answer.body, answer.request_id.as_deref()), (200, json!({"a": 1}), Some("req-7")));
    let seen = fake.seen().pop().unwrap();
    assert_eq!(seen.query, "name=a+b%26c&tag=x");
    assert_eq!((seen.header("x-auth-token"), seen.header("x-extra")), ("token-1", "1"));
}

#[tokio::test]
async fn a_secret_quoted_by_the_service_is_not_shown() {
    let fake = Fake::start(|_| fail(400, json!({"badRequest": {"message": "'s3cr3t-word' is too weak"}}))).await;
    let body = json!({"server": {"name": "x", "adminPass": "s3cr3t-word"}});
    let request = Request::post(Service::Compute, "/servers").body(body).object("server x");
    let error = fake.cloud().send(request.clone()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.to_string().contains("*** ") || error.to_string().contains("'***'"), "{error}");
    assert!(!format!("{request:?} {error:?}").contains("s3cr3t-word"));
}

#[tokio::test]
async fn a_read_follows_a_redirect_on_its_host_and_no_other() {
    let fake = Fake::start(|call| match call.path.as_str() {
        "/network/v2.0/moved" => (StatusCode::FOUND, [("location", "/network/v2.0/here")]).into_response(),
        "/network/v2.0/away" => (StatusCode::FOUND, [("location", "http://127.0.0.1:1/steal")]).into_response(),
        _ => ok(json!({"here": true})),
    })
    .await;
    let cloud = fake.cloud();
    let moved = cloud.send(Request::get(Service::Network, "/moved")).await.unwrap();
    assert_eq!(moved.body, json!({"here": true}));
    let error = cloud.send(Request::get(Service::Network, "/away")).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Protocol, Some(302)));
    assert!(error.hint().unwrap().contains("127.0.0.1:1/steal"), "{:?}", error.hint());
}

#[tokio::test]
async fn a_proxy_that_answers_in_json_type_but_not_in_json_is_found_out() {
    let fake = Fake::start(|_| ([("content-type", "application/json")], "<html>").into_response()).await;
    let error = fake.cloud().send(Request::get(Service::Network, "/x")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
}

#[tokio::test]
async fn the_log_has_a_line_for_each_call_and_no_secret() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone());
    let guard = tracing::subscriber::set_default(subscriber.finish());
    let fake = Fake::start(|_| with(ok(json!({})), "x-openstack-request-id", "req-77")).await;
    fake.cloud().send(Request::get(Service::Network, "/networks")).await.unwrap();
    drop(guard);
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let line = text.lines().find(|line| line.contains("req-77")).unwrap();
    assert!(["GET", "/network/v2.0/networks", "200", "ms="].iter().all(|part| line.contains(part)), "{line}");
    assert!(!text.contains("token-1") && !text.contains("hunter2"), "{text}");
}

#[derive(Clone, Default)]
struct Log(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
