//! The Lua API: what scripts can call, and the engine that makes workflows durable.
//!
//! It joins the Lua host with the clients below and prints nothing itself (an `Observer` is told what happens).
//! Decision: each binding is declared once (`describe`), so that registration, plan lines and help cannot drift apart.

pub mod describe;
pub mod fault;
pub mod host;
pub mod observer;
pub mod openstack;
pub mod run;
pub mod runtime;
pub mod script;
pub mod site;
pub mod stdlib;
pub mod workflow;
