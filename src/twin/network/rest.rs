//! What all kinds of objects have in common: standard fields, ownership, and the five calls of a collection.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::State;
use super::attribute::{self, Attr};
use super::query::Listing;
use super::{error, quota};
use crate::twin::clock;
use crate::twin::http::{Answer, Call, Refusal, Reply};

/// A JSON object.
pub type Document = Map<String, Value>;

/// Who asks, and when.
#[derive(Debug, Clone, Default)]
pub struct Who {
    /// The project of the token.
    pub project: String,
    /// Whether administrators' rules hold.
    pub admin: bool,
    /// Whether the roles allow changes.
    pub writer: bool,
    /// The present moment, as Neutron writes it.
    pub now: String,
}

impl Who {
    /// Reads the caller of a call.
    pub fn of(call: &Call) -> Self {
        Self {
            project: call.caller.project_id.clone(),
            admin: call.caller.is_admin(),
            writer: call.caller.may_write(),
            now: clock::iso(call.cloud.now),
        }
    }

    /// Makes the service's own identity, for what one service does in another.
    pub fn service(project: &str, now: String) -> Self {
        Self { project: project.into(), admin: true, writer: true, now }
    }

    /// Returns whether the project's objects are the caller's to see and change.
    pub fn owns(&self, project: &str) -> bool {
        self.admin || self.project == project
    }
}

/// The fields that Neutron calls standard attributes, and the owner.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Standard {
    /// The UUID.
    pub id: String,
    /// The owning project; empty for the network service's own ports.
    pub project_id: String,
    /// Free text.
    pub description: String,
    /// When it was made.
    pub created_at: String,
    /// When it was changed last.
    pub updated_at: String,
    /// How often it was changed.
    pub revision_number: u64,
    /// The tags, sorted.
    pub tags: Vec<String>,
}

impl Standard {
    /// Starts the standard fields of a new object.
    pub fn new(id: String, project: &str, description: &str, who: &Who) -> Self {
        Self {
            id,
            project_id: project.into(),
            description: description.into(),
            created_at: who.now.clone(),
            updated_at: who.now.clone(),
            revision_number: 0,
            tags: Vec::new(),
        }
    }

    /// Notes a change.
    pub fn touch(&mut self, who: &Who) {
        self.revision_number += 1;
        self.updated_at.clone_from(&who.now);
    }
}

/// A kind of object with a collection of its own.
pub trait Kind: Serialize + DeserializeOwned + Clone + 'static {
    /// The key around one object.
    const ONE: &'static str;
    /// The key around a list.
    const MANY: &'static str;
    /// The fields beyond the standard ones.
    const ATTRS: &'static [Attr];
    /// Returns the standard fields.
    fn standard(&self) -> &Standard;
    /// Returns the standard fields for changing.
    fn standard_mut(&mut self) -> &mut Standard;
    /// Returns where the kind's objects are.
    fn table(state: &State) -> &BTreeMap<String, Self>;
    /// Returns where the kind's objects are, for changing.
    fn table_mut(state: &mut State) -> &mut BTreeMap<String, Self>;
    /// Words the absence of an object.
    fn missing(id: &str) -> Refusal;
    /// Returns a text field without rendering the object, to filter long lists fast.
    fn text(&self, _name: &str) -> Option<&str> {
        None
    }
    /// Returns whether the caller may know of the object.
    fn seen(&self, _state: &State, who: &Who) -> bool {
        who.owns(&self.standard().project_id)
    }
    /// Returns whether the caller may change the object.
    fn owned(&self, _state: &State, who: &Who) -> bool {
        who.owns(&self.standard().project_id)
    }
    /// Adds to the rendered object what the service computes.
    fn complete(&self, _state: &State, _document: &mut Document) {}
    /// Prepares what a first look at the collection creates; `project` is the one asked for.
    fn before_list(_state: &mut State, _who: &Who, _project: Option<&str>) {}
    /// Makes an object of a checked body.
    fn create(state: &mut State, who: &Who, project: &str, body: Document) -> Result<String, Refusal>;
    /// Changes an object by a checked body.
    fn update(state: &mut State, who: &Who, id: &str, changes: Document) -> Result<(), Refusal>;
    /// Deletes an object.
    fn delete(state: &mut State, who: &Who, id: &str) -> Result<(), Refusal>;
}

