//! Taking a run back: the body is replayed to find every effect, then each is undone, the latest first.

use std::sync::Arc;

use mlua::IntoLuaMulti;
use std::time::Duration;

use crate::api::observer::Event;
use crate::journal::StepState;
use crate::lua::fault::{Fault, Kind};

use super::engine::{Engine, Undo};
use super::scope;
use super::step::StepHandle;

const TRIES: u32 = 5;

/// Undoes what the replayed body registered. A step that cannot be undone stops the unwinding and is named; the next
/// `undo` begins there.
pub async fn unwind(engine: &Arc<Engine>) -> Result<usize, Fault> {
    refuse_unreached(&engine.unreached())?;
    let undos = engine.take_undos();
    let count = undos.len();
    for undo in undos {
        engine.observer.event(Event::Undoing { key: &undo.key });
        one(engine, &undo).await.map_err(|fault| {
            let hint = fault.hint.clone().unwrap_or_else(|| "mend the cause and give `undo` again".into());
            Fault { message: format!("step {} cannot be undone: {}", undo.key, fault.message), ..fault }.hint(hint)
        })?;
        engine.end_step(&undo.key, StepState::Undone, None, None).await?;
    }
    Ok(count)
}

/// Taking back the rest without these would leave them orphaned, or pull away what they stand on.
fn refuse_unreached(steps: &[String]) -> Result<(), Fault> {
    if steps.is_empty() {
        return Ok(());
    }
    let shown = steps.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", ");
    let message = format!("the scripts no longer lead to {} steps that were done: {shown}", steps.len());
    Err(Fault::new(Kind::JournalMismatch, message)
        .hint("undo with the scripts and the program that the run was made with"))
}

/// Undoes one step, again after a pause where the cause may pass: a port is in use until its server is quite gone.
async fn one(engine: &Arc<Engine>, undo: &Undo) -> Result<(), Fault> {
    let mut tried = 0;
    loop {
        let handle = StepHandle { engine: Arc::clone(engine), key: undo.key.clone(), attempt: tried + 1 };
        let args = (undo.value.clone(), handle).into_lua_multi(engine.vm.lua())?;
        match engine.vm.call(scope::step(engine, &undo.key), &undo.function, args).await {
            Ok(_) => return Ok(()),
            Err(fault) if fault.kind == Kind::Cancelled => return Err(fault),
            Err(fault) if tried + 1 >= TRIES || !(fault.kind.retryable() || fault.kind == Kind::Conflict) => {
                return Err(fault);
            }
            Err(_) => tried += 1,
        }
        tokio::time::sleep(Duration::from_millis(250) * 2u32.pow(tried)).await;
    }
}
