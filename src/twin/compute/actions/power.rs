//! Start, stop, reboot, pause, suspend and their opposites.

use serde_json::Value;

use super::begin;
use crate::twin::compute::state::{self, settle};
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply};

/// Sets the task and, after `seconds`, the states.
fn turn(call: &mut Call, how: &Turn, states: &[&str]) -> Answer {
    let id = begin(call, how.rule, how.action, states, how.task)?;
    let (task, vm_state, power_state, seconds) = (how.task, how.vm_state, how.power_state, how.seconds);
    call.cloud.later(seconds, move |cloud| {
        settle(cloud, &id, task, |server| {
            server.vm_state = vm_state.to_owned();
            server.power_state = power_state;
            server.task_state = None;
            server.failure = None;
        });
    });
    Ok(Reply::empty(202))
}

/// One transition.
struct Turn {
    rule: &'static str,
    action: &'static str,
    task: &'static str,
    vm_state: &'static str,
    power_state: u8,
    seconds: f64,
}

pub fn start(call: &mut Call) -> Answer {
    host_up(call, "start")?;
    let how = Turn {
        rule: "servers:start",
        action: "start",
        task: "powering-on",
        vm_state: "active",
        power_state: 1,
        seconds: 2.0,
    };
    turn(call, &how, &["stopped"])
}

pub fn stop(call: &mut Call) -> Answer {
    host_up(call, "stop")?;
    let how = Turn {
        rule: "servers:stop",
        action: "stop",
        task: "powering-off",
        vm_state: "stopped",
        power_state: 4,
        seconds: 4.0,
    };
    turn(call, &how, &["active", "error"])
}

/// Refuses what a dead host cannot do.
fn host_up(call: &Call, action: &str) -> Result<(), Refusal> {
    call.writer(&format!("os_compute_api:servers:{action}"))?;
    let server = state::server(call)?;
    match call.cloud.compute.hosts.get(&server.host) {
        Some(host) if !host.up() => {
            Err(Refusal::conflict(format!("Unable to contact nova-compute on host {}: it is down.", host.name)))
        }
        Some(_) => Ok(()),
        None if server.vm_state == "shelved_offloaded" => Ok(()),
        None => Err(Refusal::conflict(format!("Instance {} is not ready", server.id))),
    }
}

pub fn reboot(call: &mut Call, argument: &Value) -> Answer {
    let mut fields = Fields::of(argument, "reboot")?;
    let kind = fields.text("type")?.to_uppercase();
    fields.done()?;
    let (task, states, seconds): (_, &[&str], _) = match kind.as_str() {
        "SOFT" => ("rebooting", &["active"], 3.0),
        "HARD" => ("rebooting_hard", &["active", "stopped", "paused", "suspended", "error"], 4.0),
        _ => return Err(Refusal::bad(format!("Invalid input for field/attribute type. Value: {kind}."))),
    };
    let how = Turn { rule: "servers:reboot", action: "reboot", task, vm_state: "active", power_state: 1, seconds };
    turn(call, &how, states)
}

pub fn pause(call: &mut Call) -> Answer {
    let how = Turn {
        rule: "os-pause-server:pause",
        action: "pause",
        task: "pausing",
        vm_state: "paused",
        power_state: 3,
        seconds: 0.5,
    };
    turn(call, &how, &["active"])
}

pub fn unpause(call: &mut Call) -> Answer {
    let how = Turn {
        rule: "os-pause-server:unpause",
        action: "unpause",
        task: "unpausing",
        vm_state: "active",
        power_state: 1,
        seconds: 0.5,
    };
    turn(call, &how, &["paused"])
}

pub fn suspend(call: &mut Call) -> Answer {
    let how = Turn {
        rule: "os-suspend-server:suspend",
        action: "suspend",
        task: "suspending",
        vm_state: "suspended",
        power_state: 4,
        seconds: 3.0,
    };
    turn(call, &how, &["active"])
}

pub fn resume(call: &mut Call) -> Answer {
    let how = Turn {
        rule: "os-suspend-server:resume",
        action: "resume",
        task: "resuming",
        vm_state: "active",
        power_state: 1,
        seconds: 3.0,
    };
    turn(call, &how, &["suspended"])
}
