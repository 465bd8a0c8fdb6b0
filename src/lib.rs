//! moonferry moves OpenStack workloads between clouds by Lua workflows.
//!
//! The folders are layers and a layer uses only those below it (`tests/architecture.rs` enforces the map):
//!
//! | layer | what it is |
//! |---|---|
//! | `cli` | one file per command |
//! | `ui` | everything that prints: progress, tables, errors |
//! | `api` | the Lua API: one declaration per binding |
//! | `lua` | the Lua host; knows no cloud |
//! | `journal` | durable runs |
//! | `twin` | embedded clouds for tests, demo and rehearsal |
//! | `openstack` | the typed client |
//! | `base` | durations, sizes, secrets, suggestions, ids |

pub mod api;
pub mod base;
pub mod cli;
pub mod journal;
pub mod lua;
pub mod openstack;
pub mod repl;
pub mod twin;
pub mod ui;
