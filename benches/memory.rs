//! Resident memory of the binary at 100,000 discovered objects; the promise is 500 MB.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use moonferry::twin::estate::Size;
use moonferry::twin::{Estate, Options, Twin};

const PROMISE: u64 = 500 << 20;

/// Everything as whole objects in one table, which is more than `discover` keeps.
const WHOLE: &str = "
local c, kept = cloud 'twin', {}
for _, list in ipairs {
  c.compute:servers { all_projects = true }, c.network:ports(), c.volume:volumes { all_projects = true },
  c.network:networks(), c.network:security_groups(),
} do
  for object in list do kept[#kept + 1] = object end
end
print(#kept)
";

fn main() {
    let home = tempfile::tempdir().unwrap();
    println!("{:<34} {:>9} {:>10} {:>14} {:>8}", "what", "objects", "resident", "of the 500 MB", "took");
    for servers in [100, 42_000] {
        let estate = Estate::generate(Size { hosts: servers / 20, servers, projects: servers / 100, seed: 1 });
        let data = home.path().join(format!("twin{servers}"));
        let twin = Twin::start(Options { data, ..Options::default() }, &estate).unwrap();
        std::fs::write(home.path().join("clouds.yaml"), format!("clouds:\n{}", twin.clouds_yaml())).unwrap();
        std::fs::write(home.path().join("whole.lua"), WHOLE).unwrap();
        let found = row(home.path(), "discover -f json", &["discover", "twin", "-f", "json"], |out| {
            let found: serde_json::Value = serde_json::from_str(out).unwrap();
            found["counts"].as_array().unwrap().iter().filter_map(|row| row["count"].as_u64()).sum()
        });
        row(home.path(), "discover", &["discover", "twin"], |_| found);
        row(home.path(), "a script that keeps whole objects", &["run", "./whole.lua"], |out| {
            out.trim().parse().unwrap()
        });
    }
    println!("\nWhat limits: Lua's tables, one a row; whole objects cost as much as their fields.");
}

fn row(home: &Path, what: &str, words: &[&str], count: impl Fn(&str) -> u64) -> u64 {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moonferry"));
    command.args(words).env_clear().env("HOME", home).current_dir(home);
    let out = std::fs::File::create(home.join("out")).unwrap();
    let began = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(out).stderr(Stdio::null()).spawn().unwrap();
    let (peak, took) = (watch(&mut child), began.elapsed());
    assert!(child.wait().unwrap().success(), "{words:?}");
    let objects = count(&std::fs::read_to_string(home.join("out")).unwrap());
    let share = 100.0 * peak as f64 / PROMISE as f64;
    println!("{what:<34} {objects:>9} {:>7} MB {share:>12.0} % {took:>8.1?}", peak >> 20);
    objects
}

/// The most memory that a process had resident, asked until it ends.
fn watch(child: &mut Child) -> u64 {
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
        peak = peak.max(kib.unwrap_or_default() * 1024);
        std::thread::sleep(Duration::from_millis(5));
    }
    peak
}
