//! Quotas: how many objects of a kind a project may have.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::rest::{Kind, Who};
use super::{State, error};
use crate::twin::http::{Answer, Call, Refusal, Reply};

/// The limits of a project that has none of its own; -1 is no limit.
const DEFAULTS: [(&str, i64); 9] = [
    ("network", 100),
    ("subnet", 100),
    ("subnetpool", -1),
    ("port", 500),
    ("rbac_policy", 10),
    ("router", 10),
    ("floatingip", 50),
    ("security_group", 10),
    ("security_group_rule", 100),
];

/// Returns how much of a resource the project has.
fn used(state: &State, resource: &str, project: &str) -> i64 {
    fn count<K: Kind>(table: &BTreeMap<String, K>, project: &str) -> usize {
        table.values().filter(|object| object.standard().project_id == project).count()
    }
    let used = match resource {
        "network" => count(&state.networks, project),
        "subnet" => count(&state.subnets, project),
        "port" => return state.port_counts.get(project).copied().unwrap_or_default(),
        "router" => count(&state.routers, project),
        "floatingip" => count(&state.floating_ips, project),
        "security_group" => count(&state.groups, project),
        "security_group_rule" => count(&state.rules, project),
        _ => 0,
    };
    i64::try_from(used).unwrap_or(i64::MAX)
}

fn limit(state: &State, resource: &str, project: &str) -> i64 {
    let own = state.quotas.get(project).and_then(|own| own.get(resource)).copied();
    let default = DEFAULTS.iter().find(|(name, _)| *name == resource).map_or(-1, |(_, limit)| *limit);
    own.unwrap_or(default)
}

/// Refuses one more object than the project's quota allows.
pub fn reserve<K: Kind>(state: &State, project: &str) -> Result<(), Refusal> {
    if !state.enforce_quotas {
        return Ok(());
    }
    let limit = limit(state, K::ONE, project);
    if limit >= 0 && used(state, K::ONE, project) >= limit { Err(error::over_quota(K::ONE)) } else { Ok(()) }
}

/// Sets limits of a project, as an estate describes them.
pub fn install(state: &mut State, project: &str, limits: &BTreeMap<String, i64>) -> Result<(), String> {
    for (name, limit) in limits {
        if !DEFAULTS.iter().any(|(known, _)| known == name) {
            return Err(format!("project {project}: the network quota has no '{name}'"));
        }
        state.quotas.entry(project.into()).or_default().insert(name.clone(), *limit);
    }
    Ok(())
}

fn document(state: &State, project: &str) -> Map<String, Value> {
    DEFAULTS.iter().map(|(name, _)| ((*name).to_owned(), limit(state, name, project).into())).collect()
}

/// `GET /quotas`: the projects with limits of their own.
pub fn list(call: &mut Call) -> Answer {
    admin(call, "rule:get_quota")?;
    let state = &call.cloud.network;
    let quotas = state.quotas.keys().map(|project| {
        let mut quota = document(state, project);
        quota.insert("project_id".into(), project.as_str().into());
        quota.insert("tenant_id".into(), project.as_str().into());
        Value::Object(quota)
    });
    Ok(Reply::ok(json!({"quotas": quotas.collect::<Vec<_>>()})))
}

/// `GET /quotas/{project}`.
pub fn get(call: &mut Call) -> Answer {
    let project = call.param(0);
    if project != call.caller.project_id {
        admin(call, "rule:get_quota")?;
    }
    Ok(Reply::ok(json!({"quota": document(&call.cloud.network, &project)})))
}

/// `GET /quotas/{project}/default`.
pub fn default(call: &mut Call) -> Answer {
    let project = call.param(0);
    if project != call.caller.project_id {
        admin(call, "rule:get_quota")?;
    }
    let limits: Map<_, _> = DEFAULTS.iter().map(|(name, limit)| ((*name).to_owned(), (*limit).into())).collect();
    Ok(Reply::ok(json!({"quota": limits})))
}

/// `GET /quotas/{project}/details.json`.
pub fn details(call: &mut Call) -> Answer {
    let project = call.param(0);
    if project != call.caller.project_id {
        admin(call, "rule:get_quota")?;
    }
    let state = &call.cloud.network;
    let details = DEFAULTS.iter().map(|(name, _)| {
        let detail = json!({"limit": limit(state, name, &project), "used": used(state, name, &project), "reserved": 0});
        ((*name).to_owned(), detail)
    });
    Ok(Reply::ok(json!({"quota": details.collect::<Map<_, _>>()})))
}

/// `PUT /quotas/{project}`.
pub fn update(call: &mut Call) -> Answer {
    admin(call, "rule:update_quota")?;
    let project = call.param(0);
    let Some(Value::Object(sent)) = call.body.get("quota").cloned() else {
        return Err(error::bad_request("Unable to find 'quota' in request body"));
    };
    let state = super::open(call.cloud);
    let mut limits = BTreeMap::new();
    for (name, limit) in sent {
        match name.as_str() {
            "force" | "check_limit" | "tenant_id" | "project_id" => continue,
            _ => {}
        }
        if !DEFAULTS.iter().any(|(known, _)| *known == name) {
            return Err(error::bad_request(format!("Unrecognized attribute(s) '{name}'")));
        }
        let number = limit.as_i64().or_else(|| limit.as_str().and_then(|text| text.parse().ok()));
        let number = number.filter(|number| (-1..=2_147_483_647).contains(number));
        let given = limit.as_str().map_or_else(|| limit.to_string(), str::to_owned);
        let what = || error::invalid_input(format!("'{given}' is not an integer"));
        limits.insert(name.clone(), number.ok_or_else(what)?);
    }
    state.quotas.entry(project.clone()).or_default().extend(limits);
    Ok(Reply::ok(json!({"quota": document(state, &project)})))
}

/// `DELETE /quotas/{project}`.
pub fn delete(call: &mut Call) -> Answer {
    admin(call, "rule:delete_quota")?;
    let project = call.param(0);
    match call.cloud.network.quotas.remove(&project) {
        Some(_) => Ok(Reply::empty(204)),
        None => {
            let what = format!("Quota for tenant {project} could not be found.");
            Err(error::new(404, "TenantQuotaNotFound", what))
        }
    }
}

fn admin(call: &Call, rule: &str) -> Result<(), Refusal> {
    if Who::of(call).admin { Ok(()) } else { Err(error::forbidden(rule)) }
}
