//! The Lua host: one sandboxed VM per run, its own `require`, structured concurrency, cancellation, one error type.
//!
//! It knows no cloud and no workflow; the layers above add those as globals and modules. Decision: a script runs in one
//! task and its concurrency is futures polled side by side, never spawned Lua, because every poll takes the VM's lock
//! and threads would only wait for each other. Cancelling raises an error at the await point instead of dropping the
//! future, so that a script's cleanup runs and may itself wait.

pub mod bind;
mod concurrency;
pub mod fault;
mod host;
mod json;
mod log;
mod require;
mod sandbox;
pub mod scope;
mod text;
pub mod time;
mod traceback;
mod values;
pub mod vm;

pub use fault::{Fault, Frame, Kind};
pub use scope::Scope;
pub use vm::{Allow, Options, Vm};
