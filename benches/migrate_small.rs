//! Migrating a project of 200 small servers between twins: the whole of it against the waits on the critical path.
//!
//! That path: all that comes before the servers, then 200 servers by so many at once, each a chain of calls and of state
//! changes that one server alone shows.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::fmt::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use moonferry::twin::{Estate, Options, Release, Twin};

const SERVERS: u32 = 200;
const LATENCY: Duration = Duration::from_millis(5);
const SPEED: f64 = 20.0;

fn main() {
    println!("latency {LATENCY:?}, state changes {SPEED} times faster than in life\n");
    let (none, _) = migrate(0, 4);
    let (one, asked) = migrate(1, 4);
    let (none_asked, each) = (migrate(0, 4).1, one.saturating_sub(none));
    println!("without a server {none:.1?}; one server alone {each:.2?} and {} calls\n", asked - none_asked);
    println!("{:>8} {:>14} {:>10} {:>8} {:>8} {:>10}", "at once", "critical path", "took", "ratio", "calls", "calls/s");
    for limit in [4, 16, 50] {
        let path = none + each * SERVERS.div_ceil(limit);
        let (took, calls) = migrate(SERVERS, limit);
        println!(
            "{limit:>8} {:>14} {:>10} {:>7.2}× {calls:>8} {:>10.0}",
            format!("{path:.1?}"),
            format!("{took:.1?}"),
            took.as_secs_f64() / path.as_secs_f64(),
            calls as f64 / took.as_secs_f64()
        );
    }
    println!(
        "\nWhere the ratio stays near 1 the waits limit; where it grows with what goes on at once it is the processors \
         ({} here), which the twins share with the program.",
        std::thread::available_parallelism().map_or(0, usize::from)
    );
}

/// Migrates so many servers; answers the time it took and how many calls both clouds had.
fn migrate(servers: u32, limit: u32) -> (Duration, u64) {
    let home = tempfile::tempdir().unwrap();
    let start = |name: &str, release, estate: &Estate, seed| {
        let data = home.path().join(name);
        let options = Options {
            name: name.into(),
            release,
            data,
            seed,
            latency: LATENCY,
            speed: SPEED,
            gib: 1 << 20,
            ..Options::default()
        };
        Twin::start(options, estate).unwrap()
    };
    let source = start("old", Release::Zed, &estate(servers), 1);
    let target = start("new", Release::Current, &target(), 2);
    let clouds = format!("clouds:\n{}{}", source.clouds_yaml(), target.clouds_yaml());
    std::fs::write(home.path().join("clouds.yaml"), clouds).unwrap();
    let limits = [format!("server={limit}"), format!("image={limit}")];
    let mut command = Command::new(env!("CARGO_BIN_EXE_moonferry"));
    command.args(["run", "migrate", "--source", "old", "--target", "new", "--project", "shop", "--limit", "64"]);
    command.args(["--limits", &limits[0], "--limits", &limits[1]]);
    command.env_clear().env("HOME", home.path()).current_dir(home.path()).stdin(Stdio::null());
    let began = Instant::now();
    let ended = command.output().unwrap();
    let took = began.elapsed();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    (took, source.counts().total() + target.counts().total())
}

fn target() -> Estate {
    let hosts: Vec<String> = (1..=20).map(|number| format!("{{name: cmp{number}}}")).collect();
    Estate::read(&format!("hosts: [{}]\n", hosts.join(", "))).unwrap()
}

/// A project with a network and servers that boot from one image.
fn estate(servers: u32) -> Estate {
    let mut text = String::from(
        "projects: [{name: shop, compute_quota: {instances: 500, cores: 500, ram: 512000}, network_quota: {port: 500}}]
hosts: [{name: c1}, {name: c2}, {name: c3}, {name: c4}, {name: c5}, {name: c6}, {name: c7}, {name: c8}, {name: c9},
  {name: c10}, {name: c11}, {name: c12}, {name: c13}, {name: c14}, {name: c15}, {name: c16}]
flavors: [{id: '1', name: small, ram: 64, vcpus: 1, disk: 1}]
images: [{name: tiny, visibility: public, size: 65536}]
networks: [{name: net, project: shop, subnets: [{name: sub, cidr: 10.0.0.0/22}]}]
servers:
",
    );
    for number in 0..servers {
        let _ = writeln!(text, "  - {{name: s{number}, project: shop, flavor: small, image: tiny, networks: [net]}}");
    }
    if servers == 0 {
        text.push_str("  []\n");
    }
    Estate::read(&text).unwrap()
}
