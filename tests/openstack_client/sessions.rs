//! Authentication, its forms, and its renewal.

use axum::http::StatusCode;
use axum::response::IntoResponse;
use moonferry::openstack::{AuthKind, Cloud, ErrorKind, Request, Service};
use serde_json::json;

use super::fake::{Fake, catalog, config, fail, ok, token};

fn servers() -> Request {
    Request::get(Service::Compute, "/servers")
}

#[tokio::test]
async fn a_token_refused_in_the_middle_is_renewed_once_for_all() {
    let fake = Fake::start(|call| match call.header("x-auth-token") {
        "token-1" => fail(401, json!({"error": {"message": "expired", "code": 401, "title": "Unauthorized"}})),
        _ => ok(json!({"servers": []})),
    })
    .await;
    let cloud = fake.cloud();
    cloud.authenticate().await.unwrap();
    let calls = (0..10).map(|_| cloud.send(servers()));
    for answer in futures_util::future::join_all(calls).await {
        assert_eq!(answer.unwrap().status, 200);
    }
    assert_eq!(fake.count("POST", "/v3/auth/tokens"), 2);
}

#[tokio::test]
async fn a_service_that_refuses_every_token_is_asked_twice() {
    let fake = Fake::start(|_| fail(401, json!({"error": {"message": "no", "code": 401}}))).await;
    let cloud = fake.cloud();
    let error = cloud.send(Request::get(Service::Network, "/networks")).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Unauthorized, Some(401)));
    assert_eq!(fake.count("GET", "/network/v2.0/networks"), 2);
}

#[tokio::test]
async fn a_token_is_renewed_before_it_expires() {
    let fake = Fake::bare(|call, url| match call.path.as_str() {
        // Two fifths of a second remain of the first token's life, which is less than the margin.
        "/v3/auth/tokens" => token(&format!("token-{}", call.nth), if call.nth == 1 { 1 } else { 3600 }, catalog(url)),
        _ => ok(json!({"networks": []})),
    })
    .await;
    let cloud = fake.cloud();
    let list = || Request::get(Service::Network, "/networks");
    cloud.send(list()).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(900)).await;
    cloud.send(list()).await.unwrap();
    let used: Vec<String> = fake
        .seen()
        .iter()
        .filter(|call| call.method == "GET")
        .map(|call| call.header("x-auth-token").to_owned())
        .collect();
    assert_eq!(used, ["token-1", "token-2"]);
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_however_many_wait() {
    let fake = Fake::bare(|_, _| {
        let answer = fail(401, json!({"error": {"message": "The request requires authentication.", "code": 401}}));
        super::fake::with(answer, "x-test-delay-ms", "50")
    })
    .await;
    let cloud = fake.cloud();
    let calls = (0..8).map(|_| cloud.send(servers()));
    for answer in futures_util::future::join_all(calls).await {
        let error = answer.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthorized);
        let shown = format!("{error} {error:?} {:?}", error.hint());
        assert!(shown.contains("user ann") && shown.contains("req-42") && shown.contains("password"), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    assert_eq!(fake.count("POST", "/v3/auth/tokens"), 1);
}

#[tokio::test]
async fn an_unversioned_url_is_asked_for_its_versions() {
    let fake = Fake::bare(|call, url| match call.path.as_str() {
        "/identity/" => {
            let links = json!([{"rel": "self", "href": "http://inside.example/identity/v3/"}]);
            let versions = json!({"versions": {"values": [{"id": "v3.14", "status": "stable", "links": links}]}});
            (StatusCode::MULTIPLE_CHOICES, axum::Json(versions)).into_response()
        }
        "/identity/v3/auth/tokens" => token("t", 3600, catalog(url)),
        _ => fail(404, json!({})),
    })
    .await;
    let cloud = Cloud::new(config(&format!("{}/identity", fake.url))).unwrap();
    let info = cloud.token_info().await.unwrap();
    assert_eq!((info.user_name.as_str(), info.project_id.as_deref()), ("ann", Some("p1")));
    assert_eq!(info.roles, ["member"]);
}

#[tokio::test]
async fn an_old_cloud_is_spoken_to_in_the_second_version() {
    let fake = Fake::bare(|call, url| match call.path.as_str() {
        "/" => ok(json!({"versions": {"values": [{"id": "v2.0", "status": "stable", "links": []}]}})),
        "/v2.0/tokens" => {
            let password = json!({"username": "ann", "password": "hunter2"});
            assert_eq!(call.json(), json!({"auth": {"tenantName": "web", "passwordCredentials": password}}));
            let endpoint = |path: &str| {
                json!([{"publicURL": format!("{url}{path}"), "adminURL": format!("{url}/admin{path}"), "region": "R1"}])
            };
            ok(json!({"access": {
                "token": {"id": "old-token", "expires": "2126-01-01T00:00:00Z", "tenant": {"id": "p1", "name": "web"}},
                "user": {"id": "u1", "name": "ann", "roles": [{"name": "admin"}]},
                "serviceCatalog": [
                    {"type": "identity", "name": "keystone", "endpoints": endpoint("/v2.0")},
                    {"type": "network", "name": "neutron", "endpoints": endpoint("")}]}}))
        }
        "/v2.0/networks" => ok(json!({"networks": []})),
        "/admin/v2.0/tenants" => ok(json!({"tenants": [{"id": "p1", "name": "web"}]})),
        _ => fail(404, json!({})),
    })
    .await;
    let cloud = Cloud::new(config(&fake.url)).unwrap();
    assert_eq!(cloud.token_info().await.unwrap().roles, ["admin"]);
    cloud.send(Request::get(Service::Network, "/networks")).await.unwrap();
    let tenants = cloud.send(Request::get(Service::Identity, "/tenants")).await.unwrap();
    assert_eq!(tenants.body["tenants"][0]["name"], "web");
    assert_eq!(cloud.api_versions(Service::Identity).await.unwrap().id, "v2.0");
}

#[tokio::test]
async fn an_application_credential_authenticates_without_scope() {
    let fake = Fake::start(|_| fail(404, json!({}))).await;
    let mut config = fake.config();
    config.credentials.kind = AuthKind::ApplicationCredential;
    config.credentials.values = [("application_credential_id".to_owned(), "app".to_owned())].into();
    Cloud::new(config).unwrap().authenticate().await.unwrap();
    let sent = fake.seen()[0].json();
    assert_eq!(sent["auth"]["identity"]["methods"], json!(["application_credential"]));
    assert_eq!(sent["auth"]["identity"]["application_credential"], json!({"id": "app", "secret": "hunter2"}));
    assert!(sent["auth"].get("scope").is_none());
}

#[tokio::test]
async fn an_application_credential_never_acts_in_another_project_unnoticed() {
    let fake = Fake::start(|_| ok(json!({}))).await;
    let mut config = fake.config();
    config.credentials.kind = AuthKind::ApplicationCredential;
    config.credentials.values = [("application_credential_id".to_owned(), "app".to_owned())].into();
    let cloud = Cloud::new(config).unwrap();
    cloud.in_project("p1").authenticate().await.unwrap();
    let error = cloud.in_project("p2").authenticate().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("p1") && error.to_string().contains("p2"), "{error}");
}

#[tokio::test]
async fn a_url_that_is_not_keystone_is_named() {
    let fake = Fake::bare(|_, _| ok(json!({"hello": "world"}))).await;
    let error = fake.cloud().authenticate().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains(&fake.url) && error.hint().unwrap().contains("auth_url"), "{error}");
}
