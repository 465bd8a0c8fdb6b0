use serde_json::{Value, json};

use super::call;
use crate::openstack::entity::{Field, entity};
use crate::openstack::resource::{Paging, Resource, Update, identified, keys};
use crate::openstack::{Cloud, Error, Method, Service};

entity! {
    /// A process of Cinder on a host.
    VolumeService {
        /// The program, for example `cinder-volume`.
        binary: String,
        /// The host it runs on, with the backend after `@`.
        host: String,
        /// The availability zone.
        zone: String,
        /// Whether it takes new volumes: `enabled` or `disabled`.
        status: String,
        /// Whether it reports: `up` or `down`.
        state: String,
        /// Why it is disabled.
        disabled_reason: Option<String>,
        /// When it last reported.
        updated_at: Option<String>,
        /// The cluster it belongs to; known since 3.7.
        cluster: Option<String>,
    }
}

impl Resource for VolumeService {
    const KIND: &'static str = "service";
    const PLURAL: &'static str = "services";
    const SERVICE: Service = Service::Volume;
    const PATH: &'static str = "/os-services";
    const PAGING: Paging = Paging::Whole;
    const UPDATE_BY: Update = Update::Never;
    const MICROVERSION: Option<&'static str> = Some(super::MICROVERSION);
    const FILTERS: &'static [Field] = keys![
        binary: Option<String> = "Only services of this program, for example `cinder-volume`.",
        host: Option<String> = "Only services on this host.",
    ];
    identified!(host, host);
}

/// The services of block storage, which administrators switch.
impl Cloud {
    /// Lets a backend take new volumes again.
    pub async fn enable_volume_service(&self, binary: &str, host: &str) -> Result<(), Error> {
        self.switch_volume_service("enable", host, json!({ "binary": binary, "host": host })).await
    }

    /// Keeps a backend from taking new volumes, and says why.
    pub async fn disable_volume_service(&self, binary: &str, host: &str, reason: Option<&str>) -> Result<(), Error> {
        match reason {
            None => self.switch_volume_service("disable", host, json!({ "binary": binary, "host": host })).await,
            Some(reason) => {
                let body = json!({ "binary": binary, "host": host, "disabled_reason": reason });
                self.switch_volume_service("disable-log-reason", host, body).await
            }
        }
    }

    async fn switch_volume_service(&self, verb: &str, host: &str, body: Value) -> Result<(), Error> {
        let request = call(Method::PUT, format!("/os-services/{verb}")).body(body);
        self.tell(request.object(format!("volume service {host}"))).await
    }
}
