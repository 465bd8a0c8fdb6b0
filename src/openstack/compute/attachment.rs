use crate::openstack::entity::{Field, entity};
use crate::openstack::resource::keys;

entity! {
    /// A volume attached to a server, as the server's side knows it.
    VolumeAttachment {
        /// The id: that of the volume, until 2.89 drops it.
        id: Option<String>,
        /// The server.
        server_id: String = "serverId",
        /// The volume.
        volume_id: String = "volumeId",
        /// The device in the guest, for example `/dev/vdb`.
        device: Option<String>,
        /// The tag the guest finds it by; known since 2.70.
        tag: Option<String>,
        /// Whether the volume goes when the server goes; known since 2.79.
        delete_on_termination: Option<bool>,
        /// The attachment in block storage; known since 2.89.
        attachment_id: Option<String>,
        /// The record of the disk; known since 2.89.
        bdm_uuid: Option<String>,
    }
}

impl VolumeAttachment {
    /// Keys accepted when a volume is attached.
    pub const CREATE: &'static [Field] = keys![
        volume: String as "volumeId" = "The volume, by id.",
        device: Option<String> = "The device to ask for; most hypervisors choose themselves.",
        tag: Option<String> = "The tag the guest finds it by.",
        delete_on_termination: Option<bool> = "Whether the volume goes when the server goes.",
    ];
}

entity! {
    /// A port attached to a server, as the server's side knows it.
    InterfaceAttachment {
        /// The port.
        port_id: String,
        /// The network.
        net_id: String,
        /// The MAC address.
        mac_addr: String,
        /// The status of the port.
        port_state: String,
        /// The addresses.
        fixed_ips: Vec<FixedIp>,
        /// The tag the guest finds it by; known since 2.70.
        tag: Option<String>,
    }
}

impl InterfaceAttachment {
    /// Keys accepted when an interface is attached.
    pub const CREATE: &'static [Field] = keys![
        port: Option<String> as "port_id" = "The port, by id; not together with `network`.",
        network: Option<String> as "net_id" = "The network to make a port in, by id.",
        fixed_ips: Option<Vec<FixedIp>> = "The addresses of the port to make.",
        tag: Option<String> = "The tag the guest finds it by.",
    ];
}

entity! {
    /// An address of a port in a subnet.
    FixedIp {
        /// The subnet.
        subnet_id: Option<String>,
        /// The address.
        ip_address: Option<String>,
    }
}
