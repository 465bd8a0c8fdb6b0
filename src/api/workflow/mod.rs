//! Durable workflows: definition, inputs, steps, graph, hooks, undo.
//!
//! It decides what is journaled and when a step runs, is found again, or is taken back; what a step does is Lua's
//! business. Decision: steps are keyed by their name path and not by their order, so an operator may mend a script
//! between a failure and the resume.

pub mod define;
pub mod engine;
mod gate;
mod graph;
mod handle;
pub mod hooks;
pub mod input;
pub mod scope;
mod step;
mod undo;
pub mod value;

pub use define::Definition;
pub use engine::{Engine, Mode};
pub use gate::PlanLine;
pub use handle::Workflow;
pub use undo::unwind;
