//! Quotas: defaults, what is used, and refusing what is too much; `/limits` and `/os-quota-sets`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::model::Flavor;
use crate::twin::cloud::Cloud;
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply, Route};

/// How long a live migration takes.
pub const LIVE_SECONDS: f64 = 6.0;

/// Resources with their defaults, and the last microversion (minor) that still shows them.
const RESOURCES: &[(&str, i64, u32)] = &[
    ("instances", 10, u32::MAX),
    ("cores", 20, u32::MAX),
    ("ram", 51200, u32::MAX),
    ("metadata_items", 128, u32::MAX),
    ("key_pairs", 100, u32::MAX),
    ("server_groups", 10, u32::MAX),
    ("server_group_members", 10, u32::MAX),
    ("injected_files", 5, 56),
    ("injected_file_content_bytes", 10240, 56),
    ("injected_file_path_bytes", 255, 56),
    ("floating_ips", -1, 35),
    ("fixed_ips", -1, 35),
    ("security_groups", -1, 35),
    ("security_group_rules", -1, 35),
];

pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v2.1/limits", limits),
        Route::get("/v2.1/os-quota-sets/{project}", show),
        Route::get("/v2.1/os-quota-sets/{project}/detail", detail),
        Route::get("/v2.1/os-quota-sets/{project}/defaults", defaults),
        Route::put("/v2.1/os-quota-sets/{project}", update),
        Route::delete("/v2.1/os-quota-sets/{project}", reset),
        Route::get("/v2.1/os-quota-class-sets/{class}", class),
        Route::put("/v2.1/os-quota-class-sets/{class}", update_class),
    ]
}

/// Returns the limit of a resource in a project; -1 is none.
pub fn limit(cloud: &Cloud, project: &str, resource: &str) -> i64 {
    let own = cloud.compute.quotas.get(project).and_then(|quotas| quotas.get(resource)).copied();
    own.unwrap_or_else(|| default(cloud, resource))
}

fn default(cloud: &Cloud, resource: &str) -> i64 {
    let changed = cloud.compute.default_quotas.get(resource).copied();
    changed.unwrap_or_else(|| RESOURCES.iter().find(|(name, ..)| *name == resource).map_or(-1, |(_, value, _)| *value))
}

/// Returns what a project uses.
pub fn used(cloud: &Cloud, project: &str) -> BTreeMap<&'static str, i64> {
    let mut all: BTreeMap<&str, i64> = BTreeMap::new();
    for server in cloud.compute.servers.values().filter(|server| server.project == project) {
        // An unfinished resize counts with the larger flavor, so that it can be reverted.
        let before = server.before.as_ref().map(|before| &before.flavor);
        let cores = before.map_or(0, |flavor| flavor.vcpus).max(server.flavor.vcpus);
        let ram = before.map_or(0, |flavor| flavor.ram).max(server.flavor.ram);
        *all.entry("instances").or_default() += 1;
        *all.entry("cores").or_default() += cores as i64;
        *all.entry("ram").or_default() += ram as i64;
    }
    let groups = cloud.compute.server_groups.values().filter(|group| group.project == project).count();
    all.insert("server_groups", groups as i64);
    all
}

/// Returns how many servers of a flavor may be made, at least `least`, or the refusal Nova words.
pub fn room_for(call: &Call, flavor: &Flavor, least: u64, most: u64) -> Result<u64, Refusal> {
    if !call.cloud.enforce_quotas {
        return Ok(most);
    }
    let project = &call.caller.project_id;
    let used = used(call.cloud, project);
    let needs = [("instances", 1), ("cores", flavor.vcpus as i64), ("ram", flavor.ram as i64)];
    let fits = |count: u64| {
        needs.iter().all(|(name, each)| {
            let limit = limit(call.cloud, project, name);
            limit < 0 || used.get(name).copied().unwrap_or(0) + each * count as i64 <= limit
        })
    };
    (least..=most).rev().find(|count| fits(*count)).ok_or_else(|| over(call.cloud, project, &needs, least))
}

/// Refuses a larger flavor that the quota has no room for.
pub fn room_to_grow(call: &Call, from: &Flavor, to: &Flavor) -> Result<(), Refusal> {
    if !call.cloud.enforce_quotas {
        return Ok(());
    }
    let server = super::state::server(call)?;
    let needs = [("cores", to.vcpus as i64 - from.vcpus as i64), ("ram", to.ram as i64 - from.ram as i64)];
    let used = used(call.cloud, &server.project);
    let too_much = needs.iter().any(|(name, more)| {
        let limit = limit(call.cloud, &server.project, name);
        *more > 0 && limit >= 0 && used.get(name).copied().unwrap_or(0) + more > limit
    });
    if too_much { Err(over(call.cloud, &server.project, &needs, 1)) } else { Ok(()) }
}

fn over(cloud: &Cloud, project: &str, needs: &[(&str, i64)], count: u64) -> Refusal {
    let used = used(cloud, project);
    let mut names = Vec::new();
    let (mut asked, mut have, mut allowed) = (Vec::new(), Vec::new(), Vec::new());
    for (name, each) in needs {
        let (limit, taken, want) =
            (limit(cloud, project, name), used.get(name).copied().unwrap_or(0), each * count as i64);
        if limit >= 0 && taken + want > limit {
            names.push(*name);
            asked.push(want.to_string());
            have.push(taken.to_string());
            allowed.push(limit.to_string());
        }
    }
    let names = names.join(", ");
    Refusal::forbidden(format!(
        "Quota exceeded for {names}: Requested {}, but already used {} of {} {names}",
        asked.join(", "),
        have.join(", "),
        allowed.join(", ")
    ))
}

