//! `moonferry show`.

use serde_json::{Value, json};

use crate::api::fault;
use crate::base::duration;
use crate::journal::{EventRow, ResourceRow, RunRow, StepRow};
use crate::lua::fault::Fault;
use crate::ui::{Table, outcome, rows};

use super::context::Context;
use super::exit::Exit;
use super::runs::local;

const EXAMPLES: &str = "\
Examples:
  moonferry show 06vq
  moonferry show 06vq --steps
  moonferry show 06vq -f json | jq '.resources[] | select(.state == \"failed\")'";

/// Show one run: where it stands, its objects, what it told, its steps
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The run's id or its beginning
    run: String,
    /// The steps too
    #[arg(long)]
    steps: bool,
}

/// Everything the journal has of one run.
struct Story {
    run: RunRow,
    resources: Vec<ResourceRow>,
    steps: Vec<StepRow>,
    events: Vec<EventRow>,
}

/// Shows it.
pub async fn execute(context: &Context, args: Args) -> Result<Exit, Fault> {
    let journal = context.history_of(&args.run)?;
    let run = journal.run(&args.run).await.map_err(fault::journal)?;
    let resources = journal.resources(Some(&run.id), None).await.map_err(fault::journal)?;
    let steps = journal.steps(&run.id).await.map_err(fault::journal)?;
    let events = journal.events(&run.id).await.map_err(fault::journal)?;
    let story = Story { run, resources, steps, events };
    if context.json() {
        let Story { run, resources, steps, events } = &story;
        context.print_json(&json!({ "run": run, "resources": resources, "steps": steps, "events": events }))?;
    } else {
        print(context, &story, args.steps);
    }
    Ok(Exit::Done)
}

fn print(context: &Context, story: &Story, steps: bool) {
    let (terminal, width, style) = (&context.terminal, context.terminal.width(), context.terminal.out());
    terminal.data(&rows::record(&header(&story.run), width, style));
    if !story.resources.is_empty() {
        terminal.data(&format!("\n{}", outcome::resources(&story.resources, true, width, style)));
    }
    if !story.events.is_empty() {
        let mut table = Table::new(["at", "level", "told"]).firm("at");
        for event in &story.events {
            table.row([local(&event.at), event.level.clone(), event.text.clone()]);
        }
        terminal.data(&format!("\n{}", table.render(width, style)));
    }
    let failed = |step: &&StepRow| steps || step.error.is_some();
    let mut table = Table::new(["step", "state", "tries", "took", "error"]);
    for step in story.steps.iter().filter(failed) {
        let error = step.error.as_ref().and_then(|error| error.get("message")).map(rows::cell).unwrap_or_default();
        table.row([step.key.clone(), step.state.to_string(), step.attempt.to_string(), took(step), error]);
    }
    if !table.is_empty() {
        terminal.data(&format!("\n{}", table.without_empty_columns().render(width, style)));
    }
    if !steps {
        terminal.note(&format!("{} steps in all; --steps lists them", story.steps.len()));
    }
    for line in outcome::next(&story.run.id, story.run.status, terminal.err()) {
        terminal.note(&line);
    }
}

fn header(run: &RunRow) -> serde_json::Map<String, Value> {
    let mut map = serde_json::Map::new();
    let mut put = |name: &str, value: Value| drop(map.insert(name.to_owned(), value));
    put("id", run.id.clone().into());
    put("workflow", run.workflow.clone().into());
    put("status", run.status.as_str().into());
    put("began", local(&run.created).into());
    put("last change", local(&run.updated).into());
    put("driven by", run.owner.clone().into());
    put("inputs", rows::cell(&run.input).into());
    if let Some(site) = &run.site {
        put("site", site.clone().into());
    }
    if let Some(error) = &run.error {
        put("error", error.get("message").cloned().unwrap_or_else(|| error.clone()));
        put("hint", error.get("hint").cloned().unwrap_or_default());
    }
    map
}

fn took(step: &StepRow) -> String {
    let read = |text: &str| text.parse::<jiff::Timestamp>().ok();
    let (Some(began), Some(ended)) = (read(&step.started), step.ended.as_deref().and_then(read)) else {
        return String::new();
    };
    duration::format(std::time::Duration::try_from(ended.duration_since(began)).unwrap_or_default())
}
