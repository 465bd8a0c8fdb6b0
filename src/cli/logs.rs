//! Logging: to stderr as far as `-v` says, and into a file for each run.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::api::observer::{Event, Observer};
use crate::api::workflow::Mode;
use crate::ui::{Terminal, error};

/// What is kept until the run has an id and so a file; more than that is no start but a flood.
const EARLY: usize = 1 << 20;

/// The file of a run's log. What is logged before the run has an id waits for it.
#[derive(Clone, Default)]
pub struct RunLog(Arc<Mutex<Sink>>);

enum Sink {
    Waiting(Vec<u8>),
    Open(File),
}

impl Default for Sink {
    fn default() -> Self {
        Self::Waiting(Vec::new())
    }
}

impl RunLog {
    /// Begins to log; the second caller in one process only gets a handle that leads nowhere.
    pub fn install(terminal: &Arc<Terminal>, verbose: u8) -> Self {
        let log = Self::default();
        let file = fmt::layer().with_ansi(false).with_writer(log.clone()).with_filter(levels(LevelFilter::DEBUG));
        let level = match verbose {
            0 => LevelFilter::OFF,
            1 => LevelFilter::INFO,
            _ => LevelFilter::DEBUG,
        };
        let screen = fmt::layer()
            .with_ansi(terminal.err().color)
            .with_target(false)
            .with_writer(Screen(Arc::clone(terminal)))
            .with_filter(levels(level));
        let _ = tracing_subscriber::registry().with(file).with(screen).try_init();
        log
    }

    /// Gives the log its file.
    fn open(&self, folder: &Path, run: &str) -> io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join(format!("{run}.log"));
        let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
        let mut sink = self.lock();
        if let Sink::Waiting(early) = &*sink {
            file.write_all(early)?;
        }
        *sink = Sink::Open(file);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Sink> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ours in full, what others log only where it is a warning.
fn levels(ours: LevelFilter) -> Targets {
    let others = ours.min(LevelFilter::WARN);
    Targets::new().with_default(others).with_target("moonferry", ours).with_target("script", ours)
}

impl Write for &RunLog {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        match &mut *self.lock() {
            Sink::Waiting(early) if early.len() < EARLY => early.extend_from_slice(text),
            Sink::Waiting(_) => {}
            Sink::Open(file) => return file.write(text),
        }
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for RunLog {
    type Writer = &'a RunLog;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

/// Stderr, so that a log line never lands in the middle of the progress.
struct Screen(Arc<Terminal>);

impl Write for &Screen {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.note(String::from_utf8_lossy(text).trim_end());
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Screen {
    type Writer = &'a Screen;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

/// Logs what happens in a run, and passes it on.
pub struct Logging {
    /// Who else is told.
    pub next: Arc<dyn Observer>,
    /// The run's log.
    pub log: RunLog,
    /// Where its file goes.
    pub folder: std::path::PathBuf,
}

impl Observer for Logging {
    fn event(&self, event: Event<'_>) {
        if let Event::Run { run, mode, .. } = &event
            && *mode != Mode::Plan
            && let Err(cause) = self.log.open(&self.folder, run)
        {
            tracing::warn!("the log {} cannot be written: {cause}", self.folder.display());
        }
        record(&event);
        self.next.event(event);
    }
}

/// Whom the log names as the source of a run's events.
const RUN: &str = "moonferry::run";

fn record(event: &Event<'_>) {
    match event {
        Event::Run { run, workflow, mode } => tracing::info!(target: RUN, "run {run} of {workflow}: {mode:?}"),
        Event::StepStarted { key, attempt } => tracing::debug!(target: RUN, "step {key} begins, attempt {attempt}"),
        Event::StepDone { key } => tracing::debug!(target: RUN, "step {key} done"),
        Event::StepFound { key } => tracing::info!(target: RUN, "step {key} had happened"),
        Event::StepFailed { key, fault } => {
            tracing::warn!(target: RUN, "step {key} failed: {}", error::headline(fault))
        }
        Event::Undoing { key } => tracing::info!(target: RUN, "undoing step {key}"),
        Event::Resource { row } => tracing::info!(target: RUN, "{} {} {}{}",
            row.state,
            row.kind,
            row.name,
            row.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default()
        ),
        Event::Planned { line } => tracing::debug!(target: RUN, "would call {} on {}", line.binding, line.target),
        Event::Told { level, path, text } => tracing::info!(target: RUN, "{level} {path}: {text}"),
        Event::Expected { objects } => tracing::debug!(target: RUN, "{} objects are to be dealt with", objects.len()),
        Event::Progress { .. } | Event::Table { .. } => {}
    }
}
