//! Listing 10,000 servers from a twin that lets every answer wait 20 ms, against the least that its pages allow.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::path::Path;
use std::time::{Duration, Instant};

use moonferry::openstack::compute::Server;
use moonferry::openstack::{Cloud, Clouds, Environment};
use moonferry::twin::estate::Size;
use moonferry::twin::{Estate, Options, Twin};

const SERVERS: usize = 10_000;
const LATENCY: Duration = Duration::from_millis(20);
const ROUNDS: usize = 5;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(measure());
}

async fn measure() {
    let data = tempfile::tempdir().unwrap();
    let estate = Estate::generate(Size { hosts: 200, servers: SERVERS, projects: 50, seed: 1 });
    let start = |latency| {
        let data = data.path().join(format!("{latency:?}"));
        Twin::start(Options { data, latency, ..Options::default() }, &estate).unwrap()
    };
    println!("{:<10} {:>7} {:>12} {:>12} {:>8}", "latency", "pages", "bound", "best of 5", "ratio");
    let work = row(&start(Duration::ZERO), data.path(), Duration::ZERO).await;
    let took = row(&start(LATENCY), data.path(), LATENCY).await;
    println!(
        "\nWithout latency the same pages take {work:.2?}: what the twin needs to write and the client to read {SERVERS} \
         servers. Of the time with latency {:.0} % is waiting that no client can avoid while each page names the next.",
        100.0 * took.1.as_secs_f64() / took.0.as_secs_f64(),
        work = work.0
    );
}

/// Lists all servers a few times; answers the best time and the bound.
async fn row(twin: &Twin, folder: &Path, latency: Duration) -> (Duration, Duration) {
    let cloud = open(twin, folder);
    cloud.list::<Server>(query()).first().await.unwrap();
    let asked = || twin.counts().get("GET", "/compute/v2.1/servers/detail");
    let (mut best, before) = (Duration::MAX, asked());
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let all = cloud.list::<Server>(query()).all().await.unwrap();
        best = best.min(start.elapsed());
        assert_eq!(all.len(), SERVERS);
    }
    let pages = (asked() - before) / ROUNDS as u64;
    let bound = latency * u32::try_from(pages).unwrap();
    let ratio =
        if bound.is_zero() { "-".to_owned() } else { format!("{:.2}×", best.as_secs_f64() / bound.as_secs_f64()) };
    println!(
        "{:<10} {pages:>7} {:>12} {:>12} {ratio:>8}",
        format!("{latency:?}"),
        format!("{bound:.2?}"),
        format!("{best:.2?}")
    );
    (best, bound)
}

fn query() -> Vec<(String, String)> {
    vec![("all_tenants".to_owned(), "true".to_owned())]
}

fn open(twin: &Twin, folder: &Path) -> Cloud {
    let file = folder.join("clouds.yaml");
    std::fs::write(&file, format!("clouds:\n{}", twin.clouds_yaml())).unwrap();
    let vars = [("OS_CLIENT_CONFIG_FILE".to_owned(), file.display().to_string())].into();
    let environment = Environment { vars, cwd: folder.to_owned(), home: None };
    Cloud::new(Clouds::load(&environment).unwrap().get(twin.name()).unwrap()).unwrap()
}
