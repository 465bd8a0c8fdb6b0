//! `moonferry ids`.

use serde_json::json;

use crate::api::fault;
use crate::base::suggest;
use crate::journal::ResourceRow;
use crate::lua::fault::{Fault, Kind};
use crate::ui::Table;

use super::context::Context;
use super::exit::Exit;

const EXAMPLES: &str = "\
Examples:
  moonferry ids server
  moonferry ids -f json | jq -r '.ids[] | [.source_id, .target_id] | @tsv'";

/// Below this width the two ids take all there is.
const NARROW: u16 = 110;

/// List source id → target id over all runs
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Only objects of this kind: server, volume, network, …
    kind: Option<String>,
    /// Only this run's
    #[arg(long)]
    run: Option<String>,
}

impl Args {
    /// All objects of one kind.
    pub fn of_kind(kind: &str) -> Self {
        Self { kind: Some(kind.to_owned()), run: None }
    }
}

/// Lists them.
pub async fn execute(context: &Context, args: Args) -> Result<Exit, Fault> {
    let list = collect(context, &args).await?;
    if context.json() {
        context.print_json(&json!({ "ids": list }))?;
        return Ok(Exit::Done);
    }
    if list.is_empty() {
        context.terminal.note("no objects with an id at a target yet");
        return Ok(Exit::Done);
    }
    let narrow = context.terminal.width().is_some_and(|width| width < NARROW);
    let mut headings = vec!["kind", "name", "source id", "target id"];
    headings.extend(if narrow { &[][..] } else { &["result", "run"] });
    let mut table = Table::new(headings).firm("source id").firm("target id").firm("run");
    let none = String::new();
    for row in &list {
        let mut cells = vec![&row.kind, &row.name, &row.source_id, row.target_id.as_ref().unwrap_or(&none)];
        cells.extend(if narrow { vec![] } else { vec![&row.state, &row.run] });
        table.row(cells);
    }
    context.print_table(&table);
    Ok(Exit::Done)
}

/// What exists at the target because of a run, or was found there.
async fn collect(context: &Context, args: &Args) -> Result<Vec<ResourceRow>, Fault> {
    let journal = match (context.history()?, &args.run) {
        (Some(journal), _) => journal,
        (None, Some(run)) => context.history_of(run)?,
        (None, None) => return Ok(Vec::new()),
    };
    let run = match &args.run {
        Some(run) => Some(journal.run(run).await.map_err(fault::journal)?.id),
        None => None,
    };
    let mut list = journal.resources(run.as_deref(), None).await.map_err(fault::journal)?;
    if let Some(kind) = &args.kind {
        check(kind, &list)?;
        list.retain(|row| row.kind == *kind);
    }
    list.retain(|row| row.state != "undone" && row.target_id.as_deref().is_some_and(|id| !id.is_empty()));
    Ok(list)
}

/// Refuses a kind that is only nearly one, because an empty list would be believed.
fn check(kind: &str, list: &[ResourceRow]) -> Result<(), Fault> {
    let known: std::collections::BTreeSet<&str> = list.iter().map(|row| row.kind.as_str()).collect();
    if known.contains(kind) {
        return Ok(());
    }
    match suggest::did_you_mean(kind, known.iter().copied()) {
        Some(near) => {
            Err(Fault::new(Kind::Invalid, format!("no run has dealt with a '{kind}'; did you mean '{near}'?")))
        }
        None => Ok(()),
    }
}
