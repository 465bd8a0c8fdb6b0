//! Small repairs that bring what releases and services send into one shape before it is read.
//!
//! Every function leaves its own result as it is, so that an object that was written out here can be read again.

use serde_json::{Map, Value};

/// A JSON object.
pub(crate) type Object = Map<String, Value>;

/// Gives `to` the value of `from` where `to` has none.
pub(crate) fn rename(object: &mut Object, from: &str, to: &str) {
    if let Some(value) = object.remove(from)
        && object.get(to).is_none_or(Value::is_null)
    {
        object.insert(to.to_owned(), value);
    }
}

/// Turns a number into text: ids of Nova are numbers up to some microversion and UUIDs after it.
pub(crate) fn text(object: &mut Object, key: &str) {
    if let Some(value) = object.get_mut(key)
        && let Value::Number(number) = value
    {
        *value = Value::String(number.to_string());
    }
}

/// Turns the texts that stand for truth into it; the empty text is false.
pub(crate) fn boolean(object: &mut Object, key: &str) {
    if let Some(value) = object.get_mut(key)
        && let Value::String(text) = value
    {
        *value = Value::Bool(text.eq_ignore_ascii_case("true"));
    }
}

/// Turns a number written as text into one; the empty text is zero.
pub(crate) fn integer(object: &mut Object, key: &str) {
    if let Some(value) = object.get_mut(key)
        && let Value::String(text) = value
    {
        *value = Value::from(text.parse::<i64>().unwrap_or_default());
    }
}

/// Replaces the empty text by null.
pub(crate) fn empty_is_null(object: &mut Object, key: &str) {
    if let Some(value) = object.get_mut(key)
        && value.as_str() == Some("")
    {
        *value = Value::Null;
    }
}

/// Copies a value from inside nested objects to the top: `["user", "id"]` to `user_id`.
pub(crate) fn hoist(object: &mut Object, path: &[&str], to: &str) {
    let Some((first, rest)) = path.split_first() else { return };
    let found = rest.iter().fold(object.get(*first), |at, key| at.and_then(|value| value.get(key)));
    if let Some(value) = found
        && object.get(to).is_none_or(Value::is_null)
    {
        let value = value.clone();
        object.insert(to.to_owned(), value);
    }
}

/// Replaces an object by what it holds under `key`, for lists whose elements are wrapped one by one.
pub(crate) fn unwrap(object: &mut Object, key: &str) {
    if object.get(key).is_some_and(Value::is_object)
        && let Some(Value::Object(inner)) = object.remove(key)
    {
        *object = inner;
    }
}

/// Reduces a list of objects to the values they hold under `inner`.
pub(crate) fn pluck(object: &mut Object, key: &str, inner: &str) {
    let Some(Value::Array(items)) = object.get_mut(key) else { return };
    for item in items {
        if let Some(value) = item.get_mut(inner).map(Value::take) {
            *item = value;
        }
    }
}

/// Moves every key that is not among the known ones into a table under `to`.
pub(crate) fn gather(object: &mut Object, known: &[&str], to: &str) {
    if object.get(to).is_some_and(Value::is_object) {
        return;
    }
    object.remove(to);
    let (kept, rest) = std::mem::take(object).into_iter().partition(|(key, _)| known.contains(&key.as_str()));
    *object = kept;
    object.insert(to.to_owned(), Value::Object(rest));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Object {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn repairs_are_idempotent() {
        let mut it = object(json!({
            "id": 7, "tenant_id": "p", "bootable": "True", "swap": "", "image": "",
            "user": {"id": "u"}, "groups": [{"name": "web"}, {"name": "db"}], "extra": 1,
        }));
        let repair = |it: &mut Object| {
            text(it, "id");
            rename(it, "tenant_id", "project_id");
            boolean(it, "bootable");
            integer(it, "swap");
            empty_is_null(it, "image");
            hoist(it, &["user", "id"], "user_id");
            pluck(it, "groups", "name");
            gather(it, &["id", "project_id", "bootable", "swap", "image", "user_id", "groups"], "rest");
        };
        repair(&mut it);
        let once = it.clone();
        assert_eq!(
            Value::Object(once.clone()),
            json!({"id": "7", "project_id": "p", "bootable": true, "swap": 0, "image": null, "user_id": "u",
                   "groups": ["web", "db"], "rest": {"user": {"id": "u"}, "extra": 1}})
        );
        repair(&mut it);
        assert_eq!(it, once);
    }

    #[test]
    fn a_wrapped_element_loses_its_wrapper() {
        let mut it = object(json!({"keypair": {"name": "k"}}));
        unwrap(&mut it, "keypair");
        assert_eq!(it, object(json!({"name": "k"})));
        unwrap(&mut it, "keypair");
        assert_eq!(it, object(json!({"name": "k"})));
    }
}
