//! A disk that is full under the journal: a real one, of sixteen MiB.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::pair::{MIGRATE, Pair, one_error};
use crate::common::tell;

/// A small mounted file system, gone with the test.
struct Small(PathBuf);

impl Small {
    /// Mounts it, or says why that cannot be done here.
    fn mount(at: &Path) -> Result<Self, String> {
        std::fs::create_dir(at).unwrap();
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", "size=16m", "tmpfs"]).arg(at).output();
        match done {
            Ok(done) if done.status.success() => Ok(Self(at.to_owned())),
            Ok(done) => Err(String::from_utf8_lossy(&done.stderr).trim().to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn journal(&self) -> String {
        self.0.join("journal.db").display().to_string()
    }

    /// Fills the disk but for so many KiB.
    fn fill(&self, but: usize) {
        let _ = std::fs::write(self.0.join("ballast"), vec![1; (16384 - but) * 1024]);
    }

    fn empty(&self) {
        std::fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_is_told_changes_nothing_that_is_not_journaled_and_does_not_end_the_run_for_good() {
    let pair = Pair::new();
    let disk = match Small::mount(&pair.home.path().join("small")) {
        Ok(disk) => disk,
        Err(why) => return tell(&format!("a full disk: skipped, no file system can be mounted here: {why}")),
    };
    let journal = disk.journal();
    let words = [&["--journal", journal.as_str()][..], &MIGRATE].concat();
    disk.fill(0);
    pair.refuses(&words, 1, &["journal", "full"]);
    disk.empty();

    // Enough to begin, not enough to end.
    disk.fill(400);
    let failed = pair.run(&words, 1);
    one_error(&failed, &["journal", "full"]);
    disk.empty();
    let before = pair.state();
    let runs = pair.run(&["--journal", &journal, "runs", "-f", "json"], 0);
    let runs: serde_json::Value = serde_json::from_slice(&runs.stdout).unwrap();
    let run = runs["runs"][0]["id"].as_str().unwrap_or_else(|| panic!("no run in {runs}"));
    assert_ne!(before.1, Pair::new().target.snapshot(), "it began");
    pair.run(&["--journal", &journal, "resume", run], 0);
    pair.run(&["--journal", &journal, "undo", run], 4);
}
