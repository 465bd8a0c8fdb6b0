//! The arguments, as clap reads them.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, Args, ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use super::{completions, demo, discover, doctor, ids, plan, repl, resume, run, runs, show, twin, undo};

/// Moves OpenStack workloads between clouds by Lua workflows.
#[derive(Debug, Parser)]
#[command(name = "moonferry", version, arg_required_else_help = true)]
#[command(after_help = "Start with `moonferry demo`; then `moonferry doctor` for your own clouds.")]
pub struct Arguments {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The options of every command.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The site directory [default: the nearest parent that holds site.lua]
    #[arg(long, global = true, value_name = "DIR")]
    pub site: Option<PathBuf>,
    /// The journal, a path or sqlite:PATH [default: .moonferry/journal.db of the site, or of the user's state folder]
    #[arg(long, global = true, value_name = "URL")]
    pub journal: Option<String>,
    /// How to print data
    #[arg(short, long, global = true, value_name = "FORMAT", default_value = "table", hide_default_value = true)]
    pub format: Format,
    /// Logs to stderr; twice for every request
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// No colours; NO_COLOR does the same
    #[arg(long, global = true)]
    pub no_color: bool,
}

/// How data is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Tables fitted to the terminal.
    #[default]
    Table,
    /// One JSON object.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    Demo(demo::Args),
    Run(run::Args),
    Plan(plan::Args),
    Resume(resume::Args),
    Undo(undo::Args),
    Runs(runs::Args),
    Show(show::Args),
    Ids(ids::Args),
    Discover(discover::Args),
    Doctor(doctor::Args),
    Repl(repl::Args),
    Twin(twin::Args),
    Completions(completions::Args),
}

/// Help, the version or a usage error: printed, with the code to end with.
pub struct Shown(clap::Error);

impl Shown {
    /// Prints it and returns the exit code.
    pub fn exit(&self) -> u8 {
        let _ = self.0.print();
        u8::try_from(self.0.exit_code()).unwrap_or(2)
    }
}

/// Reads the arguments.
pub fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Arguments, Shown> {
    let arguments: Vec<OsString> = arguments.collect();
    let plain = arguments.iter().any(|argument| argument == "--no-color");
    let color = if plain { ColorChoice::Never } else { ColorChoice::Auto };
    let matches = Arguments::command().color(color).try_get_matches_from(arguments).map_err(Shown)?;
    Arguments::from_arg_matches(&matches).map_err(Shown)
}

/// The program as clap knows it, for completions and help.
pub fn program() -> clap::Command {
    Arguments::command()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let arguments = parse(text.split(' ').map(OsString::from)).unwrap_or_else(|_| panic!("{text}"));
        match arguments.command {
            Command::Run(args) => args.words,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_declarations_are_consistent() {
        program().debug_assert();
    }

    #[test]
    fn what_follows_the_workflow_is_left_alone() {
        assert_eq!(
            words("moonferry run migrate --source old -x --help"),
            ["migrate", "--source", "old", "-x", "--help"]
        );
        assert_eq!(words("moonferry --site s run migrate -f json"), ["migrate", "-f", "json"]);
        assert_eq!(words("moonferry run --no-color migrate --a b"), ["migrate", "--a", "b"]);
        assert_eq!(words("moonferry run --help"), ["--help"]);
    }
}
