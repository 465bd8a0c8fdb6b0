//! Estates of any size.

use super::Estate;

/// How large an estate is to be.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Hypervisors.
    pub hosts: usize,
    /// Servers.
    pub servers: usize,
    /// Projects.
    pub projects: usize,
    /// The seed.
    pub seed: u64,
}

impl Estate {
    /// Makes an estate of the given size.
    pub fn generate(_size: Size) -> Self {
        Self::default()
    }
}
