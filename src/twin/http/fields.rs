//! Reading a request body strictly: every field is asked for by name, and what is left over is an error.

use serde_json::{Map, Value};

use super::refusal::Refusal;

/// The fields of one JSON object, taken out one by one.
#[derive(Debug, Default, Clone)]
pub struct Fields {
    left: Map<String, Value>,
    place: String,
}

impl Fields {
    /// Opens the object under `key` of a body: `{"server": {…}}`. Other keys beside it are refused.
    pub fn wrapped(body: &Value, key: &str) -> Result<Self, Refusal> {
        let mut outer = Self::of(body, "body")?;
        let inner = outer.left.remove(key).ok_or_else(|| Refusal::bad(format!("'{key}' is a required property")))?;
        outer.done()?;
        Self::of(&inner, key)
    }

    /// Opens an object; `place` is its name in messages.
    pub fn of(value: &Value, place: &str) -> Result<Self, Refusal> {
        match value {
            Value::Object(map) => Ok(Self { left: map.clone(), place: place.to_owned() }),
            other => Err(invalid(place, other, "is not of type 'object'")),
        }
    }

    /// Takes a value of any type; `null` counts as absent.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.left.remove(name).filter(|value| !value.is_null())
    }

    /// Takes a value and tells an explicit `null` (`Some(Null)`) from absence (`None`).
    pub fn take_null(&mut self, name: &str) -> Option<Value> {
        self.left.remove(name)
    }

    /// Tells whether a field is there and not taken yet.
    pub fn has(&self, name: &str) -> bool {
        self.left.contains_key(name)
    }

    /// Takes an optional string.
    pub fn string(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(invalid(name, &other, "is not of type 'string'")),
        }
    }

    /// Takes a required string.
    pub fn text(&mut self, name: &str) -> Result<String, Refusal> {
        self.string(name)?.ok_or_else(|| self.required(name))
    }

    /// Takes an optional flag; strings and numbers that oslo reads as one are accepted.
    pub fn flag(&mut self, name: &str) -> Result<Option<bool>, Refusal> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let word = value.as_str().map(str::to_lowercase);
        match (&value, word.as_deref()) {
            (Value::Bool(flag), _) => Ok(Some(*flag)),
            (_, Some("true" | "1" | "on" | "yes")) => Ok(Some(true)),
            (_, Some("false" | "0" | "off" | "no")) => Ok(Some(false)),
            _ => Err(invalid(name, &value, "is not of type 'boolean'")),
        }
    }

    /// Takes an optional integer; digits in a string are accepted, as the services do.
    pub fn number(&mut self, name: &str) -> Result<Option<i64>, Refusal> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let read = value.as_i64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        read.map(Some).ok_or_else(|| invalid(name, &value, "is not of type 'integer'"))
    }

    /// Takes an optional list.
    pub fn list(&mut self, name: &str) -> Result<Option<Vec<Value>>, Refusal> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(other) => Err(invalid(name, &other, "is not of type 'array'")),
        }
    }

    /// Takes an optional list of strings.
    pub fn strings(&mut self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        let Some(items) = self.list(name)? else { return Ok(None) };
        let word = |item: Value| match item {
            Value::String(text) => Ok(text),
            other => Err(invalid(name, &other, "is not of type 'string'")),
        };
        items.into_iter().map(word).collect::<Result<_, _>>().map(Some)
    }

    /// Takes an optional object of strings (metadata).
    pub fn words(&mut self, name: &str) -> Result<Option<std::collections::BTreeMap<String, String>>, Refusal> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let Value::Object(map) = value else { return Err(invalid(name, &value, "is not of type 'object'")) };
        let word = |(key, item): (String, Value)| match item {
            Value::String(text) => Ok((key, text)),
            other => Err(invalid(&key, &other, "is not of type 'string'")),
        };
        map.into_iter().map(word).collect::<Result<_, _>>().map(Some)
    }

    /// Takes an optional object.
    pub fn object(&mut self, name: &str) -> Result<Option<Self>, Refusal> {
        self.take(name).map(|value| Self::of(&value, name)).transpose()
    }

    /// Drops fields that the service accepts and this twin has no use for.
    pub fn ignore(&mut self, names: &[&str]) {
        for name in names {
            self.left.remove(*name);
        }
    }

    /// Returns what has not been taken, for objects with free keys.
    pub fn rest(self) -> Map<String, Value> {
        self.left
    }

    /// Refuses what nobody took.
    pub fn done(self) -> Result<(), Refusal> {
        let Some(name) = self.left.keys().next() else { return Ok(()) };
        Err(Refusal::bad(format!(
            "Invalid input for field/attribute {}. Additional properties are not allowed ('{name}' was unexpected)",
            self.place
        )))
    }

    fn required(&self, name: &str) -> Refusal {
        Refusal::bad(format!("Invalid input for field/attribute {}. '{name}' is a required property", self.place))
    }
}

/// Words a value of the wrong type.
pub fn invalid(name: &str, value: &Value, why: &str) -> Refusal {
    Refusal::bad(format!("Invalid input for field/attribute {name}. Value: {value}. {value} {why}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_left_over_field_is_refused_by_name() {
        let mut fields = Fields::wrapped(&json!({"server": {"name": "a", "colour": 1}}), "server").unwrap();
        assert_eq!(fields.text("name").unwrap(), "a");
        assert!(fields.done().unwrap_err().message.contains("'colour' was unexpected"));
    }
}
