//! Checks and conversions of single values, in Neutron's wording.

use std::net::IpAddr;

use serde_json::{Map, Value};

use super::address::Prefix;
use super::error;
use crate::twin::http::Refusal;

/// Why a value is not accepted.
#[derive(Debug)]
pub enum Wrong {
    /// A validator's reason, which the refusal wraps with the field's name.
    Reason(String),
    /// A converter's complaint.
    Input(String),
    /// A refusal of its own class.
    Other(Refusal),
}

/// A check that also brings a value into its canonical form.
pub type Check = fn(Value) -> Result<Value, Wrong>;

type Checked = Result<Value, Wrong>;

fn reason(text: String) -> Wrong {
    Wrong::Reason(text)
}

/// Renders a value as Python would in a message: texts bare, the rest as JSON.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "None".into(),
        other => other.to_string(),
    }
}

/// Accepts everything.
pub fn any(value: Value) -> Checked {
    Ok(value)
}

/// Accepts texts of up to 255 characters.
pub fn text255(value: Value) -> Checked {
    match &value {
        Value::String(text) if text.chars().count() <= 255 => Ok(value),
        Value::String(text) => Err(reason(format!("'{text}' exceeds maximum length of 255"))),
        other => Err(reason(format!("'{}' is not a valid string", shown(other)))),
    }
}

/// Accepts what Neutron reads as true or false.
pub fn boolean(value: Value) -> Checked {
    match &value {
        Value::Bool(_) => Ok(value),
        Value::String(text) if text.eq_ignore_ascii_case("true") || text == "1" => Ok(true.into()),
        Value::String(text) if text.eq_ignore_ascii_case("false") || text == "0" => Ok(false.into()),
        Value::Number(number) if number.as_u64() == Some(1) => Ok(true.into()),
        Value::Number(number) if number.as_u64() == Some(0) => Ok(false.into()),
        other => Err(Wrong::Input(format!("'{}' cannot be converted to boolean", shown(other)))),
    }
}

/// Accepts whole numbers, also as text.
pub fn integer(value: Value) -> Checked {
    let number = match &value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.map(Value::from).ok_or_else(|| Wrong::Input(format!("'{}' is not an integer", shown(&value))))
}

/// Accepts 4 and 6.
pub fn ip_version(value: Value) -> Checked {
    let value = integer(value)?;
    match value.as_i64() {
        Some(4 | 6) => Ok(value),
        _ => Err(reason(format!("{value} is not in valid_values"))),
    }
}

/// Accepts UUIDs.
pub fn uuid(value: Value) -> Checked {
    match value.as_str() {
        Some(text) if uuid::Uuid::try_parse(text).is_ok() => Ok(value),
        _ => Err(reason(format!("'{}' is not a valid UUID", shown(&value)))),
    }
}

/// Accepts UUIDs and null.
pub fn uuid_or_null(value: Value) -> Checked {
    if value.is_null() { Ok(value) } else { uuid(value) }
}

/// Accepts lists of UUIDs without repetition; null is an empty list.
pub fn uuid_list(value: Value) -> Checked {
    let items = match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items,
        other => return Err(reason(format!("'{}' is not a list", shown(&other)))),
    };
    if items.iter().enumerate().any(|(place, item)| items[..place].contains(item)) {
        return Err(reason(format!("Duplicate items in the list: '{}'", shown(&Value::Array(items)))));
    }
    items.into_iter().map(uuid).collect::<Result<Vec<_>, _>>().map(Value::Array)
}

/// Accepts addresses, in canonical form afterwards.
pub fn ip(value: Value) -> Checked {
    match value.as_str().and_then(|text| text.parse::<IpAddr>().ok()) {
        Some(address) => Ok(address.to_string().into()),
        None => Err(reason(format!("'{}' is not a valid IP address", shown(&value)))),
    }
}

/// Accepts addresses and null.
pub fn ip_or_null(value: Value) -> Checked {
    if value.is_null() { Ok(value) } else { ip(value) }
}

/// Accepts address blocks with a prefix length; host bits are cleared.
pub fn cidr(value: Value) -> Checked {
    match value.as_str().filter(|text| text.contains('/')).and_then(Prefix::parse) {
        Some(block) => Ok(block.to_string().into()),
        None => Err(Wrong::Input(format!("{} is not in a CIDR format", shown(&value)))),
    }
}

