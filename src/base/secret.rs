//! A string that cannot be printed, logged or stored by accident.

use std::fmt;

use serde::{Deserialize, Deserializer};

/// A password, token or key. It has no `Display` and no `Serialize`; `Debug` shows stars.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value read from a file, the environment or a service.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// Gives the value to the one place that has to send it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Numbers too: YAML reads an unquoted all-digit password as one.
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Text {
            Word(String),
            Number(serde_json::Number),
        }
        Ok(match Text::deserialize(deserializer)? {
            Text::Word(word) => Self(word),
            Text::Number(number) => Self(number.to_string()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_stars() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "***");
    }
}
