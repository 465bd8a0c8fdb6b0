//! The command line: arguments in, exit code out; one file per command.
//!
//! It is the only layer that reads the environment; everything below is given values. It decides nothing about clouds or
//! workflows. Decision: the inputs of a workflow are not clap's but the workflow's own, declared in Lua, so what follows
//! its name is passed on as it is, except for the global options.

mod args;
mod completions;
mod context;
mod demo;
mod discover;
mod doctor;
mod drive;
mod exit;
mod ids;
mod inputs;
mod interrupt;
mod logs;
mod plan;
mod repl;
mod resume;
mod run;
mod runs;
mod show;
mod surroundings;
mod trailing;
mod twin;
mod undo;

use std::process::ExitCode;
use std::sync::Arc;

use crate::lua::fault::Fault;
use crate::ui::{Terminal, error};

use args::{Command, Global};
use context::Context;
pub use exit::Exit;

/// Runs the program: reads the arguments, does what they say, reports what went wrong.
pub async fn main() -> ExitCode {
    let arguments = match args::parse(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(shown) => return ExitCode::from(shown.exit()),
    };
    let terminal = Arc::new(Terminal::detect(surroundings::wants_color(&arguments.global)));
    let exit = match dispatch(arguments.global, arguments.command, &terminal).await {
        Ok(exit) => exit,
        Err(fault) => {
            terminal.note(&error::render(&fault, terminal.err()));
            Exit::of(&fault)
        }
    };
    exit.into()
}

async fn dispatch(mut global: Global, command: Command, terminal: &Arc<Terminal>) -> Result<Exit, Fault> {
    let workflow = match &command {
        Command::Run(args) => Some(trailing::split(&args.words, &mut global)?),
        Command::Plan(args) => Some(trailing::split(&args.words, &mut global)?),
        _ => None,
    };
    let terminal = match workflow {
        Some(_) => &Arc::new(Terminal::detect(surroundings::wants_color(&global))),
        None => terminal,
    };
    let context = Context::new(global, terminal)?;
    match (command, workflow) {
        (Command::Run(_), Some(words)) => run::execute(&context, words).await,
        (Command::Plan(_), Some(words)) => plan::execute(&context, words).await,
        (Command::Run(_) | Command::Plan(_), None) => Ok(Exit::Usage),
        (Command::Resume(args), _) => resume::execute(&context, args).await,
        (Command::Undo(args), _) => undo::execute(&context, args).await,
        (Command::Runs(args), _) => runs::execute(&context, args).await,
        (Command::Show(args), _) => show::execute(&context, args).await,
        (Command::Ids(args), _) => ids::execute(&context, args).await,
        (Command::Discover(args), _) => discover::execute(&context, args).await,
        (Command::Doctor(args), _) => doctor::execute(&context, args).await,
        (Command::Repl(args), _) => repl::execute(&context, args).await,
        (Command::Twin(args), _) => twin::execute(&context, args).await,
        (Command::Demo(args), _) => demo::execute(&context, args).await,
        (Command::Completions(args), _) => completions::execute(&context, args),
    }
}
