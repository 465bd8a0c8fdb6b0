//! The program as an operator meets it: the real binary, its output, its exit codes.
//!
//! It needs no cloud but twins that the binary serves itself. Decision: each test has a folder of its own as home,
//! working directory and site, so that nothing of the machine gets in.

mod bad_input;
mod refused;
mod runs;
mod session;
mod twins;
mod usage;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A folder with everything that the program takes from its surroundings.
struct Home(tempfile::TempDir);

/// What a command came to.
#[derive(Debug)]
struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A home that is a site, with an empty `site.lua` or the given one.
    fn site(text: &str) -> Self {
        let home = Self::new();
        home.write("site.lua", text);
        home
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let file = self.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
        file
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_moonferry"));
        command.args(words).env_clear().env("HOME", self.path()).env("PATH", std::env::var_os("PATH").unwrap());
        command.current_dir(self.path()).stdin(Stdio::null());
        command
    }

    fn run(&self, words: &[&str]) -> Ended {
        Ended::of(self.command(words).output().unwrap())
    }

    fn type_in(&self, words: &[&str], text: &str) -> Ended {
        let mut child = piped(self.command(words).stdin(Stdio::piped()));
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
        Ended::of(child.wait_with_output().unwrap())
    }

    fn begin(&self, words: &[&str]) -> Child {
        piped(&mut self.command(words))
    }

    fn json(&self, words: &[&str]) -> serde_json::Value {
        let ended = self.run(words);
        serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{error}: {ended:?}"))
    }
}

fn piped(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

impl Ended {
    fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Asserts the exit code and that stderr says something.
    #[track_caller]
    fn ends(self, code: i32, says: &str) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        assert!(self.err.contains(says), "stderr does not say {says:?}: {self:#?}");
        self
    }
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap().success());
}

/// Waits for something to become true; its being slow is no failure, its not coming is.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < end, "{what} did not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}
