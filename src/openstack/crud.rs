//! List, get, create, update and delete for every kind, by what its declaration says.

use serde_json::{Map, Value, json};

use super::fault::About;
use super::resource::{Resource, Update, query_to_wire};
use super::{Cloud, Error, ErrorKind, Method, Microversion, Pages, Request, Service, encode};

impl Cloud {
    /// Lists a kind; the query holds filters by their names in [`Resource::FILTERS`] or in the service's own words.
    pub fn list<R: Resource>(&self, query: Vec<(String, String)>) -> Pages<R> {
        self.list_at(R::LIST_PATH, query)
    }

    /// Lists a kind that lives below another object, by its whole path.
    pub fn list_at<R: Resource>(&self, path: &str, query: Vec<(String, String)>) -> Pages<R> {
        let mut query = query_to_wire(query, R::FILTERS);
        if R::SERVICE == Service::Image {
            query.iter_mut().for_each(literal);
        }
        let request = Request { query, ..call::<R>(Method::GET, path.to_owned(), "") };
        Pages::new(self.clone(), request)
    }

    /// Returns one object by its id.
    pub async fn get<R: Resource>(&self, id: &str) -> Result<R, Error> {
        self.get_at(&format!("{}/{}", R::PATH, encode(id)), id).await
    }

    /// Returns one object by its whole path; `object` names it in errors.
    pub async fn get_at<R: Resource>(&self, path: &str, object: &str) -> Result<R, Error> {
        self.one(call::<R>(Method::GET, path.into(), object)).await
    }

    /// Creates an object from the keys of [`Resource::CREATE`] and returns what the service answered, which may be less than a later `get` gives.
    pub async fn create<R: Resource>(&self, body: Map<String, Value>) -> Result<R, Error> {
        self.create_at(R::PATH, body).await
    }

    /// Creates an object below another one.
    pub async fn create_at<R: Resource>(&self, path: &str, body: Map<String, Value>) -> Result<R, Error> {
        let name = body.get("name").and_then(Value::as_str).unwrap_or("(new)").to_owned();
        let request = call::<R>(Method::POST, path.into(), &name).body(R::create_body(body));
        self.one(request).await
    }

    /// Changes the given fields of an object and returns it.
    pub async fn update<R: Resource>(&self, id: &str, fields: Map<String, Value>) -> Result<R, Error> {
        self.update_at(&format!("{}/{}", R::PATH, encode(id)), id, fields).await
    }

    /// Changes the given fields of an object by its whole path.
    pub async fn update_at<R: Resource>(&self, path: &str, id: &str, fields: Map<String, Value>) -> Result<R, Error> {
        let start = |method| call::<R>(method, path.to_owned(), id);
        let request = match R::UPDATE_BY {
            Update::Put => start(Method::PUT).body(R::update_body(fields)),
            Update::Patch => start(Method::PATCH).body(R::update_body(fields)),
            Update::JsonPatch => start(Method::PATCH)
                .body(json_patch(R::update_body(fields)))
                .header("Content-Type", "application/openstack-images-v2.1-json-patch"),
            Update::Never => {
                let message = format!("a {} cannot be changed", kind::<R>());
                let object = object::<R>(id);
                return Err(self.about(R::SERVICE, &object).error(
                    ErrorKind::Invalid,
                    message,
                    "delete and recreate it",
                ));
            }
        };
        self.one(request).await
    }

    /// Deletes an object; one that is gone already counts as deleted.
    pub async fn delete<R: Resource>(&self, id: &str) -> Result<(), Error> {
        self.delete_at::<R>(&format!("{}/{}", R::PATH, encode(id)), id).await
    }

    /// Deletes an object by its whole path.
    pub async fn delete_at<R: Resource>(&self, path: &str, id: &str) -> Result<(), Error> {
        match self.send(call::<R>(Method::DELETE, path.into(), id)).await {
            Ok(_) | Err(Error::NotFound(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn one<R: Resource>(&self, request: Request) -> Result<R, Error> {
        let (service, object) = (request.service, request.object.clone());
        let body = self.send(request).await?.body;
        read::<R>(body, &self.about(service, &object))
    }
}

/// Starts a call about an object of a kind.
pub(crate) fn call<R: Resource>(method: Method, path: String, name: &str) -> Request {
    let microversion = R::MICROVERSION.and_then(|text| text.parse::<Microversion>().ok());
    let about = if name.is_empty() { R::PLURAL.replace('_', " ") } else { object::<R>(name) };
    Request::new(R::SERVICE, method, path).microversion(microversion).object(about)
}

/// Reads one object, in its wrapper or bare.
pub(crate) fn read<R: Resource>(mut body: Value, about: &About<'_>) -> Result<R, Error> {
    if !R::WRAPPER.is_empty() && body.get(R::WRAPPER).is_some_and(Value::is_object) {
        body = body[R::WRAPPER].take();
    }
    let refuse = |why: String| {
        let message = format!("the answer is no {}: {why}", kind::<R>());
        about.error(ErrorKind::Protocol, message, "look at the URL of the endpoint")
    };
    if !body.is_object() {
        return Err(refuse("it has no object".into()));
    }
    serde_json::from_value(body).map_err(|why| refuse(why.to_string()))
}

/// Names an object for errors: `server web-1`.
pub(crate) fn object<R: Resource>(name: &str) -> String {
    format!("{} {name}", kind::<R>())
}

fn kind<R: Resource>() -> String {
    R::KIND.replace('_', " ")
}

/// Glance takes what stands before a colon for an operator: `ubuntu:24.04` needs one that means itself.
fn literal((key, value): &mut (String, String)) {
    let known = ["eq:", "neq:", "in:", "gt:", "gte:", "lt:", "lte:"].iter().any(|operator| value.starts_with(operator));
    if ["name", "status"].contains(&key.as_str()) && value.contains(':') && !known {
        value.insert_str(0, "eq:");
    }
}

/// Writes changes as a JSON patch; null removes a property.
fn json_patch(fields: Value) -> Value {
    let Value::Object(fields) = fields else { return Value::Array(Vec::new()) };
    let change = |(key, value): (String, Value)| {
        let path = format!("/{}", key.replace('~', "~0").replace('/', "~1"));
        match value {
            Value::Null => json!({"op": "remove", "path": path}),
            // "add" also replaces, so nobody has to know whether a property is there yet.
            value => json!({"op": "add", "path": path, "value": value}),
        }
    };
    fields.into_iter().map(change).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_escape_their_paths() {
        let fields = Map::from_iter([("a/b~c".to_owned(), "x".into()), ("old".to_owned(), Value::Null)]);
        let patch = json!([{"op": "add", "path": "/a~1b~0c", "value": "x"}, {"op": "remove", "path": "/old"}]);
        assert_eq!(json_patch(fields.into()), patch);
    }
}
