//! The rows of the journal as values.

use serde::Serialize;
use serde_json::Value;

macro_rules! states {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            /// Returns the word stored in the journal.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// Reads the stored word.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)* _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

states! {
    /// Where a run stands.
    RunStatus {
        /// A process drives it, or was killed while it did.
        Running = "running",
        /// The operator stopped it; `resume` goes on.
        Interrupted = "interrupted",
        /// A step failed; mend the cause and `resume`, or `undo`.
        Failed = "failed",
        /// Undo has begun and has to be finished.
        Unwinding = "unwinding",
        /// Everything it made is gone again.
        Undone = "undone",
        /// It came to its end.
        Done = "done",
    }
}

states! {
    /// Where a step stands.
    StepState {
        /// Intent is written; the effect may or may not have happened.
        Started = "started",
        /// The effect happened and its value is recorded.
        Done = "done",
        /// The step raised an error.
        Failed = "failed",
        /// The effect was taken back.
        Undone = "undone",
    }
}

/// One durable execution of a workflow.
#[derive(Debug, Clone, Serialize)]
pub struct RunRow {
    /// Ten characters, sorting by start.
    pub id: String,
    /// The workflow's name or path as given.
    pub workflow: String,
    /// The checked inputs.
    pub input: Value,
    /// The site directory, where there was one.
    pub site: Option<String>,
    /// Where it stands.
    pub status: RunStatus,
    /// The hash of the scripts it ran with.
    pub script_hash: String,
    /// The last process that drove it.
    pub owner: String,
    /// The fault that ended it.
    pub error: Option<Value>,
    /// What the workflow returned.
    pub result: Option<Value>,
    /// RFC 3339.
    pub created: String,
    /// RFC 3339.
    pub updated: String,
}

/// One step of a run.
#[derive(Debug, Clone, Serialize)]
pub struct StepRow {
    /// The name path.
    pub key: String,
    /// Where it stands.
    pub state: StepState,
    /// How often it was begun.
    pub attempt: u32,
    /// The digest of its declared input.
    pub digest: Option<String>,
    /// The value it returned.
    pub out: Option<Value>,
    /// The fault it raised last.
    pub error: Option<Value>,
    /// The order of its last change within the run.
    pub seq: u64,
    /// RFC 3339.
    pub started: String,
    /// RFC 3339.
    pub ended: Option<String>,
}

/// What became of one object.
#[derive(Debug, Clone, Serialize)]
pub struct ResourceRow {
    /// The run that dealt with it.
    pub run: String,
    /// The kind in OpenStack's words.
    pub kind: String,
    /// The object's name.
    pub name: String,
    /// The cloud it came from.
    pub source_cloud: String,
    /// Its id there.
    pub source_id: String,
    /// The cloud it went to.
    pub target_cloud: String,
    /// Its id there, once known.
    pub target_id: Option<String>,
    /// `done`, `adopted`, `skipped`, `failed` or `undone`.
    pub state: String,
    /// Why, where it was skipped or failed.
    pub reason: Option<String>,
    /// RFC 3339.
    pub updated: String,
}

/// Something told while a run went on.
#[derive(Debug, Clone, Serialize)]
pub struct EventRow {
    /// RFC 3339.
    pub at: String,
    /// `info`, `warn` or `error`.
    pub level: String,
    /// The step it belongs to.
    pub path: String,
    /// What was told.
    pub text: String,
}
