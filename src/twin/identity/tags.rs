//! `/v3/projects/{id}/tags`, and filters by tag.

use std::collections::BTreeSet;

use serde_json::json;

use super::common::missing;
use super::model::Project;
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply, Route};

pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v3/projects/{id}/tags", list),
        Route::put("/v3/projects/{id}/tags", replace),
        Route::delete("/v3/projects/{id}/tags", clear),
        Route::get("/v3/projects/{id}/tags/{tag}", has),
        Route::head("/v3/projects/{id}/tags/{tag}", has),
        Route::put("/v3/projects/{id}/tags/{tag}", add),
        Route::delete("/v3/projects/{id}/tags/{tag}", remove),
    ]
}

/// Refuses tags that Keystone cannot store.
pub fn check(tags: &[String]) -> Result<(), Refusal> {
    let wrong = |tag: &&String| tag.is_empty() || tag.len() > 255 || tag.contains([',', '/']);
    match tags.iter().find(wrong) {
        Some(tag) => {
            Err(Refusal::bad(format!("'{tag}' does not match the pattern of a tag: no comma, no slash, 1 to 255")))
        }
        None if tags.len() > 80 => Err(Refusal::bad("A project has at most 80 tags.")),
        None => Ok(()),
    }
}

/// Tells whether a set of tags fits `tags`, `tags-any`, `not-tags` and `not-tags-any` of the query.
pub fn asked(call: &Call, have: &BTreeSet<String>) -> bool {
    let words = |name: &str| call.query.get(name).map(|text| text.split(',').map(str::to_owned).collect::<Vec<_>>());
    let all = |wanted: Vec<String>| wanted.iter().all(|tag| have.contains(tag));
    let any = |wanted: Vec<String>| wanted.iter().any(|tag| have.contains(tag));
    words("tags").is_none_or(all)
        && words("tags-any").is_none_or(any)
        && !words("not-tags").is_some_and(all)
        && !words("not-tags-any").is_some_and(any)
}

fn project<'a>(call: &'a mut Call, rule: &str) -> Result<&'a mut Project, Refusal> {
    call.admin(rule)?;
    let id = call.param(0);
    call.cloud.identity.projects.get_mut(&id).ok_or_else(|| missing("project", &id))
}

fn list(call: &mut Call) -> Answer {
    let tags = project(call, "identity:list_project_tags")?.tags.clone();
    Ok(Reply::ok(json!({ "tags": tags, "links": {"self": call.url()} })))
}

fn replace(call: &mut Call) -> Answer {
    let mut fields = Fields::of(&call.body, "body")?;
    let wanted = fields.strings("tags")?.ok_or_else(|| Refusal::bad("'tags' is a required property"))?;
    fields.done()?;
    check(&wanted)?;
    project(call, "identity:update_project_tags")?.tags = wanted.into_iter().collect();
    list(call)
}

fn clear(call: &mut Call) -> Answer {
    project(call, "identity:delete_project_tags")?.tags.clear();
    Ok(Reply::empty(204))
}

fn has(call: &mut Call) -> Answer {
    let tag = call.param(1);
    let found = project(call, "identity:get_project_tag")?.tags.contains(&tag);
    if found { Ok(Reply::empty(204)) } else { Err(missing("project tag", &tag)) }
}

fn add(call: &mut Call) -> Answer {
    let tag = call.param(1);
    check(std::slice::from_ref(&tag))?;
    let url = call.url();
    project(call, "identity:create_project_tag")?.tags.insert(tag);
    Ok(Reply::empty(201).with("location", url))
}

fn remove(call: &mut Call) -> Answer {
    let tag = call.param(1);
    let found = project(call, "identity:delete_project_tag")?.tags.remove(&tag);
    if found { Ok(Reply::empty(204)) } else { Err(missing("project tag", &tag)) }
}
