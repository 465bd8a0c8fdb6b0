//! Grants: `/v3/{projects|domains|system}/…/{users|groups}/…/roles/{role}`, and their inherited twins.

use super::common::{document, listing, missing};
use super::model::{Actor, Assignment, Target};
use crate::twin::http::{Answer, Call, Refusal, Reply, Route};

pub fn routes() -> Vec<Route> {
    let lists = [
        "/v3/projects/{id}/users/{actor}/roles",
        "/v3/projects/{id}/groups/{actor}/roles",
        "/v3/domains/{id}/users/{actor}/roles",
        "/v3/domains/{id}/groups/{actor}/roles",
        "/v3/system/users/{actor}/roles",
        "/v3/system/groups/{actor}/roles",
        "/v3/OS-INHERIT/projects/{id}/users/{actor}/roles/inherited_to_projects",
        "/v3/OS-INHERIT/projects/{id}/groups/{actor}/roles/inherited_to_projects",
        "/v3/OS-INHERIT/domains/{id}/users/{actor}/roles/inherited_to_projects",
        "/v3/OS-INHERIT/domains/{id}/groups/{actor}/roles/inherited_to_projects",
    ];
    let singles = [
        "/v3/projects/{id}/users/{actor}/roles/{role}",
        "/v3/projects/{id}/groups/{actor}/roles/{role}",
        "/v3/domains/{id}/users/{actor}/roles/{role}",
        "/v3/domains/{id}/groups/{actor}/roles/{role}",
        "/v3/system/users/{actor}/roles/{role}",
        "/v3/system/groups/{actor}/roles/{role}",
        "/v3/OS-INHERIT/projects/{id}/users/{actor}/roles/{role}/inherited_to_projects",
        "/v3/OS-INHERIT/projects/{id}/groups/{actor}/roles/{role}/inherited_to_projects",
        "/v3/OS-INHERIT/domains/{id}/users/{actor}/roles/{role}/inherited_to_projects",
        "/v3/OS-INHERIT/domains/{id}/groups/{actor}/roles/{role}/inherited_to_projects",
    ];
    let mut all: Vec<Route> = lists.iter().map(|path| Route::get(path, list)).collect();
    for path in singles {
        all.extend([
            Route::put(path, add),
            Route::head(path, check),
            Route::get(path, check),
            Route::delete(path, remove),
        ]);
    }
    all
}

/// What a grant's path says: target, actor, role, whether inherited.
struct Named {
    target: Target,
    actor: Actor,
    role: String,
    inherited: bool,
}

fn read(call: &Call, rule: &str) -> Result<Named, Refusal> {
    call.admin(rule)?;
    let words: Vec<&str> = call.path.split('/').filter(|word| !word.is_empty()).skip(1).collect();
    let inherited = words.first() == Some(&"OS-INHERIT");
    let words = if inherited { &words[1..] } else { &words[..] };
    let state = &call.cloud.identity;
    let (target, at) = match words.first() {
        Some(&"system") => (Target::System, 0),
        Some(&"projects") => (Target::Project(call.param(0)), 1),
        _ => (Target::Domain(call.param(0)), 1),
    };
    match &target {
        Target::Project(id) if !state.projects.contains_key(id) => return Err(missing("project", id)),
        Target::Domain(id) if !state.domains.contains_key(id) => return Err(missing("domain", id)),
        _ => {}
    }
    let id = call.param(at);
    let actor = if words.contains(&"groups") {
        if !state.groups.contains_key(&id) {
            return Err(missing("group", &id));
        }
        Actor::Group(id)
    } else {
        if !state.users.contains_key(&id) {
            return Err(missing("user", &id));
        }
        Actor::User(id)
    };
    let role = call.param(at + 1);
    if !role.is_empty() && !state.roles.contains_key(&role) {
        return Err(missing("role", &role));
    }
    Ok(Named { target, actor, role, inherited })
}

impl Named {
    fn assignment(self) -> Assignment {
        Assignment { target: self.target, actor: self.actor, role: self.role, inherited: self.inherited }
    }
}

fn list(call: &mut Call) -> Answer {
    let named = read(call, "identity:list_grants")?;
    let state = &call.cloud.identity;
    let held = state.on(&named.target).filter(|one| one.actor == named.actor && one.inherited == named.inherited);
    let items = held.filter_map(|one| state.roles.get(&one.role)).map(document).collect();
    Ok(listing(call, "roles", items))
}

fn add(call: &mut Call) -> Answer {
    let grant = read(call, "identity:create_grant")?.assignment();
    call.cloud.identity.assignments.insert(grant);
    Ok(Reply::empty(204))
}

fn check(call: &mut Call) -> Answer {
    let grant = read(call, "identity:check_grant")?.assignment();
    if call.cloud.identity.assignments.contains(&grant) { Ok(Reply::empty(204)) } else { Err(absent(&grant)) }
}

fn remove(call: &mut Call) -> Answer {
    let grant = read(call, "identity:revoke_grant")?.assignment();
    if call.cloud.identity.assignments.remove(&grant) { Ok(Reply::empty(204)) } else { Err(absent(&grant)) }
}

fn absent(grant: &Assignment) -> Refusal {
    let (kind, actor) = match &grant.actor {
        Actor::User(id) => ("user", id),
        Actor::Group(id) => ("group", id),
    };
    let target = match &grant.target {
        Target::Project(id) => format!("project {id}"),
        Target::Domain(id) => format!("domain {id}"),
        Target::System => "the system".to_owned(),
    };
    Refusal::missing(format!("Could not find role assignment with role: {}, {kind}: {actor}, on {target}.", grant.role))
}
