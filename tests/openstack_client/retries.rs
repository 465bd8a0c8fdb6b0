//! What is sent again, what is not, and what the error says afterwards.

use std::time::{Duration, Instant};

use moonferry::openstack::{Cloud, CloudConfig, ErrorKind, Request, Service};
use serde_json::json;

use super::fake::{Fake, fail, ok, with};
use super::raw::{Raw, http};

fn list() -> Request {
    Request::get(Service::Network, "/networks").object("networks")
}

fn create() -> Request {
    Request::post(Service::Network, "/networks").body(json!({"network": {"name": "n"}})).object("network n")
}

/// A cloud whose network service is a raw server.
fn over(fake: &Fake, raw: &Raw) -> CloudConfig {
    let mut config = fake.config();
    config.service_keys.insert("network_endpoint_override".into(), raw.url.clone());
    config
}

#[tokio::test]
async fn a_write_waits_as_long_as_it_is_asked_to() {
    let fake = Fake::start(|call| match call.nth {
        1 => with(fail(429, json!({"error": {"message": "slow down"}})), "retry-after", "1"),
        _ => ok(json!({"network": {"id": "n1"}})),
    })
    .await;
    let started = Instant::now();
    fake.cloud().send(create()).await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert_eq!(fake.count("POST", "/network/v2.0/networks"), 2);
}

#[tokio::test]
async fn a_failed_write_is_sent_once_and_a_failed_read_again() {
    for status in [500, 502, 503, 504] {
        let fake = Fake::start(move |_| fail(status, json!({"error": {"message": "broken"}}))).await;
        let cloud = fake.cloud();
        let error = cloud.send(create()).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Unavailable, Some(status)));
        assert!(error.may_have_happened(), "{status}");
        assert_eq!(error.to_string(), format!("cloud fake: network n: broken (network {status}, req-42)"));
        assert!(error.hint().unwrap().contains("neutron"), "{:?}", error.hint());
        cloud.send(list()).await.unwrap_err();
        assert_eq!(fake.count("POST", "/network/v2.0/networks"), 1, "{status}");
        assert_eq!(fake.count("GET", "/network/v2.0/networks"), 4, "{status}");
    }
}

#[tokio::test]
async fn an_overload_that_names_a_wait_is_safe_to_repeat() {
    let fake = Fake::start(|call| match call.nth {
        1 | 2 => with(fail(503, json!({})), "retry-after", "0"),
        _ => ok(json!({"network": {"id": "n1"}})),
    })
    .await;
    fake.cloud().send(create()).await.unwrap();
    assert_eq!(fake.count("POST", "/network/v2.0/networks"), 3);
}

#[tokio::test]
async fn a_used_up_quota_is_told_at_once() {
    let fake = Fake::start(|_| {
        let text = "VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded for quota 'volumes'.";
        with(fail(413, json!({"overLimit": {"code": 413, "message": text}})), "retry-after", "0")
    })
    .await;
    let error = fake.cloud().send(create()).await.unwrap_err();
    assert_eq!((error.kind(), fake.count("POST", "/network/v2.0/networks")), (ErrorKind::Quota, 1));
    assert!(!error.may_have_happened());
}

#[tokio::test]
async fn a_connection_that_breaks_after_a_write_is_not_tried_again() {
    let fake = Fake::start(|_| ok(json!({}))).await;
    let raw = Raw::start(|_| Vec::new()).await;
    let error = Cloud::new(over(&fake, &raw)).unwrap().send(create()).await.unwrap_err();
    assert_eq!((error.kind(), raw.requests()), (ErrorKind::Transport, 1));
    assert!(error.may_have_happened());
}

#[tokio::test]
async fn a_read_survives_a_broken_connection_and_a_truncated_body() {
    let fake = Fake::start(|_| ok(json!({}))).await;
    let raw = Raw::start(|nth| match nth {
        1 => Vec::new(),
        2 => b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{\"networks\"".to_vec(),
        _ => http("200 OK", "", r#"{"networks": [{"id": "n1"}]}"#),
    })
    .await;
    let answer = Cloud::new(over(&fake, &raw)).unwrap().send(list()).await.unwrap();
    assert_eq!((answer.body["networks"][0]["id"].as_str(), raw.requests()), (Some("n1"), 3));
}

#[tokio::test]
async fn a_service_that_is_not_there_is_named_with_its_place() {
    let fake = Fake::start(|_| ok(json!({}))).await;
    let mut config = fake.config();
    config.service_keys.insert("network_endpoint_override".into(), "http://127.0.0.1:1/".into());
    let error = Cloud::new(config).unwrap().send(create()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.to_string().contains("cannot connect to 127.0.0.1:1"), "{error}");
    assert!(error.to_string().contains("network n") && !error.may_have_happened(), "{error}");
}

#[tokio::test]
async fn a_slow_service_runs_into_the_limit() {
    let fake = Fake::start(|_| with(ok(json!({})), "x-test-delay-ms", "2000")).await;
    let mut config = fake.config();
    config.api_timeout = Duration::from_millis(200);
    let error = Cloud::new(config).unwrap().send(create()).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_happened()), (ErrorKind::Timeout, true));
    assert!(error.hint().unwrap().contains("api_timeout"));
    assert_eq!(fake.count("POST", "/network/v2.0/networks"), 1);
}
