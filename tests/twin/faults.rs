//! Faults on purpose: each kind shows as what it is, and seeds repeat.

use moonferry::twin::{Fault, Faults, Rates, Strike};
use reqwest::Method;
use serde_json::json;

use super::{Lab, estate};

fn strike(fault: Fault) -> Faults {
    let (method, template) = ("POST".to_owned(), "/compute/v2.1/servers".to_owned());
    Faults { retry_after: 3, strikes: vec![Strike { method, template, fault, skip: 0, times: 1 }], ..Faults::default() }
}

async fn servers(lab: &Lab) -> usize {
    lab.get("/compute/v2.1/servers").await.body["servers"].as_array().unwrap().len()
}

#[tokio::test]
async fn refused_writes_leave_nothing_behind() {
    let lab = Lab::new(&estate()).await;
    for (fault, status, after) in [
        (Fault::Error, 500, None),
        (Fault::Unavailable, 503, None),
        (Fault::RetryLater, 503, Some("3")),
        (Fault::TooMany, 429, Some("3")),
    ] {
        *lab.twin.faults() = strike(fault);
        let got = lab.post("/compute/v2.1/servers", lab.server_body("x")).await;
        assert_eq!(got.status, status);
        assert_eq!(got.headers.get("retry-after").map(|value| value.to_str().unwrap()), after);
    }
    assert_eq!(servers(&lab).await, 0);
}

#[tokio::test]
async fn a_dropped_connection_hides_whether_it_was_done() {
    let lab = Lab::new(&estate()).await;
    for (fault, made) in [(Fault::DropBefore, 0), (Fault::DropAfter, 1)] {
        *lab.twin.faults() = strike(fault);
        let lost = lab.try_ask(&lab.token, Method::POST, "/compute/v2.1/servers", Some(lab.server_body("x"))).await;
        assert!(lost.is_err(), "{fault:?}: {lost:?}");
        assert_eq!(servers(&lab).await, made, "{fault:?}");
    }
}

#[tokio::test]
async fn a_body_can_be_cut_or_slow() {
    let lab = Lab::new(&estate()).await;
    *lab.twin.faults() = strike(Fault::Truncate);
    let cut = lab.try_ask(&lab.token, Method::POST, "/compute/v2.1/servers", Some(lab.server_body("x"))).await;
    assert!(cut.is_err(), "{cut:?}");
    *lab.twin.faults() = strike(Fault::SlowBody);
    let start = std::time::Instant::now();
    let slow = lab.post("/compute/v2.1/servers", lab.server_body("x")).await;
    assert_eq!(slow.status, 202);
    assert!(start.elapsed().as_millis() > 200, "{:?}", start.elapsed());
}

#[tokio::test]
async fn rates_strike_the_same_requests_again() {
    let mut fates = Vec::new();
    for _ in 0..2 {
        let lab = Lab::new(&estate()).await;
        let rates = Rates { error: 0.3, too_many: 0.2, ..Rates::default() };
        *lab.twin.faults() = Faults { seed: 11, services: [("compute".to_owned(), rates)].into(), ..Faults::default() };
        let mut statuses = Vec::new();
        for _ in 0..40 {
            statuses.push(lab.get("/compute/v2.1/flavors").await.status);
        }
        assert_eq!(lab.get("/network/v2.0/networks").await.status, 200, "another service");
        fates.push(statuses);
    }
    assert_eq!(fates[0], fates[1]);
    assert!(fates[0].contains(&500) && fates[0].contains(&429) && fates[0].contains(&200));
}

#[tokio::test]
async fn a_separate_process_is_controlled_over_http() {
    let lab = Lab::new(&estate()).await;
    let path = "/twin/faults";
    assert_eq!(lab.put(path, json!({"everywhere": {"error": 1.0}})).await.status, 204);
    assert_eq!(lab.get("/compute/v2.1/flavors").await.status, 500);
    assert_eq!(lab.put(path, json!({"everywhere": {"eror": 1.0}})).await.status, 400);
    assert_eq!(lab.put(path, json!({})).await.status, 204);
    let id = lab.boot("one").await;
    assert_eq!(lab.post("/twin/clock", json!({"advance": 60})).await.status, 204);
    assert_eq!(lab.server(&id).await["status"], "ACTIVE");
    assert!(lab.get("/twin/counts").await.body["POST /compute/v2.1/servers"].as_u64().unwrap() > 0);
    assert_eq!(lab.get("/twin/snapshot").await.body, lab.twin.snapshot());
}
