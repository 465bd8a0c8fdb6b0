use serde_json::{Map, Value, json};

use super::{call, require};
use crate::openstack::entity::{Field, entity};
use crate::openstack::resource::{keys, to_wire, wrap};
use crate::openstack::{Cloud, Error, Method, encode};

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
        volume_id: String as "volumeId" = "The volume, by id.",
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
        port_id: Option<String> = "The port, by id; not together with `net_id`.",
        net_id: Option<String> = "The network to make a port in, by id.",
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

/// What is attached to servers.
impl Cloud {
    /// Lists the volumes attached to a server.
    pub async fn volume_attachments(&self, server: &str) -> Result<Vec<VolumeAttachment>, Error> {
        let path = format!("/servers/{}/os-volume_attachments", encode(server));
        self.ask(call(Method::GET, path).object(format!("server {server}")), "volumeAttachments").await
    }

    /// Attaches a volume to a server, by the keys of [`VolumeAttachment::CREATE`].
    pub async fn attach_volume(&self, server: &str, keys: Map<String, Value>) -> Result<VolumeAttachment, Error> {
        let path = format!("/servers/{}/os-volume_attachments", encode(server));
        let body = wrap("volumeAttachment", to_wire(keys, VolumeAttachment::CREATE));
        self.ask(call(Method::POST, path).body(body).object(format!("server {server}")), "volumeAttachment").await
    }

    /// Says whether an attached volume goes when its server goes; known since 2.85.
    pub async fn keep_volume(&self, server: &str, volume: &str, delete_on_termination: bool) -> Result<(), Error> {
        let path = format!("/servers/{}/os-volume_attachments/{}", encode(server), encode(volume));
        let attachment = json!({ "volumeId": volume, "delete_on_termination": delete_on_termination });
        let request = call(Method::PUT, path).body(json!({ "volumeAttachment": attachment })).require(require(2, 85));
        self.tell(request.object(format!("volume {volume} of server {server}"))).await
    }

    /// Detaches a volume from a server; see the volume's status for when it is done.
    pub async fn detach_volume(&self, server: &str, volume: &str) -> Result<(), Error> {
        let path = format!("/servers/{}/os-volume_attachments/{}", encode(server), encode(volume));
        self.remove(call(Method::DELETE, path).object(format!("volume {volume} of server {server}"))).await
    }

    /// Lists the ports attached to a server, in the order of its interfaces.
    pub async fn interface_attachments(&self, server: &str) -> Result<Vec<InterfaceAttachment>, Error> {
        let path = format!("/servers/{}/os-interface", encode(server));
        self.ask(call(Method::GET, path).object(format!("server {server}")), "interfaceAttachments").await
    }

    /// Attaches an interface to a server, by the keys of [`InterfaceAttachment::CREATE`].
    pub async fn attach_interface(&self, server: &str, keys: Map<String, Value>) -> Result<InterfaceAttachment, Error> {
        let path = format!("/servers/{}/os-interface", encode(server));
        let body = wrap("interfaceAttachment", to_wire(keys, InterfaceAttachment::CREATE));
        self.ask(call(Method::POST, path).body(body).object(format!("server {server}")), "interfaceAttachment").await
    }

    /// Detaches a port from a server.
    pub async fn detach_interface(&self, server: &str, port: &str) -> Result<(), Error> {
        let path = format!("/servers/{}/os-interface/{}", encode(server), encode(port));
        self.remove(call(Method::DELETE, path).object(format!("port {port} of server {server}"))).await
    }
}
