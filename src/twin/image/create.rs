//! Making, showing, changing and deleting images.

use serde_json::{Map, Value, json};

use super::model::{Image, find, find_own, missing, settle};
use super::schema;
use crate::twin::http::{Answer, Call, Refusal, Reply};

/// `POST /v2/images`.
pub fn create(call: &mut Call) -> Answer {
    let Value::Object(body) = call.body.clone() else {
        return Err(Refusal::bad("Body expected in request."));
    };
    if !call.caller.may_write() {
        return Err(Refusal::forbidden("You are not authorized to complete add_image action."));
    }
    let id = match body.get("id") {
        None => call.cloud.uuid(),
        Some(Value::String(id)) if uuid::Uuid::try_parse(id).is_ok() => id.clone(),
        Some(other) => {
            let what = format!("Provided object does not match schema 'image': {other} does not match the id pattern");
            return Err(Refusal::bad(what));
        }
    };
    let mut image = Image {
        id: id.clone(),
        status: "queued".into(),
        visibility: "shared".into(),
        owner: Some(call.caller.project_id.clone()),
        created: call.cloud.now,
        updated: call.cloud.now,
        ..Image::default()
    };
    for (name, value) in body.iter().filter(|(name, _)| *name != "id") {
        schema::writable(name)?;
        schema::write(&mut image, &call.caller, name, value)?;
    }
    // A deleted image's id stays taken, as in Glance's database.
    if call.cloud.image.used.contains(&id) {
        return Err(Refusal::conflict(format!("Image ID {id} already exists!")));
    }
    image.sequence = call.cloud.count();
    let document = image.document();
    call.cloud.image.used.insert(id.clone());
    call.cloud.image.images.insert(id.clone(), image);
    let reply = Reply::created(document)
        .with("location", format!("{}/v2/images/{id}", call.root()))
        .with("openstack-image-import-methods", "glance-direct,web-download,copy-image")
        .with("openstack-image-store-ids", "file");
    Ok(reply)
}

/// `GET /v2/images/{id}`.
pub fn get(call: &mut Call) -> Answer {
    let id = call.param(0);
    find(call, &id)?;
    settle(call.cloud, &id);
    Ok(Reply::ok(find(call, &id)?.document()))
}

/// `DELETE /v2/images/{id}`.
pub fn delete(call: &mut Call) -> Answer {
    let id = call.param(0);
    let image = find_own(call, &id)?;
    if image.protected {
        return Err(Refusal::forbidden(format!("Image {id} is protected and cannot be deleted.")));
    }
    let image = call.cloud.image.images.remove(&id).ok_or_else(|| missing(&id))?;
    if let Some(blob) = image.blob {
        // Whoever is reading keeps the open file.
        let _ = std::fs::remove_file(blob.path);
    }
    Ok(Reply::empty(204))
}

/// `PATCH /v2/images/{id}`.
pub fn patch(call: &mut Call) -> Answer {
    let kind = call.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let draft = match kind.split(';').next().unwrap_or_default().trim() {
        "application/openstack-images-v2.1-json-patch" => 10,
        "application/openstack-images-v2.0-json-patch" => 4,
        other => {
            let what = format!("The request media type {other} is not supported by this server.");
            return Err(Refusal::new(415, what));
        }
    };
    let Some(changes) = call.body.as_array().cloned() else {
        return Err(Refusal::bad("Request body must be a JSON array of operation objects."));
    };
    let changes = changes.iter().map(|change| Change::read(change, draft)).collect::<Result<Vec<_>, _>>()?;
    let id = call.param(0);
    let caller = call.caller.clone();
    let mut changed = find_own(call, &id)?.clone();
    for change in &changes {
        change.apply(&mut changed, &caller)?;
    }
    let document = changed.document();
    call.cloud.image.images.insert(id, changed);
    Ok(Reply::ok(document))
}

/// One operation of a patch.
struct Change {
    op: String,
    name: String,
    value: Value,
}

impl Change {
    fn read(raw: &Value, draft: u8) -> Result<Self, Refusal> {
        let Value::Object(raw) = raw else { return Err(Refusal::bad("Operations must be JSON objects.")) };
        let (op, path) = if draft == 10 { Self::read_v10(raw)? } else { Self::read_v4(raw)? };
        let name = pointer(&path)?;
        schema::writable(&name)?;
        if name == "id" {
            return Err(Refusal::forbidden("Attribute 'id' is read-only."));
        }
        let value = match raw.get("value") {
            Some(value) => value.clone(),
            None if op == "remove" => Value::Null,
            None => {
                return Err(Refusal::bad(format!("Operation \"{op}\" requires a member named \"value\".")));
            }
        };
        Ok(Self { op, name, value })
    }

