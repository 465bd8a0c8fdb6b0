//! `moonferry discover`.

use crate::api::run::Start;
use crate::api::workflow::Mode;
use crate::lua::fault::Fault;
use crate::ui::{error, rows};

use super::context::Context;
use super::drive;
use super::exit::Exit;

const EXAMPLES: &str = "\
Examples:
  moonferry discover old
  moonferry discover old -f json > old.json
  moonferry discover old --object server=web-1     what one object needs";

/// Show what a cloud holds: services, endpoints, resources, the dependency tree of an object
///
/// It only reads, and is not kept in the journal.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, override_usage = "moonferry discover CLOUD [INPUTS]")]
pub struct Args {
    /// The cloud, as clouds.yaml calls it
    cloud: String,
    /// Inputs of the discover workflow; `moonferry run discover --help` shows them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    inputs: Vec<String>,
}

/// Discovers it. As a plan, because a plan can only read and leaves nothing in the journal.
pub async fn execute(context: &Context, args: Args) -> Result<Exit, Fault> {
    let drive = drive::prepare(context).await?;
    let mut flags = vec!["--cloud".to_owned(), args.cloud];
    flags.extend(args.inputs);
    let ended = drive.driver.start(Start { workflow: "discover".into(), flags, mode: Mode::Plan }).await;
    drive.reporter.finish();
    let outcome = ended?;
    if let Some(fault) = &outcome.fault {
        context.terminal.note(&error::render(fault, context.terminal.err()));
        return Ok(Exit::of(fault));
    }
    if context.json() {
        context.print_json(&outcome.result)?;
    } else if drive.reporter.tables().is_empty() {
        let (width, style) = (context.terminal.width(), context.terminal.out());
        context.terminal.data(&rows::render(&outcome.result, width, style));
    }
    Ok(Exit::Done)
}
