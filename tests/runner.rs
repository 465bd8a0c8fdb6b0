//! The only test binary: every suite is a module here, so that they link once and share `common`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod api;
mod architecture;
mod bad_input;
mod cli;
mod common;
mod contract;
mod kill;
mod lua;
mod openstack_client;
mod stdlib;
mod twin;