/// Renders an object as the caller sees it.
pub fn render<K: Kind>(state: &State, who: &Who, object: &K) -> Document {
    let Ok(Value::Object(mut document)) = serde_json::to_value(object) else { return Document::new() };
    let project = object.standard().project_id.clone();
    document.insert("tenant_id".into(), project.into());
    object.complete(state, &mut document);
    attribute::hide(K::ATTRS, &mut document, who.admin);
    document
}

/// Finds an object that the caller may know of.
pub fn find<'s, K: Kind>(state: &'s State, who: &Who, id: &str) -> Result<&'s K, Refusal> {
    K::table(state).get(id).filter(|object| object.seen(state, who)).ok_or_else(|| K::missing(id))
}

/// Finds an object for changing, for callers that have checked that it exists.
pub fn find_mut<'s, K: Kind>(state: &'s mut State, id: &str) -> Result<&'s mut K, Refusal> {
    K::table_mut(state).get_mut(id).ok_or_else(|| K::missing(id))
}

/// Lays the changes over the object's fields and notes the change.
pub fn overlay<K: Kind>(object: &mut K, who: &Who, changes: Document) -> Result<(), Refusal> {
    let Ok(Value::Object(mut document)) = serde_json::to_value(&*object) else {
        return Err(error::bad_request("The object cannot be changed"));
    };
    document.extend(changes);
    *object = read(document)?;
    object.standard_mut().touch(who);
    Ok(())
}

/// Turns a checked body into the kind's fields.
pub fn read<T: DeserializeOwned>(body: Document) -> Result<T, Refusal> {
    serde_json::from_value(Value::Object(body)).map_err(|wrong| error::bad_request(format!("Malformed value: {wrong}")))
}

/// `GET` on a collection.
pub fn list<K: Kind>(call: &mut Call) -> Answer {
    let who = Who::of(call);
    let state = super::open(call.cloud);
    let project = call.query.get("project_id").or_else(|| call.query.get("tenant_id"));
    K::before_list(state, &who, project);
    let listing = Listing::read(K::ATTRS, call.query.pairs())?;
    let (documents, more) = listing.page::<K>(state, &who);
    let mut body = Document::new();
    let links = listing.links(&call.url(), &documents, more);
    let documents: Vec<_> = documents.into_iter().map(|document| Value::Object(listing.select(document))).collect();
    body.insert(K::MANY.into(), documents.into());
    if !links.is_empty() {
        body.insert(format!("{}_links", K::MANY), links.into());
    }
    Ok(Reply::ok(body.into()))
}

/// `GET` on an object.
pub fn get<K: Kind>(call: &mut Call) -> Answer {
    let who = Who::of(call);
    let state = &call.cloud.network;
    let document = render(state, &who, find::<K>(state, &who, &call.param(0))?);
    let wanted = Listing::fields(call.query.pairs());
    Ok(Reply::ok(json!({K::ONE: Listing::select_from(&wanted, document)})))
}

/// `POST` on a collection: one object under its key, or several under the plural.
pub fn create<K: Kind>(call: &mut Call) -> Answer {
    let who = Who::of(call);
    let state = super::open(call.cloud);
    if let Some(many) = call.body.get(K::MANY).and_then(Value::as_array).cloned() {
        let mut made: Vec<String> = Vec::new();
        for item in many {
            match create_one::<K>(state, &who, item) {
                Ok(id) => made.push(id),
                Err(refusal) => {
                    // All or nothing, as in Neutron's transaction.
                    for id in made {
                        K::delete(state, &Who { admin: true, ..who.clone() }, &id)?;
                    }
                    return Err(refusal);
                }
            }
        }
        let made: Vec<_> =
            made.iter().filter_map(|id| K::table(state).get(id)).map(|object| render(state, &who, object)).collect();
        return Ok(Reply::created(json!({K::MANY: made})));
    }
    let item = wrapped::<K>(&call.body)?;
    let id = create_one::<K>(state, &who, item)?;
    let object = K::table(state).get(&id).ok_or_else(|| K::missing(&id))?;
    let reply = Reply::created(json!({K::ONE: render(state, &who, object)}));
    super::follow_up(call.cloud);
    Ok(reply)
}

