//! The listener of one twin: from bytes to a `Call` and back, with faults on the way.
//!
//! It knows no service's objects. A request is matched, its fate decided, its token checked, and only then is the cloud
//! locked. Decision: the work runs in a task of its own, so that a client that hangs up does not stop what it asked for
//! in the middle; that is how the real services behave too.

mod answer;
mod counts;
mod dispatch;
mod link;
mod micro;
mod upload;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::cloud::Cloud;
use super::dice::Dice;
use super::faults::Faults;
use super::http::{Route, Service};
use super::options::Options;
pub use counts::Counts;
use link::{Link, Wire};

/// What all requests of a twin share.
pub struct Shared {
    /// The state.
    cloud: Mutex<Cloud>,
    /// What goes wrong.
    faults: Mutex<Faults>,
    /// How often each route was asked.
    counts: Mutex<Counts>,
    /// Where request ids come from; not the cloud's dice, so that reading does not change the ids of what is created.
    ids: Mutex<Dice>,
    routes: BTreeMap<Service, Vec<Route>>,
    options: Options,
}

/// Locks whatever a panicking test may have left poisoned.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Puts a cloud behind its routing tables.
    pub fn new(cloud: Cloud, options: Options) -> Self {
        let tables = [
            (Service::Identity, super::identity::routes(options.identity_v2)),
            (Service::Compute, super::compute::routes()),
            (Service::Image, super::image::routes()),
            (Service::Network, super::network::routes()),
            (Service::Volume, super::volume::routes()),
            (Service::Placement, super::placement::routes()),
        ];
        let sorted = |(service, mut table): (Service, Vec<Route>)| {
            table.sort_by_key(Route::rank);
            (service, table)
        };
        Self {
            cloud: Mutex::new(cloud),
            faults: Mutex::default(),
            counts: Mutex::default(),
            ids: Mutex::new(Dice::new(options.seed ^ 0x7265_7175_6573_7473)),
            routes: tables.into_iter().map(sorted).collect(),
            options,
        }
    }

    /// Locks the cloud and brings it to the present.
    pub fn cloud(&self) -> MutexGuard<'_, Cloud> {
        let mut cloud = lock(&self.cloud);
        cloud.settle();
        cloud
    }

    /// Locks the faults.
    pub fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    /// Locks the counts.
    pub fn counts(&self) -> MutexGuard<'_, Counts> {
        lock(&self.counts)
    }
}

/// Serves until `stop` fires.
pub async fn serve(listener: TcpListener, shared: Arc<Shared>, stop: oneshot::Receiver<()>) {
    let app = axum::Router::new().fallback(move |ConnectInfo(link): ConnectInfo<Link>, request: Request| {
        let shared = shared.clone();
        async move {
            match tokio::spawn(dispatch::handle(shared, link, request)).await {
                Ok(response) => response,
                Err(_) => Response::builder().status(500).body(axum::body::Body::empty()).unwrap_or_default(),
            }
        }
    });
    let served = axum::serve(Wire(listener), app.into_make_service_with_connect_info::<Link>());
    tokio::select! {
        _ = served => {}
        _ = stop => {}
    }
}
