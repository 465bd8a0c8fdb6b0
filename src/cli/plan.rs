//! `moonferry plan`.

use crate::api::workflow::Mode;
use crate::lua::fault::Fault;

use super::context::Context;
use super::exit::Exit;
use super::run;
use super::trailing::Words;

const EXAMPLES: &str = "\
Examples:
  moonferry plan migrate --source old --target new --project web
  moonferry plan migrate --project web -f json | jq '.plan | length'
  moonferry -v plan migrate --project web          lists every call that a run would make";

/// Show what a run would do, changing nothing
///
/// Takes what `run` takes. Ends with 0 even when there is work to do.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true, after_help = EXAMPLES, override_usage = "moonferry plan [WORKFLOW [INPUTS]]")]
pub struct Args {
    /// The workflow, then its inputs as flags
    #[arg(value_name = "WORKFLOW [INPUTS]", trailing_var_arg = true, allow_hyphen_values = true)]
    pub words: Vec<String>,
}

/// Plans it.
pub async fn execute(context: &Context, words: Words) -> Result<Exit, Fault> {
    run::drive(context, words, Mode::Plan, "plan").await
}
