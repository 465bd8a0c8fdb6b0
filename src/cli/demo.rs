//! `moonferry demo`.

use std::sync::Arc;

use crate::api::run::Start;
use crate::api::runtime::Runtime;
use crate::api::site::Site;
use crate::api::workflow::Mode;
use crate::journal::RunStatus;
use crate::lua::fault::Fault;
use crate::openstack::Environment;
use crate::twin::{Estate, Options, Release, Twin};
use crate::ui::Terminal;

use super::context::Context;
use super::drive;
use super::exit::Exit;
use super::twin::{Folder, clouds_yaml, fault, write};

/// See a project move: two twins, a real run, no configuration
///
/// Starts two simulated clouds inside this process, plans and runs the real migrate workflow from one to the other, and
/// shows what came of it. Needs nothing and leaves nothing behind.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// The clouds and the project of the demo.
const SOURCE: &str = "old";
const TARGET: &str = "new";
const PROJECT: &str = "shop";

/// Shows it.
pub async fn execute(context: &Context, _: Args) -> Result<Exit, Fault> {
    let terminal = &context.terminal;
    let folder = Folder::new(None)?;
    let start = |name: &str, release, estate: &Estate, seed| {
        let data = folder.path().join(name);
        Twin::start(Options { name: name.to_owned(), release, data, seed, ..Options::default() }, estate).map_err(fault)
    };
    say(terminal, "Two twins: simulated clouds of two releases, served by this program.");
    let twins =
        [start(SOURCE, Release::Zed, &Estate::small(), 1)?, start(TARGET, Release::Current, &Estate::empty(), 2)?];
    for (name, twin) in [SOURCE, TARGET].iter().zip(&twins) {
        terminal.note(&format!("  {name} at {}", twin.auth_url()));
    }
    let config = folder.path().join("clouds.yaml");
    write(&config, &clouds_yaml(&twins))?;
    let context = &inside(context, &folder, &config);

    if context.json() {
        // One object: that of the run.
        return command(context, "run", Mode::Forward).await;
    }
    let plan = command(context, "plan", Mode::Plan).await?;
    if plan != Exit::Done {
        return Ok(plan);
    }
    let run = command(context, "run", Mode::Forward).await?;
    show_ids(context).await?;
    if run == Exit::Done {
        say(
            terminal,
            "Every object was compared with its source, and what travelled by checksum; the source keeps its servers, stopped.",
        );
        terminal.note("The same on clouds that stay: `moonferry twin up`. On your own: `moonferry doctor`, then");
        terminal.note(
            "`moonferry plan migrate --source … --target … --project …`; `resume` and `undo` work after a crash, too.",
        );
    }
    Ok(run)
}

/// The same terminal, with a journal and a clouds.yaml that are gone afterwards.
fn inside(context: &Context, folder: &Folder, config: &std::path::Path) -> Context {
    let mut environment = Environment { cwd: folder.path().to_owned(), ..Environment::default() };
    environment.vars.insert("OS_CLIENT_CONFIG_FILE".into(), config.display().to_string());
    Context {
        terminal: Arc::clone(&context.terminal),
        format: context.format,
        verbose: context.verbose,
        environment,
        site: None,
        journal: folder.path().join("journal.db"),
        log: context.log.clone(),
    }
}

fn say(terminal: &Terminal, text: &str) {
    terminal.note(&format!("\n{}", terminal.err().bold(text)));
}

fn flags() -> Vec<String> {
    ["--source", SOURCE, "--target", TARGET, "--project", PROJECT].map(str::to_owned).to_vec()
}

async fn command(context: &Context, verb: &str, mode: Mode) -> Result<Exit, Fault> {
    say(&context.terminal, &format!("$ moonferry {verb} migrate {}", flags().join(" ")));
    let runtime = Arc::new(Runtime::new(context.environment.clone(), Site::default()));
    // The run's own plan has just been seen.
    let mut drive = drive::with_runtime(context, runtime, mode == Mode::Plan && !context.json());
    drive.lasting = false;
    let ended = drive.driver.start(Start { workflow: "migrate".into(), flags: flags(), mode }).await;
    let status = ended.as_ref().map_or(RunStatus::Failed, |outcome| outcome.status);
    let exit = drive.finish(context, mode, ended)?;
    Ok(if status == RunStatus::Done { Exit::Done } else { exit })
}

async fn show_ids(context: &Context) -> Result<(), Fault> {
    say(&context.terminal, "$ moonferry ids server");
    super::ids::execute(context, super::ids::Args::of_kind("server")).await.map(drop)
}
