//! OpenStack in scripts: clouds, services, lists and objects.
//!
//! It turns the typed client's declarations into Lua values and adds the methods of each class, one file per service.
//! Decision: objects are read-only snapshots (userdata over the typed struct), lists are fetched while they are read.

pub mod classes;
pub mod cloud;
pub mod collection;
pub mod keys;
mod kind;
mod method;
pub mod object;
pub mod services;
mod wait;

mod compute;
mod identity;
mod image;
mod network;
mod placement;
mod relay;
mod volume;
