//! Neutron as a client sees it: networks, subnets, ports, routers, floating IPs, security groups, quotas.
//!
//! No packet moves here; what is simulated is who may have which address. A kind is a struct, a table of its fields and
//! the rules of its changes (`rest::Kind`); lists, filters, pages and refusals are common to all. Decision: Nova calls the
//! functions at the end as functions, so a server's ports appear atomically with it.

mod address;
mod attribute;
mod device;
pub mod error;
mod extension;
mod fixed_ip;
mod floating_ip;
mod install;
mod networks;
mod port;
mod port_rules;
mod query;
mod quota;
mod rest;
mod router;
mod router_interface;
mod security_group;
mod security_group_rule;
mod subnet;
mod tags;
mod value;

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value};

use super::cloud::Cloud;
use super::dice::Dice;
use super::http::Route;
use rest::Kind;

pub use device::{
    bind_ports, check_network, check_port, claim_port, create_server_port, default_networks, release_port,
    security_group, server_ports, set_port_groups,
};
pub use install::{find_network, find_port, install, install_floating_ips};

/// Everything Neutron keeps.
#[derive(Debug)]
pub struct State {
    networks: BTreeMap<String, networks::Network>,
    subnets: BTreeMap<String, subnet::Subnet>,
    ports: BTreeMap<String, port::Port>,
    routers: BTreeMap<String, router::Router>,
    floating_ips: BTreeMap<String, floating_ip::FloatingIp>,
    groups: BTreeMap<String, security_group::Group>,
    rules: BTreeMap<String, security_group_rule::Rule>,
    /// Limits of projects that have limits of their own.
    quotas: BTreeMap<String, BTreeMap<String, i64>>,
    /// Each project's group `default`.
    default_groups: HashMap<String, String>,
    /// The ports of each device, in the order plugged in.
    devices: HashMap<String, Vec<String>>,
    /// The hardware addresses in use, behind their network's id.
    macs: HashSet<String>,
    port_counts: HashMap<String, i64>,
    next_segment: u64,
    enforce_quotas: bool,
    /// Whether the estate stands; what it contains is not refused for a quota.
    installed: bool,
    /// Whether the newer release is played.
    current: bool,
    /// Floating IPs that the routers have not heard of yet.
    rerouted: Vec<String>,
    dice: Dice,
    /// The id that the next object gets, where the estate names one.
    wanted_id: Option<String>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            networks: BTreeMap::new(),
            subnets: BTreeMap::new(),
            ports: BTreeMap::new(),
            routers: BTreeMap::new(),
            floating_ips: BTreeMap::new(),
            groups: BTreeMap::new(),
            rules: BTreeMap::new(),
            quotas: BTreeMap::new(),
            default_groups: HashMap::new(),
            devices: HashMap::new(),
            macs: HashSet::new(),
            port_counts: HashMap::new(),
            next_segment: 0,
            enforce_quotas: false,
            installed: false,
            current: false,
            rerouted: Vec::new(),
            dice: Dice::new(0),
            wanted_id: None,
        }
    }
}

impl State {
    /// Returns the state for comparisons: dates, revisions and untouched default groups are left out.
    pub fn snapshot(&self) -> Value {
        let mut all = Map::new();
        self.keep::<networks::Network>(&mut all);
        self.keep::<subnet::Subnet>(&mut all);
        self.keep::<port::Port>(&mut all);
        self.keep::<router::Router>(&mut all);
        self.keep::<floating_ip::FloatingIp>(&mut all);
        self.keep::<security_group::Group>(&mut all);
        all.insert("quotas".into(), serde_json::to_value(&self.quotas).unwrap_or_default());
        Value::Object(all)
    }

    fn keep<K: Kind>(&self, all: &mut Map<String, Value>) {
        let who = rest::Who { admin: true, ..rest::Who::default() };
        let mut kept = Map::new();
        for (id, object) in K::table(self) {
            if self.default_groups.values().any(|group| group == id && self.groups[id].rules.len() == 4) {
                continue;
            }
            let mut document = rest::render(self, &who, object);
            undate(&mut document);
            kept.insert(id.clone(), Value::Object(document));
        }
        all.insert(K::MANY.into(), Value::Object(kept));
    }

    fn new_id(&mut self) -> String {
        self.wanted_id.take().unwrap_or_else(|| self.dice.uuid())
    }
}

fn undate(document: &mut Map<String, Value>) {
    for name in ["created_at", "updated_at", "revision_number"] {
        document.remove(name);
    }
    for value in document.values_mut().filter_map(Value::as_array_mut).flatten().filter_map(Value::as_object_mut) {
        undate(value);
    }
}

