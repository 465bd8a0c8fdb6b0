//! What can go wrong with the journal.

use std::path::PathBuf;

/// A journal error; each message says what to do next.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be opened or created. Check the folder's permissions or give another one with `--journal`.
    #[error("the journal {path} cannot be opened: {cause}")]
    Open {
        /// The journal's file.
        path: PathBuf,
        /// What the system said.
        cause: String,
    },
    /// The file is no journal, or one of a newer program.
    #[error(
        "{path} has journal version {found}, this program knows up to {known}: use the newer moonferry that wrote it"
    )]
    Version {
        /// The journal's file.
        path: PathBuf,
        /// The version in the file.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// Writing failed, most often because the disk is full. Nothing was done that the journal does not hold; free some
    /// space and resume.
    #[error("the journal {path} cannot be written: {cause}")]
    Write {
        /// The journal's file.
        path: PathBuf,
        /// What SQLite said.
        cause: String,
    },
    /// No run has that id or prefix.
    #[error("no run '{0}' in this journal; `moonferry runs` lists them")]
    NoRun(String),
    /// A prefix fits several runs.
    #[error("'{prefix}' fits several runs: {}", .ids.join(", "))]
    Ambiguous {
        /// What was given.
        prefix: String,
        /// The runs it fits.
        ids: Vec<String>,
    },
    /// Another process drives the run.
    #[error("run {run} is being driven by another process ({owner}); wait for it, or stop it first")]
    Held {
        /// The run.
        run: String,
        /// Who holds it.
        owner: String,
    },
    /// A row holds something this program cannot read.
    #[error("the journal's row for {what} cannot be read: {cause}")]
    Corrupt {
        /// Which row.
        what: String,
        /// Why.
        cause: String,
    },
}