/// Returns the resources that a microversion shows.
fn shown(call: &Call) -> impl Iterator<Item = &'static str> {
    let minor = call.version.1;
    RESOURCES.iter().filter(move |(_, _, last)| minor <= *last).map(|(name, ..)| *name)
}

fn may_see(call: &Call, project: &str) -> Result<(), Refusal> {
    if call.caller.sees(project) { Ok(()) } else { Err(call.policy("os_compute_api:os-quota-sets:show")) }
}

fn document(call: &Call, project: &str, value: impl Fn(&str) -> Value) -> Map<String, Value> {
    let mut set: Map<String, Value> = shown(call).map(|name| (name.to_owned(), value(name))).collect();
    if !project.is_empty() {
        set.insert("id".to_owned(), json!(project));
    }
    set
}

fn show(call: &mut Call) -> Answer {
    let project = call.param(0);
    may_see(call, &project)?;
    let set = document(call, &project, |name| json!(limit(call.cloud, &project, name)));
    Ok(Reply::ok(json!({ "quota_set": set })))
}

fn detail(call: &mut Call) -> Answer {
    let project = call.param(0);
    may_see(call, &project)?;
    let used = used(call.cloud, &project);
    let value = |name: &str| json!({"limit": limit(call.cloud, &project, name), "in_use": used.get(name).copied().unwrap_or(0), "reserved": 0});
    let set = document(call, &project, value);
    Ok(Reply::ok(json!({ "quota_set": set })))
}

fn defaults(call: &mut Call) -> Answer {
    let project = call.param(0);
    let set = document(call, &project, |name| json!(default(call.cloud, name)));
    Ok(Reply::ok(json!({ "quota_set": set })))
}

/// Reads the values of a quota set; unknown names are refused.
fn values(call: &Call, mut fields: Fields) -> Result<BTreeMap<String, i64>, Refusal> {
    let mut all = BTreeMap::new();
    for name in shown(call).collect::<Vec<_>>() {
        if let Some(value) = fields.number(name)? {
            if value < -1 {
                return Err(Refusal::bad(format!("Invalid input for field/attribute {name}. Value: {value}.")));
            }
            all.insert(name.to_owned(), value);
        }
    }
    fields.done()?;
    Ok(all)
}

fn update(call: &mut Call) -> Answer {
    call.admin("os_compute_api:os-quota-sets:update")?;
    let project = call.param(0);
    if !call.cloud.identity.projects.contains_key(&project) {
        return Err(Refusal::bad(format!("Project ID {project} is not a valid project.")));
    }
    let mut fields = Fields::wrapped(&call.body, "quota_set")?;
    let force = fields.flag("force")?.unwrap_or_default();
    fields.ignore(&["tenant_id"]);
    let wanted = values(call, fields)?;
    let used = used(call.cloud, &project);
    for (name, value) in wanted.iter().filter(|(_, value)| !force && **value >= 0) {
        let taken = used.get(name.as_str()).copied().unwrap_or(0);
        if *value < taken {
            return Err(Refusal::bad(format!(
                "Quota limit {value} for {name} must be greater than or equal to already used and reserved {taken}."
            )));
        }
    }
    call.cloud.compute.quotas.entry(project.clone()).or_default().extend(wanted);
    let set = document(call, "", |name| json!(limit(call.cloud, &project, name)));
    Ok(Reply::ok(json!({ "quota_set": set })))
}

fn reset(call: &mut Call) -> Answer {
    call.admin("os_compute_api:os-quota-sets:delete")?;
    call.cloud.compute.quotas.remove(&call.param(0));
    Ok(Reply::empty(202))
}

fn class(call: &mut Call) -> Answer {
    call.admin("os_compute_api:os-quota-class-sets:show")?;
    let set = document(call, &call.param(0), |name| json!(default(call.cloud, name)));
    Ok(Reply::ok(json!({ "quota_class_set": set })))
}

fn update_class(call: &mut Call) -> Answer {
    call.admin("os_compute_api:os-quota-class-sets:update")?;
    let fields = Fields::wrapped(&call.body, "quota_class_set")?;
    let wanted = values(call, fields)?;
    call.cloud.compute.default_quotas.extend(wanted);
    let set = document(call, "", |name| json!(default(call.cloud, name)));
    Ok(Reply::ok(json!({ "quota_class_set": set })))
}

fn limits(call: &mut Call) -> Answer {
    let project = match call.query.get("tenant_id") {
        Some(project) if project != call.caller.project_id => {
            call.admin("os_compute_api:limits:other_project")?;
            project.to_owned()
        }
        _ => call.caller.project_id.clone(),
    };
    let limit = |name| limit(call.cloud, &project, name);
    let used = used(call.cloud, &project);
    let of = |name| used.get(name).copied().unwrap_or(0);
    let mut absolute = json!({
        "maxTotalInstances": limit("instances"), "maxTotalCores": limit("cores"), "maxTotalRAMSize": limit("ram"),
        "maxServerMeta": limit("metadata_items"), "maxTotalKeypairs": limit("key_pairs"),
        "maxServerGroups": limit("server_groups"), "maxServerGroupMembers": limit("server_group_members"),
        "totalInstancesUsed": of("instances"), "totalCoresUsed": of("cores"), "totalRAMUsed": of("ram"),
        "totalServerGroupsUsed": of("server_groups"),
    });
    if !call.since(2, 57) {
        absolute["maxPersonality"] = json!(5);
        absolute["maxPersonalitySize"] = json!(10240);
    }
    if !call.since(2, 39) {
        absolute["maxImageMeta"] = json!(128);
    }
    Ok(Reply::ok(json!({"limits": {"rate": [], "absolute": absolute}})))
}