fn wrapped<K: Kind>(body: &Value) -> Result<Value, Refusal> {
    if body.is_null() {
        return Err(error::bad_request("Resource body required"));
    }
    body.get(K::ONE).cloned().ok_or_else(|| error::bad_request(format!("Unable to find '{}' in request body", K::ONE)))
}

fn create_one<K: Kind>(state: &mut State, who: &Who, item: Value) -> Result<String, Refusal> {
    let Value::Object(sent) = item else { return Err(error::bad_request("Body contains invalid data")) };
    let rule = format!("rule:create_{}", K::ONE);
    if !who.writer {
        return Err(error::forbidden(&rule));
    }
    let project = project_of(&sent, who)?;
    let body = attribute::for_create(K::ATTRS, sent, who.admin, &rule)?;
    quota::reserve::<K>(state, &project)?;
    K::create(state, who, &project, body)
}

fn project_of(sent: &Document, who: &Who) -> Result<String, Refusal> {
    let named = |name| sent.get(name).and_then(Value::as_str);
    let project = match (named("project_id"), named("tenant_id")) {
        (Some(one), Some(other)) if one != other => {
            return Err(error::bad_request("'project_id' and 'tenant_id' do not match"));
        }
        (Some(project), _) | (None, Some(project)) => project.to_owned(),
        (None, None) => who.project.clone(),
    };
    if !who.owns(&project) {
        let what = "Specifying 'project_id' or 'tenant_id' other than the authenticated project in request requires \
                    admin privileges";
        return Err(error::bad_request(what));
    }
    Ok(project)
}

/// `PUT` on an object.
pub fn update<K: Kind>(call: &mut Call) -> Answer {
    let who = Who::of(call);
    let id = call.param(0);
    let Value::Object(sent) = wrapped::<K>(&call.body)? else {
        return Err(error::bad_request("Body contains invalid data"));
    };
    let expected = expected_revision(call);
    let state = super::open(call.cloud);
    let rule = format!("rule:update_{}", K::ONE);
    let changes = attribute::for_update(K::ATTRS, sent, who.admin, &rule)?;
    allow::<K>(state, &who, &id, &rule)?;
    unchanged::<K>(state, &id, expected)?;
    K::update(state, &who, &id, changes)?;
    let object = K::table(state).get(&id).ok_or_else(|| K::missing(&id))?;
    let reply = Reply::ok(json!({K::ONE: render(state, &who, object)}));
    super::follow_up(call.cloud);
    Ok(reply)
}

/// `DELETE` on an object.
pub fn delete<K: Kind>(call: &mut Call) -> Answer {
    let who = Who::of(call);
    let id = call.param(0);
    let expected = expected_revision(call);
    let state = super::open(call.cloud);
    allow::<K>(state, &who, &id, &format!("rule:delete_{}", K::ONE))?;
    unchanged::<K>(state, &id, expected)?;
    K::delete(state, &who, &id)?;
    super::follow_up(call.cloud);
    Ok(Reply::empty(204))
}

/// Reads `If-Match: revision_number=N`.
fn expected_revision(call: &Call) -> Option<u64> {
    let header = call.headers.get("if-match")?.to_str().ok()?;
    header.trim().strip_prefix("revision_number=")?.parse().ok()
}

/// Refuses a change of an object that changed since the caller looked at it.
fn unchanged<K: Kind>(state: &State, id: &str, expected: Option<u64>) -> Result<(), Refusal> {
    let current = K::table(state).get(id).map(|object| object.standard().revision_number);
    match (expected, current) {
        (Some(expected), Some(current)) if expected != current => {
            let what = format!("Constrained to {expected}, but current revision is {current}");
            Err(error::new(412, "RevisionNumberConstraintFailed", what))
        }
        _ => Ok(()),
    }
}

/// Refuses a change of what the caller does not see (as absent) or does not own (as forbidden).
pub fn allow<K: Kind>(state: &State, who: &Who, id: &str, rule: &str) -> Result<(), Refusal> {
    let object = find::<K>(state, who, id)?;
    if object.owned(state, who) && who.writer { Ok(()) } else { Err(error::forbidden(rule)) }
}
