//! Bytes in and out.

use std::time::Duration;

use axum::body::Body;
use axum::response::IntoResponse;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use moonferry::openstack::{Cloud, Detail, Error, ErrorKind, Request, Service, reader};
use serde_json::json;
use tokio::io::AsyncReadExt;

use super::fake::{Fake, fail, nothing, ok};
use super::raw::Raw;

fn data() -> Request {
    Request::get(Service::Image, "/images/i1/file").object("image i1")
}

fn put() -> Request {
    Request::put(Service::Image, "/images/i1/file").object("image i1")
}

fn chunks(count: usize) -> impl futures_util::Stream<Item = Result<Bytes, Error>> {
    stream::iter((0..count).map(|_| Ok(Bytes::from(vec![7; 64 * 1024]))))
}

#[tokio::test]
async fn a_body_comes_as_a_stream_with_its_length() {
    let fake = Fake::start(|_| Body::from(vec![5; 1 << 20]).into_response()).await;
    let (length, body) = fake.cloud().download(data()).await.unwrap();
    let mut bytes = Vec::new();
    reader(body).read_to_end(&mut bytes).await.unwrap();
    assert_eq!((length, bytes.len()), (Some(1 << 20), 1 << 20));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_an_error_and_not_an_end() {
    let fake = Fake::start(|_| ok(json!({}))).await;
    let raw = Raw::start(|_| b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nabc".to_vec()).await;
    let mut config = fake.config();
    config.service_keys.insert("image_endpoint_override".into(), raw.url.clone());
    let (_, mut body) = Cloud::new(config).unwrap().download(data()).await.unwrap();
    assert_eq!(body.next().await.unwrap().unwrap(), "abc");
    let error = body.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.to_string().contains("image i1"), "{error}");
}

#[tokio::test]
async fn a_broken_image_goes_on_where_it_stopped() {
    let fake = Fake::start(|_| ok(json!({}))).await;
    let raw = Raw::start(|nth| match nth {
        1 => b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123".to_vec(),
        2 => b"HTTP/1.1 206 Partial Content\r\ncontent-length: 6\r\ncontent-range: bytes 4-9/10\r\n\r\n45".to_vec(),
        _ => b"HTTP/1.1 206 Partial Content\r\ncontent-length: 4\r\ncontent-range: bytes 6-9/10\r\n\r\n6789".to_vec(),
    })
    .await;
    let mut config = fake.config();
    config.service_keys.insert("image_endpoint_override".into(), raw.url.clone());
    let (length, body) = Cloud::new(config).unwrap().download(data()).await.unwrap();
    let mut bytes = String::new();
    reader(body).read_to_string(&mut bytes).await.unwrap();
    assert_eq!((length, bytes.as_str(), raw.requests()), (Some(10), "0123456789", 3));
}

#[tokio::test]
async fn a_stalled_body_times_out_but_a_slow_one_does_not() {
    let slow = |pause: u64| {
        move |_: &super::fake::Seen| {
            let parts = stream::iter(0..6).then(move |_| async move {
                tokio::time::sleep(Duration::from_millis(pause)).await;
                Ok::<_, std::io::Error>(Bytes::from_static(b"x"))
            });
            Body::from_stream(parts).into_response()
        }
    };
    for (pause, ends_well) in [(100, true), (2000, false)] {
        let fake = Fake::start(slow(pause)).await;
        let mut config = fake.config();
        config.api_timeout = Duration::from_millis(400);
        let (length, body) = Cloud::new(config).unwrap().download(data()).await.unwrap();
        assert_eq!(length, None);
        let parts: Vec<_> = body.collect().await;
        assert_eq!(parts.iter().all(Result::is_ok), ends_well, "{pause}");
        assert!(ends_well || parts.last().unwrap().as_ref().is_err_and(|error| error.kind() == ErrorKind::Timeout));
    }
}

#[tokio::test]
async fn an_upload_is_chunked_unless_its_length_is_known() {
    let fake = Fake::start(|_| nothing()).await;
    let cloud = fake.cloud();
    cloud.upload(put(), chunks(16), None).await.unwrap();
    cloud.upload(put(), chunks(16), Some(1 << 20)).await.unwrap();
    let seen: Vec<_> = fake.seen().into_iter().filter(|call| call.method == "PUT").collect();
    assert_eq!((seen[0].header("transfer-encoding"), seen[0].body.len()), ("chunked", 1 << 20));
    assert_eq!((seen[1].header("content-length"), seen[1].body.len()), ("1048576", 1 << 20));
    assert!(seen.iter().all(|call| call.header("content-type") == "application/octet-stream"));
}

#[tokio::test]
async fn an_upload_that_comes_up_short_or_breaks_at_its_source_says_so() {
    let fake = Fake::start(|_| nothing()).await;
    let cloud = fake.cloud();
    let error = cloud.upload(put(), chunks(1), Some(1 << 20)).await.unwrap_err();
    assert!(
        error.to_string().contains("image i1") && error.to_string().contains("ended after 65536 of 1048576"),
        "{error}"
    );
    assert!(error.may_have_happened());
    let broken = Error::new(ErrorKind::Transport, Detail { message: "the source died".into(), ..Detail::default() });
    let parts = stream::iter([Ok(Bytes::from_static(b"x")), Err(broken)]);
    let error = cloud.upload(put(), parts, None).await.unwrap_err();
    assert!(error.to_string().contains("the source died"), "{error}");
}

#[tokio::test]
async fn a_refused_upload_keeps_the_reason_and_renews_the_token() {
    let fake = Fake::start(|call| match call.header("x-auth-token") {
        "token-1" => fail(401, json!({"error": {"message": "expired"}})),
        _ => fail(413, json!({"message": "Image storage quota exceeded"})),
    })
    .await;
    let cloud = fake.cloud();
    assert_eq!(cloud.upload(put(), chunks(1), None).await.unwrap_err().kind(), ErrorKind::Unauthorized);
    assert_eq!(cloud.upload(put(), chunks(1), None).await.unwrap_err().kind(), ErrorKind::Quota);
}

#[tokio::test]
async fn a_stalled_upload_is_given_up() {
    let fake = Fake::start(|_| nothing()).await;
    let mut config = fake.config();
    config.api_timeout = Duration::from_millis(300);
    let parts = stream::iter([Ok(Bytes::from_static(b"x"))]).chain(stream::pending());
    let error = Cloud::new(config).unwrap().upload(put(), parts, None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[tokio::test]
async fn what_flows_through_is_never_held_as_a_whole() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    let (made, taken) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let most = Arc::new(AtomicU64::new(0));
    // The consumer is slow; what the producer is ahead of it is what somebody holds.
    let (produced, consumed, peak) = (made.clone(), taken.clone(), most.clone());
    let router = axum::Router::new().fallback(move |body: Body| {
        let (produced, consumed, peak) = (produced.clone(), consumed.clone(), peak.clone());
        async move {
            let mut parts = body.into_data_stream();
            while let Some(part) = parts.next().await {
                let so_far = consumed.fetch_add(part.unwrap().len() as u64, Ordering::SeqCst);
                peak.fetch_max(produced.load(Ordering::SeqCst).saturating_sub(so_far), Ordering::SeqCst);
                tokio::time::sleep(Duration::from_micros(200)).await;
            }
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let fake = Fake::start(|_| ok(json!({}))).await;
    let mut config = fake.config();
    config.service_keys.insert("image_endpoint_override".into(), url);
    let parts = chunks(1024).inspect(move |_| {
        made.fetch_add(64 * 1024, Ordering::SeqCst);
    });
    Cloud::new(config).unwrap().upload(put(), parts, None).await.unwrap();
    server.abort();
    assert_eq!(taken.load(Ordering::SeqCst), 64 << 20);
    // Socket buffers of both ends count too.
    assert!(most.load(Ordering::SeqCst) < 24 << 20, "{} bytes under way", most.load(Ordering::SeqCst));
}
