//! The estate of the demo's source, and the empty one of a target.

use super::Estate;

/// A project with a bit of everything that a migration has to carry.
const SMALL: &str = include_str!("small.yaml");

/// Hosts, flavors and an external network; nothing of anybody's.
const EMPTY: &str = include_str!("empty.yaml");

impl Estate {
    /// Makes the demo's source: one project with servers of every kind.
    pub fn small() -> Self {
        Self::read(SMALL).unwrap_or_default()
    }

    /// Makes a target: three hosts, an external network, and nothing of anybody's.
    pub fn empty() -> Self {
        Self::read(EMPTY).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_estates_are_well_formed() {
        assert_eq!(Estate::read(SMALL).unwrap().servers.len(), 5);
        assert_eq!(Estate::read(EMPTY).unwrap().hosts.len(), 3);
    }
}
