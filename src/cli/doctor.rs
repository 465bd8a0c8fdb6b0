//! `moonferry doctor`.

mod cloud;
mod local;

use futures_util::future::join_all;
use serde::Serialize;
use serde_json::json;

use crate::base::suggest;
use crate::lua::fault::{Fault, Kind};
use crate::ui::Table;

use super::context::Context;
use super::exit::Exit;

const EXAMPLES: &str = "\
Examples:
  moonferry doctor                 this machine and every cloud of clouds.yaml
  moonferry doctor old new         only these clouds
  moonferry doctor -f json | jq '.checks[] | select(.state != \"ok\")'";

/// Check everything that must hold before a run, each with a remedy
///
/// Looks at clouds.yaml, the site, the journal, and asks each cloud who we are, what it offers and what time it is there.
/// Changes nothing. Ends with 1 when something fails.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The clouds to ask [default: all]
    clouds: Vec<String>,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Warning,
    Failed,
}

/// One thing that must hold.
#[derive(Debug, Serialize)]
struct Check {
    what: String,
    state: State,
    found: String,
    remedy: Option<String>,
}

impl Check {
    fn ok(what: impl Into<String>, found: impl Into<String>) -> Self {
        Self { what: what.into(), state: State::Ok, found: found.into(), remedy: None }
    }

    fn warning(what: impl Into<String>, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), state: State::Warning, found: found.into(), remedy: Some(remedy.into()) }
    }

    fn failed(what: impl Into<String>, found: impl Into<String>, remedy: Option<String>) -> Self {
        Self { what: what.into(), state: State::Failed, found: found.into(), remedy }
    }

    fn of(what: impl Into<String>, fault: &Fault) -> Self {
        let place = fault.frames.first().map(|frame| format!(" ({}:{})", frame.chunk, frame.line)).unwrap_or_default();
        Self::failed(what, format!("{}{place}", fault.message), fault.hint.clone())
    }
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
        }
    }
}

/// Checks everything.
pub async fn execute(context: &Context, args: Args) -> Result<Exit, Fault> {
    let mut checks = local::site(context).await;
    checks.extend(local::journal(context).await);
    // A site that cannot be read does not keep the clouds from being asked.
    let runtime = match context.runtime().await {
        Ok(runtime) => runtime,
        Err(_) => {
            std::sync::Arc::new(crate::api::runtime::Runtime::new(context.environment.clone(), Default::default()))
        }
    };
    match runtime.clouds() {
        Err(fault) => checks.push(Check::of("clouds.yaml", &fault)),
        Ok(clouds) => {
            checks.extend(local::clouds(clouds));
            let names = chosen(&args.clouds, &clouds.names())?;
            checks.extend(join_all(names.iter().map(|name| cloud::check(&runtime, name))).await.into_iter().flatten());
        }
    }
    print(context, &checks)?;
    let failed = checks.iter().any(|check| check.state == State::Failed);
    Ok(if failed { Exit::Failed } else { Exit::Done })
}

fn chosen(wanted: &[String], known: &[String]) -> Result<Vec<String>, Fault> {
    for name in wanted {
        if !known.contains(name) {
            let near = suggest::hint(name, known.iter().map(String::as_str));
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(Fault::new(Kind::NotFound, format!("no cloud is called '{name}'{near}"))
                .hint(format!("known clouds: {known}")));
        }
    }
    Ok(if wanted.is_empty() { known.to_vec() } else { wanted.to_vec() })
}

fn print(context: &Context, checks: &[Check]) -> Result<(), Fault> {
    if context.json() {
        return context.print_json(&json!({ "checks": checks }));
    }
    let mut table = Table::new(["what", "check", "found"]).firm("what").firm("check");
    for check in checks {
        table.row([check.what.as_str(), check.state.word(), &check.found]);
    }
    context.print_table(&table);
    let style = context.terminal.out();
    for check in checks {
        if let Some(remedy) = &check.remedy {
            context.terminal.data(&format!("\n{} {}", style.yellow(&format!("{}:", check.what)), remedy));
        }
    }
    Ok(())
}
