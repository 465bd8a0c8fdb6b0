//! A running twin.

use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::cloud::Cloud;
use super::estate::Estate;
use super::faults::Faults;
use super::options::Options;
use super::server::{self, Counts, Shared};

/// Why a twin did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is taken or not ours.
    #[error("twin '{name}' cannot listen on {bind}: {source}")]
    Bind {
        /// The twin's name.
        name: String,
        /// The address.
        bind: SocketAddr,
        /// The cause.
        source: std::io::Error,
    },
    /// The data folder cannot be made.
    #[error("twin '{name}' cannot use the folder {}: {source}", path.display())]
    Data {
        /// The twin's name.
        name: String,
        /// The folder.
        path: std::path::PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The estate contradicts itself.
    #[error("the estate of twin '{name}' does not fit together: {message}")]
    Estate {
        /// The twin's name.
        name: String,
        /// What does not fit.
        message: String,
    },
}

/// A cloud that is being served. It stops when dropped.
pub struct Twin {
    shared: Arc<Shared>,
    options: Options,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for Twin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Twin").field("name", &self.options.name).field("address", &self.address).finish_non_exhaustive()
    }
}

impl Twin {
    /// Builds the estate and serves it, in a thread with a runtime of its own: the caller's may be of any kind or absent.
    pub fn start(options: Options, estate: &Estate) -> Result<Self, Error> {
        let name = options.name.clone();
        let data_error = |source| Error::Data { name: name.clone(), path: options.data.clone(), source };
        std::fs::create_dir_all(&options.data).map_err(data_error)?;
        let bind_error = |source| Error::Bind { name: name.clone(), bind: options.bind, source };
        let listener = std::net::TcpListener::bind(options.bind).map_err(bind_error)?;
        listener.set_nonblocking(true).map_err(bind_error)?;
        let address = listener.local_addr().map_err(bind_error)?;
        let mut cloud = Cloud::new(&options, format!("http://{address}"));
        super::identity::bootstrap(&mut cloud, &options);
        estate.install(&mut cloud).map_err(|message| Error::Estate { name: name.clone(), message })?;
        let shared = Arc::new(Shared::new(cloud, options.clone()));
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("twin")
            .enable_all()
            .build()
            .map_err(bind_error)?;
        let served = shared.clone();
        let thread = std::thread::spawn(move || {
            runtime.block_on(async move {
                if let Ok(listener) = TcpListener::from_std(listener) {
                    server::serve(listener, served, stopped).await;
                }
            });
            runtime.shutdown_timeout(Duration::from_millis(200));
        });
        Ok(Self { shared, options, address, stop: Some(stop), thread: Some(thread) })
    }

    /// Returns the URL of Keystone's v3.
    pub fn auth_url(&self) -> String {
        format!("{}/identity/v3", self.origin())
    }

    /// Returns the name in clouds.yaml.
    pub fn name(&self) -> &str {
        &self.options.name
    }

    /// Returns `http://host:port`.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the entry of clouds.yaml for the user `admin`, indented to stand under `clouds:`.
    pub fn clouds_yaml(&self) -> String {
        let Options { name, region, admin_password, .. } = &self.options;
        format!(
            "  {name}:\n    auth:\n      auth_url: {}\n      username: admin\n      password: \"{}\"\n      \
             project_name: admin\n      user_domain_name: Default\n      project_domain_name: Default\n    \
             region_name: {region}\n    identity_api_version: 3\n",
            self.auth_url(),
            admin_password.expose()
        )
    }

    /// Returns the data folder.
    pub fn data(&self) -> &Path {
        &self.options.data
    }

    /// Returns the whole state, for comparisons.
    pub fn snapshot(&self) -> Value {
        self.shared.cloud().snapshot()
    }

    /// Locks the faults, to change them.
    pub fn faults(&self) -> MutexGuard<'_, Faults> {
        self.shared.faults()
    }

    /// Returns how often each route was asked.
    pub fn counts(&self) -> Counts {
        self.shared.counts().clone()
    }

    /// Moves the clock forward: what becomes due happens.
    pub fn advance(&self, by: Duration) {
        let clock = self.shared.cloud().clock.clone();
        clock.advance(by.as_millis() as u64);
        drop(self.shared.cloud());
    }

    /// Kills the nova-compute of a host, or lets it run again; `false` where there is no such host.
    pub fn set_host_dead(&self, name: &str, dead: bool) -> bool {
        super::compute::set_host_dead(&mut self.shared.cloud(), name, dead)
    }

    /// Locks the cloud itself, for tests that look closer than a client can.
    pub fn cloud(&self) -> MutexGuard<'_, Cloud> {
        self.shared.cloud()
    }

    /// Stops serving and waits until the port is free.
    pub fn stop(mut self) {
        self.halt();
    }

    fn halt(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Twin {
    fn drop(&mut self) {
        self.halt();
    }
}
