//! Two twins of this process and a home for the binary.

use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use moonferry::twin::{Estate, Faults, Options, Rates, Release, Twin};
use serde_json::Value;

use super::portrait::Portrait;

/// A source with the demo's project, an empty target, and a folder with clouds.yaml and the journal.
pub struct Pair {
    pub source: Twin,
    pub target: Twin,
    pub home: tempfile::TempDir,
}

/// `run migrate` of the demo's project.
pub const MIGRATE: [&str; 8] = ["run", "migrate", "--source", "old", "--target", "new", "--project", "shop"];

impl Pair {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    /// The same with other options for both twins.
    pub fn with(change: impl Fn(&mut Options)) -> Self {
        let home = tempfile::tempdir().unwrap();
        let start = |name: &str, release, estate: &Estate, seed| {
            let data = home.path().join(name);
            let mut options =
                Options { name: name.into(), release, data, seed, speed: 1000.0, gib: 1 << 20, ..Options::default() };
            change(&mut options);
            Twin::start(options, estate).unwrap()
        };
        let source = start("old", Release::Zed, &Estate::small(), 1);
        let target = start("new", Release::Current, &Estate::empty(), 2);
        let clouds = format!("clouds:\n{}{}", source.clouds_yaml(), target.clouds_yaml());
        std::fs::write(home.path().join("clouds.yaml"), clouds).unwrap();
        Self { source, target, home }
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_moonferry"));
        command.args(words).env_clear().env("HOME", self.home.path()).current_dir(self.home.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end and expects its exit code.
    #[track_caller]
    pub fn run(&self, words: &[&str], code: i32) -> Output {
        let output = self.command(words).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        output
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.home.path().join(name), text).unwrap();
    }

    /// Runs a command that must end with the code and one error that says all the words, and change nothing.
    #[track_caller]
    pub fn refuses(&self, words: &[&str], code: i32, says: &[&str]) {
        let before = self.state();
        let output = self.run(words, code);
        one_error(&output, says);
        assert_eq!(self.state(), before);
    }

    /// Both twins as they are, to the last id.
    pub fn state(&self) -> (Value, Value) {
        (self.source.snapshot(), self.target.snapshot())
    }

    fn json(&self, words: &[&str]) -> Value {
        serde_json::from_slice(&self.run(words, 0).stdout).unwrap()
    }

    /// The latest run's id and status.
    pub fn latest(&self) -> Option<(String, String)> {
        let runs = self.json(&["runs", "-f", "json"]);
        let run = runs["runs"].get(0)?;
        Some((run["id"].as_str()?.to_owned(), run["status"].as_str()?.to_owned()))
    }

    /// What the id map holds of a run: kind, name and state of each object.
    pub fn ids(&self, run: &str) -> Vec<String> {
        let all = self.json(&["ids", "-f", "json"]);
        let rows = all["ids"].as_array().unwrap().iter().filter(|row| row["run"] == run);
        let mut ids: Vec<String> =
            rows.map(|row| format!("{} {} {}", row["kind"], row["name"], row["state"])).collect();
        ids.sort();
        assert!(!ids.is_empty(), "{all}");
        ids
    }

    /// Lets a small share of all requests go wrong, in every way that a cloud and a wire have. Slow answers are the most:
    /// while one drips the thing is done and the journal does not know, which is the best instant for a kill.
    pub fn trouble(&self, seed: u64) {
        let everywhere = Rates {
            error: 0.006,
            unavailable: 0.004,
            retry_later: 0.004,
            too_many: 0.004,
            drop_before: 0.006,
            drop_after: 0.012,
            slow_body: 0.02,
            truncate: 0.006,
            ..Rates::default()
        };
        for (twin, salt) in [(&self.source, 0), (&self.target, 1)] {
            *twin.faults() = Faults { seed: seed * 2 + salt, everywhere: everywhere.clone(), ..Faults::default() };
        }
    }

    /// Ends the trouble and waits until both twins have come to rest.
    pub fn calm(&self) {
        for twin in [&self.source, &self.target] {
            *twin.faults() = Faults::default();
            let end = Instant::now() + Duration::from_secs(30);
            while twin.cloud().busy() {
                assert!(Instant::now() < end, "{} does not come to rest", twin.name());
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }

    pub fn portrait(&self) -> Portrait {
        Portrait::of(&[&self.source, &self.target])
    }
}

/// Asserts that a command said one error, with all the words in it.
#[track_caller]
pub fn one_error(output: &Output, says: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(said.matches("error:").count(), 1, "{said}");
    for word in says {
        assert!(said.contains(word), "does not say {word:?}: {said}");
    }
}

/// Waits for something to become true.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < end, "{what} did not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}
