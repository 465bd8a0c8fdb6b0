//! `os-getConsoleOutput`.

use serde_json::{Value, json};

use crate::twin::compute::state;
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply};

pub fn output(call: &mut Call, argument: &Value) -> Answer {
    let length = match argument {
        Value::Null => None,
        other => {
            let mut fields = Fields::of(other, "os-getConsoleOutput")?;
            let length = fields.number("length")?;
            fields.done()?;
            length.filter(|length| *length >= 0)
        }
    };
    let server = state::server(call)?;
    if server.host.is_empty() {
        return Err(Refusal::conflict(format!("Instance {} is not ready", server.id)));
    }
    let lines: Vec<&str> = server.console.lines().collect();
    let start = length.map_or(0, |length| lines.len().saturating_sub(length as usize));
    Ok(Reply::ok(json!({"output": lines[start..].join("\n")})))
}
