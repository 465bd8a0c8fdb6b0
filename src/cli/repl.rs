//! `moonferry repl`.

use std::io::IsTerminal;

use crate::lua::fault::Fault;
use crate::repl;

use super::context::Context;
use super::exit::Exit;
use super::{drive, surroundings};

const EXAMPLES: &str = "\
Examples:
  moonferry repl old                          `old` and `c` are the cloud
  > c.compute:servers{ all_projects = true }  a list is shown as a table
  > srv = c.compute:server \"web-1\"            by id or name; every call may wait
  > srv:stop()                                this is the real cloud: it stops
  > for s in c.compute:servers() do print(s.name, s.host) end
  echo 'c.compute:servers():count()' | moonferry repl old";

/// Evaluate Lua against your clouds, line by line
///
/// The last value is `_`; local variables stay; Ctrl-C ends only the evaluation, Ctrl-D the session. Lines that begin
/// with a space are not kept in the history. Without a terminal, reads from stdin and ends at the first error.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The cloud to begin with [default: the only one, or OS_CLOUD]
    cloud: Option<String>,
}

/// Begins the session.
pub async fn execute(context: &Context, args: Args) -> Result<Exit, Fault> {
    let settings = repl::Settings {
        runtime: context.runtime().await?,
        terminal: context.terminal.clone(),
        print: drive::print(&context.terminal, false),
        cloud: args.cloud,
        history: surroundings::state().ok().map(|state| state.join("history")),
    };
    let session = repl::begin(&settings).await?;
    let ended = if std::io::stdin().is_terminal() {
        repl::converse(&settings, session).await?
    } else {
        repl::read(&settings, &session).await
    };
    Ok(if ended { Exit::Done } else { Exit::Failed })
}
