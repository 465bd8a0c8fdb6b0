//! What is known of each service beforehand: its names in catalogs and configuration, its versions, its microversion header.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::{Microversion, Service};

/// The names of service types that scripts asked for and this client does not know, each kept once.
static OTHERS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

impl Service {
    /// The services with kinds of their own.
    pub const ALL: [Service; 7] = [
        Service::Identity,
        Service::Compute,
        Service::Image,
        Service::Network,
        Service::Volume,
        Service::Placement,
        Service::Baremetal,
    ];

    /// Returns the service's name in scripts and messages: `compute`, `volume`.
    pub fn name(self) -> &'static str {
        match self {
            Service::Identity => "identity",
            Service::Compute => "compute",
            Service::Image => "image",
            Service::Network => "network",
            Service::Volume => "volume",
            Service::Placement => "placement",
            Service::Baremetal => "baremetal",
            Service::Other(name) => name,
        }
    }

    /// Finds a service by its name, any of its types in catalogs, or its project's name (`nova`).
    pub fn named(name: &str) -> Service {
        let plain = name.trim().to_ascii_lowercase().replace('_', "-");
        let known = Service::ALL.into_iter().find(|service| {
            service.name() == plain || service.project() == plain || service.types().contains(&&*plain)
        });
        known.unwrap_or_else(|| {
            let mut others = OTHERS.lock().unwrap_or_else(PoisonError::into_inner);
            let kept = others.get(&*plain).copied().unwrap_or_else(|| {
                // Leaked once per distinct name, so that a service stays a small value everywhere else.
                let name: &'static str = Box::leak(plain.into_boxed_str());
                others.insert(name);
                name
            });
            Service::Other(kept)
        })
    }

    /// Returns the name of the project that implements the service, as people say it in logs and packages.
    pub(crate) fn project(self) -> &'static str {
        match self {
            Service::Identity => "keystone",
            Service::Compute => "nova",
            Service::Image => "glance",
            Service::Network => "neutron",
            Service::Volume => "cinder",
            Service::Placement => "placement",
            Service::Baremetal => "ironic",
            Service::Other(name) => name,
        }
    }

    /// Returns the types under which catalogs list the service, the preferred first.
    pub(crate) fn types(self) -> Vec<&'static str> {
        match self {
            Service::Identity => vec!["identity", "identityv3"],
            Service::Compute => vec!["compute", "computev21", "compute_legacy", "compute-legacy"],
            Service::Image => vec!["image", "imagev2"],
            Service::Network => vec!["network"],
            Service::Volume => vec!["block-storage", "volumev3", "block-store", "volume", "volumev2"],
            Service::Placement => vec!["placement"],
            Service::Baremetal => vec!["baremetal", "bare-metal"],
            Service::Other(name) => vec![name],
        }
    }

    /// Returns the prefixes of the service's keys in clouds.yaml: `volume` in `volume_endpoint_override`.
    pub(crate) fn config_prefixes(self) -> Vec<String> {
        std::iter::once(self.name()).chain(self.types()).map(|name| name.replace('-', "_")).collect()
    }

    /// Returns the versions in the path that this client speaks, the preferred first; empty where the path has none.
    pub(crate) fn path_versions(self) -> &'static [&'static str] {
        match self {
            Service::Identity => &["v3", "v2.0"],
            Service::Compute => &["v2.1", "v2"],
            Service::Image => &["v2"],
            Service::Network => &["v2.0"],
            Service::Volume => &["v3", "v2"],
            Service::Baremetal => &["v1"],
            Service::Placement | Service::Other(_) => &[],
        }
    }

    /// Returns the headers that ask for a microversion.
    pub(crate) fn microversion_headers(self, version: Microversion) -> Vec<(String, String)> {
        let standard = |kind: &str| ("OpenStack-API-Version".to_owned(), format!("{kind} {version}"));
        match self {
            Service::Compute => {
                vec![standard("compute"), ("X-OpenStack-Nova-API-Version".to_owned(), version.to_string())]
            }
            Service::Volume => vec![standard("volume")],
            Service::Placement => vec![standard("placement")],
            Service::Baremetal => {
                vec![standard("baremetal"), ("X-OpenStack-Ironic-API-Version".to_owned(), version.to_string())]
            }
            Service::Other(name) => vec![standard(name)],
            Service::Identity | Service::Image | Service::Network => Vec::new(),
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_spelling_names_the_service() {
        for (spelling, service) in [
            ("volumev3", Service::Volume),
            ("block_storage", Service::Volume),
            ("nova", Service::Compute),
            ("Identity", Service::Identity),
        ] {
            assert_eq!(Service::named(spelling), service);
        }
        assert_eq!(Service::named("key-manager"), Service::Other("key-manager"));
        assert_eq!(Service::named("key_manager"), Service::named("key-manager"));
    }
}
