//! The task-local scope that every binding reads: who may stop it, until when, and who is asked before a write.

use std::any::Any;
use std::future::Future;
use std::sync::Arc;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::fault::{Fault, Kind};

tokio::task_local! {
    static SCOPE: Scope;
}

/// What holds for the code running now; `parallel`, `timeout` and `shield` run their functions in a changed copy.
#[derive(Clone)]
pub struct Scope {
    /// Stops everything in this scope and in those below it.
    pub cancel: CancellationToken,
    /// The instant after which waiting raises `timeout`.
    pub deadline: Option<Instant>,
    /// Where in the run this is, for logs.
    pub path: Arc<str>,
    /// Asked before every write.
    pub gate: Arc<dyn Gate>,
    /// State of the layer above: the workflow engine's own.
    pub extension: Option<Arc<dyn Any + Send + Sync>>,
}

impl Scope {
    /// Makes the outermost scope: no deadline, an empty path, every write allowed.
    pub fn root(cancel: CancellationToken) -> Self {
        Self { cancel, deadline: None, path: Arc::from(""), gate: Arc::new(Free), extension: None }
    }

    /// Makes a scope below this one that can be stopped on its own.
    pub fn child(&self) -> Self {
        Self { cancel: self.cancel.child_token(), ..self.clone() }
    }

    /// Fails where this scope was cancelled or its time is over.
    pub fn check(&self) -> Result<(), Fault> {
        if self.cancel.is_cancelled() {
            return Err(cancelled());
        }
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(overdue()),
            _ => Ok(()),
        }
    }

    /// Waits until this scope is cancelled or its time is over, and says which.
    pub async fn ended(&self) -> Fault {
        let expired = async {
            match self.deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => cancelled(),
            () = expired => overdue(),
        }
    }
}

impl Default for Scope {
    fn default() -> Self {
        Self::root(CancellationToken::new())
    }
}

/// Returns the scope of the running code, or a root scope that nobody cancels where there is none.
pub fn current() -> Scope {
    SCOPE.try_with(Clone::clone).unwrap_or_default()
}

/// Looks at the scope of the running code without cloning it; `None` outside of any.
pub(crate) fn peek<T>(look: impl FnOnce(&Scope) -> T) -> Option<T> {
    SCOPE.try_with(look).ok()
}

/// Runs a future in a scope.
pub async fn with<F: Future>(scope: Scope, future: F) -> F::Output {
    SCOPE.scope(scope, future).await
}

/// Decides about writes: the workflow engine refuses them outside a step, a dry run only records them.
pub trait Gate: Send + Sync {
    /// Asked by every binding that writes, before it does.
    fn write(&self, what: &Write) -> Result<Permit, Fault>;
}

/// A write that is about to happen.
#[derive(Debug, Clone, PartialEq)]
pub struct Write {
    /// The binding: `server:stop`.
    pub binding: String,
    /// The object: `old server web-1`.
    pub target: String,
    /// The arguments, for a plan line.
    pub detail: serde_json::Value,
}

/// The gate's answer to a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permit {
    /// Do it.
    Do,
    /// A dry run: the gate has recorded a plan line, and nothing is to be done.
    Pretend,
}

/// The gate of plain scripts: every write is done.
#[derive(Debug, Clone, Copy)]
pub struct Free;

impl Gate for Free {
    fn write(&self, _: &Write) -> Result<Permit, Fault> {
        Ok(Permit::Do)
    }
}

fn cancelled() -> Fault {
    Fault::new(Kind::Cancelled, "cancelled")
}

/// The text of a deadline that passed; `timeout` replaces it by one that names its duration.
pub(crate) const OVERDUE: &str = "the time allowed is over";

fn overdue() -> Fault {
    Fault::new(Kind::Timeout, OVERDUE)
}
