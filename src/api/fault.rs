//! The errors of the lower layers as faults, in one place.

use crate::lua::fault::{Fault, Kind};
use crate::{journal, openstack};

/// A fault for an object that a cloud does not have.
pub fn not_found(kind: &str, name: &str, cloud: &str) -> Fault {
    Fault::new(Kind::NotFound, format!("{kind} '{name}' is not in cloud {cloud}"))
        .hint("check the spelling, the project scope of the credentials, and that names match in case")
}

/// A fault for what the journal refused.
pub fn journal(error: journal::Error) -> Fault {
    let kind = match error {
        journal::Error::NoRun(_) => Kind::NotFound,
        journal::Error::Ambiguous { .. } => Kind::Ambiguous,
        journal::Error::Held { .. } => Kind::Refused,
        _ => Kind::Unavailable,
    };
    Fault::new(kind, error.to_string())
}

/// A fault for what a cloud answered or did not answer.
pub fn openstack(error: openstack::Error) -> Fault {
    let kind = match error.kind() {
        openstack::ErrorKind::NotFound => Kind::NotFound,
        openstack::ErrorKind::Conflict => Kind::Conflict,
        openstack::ErrorKind::Ambiguous => Kind::Ambiguous,
        openstack::ErrorKind::Forbidden => Kind::Forbidden,
        openstack::ErrorKind::Unauthorized => Kind::Unauthorized,
        openstack::ErrorKind::Quota => Kind::Quota,
        openstack::ErrorKind::RateLimited => Kind::RateLimited,
        openstack::ErrorKind::Unavailable => Kind::Unavailable,
        openstack::ErrorKind::Transport => Kind::Transport,
        openstack::ErrorKind::Timeout => Kind::Timeout,
        _ => Kind::Invalid,
    };
    let mut fault = Fault::new(kind, error.to_string());
    fault.status = error.status();
    fault.request_id = error.request_id().map(str::to_owned);
    fault.hint = error.hint();
    fault
}
