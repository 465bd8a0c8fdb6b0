//! The Lua API: workflows on a site, without a cloud.

mod inputs;
mod workflow;
