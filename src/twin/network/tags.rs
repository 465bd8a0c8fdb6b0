//! Tags of objects, as a small collection below each.

use serde_json::{Value, json};

use super::error;
use super::rest::{self, Kind, Who, find_mut};
use crate::twin::http::{Answer, Call, Refusal, Reply};

/// `GET …/tags`.
pub fn list<K: Kind>(call: &mut Call) -> Answer {
    let who = Who::of(call);
    let object = rest::find::<K>(&call.cloud.network, &who, &call.param(0))?;
    Ok(Reply::ok(json!({"tags": object.standard().tags})))
}

/// `PUT …/tags`: replaces all.
pub fn replace<K: Kind>(call: &mut Call) -> Answer {
    let Some(sent) = call.body.get("tags") else { return Err(error::invalid_input("Invalid tags body")) };
    let items = sent.as_array().cloned().unwrap_or_default();
    let mut tags = Vec::new();
    for item in &items {
        let text = item.as_str().ok_or_else(|| error::invalid_input(format!("'{item}' is not a valid string")))?;
        check(text)?;
        if !tags.iter().any(|tag| tag == text) {
            tags.push(text.to_owned());
        }
    }
    change::<K>(call, move |all| *all = tags)?;
    list::<K>(call)
}

/// `DELETE …/tags`: removes all.
pub fn clear<K: Kind>(call: &mut Call) -> Answer {
    change::<K>(call, Vec::clear)?;
    Ok(Reply::empty(204))
}

/// `GET …/tags/{tag}`: is it there?
pub fn has<K: Kind>(call: &mut Call) -> Answer {
    let who = Who::of(call);
    let (id, tag) = (call.param(0), call.param(1));
    let object = rest::find::<K>(&call.cloud.network, &who, &id)?;
    if object.standard().tags.contains(&tag) { Ok(Reply::empty(204)) } else { Err(missing(&tag)) }
}

/// `PUT …/tags/{tag}`.
pub fn add<K: Kind>(call: &mut Call) -> Answer {
    let tag = call.param(1);
    check(&tag)?;
    change::<K>(call, move |all| {
        if !all.contains(&tag) {
            all.push(tag);
        }
    })?;
    Ok(Reply::json(201, Value::Null))
}

/// `DELETE …/tags/{tag}`.
pub fn remove<K: Kind>(call: &mut Call) -> Answer {
    has::<K>(call)?;
    let tag = call.param(1);
    change::<K>(call, move |all| all.retain(|other| *other != tag))?;
    Ok(Reply::empty(204))
}

fn change<K: Kind>(call: &mut Call, edit: impl FnOnce(&mut Vec<String>)) -> Result<(), Refusal> {
    let who = Who::of(call);
    let id = call.param(0);
    let state = super::open(call.cloud);
    rest::allow::<K>(state, &who, &id, &format!("rule:update_{}", K::ONE))?;
    let standard = find_mut::<K>(state, &id)?.standard_mut();
    edit(&mut standard.tags);
    standard.tags.sort();
    standard.touch(&who);
    Ok(())
}

fn check(tag: &str) -> Result<(), Refusal> {
    if tag.chars().count() <= 255 {
        return Ok(());
    }
    Err(error::invalid_input(format!("'{tag}' exceeds maximum length of 255")))
}

fn missing(tag: &str) -> Refusal {
    error::new(404, "TagNotFound", format!("Tag {tag} could not be found."))
}