/// Accepts lists of nameserver addresses without repetition; null is an empty list.
pub fn nameservers(value: Value) -> Checked {
    let items = list(value, "nameservers")?;
    let items = items.into_iter().map(ip).collect::<Result<Vec<_>, _>>()?;
    match items.iter().enumerate().find(|(place, item)| items[..*place].contains(item)) {
        Some((_, twice)) => Err(reason(format!("Duplicate nameserver '{}'", shown(twice)))),
        None => Ok(Value::Array(items)),
    }
}

/// Accepts lists of `{destination, nexthop}`; null is an empty list.
pub fn host_routes(value: Value) -> Checked {
    let items = list(value, "hostroutes")?;
    let mut routes = Vec::new();
    for item in items {
        let mut route = pairs(item, &["destination", "nexthop"], &["destination", "nexthop"])?;
        for (name, check) in [("destination", destination as Check), ("nexthop", ip as Check)] {
            if let Some(value) = route.remove(name) {
                route.insert(name.into(), check(value)?);
            }
        }
        let route = Value::Object(route);
        if routes.contains(&route) {
            return Err(reason(format!("Duplicate hostroute '{route}'")));
        }
        routes.push(route);
    }
    Ok(Value::Array(routes))
}

fn destination(value: Value) -> Checked {
    cidr(value).map_err(|wrong| match wrong {
        Wrong::Input(text) => reason(format!("'{}' is not a valid CIDR", text.split(' ').next().unwrap_or_default())),
        other => other,
    })
}

/// Accepts lists of `{start, end}`.
pub fn pools(value: Value) -> Checked {
    let items = list(value, "IP pool")?;
    let checked = items.into_iter().map(|item| {
        let pool = pairs(item, &["start", "end"], &["start", "end"])?;
        pool.into_iter().map(|(name, value)| Ok((name, ip(value)?))).collect::<Result<Map<_, _>, Wrong>>()
    });
    Ok(Value::Array(checked.map(|pool| pool.map(Value::Object)).collect::<Result<_, _>>()?))
}

/// Accepts lists of `{subnet_id?, ip_address?}`.
pub fn fixed_ips(value: Value) -> Checked {
    let items = list(value, "fixed IP")?;
    let mut taken = Vec::new();
    for item in items {
        let mut wanted = pairs(item, &["subnet_id", "ip_address"], &[])?;
        if let Some(address) = wanted.remove("ip_address") {
            let address = ip(address)?;
            if taken.iter().any(|other: &Value| other.get("ip_address") == Some(&address)) {
                return Err(reason(format!("Duplicate IP address '{}'", shown(&address))));
            }
            wanted.insert("ip_address".into(), address);
        }
        if let Some(subnet) = wanted.remove("subnet_id") {
            wanted.insert("subnet_id".into(), uuid(subnet)?);
        }
        taken.push(Value::Object(wanted));
    }
    Ok(Value::Array(taken))
}

/// Accepts hardware addresses, in lower case with colons afterwards.
pub fn mac(value: Value) -> Checked {
    let parsed = value.as_str().map(|text| text.replace('-', ":").to_lowercase()).filter(|text| {
        text.split(':').count() == 6
            && text.split(':').all(|pair| pair.len() == 2 && u8::from_str_radix(pair, 16).is_ok())
    });
    parsed.map(Value::from).ok_or_else(|| reason(format!("'{}' is not a valid MAC address", shown(&value))))
}

/// Accepts lists of `{ip_address, mac_address?}`; null is an empty list.
pub fn address_pairs(value: Value) -> Checked {
    let items = list(value, "allowed_address_pairs")?;
    let mut allowed: Vec<Value> = Vec::new();
    for item in items {
        let mut pair = pairs(item, &["ip_address", "mac_address"], &["ip_address"])?;
        if let Some(given) = pair.remove("mac_address") {
            pair.insert("mac_address".into(), mac(given)?);
        }
        let block = pair.get("ip_address").and_then(Value::as_str).is_some_and(|text| Prefix::parse(text).is_some());
        if !block {
            let given = pair.get("ip_address").map(shown).unwrap_or_default();
            return Err(reason(format!("'{given}' is not a valid IP address")));
        }
        let pair = Value::Object(pair);
        if allowed.contains(&pair) {
            let text = format!("Request contains duplicate address pair: {pair}.");
            return Err(Wrong::Other(error::new(400, "DuplicateAddressPairInRequest", text)));
        }
        allowed.push(pair);
    }
    Ok(Value::Array(allowed))
}

