//! `moonferry resume`.

use crate::api::workflow::Mode;
use crate::lua::fault::Fault;

use super::context::Context;
use super::drive;
use super::exit::Exit;

const EXAMPLES: &str = "\
Examples:
  moonferry resume 06vq3k8m2d
  moonferry resume 06vq                      a unique beginning of the id will do
  moonferry resume 06vq --accept-changes     after mending a script of the site";

/// Go on with a run that failed, was interrupted or was killed
///
/// Steps that are done are not done again; of a step that was under way it is first asked whether it has happened.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The run's id or its beginning
    run: String,
    /// Go on although scripts have changed since
    #[arg(long)]
    accept_changes: bool,
}

/// Resumes it.
pub async fn execute(context: &Context, args: Args) -> Result<Exit, Fault> {
    context.history_of(&args.run)?;
    let drive = drive::prepare(context).await?;
    let ended = drive.driver.resume(&args.run, args.accept_changes).await;
    drive.finish(context, Mode::Forward, ended)
}
