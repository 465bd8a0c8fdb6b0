//! Microversions: `2.1 ≤ 2.87 ≤ 2.104`.

use std::fmt;

/// A major and a minor number, ordered as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Version(pub u32, pub u32);

impl Version {
    /// Reads `2.87`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.trim().split_once('.')?;
        Some(Self(major.parse().ok()?, minor.parse().ok()?))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minors_are_numbers() {
        assert!(Version::parse("2.9") < Version::parse("2.10"));
        assert_eq!(Version::parse("latest"), None);
    }
}
