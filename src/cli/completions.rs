//! `moonferry completions`.

use clap_complete::Shell;

use crate::lua::fault::Fault;

use super::args;
use super::context::Context;
use super::exit::Exit;

const EXAMPLES: &str = "\
Examples:
  moonferry completions bash > /etc/bash_completion.d/moonferry
  moonferry completions fish > ~/.config/fish/completions/moonferry.fish";

/// Print the completions for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The shell
    shell: Shell,
}

/// Prints them.
pub fn execute(context: &Context, args: Args) -> Result<Exit, Fault> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut args::program(), "moonferry", &mut text);
    context.terminal.data(String::from_utf8_lossy(&text).trim_end());
    Ok(Exit::Done)
}
