//! `/os-keypairs`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::limits;
use super::list::{page_limit, strict};
use super::model::Keypair;
use crate::twin::clock::iso_bare;
use crate::twin::cloud::Cloud;
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply, Route};

pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v2.1/os-keypairs", list),
        Route::post("/v2.1/os-keypairs", create),
        Route::get("/v2.1/os-keypairs/{name}", show),
        Route::delete("/v2.1/os-keypairs/{name}", delete),
    ]
}

fn view(call: &Call, key: &Keypair) -> Value {
    let mut view = json!({"name": key.name, "public_key": key.public_key, "fingerprint": key.fingerprint});
    if call.since(2, 2) {
        view["type"] = json!(key.kind);
    }
    view
}

/// Returns whose keys are meant: the caller's, or since 2.10 for administrators another user's.
fn user(call: &Call, rule: &str) -> Result<String, Refusal> {
    match call.query.get("user_id").filter(|_| call.since(2, 10)) {
        Some(user) if user != call.caller.user_id => {
            call.admin(rule)?;
            Ok(user.to_owned())
        }
        _ => Ok(call.caller.user_id.clone()),
    }
}

fn list(call: &mut Call) -> Answer {
    let user = user(call, "os_compute_api:os-keypairs:index")?;
    call.query.accept(&["limit", "marker"]);
    strict(call)?;
    let paged = call.since(2, 35);
    let marker = call.query.get("marker").filter(|_| paged);
    let keys = &call.cloud.compute.keypairs;
    if let Some(name) = marker.filter(|name| !keys.contains_key(&(user.clone(), (*name).to_owned()))) {
        return Err(Refusal::bad(format!("marker [{name}] not found")));
    }
    let mine =
        keys.values().filter(|key| key.user_id == user && marker.is_none_or(|marker| key.name.as_str() > marker));
    let limit = if paged { page_limit(call)? } else { usize::MAX - 1 };
    let found: Vec<&Keypair> = mine.take(limit + 1).collect();
    let shown = &found[..found.len().min(limit)];
    let mut body = json!({"keypairs": shown.iter().map(|key| json!({"keypair": view(call, key)})).collect::<Vec<_>>()});
    if let Some(last) = shown.last().filter(|_| found.len() > limit) {
        body["keypairs_links"] = json!([{"rel": "next", "href": call.next(&last.name)}]);
    }
    Ok(Reply::ok(body))
}

fn absent(name: &str, user: &str) -> Refusal {
    Refusal::missing(format!("Keypair {name} not found for user {user}"))
}

fn show(call: &mut Call) -> Answer {
    let user = user(call, "os_compute_api:os-keypairs:show")?;
    let name = call.param(0);
    let key = call.cloud.compute.keypairs.get(&(user.clone(), name.clone())).ok_or_else(|| absent(&name, &user))?;
    let mut body = view(call, key);
    body["user_id"] = json!(key.user_id);
    body["id"] = json!(key.id);
    body["created_at"] = json!(iso_bare(key.created));
    body["updated_at"] = Value::Null;
    body["deleted"] = json!(false);
    body["deleted_at"] = Value::Null;
    Ok(Reply::ok(json!({ "keypair": body })))
}

