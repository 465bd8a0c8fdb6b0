//! Which fields an image has, what they may hold, and who may write them.

use serde_json::{Value, json};

use super::model::Image;
use crate::twin::http::{Answer, Call, Caller, Refusal, Reply};

const DISK_FORMATS: [&str; 12] =
    ["ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop", "gpt"];
const CONTAINER_FORMATS: [&str; 8] = ["ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed"];
const VISIBILITIES: [&str; 4] = ["community", "public", "private", "shared"];
const READ_ONLY: [&str; 13] = [
    "created_at",
    "updated_at",
    "status",
    "checksum",
    "size",
    "virtual_size",
    "direct_url",
    "self",
    "file",
    "schema",
    "stores",
    "os_hash_algo",
    "os_hash_value",
];
const RESERVED: [&str; 3] = ["location", "deleted", "deleted_at"];
/// The fields that every image has and that can therefore not be removed.
const BASE: [&str; 11] = [
    "name",
    "visibility",
    "owner",
    "protected",
    "os_hidden",
    "min_disk",
    "min_ram",
    "disk_format",
    "container_format",
    "tags",
    "id",
];

/// Refuses names that clients may not write.
pub fn writable(name: &str) -> Result<(), Refusal> {
    if READ_ONLY.contains(&name) {
        return Err(Refusal::forbidden(format!("Attribute '{name}' is read-only.")));
    }
    if RESERVED.contains(&name) || name.starts_with("os_glance") {
        return Err(Refusal::forbidden(format!("Attribute '{name}' is reserved.")));
    }
    if name == "locations" {
        return Err(Refusal::forbidden("It's not allowed to add locations if locations are invisible."));
    }
    if name.chars().count() > 255 {
        return Err(Refusal::bad("Custom property should not be greater than 255 characters."));
    }
    Ok(())
}

/// Returns whether every image has the field.
pub fn is_base(name: &str) -> bool {
    BASE.contains(&name)
}

fn misfit(name: &str, value: &Value, why: &str) -> Refusal {
    Refusal::bad(format!(
        "Provided object does not match schema 'image': {value} {why}\n\nOn instance['{name}']:\n    {value}"
    ))
}

fn one_of(name: &str, value: &Value, known: &[&str]) -> Result<Option<String>, Refusal> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if known.contains(&text.as_str()) => Ok(Some(text.clone())),
        other => Err(misfit(name, other, &format!("is not one of {known:?}"))),
    }
}

fn text(name: &str, value: &Value) -> Result<Option<String>, Refusal> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.chars().count() <= 255 => Ok(Some(text.clone())),
        Value::String(_) => Err(misfit(name, value, "is too long")),
        other => Err(misfit(name, other, "is not of type 'null', 'string'")),
    }
}

fn flag(name: &str, value: &Value) -> Result<bool, Refusal> {
    value.as_bool().ok_or_else(|| misfit(name, value, "is not of type 'boolean'"))
}

fn count(name: &str, value: &Value) -> Result<u64, Refusal> {
    match value.as_i64() {
        Some(number) => u64::try_from(number).map_err(|_| misfit(name, value, "is less than the minimum of 0")),
        None => Err(misfit(name, value, "is not of type 'integer'")),
    }
}

fn tags(value: &Value) -> Result<Vec<String>, Refusal> {
    let items = value.as_array().ok_or_else(|| misfit("tags", value, "is not of type 'array'"))?;
    let word = |item: &Value| text("tags", item)?.ok_or_else(|| misfit("tags", item, "is not of type 'string'"));
    let mut tags = items.iter().map(word).collect::<Result<Vec<_>, _>>()?;
    tags.sort();
    tags.dedup();
    Ok(tags)
}

/// Writes one field of an image, checking value and right.
pub fn write(image: &mut Image, caller: &Caller, name: &str, value: &Value) -> Result<(), Refusal> {
    match name {
        "name" => image.name = text(name, value)?,
        "visibility" => {
            let wanted = one_of(name, value, &VISIBILITIES)?;
            let wanted = wanted.ok_or_else(|| misfit(name, value, "is not of type 'string'"))?;
            if wanted == "public" && image.visibility != "public" && !caller.is_admin() {
                return Err(Refusal::forbidden("You are not authorized to complete publicize_image action."));
            }
            image.visibility = wanted;
        }
        "owner" => {
            let wanted = text(name, value)?;
            if wanted != image.owner && !caller.is_admin() {
                let owner = wanted.unwrap_or_default();
                let what = format!("You are not permitted to create images owned by '{owner}'.");
                return Err(Refusal::forbidden(what));
            }
            image.owner = wanted;
        }
        "protected" => image.protected = flag(name, value)?,
        "os_hidden" => image.hidden = flag(name, value)?,
        "min_disk" => image.min_disk = count(name, value)?,
        "min_ram" => image.min_ram = count(name, value)?,
        "disk_format" | "container_format" => format(image, name, value)?,
        "tags" => image.tags = tags(value)?,
        _ => {
            let Value::String(text) = value else { return Err(misfit(name, value, "is not of type 'string'")) };
            image.properties.insert(name.to_owned(), text.clone());
        }
    }
    Ok(())
}

fn format(image: &mut Image, name: &str, value: &Value) -> Result<(), Refusal> {
    let known: &[&str] = if name == "disk_format" { &DISK_FORMATS } else { &CONTAINER_FORMATS };
    let wanted = one_of(name, value, known)?;
    if image.status != "queued" {
        return Err(Refusal::forbidden(format!("Attribute {name} can be only replaced for a queued image.")));
    }
    *(if name == "disk_format" { &mut image.disk_format } else { &mut image.container_format }) = wanted;
    Ok(())
}

/// `GET /v2/schemas/{name}`.
pub fn get(call: &mut Call) -> Answer {
    let name = call.param(0);
    let text = json!({"type": "string"});
    let image = json!({
        "name": "image", "additionalProperties": {"type": "string"},
        "properties": {
            "id": text, "name": {"type": ["null", "string"], "maxLength": 255}, "status": text,
            "visibility": {"type": "string", "enum": VISIBILITIES}, "owner": {"type": ["null", "string"]},
            "protected": {"type": "boolean"}, "os_hidden": {"type": "boolean"}, "min_disk": {"type": "integer"},
            "min_ram": {"type": "integer"}, "tags": {"type": "array", "items": {"type": "string", "maxLength": 255}},
            "disk_format": {"type": ["null", "string"], "enum": DISK_FORMATS},
            "container_format": {"type": ["null", "string"], "enum": CONTAINER_FORMATS},
        },
    });
    let member = json!({
        "name": "member",
        "properties": {"member_id": text, "image_id": text, "status": text, "created_at": text, "updated_at": text},
    });
    let list = |name: &str, item: Value| json!({"name": name, "properties": {name: {"type": "array", "items": item}}});
    match name.as_str() {
        "image" => Ok(Reply::ok(image)),
        "images" => Ok(Reply::ok(list("images", image))),
        "member" => Ok(Reply::ok(member)),
        "members" => Ok(Reply::ok(list("members", member))),
        _ => Err(Refusal::missing("The resource could not be found.")),
    }
}
