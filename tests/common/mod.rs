//! What several suites need.

pub mod pair;
pub mod portrait;

use std::path::Path;
use std::sync::{Arc, Mutex};

use moonferry::api::observer::{Event, Observer};
use moonferry::api::run::{Driver, Outcome, Start};
use moonferry::api::runtime::Runtime;
use moonferry::api::site::Site;
use moonferry::api::workflow::Mode;
use moonferry::lua::Fault;
use moonferry::openstack::Environment;
use tokio_util::sync::CancellationToken;

/// An observer that keeps what it is told, one line an event.
#[derive(Default)]
pub struct Ear(pub Mutex<Vec<String>>);

impl Observer for Ear {
    fn event(&self, event: Event<'_>) {
        self.0.lock().unwrap().push(format!("{event:?}"));
    }
}

/// A driver for a site directory, with a journal inside it.
pub async fn driver(site: &Path, vars: &[(&str, &str)]) -> Result<Driver, Fault> {
    let environment = Environment {
        vars: vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        cwd: site.to_owned(),
        home: None,
    };
    Ok(Driver {
        runtime: Arc::new(Runtime::new(environment, Site::load(site).await?)),
        journal: site.join(".moonferry/journal.db"),
        observer: Arc::new(Ear::default()),
        print: Arc::new(|_| {}),
        cancel: CancellationToken::new(),
        owner: "test".into(),
    })
}

/// Starts a workflow with flags.
pub async fn start(driver: &Driver, workflow: &str, flags: &[&str]) -> Result<Outcome, Fault> {
    let flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
    driver.start(Start { workflow: workflow.into(), flags, mode: Mode::Forward }).await
}

/// The clouds.yaml of the real clouds that `tests/openstack/lab` brings up.
pub fn lab_clouds() -> std::path::PathBuf {
    let folder = std::env::var_os("LAB_DIR").unwrap_or_else(|| "/var/tmp/moonferry-lab".into());
    Path::new(&folder).join("clouds.yaml")
}

/// Says something past the test harness, which keeps to itself what a test that passes prints.
pub fn tell(text: &str) {
    let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("{text}\n").as_bytes());
}
