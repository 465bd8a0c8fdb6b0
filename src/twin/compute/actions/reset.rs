//! `os-resetState`: an administrator declares a server active or broken.

use serde_json::Value;

use crate::twin::compute::state::server_mut;
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply};

pub fn reset(call: &mut Call, argument: &Value) -> Answer {
    call.admin("os_compute_api:os-admin-actions:reset_state")?;
    let mut fields = Fields::of(argument, "os-resetState")?;
    let wanted = fields.text("state")?;
    fields.done()?;
    if !matches!(wanted.as_str(), "active" | "error") {
        return Err(Refusal::bad(format!(
            "Invalid input for field/attribute state. Value: {wanted}. '{wanted}' is not one of ['active', 'error']"
        )));
    }
    let server = server_mut(call, "os_compute_api:os-admin-actions:reset_state")?;
    server.vm_state = wanted;
    server.task_state = None;
    Ok(Reply::empty(202))
}
