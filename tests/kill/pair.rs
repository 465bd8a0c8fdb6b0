//! Two twins of this process and a home for the binary.

use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use moonferry::twin::{Estate, Faults, Options, Rates, Release, Twin};
use serde_json::Value;

use super::portrait::Portrait;

/// A source with the demo's project, an empty target, and a folder with clouds.yaml and the journal.
pub struct Pair {
    source: Twin,
    target: Twin,
    home: tempfile::TempDir,
}

impl Pair {
    pub fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let start = |name: &str, release, estate: &Estate, seed| {
            let data = home.path().join(name);
            let options =
                Options { name: name.into(), release, data, seed, speed: 1000.0, gib: 1 << 20, ..Options::default() };
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

    fn json(&self, words: &[&str]) -> Value {
        serde_json::from_slice(&self.run(words, 0).stdout).unwrap()
    }

    /// The latest run's id and status.
    pub fn latest(&self) -> Option<(String, String)> {
        let runs = self.json(&["runs", "-f", "json"]);
        let run = runs["runs"].get(0)?;
        Some((run["id"].as_str()?.to_owned(), run["status"].as_str()?.to_owned()))
    }

    /// What the id map holds of a run: kind, name, source id and state of each object.
    pub fn ids(&self, run: &str) -> Vec<String> {
        let all = self.json(&["ids", "-f", "json"]);
        let rows = all["ids"].as_array().unwrap().iter().filter(|row| row["run"] == run);
        let mut ids: Vec<String> =
            rows.map(|row| format!("{} {} {} {}", row["kind"], row["name"], row["source_id"], row["state"])).collect();
        ids.sort();
        assert!(!ids.is_empty(), "{all}");
        ids
    }

    /// Lets a small share of all requests go wrong, in every way that a cloud and a wire have.
    pub fn trouble(&self, seed: u64) {
        let everywhere = Rates {
            error: 0.006,
            unavailable: 0.004,
            retry_later: 0.004,
            too_many: 0.004,
            drop_before: 0.006,
            drop_after: 0.012,
            slow_body: 0.002,
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
