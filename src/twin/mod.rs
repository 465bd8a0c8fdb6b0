//! Embedded clouds: the OpenStack APIs this program uses, over loopback HTTP, from state in memory and real files.
//!
//! It is not a mock with canned answers: requests change state by the services' own rules, and whatever the real services
//! refuse is refused here in the same form. It is no cloud either: no guest runs. Decision: one lock around one cloud and
//! lazy settling of what is due, so that a request is atomic and the same requests give the same state; tests depend on it.

pub mod blob;
pub mod clock;
pub mod cloud;
pub mod compute;
mod control;
pub mod dice;
pub mod estate;
pub mod faults;
pub mod http;
pub mod identity;
pub mod image;
pub mod network;
mod options;
pub mod placement;
mod running;
mod server;

pub mod volume;

pub use estate::{Estate, Size};
pub use faults::{Fault, Faults, Rates, Strike};
pub use options::{Options, Release};
pub use running::{Error, Twin};
pub use server::Counts;
