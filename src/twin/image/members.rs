//! Sharing images with single projects.

use serde_json::{Value, json};

use super::model::{Image, Member, find, find_own, missing};
use crate::twin::clock;
use crate::twin::http::{Answer, Call, Refusal, Reply};

fn document(image: &str, id: &str, member: &Member) -> Value {
    json!({
        "member_id": id, "image_id": image, "status": member.status, "created_at": clock::iso(member.created),
        "updated_at": clock::iso(member.updated), "schema": "/v2/schemas/member",
    })
}

fn unknown(image: &str, id: &str) -> Refusal {
    Refusal::missing(format!("{id} not found in the member list of the image {image}."))
}

/// Returns the members that the caller may see: the owner sees all, a member itself.
fn seen<'i>(image: &'i Image, call: &Call) -> Vec<(&'i String, &'i Member)> {
    let all = call.caller.is_admin() || image.owned_by(&call.caller.project_id);
    image.members.iter().filter(|(id, _)| all || **id == call.caller.project_id).collect()
}

/// `GET /v2/images/{id}/members`.
pub fn list(call: &mut Call) -> Answer {
    let id = call.param(0);
    let image = find(call, &id)?;
    if image.visibility != "shared" {
        let what = format!("Not allowed to list members for image {id}: Only shared images have members.");
        return Err(Refusal::forbidden(what));
    }
    let members: Vec<_> = seen(image, call).into_iter().map(|(member, of)| document(&id, member, of)).collect();
    Ok(Reply::ok(json!({"members": members, "schema": "/v2/schemas/members"})))
}

/// `GET /v2/images/{id}/members/{member}`.
pub fn get(call: &mut Call) -> Answer {
    let (id, wanted) = (call.param(0), call.param(1));
    let image = find(call, &id)?;
    let found = seen(image, call).into_iter().find(|(member, _)| **member == wanted);
    let (member, of) = found.ok_or_else(|| unknown(&id, &wanted))?;
    Ok(Reply::ok(document(&id, member, of)))
}

/// `POST /v2/images/{id}/members`.
pub fn create(call: &mut Call) -> Answer {
    let id = call.param(0);
    let wanted = match call.body.get("member").and_then(Value::as_str) {
        Some(member) if !member.is_empty() => member.to_owned(),
        Some(_) => return Err(Refusal::bad("Member can't be empty")),
        None => return Err(Refusal::bad("Member to be added not specified")),
    };
    let now = call.cloud.now;
    let image = find_own(call, &id)?;
    if image.visibility != "shared" {
        return Err(Refusal::forbidden(format!("Not allowed to create members for image {id}.")));
    }
    if image.members.contains_key(&wanted) {
        return Err(Refusal::conflict(format!("Member {wanted} is duplicated for image {id}")));
    }
    let member = Member { status: "pending".into(), created: now, updated: now };
    let shown = document(&id, &wanted, &member);
    image.members.insert(wanted, member);
    Ok(Reply::ok(shown))
}

/// `PUT /v2/images/{id}/members/{member}`: the member accepts or rejects.
pub fn update(call: &mut Call) -> Answer {
    let (id, wanted) = (call.param(0), call.param(1));
    let status = call.body.get("status").and_then(Value::as_str).map(str::to_owned);
    let status = status.ok_or_else(|| Refusal::bad("Status not specified"))?;
    if !matches!(status.as_str(), "pending" | "accepted" | "rejected") {
        let what = "Incorrect request: Status must be \"pending\", \"accepted\" or \"rejected\".";
        return Err(Refusal::bad(what));
    }
    let now = call.cloud.now;
    let image = find(call, &id)?;
    if !seen(image, call).iter().any(|(member, _)| **member == wanted) {
        return Err(unknown(&id, &wanted));
    }
    if !call.caller.is_admin() && wanted != call.caller.project_id {
        let what = format!("Not allowed to update members for image {id}.");
        return Err(Refusal::forbidden(what));
    }
    let image = call.cloud.image.images.get_mut(&id).ok_or_else(|| missing(&id))?;
    let member = image.members.get_mut(&wanted).ok_or_else(|| unknown(&id, &wanted))?;
    (member.status, member.updated) = (status, now);
    Ok(Reply::ok(document(&id, &wanted, member)))
}

/// `DELETE /v2/images/{id}/members/{member}`.
pub fn delete(call: &mut Call) -> Answer {
    let (id, wanted) = (call.param(0), call.param(1));
    let image = find_own(call, &id)?;
    match image.members.remove(&wanted) {
        Some(_) => Ok(Reply::empty(204)),
        None => Err(unknown(&id, &wanted)),
    }
}
