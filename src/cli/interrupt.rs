//! Ctrl-C: the first asks the run to stop, the second says what is still going on, the third ends at once.

use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::ui::{Reporter, Terminal};

use super::exit::Exit;

/// Watches for Ctrl-C and SIGTERM until dropped.
pub struct Watch {
    task: JoinHandle<()>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Begins to watch; `cancel` is what the first signal triggers.
pub fn watch(terminal: &Arc<Terminal>, reporter: Option<&Arc<Reporter>>, cancel: &CancellationToken) -> Watch {
    let (terminal, reporter, cancel) = (Arc::clone(terminal), reporter.map(Arc::clone), cancel.clone());
    let task = tokio::spawn(async move {
        let (Ok(mut ctrl_c), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            return;
        };
        let mut times = 0u32;
        loop {
            tokio::select! {
                _ = ctrl_c.recv() => {}
                _ = terminate.recv() => {}
            }
            times += 1;
            match times {
                1 => {
                    terminal.note("stopping: what runs is cleaned up (again shows what; three times ends at once)");
                    cancel.cancel();
                }
                2 => terminal.note(&still_running(reporter.as_deref())),
                _ => leave(&terminal, reporter.as_deref()),
            }
        }
    });
    Watch { task }
}

fn still_running(reporter: Option<&Reporter>) -> String {
    let steps = reporter.map(Reporter::running).unwrap_or_default();
    if steps.is_empty() {
        return "no step is running; waiting for the script to end".into();
    }
    format!("still being cleaned up:\n  {}", steps.join("\n  "))
}

/// Ends the process as a kill would: the journal is made for that.
#[expect(clippy::disallowed_methods, reason = "the operator asked three times; clean-up is what they do not want")]
fn leave(terminal: &Terminal, reporter: Option<&Reporter>) {
    let run = reporter.and_then(Reporter::run);
    let remedy = run.map(|run| format!("; `moonferry resume {run}` goes on")).unwrap_or_default();
    terminal.note(&format!("ended at once{remedy}"));
    std::process::exit(Exit::Interrupted as i32);
}
