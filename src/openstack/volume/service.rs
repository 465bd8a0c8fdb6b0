use crate::openstack::Service;
use crate::openstack::entity::{Field, entity};
use crate::openstack::resource::{Paging, Resource, Update, identified, keys};

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
