//! What is written to the journal while a run goes on.

use rusqlite::params;
use serde_json::Value;

use super::Error;
use super::rows::{ResourceRow, RunRow, RunStatus, StepState};
use super::store::Journal;

/// The next place in a run's order of changes.
const NEXT_SEQ: &str = "(SELECT COALESCE(MAX(seq), 0) + 1 FROM step WHERE run = ?1)";

fn now() -> String {
    jiff::Timestamp::now().to_string()
}

impl Journal {
    /// Records a new run before anything of it happens.
    pub async fn begin(&self, run: &RunRow) -> Result<(), Error> {
        let run = run.clone();
        self.transact(move |db| {
            db.execute(
                "INSERT INTO run (id, workflow, input, site, status, script_hash, owner, created, updated)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)",
                params![
                    run.id,
                    run.workflow,
                    run.input.to_string(),
                    run.site,
                    run.status.as_str(),
                    run.script_hash,
                    run.owner,
                    now()
                ],
            )
        })
        .await
        .map(drop)
    }

    /// Records that a process takes a run up again, and with which scripts.
    pub async fn take_up(&self, run: &str, owner: &str, status: RunStatus, script_hash: &str) -> Result<(), Error> {
        let (run, owner, hash) = (run.to_owned(), owner.to_owned(), script_hash.to_owned());
        self.transact(move |db| {
            db.execute(
                "UPDATE run SET owner = ?2, status = ?3, script_hash = ?4, error = NULL, updated = ?5 WHERE id = ?1",
                params![run, owner, status.as_str(), hash, now()],
            )
        })
        .await
        .map(drop)
    }

    /// Records where a run stands, with the fault or the result that brought it there.
    pub async fn set_status(
        &self,
        run: &str,
        status: RunStatus,
        error: Option<&Value>,
        result: Option<&Value>,
    ) -> Result<(), Error> {
        let (run, error, result) = (run.to_owned(), error.map(Value::to_string), result.map(Value::to_string));
        self.transact(move |db| {
            db.execute(
                "UPDATE run SET status = ?2, error = ?3, result = COALESCE(?4, result), updated = ?5 WHERE id = ?1",
                params![run, status.as_str(), error, result, now()],
            )
        })
        .await
        .map(drop)
    }

    /// Records the intent of a step, before its effect. Answers the number of this attempt.
    pub async fn start_step(&self, run: &str, key: &str, digest: Option<&str>) -> Result<u32, Error> {
        let (run, key, digest) = (run.to_owned(), key.to_owned(), digest.map(str::to_owned));
        self.transact(move |db| {
            db.query_row(
                &format!(
                    "INSERT INTO step (run, key, state, attempt, digest, seq, started)
                     VALUES (?1, ?2, 'started', 1, ?3, {NEXT_SEQ}, ?4)
                     ON CONFLICT (run, key) DO UPDATE SET state = 'started', attempt = attempt + 1, digest = ?3,
                         seq = {NEXT_SEQ}, ended = NULL
                     RETURNING attempt"
                ),
                params![run, key, digest, now()],
                |row| row.get(0),
            )
        })
        .await
    }

    /// Records a step's end: its value when done or found, its fault when failed.
    pub async fn end_step(
        &self,
        run: &str,
        key: &str,
        state: StepState,
        out: Option<&Value>,
        error: Option<&Value>,
    ) -> Result<u64, Error> {
        let (run, key) = (run.to_owned(), key.to_owned());
        let (out, error) = (out.map(Value::to_string), error.map(Value::to_string));
        self.transact(move |db| {
            db.query_row(
                &format!(
                    "UPDATE step SET state = ?3, out = COALESCE(?4, out), error = ?5, seq = {NEXT_SEQ}, ended = ?6
                     WHERE run = ?1 AND key = ?2 RETURNING seq"
                ),
                params![run, key, state.as_str(), out, error, now()],
                |row| row.get::<_, i64>(0),
            )
        })
        .await
        .map(i64::unsigned_abs)
    }

    /// Records what became of an object; a later word on the same object replaces the earlier.
    pub async fn record(&self, row: &ResourceRow) -> Result<(), Error> {
        let row = row.clone();
        self.transact(move |db| {
            db.execute(
                "INSERT OR REPLACE INTO resource (run, key, kind, name, source_cloud, source_id, target_cloud,
                     target_id, state, reason, updated) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                params![
                    row.run,
                    format!("{}/{}", row.kind, row.source_id),
                    row.kind,
                    row.name,
                    row.source_cloud,
                    row.source_id,
                    row.target_cloud,
                    row.target_id,
                    row.state,
                    row.reason,
                    now()
                ],
            )
        })
        .await
        .map(drop)
    }

    /// Marks everything a run made as taken back.
    pub async fn resources_undone(&self, run: &str) -> Result<(), Error> {
        let run = run.to_owned();
        self.transact(move |db| {
            db.execute(
                "UPDATE resource SET state = 'undone', updated = ?2 WHERE run = ?1 AND state IN ('done', 'failed')",
                params![run, now()],
            )
        })
        .await
        .map(drop)
    }

    /// Records something worth telling.
    pub async fn tell(&self, run: &str, level: &str, path: &str, text: &str) -> Result<(), Error> {
        let (run, level, path, text) = (run.to_owned(), level.to_owned(), path.to_owned(), text.to_owned());
        self.transact(move |db| {
            db.execute(
                "INSERT INTO event (run, at, level, path, text) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![run, now(), level, path, text],
            )
        })
        .await
        .map(drop)
    }
}
