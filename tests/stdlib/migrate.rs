//! A project goes over, a second run finds it there, and an undo leaves no trace.

use moonferry::journal::RunStatus;

use super::{Clouds, results};

#[tokio::test]
async fn a_project_moves_is_recognised_and_moves_back() {
    let clouds = Clouds::new();
    let before = clouds.states();

    let first = clouds.migrate(&["--project", "shop"]).await.unwrap();
    assert_eq!(first.status, RunStatus::Done, "{:?}", first.fault);
    assert_eq!(results(&first, "server"), ["batch done", "cache done", "db done", "web-1 done", "web-2 done"]);
    assert_eq!(results(&first, "volume"), ["archive done", "db-data done", "db-root done"]);
    assert_eq!(results(&first, "network"), ["back done", "front done", "public adopted"]);
    assert_eq!(results(&first, "floating_ip"), ["203.0.113.51 done", "203.0.113.52 done"]);

    let second = clouds.migrate(&["--project", "shop"]).await.unwrap();
    assert_eq!(second.status, RunStatus::Done, "{:?}", second.fault);
    let states: Vec<&str> = second.resources.iter().map(|row| row.state.as_str()).collect();
    assert!(states.iter().all(|state| *state == "adopted"), "{states:?}");

    let undone = clouds.driver().await.undo(&first.run.unwrap(), false).await.unwrap();
    assert_eq!(undone.status, RunStatus::Undone, "{:?}", undone.fault);
    let after = clouds.states();
    assert_eq!(after.1, before.1, "the target");
    assert_eq!(after.0, before.0, "the source");
}

#[tokio::test]
async fn a_server_takes_along_what_it_needs_and_no_more() {
    let clouds = Clouds::new();
    let outcome = clouds.migrate(&["--server", "web-1"]).await.unwrap();
    assert_eq!(outcome.status, RunStatus::Done, "{:?}", outcome.fault);
    assert_eq!(results(&outcome, "server"), ["web-1 done"]);
    assert_eq!(results(&outcome, "port"), ["web-1 done"]);
    assert_eq!(results(&outcome, "floating_ip"), ["203.0.113.51 done"]);
    assert!(results(&outcome, "volume").is_empty());
}

#[tokio::test]
async fn an_attached_volume_is_read_without_touching_its_server() {
    let clouds = Clouds::new();
    let before = clouds.states().0;
    let outcome = clouds.migrate(&["--select", "volume=db-data"]).await.unwrap();
    assert_eq!(outcome.status, RunStatus::Done, "{:?}", outcome.fault);
    assert_eq!(results(&outcome, "volume"), ["db-data done"]);
    assert_eq!(clouds.states().0, before, "no snapshot, clone or image is left at the source");
}

#[tokio::test]
async fn predicates_and_patterns_narrow_the_selection() {
    let clouds = Clouds::new();
    let where_off = "kind == 'server' and object.status == 'SHUTOFF'";
    let outcome = clouds.migrate(&["--project", "shop", "--where", where_off]).await.unwrap();
    assert_eq!(results(&outcome, "server"), ["batch done"], "{:?}", outcome.fault);

    let outcome = clouds.migrate(&["--project", "shop", "--only", "server", "--name", "web-*"]).await.unwrap();
    assert_eq!(results(&outcome, "server"), ["web-1 done", "web-2 done"], "{:?}", outcome.fault);
}

#[tokio::test]
async fn the_source_is_deleted_only_on_demand_and_what_is_held_stays() {
    let clouds = Clouds::new();
    let outcome = clouds.migrate(&["--project", "shop", "--delete-source"]).await.unwrap();
    let fault = outcome.fault.unwrap();
    assert!(fault.message.contains("volume 'archive'"), "it has a snapshot: {}", fault.message);
    let left = clouds.source.snapshot().to_string();
    assert!(!left.contains("\"web-1\""), "the servers are gone");
}
