//! The query string, and which of its words a handler has understood.

use std::cell::RefCell;
use std::collections::BTreeSet;

/// Query parameters in the order sent.
#[derive(Debug, Default)]
pub struct Query {
    pairs: Vec<(String, String)>,
    seen: RefCell<BTreeSet<String>>,
}

impl Query {
    /// Reads a raw query string.
    pub fn parse(raw: &str) -> Self {
        let pairs = url::form_urlencoded::parse(raw.as_bytes()).into_owned().collect();
        Self { pairs, seen: RefCell::default() }
    }

    /// Returns the first value of `name` and marks it as understood.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.seen.borrow_mut().insert(name.to_owned());
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns all values of `name` (Neutron's repeated filters) and marks it as understood.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.seen.borrow_mut().insert(name.to_owned());
        self.pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
    }

    /// Tells whether `name` is present at all, as `?all_tenants` and Keystone's bare flags are.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Reads a flag as oslo does: `1`, `true`, `yes`, `on`, `t`, `y`, and an empty value mean true.
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.get(name).map(|text| matches!(text.to_lowercase().as_str(), "" | "1" | "true" | "yes" | "on" | "t" | "y"))
    }

    /// Marks names as understood that have no effect here.
    pub fn accept(&self, names: &[&str]) {
        self.seen.borrow_mut().extend(names.iter().map(|name| (*name).to_owned()));
    }

    /// Returns every pair.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// Returns the first name that no handler asked for.
    pub fn stranger(&self) -> Option<&str> {
        let seen = self.seen.borrow();
        self.pairs.iter().map(|(key, _)| key.as_str()).find(|key| !seen.contains(*key))
    }

    /// Renders the query with `marker` replaced, for `next` links.
    pub fn with_marker(&self, marker: &str) -> String {
        let mut writer = url::form_urlencoded::Serializer::new(String::new());
        for (key, value) in self.pairs.iter().filter(|(key, _)| key != "marker") {
            writer.append_pair(key, value);
        }
        writer.append_pair("marker", marker).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_nobody_asked_for_is_a_stranger() {
        let query = Query::parse("name=a%20b&colour=red");
        assert_eq!(query.get("name"), Some("a b"));
        assert_eq!(query.stranger(), Some("colour"));
        assert_eq!(query.with_marker("x"), "name=a+b&colour=red&marker=x");
    }
}
