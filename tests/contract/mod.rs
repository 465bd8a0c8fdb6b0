//! The same calls and the same assertions against twins and against real clouds: where a twin lies, this fails.
//!
//! Each part makes what it needs under a name of its own, and takes it away again. The real clouds are those of
//! `tests/openstack/lab`; their tests are ignored where it does not run.

mod compute;
mod identity;
mod image;
mod network;
mod probe;
mod volume;

use std::path::PathBuf;

use moonferry::openstack::{Cloud, Clouds, Environment};
use moonferry::twin::{Estate, Options, Release, Twin};

use probe::Probe;

async fn hold_to_the_contract(cloud: Cloud) {
    let probe = Probe::new(cloud);
    identity::check(&probe).await;
    network::check(&probe).await;
    image::check(&probe).await;
    volume::check(&probe).await;
    compute::check(&probe).await;
}

async fn twin(release: Release) {
    let data = tempfile::tempdir().unwrap();
    let options = Options { release, data: data.path().to_owned(), speed: 200.0, ..Options::default() };
    let twin = Twin::start(options, &Estate::empty()).unwrap();
    let file = data.path().join("clouds.yaml");
    std::fs::write(&file, format!("clouds:\n{}", twin.clouds_yaml())).unwrap();
    hold_to_the_contract(open(file, "twin")).await;
    twin.stop();
}

fn open(file: PathBuf, name: &str) -> Cloud {
    let vars = [("OS_CLIENT_CONFIG_FILE".to_owned(), file.display().to_string())].into();
    let environment = Environment { vars, cwd: PathBuf::from("/"), home: None };
    Cloud::new(Clouds::load(&environment).unwrap().get(name).unwrap()).unwrap()
}

#[tokio::test]
async fn a_twin_of_the_older_release() {
    twin(Release::Zed).await;
}

#[tokio::test]
async fn a_twin_of_the_current_release() {
    twin(Release::Current).await;
}

#[tokio::test]
#[ignore = "needs the lab: tests/openstack/lab up"]
async fn the_real_source() {
    hold_to_the_contract(open(crate::common::lab_clouds(), "source")).await;
}

#[tokio::test]
#[ignore = "needs the lab: tests/openstack/lab up"]
async fn the_real_target() {
    hold_to_the_contract(open(crate::common::lab_clouds(), "target")).await;
}
