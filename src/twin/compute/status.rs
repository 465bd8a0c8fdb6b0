//! The state machine's table: which status a server shows, and which states allow which action.

use super::model::Server;
use crate::twin::http::{Caller, Refusal};

/// Returns what `status` shows.
pub fn status(server: &Server) -> &'static str {
    let task = server.task_state.as_deref().unwrap_or_default();
    let resizing = matches!(task, "resize_prep" | "resize_migrating" | "resize_migrated" | "resize_finish");
    match (server.vm_state.as_str(), task) {
        ("active" | "stopped", _) if resizing => "RESIZE",
        ("active", "rebooting" | "reboot_pending" | "reboot_started") => "REBOOT",
        ("active" | "stopped" | "error" | "paused" | "suspended", "rebooting_hard") => "HARD_REBOOT",
        ("active" | "stopped" | "error", "rebuilding" | "rebuild_spawning") => "REBUILD",
        ("active" | "paused", "migrating") => "MIGRATING",
        ("active", _) => "ACTIVE",
        ("building", _) => "BUILD",
        ("stopped", _) => "SHUTOFF",
        ("resized", "resize_reverting") => "REVERT_RESIZE",
        ("resized", _) => "VERIFY_RESIZE",
        ("paused", _) => "PAUSED",
        ("suspended", _) => "SUSPENDED",
        ("shelved", _) => "SHELVED",
        ("shelved_offloaded", _) => "SHELVED_OFFLOADED",
        ("deleted", _) => "DELETED",
        ("error", _) => "ERROR",
        _ => "UNKNOWN",
    }
}

/// Returns vm_state, power_state for a status that an estate names.
pub fn of_status(status: &str) -> Option<(&'static str, u8)> {
    Some(match status {
        "ACTIVE" => ("active", 1),
        "SHUTOFF" => ("stopped", 4),
        "PAUSED" => ("paused", 3),
        "SUSPENDED" => ("suspended", 7),
        "SHELVED_OFFLOADED" => ("shelved_offloaded", 4),
        "ERROR" => ("error", 0),
        _ => return None,
    })
}

/// Refuses an action in a wrong state: the vm_state must be one of `states`, and no task may be going on.
pub fn allow(server: &Server, action: &str, states: &[&str]) -> Result<(), Refusal> {
    if !states.contains(&server.vm_state.as_str()) {
        return Err(wrong(server, action, "vm_state", &server.vm_state));
    }
    match &server.task_state {
        Some(task) => Err(wrong(server, action, "task_state", task)),
        None => Ok(()),
    }
}

fn wrong(server: &Server, action: &str, attribute: &str, value: &str) -> Refusal {
    Refusal::conflict(format!("Cannot '{action}' instance {} while it is in {attribute} {value}", server.id))
}

/// Refuses an action on a locked server, except to administrators.
pub fn unlocked(server: &Server, caller: &Caller) -> Result<(), Refusal> {
    if server.locked && !caller.is_admin() {
        return Err(Refusal::conflict(format!("Instance {} is locked", server.id)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(vm_state: &str, task: Option<&str>) -> Server {
        Server { vm_state: vm_state.into(), task_state: task.map(str::to_owned), ..Server::default() }
    }

    #[test]
    fn status_follows_both_states() {
        assert_eq!(status(&server("building", Some("spawning"))), "BUILD");
        assert_eq!(status(&server("active", Some("powering-off"))), "ACTIVE");
        assert_eq!(status(&server("stopped", Some("resize_migrating"))), "RESIZE");
        assert_eq!(status(&server("resized", None)), "VERIFY_RESIZE");
    }

    #[test]
    fn a_wrong_state_or_a_task_refuses() {
        assert!(allow(&server("active", None), "stop", &["active", "error"]).is_ok());
        let refusal = allow(&server("stopped", None), "stop", &["active"]).unwrap_err();
        assert!(refusal.message.ends_with("while it is in vm_state stopped"), "{}", refusal.message);
        let refusal = allow(&server("active", Some("powering-off")), "stop", &["active"]).unwrap_err();
        assert_eq!(refusal.status, 409);
    }
}
