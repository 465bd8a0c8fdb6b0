//! Locking against changes by anybody but administrators.

use serde_json::Value;

use crate::twin::compute::state::server_mut;
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply};

pub fn lock(call: &mut Call, argument: &Value) -> Answer {
    let mut reason = None;
    if !argument.is_null() {
        if !call.since(2, 73) {
            return Err(Refusal::bad(format!("Invalid input for field/attribute lock. Value: {argument}.")));
        }
        let mut fields = Fields::of(argument, "lock")?;
        reason = fields.string("locked_reason")?;
        fields.done()?;
    }
    let server = server_mut(call, "os_compute_api:os-lock-server:lock")?;
    server.locked = true;
    server.locked_reason = reason;
    Ok(Reply::empty(202))
}

pub fn unlock(call: &mut Call) -> Answer {
    let server = server_mut(call, "os_compute_api:os-lock-server:unlock")?;
    server.locked = false;
    server.locked_reason = None;
    Ok(Reply::empty(202))
}
