//! What goes wrong on purpose, and how often.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::{Deserialize, Serialize};

use super::dice::Dice;
use super::http::Service;

/// One thing that can go wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// 500, nothing done.
    Error,
    /// 503, nothing done.
    Unavailable,
    /// 503 with `Retry-After`, nothing done.
    RetryLater,
    /// 429 with `Retry-After`, nothing done.
    TooMany,
    /// The connection breaks, nothing done.
    DropBefore,
    /// It is done, but the connection breaks before the answer.
    DropAfter,
    /// The body comes in drips.
    SlowBody,
    /// Half of the body comes, then the connection breaks.
    Truncate,
}

/// How often each fault strikes, from 0 to 1, and how long every answer waits.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rates {
    /// Rate of `Fault::Error`.
    pub error: f64,
    /// Rate of `Fault::Unavailable`.
    pub unavailable: f64,
    /// Rate of `Fault::RetryLater`.
    pub retry_later: f64,
    /// Rate of `Fault::TooMany`.
    pub too_many: f64,
    /// Rate of `Fault::DropBefore`.
    pub drop_before: f64,
    /// Rate of `Fault::DropAfter`.
    pub drop_after: f64,
    /// Rate of `Fault::SlowBody`.
    pub slow_body: f64,
    /// Rate of `Fault::Truncate`.
    pub truncate: f64,
    /// Milliseconds before every answer.
    pub latency_ms: u64,
}

/// A fault for chosen requests: after `skip` matching ones, the next `times` are struck.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strike {
    /// `POST`, …
    pub method: String,
    /// The path template with its prefix: `/compute/v2.1/servers`.
    pub template: String,
    /// What happens.
    pub fault: Fault,
    /// How many matching requests pass first.
    #[serde(default)]
    pub skip: u64,
    /// How many are struck.
    #[serde(default = "once")]
    pub times: u64,
}

fn once() -> u64 {
    1
}

/// All faults of a twin. The default has none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Faults {
    /// Decides who is struck.
    pub seed: u64,
    /// The value of `Retry-After`, in seconds.
    pub retry_after: u64,
    /// Rates for services that have none of their own.
    pub everywhere: Rates,
    /// Rates by service: `compute`, `volume`, …
    pub services: BTreeMap<String, Rates>,
    /// Chosen requests.
    pub strikes: Vec<Strike>,
}

impl Faults {
    /// Returns the rates of a service.
    pub fn rates(&self, service: Service) -> &Rates {
        self.services.get(service.prefix()).unwrap_or(&self.everywhere)
    }

    /// Decides the fate of a request.
    ///
    /// It depends on the seed, the route, and how many requests that route had, so that it repeats even where requests
    /// to different routes overtake each other.
    pub fn decide(&mut self, service: Service, method: &str, template: &str, nth: u64) -> Option<Fault> {
        for strike in self.strikes.iter_mut().filter(|strike| strike.method == method && strike.template == template) {
            if strike.skip > 0 {
                strike.skip -= 1;
            } else if strike.times > 0 {
                strike.times -= 1;
                return Some(strike.fault);
            }
        }
        let mut hasher = DefaultHasher::new();
        (self.seed, method, template, nth).hash(&mut hasher);
        let roll = Dice::new(hasher.finish()).fraction();
        let rates = self.rates(service);
        let mut reached = 0.0;
        let table = [
            (rates.error, Fault::Error),
            (rates.unavailable, Fault::Unavailable),
            (rates.retry_later, Fault::RetryLater),
            (rates.too_many, Fault::TooMany),
            (rates.drop_before, Fault::DropBefore),
            (rates.drop_after, Fault::DropAfter),
            (rates.slow_body, Fault::SlowBody),
            (rates.truncate, Fault::Truncate),
        ];
        table.into_iter().find_map(|(rate, fault)| {
            reached += rate;
            (roll < reached).then_some(fault)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fates(seed: u64) -> Vec<Option<Fault>> {
        let everywhere = Rates { error: 0.2, drop_after: 0.3, ..Rates::default() };
        let mut faults = Faults { seed, everywhere, ..Faults::default() };
        (0..100).map(|nth| faults.decide(Service::Compute, "GET", "/x", nth)).collect()
    }

    #[test]
    fn the_same_seed_strikes_the_same_requests() {
        assert_eq!(fates(1), fates(1));
        assert_ne!(fates(1), fates(2));
        let struck = fates(1).iter().flatten().count();
        assert!((30..70).contains(&struck), "{struck} of 100 at a rate of one half");
    }

    #[test]
    fn a_strike_hits_the_chosen_request_only() {
        let strike =
            Strike { method: "POST".into(), template: "/x".into(), fault: Fault::DropAfter, skip: 1, times: 1 };
        let mut faults = Faults { strikes: vec![strike], ..Faults::default() };
        let fates: Vec<_> = (0..4).map(|nth| faults.decide(Service::Compute, "POST", "/x", nth)).collect();
        assert_eq!(fates, [None, Some(Fault::DropAfter), None, None]);
    }
}
