//! `moonferry run`.

use crate::api::run::Start;
use crate::api::workflow::Mode;
use crate::lua::fault::Fault;
use crate::ui::Table;

use super::context::Context;
use super::exit::Exit;
use super::trailing::Words;
use super::{args, drive, inputs};

const EXAMPLES: &str = "\
Examples:
  moonferry run                                    lists the workflows
  moonferry run migrate --help                     shows the inputs of one
  moonferry run migrate --source old --target new --project web
  moonferry --site ~/sites/dc1 run ./our-move.lua  a Lua file of one's own";

/// Run a workflow, by its name or as a Lua file
///
/// What follows the workflow are its inputs; `moonferry run WORKFLOW --help` shows them. Global options may stand
/// anywhere. Without a workflow, lists them.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true, after_help = EXAMPLES, override_usage = "moonferry run [WORKFLOW [INPUTS]]")]
pub struct Args {
    /// The workflow, then its inputs as flags
    #[arg(value_name = "WORKFLOW [INPUTS]", trailing_var_arg = true, allow_hyphen_values = true)]
    pub words: Vec<String>,
}

/// Runs it.
pub async fn execute(context: &Context, words: Words) -> Result<Exit, Fault> {
    drive(context, words, Mode::Forward, "run").await
}

/// What `run` and `plan` share: the list, the help, the drive.
pub async fn drive(context: &Context, words: Words, mode: Mode, verb: &str) -> Result<Exit, Fault> {
    let Some(workflow) = words.workflow else {
        return if words.help { own_help(context, verb) } else { list(context, verb).await };
    };
    let drive = drive::prepare(context).await?;
    if words.help {
        let description = drive.driver.describe(&workflow).await?;
        let (width, style) = (context.terminal.width(), context.terminal.out());
        context.terminal.data(&inputs::help(&description, verb, width, style));
        return Ok(Exit::Done);
    }
    let ended = drive.driver.start(Start { workflow, flags: words.inputs, mode }).await;
    drive.finish(context, mode, ended)
}

fn own_help(context: &Context, verb: &str) -> Result<Exit, Fault> {
    let mut program = args::program();
    program.build();
    if let Some(command) = program.find_subcommand_mut(verb) {
        let help = command.render_long_help();
        let text = if context.terminal.out().color { help.ansi().to_string() } else { help.to_string() };
        context.terminal.data(text.trim_end());
    }
    Ok(Exit::Done)
}

async fn list(context: &Context, verb: &str) -> Result<Exit, Fault> {
    let drive = drive::prepare(context).await?;
    let workflows = drive.driver.workflows().await?;
    if context.json() {
        let list: Vec<_> =
            workflows.iter().map(|(name, summary)| serde_json::json!({ "name": name, "summary": summary })).collect();
        context.print_json(&serde_json::json!({ "workflows": list }))?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(["workflow", "what it does"]).firm("workflow");
    for (name, summary) in workflows {
        table.row([name, summary]);
    }
    context.print_table(&table);
    context.terminal.note(&format!("inputs of one: moonferry {verb} WORKFLOW --help"));
    Ok(Exit::Done)
}
