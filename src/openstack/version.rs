//! Microversions: reading, ordering, and agreeing on one for a call.

use std::fmt;
use std::str::FromStr;

use super::Error;

/// A microversion such as `2.79`, ordered as versions are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Microversion(pub u16, pub u16);

impl fmt::Display for Microversion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

impl FromStr for Microversion {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse = || Error::invalid(format!("'{text}' is no microversion; write it like 2.79"));
        let (major, minor) = text.trim().split_once('.').ok_or_else(refuse)?;
        Ok(Self(major.parse().map_err(|_| refuse())?, minor.parse().map_err(|_| refuse())?))
    }
}

/// What one endpoint speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    /// The version in the service's own notation, for example `v2.1`, `v3`; empty where it has none.
    pub id: String,
    /// The lowest microversion, `None` where the service has no microversions.
    pub min: Option<Microversion>,
    /// The highest microversion, `None` where the service has no microversions.
    pub max: Option<Microversion>,
}

impl Versions {
    /// Agrees on the microversion of a call: the highest that both sides know, at least `required`.
    ///
    /// The error is the part of a sentence that says what the service offers.
    pub(crate) fn negotiate(
        &self,
        wanted: Option<Microversion>,
        required: Option<Microversion>,
    ) -> Result<Option<Microversion>, String> {
        let Some(highest) = wanted.max(required) else { return Ok(None) };
        let (Some(min), Some(max)) = (self.min, self.max) else {
            return match required {
                Some(required) => Err(format!("needs microversion {required}, but the endpoint offers none")),
                None => Ok(None),
            };
        };
        let agreed = highest.min(max);
        match required {
            Some(required) if agreed < required => {
                Err(format!("needs microversion {required} or later, but the endpoint offers {min} to {max}"))
            }
            _ if agreed < min => {
                Err(format!("knows microversions up to {highest}, but the endpoint offers {min} to {max}"))
            }
            _ => Ok(Some(agreed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nova() -> Versions {
        Versions { id: "v2.1".into(), min: Some(Microversion(2, 1)), max: Some(Microversion(2, 53)) }
    }

    #[test]
    fn reads_and_orders() {
        assert_eq!("2.10".parse::<Microversion>().unwrap(), Microversion(2, 10));
        assert!(Microversion(2, 9) < Microversion(2, 10));
        assert!("latest".parse::<Microversion>().is_err_and(|why| why.message().contains("latest")));
    }

    #[test]
    fn the_highest_both_know_wins() {
        assert_eq!(nova().negotiate(Some(Microversion(2, 79)), None), Ok(Some(Microversion(2, 53))));
        assert_eq!(nova().negotiate(Some(Microversion(2, 30)), None), Ok(Some(Microversion(2, 30))));
        assert_eq!(nova().negotiate(None, None), Ok(None));
    }

    #[test]
    fn what_is_missing_is_named() {
        let why = nova().negotiate(Some(Microversion(2, 79)), Some(Microversion(2, 60))).unwrap_err();
        assert!(why.contains("2.60") && why.contains("2.1 to 2.53"), "{why}");
        let bare = Versions { id: "v2".into(), min: None, max: None };
        assert_eq!(bare.negotiate(Some(Microversion(2, 79)), None), Ok(None));
        assert!(bare.negotiate(None, Some(Microversion(2, 60))).is_err());
    }
}
