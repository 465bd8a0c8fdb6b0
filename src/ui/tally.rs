//! What a run has come to so far, kept from the events it reports.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use crate::api::observer::Event;

/// How far back a rate looks: long enough to be calm, short enough to follow a stalled link.
const WINDOW: Duration = Duration::from_secs(10);

/// A step that runs now.
#[derive(Debug)]
pub struct Step {
    /// Its name path.
    pub key: String,
    /// When it began.
    pub began: Instant,
    /// Bytes done, once it reports any.
    pub done: u64,
    /// Bytes in all, where known.
    pub total: Option<u64>,
    samples: VecDeque<(Instant, u64)>,
}

/// Objects by what became of them, and the steps that run.
#[derive(Debug)]
pub struct Tally {
    /// When the run began.
    pub began: Instant,
    /// The workflow and the run's id, once known.
    pub title: String,
    /// How many objects are to be dealt with, where the workflow has said so.
    pub expected: usize,
    /// Steps taken back so far.
    pub undone: usize,
    /// Steps that came to their end.
    pub ended: usize,
    labels: BTreeMap<String, String>,
    objects: BTreeMap<(String, String), String>,
    running: Vec<Step>,
}

impl Step {
    fn new(key: &str, now: Instant) -> Self {
        Self { key: key.to_owned(), began: now, done: 0, total: None, samples: VecDeque::new() }
    }

    /// True where it moves bytes.
    pub fn transfers(&self) -> bool {
        !self.samples.is_empty()
    }

    /// Bytes per second over the last seconds.
    pub fn rate(&self) -> Option<f64> {
        let (first, last) = (self.samples.front()?, self.samples.back()?);
        let seconds = last.0.duration_since(first.0).as_secs_f64();
        (seconds > 0.2).then(|| last.1.saturating_sub(first.1) as f64 / seconds)
    }

    /// The time until it is done, at this rate.
    pub fn left(&self) -> Option<Duration> {
        let rate = self.rate().filter(|rate| *rate > 0.0)?;
        Duration::try_from_secs_f64(self.total?.saturating_sub(self.done) as f64 / rate).ok()
    }

    fn progress(&mut self, done: u64, total: Option<u64>, now: Instant) {
        (self.done, self.total) = (done, total.or(self.total));
        self.samples.push_back((now, done));
        while self.samples.len() > 2 && self.samples.front().is_some_and(|(at, _)| now.duration_since(*at) > WINDOW) {
            self.samples.pop_front();
        }
    }
}

impl Tally {
    /// Begins to count.
    pub fn new(now: Instant) -> Self {
        Self {
            began: now,
            title: String::new(),
            expected: 0,
            undone: 0,
            ended: 0,
            labels: BTreeMap::new(),
            objects: BTreeMap::new(),
            running: Vec::new(),
        }
    }

    /// Takes an event into account.
    pub fn apply(&mut self, event: &Event<'_>, now: Instant) {
        match event {
            Event::Expected { objects } => {
                self.expected += objects.len();
                self.labels.extend(objects.iter().cloned());
            }
            Event::Run { run, workflow, .. } => self.title = format!("{workflow} {run}"),
            Event::StepStarted { key, .. } => {
                self.end(key);
                self.running.push(Step::new(key, now));
            }
            Event::StepDone { key } | Event::StepFound { key } => {
                self.ended += 1;
                self.end(key);
            }
            Event::StepFailed { key, .. } => self.end(key),
            Event::Progress { key, done, total } => {
                if let Some(step) = self.running.iter_mut().find(|step| step.key == *key) {
                    step.progress(*done, *total, now);
                }
            }
            // Steps are undone one after the other, so the next one's begin is the last one's end.
            Event::Undoing { key } => {
                self.undone += self.running.len();
                self.running = vec![Step::new(key, now)];
            }
            Event::Resource { row } => {
                self.objects.insert((row.kind.clone(), row.source_id.clone()), row.state.clone());
            }
            Event::Planned { .. } | Event::Table { .. } | Event::Told { .. } => {}
        }
    }

    fn end(&mut self, key: &str) {
        self.running.retain(|step| step.key != key);
    }

    /// How the operator knows a step: `server web-1: boot` where its path begins with an id.
    pub fn name(&self, key: &str) -> String {
        let mut ends = key.match_indices('/').map(|(at, _)| at).collect::<Vec<_>>();
        ends.push(key.len());
        for end in ends.into_iter().rev() {
            if let Some(label) = self.labels.get(&key[..end]) {
                let step = key[end..].trim_start_matches('/');
                return if step.is_empty() { label.clone() } else { format!("{label}: {step}") };
            }
        }
        key.to_owned()
    }

    /// The steps that run now, the longest-running first.
    pub fn running(&self) -> &[Step] {
        &self.running
    }

    /// How many objects have been dealt with.
    pub fn objects(&self) -> usize {
        self.objects.len()
    }

    /// Counts the objects by what became of them.
    pub fn states(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for state in self.objects.values() {
            *counts.entry(state.as_str()).or_insert(0) += 1;
        }
        counts
    }

    /// All bytes that running steps have moved, and are to move.
    pub fn bytes(&self) -> (u64, u64) {
        self.running
            .iter()
            .fold((0, 0), |(done, total), step| (done + step.done, total + step.total.unwrap_or(step.done)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_named_by_its_object() {
        let mut tally = Tally::new(Instant::now());
        let objects = [("server/8c7c".to_owned(), "server db".to_owned())];
        tally.apply(&Event::Expected { objects: &objects }, Instant::now());
        assert_eq!(tally.name("server/8c7c/move"), "server db: move");
        assert_eq!(tally.name("server/8c7c/move/copy"), "server db: move/copy");
        assert_eq!(tally.name("server/8c7"), "server/8c7");
        assert_eq!(tally.name("plan"), "plan");
    }

    #[test]
    fn a_rate_follows_the_last_seconds() {
        let start = Instant::now();
        let mut tally = Tally::new(start);
        tally.apply(&Event::StepStarted { key: "volume/a/copy", attempt: 1 }, start);
        for second in 0..=20u64 {
            let done = if second <= 10 { second * 1000 } else { 10_000 + (second - 10) * 10 };
            let event = Event::Progress { key: "volume/a/copy", done, total: Some(10_200) };
            tally.apply(&event, start + Duration::from_secs(second));
        }
        let step = &tally.running()[0];
        assert_eq!(step.rate(), Some(10.0));
        assert_eq!(step.left(), Some(Duration::from_secs(10)));
        tally.apply(&Event::StepDone { key: "volume/a/copy" }, start);
        assert!(tally.running().is_empty());
    }
}
