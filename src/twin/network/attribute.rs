//! What a kind's fields are: which a client may send, what they default to, who may set and see them.

use serde_json::{Map, Value};

use super::error;
use super::value::{Check, Wrong};
use crate::twin::http::Refusal;

/// What an absent field of a new object becomes.
#[derive(Debug, Clone, Copy)]
pub enum Fill {
    /// Nothing: the field has to be sent.
    Required,
    /// Null.
    Null,
    /// A truth value.
    Flag(bool),
    /// A text.
    Text(&'static str),
    /// An empty list.
    List,
    /// Left out, so that the kind decides.
    Absent,
}

/// One field of a kind.
#[derive(Debug, Clone, Copy)]
pub struct Attr {
    /// The name on the wire.
    pub name: &'static str,
    post: bool,
    put: bool,
    /// Only an administrator may send it.
    admin: bool,
    /// Only an administrator may send a value other than false or null.
    admin_unless_plain: bool,
    /// Only an administrator sees it.
    hidden: bool,
    /// Lists may be filtered by it.
    pub filter: bool,
    /// Lists may be sorted by it.
    pub sort: bool,
    fill: Fill,
    check: Check,
}

impl Attr {
    /// Declares a field that clients only read.
    pub const fn read(name: &'static str) -> Self {
        let check: Check = super::value::any;
        Self {
            name,
            post: false,
            put: false,
            admin: false,
            admin_unless_plain: false,
            hidden: false,
            filter: true,
            sort: true,
            fill: Fill::Absent,
            check,
        }
    }

    /// Declares a field that is set once, when the object is made.
    pub const fn once(name: &'static str, check: Check, fill: Fill) -> Self {
        let mut attr = Self::read(name);
        (attr.post, attr.check, attr.fill) = (true, check, fill);
        attr
    }

    /// Declares a field that may be set and changed.
    pub const fn both(name: &'static str, check: Check, fill: Fill) -> Self {
        let mut attr = Self::once(name, check, fill);
        attr.put = true;
        attr
    }

    /// Declares a field that may be changed but not set at first.
    pub const fn later(name: &'static str, check: Check) -> Self {
        let mut attr = Self::both(name, check, Fill::Absent);
        attr.post = false;
        attr
    }

    /// Lets only administrators send the field.
    pub const fn by_admin(mut self) -> Self {
        self.admin = true;
        self
    }

    /// Lets only administrators send the field with a value other than its default, false or null.
    pub const fn by_admin_unless_plain(mut self) -> Self {
        self.admin_unless_plain = true;
        self
    }

    /// Shows the field to administrators alone.
    pub const fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }

    /// Forbids filtering and sorting by the field.
    pub const fn plain(mut self) -> Self {
        (self.filter, self.sort) = (false, false);
        self
    }

    /// Forbids sorting by the field.
    pub const fn unsorted(mut self) -> Self {
        self.sort = false;
        self
    }

    /// Checks and normalises a value sent for the field.
    pub fn accept(&self, value: Value) -> Result<Value, Refusal> {
        (self.check)(value).map_err(|wrong| match wrong {
            Wrong::Reason(reason) => error::bad_request(format!("Invalid input for {}. Reason: {reason}.", self.name)),
            Wrong::Input(message) => error::invalid_input(message),
            Wrong::Other(refusal) => refusal,
        })
    }

    fn reserved(&self, value: &Value) -> bool {
        self.admin || (self.admin_unless_plain && !matches!(value, Value::Null | Value::Bool(false)))
    }

    /// Converts a filter's text the way the field's own values are.
    pub fn filter_text(&self, text: &str) -> Result<String, Refusal> {
        match self.fill {
            Fill::Flag(_) => Ok(plain_text(&self.accept(Value::from(text))?)),
            _ => Ok(text.to_owned()),
        }
    }
}

/// Renders a field's value as filters and sorting compare it.
pub fn plain_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Fields that every kind with a project, and the standard attributes, have.
pub const STANDARD: &[Attr] = &[
    Attr::read("id"),
    Attr::both("description", super::value::text255, Fill::Text("")),
    Attr::once("project_id", super::value::text255, Fill::Absent),
    Attr::once("tenant_id", super::value::text255, Fill::Absent),
    Attr::read("created_at"),
    Attr::read("updated_at"),
    Attr::read("revision_number"),
];

/// Finds a field among the standard ones and the kind's own.
pub fn find(attrs: &'static [Attr], name: &str) -> Option<&'static Attr> {
    attrs.iter().chain(STANDARD).find(|attr| attr.name == name)
}

/// Removes what the caller may not see.
pub fn hide(attrs: &[Attr], object: &mut Map<String, Value>, admin: bool) {
    if !admin {
        for attr in attrs.iter().filter(|attr| attr.hidden) {
            object.remove(attr.name);
        }
    }
}

/// Checks the body of a creation and fills in defaults; `rule` names the policy, for refusals.
pub fn for_create(
    attrs: &'static [Attr],
    mut sent: Map<String, Value>,
    admin: bool,
    rule: &str,
) -> Result<Map<String, Value>, Refusal> {
    known(attrs, &sent)?;
    let mut made = Map::new();
    for attr in attrs.iter().chain(STANDARD) {
        match sent.remove(attr.name) {
            Some(_) if !attr.post => {
                return Err(error::bad_request(format!("Attribute '{}' not allowed in POST", attr.name)));
            }
            Some(value) if attr.reserved(&value) && !admin => {
                return Err(error::forbidden(&format!("({rule} and ({rule}:{}))", attr.name)));
            }
            Some(value) => {
                made.insert(attr.name.into(), attr.accept(value)?);
            }
            None if !attr.post => {}
            None => {
                let filled = match attr.fill {
                    Fill::Required => {
                        let what = format!("Failed to parse request. Required attribute '{}' not specified", attr.name);
                        return Err(error::bad_request(what));
                    }
                    Fill::Absent => continue,
                    Fill::Null => Value::Null,
                    Fill::Flag(flag) => flag.into(),
                    Fill::Text(text) => text.into(),
                    Fill::List => Value::Array(Vec::new()),
                };
                made.insert(attr.name.into(), filled);
            }
        }
    }
    Ok(made)
}

/// Checks the body of a change.
pub fn for_update(
    attrs: &'static [Attr],
    sent: Map<String, Value>,
    admin: bool,
    rule: &str,
) -> Result<Map<String, Value>, Refusal> {
    known(attrs, &sent)?;
    let mut changes = Map::new();
    for (name, value) in sent {
        let Some(attr) = find(attrs, &name) else { continue };
        if !attr.put {
            return Err(error::bad_request(format!("Cannot update read-only attribute {name}")));
        }
        if (attr.admin || attr.admin_unless_plain) && !admin {
            return Err(error::forbidden(&format!("({rule} and ({rule}:{name}))")));
        }
        changes.insert(name, attr.accept(value)?);
    }
    Ok(changes)
}

fn known(attrs: &'static [Attr], sent: &Map<String, Value>) -> Result<(), Refusal> {
    let unknown: Vec<_> = sent.keys().filter(|name| find(attrs, name).is_none()).map(String::as_str).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(error::bad_request(format!("Unrecognized attribute(s) '{}'", unknown.join(", "))))
}