/// Accepts lists of `{opt_name, opt_value, ip_version?}`; null is an empty list.
pub fn dhcp_options(value: Value) -> Checked {
    let items = list(value, "extra_dhcp_opts")?;
    let mut options = Vec::new();
    for item in items {
        let mut option = pairs(item, &["opt_name", "opt_value", "ip_version"], &["opt_name", "opt_value"])?;
        let version = option.remove("ip_version").unwrap_or_else(|| 4.into());
        option.insert("ip_version".into(), ip_version(version)?);
        options.push(Value::Object(option));
    }
    Ok(Value::Array(options))
}

/// Accepts objects; null is an empty one.
pub fn object(value: Value) -> Checked {
    match value {
        Value::Null => Ok(Value::Object(Map::new())),
        Value::Object(_) => Ok(value),
        other => Err(reason(format!("'{}' is not a dictionary", shown(&other)))),
    }
}

/// Accepts lists of texts, such as availability zones.
pub fn texts(value: Value) -> Checked {
    let items = list(value, "list")?;
    Ok(Value::Array(items.into_iter().map(text255).collect::<Result<_, _>>()?))
}

/// Accepts the three ways of IPv6 configuration, and null.
pub fn ipv6_mode(value: Value) -> Checked {
    match value.as_str() {
        None if value.is_null() => Ok(value),
        Some("slaac" | "dhcpv6-stateful" | "dhcpv6-stateless") => Ok(value),
        _ => {
            let given = shown(&value);
            Err(reason(format!("'{given}' is not in ['dhcpv6-stateful', 'dhcpv6-stateless', 'slaac']")))
        }
    }
}

/// Accepts host names; null is none.
pub fn host(value: Value) -> Checked {
    if value.is_null() { Ok("".into()) } else { text255(value) }
}

/// Accepts the ways a port can be virtual.
pub fn vnic_type(value: Value) -> Checked {
    const KNOWN: [&str; 5] = ["normal", "direct", "macvtap", "baremetal", "direct-physical"];
    match value.as_str() {
        Some(text) if KNOWN.contains(&text) => Ok(value),
        _ => Err(reason(format!("'{}' is not in {KNOWN:?}", shown(&value)))),
    }
}

/// Accepts a router's gateway; null and an empty object mean none.
pub fn gateway(value: Value) -> Checked {
    if value.is_null() || value.as_object().is_some_and(Map::is_empty) {
        return Ok(Value::Null);
    }
    let mut wanted = pairs(value, &["network_id", "enable_snat", "external_fixed_ips"], &["network_id"])?;
    for (name, check) in [
        ("network_id", uuid_or_null as Check),
        ("enable_snat", boolean as Check),
        ("external_fixed_ips", fixed_ips as Check),
    ] {
        if let Some(given) = wanted.remove(name) {
            wanted.insert(name.into(), check(given)?);
        }
    }
    Ok(Value::Object(wanted))
}

/// Accepts `ingress` and `egress`.
pub fn direction(value: Value) -> Checked {
    match value.as_str() {
        Some("ingress" | "egress") => Ok(value),
        _ => Err(reason(format!("{} is not in valid_values", shown(&value)))),
    }
}

/// Accepts `IPv4` and `IPv6` in any case.
pub fn ethertype(value: Value) -> Checked {
    match value.as_str().map(str::to_lowercase).as_deref() {
        Some("ipv4") => Ok("IPv4".into()),
        Some("ipv6") => Ok("IPv6".into()),
        _ => {
            let given = shown(&value);
            let what = format!(
                "Security group rule for ethertype '{given}' not supported. Allowed values are ['IPv4', 'IPv6']."
            );
            Err(Wrong::Other(error::new(400, "SecurityGroupRuleInvalidEtherType", what)))
        }
    }
}

