//! `/v3/users/{user}/application_credentials`.

use serde_json::{Value, json};

use super::common::{document, duplicate, filtered, listing, missing, single};
use super::model::{ApplicationCredential, Target};
use super::state::State;
use crate::base::secret::Secret;
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply, Route};

pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v3/users/{user}/application_credentials", list),
        Route::post("/v3/users/{user}/application_credentials", create),
        Route::get("/v3/users/{user}/application_credentials/{id}", show),
        Route::delete("/v3/users/{user}/application_credentials/{id}", delete),
    ]
}

fn own(call: &Call, rule: &str) -> Result<String, Refusal> {
    let user = call.param(0);
    if user == call.caller.user_id || call.caller.is_admin() { Ok(user) } else { Err(call.policy(rule)) }
}

fn view(state: &State, credential: &ApplicationCredential) -> Value {
    let mut view = document(credential);
    let role =
        |id: &String| state.roles.get(id).map(|role| json!({"id": id, "name": role.name, "domain_id": role.domain_id}));
    view["roles"] = credential.role_ids.iter().filter_map(role).collect();
    view["system"] = Value::Null;
    view
}

fn collection(user: &str) -> String {
    format!("users/{user}/application_credentials")
}

fn list(call: &mut Call) -> Answer {
    let user = own(call, "identity:list_application_credentials")?;
    let state = &call.cloud.identity;
    let mine = state.application_credentials.values().filter(|one| one.user_id == user);
    let items = mine.map(|one| view(state, one)).collect();
    let items = filtered(call, &["name"], items);
    Ok(listing(call, "application_credentials", items))
}

fn show(call: &mut Call) -> Answer {
    let user = own(call, "identity:get_application_credential")?;
    let id = call.param(1);
    let state = &call.cloud.identity;
    let found = state.application_credentials.get(&id).filter(|one| one.user_id == user);
    let found = found.ok_or_else(|| missing("Application Credential", &id))?;
    Ok(single(call, 200, "application_credential", &collection(&user), view(state, found)))
}

fn create(call: &mut Call) -> Answer {
    let user = call.param(0);
    if user != call.caller.user_id || call.caller.project_id.is_empty() {
        return Err(call.policy("identity:create_application_credential"));
    }
    let mut fields = Fields::wrapped(&call.body, "application_credential")?;
    let name = fields.text("name")?;
    let state = &call.cloud.identity;
    if state.application_credentials.values().any(|one| one.user_id == user && one.name == name) {
        return Err(duplicate("application_credential", &name, None));
    }
    let held = state.roles_of(&user, &Target::Project(call.caller.project_id.clone()));
    let role_ids = match fields.list("roles")? {
        None => held.into_iter().collect(),
        Some(wanted) => {
            let id =
                |value: &Value| value["id"].as_str().or(value["name"].as_str()).and_then(|word| state.find_role(word));
            let ids: Option<Vec<String>> =
                wanted.iter().map(|value| id(value).filter(|id| held.contains(id))).collect();
            ids.ok_or_else(|| Refusal::bad("Invalid application credential: Could not find role assignment."))?
        }
    };
    let given = fields.string("secret")?;
    let secret = given.unwrap_or_else(|| call.cloud.dice.hex() + &call.cloud.dice.hex());
    let credential = ApplicationCredential {
        id: call.cloud.dice.hex(),
        name,
        description: fields.string("description")?,
        project_id: call.caller.project_id.clone(),
        user_id: user.clone(),
        secret: Secret::new(secret.clone()),
        role_ids,
        unrestricted: fields.flag("unrestricted")?.unwrap_or_default(),
        expires_at: fields.string("expires_at")?,
    };
    fields.ignore(&["access_rules"]);
    fields.done()?;
    let mut shown = view(&call.cloud.identity, &credential);
    shown["secret"] = json!(secret);
    call.cloud.identity.application_credentials.insert(credential.id.clone(), credential);
    Ok(single(call, 201, "application_credential", &collection(&user), shown))
}

fn delete(call: &mut Call) -> Answer {
    let user = own(call, "identity:delete_application_credential")?;
    let id = call.param(1);
    let table = &mut call.cloud.identity.application_credentials;
    if table.get(&id).is_none_or(|one| one.user_id != user) {
        return Err(missing("Application Credential", &id));
    }
    table.remove(&id);
    Ok(Reply::empty(204))
}
