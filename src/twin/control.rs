//! `/twin/…`: faults, clock, counts, dying hosts and snapshot of a twin that runs as a process of its own.

use serde_json::{Value, json};

use super::faults::Faults;
use super::http::Reply;
use super::server::Shared;

/// Answers a control request.
pub fn handle(shared: &Shared, method: &str, path: &[&str], body: &[u8]) -> Reply {
    match (method, path) {
        ("GET", ["faults"]) => Reply::ok(json!(&*shared.faults())),
        ("PUT", ["faults"]) => match serde_json::from_slice::<Faults>(body) {
            Ok(faults) => {
                *shared.faults() = faults;
                Reply::empty(204)
            }
            Err(error) => Reply::json(400, json!({"error": error.to_string()})),
        },
        ("POST", ["clock"]) => match advance(body) {
            Some(seconds) => {
                let clock = shared.cloud().clock.clone();
                clock.advance((seconds * 1000.0) as u64);
                drop(shared.cloud());
                Reply::empty(204)
            }
            None => Reply::json(400, json!({"error": "want {\"advance\": SECONDS}"})),
        },
        ("GET", ["clock"]) => Reply::ok(json!({"now": super::clock::iso(shared.cloud().now)})),
        ("GET", ["counts"]) => Reply::ok(json!(shared.counts().all())),
        ("DELETE", ["counts"]) => {
            *shared.counts() = super::server::Counts::default();
            Reply::empty(204)
        }
        ("PUT", ["hosts", name]) => {
            match serde_json::from_slice::<Value>(body).ok().and_then(|body| body["dead"].as_bool()) {
                Some(dead) if super::compute::set_host_dead(&mut shared.cloud(), name, dead) => Reply::empty(204),
                Some(_) => Reply::json(404, json!({"error": format!("there is no host '{name}'")})),
                None => Reply::json(400, json!({"error": "want {\"dead\": true or false}"})),
            }
        }
        ("GET", ["snapshot"]) => Reply::ok(shared.cloud().snapshot()),
        _ => Reply::json(404, json!({"error": "the twin has faults, clock, counts, hosts and snapshot"})),
    }
}

fn advance(body: &[u8]) -> Option<f64> {
    let body: Value = serde_json::from_slice(body).ok()?;
    body["advance"].as_f64().filter(|seconds| *seconds >= 0.0)
}
