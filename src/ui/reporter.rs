//! Shows a run as it goes: lines drawn anew on a terminal, plain timestamped lines anywhere else.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use crate::api::observer::{Event, Observer};
use crate::api::workflow::Mode;
use crate::journal::ResourceRow;

use super::rows;
use super::style::Style;
use super::tally::Tally;
use super::terminal::Terminal;
use super::{error, lines};

const TICK: Duration = Duration::from_millis(120);
/// How often a file or a pipe is told how far things are.
const SELDOM: Duration = Duration::from_secs(5);

/// The observer of the terminal.
pub struct Reporter {
    terminal: Arc<Terminal>,
    state: Arc<Mutex<State>>,
    /// Whether tables go to stdout as they come; with JSON they wait for the end.
    tables_now: bool,
    stop: Arc<AtomicBool>,
    drawer: Mutex<Option<JoinHandle<()>>>,
}

struct State {
    tally: Tally,
    tables: Vec<(String, Value)>,
    resources: Vec<ResourceRow>,
    mode: Mode,
    told: Instant,
    run: Option<String>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Reporter {
    /// Begins to show; `tables_now` is false where stdout is for one JSON object.
    pub fn new(terminal: &Arc<Terminal>, tables_now: bool) -> Arc<Self> {
        let now = Instant::now();
        let state = Arc::new(Mutex::new(State {
            tally: Tally::new(now),
            tables: Vec::new(),
            resources: Vec::new(),
            mode: Mode::Forward,
            told: now,
            run: None,
        }));
        let stop = Arc::new(AtomicBool::new(false));
        let drawer = draw(Arc::clone(terminal), Arc::clone(&state), Arc::clone(&stop));
        Arc::new(Self { terminal: Arc::clone(terminal), state, tables_now, stop, drawer: Mutex::new(drawer) })
    }

    /// Ends the drawing and clears its lines.
    pub fn finish(&self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(drawer) = lock(&self.drawer).take() {
            let _ = drawer.join();
        }
    }

    /// The steps that run now, by name.
    pub fn running(&self) -> Vec<String> {
        let state = lock(&self.state);
        state.tally.running().iter().map(|step| state.tally.name(&step.key)).collect()
    }

    /// The tables shown so far.
    pub fn tables(&self) -> Vec<(String, Value)> {
        lock(&self.state).tables.clone()
    }

    /// What became of each object, as reported; the latest word on each.
    pub fn resources(&self) -> Vec<ResourceRow> {
        lock(&self.state).resources.clone()
    }

    /// True where no step has come to its end, so that nothing was changed.
    pub fn untouched(&self) -> bool {
        lock(&self.state).tally.ended == 0
    }

    /// How long the run has taken.
    pub fn elapsed(&self) -> Duration {
        lock(&self.state).tally.began.elapsed()
    }

    /// The id of the run, once it has begun.
    pub fn run(&self) -> Option<String> {
        lock(&self.state).run.clone()
    }

    fn keep(state: &mut State, row: &ResourceRow) {
        let same = |known: &&mut ResourceRow| known.kind == row.kind && known.source_id == row.source_id;
        match state.resources.iter_mut().rev().find(same) {
            Some(known) => *known = row.clone(),
            None => state.resources.push(row.clone()),
        }
    }

    fn show(&self, title: &str, rows: &Value) {
        let style = self.terminal.out();
        let heading = if title.is_empty() { String::new() } else { format!("{}\n", style.bold(title)) };
        self.terminal.data(&format!("{heading}{}\n", rows::render(rows, self.terminal.width(), style)));
    }

    /// One line on stderr; with the time where it may be read later, from a file.
    fn line(&self, text: &str) {
        self.terminal.note(&if self.terminal.live() { text.to_owned() } else { stamped(text) });
    }

    fn seldom(&self) {
        let mut state = lock(&self.state);
        if self.terminal.live() || state.told.elapsed() < SELDOM {
            return;
        }
        state.told = Instant::now();
        let text = overview(&state.tally);
        drop(state);
        self.line(&text);
    }
}

impl Observer for Reporter {
    fn event(&self, event: Event<'_>) {
        let mut state = lock(&self.state);
        state.tally.apply(&event, Instant::now());
        match &event {
            Event::Run { run, mode, .. } => {
                state.mode = *mode;
                state.run = (*mode != Mode::Plan).then(|| (*run).to_owned());
            }
            Event::Table { title, rows } => state.tables.push(((*title).to_owned(), (*rows).clone())),
            Event::Resource { row } => Self::keep(&mut state, row),
            _ => {}
        }
        let mode = state.mode;
        let name = match &event {
            Event::Undoing { key } | Event::StepFailed { key, .. } => state.tally.name(key),
            _ => String::new(),
        };
        drop(state);
        let style = self.terminal.err();
        match &event {
            Event::Table { title, rows } if self.tables_now => self.show(title, rows),
            Event::Told { level, text, .. } => self.line(&told(level, text, style)),
            Event::Run { run, workflow, mode } if !self.terminal.live() && *mode != Mode::Plan => {
                self.line(&opening(run, workflow, *mode))
            }
            Event::Resource { row } if mode != Mode::Plan && !self.terminal.live() => {
                self.line(&resource(row, style));
            }
            Event::Undoing { .. } if !self.terminal.live() => self.line(&format!("undoing {name}")),
            Event::StepFailed { fault, .. } if mode != Mode::Plan => {
                self.line(&format!("{} {name}: {}", style.yellow("step failed:"), error::headline(fault)));
            }
            Event::Progress { .. } | Event::StepStarted { .. } => self.seldom(),
            _ => {}
        }
    }
}

fn opening(run: &str, workflow: &str, mode: Mode) -> String {
    let verb = if mode == Mode::Unwinding { "undoing " } else { "" };
    format!("run {run}: {verb}{workflow}")
}

fn told(level: &str, text: &str, style: Style) -> String {
    match level {
        "warn" => format!("{} {text}", style.yellow("warning:")),
        "error" => format!("{} {text}", style.red("error:")),
        _ => text.to_owned(),
    }
}

/// What became of an object, in one line.
fn resource(row: &ResourceRow, style: Style) -> String {
    let mut text = format!("{} {} {}", style.state(&row.state), row.kind, row.name);
    if let Some(target) = row.target_id.as_deref().filter(|id| !id.is_empty()) {
        text += &format!(" → {target}");
    }
    if let Some(reason) = row.reason.as_deref().filter(|reason| !reason.is_empty()) {
        text += &format!(" ({reason})");
    }
    text
}

/// How things stand, in one line for a log.
fn overview(tally: &Tally) -> String {
    let mut text = lines::summary(tally);
    let transfers: Vec<_> = tally.running().iter().filter(|step| step.transfers()).collect();
    match transfers.as_slice() {
        [] => text += &format!("; {} steps running", tally.running().len()),
        [one] => text += &format!("; {}: {}", tally.name(&one.key), lines::transferred(one)),
        many => {
            let (done, total) = tally.bytes();
            let (done, total) = (crate::base::size::format(done), crate::base::size::format(total));
            text += &format!("; {} transfers: {done} of {total}", many.len());
        }
    }
    text
}

fn stamped(text: &str) -> String {
    format!("{} {text}", jiff::Zoned::now().strftime("%H:%M:%S"))
}

/// Starts the thread that draws, where there is a terminal to draw on.
fn draw(terminal: Arc<Terminal>, state: Arc<Mutex<State>>, stop: Arc<AtomicBool>) -> Option<JoinHandle<()>> {
    if !terminal.live() {
        return None;
    }
    let work = move || {
        let style = ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
        let mut bars: Vec<ProgressBar> = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            std::thread::sleep(TICK);
            let shown = {
                let state = lock(&state);
                // Before the run has begun there is nothing to say.
                if state.tally.title.is_empty() {
                    continue;
                }
                lines::live(&state.tally, Instant::now(), terminal.live_width(), terminal.err())
            };
            while bars.len() > shown.len() {
                if let Some(bar) = bars.pop() {
                    bar.finish_and_clear();
                    terminal.progress().remove(&bar);
                }
            }
            while bars.len() < shown.len() {
                bars.push(terminal.progress().add(ProgressBar::new_spinner().with_style(style.clone())));
            }
            bars.iter().zip(shown).for_each(|(bar, text)| bar.set_message(text));
        }
        bars.iter().for_each(ProgressBar::finish_and_clear);
        let _ = terminal.progress().clear();
    };
    std::thread::Builder::new().name("progress".into()).spawn(work).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_one_line() {
        let mut row = ResourceRow {
            run: "r".into(),
            kind: "server".into(),
            name: "web-1".into(),
            source_cloud: "old".into(),
            source_id: "s1".into(),
            target_cloud: "new".into(),
            target_id: Some("t1".into()),
            state: "done".into(),
            reason: None,
            updated: String::new(),
        };
        assert_eq!(resource(&row, Style::PLAIN), "done server web-1 → t1");
        (row.state, row.target_id, row.reason) = ("failed".into(), None, Some("quota: no cores left".into()));
        assert_eq!(resource(&row, Style::PLAIN), "failed server web-1 (quota: no cores left)");
    }

    #[test]
    fn many_transfers_are_summed_up() {
        let now = Instant::now();
        let mut tally = Tally::new(now);
        for key in ["a/copy", "b/copy"] {
            tally.apply(&Event::StepStarted { key, attempt: 1 }, now);
            tally.apply(&Event::Progress { key, done: 1 << 30, total: Some(4 << 30) }, now);
        }
        assert_eq!(overview(&tally), "0 objects; 2 transfers: 2.0 GiB of 8.0 GiB");
    }
}
