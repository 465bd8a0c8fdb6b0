//! Lists: pages, prefetch, and the limit on calls at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use moonferry::openstack::compute::Server;
use moonferry::openstack::image::Image;
use moonferry::openstack::{Cloud, ErrorKind, Request, Service};
use serde_json::json;

use super::fake::{Fake, Seen, ok, with};

/// Serves 5 servers, two a page whatever the client asks for, with links that only the service could follow.
fn page(call: &Seen) -> axum::response::Response {
    let marker = call.query.split('&').find_map(|pair| pair.strip_prefix("marker=s")).map_or(0, |n| n.parse().unwrap());
    let servers: Vec<_> =
        (marker + 1..=5).take(2).map(|n| json!({"id": format!("s{n}"), "name": format!("web-{n}")})).collect();
    let mut body = json!({"servers": servers});
    if marker + 2 < 5 {
        let href = format!("http://inside:8774/v2.1/servers/detail?limit=2&all_tenants=1&marker=s{}", marker + 2);
        body["servers_links"] = json!([{"rel": "next", "href": href}]);
    }
    ok(body)
}

#[tokio::test]
async fn all_pages_are_walked_in_order() {
    let fake = Fake::start(page).await;
    let cloud = fake.cloud();
    let query = || vec![("all_tenants".to_owned(), "1".to_owned())];
    assert_eq!(cloud.list::<Server>(query()).ids().await.unwrap(), ["s1", "s2", "s3", "s4", "s5"]);
    assert_eq!(cloud.list::<Server>(query()).count().await.unwrap(), 5);
    assert_eq!(cloud.list::<Server>(query()).all().await.unwrap()[4].name, "web-5");
    let lists: Vec<Seen> = fake.seen().into_iter().filter(|call| call.path.ends_with("/servers/detail")).collect();
    assert!(lists.iter().all(|call| call.query.contains("all_tenants=1")));
    assert!(lists.iter().all(|call| call.header("openstack-api-version") == "compute 2.93"), "{:?}", lists[0].headers);
}

#[tokio::test]
async fn the_first_costs_one_small_page() {
    let fake = Fake::start(page).await;
    let first = fake.cloud().list::<Server>(Vec::new()).first().await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let lists: Vec<Seen> = fake.seen().into_iter().filter(|call| call.path.ends_with("/servers/detail")).collect();
    assert_eq!((first.id.as_str(), lists.len(), lists[0].query.as_str()), ("s1", 1, "limit=1"));
}

#[tokio::test]
async fn the_next_page_travels_while_one_is_worked_on() {
    let fake = Fake::start(|call| with(page(call), "x-test-delay-ms", "150")).await;
    let cloud = fake.cloud();
    cloud.api_versions(Service::Compute).await.unwrap();
    let mut pages = cloud.list::<Server>(Vec::new());
    let started = Instant::now();
    let mut seen = 0;
    while let Some(page) = pages.next().await {
        seen += page.unwrap().len();
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    // One after the other would be three fetches and three works: 900 ms.
    let took = started.elapsed();
    assert!(seen == 5 && took < Duration::from_millis(800), "{seen} in {took:?}");
}

#[tokio::test]
async fn an_empty_list_ends_at_once_and_images_page_by_their_own_link() {
    let fake = Fake::start(|call| match call.query.contains("marker=i1") {
        false if call.query.contains("visibility=shared") => ok(json!({"images": [], "next": "/v2/images?marker=i1"})),
        false => ok(json!({"images": [{"id": "i1", "name": "a"}], "next": "/v2/images?marker=i1&limit=1"})),
        true => ok(json!({"images": [{"id": "i2", "name": "b"}]})),
    })
    .await;
    let cloud = fake.cloud();
    assert_eq!(cloud.list::<Image>(Vec::new()).ids().await.unwrap(), ["i1", "i2"]);
    let shared = vec![("visibility".to_owned(), "shared".to_owned())];
    assert_eq!(cloud.list::<Image>(shared).count().await.unwrap(), 0);
}

#[tokio::test]
async fn a_link_that_leads_nowhere_new_is_an_error() {
    let fake = Fake::start(|_| ok(json!({"images": [{"id": "i1"}], "next": "/v2/images?marker=i1"}))).await;
    let error = fake.cloud().list::<Image>(Vec::new()).count().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
}

#[tokio::test]
async fn an_answer_of_another_kind_is_told_apart() {
    let fake = Fake::start(|_| ok(json!({"pictures": []}))).await;
    let error = fake.cloud().list::<Image>(Vec::new()).all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.to_string().contains("no list 'images'"), "{error}");
}

#[tokio::test]
async fn no_more_calls_run_at_a_time_than_configured() {
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (now, peak) = (running.clone(), most.clone());
    let router = axum::Router::new().fallback(move || {
        let (now, peak) = (now.clone(), peak.clone());
        async move {
            peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
            now.fetch_sub(1, Ordering::SeqCst);
            "{}"
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let fake = Fake::start(|_| ok(json!({}))).await;
    let mut config = fake.config();
    config.concurrency = 3;
    config.service_keys.insert("network_endpoint_override".into(), url);
    let cloud = Cloud::new(config).unwrap();
    futures_util::future::join_all((0..20).map(|_| cloud.send(Request::get(Service::Network, "/networks")))).await;
    server.abort();
    assert_eq!(most.load(Ordering::SeqCst), 3);
}
