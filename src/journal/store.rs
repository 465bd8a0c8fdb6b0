//! The journal's file and the thread that owns it.

use std::path::{Path, PathBuf};
use std::sync::mpsc;

use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use tokio::sync::oneshot;

use super::Lease;
use super::error::Error;
use super::rows::{EventRow, ResourceRow, RunRow, RunStatus, StepRow, StepState};

const VERSION: i64 = 1;
/// How many queued writes share one transaction at the most.
const BATCH: usize = 256;

type Job = Box<dyn FnOnce(&Transaction<'_>) -> Answer + Send>;
/// Tells the waiting caller, once the outcome of the commit is known.
type Answer = Box<dyn FnOnce(Option<&str>) + Send>;

/// A handle on a journal; clones share the file and its thread.
#[derive(Clone)]
pub struct Journal {
    path: PathBuf,
    queue: mpsc::Sender<Job>,
}

impl Journal {
    /// Opens the journal, making file and folder where they are missing.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let refuse = |cause: String| Error::Open { path: path.to_owned(), cause };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|cause| refuse(cause.to_string()))?;
        }
        let mut connection = Connection::open(path).map_err(|cause| refuse(cause.to_string()))?;
        prepare(&mut connection, path)?;
        let (queue, jobs) = mpsc::channel();
        std::thread::Builder::new()
            .name("journal".into())
            .spawn(move || serve(connection, &jobs))
            .map_err(|cause| refuse(cause.to_string()))?;
        Ok(Self { path: path.to_owned(), queue })
    }

    /// Takes the right to drive a run.
    pub fn lease(&self, run: &str, owner: &str) -> Result<Lease, Error> {
        Lease::take(&self.path.with_extension("locks"), run, owner)
    }

    /// Runs a function inside a transaction and answers after its commit.
    pub(super) async fn transact<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |transaction| {
            let outcome = work(transaction).map_err(|cause| cause.to_string());
            Box::new(move |commit_failed| {
                let _ = reply.send(match commit_failed {
                    Some(cause) => Err(cause.to_owned()),
                    None => outcome,
                });
            })
        });
        let broken = |cause: String| Error::Write { path: self.path.clone(), cause };
        self.queue.send(job).map_err(|_| broken("its thread has ended".into()))?;
        answer.await.map_err(|_| broken("its thread has ended".into()))?.map_err(broken)
    }

    /// Returns all runs, the newest first.
    pub async fn runs(&self) -> Result<Vec<RunRow>, Error> {
        self.transact(|db| {
            db.prepare("SELECT * FROM run ORDER BY created DESC, id DESC")?.query_map([], read_run)?.collect()
        })
        .await
    }

    /// Returns the run with that id or unique prefix.
    pub async fn run(&self, prefix: &str) -> Result<RunRow, Error> {
        let wanted = prefix.to_owned();
        let mut found: Vec<RunRow> = self
            .transact(move |db| {
                db.prepare("SELECT * FROM run WHERE substr(id, 1, length(?1)) = ?1 ORDER BY id")?
                    .query_map([wanted], read_run)?
                    .collect()
            })
            .await?;
        match (found.pop(), found.is_empty()) {
            (Some(run), true) => Ok(run),
            (Some(last), false) => {
                let ids = found.into_iter().chain([last]).map(|run| run.id).collect();
                Err(Error::Ambiguous { prefix: prefix.into(), ids })
            }
            (None, _) => Err(Error::NoRun(prefix.into())),
        }
    }

    /// Returns the steps of a run in the order of their last change.
    pub async fn steps(&self, run: &str) -> Result<Vec<StepRow>, Error> {
        let run = run.to_owned();
        self.transact(move |db| {
            db.prepare("SELECT * FROM step WHERE run = ?1 ORDER BY seq")?.query_map([run], read_step)?.collect()
        })
        .await
    }

    /// Returns what became of the objects of one run, or of all runs; of one kind, or of all.
    pub async fn resources(&self, run: Option<&str>, kind: Option<&str>) -> Result<Vec<ResourceRow>, Error> {
        let (run, kind) = (run.map(str::to_owned), kind.map(str::to_owned));
        self.transact(move |db| {
            db.prepare(
                "SELECT * FROM resource WHERE (?1 IS NULL OR run = ?1) AND (?2 IS NULL OR kind = ?2)
                 ORDER BY run, kind, name, source_id",
            )?
            .query_map((run, kind), read_resource)?
            .collect()
        })
        .await
    }

    /// Returns what a run told, in order.
    pub async fn events(&self, run: &str) -> Result<Vec<EventRow>, Error> {
        let run = run.to_owned();
        self.transact(move |db| {
            db.prepare("SELECT at, level, path, text FROM event WHERE run = ?1 ORDER BY rowid")?
                .query_map([run], |row| {
                    Ok(EventRow { at: row.get(0)?, level: row.get(1)?, path: row.get(2)?, text: row.get(3)? })
                })?
                .collect()
        })
        .await
    }
}

