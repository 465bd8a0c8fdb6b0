//! Volume types: extra specs, access of projects, the default.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::State;
use super::model::{Type, Words};
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply};

/// The type of a volume for which none is asked.
pub const DEFAULT: &str = "standard";

fn missing(id: &str) -> Refusal {
    Refusal::missing(format!("Volume type {id} could not be found."))
}

/// Finds a type that the project may use, by id or name.
pub fn find<'s>(state: &'s State, project: &str, admin: bool, name_or_id: &str) -> Option<&'s Type> {
    let by_name = || state.types.values().find(|kind| kind.name == name_or_id);
    state.types.get(name_or_id).or_else(by_name).filter(|kind| kind.usable_by(project, admin))
}

fn own<'c>(call: &'c mut Call, rule: &str) -> Result<&'c mut Type, Refusal> {
    call.admin(rule)?;
    let id = call.param(0);
    call.cloud.volume.types.get_mut(&id).ok_or_else(|| missing(&id))
}

/// `GET /types`.
pub fn list(call: &mut Call) -> Answer {
    let (project, admin) = (&call.caller.project_id, call.caller.is_admin());
    let public = call.query.get("is_public").map(|text| text.eq_ignore_ascii_case("true") || text == "1");
    let all = call.query.get("is_public").is_none_or(|text| text.eq_ignore_ascii_case("none"));
    // Administrators too see only public ones unless they ask, as `is_public=None` does.
    let shown = |kind: &&Type| match public.filter(|_| !all) {
        Some(public) => kind.public == public && kind.usable_by(project, admin),
        None => kind.usable_by(project, admin),
    };
    let mut types: Vec<_> = call.cloud.volume.types.values().filter(shown).collect();
    types.sort_by(|one, other| one.name.cmp(&other.name));
    let types: Vec<_> = types.into_iter().map(|kind| Value::Object(kind.document(admin))).collect();
    Ok(Reply::ok(json!({"volume_types": types})))
}

/// `GET /types/{id}` and `/types/default`.
pub fn get(call: &mut Call) -> Answer {
    let id = call.param(0);
    let (project, admin) = (&call.caller.project_id, call.caller.is_admin());
    let name = if id == "default" { DEFAULT } else { &id };
    let found = find(&call.cloud.volume, project, admin, name).filter(|kind| id == "default" || kind.id == id);
    let mut document = found.ok_or_else(|| missing(&id))?.document(admin);
    if id == "default" {
        document.remove("os-volume-type-access:is_public");
    }
    Ok(Reply::ok(json!({"volume_type": document})))
}

/// `POST /types`.
pub fn create(call: &mut Call) -> Answer {
    call.admin("volume_extension:type_create")?;
    let mut fields = Fields::wrapped(&call.body, "volume_type")?;
    let name = fields.text("name")?;
    let kind = Type {
        id: call.cloud.uuid(),
        description: fields.string("description")?,
        public: fields.flag("os-volume-type-access:is_public")?.unwrap_or(true),
        extra_specs: fields.words("extra_specs")?.unwrap_or_default(),
        access: BTreeSet::new(),
        name,
    };
    fields.done()?;
    if call.cloud.volume.types.values().any(|other| other.name == kind.name) {
        return Err(Refusal::conflict(format!("Volume Type {} already exists.", kind.name)));
    }
    let document = kind.document(true);
    call.cloud.volume.types.insert(kind.id.clone(), kind);
    Ok(Reply::ok(json!({"volume_type": document})))
}

/// `PUT /types/{id}`.
pub fn update(call: &mut Call) -> Answer {
    let mut fields = Fields::wrapped(&call.body, "volume_type")?;
    let (name, description) = (fields.string("name")?, fields.string("description")?);
    let public = fields.flag("is_public")?;
    fields.done()?;
    let kind = own(call, "volume_extension:type_update")?;
    kind.name = name.unwrap_or_else(|| kind.name.clone());
    kind.description = description.or_else(|| kind.description.take());
    kind.public = public.unwrap_or(kind.public);
    Ok(Reply::ok(json!({"volume_type": kind.document(true)})))
}

