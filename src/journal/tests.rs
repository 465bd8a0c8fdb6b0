//! The journal's promises, on a real file.

use serde_json::json;

use super::*;

fn row(id: &str) -> RunRow {
    RunRow {
        id: id.into(),
        workflow: "migrate".into(),
        input: json!({ "project": "alpha" }),
        site: None,
        status: RunStatus::Running,
        script_hash: "h".into(),
        owner: "pid 1".into(),
        error: None,
        result: None,
        created: String::new(),
        updated: String::new(),
    }
}

#[tokio::test]
async fn a_step_keeps_its_value_and_its_place_in_the_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/journal.db");
    let journal = Journal::open(&path).unwrap();
    journal.begin(&row("r1")).await.unwrap();
    assert_eq!(journal.start_step("r1", "a", None).await.unwrap(), 1);
    assert_eq!(journal.start_step("r1", "b", Some("d")).await.unwrap(), 1);
    journal.end_step("r1", "b", StepState::Done, Some(&json!({ "id": 7 })), None).await.unwrap();
    journal.end_step("r1", "a", StepState::Failed, None, Some(&json!({ "kind": "conflict" }))).await.unwrap();
    assert_eq!(journal.start_step("r1", "a", None).await.unwrap(), 2);
    journal.end_step("r1", "a", StepState::Done, Some(&json!(9007199254740993i64)), None).await.unwrap();
    drop(journal);

    let steps = Journal::open(&path).unwrap().steps("r1").await.unwrap();
    assert_eq!(steps.iter().map(|step| step.key.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(steps[1].out, Some(json!(9007199254740993i64)));
    assert_eq!((steps[1].attempt, steps[1].state), (2, StepState::Done));
    assert_eq!(steps[1].error, None);
}

#[tokio::test]
async fn runs_are_found_by_prefix() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("j.db")).unwrap();
    journal.begin(&row("abc1")).await.unwrap();
    journal.begin(&row("abd1")).await.unwrap();
    assert_eq!(journal.run("abc").await.unwrap().id, "abc1");
    assert!(matches!(journal.run("ab").await, Err(Error::Ambiguous { .. })));
    assert!(matches!(journal.run("zz").await, Err(Error::NoRun(_))));
}

#[tokio::test]
async fn many_writers_share_commits_and_all_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("j.db")).unwrap();
    journal.begin(&row("r")).await.unwrap();
    let writes = (0..500).map(|n| {
        let journal = journal.clone();
        async move { journal.start_step("r", &format!("s{n}"), None).await }
    });
    futures_util::future::try_join_all(writes).await.unwrap();
    let steps = journal.steps("r").await.unwrap();
    assert_eq!(steps.len(), 500);
    assert_eq!(steps.last().unwrap().seq, 500);
}

#[tokio::test]
async fn a_newer_journal_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("j.db");
    drop(Journal::open(&path).unwrap());
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(Journal::open(&path), Err(Error::Version { found: 99, .. })));
}
