//! `moonferry undo`.

use crate::api::workflow::Mode;
use crate::lua::fault::Fault;

use super::context::Context;
use super::drive;
use super::exit::Exit;

const EXAMPLES: &str = "\
Examples:
  moonferry undo 06vq3k8m2d
  moonferry undo 06vq                        a unique beginning of the id will do";

/// Take back what a run made, the latest first
///
/// Deletes at the target what this run created there and starts at the source what it stopped. What was there before is
/// left alone. Ends with 4 when everything is taken back.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The run's id or its beginning
    run: String,
    /// Go on although scripts have changed since
    #[arg(long)]
    accept_changes: bool,
}

/// Undoes it.
pub async fn execute(context: &Context, args: Args) -> Result<Exit, Fault> {
    context.history_of(&args.run)?;
    let drive = drive::prepare(context).await?;
    let ended = drive.driver.undo(&args.run, args.accept_changes).await;
    drive.finish(context, Mode::Unwinding, ended)
}
