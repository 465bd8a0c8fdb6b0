//! Killing a process at random instants and starting the next, until one comes to its end.

use std::process::Child;
use std::time::{Duration, Instant};

use crate::common::pair::{MIGRATE, Pair};

/// Numbers that repeat with their seed (splitmix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// A pair of twins and everything that befalls it.
pub struct Chase {
    pub pair: Pair,
    pub kills: u64,
    pub round: u64,
    dice: Dice,
    took: Duration,
    story: Vec<String>,
}

/// How a command came to its end.
enum End {
    Killed,
    Exit(i32, String),
}

/// What a command that failed says is read for the story, and so often it may fail before something is wrong.
const FAILURES: u32 = 60;

impl Chase {
    pub fn new(pair: Pair, dice: Dice, took: Duration) -> Self {
        Self { pair, kills: 0, round: 0, dice, took, story: Vec::new() }
    }

    /// What happened in this round, for the message of a failure.
    pub fn story(&self, what: &str) -> String {
        format!("round {}, {what} after:\n  {}", self.round, self.story.join("\n  "))
    }

    /// Migrates, come what may; answers the run.
    pub fn migrate(&mut self) -> String {
        let (run, done) = self.start(0.9);
        if !done {
            self.chase(&["resume", &run], 0, 1.0);
        }
        run
    }

    /// Begins a migration and leaves it somewhere.
    pub fn begin(&mut self) -> String {
        let reach = 0.3 + self.dice.fraction() * 0.7;
        let (run, mut done) = self.start(reach);
        for _ in 0..(self.dice.next() % 3) {
            done = done || matches!(self.once(&["resume", &run], Some(reach)), End::Exit(0, _));
            if done {
                break;
            }
        }
        run
    }

    /// Undoes a run, come what may.
    pub fn undo(&mut self, run: &str) {
        self.chase(&["undo", run], 4, 0.5);
    }

    /// Starts a run until the journal knows of it; answers it, and whether it came to its end already.
    fn start(&mut self, reach: f64) -> (String, bool) {
        self.story.clear();
        let known = self.pair.latest().map(|(run, _)| run);
        let seed = self.dice.next() >> 2;
        self.pair.trouble(seed);
        for _ in 0..FAILURES {
            self.once(&MIGRATE, Some(reach));
            if let Some((run, status)) = self.pair.latest().filter(|(run, _)| Some(run) != known.as_ref()) {
                return (run, status == "done");
            }
        }
        panic!("no run begins: {}", self.story("begun"));
    }

    /// Repeats a command, killing it again and again, until it ends with the code.
    fn chase(&mut self, words: &[&str], code: i32, mut reach: f64) {
        let mut failures = 0;
        for attempt in 0u32.. {
            // A step that takes longer than the reach would never end, so the reach grows.
            reach *= if attempt % 4 == 3 { 1.5 } else { 1.0 };
            let limit = (attempt < 16).then_some(reach);
            match self.once(words, limit) {
                End::Exit(ended, _) if ended == code => return,
                End::Exit(1, _) if failures < FAILURES => failures += 1,
                // Killed after its last word to the journal and before its end.
                End::Exit(3, said)
                    if self.kills > 0 && (said.contains("nothing to resume") || said.contains("undone already")) =>
                {
                    return;
                }
                End::Exit(ended, said) => panic!("exit {ended}: {said}\n{}", self.story(&words.join(" "))),
                End::Killed => {}
            }
        }
    }

    /// One process, killed at a random instant within `reach` times the length of an undisturbed run.
    fn once(&mut self, words: &[&str], reach: Option<f64>) -> End {
        let mut child = self.pair.command(words).spawn().unwrap();
        let read = drain(&mut child);
        let instant = reach.map(|reach| self.took.mul_f64(reach * self.dice.fraction()));
        let started = Instant::now();
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                let said = read.join().unwrap();
                let code = status.code().unwrap_or(-1);
                let last = said
                    .lines()
                    .filter(|line| line.starts_with("error") || line.contains(" failed "))
                    .collect::<Vec<_>>();
                self.story.push(format!(
                    "{} → exit {code} after {:?}: {}",
                    words[0],
                    started.elapsed(),
                    last.join(" | ")
                ));
                return End::Exit(code, said);
            }
            if instant.is_some_and(|instant| started.elapsed() >= instant) {
                child.kill().unwrap();
                child.wait().unwrap();
                self.kills += 1;
                let said = read.join().unwrap();
                self.story.push(format!(
                    "{} killed at {:?}: {}",
                    words[0],
                    started.elapsed(),
                    said.lines().last().unwrap_or("")
                ));
                return End::Killed;
            }
            assert!(started.elapsed() < Duration::from_secs(120), "{} hangs\n{}", words.join(" "), self.story("hung"));
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Reads what a child says, so that no full pipe stops it.
fn drain(child: &mut Child) -> std::thread::JoinHandle<String> {
    let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    std::thread::spawn(move || {
        let rest = std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        let mut said = Vec::new();
        let _ = std::io::Read::read_to_end(&mut err, &mut said);
        let _ = rest.join();
        String::from_utf8_lossy(&said).into_owned()
    })
}
