//! Refusals in Neutron's words: an exception's class name, a sentence, and the status it maps to.

use crate::twin::http::Refusal;

/// Makes a refusal.
pub fn new(status: u16, kind: &'static str, message: impl Into<String>) -> Refusal {
    Refusal::new(status, message).kind(kind)
}

/// Refuses a malformed request.
pub fn bad_request(message: impl Into<String>) -> Refusal {
    new(400, "HTTPBadRequest", message)
}

/// Refuses a value that contradicts the object or another value.
pub fn invalid_input(message: impl AsRef<str>) -> Refusal {
    invalid("InvalidInput", message)
}

/// Refuses a value with an exception class of its own.
pub fn invalid(kind: &'static str, message: impl AsRef<str>) -> Refusal {
    new(400, kind, format!("Invalid input for operation: {}.", message.as_ref()))
}

/// Refuses a request for reasons of the resource named.
pub fn bad(resource: &str, message: impl AsRef<str>) -> Refusal {
    new(400, "BadRequest", format!("Bad {resource} request: {}.", message.as_ref()))
}

/// Says that a path leads nowhere, or to something the caller may not know of.
pub fn no_resource() -> Refusal {
    new(404, "HTTPNotFound", "The resource could not be found.")
}

/// Refuses what only an administrator or the owner of something may do.
pub fn forbidden(rule: &str) -> Refusal {
    new(403, "PolicyNotAuthorized", format!("{rule} is disallowed by policy"))
}

/// Refuses what would exceed a quota.
pub fn over_quota(resource: &str) -> Refusal {
    new(409, "OverQuota", format!("Quota exceeded for resources: ['{resource}']."))
}
