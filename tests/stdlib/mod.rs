//! The embedded workflows and helpers, run as an operator's run would: the driver, two twins, a journal in a folder.

mod helpers;
mod migrate;
mod refusals;
mod site;

use std::path::PathBuf;

use moonferry::api::run::{Driver, Outcome};
use moonferry::lua::Fault;
use moonferry::twin::{Estate, Options, Release, Twin};
use serde_json::Value;

use crate::common;

/// A source with a project to move, an empty target, and a site directory that knows both.
pub struct Clouds {
    pub source: Twin,
    pub target: Twin,
    pub site: PathBuf,
    _folder: tempfile::TempDir,
}

impl Clouds {
    pub fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let start = |name: &str, release, estate: &Estate, seed| {
            let options = Options {
                name: name.to_owned(),
                release,
                data: folder.path().join(name),
                seed,
                speed: 400.0,
                gib: 1 << 24,
                ..Options::default()
            };
            Twin::start(options, estate).unwrap()
        };
        let source = start("old", Release::Zed, &Estate::small(), 1);
        let target = start("new", Release::Current, &Estate::empty(), 2);
        let site = folder.path().join("site");
        std::fs::create_dir(&site).unwrap();
        let clouds = format!("clouds:\n{}{}", source.clouds_yaml(), target.clouds_yaml());
        std::fs::write(site.join("clouds.yaml"), clouds).unwrap();
        Self { source, target, site, _folder: folder }
    }

    /// Puts a file into the site directory.
    pub fn file(&self, name: &str, text: &str) {
        let path = self.site.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// A driver as a new process would have it.
    pub async fn driver(&self) -> Driver {
        let config = self.site.join("clouds.yaml");
        common::driver(&self.site, &[("OS_CLIENT_CONFIG_FILE", config.to_str().unwrap())]).await.unwrap()
    }

    /// Runs a plain script against the clouds, to prepare them.
    pub async fn script(&self, text: &str) {
        self.file("prepare.lua", text);
        let path = self.site.join("prepare.lua");
        let outcome = common::start(&self.driver().await, path.to_str().unwrap(), &[]).await.unwrap();
        assert!(outcome.fault.is_none(), "{:?}", outcome.fault);
    }

    /// Runs `migrate` from old to new.
    pub async fn migrate(&self, flags: &[&str]) -> Result<Outcome, Fault> {
        let flags: Vec<&str> = ["--source", "old", "--target", "new"].iter().chain(flags).copied().collect();
        common::start(&self.driver().await, "migrate", &flags).await
    }

    /// Everything both clouds have, without what only tells when something happened.
    pub fn states(&self) -> (Value, Value) {
        (timeless(self.source.snapshot()), timeless(self.target.snapshot()))
    }
}

/// Leaves out times, counters and logs.
fn timeless(state: Value) -> Value {
    const PASSING: [&str; 8] = ["updated", "revision", "actions", "_at", "token", "launched", "generation", "serial"];
    match state {
        Value::Object(map) => map
            .into_iter()
            .filter(|(key, _)| !PASSING.iter().any(|word| key.contains(word)))
            .map(|(key, value)| (key, timeless(value)))
            .collect(),
        Value::Array(list) => list.into_iter().map(timeless).collect(),
        plain => plain,
    }
}

/// The names and states of an outcome's objects of one kind, sorted.
pub fn results(outcome: &Outcome, kind: &str) -> Vec<String> {
    let mut list: Vec<String> = outcome
        .resources
        .iter()
        .filter(|row| row.kind == kind)
        .map(|row| format!("{} {}", row.name, row.state))
        .collect();
    list.sort();
    list
}
