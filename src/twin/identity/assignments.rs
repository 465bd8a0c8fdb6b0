//! `/v3/role_assignments`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::common::missing;
use super::model::{Actor, Assignment, Target};
use super::state::State;
use crate::twin::http::{Answer, Call, Reply, Route};

pub fn routes() -> Vec<Route> {
    vec![Route::get("/v3/role_assignments", list), Route::head("/v3/role_assignments", list)]
}

fn list(call: &mut Call) -> Answer {
    let project = call.query.get("scope.project.id").map(str::to_owned);
    if project.as_ref() != Some(&call.caller.project_id) {
        call.admin("identity:list_role_assignments")?;
    }
    let state = &call.cloud.identity;
    if let Some(id) = project.as_ref().filter(|id| !state.projects.contains_key(*id)) {
        return Err(missing("project", id));
    }
    let effective = call.query.flag("effective").unwrap_or_default();
    let all: BTreeSet<Assignment> = if effective { resolved(state) } else { state.assignments.clone() };
    let names = call.query.flag("include_names").unwrap_or_default();
    let root = call.root();
    let fits = |one: &&Assignment| fits(call, one);
    let items: Vec<Value> = all.iter().filter(fits).map(|one| view(state, one, names, &root)).collect();
    Ok(Reply::ok(json!({"role_assignments": items, "links": {"self": call.url(), "previous": null, "next": null}})))
}

fn fits(call: &Call, one: &Assignment) -> bool {
    let asked = |name: &str, have: Option<&String>| {
        call.query.get(name).is_none_or(|want| have.is_some_and(|have| have == want))
    };
    let (user, group) = match &one.actor {
        Actor::User(id) => (Some(id), None),
        Actor::Group(id) => (None, Some(id)),
    };
    let (project, domain, system) = match &one.target {
        Target::Project(id) => (Some(id), None, false),
        Target::Domain(id) => (None, Some(id), false),
        Target::System => (None, None, true),
    };
    let inherited = call.query.get("scope.OS-INHERIT:inherited_to");
    asked("role.id", Some(&one.role))
        && asked("user.id", user)
        && asked("group.id", group)
        && asked("scope.project.id", project)
        && asked("scope.domain.id", domain)
        && call.query.get("scope.system").is_none_or(|_| system)
        && inherited.is_none_or(|_| one.inherited)
}

/// Spreads groups over their users and inherited roles over the projects below.
fn resolved(state: &State) -> BTreeSet<Assignment> {
    let mut all = BTreeSet::new();
    for one in &state.assignments {
        let users: Vec<String> = match &one.actor {
            Actor::User(id) => vec![id.clone()],
            Actor::Group(id) => {
                state.groups.get(id).map(|group| group.members.iter().cloned().collect()).unwrap_or_default()
            }
        };
        let below = |project: &&super::Project| match &one.target {
            Target::Project(id) => project.parent_id == *id,
            Target::Domain(id) => project.domain_id == *id,
            Target::System => false,
        };
        let targets: Vec<Target> = if one.inherited {
            state.projects.values().filter(below).map(|project| Target::Project(project.id.clone())).collect()
        } else {
            vec![one.target.clone()]
        };
        for (user, target) in users.iter().flat_map(|user| targets.iter().map(move |target| (user, target))) {
            let actor = Actor::User(user.clone());
            all.insert(Assignment { target: target.clone(), actor, role: one.role.clone(), inherited: false });
        }
    }
    all
}

fn view(state: &State, one: &Assignment, names: bool, root: &str) -> Value {
    let domain = |id: &String| {
        let name = state.domains.get(id).map(|domain| domain.name.clone());
        json!({"id": id, "name": name})
    };
    let named = |id: &String, found: Option<(&String, &String)>| match found.filter(|_| names) {
        Some((name, owner)) => json!({"id": id, "name": name, "domain": domain(owner)}),
        None => json!({ "id": id }),
    };
    let role = match state.roles.get(&one.role).filter(|_| names) {
        Some(role) => json!({"id": role.id, "name": role.name}),
        None => json!({"id": one.role}),
    };
    let mut view = json!({"role": role, "links": {"assignment": link(one, root)}});
    match &one.actor {
        Actor::User(id) => view["user"] = named(id, state.users.get(id).map(|user| (&user.name, &user.domain_id))),
        Actor::Group(id) => {
            view["group"] = named(id, state.groups.get(id).map(|group| (&group.name, &group.domain_id)))
        }
    }
    view["scope"] = match &one.target {
        Target::Project(id) => {
            json!({"project": named(id, state.projects.get(id).map(|it| (&it.name, &it.domain_id)))})
        }
        Target::Domain(id) if names => json!({"domain": domain(id)}),
        Target::Domain(id) => json!({"domain": {"id": id}}),
        Target::System => json!({"system": {"all": true}}),
    };
    if one.inherited {
        view["scope"]["OS-INHERIT:inherited_to"] = json!("projects");
    }
    view
}

fn link(one: &Assignment, root: &str) -> String {
    let (kind, actor) = match &one.actor {
        Actor::User(id) => ("users", id),
        Actor::Group(id) => ("groups", id),
    };
    let target = match &one.target {
        Target::Project(id) => format!("projects/{id}"),
        Target::Domain(id) => format!("domains/{id}"),
        Target::System => "system".to_owned(),
    };
    let role = &one.role;
    if one.inherited {
        format!("{root}/v3/OS-INHERIT/{target}/{kind}/{actor}/roles/{role}/inherited_to_projects")
    } else {
        format!("{root}/v3/{target}/{kind}/{actor}/roles/{role}")
    }
}
