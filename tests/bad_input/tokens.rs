//! Tokens that expire: silently renewed where the program has the password, told where it has not.

use std::time::Duration;

use serde_json::{Value, json};

use crate::common::pair::{MIGRATE, Pair, one_error};

/// A token of the admin, got as any client gets it.
async fn token(auth_url: &str) -> String {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let user = json!({ "name": "admin", "password": "admin", "domain": { "id": "default" } });
    let scope = json!({ "project": { "name": "admin", "domain": { "id": "default" } } });
    let body =
        json!({ "auth": { "identity": { "methods": ["password"], "password": { "user": user } }, "scope": scope } });
    let client = reqwest::Client::new();
    let answer = client.post(format!("{auth_url}/auth/tokens")).json(&body).send().await.unwrap();
    answer.headers()["x-subject-token"].to_str().unwrap().to_owned()
}

fn clouds(pair: &Pair, source: Value) -> String {
    format!("clouds:\n  old: {source}\n{}", pair.target.clouds_yaml())
}

fn with_token(pair: &Pair, token: &str) -> Value {
    json!({ "auth_type": "v3token", "region_name": "RegionOne", "auth": { "auth_url": pair.source.auth_url(),
        "token": token, "project_name": "admin", "project_domain_name": "Default" } })
}

#[test]
fn a_token_that_expires_in_the_middle_is_renewed() {
    let pair = Pair::with(|options| {
        options.token_lifetime = Duration::from_secs(1);
        options.latency = Duration::from_millis(20);
    });
    pair.run(&MIGRATE, 0);
    let logins = pair.target.counts().get("POST", "/identity/v3/auth/tokens");
    assert!(logins > 2, "{logins} logins");
}

#[tokio::test]
async fn an_expired_token_without_a_password_is_told() {
    let pair = Pair::with(|options| options.token_lifetime = Duration::from_secs(1));
    let token = token(&pair.source.auth_url()).await;
    tokio::time::sleep(Duration::from_millis(1200)).await;
    pair.write("clouds.yaml", &clouds(&pair, with_token(&pair, &token)));
    pair.refuses(&MIGRATE, 1, &["unauthorized", "old", "token"]);
}

#[tokio::test]
async fn a_token_that_expires_in_the_middle_is_told_where_nothing_can_renew_it() {
    let pair = Pair::with(|options| {
        options.token_lifetime = Duration::from_secs(2);
        options.latency = Duration::from_millis(40);
    });
    let config = pair.home.path().join("clouds.yaml");
    let with_password = std::fs::read_to_string(&config).unwrap();
    let token = token(&pair.source.auth_url()).await;
    pair.write("clouds.yaml", &clouds(&pair, with_token(&pair, &token)));
    let failed = pair.run(&MIGRATE, 1);
    one_error(&failed, &["unauthorized", "old"]);
    assert!(!String::from_utf8_lossy(&failed.stderr).contains(&token));
    pair.write("clouds.yaml", &with_password);
    let run = pair.latest().unwrap().0;
    pair.run(&["resume", &run], 0);
}
