//! Tokens, scopes and grants.

use std::time::Duration;

use moonferry::twin::Options;
use reqwest::Method;
use serde_json::json;

use super::{Lab, estate, login_body};

#[tokio::test]
async fn a_wrong_password_and_an_expired_token_are_unauthorized() {
    let lab =
        Lab::with(&estate(), Options { speed: 0.0, token_lifetime: Duration::from_secs(60), ..Options::default() })
            .await;
    let got = lab.ask("", Method::POST, "/identity/v3/auth/tokens", Some(login_body("admin", "wrong", "admin"))).await;
    assert_eq!(got.status, 401);
    assert_eq!(lab.get("/compute/v2.1/servers").await.status, 200);
    lab.pass(61);
    let expired = lab.get("/compute/v2.1/servers").await;
    assert_eq!(expired.status, 401);
    assert!(expired.headers["www-authenticate"].to_str().unwrap().starts_with("Keystone uri="));
}

#[tokio::test]
async fn a_revoked_role_ends_a_token_at_once() {
    let lab = Lab::new(&estate()).await;
    let alice = lab.login("alice", "pw", "shop").await;
    let (user, project, role) = {
        let cloud = lab.twin.cloud();
        let identity = &cloud.identity;
        (
            identity.find_user("alice").unwrap(),
            identity.find_project("shop").unwrap(),
            identity.find_role("member").unwrap(),
        )
    };
    let grant = format!("/identity/v3/projects/{project}/users/{user}/roles/{role}");
    assert_eq!(lab.ask(&alice, Method::GET, "/compute/v2.1/servers", None).await.status, 200);
    assert_eq!(lab.ask(&lab.token, Method::HEAD, &grant, None).await.status, 204);
    assert_eq!(lab.delete(&grant).await.status, 204);
    assert_eq!(lab.ask(&lab.token, Method::HEAD, &grant, None).await.status, 404);
    assert_eq!(lab.ask(&alice, Method::GET, "/compute/v2.1/servers", None).await.status, 401);
    assert_eq!(lab.put(&grant, json!(null)).await.status, 204);
    assert_eq!(lab.ask(&alice, Method::GET, "/compute/v2.1/servers", None).await.status, 200);
}

#[tokio::test]
async fn application_credentials_log_in_with_their_own_scope() {
    let mut lab = Lab::new(&estate()).await;
    lab.become_user("alice", "pw", "shop").await;
    let user = lab.twin.cloud().identity.find_user("alice").unwrap();
    let path = format!("/identity/v3/users/{user}/application_credentials");
    let made =
        lab.post(&path, json!({"application_credential": {"name": "ferry"}})).await.body["application_credential"]
            .clone();
    let body = json!({"auth": {"identity": {"methods": ["application_credential"],
        "application_credential": {"id": made["id"], "secret": made["secret"]}}}});
    let got = lab.ask("", Method::POST, "/identity/v3/auth/tokens", Some(body)).await;
    assert_eq!((got.status, &got.body["token"]["project"]["name"]), (201, &json!("shop")));
}

#[tokio::test]
async fn two_projects_of_one_name_conflict_only_in_one_domain() {
    let lab = Lab::new(&estate()).await;
    let body = json!({"project": {"name": "shop", "domain_id": "default"}});
    assert_eq!(lab.post("/identity/v3/projects", body).await.status, 409);
    let domain =
        lab.post("/identity/v3/domains", json!({"domain": {"name": "other"}})).await.body["domain"]["id"].clone();
    let got =
        lab.post("/identity/v3/projects", json!({"project": {"name": "shop", "domain_id": domain, "cost": 5}})).await;
    assert_eq!(
        (got.status, &got.body["project"]["cost"]),
        (201, &json!(5)),
        "Keystone keeps attributes it does not know"
    );
}

#[tokio::test]
async fn old_clouds_log_in_by_v2() {
    let lab = Lab::with(&estate(), Options { identity_v2: true, ..Options::default() }).await;
    let body =
        json!({"auth": {"passwordCredentials": {"username": "admin", "password": "admin"}, "tenantName": "admin"}});
    let got = lab.ask("", Method::POST, "/identity/v2.0/tokens", Some(body)).await;
    let access = &got.body["access"];
    assert_eq!((got.status, &access["token"]["tenant"]["name"]), (200, &json!("admin")));
    let token = access["token"]["id"].as_str().unwrap();
    assert_eq!(lab.ask(token, Method::GET, "/compute/v2.1/servers", None).await.status, 200);
    let tenants = lab.ask(token, Method::GET, "/identity/v2.0/admin/tenants", None).await.body;
    assert!(tenants["tenants"].as_array().unwrap().iter().any(|one| one["name"] == "shop"));
}

#[tokio::test]
async fn assignments_are_listed_with_names() {
    let lab = Lab::new(&estate()).await;
    let project = lab.twin.cloud().identity.find_project("shop").unwrap();
    let got = lab.get(&format!("/identity/v3/role_assignments?scope.project.id={project}&include_names")).await.body;
    let pairs: Vec<_> = got["role_assignments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["user"]["name"].clone(), one["role"]["name"].clone()))
        .collect();
    assert_eq!(pairs.len(), 2);
    assert!(pairs.contains(&(json!("alice"), json!("member"))), "{pairs:?}");
}
