//! Metadata of volumes and snapshots, as a small collection below each.

use serde_json::{Value, json};

use super::model::Words;
use super::{snapshots, volumes};
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply};

/// Which kind of object has the metadata.
type Place = for<'c> fn(&'c mut Call, &str) -> Result<&'c mut Words, Refusal>;

fn of_volume<'c>(call: &'c mut Call, id: &str) -> Result<&'c mut Words, Refusal> {
    Ok(&mut volumes::find_mut(call, id, "volume:update_volume_metadata")?.metadata)
}

fn of_snapshot<'c>(call: &'c mut Call, id: &str) -> Result<&'c mut Words, Refusal> {
    Ok(&mut snapshots::find_mut(call, id, "volume:update_snapshot_metadata")?.metadata)
}

fn missing(key: &str) -> Refusal {
    Refusal::missing(format!("Metadata item was not found: {key}"))
}

fn get(call: &mut Call, place: Place) -> Answer {
    let id = call.param(0);
    Ok(Reply::ok(json!({"metadata": place(call, &id)?})))
}

fn merge(call: &mut Call, place: Place, replace: bool) -> Answer {
    let mut fields = Fields::of(&call.body, "body")?;
    let sent = fields.words("metadata")?;
    fields.done()?;
    let sent =
        sent.ok_or_else(|| Refusal::bad("Invalid input for field/attribute body. 'metadata' is a required property"))?;
    let id = call.param(0);
    let words = place(call, &id)?;
    if replace {
        words.clear();
    }
    words.extend(sent);
    Ok(Reply::ok(json!({"metadata": words})))
}

fn get_key(call: &mut Call, place: Place) -> Answer {
    let (id, key) = (call.param(0), call.param(1));
    let value = place(call, &id)?.get(&key).cloned().ok_or_else(|| missing(&key))?;
    Ok(Reply::ok(json!({"meta": { key: value }})))
}

fn set_key(call: &mut Call, place: Place) -> Answer {
    let (id, key) = (call.param(0), call.param(1));
    let value = call.body.get("meta").and_then(|meta| meta.get(&key)).and_then(Value::as_str).map(str::to_owned);
    let value = value.ok_or_else(|| Refusal::bad("Request body and URI mismatch"))?;
    place(call, &id)?.insert(key.clone(), value.clone());
    Ok(Reply::ok(json!({"meta": { key: value }})))
}

fn remove_key(call: &mut Call, place: Place) -> Answer {
    let (id, key) = (call.param(0), call.param(1));
    match place(call, &id)?.remove(&key) {
        Some(_) => Ok(Reply::empty(200)),
        None => Err(missing(&key)),
    }
}

/// Returns the routes below volumes and snapshots.
pub fn routes() -> Vec<crate::twin::http::Route> {
    use crate::twin::http::Route;
    vec![
        Route::get("/v3/volumes/{id}/metadata", |call| get(call, of_volume)),
        Route::post("/v3/volumes/{id}/metadata", |call| merge(call, of_volume, false)),
        Route::put("/v3/volumes/{id}/metadata", |call| merge(call, of_volume, true)),
        Route::get("/v3/volumes/{id}/metadata/{key}", |call| get_key(call, of_volume)),
        Route::put("/v3/volumes/{id}/metadata/{key}", |call| set_key(call, of_volume)),
        Route::delete("/v3/volumes/{id}/metadata/{key}", |call| remove_key(call, of_volume)),
        Route::get("/v3/snapshots/{id}/metadata", |call| get(call, of_snapshot)),
        Route::post("/v3/snapshots/{id}/metadata", |call| merge(call, of_snapshot, false)),
        Route::put("/v3/snapshots/{id}/metadata", |call| merge(call, of_snapshot, true)),
        Route::get("/v3/snapshots/{id}/metadata/{key}", |call| get_key(call, of_snapshot)),
        Route::put("/v3/snapshots/{id}/metadata/{key}", |call| set_key(call, of_snapshot)),
        Route::delete("/v3/snapshots/{id}/metadata/{key}", |call| remove_key(call, of_snapshot)),
    ]
}
