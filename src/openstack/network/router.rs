use serde_json::{Map, Value, json};

use super::call;
use super::port::PortAddress;
use super::subnet::HostRoute;
use crate::openstack::entity::{Field, entity};
use crate::openstack::resource::{Resource, identified, keys};
use crate::openstack::{Cloud, Error, Method, Service, encode};

entity! {
    /// A router between subnets and, by its gateway, to an external network.
    Router reads super::owner {
        /// The id.
        id: String,
        /// The name.
        name: String,
        /// The description.
        description: String,
        /// The project that owns it.
        project_id: String,
        /// The status, for example `ACTIVE`.
        status: String,
        /// Whether it forwards packets.
        admin_state_up: bool,
        /// The gateway, absent where it has none.
        external_gateway_info: Option<ExternalGateway>,
        /// The static routes.
        routes: Vec<HostRoute>,
        /// Whether it is kept twice; only administrators see it.
        ha: Option<bool>,
        /// Whether it runs on every host; only administrators see it.
        distributed: Option<bool>,
        /// The availability zones it runs in.
        availability_zones: Vec<String>,
        /// The availability zones asked for.
        availability_zone_hints: Vec<String>,
        /// The flavor of its driver.
        flavor_id: Option<String>,
        /// The tags.
        tags: Vec<String>,
        /// When it was created.
        created_at: Option<String>,
        /// When it last changed.
        updated_at: Option<String>,
        /// How often it changed.
        revision_number: Option<i64>,
    }
}

entity! {
    /// The gateway of a router.
    ExternalGateway {
        /// The external network.
        network_id: String,
        /// Whether it hides the addresses behind it.
        enable_snat: Option<bool>,
        /// The addresses of the gateway.
        external_fixed_ips: Vec<PortAddress>,
        /// The QoS policy.
        qos_policy_id: Option<String>,
    }
}

entity! {
    /// What adding an interface to a router, or removing one, answers.
    RouterInterface reads super::owner {
        /// The router.
        router_id: String = "id",
        /// The port.
        port_id: String,
        /// The network of the port.
        network_id: String,
        /// The subnet.
        subnet_id: String,
        /// All subnets of the port.
        subnet_ids: Vec<String>,
        /// The project that owns the port.
        project_id: String,
    }
}

impl Resource for Router {
    const KIND: &'static str = "router";
    const PLURAL: &'static str = "routers";
    const SERVICE: Service = Service::Network;
    const PATH: &'static str = "/routers";
    const FILTERS: &'static [Field] = keys![
        id: Option<String> = "Only the router of this id.",
        name: Option<String> = "Only routers of this name.",
        project_id: Option<String> = "Only routers of this project.",
        status: Option<String> = "Only routers of this status.",
        admin_state_up: Option<bool> = "Only routers that forward, or that do not forward, packets.",
        ha: Option<bool> = "Only routers that are, or that are not, kept twice.",
        distributed: Option<bool> = "Only distributed or only central routers.",
        tags: Option<String> = "Only routers that carry all these tags, separated by commas.",
        tags_any: Option<String> as "tags-any" = "Only routers that carry one of these tags, separated by commas.",
    ];
    const CREATE: &'static [Field] = keys![
        name: Option<String> = "The name.",
        description: Option<String> = "The description.",
        project_id: Option<String> = "The project that shall own it; for administrators.",
        admin_state_up: Option<bool> = "Whether it forwards packets.",
        external_gateway_info: Option<Map<String, Value>> = "The gateway: `network_id`, `enable_snat`, `external_fixed_ips`, `qos_policy_id`.",
        ha: Option<bool> = "Whether it is kept twice; for administrators.",
        distributed: Option<bool> = "Whether it runs on every host; for administrators.",
        availability_zone_hints: Option<Vec<String>> = "The availability zones to run it in.",
        flavor_id: Option<String> = "The flavor of its driver.",
    ];
    const UPDATE: &'static [Field] = keys![
        name: Option<String> = "The name.",
        description: Option<String> = "The description.",
        admin_state_up: Option<bool> = "Whether it forwards packets.",
        external_gateway_info: Value = "The gateway: `network_id`, `enable_snat`, `external_fixed_ips`, `qos_policy_id`; none where null.",
        routes: Option<Vec<HostRoute>> = "The static routes; they replace all present ones.",
        ha: Option<bool> = "Whether it is kept twice, while it is down; for administrators.",
        distributed: Option<bool> = "Whether it runs on every host, while it is down; for administrators.",
    ];
    identified!(id, name);
}

/// The interfaces of routers.
impl Cloud {
    /// Gives a router an interface in a subnet, with the subnet's gateway address.
    pub async fn add_router_subnet(&self, router: &str, subnet: &str) -> Result<RouterInterface, Error> {
        self.change_interface(router, "add_router_interface", json!({ "subnet_id": subnet })).await
    }

    /// Makes a port an interface of a router.
    pub async fn add_router_port(&self, router: &str, port: &str) -> Result<RouterInterface, Error> {
        self.change_interface(router, "add_router_interface", json!({ "port_id": port })).await
    }

    /// Takes a router's interface in a subnet away, and its port with it.
    pub async fn remove_router_subnet(&self, router: &str, subnet: &str) -> Result<RouterInterface, Error> {
        self.change_interface(router, "remove_router_interface", json!({ "subnet_id": subnet })).await
    }

    /// Takes an interface of a router away, and its port with it.
    pub async fn remove_router_port(&self, router: &str, port: &str) -> Result<RouterInterface, Error> {
        self.change_interface(router, "remove_router_interface", json!({ "port_id": port })).await
    }

    async fn change_interface(&self, router: &str, what: &str, body: Value) -> Result<RouterInterface, Error> {
        let request = call(Method::PUT, format!("/routers/{}/{what}", encode(router)));
        self.ask(request.body(body).object(format!("router {router}")), "").await
    }
}
