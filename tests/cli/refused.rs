//! Input that a migration must refuse: one clear message, the exit code, and the target as it was.

use moonferry::twin::estate::{Domain, Network, Project, Subnet, User};
use moonferry::twin::{Estate, Options, Release, Twin};
use serde_json::Value;

use super::{Ended, Home};

/// A home with two twins of this process in its clouds.yaml.
struct Pair {
    home: Home,
    source: Twin,
    target: Twin,
}

impl Pair {
    fn new(source: Estate, target: Estate) -> Self {
        let home = Home::new();
        let start = |name: &str, release, estate: &Estate| {
            let data = home.path().join("twins").join(name);
            Twin::start(Options { name: name.into(), release, data, ..Options::default() }, estate).unwrap()
        };
        let (source, target) = (start("old", Release::Zed, &source), start("new", Release::Current, &target));
        home.write("clouds.yaml", &format!("clouds:\n{}{}", source.clouds_yaml(), target.clouds_yaml()));
        Self { home, source, target }
    }

    /// Migrates, expects the exit code and the words, and that nothing was changed on either side.
    #[track_caller]
    fn refuses(&self, flags: &[&str], code: i32, says: &str) -> Ended {
        let before = self.state();
        let words = [&["run", "migrate", "--source", "old", "--target", "new"], flags].concat();
        let ended = self.home.run(&words).ends(code, says);
        assert_eq!(ended.err.matches("error:").count(), 1, "{ended:#?}");
        assert_eq!(self.state(), before, "{ended:#?}");
        assert_eq!(ended.err.contains("undo with"), code == 1, "{ended:#?}");
        ended
    }

    fn state(&self) -> (Value, Value) {
        (self.source.snapshot(), self.target.snapshot())
    }
}

fn words<const N: usize>(pairs: [(&str, i64); N]) -> std::collections::BTreeMap<String, i64> {
    pairs.map(|(name, value)| (name.to_owned(), value)).into()
}

#[test]
fn what_does_not_exist_is_named() {
    let pair = Pair::new(Estate::small(), Estate::empty());
    pair.refuses(&["--project", "shpo"], 3, "shpo");
    pair.refuses(&["--server", "web-9"], 3, "web-9");
    pair.refuses(&["--project", "shop", "--target", "neww"], 2, "did you mean 'new'?");
    pair.refuses(&["--project", "shop", "--on-conflict", "flavor=adpot"], 3, "adpot");
    pair.refuses(&["--select", "sever=web-1"], 3, "sever");
}

#[test]
fn a_wrong_password_is_no_other_error() {
    let pair = Pair::new(Estate::small(), Estate::empty());
    let text = std::fs::read_to_string(pair.home.path().join("clouds.yaml")).unwrap();
    pair.home.write("clouds.yaml", &text.replace("password: \"admin\"", "password: \"wrong\""));
    let ended = pair.refuses(&["--project", "shop"], 1, "unauthorized");
    assert!(!ended.err.contains("wrong"), "{ended:#?}");
    assert!(pair.home.run(&["doctor", "old"]).ends(1, "").out.contains("old: login"));
}

#[test]
fn two_projects_of_one_name_are_told_apart() {
    let mut source = Estate::small();
    source.domains.push(Domain { name: "other".into(), ..Domain::default() });
    source.projects.push(Project { name: "shop".into(), domain: "other".into(), ..Project::default() });
    Pair::new(source, Estate::empty()).refuses(&["--project", "shop"], 3, "several projects");
}

#[test]
fn a_quota_that_is_too_small_is_seen_before() {
    let mut target = Estate::empty();
    let compute_quota = words([("instances", 2), ("cores", 2)]);
    target.projects.push(Project { name: "small".into(), compute_quota, ..Project::default() });
    target.users.push(User { name: "keeper".into(), ..User::default() });
    let pair = Pair::new(Estate::small(), target);
    pair.refuses(&["--project", "shop", "--map-project", "shop=small", "--on-conflict", "quota=skip"], 3, "instances");
}

#[test]
fn a_subnet_that_overlaps_is_seen_before() {
    let mut target = Estate::empty();
    target.projects.push(Project { name: "full".into(), ..Project::default() });
    let subnet = Subnet { name: "theirs".into(), cidr: "10.0.0.0/16".into(), ..Subnet::default() };
    let network =
        Network { name: "theirs".into(), project: "full".into(), subnets: vec![subnet], ..Network::default() };
    target.networks.push(network);
    let pair = Pair::new(Estate::small(), target);
    let flags = ["--project", "shop", "--map-project", "shop=full", "--on-conflict", "project=adopt"];
    pair.refuses(&flags, 3, "10.0.0.0/16");
}

#[test]
fn a_missing_external_network_is_seen_before() {
    let mut target = Estate::empty();
    target.networks.clear();
    Pair::new(Estate::small(), target).refuses(&["--project", "shop"], 3, "public");
}

#[test]
fn a_full_disk_under_the_journal_stops_the_run_before_it_does_anything() {
    let pair = Pair::new(Estate::small(), Estate::empty());
    let before = pair.state();
    // A file that may not grow is what a full disk is to SQLite.
    let script = format!(
        "trap '' XFSZ; ulimit -f 24; exec {} run migrate --source old --target new --project shop",
        env!("CARGO_BIN_EXE_moonferry")
    );
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &script]).env_clear().env("HOME", pair.home.path()).current_dir(pair.home.path());
    Ended::of(shell.output().unwrap()).ends(1, "journal");
    assert_eq!(pair.state(), before);
}
