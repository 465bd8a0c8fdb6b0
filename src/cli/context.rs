//! What every command is given: the global options, resolved.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use crate::api::fault;
use crate::api::runtime::Runtime;
use crate::api::site::Site;
use crate::journal::Journal;
use crate::lua::fault::{Fault, Kind};
use crate::openstack::Environment;
use crate::ui::{Table, Terminal};

use super::args::{Format, Global};
use super::logs::RunLog;
use super::surroundings;

/// The surroundings of one command.
pub struct Context {
    /// Where output goes.
    pub terminal: Arc<Terminal>,
    /// How data is printed.
    pub format: Format,
    /// How much is logged to stderr.
    pub verbose: u8,
    /// The environment variables and folders.
    pub environment: Environment,
    /// The site directory, where there is one.
    pub site: Option<PathBuf>,
    /// The journal's file.
    pub journal: PathBuf,
    /// The log of the run, once there is one.
    pub log: RunLog,
}

impl Context {
    /// Resolves the global options and begins to log.
    pub fn new(global: Global, terminal: &Arc<Terminal>) -> Result<Self, Fault> {
        let site = surroundings::site(&global)?;
        let journal = surroundings::journal(&global, site.as_deref())?;
        let log = RunLog::install(terminal, global.verbose);
        Ok(Self {
            terminal: Arc::clone(terminal),
            format: global.format,
            verbose: global.verbose,
            environment: surroundings::environment(),
            site,
            journal,
            log,
        })
    }

    /// Reads the site and makes what scripts share.
    pub async fn runtime(&self) -> Result<Arc<Runtime>, Fault> {
        let site = match &self.site {
            Some(directory) => Site::load(directory).await?,
            None => Site::default(),
        };
        Ok(Arc::new(Runtime::new(self.environment.clone(), site)))
    }

    /// Opens the journal to read; one that does not exist yet is not made.
    pub fn history(&self) -> Result<Option<Journal>, Fault> {
        if !self.journal.exists() {
            return Ok(None);
        }
        Journal::open(&self.journal).map(Some).map_err(fault::journal)
    }

    /// Opens the journal to read a run in it.
    pub fn history_of(&self, run: &str) -> Result<Journal, Fault> {
        self.history()?.ok_or_else(|| {
            Fault::new(Kind::NotFound, format!("no run '{run}': there is no journal at {}", self.journal.display()))
                .hint("give the journal it is in with --journal, or the site with --site")
        })
    }

    /// The folder of the run logs, beside the journal.
    pub fn logs(&self) -> PathBuf {
        self.journal.parent().unwrap_or(Path::new("")).join("logs")
    }

    /// True where stdout is for one JSON object.
    pub fn json(&self) -> bool {
        self.format == Format::Json
    }

    /// Prints the one JSON object of a command.
    pub fn print_json(&self, value: &impl Serialize) -> Result<(), Fault> {
        let text = serde_json::to_string_pretty(value)
            .map_err(|error| Fault::new(Kind::Invalid, format!("the result cannot be written as JSON: {error}")))?;
        self.terminal.data(&text);
        Ok(())
    }

    /// Prints a table fitted to stdout.
    pub fn print_table(&self, table: &Table) {
        self.terminal.data(&table.render(self.terminal.width(), self.terminal.out()));
    }
}
