//! Rules of security groups.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::address::Prefix;
use super::attribute::{Attr, Fill};
use super::rest::{self, Document, Kind, Standard, Who};
use super::security_group::Group;
use super::{State, error, value};
use crate::twin::http::Refusal;

/// A rule.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Rule {
    /// Id, owner and dates.
    #[serde(flatten)]
    pub standard: Standard,
    /// The group it is in.
    pub security_group_id: String,
    /// `ingress` or `egress`.
    pub direction: String,
    /// `IPv4` or `IPv6`.
    pub ethertype: String,
    /// The protocol's name or number; null means any.
    pub protocol: Option<String>,
    /// The first port, or the ICMP type.
    pub port_range_min: Option<u16>,
    /// The last port, or the ICMP code.
    pub port_range_max: Option<u16>,
    /// The remote block.
    pub remote_ip_prefix: Option<String>,
    /// The remote group.
    pub remote_group_id: Option<String>,
}

impl Rule {
    /// Makes a rule without conditions.
    pub fn open(group: &str, ethertype: &str) -> Self {
        Self { security_group_id: group.into(), ethertype: ethertype.into(), ..Self::default() }
    }

    /// Keeps a new rule.
    pub fn add(state: &mut State, who: &Who, project: &str, mut rule: Self) -> String {
        let id = state.dice.uuid();
        rule.standard = Standard::new(id.clone(), project, &rule.standard.description, who);
        if let Some(group) = state.groups.get_mut(&rule.security_group_id) {
            group.rules.push(id.clone());
        }
        state.rules.insert(id.clone(), rule);
        id
    }

    fn same(&self, other: &Self) -> bool {
        self.direction == other.direction
            && self.ethertype == other.ethertype
            && self.protocol == other.protocol
            && self.port_range_min == other.port_range_min
            && self.port_range_max == other.port_range_max
            && self.remote_ip_prefix == other.remote_ip_prefix
            && self.remote_group_id == other.remote_group_id
    }
}

impl Kind for Rule {
    const ONE: &'static str = "security_group_rule";
    const MANY: &'static str = "security_group_rules";
    const ATTRS: &'static [Attr] = &[
        Attr::once("security_group_id", value::text255, Fill::Required),
        Attr::once("direction", value::direction, Fill::Required),
        Attr::once("ethertype", value::ethertype, Fill::Text("IPv4")),
        Attr::once("protocol", value::protocol, Fill::Null),
        Attr::once("port_range_min", value::port_number, Fill::Null),
        Attr::once("port_range_max", value::port_number, Fill::Null),
        Attr::once("remote_ip_prefix", value::remote_prefix, Fill::Null),
        Attr::once("remote_group_id", value::any, Fill::Null),
        Attr::once("remote_address_group_id", value::any, Fill::Null),
        Attr::read("normalized_cidr").plain(),
        Attr::read("belongs_to_default_sg"),
    ];

    fn standard(&self) -> &Standard {
        &self.standard
    }

    fn standard_mut(&mut self) -> &mut Standard {
        &mut self.standard
    }

    fn table(state: &State) -> &BTreeMap<String, Self> {
        &state.rules
    }

    fn table_mut(state: &mut State) -> &mut BTreeMap<String, Self> {
        &mut state.rules
    }

    fn missing(id: &str) -> Refusal {
        error::new(404, "SecurityGroupRuleNotFound", format!("Security group rule {id} does not exist"))
    }

    fn text(&self, name: &str) -> Option<&str> {
        match name {
            "id" => Some(&self.standard.id),
            "security_group_id" => Some(&self.security_group_id),
            "direction" => Some(&self.direction),
            "project_id" | "tenant_id" => Some(&self.standard.project_id),
            _ => None,
        }
    }

    fn complete(&self, state: &State, document: &mut Document) {
        let block = self.remote_ip_prefix.as_deref().and_then(Prefix::parse).map(|block| block.to_string());
        document.insert("normalized_cidr".into(), block.into());
        if state.current {
            let group = state.groups.get(&self.security_group_id);
            document.insert("belongs_to_default_sg".into(), group.is_some_and(|group| group.name == "default").into());
        }
        document.insert("remote_address_group_id".into(), Value::Null);
        document.remove("tags");
    }

    fn before_list(state: &mut State, who: &Who, _: Option<&str>) {
        Group::before_list(state, who, None);
    }

    fn create(state: &mut State, who: &Who, project: &str, body: Document) -> Result<String, Refusal> {
        let mut rule: Self = rest::read(body)?;
        if rule.protocol.as_deref() == Some("any") {
            if !state.current {
                return Err(value::no_protocol("any"));
            }
            rule.protocol = None;
        }
        let group = rest::find::<Group>(state, who, &rule.security_group_id)?;
        if let Some(remote) = &rule.remote_group_id {
            rest::find::<Group>(state, &Who { admin: true, ..who.clone() }, remote)?;
        }
        check(&rule)?;
        let twin = group.rules.iter().filter_map(|id| state.rules.get(id)).find(|other| other.same(&rule));
        if let Some(twin) = twin {
            let what = format!("Security group rule already exists. Rule id is {}.", twin.standard.id);
            return Err(error::new(409, "SecurityGroupRuleExists", what));
        }
        let id = rule.security_group_id.clone();
        let made = Self::add(state, who, project, rule);
        if let Some(group) = state.groups.get_mut(&id) {
            group.standard.touch(who);
        }
        Ok(made)
    }

    fn update(_state: &mut State, _who: &Who, _id: &str, _changes: Document) -> Result<(), Refusal> {
        Err(error::new(501, "NotImplementedError", "Security group rules cannot be changed."))
    }

    fn delete(state: &mut State, who: &Who, id: &str) -> Result<(), Refusal> {
        let rule = state.rules.remove(id).ok_or_else(|| Self::missing(id))?;
        if let Some(group) = state.groups.get_mut(&rule.security_group_id) {
            group.rules.retain(|other| other != id);
            group.standard.touch(who);
        }
        Ok(())
    }
}

