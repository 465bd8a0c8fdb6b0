//! How a twin is to be started.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::http::{Service, Version};
use crate::base::secret::Secret;

/// Which OpenStack release a twin plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Release {
    /// 2022.2.
    Zed,
    /// 2026.2.
    #[default]
    Current,
}

impl Release {
    /// Returns the lowest and the highest microversion of a service, where it has them.
    pub const fn microversions(self, service: Service) -> Option<(Version, Version)> {
        match (service, self) {
            (Service::Compute, Self::Zed) => Some((Version(2, 1), Version(2, 93))),
            (Service::Compute, Self::Current) => Some((Version(2, 1), Version(2, 104))),
            (Service::Volume, Self::Zed) => Some((Version(3, 0), Version(3, 70))),
            (Service::Volume, Self::Current) => Some((Version(3, 0), Version(3, 71))),
            (Service::Placement, Self::Zed | Self::Current) => Some((Version(1, 0), Version(1, 39))),
            _ => None,
        }
    }

    /// Returns Cinder's type and name in the catalog.
    pub const fn volume_catalog(self) -> (&'static str, &'static str) {
        match self {
            Self::Zed => ("volumev3", "cinderv3"),
            Self::Current => ("block-storage", "cinder"),
        }
    }
}

/// What a twin is to be like.
#[derive(Debug, Clone)]
pub struct Options {
    /// The cloud's name in clouds.yaml.
    pub name: String,
    /// The release it plays.
    pub release: Release,
    /// Where it listens; port 0 takes a free one.
    pub bind: SocketAddr,
    /// The folder for image, volume and disk bytes.
    pub data: PathBuf,
    /// A wait before every answer.
    pub latency: Duration,
    /// How many times faster than in life asynchronous changes go; 0 lets them wait for `Twin::advance`.
    pub speed: f64,
    /// The seed of ids.
    pub seed: u64,
    /// The region of all endpoints.
    pub region: String,
    /// Whether Keystone's v2.0 is served beside v3.
    pub identity_v2: bool,
    /// The password of the user `admin`.
    pub admin_password: Secret,
    /// Whether quotas refuse.
    pub enforce_quotas: bool,
    /// How many bytes a GiB of a volume has; less keeps the volumes of tests short.
    pub gib: u64,
    /// How long a token lives.
    pub token_lifetime: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            name: "twin".to_owned(),
            release: Release::default(),
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            data: PathBuf::from("twin-data"),
            latency: Duration::ZERO,
            speed: 20.0,
            seed: 1,
            region: "RegionOne".to_owned(),
            identity_v2: false,
            admin_password: Secret::new("admin"),
            enforce_quotas: true,
            gib: 1 << 30,
            token_lifetime: Duration::from_secs(3600),
        }
    }
}