/// Opens the state for a change: ids come from the cloud's dice, quotas follow the cloud's option.
fn open(cloud: &mut Cloud) -> &mut State {
    cloud.network.dice = Dice::new(cloud.dice.bits());
    cloud.network.enforce_quotas = cloud.enforce_quotas && cloud.network.installed;
    &mut cloud.network
}

/// Lets happen later what a change brings about in the background.
fn follow_up(cloud: &mut Cloud) {
    let ids = std::mem::take(&mut cloud.network.rerouted);
    if !ids.is_empty() {
        cloud.later(1.0, move |cloud| floating_ip::reroute(&mut cloud.network, &ids));
    }
}

/// The five calls of a collection, and its tags.
macro_rules! collection {
    ($routes:ident, $kind:ty, $all:literal) => {
        $routes.extend([
            Route::get(concat!("/v2.0/", $all), rest::list::<$kind>),
            Route::post(concat!("/v2.0/", $all), rest::create::<$kind>),
            Route::get(concat!("/v2.0/", $all, "/{id}"), rest::get::<$kind>),
            Route::put(concat!("/v2.0/", $all, "/{id}"), rest::update::<$kind>),
            Route::delete(concat!("/v2.0/", $all, "/{id}"), rest::delete::<$kind>),
            Route::get(concat!("/v2.0/", $all, "/{id}/tags"), tags::list::<$kind>),
            Route::put(concat!("/v2.0/", $all, "/{id}/tags"), tags::replace::<$kind>),
            Route::delete(concat!("/v2.0/", $all, "/{id}/tags"), tags::clear::<$kind>),
            Route::get(concat!("/v2.0/", $all, "/{id}/tags/{tag}"), tags::has::<$kind>),
            Route::put(concat!("/v2.0/", $all, "/{id}/tags/{tag}"), tags::add::<$kind>),
            Route::delete(concat!("/v2.0/", $all, "/{id}/tags/{tag}"), tags::remove::<$kind>),
        ]);
    };
}

/// Returns the routing table.
pub fn routes() -> Vec<Route> {
    let mut routes = vec![
        Route::get("/v2.0/extensions", extension::list),
        Route::get("/v2.0/extensions.json", extension::list),
        Route::get("/v2.0/extensions/{alias}", extension::get),
        Route::get("/v2.0/agents", extension::agents),
        Route::get("/v2.0/availability_zones", extension::zones),
        Route::get("/v2.0/quotas", quota::list),
        Route::get("/v2.0/quotas/{project}", quota::get),
        Route::put("/v2.0/quotas/{project}", quota::update),
        Route::delete("/v2.0/quotas/{project}", quota::delete),
        Route::get("/v2.0/quotas/{project}/default", quota::default),
        Route::get("/v2.0/quotas/{project}/details.json", quota::details),
        Route::put("/v2.0/routers/{id}/add_router_interface", router_interface::add),
        Route::put("/v2.0/routers/{id}/remove_router_interface", router_interface::remove),
    ];
    collection!(routes, networks::Network, "networks");
    collection!(routes, subnet::Subnet, "subnets");
    collection!(routes, port::Port, "ports");
    collection!(routes, router::Router, "routers");
    collection!(routes, floating_ip::FloatingIp, "floatingips");
    collection!(routes, security_group::Group, "security-groups");
    collection!(routes, security_group_rule::Rule, "security-group-rules");
    routes
}

/// A server's port as Nova shows it.
#[derive(Debug, Clone, Default)]
pub struct ServerPort {
    /// The port's id.
    pub id: String,
    /// Its network's id.
    pub network_id: String,
    /// Its network's name, the key of a server's `addresses`.
    pub network_name: String,
    /// `fa:16:3e:…`
    pub mac: String,
    /// `ACTIVE` or `DOWN`.
    pub status: String,
    /// Subnet id and address.
    pub fixed_ips: Vec<(String, String)>,
    /// Fixed address and the floating address that leads to it.
    pub floating_ips: Vec<(String, String)>,
    /// Id and name of its security groups.
    pub security_groups: Vec<(String, String)>,
}

/// A port that Nova asks for.
#[derive(Debug, Clone, Default)]
pub struct WantedPort {
    /// The network's id.
    pub network: String,
    /// The address, where one was asked for.
    pub fixed_ip: Option<String>,
    /// The server's project.
    pub project: String,
    /// Ids or names of security groups; empty means `default`.
    pub security_groups: Vec<String>,
}
