//! `moonferry runs`.

use serde_json::json;

use crate::api::fault;
use crate::journal::RunRow;
use crate::lua::fault::Fault;
use crate::ui::{Table, rows};

use super::context::Context;
use super::exit::Exit;

const EXAMPLES: &str = "\
Examples:
  moonferry runs
  moonferry runs --status failed
  moonferry runs -f json | jq -r '.runs[0].id'";

/// List the runs in the journal, the newest first
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Only runs that stand so
    #[arg(long, value_parser = ["running", "interrupted", "failed", "unwinding", "undone", "done"])]
    status: Option<String>,
}

/// Lists them.
pub async fn execute(context: &Context, args: Args) -> Result<Exit, Fault> {
    let mut runs = match context.history()? {
        Some(journal) => journal.runs().await.map_err(fault::journal)?,
        None => Vec::new(),
    };
    runs.retain(|run| args.status.as_ref().is_none_or(|status| run.status.as_str() == status));
    if context.json() {
        context.print_json(&json!({ "journal": context.journal, "runs": runs }))?;
        return Ok(Exit::Done);
    }
    if runs.is_empty() {
        context.terminal.note(&format!("no runs in {}", context.journal.display()));
        return Ok(Exit::Done);
    }
    let mut table = Table::new(["run", "workflow", "status", "began", "inputs"]).firm("run").firm("began");
    for run in &runs {
        table.row([run.id.clone(), workflow(run), run.status.to_string(), local(&run.created), inputs(run)]);
    }
    context.print_table(&table);
    Ok(Exit::Done)
}

/// A workflow of the site by its name, a file by its last part.
fn workflow(run: &RunRow) -> String {
    run.workflow.rsplit('/').next().unwrap_or(&run.workflow).to_owned()
}

/// What the operator gave: neither empty nor false.
fn inputs(run: &RunRow) -> String {
    let Some(map) = run.input.as_object() else { return String::new() };
    let given = map.iter().map(|(name, value)| (name, rows::cell(value)));
    let given = given.filter(|(_, value)| !matches!(value.as_str(), "" | "false"));
    given.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
}

/// A journal's time on the operator's clock.
pub fn local(time: &str) -> String {
    match time.parse::<jiff::Timestamp>() {
        Ok(time) => time.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        Err(_) => time.to_owned(),
    }
}