/// Accepts names and numbers of protocols; `any` and null mean any.
pub fn protocol(value: Value) -> Checked {
    const KNOWN: [&str; 24] = [
        "ah",
        "dccp",
        "egp",
        "esp",
        "gre",
        "hopopt",
        "icmp",
        "icmpv6",
        "igmp",
        "ip",
        "ipip",
        "ipv6-encap",
        "ipv6-frag",
        "ipv6-icmp",
        "ipv6-nonxt",
        "ipv6-opts",
        "ipv6-route",
        "ospf",
        "pgm",
        "rsvp",
        "sctp",
        "tcp",
        "udp",
        "udplite",
    ];
    let text = match &value {
        Value::Null => return Ok(Value::Null),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.to_lowercase(),
        other => other.to_string(),
    };
    if matches!(text.as_str(), "icmpv6" | "ipv6-icmp") {
        return Ok("ipv6-icmp".into());
    }
    if text == "any" || KNOWN.contains(&text.as_str()) || text == "vrrp" || text.parse::<u8>().is_ok() {
        return Ok(text.into());
    }
    Err(Wrong::Other(no_protocol(&shown(&value))))
}

/// Words an unknown protocol.
pub fn no_protocol(name: &str) -> Refusal {
    let what = format!(
        "Security group rule protocol {name} not supported. Only protocol names and their integer representations (0 to \
         255) are supported."
    );
    error::new(400, "SecurityGroupRuleInvalidProtocol", what)
}

/// Accepts port numbers, ICMP types and codes, and null.
pub fn port_number(value: Value) -> Checked {
    if value.is_null() {
        return Ok(value);
    }
    let number = value.as_i64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
    match number.filter(|number| (0..=65535).contains(number)) {
        Some(number) => Ok(number.into()),
        None => {
            let what = format!("Invalid value for port {}", shown(&value));
            Err(Wrong::Other(error::new(400, "SecurityGroupInvalidPortValue", what)))
        }
    }
}

/// Accepts address blocks, keeping host bits as the service does, and null.
pub fn remote_prefix(value: Value) -> Checked {
    match value.as_str() {
        None | Some("") if value.is_null() || value.is_string() => Ok(Value::Null),
        Some(text) if Prefix::parse(text).is_some() => {
            let bits = if text.contains(':') { 128 } else { 32 };
            Ok(if text.contains('/') { value } else { format!("{text}/{bits}").into() })
        }
        _ => {
            let what = format!("Invalid CIDR {} given as IP prefix.", shown(&value));
            Err(Wrong::Other(error::new(400, "InvalidCIDR", what)))
        }
    }
}

fn list(value: Value, what: &str) -> Result<Vec<Value>, Wrong> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => Ok(items),
        other => Err(reason(format!("Invalid data format for {what}: '{}'", shown(&other)))),
    }
}

fn pairs(value: Value, known: &[&str], required: &[&str]) -> Result<Map<String, Value>, Wrong> {
    let Value::Object(object) = value else {
        return Err(reason(format!("Invalid data format: '{}'", shown(&value))));
    };
    match object.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(reason(format!("Unexpected keys supplied: {name}"))),
        None => match required.iter().find(|name| object.get(**name).is_none()) {
            Some(name) => Err(reason(format!("Expected keys not found: {name}"))),
            None => Ok(object),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_come_out_canonical() {
        assert_eq!(cidr(json!("10.1.2.3/16")).unwrap(), json!("10.1.0.0/16"));
        assert_eq!(mac(json!("FA-16-3E-00-00-01")).unwrap(), json!("fa:16:3e:00:00:01"));
        assert_eq!(boolean(json!("False")).unwrap(), json!(false));
        assert_eq!(dhcp_options(json!([{"opt_name": "a", "opt_value": "b"}])).unwrap()[0]["ip_version"], 4);
    }

    #[test]
    fn unknown_keys_are_refused() {
        assert!(fixed_ips(json!([{"subnet": "x"}])).is_err());
        assert!(host_routes(json!([{"destination": "10.0.0.0/8"}])).is_err());
        assert!(uuid(json!("web")).is_err());
    }
}