/// `DELETE /types/{id}`.
pub fn delete(call: &mut Call) -> Answer {
    let kind = own(call, "volume_extension:type_delete")?;
    let (id, name) = (kind.id.clone(), kind.name.clone());
    if name == DEFAULT {
        let what = format!("The volume type {id} is the default volume type and cannot be deleted.");
        return Err(Refusal::bad(what));
    }
    if call.cloud.volume.volumes.values().any(|volume| volume.type_id == id) {
        return Err(Refusal::bad("Target volume type is still in use."));
    }
    call.cloud.volume.types.remove(&id);
    Ok(Reply::empty(202))
}

/// `GET /types/{id}/extra_specs`.
pub fn extra_specs(call: &mut Call) -> Answer {
    let specs = own(call, "volume_extension:types_extra_specs:index")?.extra_specs.clone();
    Ok(Reply::ok(json!({"extra_specs": specs})))
}

/// `POST /types/{id}/extra_specs`.
pub fn add_extra_specs(call: &mut Call) -> Answer {
    let mut outer = Fields::of(&call.body, "body")?;
    let specs: Words = outer.words("extra_specs")?.unwrap_or_default();
    own(call, "volume_extension:types_extra_specs:create")?.extra_specs.extend(specs.clone());
    Ok(Reply::ok(json!({"extra_specs": specs})))
}

/// `GET /types/{id}/extra_specs/{key}`.
pub fn extra_spec(call: &mut Call) -> Answer {
    let key = call.param(1);
    let kind = own(call, "volume_extension:types_extra_specs:show")?;
    let value = kind.extra_specs.get(&key).cloned().ok_or_else(|| no_spec(&kind.id, &key))?;
    Ok(Reply::ok(json!({ key: value })))
}

/// `DELETE /types/{id}/extra_specs/{key}`.
pub fn remove_extra_spec(call: &mut Call) -> Answer {
    let key = call.param(1);
    let kind = own(call, "volume_extension:types_extra_specs:delete")?;
    match kind.extra_specs.remove(&key) {
        Some(_) => Ok(Reply::empty(202)),
        None => Err(no_spec(&kind.id, &key)),
    }
}

fn no_spec(id: &str, key: &str) -> Refusal {
    Refusal::missing(format!("Volume Type {id} has no extra specs with key {key}."))
}

/// `GET /types/{id}/os-volume-type-access`.
pub fn access(call: &mut Call) -> Answer {
    let kind = own(call, "volume_extension:volume_type_access:get_all_for_type")?;
    if kind.public {
        return Err(Refusal::missing("Access list not available for public volume types."));
    }
    let id = &kind.id;
    let list: Vec<_> = kind.access.iter().map(|project| json!({"volume_type_id": id, "project_id": project})).collect();
    Ok(Reply::ok(json!({"volume_type_access": list})))
}

/// `POST /types/{id}/action`.
pub fn action(call: &mut Call) -> Answer {
    let mut outer = Fields::of(&call.body, "body")?;
    let (add, remove) = (outer.object("addProjectAccess")?, outer.object("removeProjectAccess")?);
    outer.done()?;
    let adds = add.is_some();
    let Some(mut inner) = add.or(remove) else {
        return Err(Refusal::bad("There is no such action. Verify the request body and try again."));
    };
    let project = inner.text("project")?;
    let kind = own(call, "volume_extension:volume_type_access:addProjectAccess")?;
    let id = &kind.id;
    if kind.public {
        return Err(Refusal::conflict("Type access modification is not applicable to public volume type."));
    }
    if adds && !kind.access.insert(project.clone()) {
        let what = format!("Volume type access for {id} / {project} combination already exists.");
        return Err(Refusal::conflict(what));
    }
    if !adds && !kind.access.remove(&project) {
        let what = format!("Volume type access not found for {id} / {project} combination.");
        return Err(Refusal::missing(what));
    }
    Ok(Reply::empty(202))
}

/// `GET /types/{id}/encryption`: there is none.
pub fn encryption(call: &mut Call) -> Answer {
    own(call, "volume_extension:volume_type_encryption")?;
    Ok(Reply::ok(json!({})))
}
