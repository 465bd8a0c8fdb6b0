//! The estate of the demo and the empty one of a target.

use super::Estate;

impl Estate {
    /// Makes the demo's source.
    pub fn small() -> Self {
        Self::default()
    }

    /// Makes a target: three hosts, flavors, an external network, and nothing of anybody's.
    pub fn empty() -> Self {
        Self::default()
    }
}