fn create(call: &mut Call) -> Answer {
    let mut fields = Fields::wrapped(&call.body, "keypair")?;
    let name = fields.text("name")?;
    let kind = if call.since(2, 2) { fields.string("type")? } else { None }.unwrap_or_else(|| "ssh".to_owned());
    let wanted_user = if call.since(2, 10) { fields.string("user_id")? } else { None };
    let public_key = fields.string("public_key")?;
    fields.done()?;
    let user = wanted_user.unwrap_or_else(|| call.caller.user_id.clone());
    if user != call.caller.user_id {
        call.admin("os_compute_api:os-keypairs:create")?;
    }
    check(call, &name, &kind, public_key.as_deref())?;
    if call.cloud.compute.keypairs.contains_key(&(user.clone(), name.clone())) {
        return Err(Refusal::conflict(format!("Key pair '{name}' already exists.")));
    }
    let limit = limits::limit(call.cloud, &call.caller.project_id, "key_pairs");
    let have = call.cloud.compute.keypairs.values().filter(|key| key.user_id == user).count() as i64;
    if call.cloud.enforce_quotas && limit >= 0 && have >= limit {
        return Err(Refusal::forbidden("Quota exceeded, too many key pairs."));
    }
    let private = public_key.is_none();
    let public_key = public_key.unwrap_or_else(|| generated(call.cloud));
    let fingerprint = fingerprint(&public_key, &kind)?;
    let key =
        Keypair { id: call.cloud.count(), name, user_id: user, kind, public_key, fingerprint, created: call.cloud.now };
    let mut body = view(call, &key);
    body["user_id"] = json!(key.user_id);
    if private {
        body["private_key"] = json!(private_key(call.cloud));
    }
    call.cloud.compute.keypairs.insert((key.user_id.clone(), key.name.clone()), key);
    Ok(Reply::json(if call.since(2, 2) { 201 } else { 200 }, json!({ "keypair": body })))
}

fn check(call: &Call, name: &str, kind: &str, public_key: Option<&str>) -> Result<(), Refusal> {
    let more = if call.since(2, 92) { "@._- " } else { "_- " };
    let word = name.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c));
    if name.is_empty() || name.len() > 255 || !word {
        return Err(Refusal::bad(format!("Keypair data is invalid: Keypair name contains unsafe characters: {name}")));
    }
    if !matches!(kind, "ssh" | "x509") {
        return Err(Refusal::bad(format!(
            "Invalid input for field/attribute type. Value: {kind}. '{kind}' is not one of ['ssh', 'x509']"
        )));
    }
    if public_key.is_none() && call.since(2, 92) {
        return Err(Refusal::bad("Invalid input for field/attribute keypair. 'public_key' is a required property"));
    }
    Ok(())
}

/// Returns the fingerprint Nova shows: MD5 over the key's bytes, in pairs.
pub fn fingerprint(public_key: &str, kind: &str) -> Result<String, Refusal> {
    let text = if kind == "ssh" { public_key.split_whitespace().nth(1).unwrap_or_default() } else { public_key };
    let bytes = match kind {
        "ssh" => STANDARD.decode(text).ok().filter(|bytes| !bytes.is_empty()),
        _ => Some(text.as_bytes().to_vec()),
    };
    let bytes = bytes.ok_or_else(|| Refusal::bad("Keypair data is invalid: failed to generate fingerprint"))?;
    let digest = hex::encode(Md5::digest(bytes));
    Ok(digest.as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair).into_owned()).collect::<Vec<_>>().join(":"))
}

/// Makes a public key of the right form; nobody holds its private half.
pub fn generated(cloud: &mut Cloud) -> String {
    let mut blob = vec![0, 0, 0, 11];
    blob.extend_from_slice(b"ssh-ed25519");
    blob.extend_from_slice(&[0, 0, 0, 32]);
    blob.extend((0..4).flat_map(|_| cloud.dice.bits().to_be_bytes()));
    format!("ssh-ed25519 {} Generated-by-Nova", STANDARD.encode(blob))
}

fn private_key(cloud: &mut Cloud) -> String {
    let bytes: Vec<u8> = (0..24).flat_map(|_| cloud.dice.bits().to_be_bytes()).collect();
    format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----\n", STANDARD.encode(bytes))
}

fn delete(call: &mut Call) -> Answer {
    let user = user(call, "os_compute_api:os-keypairs:delete")?;
    let name = call.param(0);
    let gone = call.cloud.compute.keypairs.remove(&(user.clone(), name.clone()));
    gone.ok_or_else(|| absent(&name, &user))?;
    Ok(Reply::empty(if call.since(2, 2) { 204 } else { 202 }))
}
