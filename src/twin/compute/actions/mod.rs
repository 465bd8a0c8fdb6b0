//! `POST /servers/{id}/action`: one key names the action, its value the arguments.
//!
//! Each action checks the lock and the state, sets a task, and lets the change happen in time. It does not know how the
//! states are shown. Decision: the change finds its server by id and task when it is due, so an action overtaken by a
//! deletion or a reset does nothing.

mod console;
mod evacuate;
mod groups;
mod image;
mod live;
mod lock;
mod power;
mod reset;
mod resize;
mod shelve;

use serde_json::Value;

use crate::twin::compute::model::{Action, Server};
use crate::twin::compute::state::{self, server_mut};
use crate::twin::compute::status::{allow, unlocked};
use crate::twin::http::{Answer, Call, Refusal, Reply, Route};

pub fn routes() -> Vec<Route> {
    vec![Route::post("/v2.1/servers/{id}/action", act)]
}

fn act(call: &mut Call) -> Answer {
    state::server(call)?;
    let body = call.body.take();
    let Value::Object(map) = body else { return Err(Refusal::bad("Malformed request body")) };
    let mut entries = map.into_iter();
    let (Some((name, argument)), None) = (entries.next(), entries.next()) else {
        return Err(Refusal::bad("There should be one action in the request body."));
    };
    run(call, &name, &argument)
}

fn run(call: &mut Call, name: &str, argument: &Value) -> Answer {
    match name {
        "os-start" => power::start(call),
        "os-stop" => power::stop(call),
        "reboot" => power::reboot(call, argument),
        "pause" => power::pause(call),
        "unpause" => power::unpause(call),
        "suspend" => power::suspend(call),
        "resume" => power::resume(call),
        "lock" => lock::lock(call, argument),
        "unlock" => lock::unlock(call),
        "shelve" => shelve::shelve(call),
        "shelveOffload" => shelve::offload(call),
        "unshelve" => shelve::unshelve(call, argument),
        "resize" => resize::resize(call, argument),
        "migrate" => resize::migrate(call, argument),
        "confirmResize" => resize::confirm(call),
        "revertResize" => resize::revert(call),
        "createImage" => image::create(call, argument),
        "os-migrateLive" => live::migrate(call, argument),
        "evacuate" => evacuate::evacuate(call, argument),
        "os-resetState" => reset::reset(call, argument),
        "os-getConsoleOutput" => console::output(call, argument),
        "addSecurityGroup" => groups::add(call, argument),
        "removeSecurityGroup" => groups::remove(call, argument),
        "forceDelete" => crate::twin::compute::delete::start(call).map(|()| Reply::empty(202)),
        _ => Err(Refusal::bad(format!("There is no such action: {name}. The twin does not know it."))),
    }
}

/// Checks lock and state, notes the action, and sets the task. Returns the server's id.
fn begin(call: &mut Call, rule: &str, action: &str, states: &[&str], task: &str) -> Result<String, Refusal> {
    let server = checked(call, rule, action, states)?;
    server.task_state = Some(task.to_owned());
    Ok(server.id.clone())
}

/// Checks lock and state, and notes the action.
fn checked<'a>(call: &'a mut Call, rule: &str, action: &str, states: &[&str]) -> Result<&'a mut Server, Refusal> {
    let caller = call.caller.clone();
    let (request_id, started) = (call.request_id.clone(), call.cloud.now);
    let server = server_mut(call, &format!("os_compute_api:{rule}"))?;
    unlocked(server, &caller)?;
    allow(server, action, states)?;
    let (user, project) = (caller.user_id, caller.project_id);
    server.actions.push(Action { action: action.to_owned(), request_id, user, project, started });
    Ok(server)
}
