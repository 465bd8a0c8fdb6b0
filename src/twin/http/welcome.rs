//! Version documents: what each service says at its root, without a token.

use serde_json::{Value, json};

use super::reply::Reply;
use super::service::Service;
use crate::twin::options::Release;

/// Answers a `GET` of a version document, or `None` where the path is none.
pub fn welcome(service: Service, release: Release, v2: bool, path: &[&str], origin: &str) -> Option<Reply> {
    let root = format!("{origin}/{}", service.prefix());
    match service {
        Service::Identity => identity(release, v2, path, &root),
        Service::Compute => compute(release, path, &root),
        Service::Image => image(path, &root),
        Service::Network => network(path, &root),
        Service::Volume => volume(release, path, &root),
        Service::Placement => placement(release, path),
    }
}

fn link(href: String) -> Value {
    json!([{"rel": "self", "href": href}])
}

fn identity(release: Release, v2: bool, path: &[&str], root: &str) -> Option<Reply> {
    let third = json!({"id": "v3.14", "status": "stable", "updated": "2020-04-07T00:00:00Z",
        "links": link(format!("{root}/v3/")),
        "media-types": [{"base": "application/json", "type": "application/vnd.openstack.identity-v3+json"}]});
    let second = json!({"id": "v2.0", "status": "deprecated", "updated": "2016-08-04T00:00:00Z",
        "links": link(format!("{root}/v2.0/")),
        "media-types": [{"base": "application/json", "type": "application/vnd.openstack.identity-v2.0+json"}]});
    let _ = release;
    match path {
        [] if v2 => Some(Reply::json(300, json!({"versions": {"values": [third, second]}}))),
        [] => Some(Reply::json(300, json!({"versions": {"values": [third]}}))),
        ["v3"] => Some(Reply::ok(json!({"version": third}))),
        ["v2.0"] if v2 => Some(Reply::ok(json!({"version": second}))),
        _ => None,
    }
}

fn compute(release: Release, path: &[&str], root: &str) -> Option<Reply> {
    let (low, high) = release.microversions(Service::Compute)?;
    let entry = json!({"id": "v2.1", "status": "CURRENT", "version": high.to_string(),
        "min_version": low.to_string(), "updated": "2013-07-23T11:33:21Z", "links": link(format!("{root}/v2.1/"))});
    match path {
        [] => Some(Reply::ok(json!({"versions": [entry]}))),
        ["v2.1"] => {
            let mut entry = entry;
            entry["media-types"] =
                json!([{"base": "application/json", "type": "application/vnd.openstack.compute+json;version=2.1"}]);
            Some(Reply::ok(json!({"version": entry})))
        }
        _ => None,
    }
}

fn image(path: &[&str], root: &str) -> Option<Reply> {
    let status = match path {
        [] => 300,
        ["versions"] => 200,
        _ => return None,
    };
    let versions: Vec<Value> = ["v2.15", "v2.9", "v2.7", "v2.6", "v2.5", "v2.4", "v2.3", "v2.2", "v2.1", "v2.0"]
        .iter()
        .enumerate()
        .map(|(place, id)| {
            let status = if place == 0 { "CURRENT" } else { "SUPPORTED" };
            json!({"id": id, "status": status, "links": link(format!("{root}/v2/"))})
        })
        .collect();
    Some(Reply::json(status, json!({"versions": versions})))
}

fn network(path: &[&str], root: &str) -> Option<Reply> {
    let href = format!("{root}/v2.0/");
    match path {
        [] => Some(Reply::ok(json!({"versions": [{"id": "v2.0", "status": "CURRENT", "links": link(href)}]}))),
        ["v2.0"] => {
            let resources: Vec<Value> =
                ["network", "subnet", "port", "router", "floatingip", "security-group", "security-group-rule", "quota"]
                    .iter()
                    .map(|name| {
                        json!({"name": name, "collection": format!("{name}s"),
                        "links": link(format!("{root}/v2.0/{name}s"))})
                    })
                    .collect();
            Some(Reply::ok(json!({"resources": resources})))
        }
        _ => None,
    }
}

fn volume(release: Release, path: &[&str], root: &str) -> Option<Reply> {
    let status = match path {
        [] => 300,
        ["v3"] => 200,
        _ => return None,
    };
    let (low, high) = release.microversions(Service::Volume)?;
    let entry = json!({"id": "v3.0", "status": "CURRENT", "version": high.to_string(),
        "min_version": low.to_string(), "updated": "2023-08-31T00:00:00Z", "links": link(format!("{root}/v3/")),
        "media-types": [{"base": "application/json", "type": "application/vnd.openstack.volume+json;version=3"}]});
    Some(Reply::json(status, json!({"versions": [entry]})))
}

fn placement(release: Release, path: &[&str]) -> Option<Reply> {
    let (low, high) = release.microversions(Service::Placement)?;
    path.is_empty().then(|| {
        Reply::ok(json!({"versions": [{"id": "v1.0", "status": "CURRENT", "max_version": high.to_string(),
            "min_version": low.to_string(), "links": [{"rel": "self", "href": ""}]}]}))
    })
}
