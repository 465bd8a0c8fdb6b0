//! The twin asked over HTTP, as any client would ask it.

mod estates;
mod faults;
mod identity;
mod image;
mod moves;
mod network;
mod paging;
mod placement;
mod quotas;
mod servers;
mod strict;
mod volume;
mod volumes;

use std::time::Duration;

use moonferry::twin::{Estate, Options, Release, Twin};
use reqwest::{Client, Method};
use serde_json::{Value, json};

/// A running twin, a client, and the admin's token.
pub struct Lab {
    pub twin: Twin,
    client: Client,
    token: String,
    version: String,
    _data: tempfile::TempDir,
}

/// What came back.
#[derive(Debug)]
pub struct Got {
    pub status: u16,
    pub body: Value,
    pub headers: reqwest::header::HeaderMap,
}

impl Lab {
    /// Starts a twin whose clock stands still until `Lab::pass`.
    pub async fn new(estate: &Estate) -> Self {
        Self::with(estate, Options { speed: 0.0, ..Options::default() }).await
    }

    pub async fn with(estate: &Estate, options: Options) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let data = tempfile::tempdir().unwrap();
        let twin = Twin::start(Options { data: data.path().to_owned(), ..options }, estate).unwrap();
        let client = Client::new();
        let mut lab = Self { twin, client, token: String::new(), version: "2.79".to_owned(), _data: data };
        lab.token = lab.login("admin", "admin", "admin").await;
        lab
    }

    pub async fn zed(estate: &Estate) -> Self {
        Self::with(estate, Options { speed: 0.0, release: Release::Zed, ..Options::default() }).await
    }

    /// Logs in to a project and returns the token.
    pub async fn login(&self, user: &str, password: &str, project: &str) -> String {
        let got =
            self.ask("", Method::POST, "/identity/v3/auth/tokens", Some(login_body(user, password, project))).await;
        assert_eq!(got.status, 201, "{:?}", got.body);
        got.headers["x-subject-token"].to_str().unwrap().to_owned()
    }

    /// The same lab as another user.
    pub async fn become_user(&mut self, user: &str, password: &str, project: &str) {
        self.token = self.login(user, password, project).await;
    }

    pub fn microversion(&mut self, version: &str) {
        self.version = version.to_owned();
    }

    pub async fn ask(&self, token: &str, method: Method, path: &str, body: Option<Value>) -> Got {
        self.try_ask(token, method, path, body).await.unwrap()
    }

    pub async fn try_ask(&self, token: &str, method: Method, path: &str, body: Option<Value>) -> reqwest::Result<Got> {
        let mut request =
            self.client.request(method, format!("{}{path}", self.twin.origin())).header("x-auth-token", token);
        if path.starts_with("/compute") {
            request = request.header("openstack-api-version", format!("compute {}", self.version));
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await?;
        Ok(Got { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) })
    }

    pub async fn get(&self, path: &str) -> Got {
        self.ask(&self.token, Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Got {
        self.ask(&self.token, Method::POST, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Got {
        self.ask(&self.token, Method::PUT, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Got {
        self.ask(&self.token, Method::DELETE, path, None).await
    }

    /// Lets seconds of the estate's time pass.
    pub fn pass(&self, seconds: u64) {
        self.twin.advance(Duration::from_secs(seconds));
    }

    /// Boots a server without networks and returns its id.
    pub async fn boot(&self, name: &str) -> String {
        let got = self.post("/compute/v2.1/servers", self.server_body(name)).await;
        assert_eq!(got.status, 202, "{:?}", got.body);
        got.body["server"]["id"].as_str().unwrap().to_owned()
    }

    pub fn server_body(&self, name: &str) -> Value {
        json!({"server": {"name": name, "imageRef": self.image(), "flavorRef": "1", "networks": "none"}})
    }

    fn image(&self) -> String {
        let cloud = self.twin.cloud();
        moonferry::twin::image::find(&cloud, "", "tiny").unwrap()
    }

    pub async fn act(&self, server: &str, action: Value) -> Got {
        self.post(&format!("/compute/v2.1/servers/{server}/action"), action).await
    }

    pub async fn server(&self, id: &str) -> Value {
        self.get(&format!("/compute/v2.1/servers/{id}")).await.body["server"].clone()
    }
}

pub fn login_body(user: &str, password: &str, project: &str) -> Value {
    json!({"auth": {
        "identity": {"methods": ["password"],
            "password": {"user": {"name": user, "domain": {"id": "default"}, "password": password}}},
        "scope": {"project": {"name": project, "domain": {"id": "default"}}}}})
}

/// Three hosts, two flavors, an image, a network, and a project of one user.
pub fn estate() -> Estate {
    Estate::read(
        "
projects: [{name: shop}]
users: [{name: alice, password: pw, roles: {shop: [member]}}, {name: bob, password: pw, roles: {shop: [reader]}}]
hosts: [{name: h1}, {name: h2}, {name: h3}]
flavors:
  - {id: '1', name: small, ram: 64, vcpus: 1, disk: 1}
  - {id: '2', name: large, ram: 128, vcpus: 2, disk: 2}
images: [{name: tiny, visibility: public, size: 4096}]
networks: [{name: net, project: shop, subnets: [{name: sub, cidr: 10.0.0.0/24}]}]
volumes: [{name: data, project: admin, size: 1}]
",
    )
    .unwrap()
}