fn prepare(connection: &mut Connection, path: &Path) -> Result<(), Error> {
    let refuse = |cause: rusqlite::Error| Error::Open { path: path.to_owned(), cause: cause.to_string() };
    connection.busy_timeout(std::time::Duration::from_secs(10)).map_err(refuse)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(refuse)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(refuse)?;
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(refuse)?;
    if found > VERSION {
        return Err(Error::Version { path: path.to_owned(), found, known: VERSION });
    }
    // Asked again inside the transaction: two first starts may race.
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(refuse)?;
    let made = transaction
        .query_row("SELECT 1 FROM sqlite_master WHERE name = 'run'", [], |_| Ok(()))
        .optional()
        .map_err(refuse)?
        .is_some();
    if !made {
        transaction.execute_batch(include_str!("schema.sql")).map_err(refuse)?;
        transaction.pragma_update(None, "user_version", VERSION).map_err(refuse)?;
    }
    transaction.commit().map_err(refuse)
}

/// Serves jobs until the last handle is gone; whatever has queued up shares a transaction.
fn serve(mut connection: Connection, jobs: &mpsc::Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let batch: Vec<Job> = std::iter::once(first).chain(jobs.try_iter().take(BATCH - 1)).collect();
        let (answers, outcome) = run_batch(&mut connection, batch);
        let failure = outcome.err().map(|cause| cause.to_string());
        for answer in answers {
            answer(failure.as_deref());
        }
    }
}

fn run_batch(connection: &mut Connection, batch: Vec<Job>) -> (Vec<Answer>, rusqlite::Result<()>) {
    let mut answers = Vec::with_capacity(batch.len());
    let outcome = (|| {
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        answers.extend(batch.into_iter().map(|job| job(&transaction)));
        transaction.commit()
    })();
    (answers, outcome)
}

fn read_run(row: &Row<'_>) -> rusqlite::Result<RunRow> {
    Ok(RunRow {
        id: row.get("id")?,
        workflow: row.get("workflow")?,
        input: json(row, "input")?.unwrap_or_default(),
        site: row.get("site")?,
        status: word(row, "status", RunStatus::parse)?,
        script_hash: row.get("script_hash")?,
        owner: row.get("owner")?,
        error: json(row, "error")?,
        result: json(row, "result")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
    })
}

fn read_step(row: &Row<'_>) -> rusqlite::Result<StepRow> {
    Ok(StepRow {
        key: row.get("key")?,
        state: word(row, "state", StepState::parse)?,
        attempt: row.get("attempt")?,
        digest: row.get("digest")?,
        out: json(row, "out")?,
        error: json(row, "error")?,
        seq: row.get::<_, i64>("seq")?.unsigned_abs(),
        started: row.get("started")?,
        ended: row.get("ended")?,
    })
}

fn read_resource(row: &Row<'_>) -> rusqlite::Result<ResourceRow> {
    Ok(ResourceRow {
        run: row.get("run")?,
        kind: row.get("kind")?,
        name: row.get("name")?,
        source_cloud: row.get("source_cloud")?,
        source_id: row.get("source_id")?,
        target_cloud: row.get("target_cloud")?,
        target_id: row.get("target_id")?,
        state: row.get("state")?,
        reason: row.get("reason")?,
        updated: row.get("updated")?,
    })
}

fn json(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<serde_json::Value>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| serde_json::from_str(&text)).transpose().map_err(|cause| unreadable(cause.into()))
}

fn word<T>(row: &Row<'_>, column: &str, parse: fn(&str) -> Option<T>) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    parse(&text).ok_or_else(|| unreadable(format!("unknown {column} '{text}'").into()))
}

fn unreadable(cause: Box<dyn std::error::Error + Send + Sync>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, cause)
}