    fn read_v10(raw: &Map<String, Value>) -> Result<(String, String), Refusal> {
        let known = "It must be one of the following: add, remove, replace.";
        let op = raw.get("op").and_then(Value::as_str);
        let op = op.ok_or_else(|| Refusal::bad(format!("Unable to find `op` in JSON Schema change. {known}")))?;
        if !matches!(op, "add" | "remove" | "replace") {
            return Err(Refusal::bad(format!("Invalid operation: `{op}`. {known}")));
        }
        let path = raw.get("path").and_then(Value::as_str);
        let path = path.ok_or_else(|| Refusal::bad("Unable to find 'path' in JSON Schema change"))?;
        Ok((op.to_owned(), path.to_owned()))
    }

    fn read_v4(raw: &Map<String, Value>) -> Result<(String, String), Refusal> {
        let mut found = ["add", "remove", "replace"].into_iter().filter_map(|op| Some((op, raw.get(op)?.as_str()?)));
        match (found.next(), found.next()) {
            (Some((op, path)), None) => Ok((op.to_owned(), path.to_owned())),
            _ => {
                let what = "Operation objects must contain exactly one member named \"add\", \"remove\", or \
                            \"replace\".";
                Err(Refusal::bad(what))
            }
        }
    }

    fn apply(&self, image: &mut Image, caller: &crate::twin::http::Caller) -> Result<(), Refusal> {
        let name = &self.name;
        let has = schema::is_base(name) || image.properties.contains_key(name);
        if self.op != "add" && !has {
            return Err(Refusal::conflict(format!("Property {name} does not exist.")));
        }
        if self.op == "remove" {
            if schema::is_base(name) {
                return Err(Refusal::forbidden(format!("Property {name} may not be removed.")));
            }
            image.properties.remove(name);
            return Ok(());
        }
        schema::write(image, caller, name, &self.value)
    }
}

/// Decodes a JSON pointer of one step.
fn pointer(path: &str) -> Result<String, Refusal> {
    let Some(step) = path.strip_prefix('/') else {
        return Err(Refusal::bad(format!("Pointer `{path}` does not start with \"/\".")));
    };
    if step.ends_with('/') {
        return Err(Refusal::bad(format!("Pointer `{path}` end with \"/\".")));
    }
    if step.is_empty() || step.contains('/') {
        return Err(Refusal::bad(format!("Invalid JSON pointer for this resource: '{path}'")));
    }
    Ok(step.replace("~1", "/").replace("~0", "~").trim().to_owned())
}

/// `PUT /v2/images/{id}/tags/{tag}`.
pub fn add_tag(call: &mut Call) -> Answer {
    let (id, tag) = (call.param(0), call.param(1));
    if tag.chars().count() > 255 {
        return Err(Refusal::bad(format!("Invalid image tag: Length of tag '{tag}' is too long")));
    }
    let image = find_own(call, &id)?;
    image.tags.push(tag);
    image.tags.sort();
    image.tags.dedup();
    Ok(Reply::empty(204))
}

/// `DELETE /v2/images/{id}/tags/{tag}`.
pub fn remove_tag(call: &mut Call) -> Answer {
    let (id, tag) = (call.param(0), call.param(1));
    let image = find_own(call, &id)?;
    let place = image.tags.iter().position(|other| *other == tag);
    let place = place.ok_or_else(|| Refusal::missing("The resource could not be found."))?;
    image.tags.remove(place);
    Ok(Reply::empty(204))
}

/// `POST …/actions/deactivate`.
pub fn deactivate(call: &mut Call) -> Answer {
    turn(call, "active", "deactivated")
}

/// `POST …/actions/reactivate`.
pub fn reactivate(call: &mut Call) -> Answer {
    turn(call, "deactivated", "active")
}

fn turn(call: &mut Call, from: &str, to: &str) -> Answer {
    let id = call.param(0);
    let image = find_own(call, &id)?;
    if image.status != from && image.status != to {
        let what = format!("Not allowed to {to} image in status '{}'", image.status);
        return Err(Refusal::forbidden(what));
    }
    image.status = to.into();
    Ok(Reply::empty(204))
}

/// `GET /v2/info/stores`.
pub fn stores(_call: &mut Call) -> Answer {
    Ok(Reply::ok(json!({"stores": [{"id": "file", "default": "true"}]})))
}

/// `GET /v2/info/import`.
pub fn import_methods(_call: &mut Call) -> Answer {
    let value = ["glance-direct", "web-download", "copy-image"];
    Ok(Reply::ok(json!({
        "import-methods": {"description": "Import methods available.", "type": "array", "value": value}
    })))
}