fn check(rule: &Rule) -> Result<(), Refusal> {
    if rule.remote_group_id.is_some() && rule.remote_ip_prefix.is_some() {
        let what = "Only one of remote_ip_prefix or remote_group_id or remote_address_group_id may be provided.";
        return Err(error::new(400, "SecurityGroupMultipleRemoteEntites", what));
    }
    if let Some(prefix) = &rule.remote_ip_prefix {
        let v6 = Prefix::parse(prefix).is_some_and(|block| block.is_v6());
        if v6 != (rule.ethertype == "IPv6") {
            let ethertype = &rule.ethertype;
            let what = format!("Conflicting value ethertype {ethertype} for CIDR {prefix}");
            return Err(error::new(400, "SecurityGroupRuleParameterConflict", what));
        }
    }
    let (min, max) = (rule.port_range_min, rule.port_range_max);
    let Some(protocol) = rule.protocol.as_deref() else {
        if min.is_none() && max.is_none() {
            return Ok(());
        }
        let what = "Must also specify protocol if port range is given.";
        return Err(error::new(400, "SecurityGroupProtocolRequiredWithPorts", what));
    };
    if protocol.contains("v6") && rule.ethertype != "IPv6" {
        let what = format!("Invalid ethertype {} for protocol {protocol}.", rule.ethertype);
        return Err(error::new(400, "SecurityGroupEthertypeConflictWithProtocol", what));
    }
    match protocol {
        "tcp" | "udp" | "sctp" | "dccp" | "udplite" | "6" | "17" | "132" | "33" | "136" => match (min, max) {
            (None, None) => Ok(()),
            (Some(0), _) | (_, Some(0)) => {
                Err(error::new(400, "SecurityGroupInvalidPortValue", "Invalid value for port 0"))
            }
            (Some(min), Some(max)) if min <= max => Ok(()),
            _ => {
                let what = "For TCP/UDP protocols, port_range_min must be <= port_range_max";
                Err(error::new(400, "SecurityGroupInvalidPortRange", what))
            }
        },
        "icmp" | "ipv6-icmp" | "icmpv6" | "1" | "58" => icmp(min, max),
        _ if min.is_some() || max.is_some() => {
            let what = format!(
                "Ports cannot be specified for protocol {protocol}. Ports are only supported for DCCP, SCTP, TCP, UDP, UDPLITE."
            );
            Err(error::new(400, "SecurityGroupInvalidProtocolForPort", what))
        }
        _ => Ok(()),
    }
}

fn icmp(kind: Option<u16>, code: Option<u16>) -> Result<(), Refusal> {
    for (field, name, value) in [("port_range_min", "type", kind), ("port_range_max", "code", code)] {
        if let Some(value) = value.filter(|value| *value > 255) {
            let what = format!("Invalid value for ICMP {name} ({field}) {value}. It must be 0 to 255.");
            return Err(error::new(400, "SecurityGroupInvalidIcmpValue", what));
        }
    }
    if let (None, Some(code)) = (kind, code) {
        let what = format!("ICMP code (port-range-max) {code} is provided but ICMP type (port-range-min) is missing.");
        return Err(error::new(400, "SecurityGroupMissingIcmpType", what));
    }
    Ok(())
}
