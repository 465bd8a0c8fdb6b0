//! The twin's clock: real time plus what tests skip, or a clock that stands still until told to move.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

/// A point in time, in milliseconds since 1970.
pub type Moment = u64;

/// Says what time it is in the simulated cloud.
///
/// The dates are real ones, so that a client comparing an expiry with its own clock is right; only waits are shortened.
#[derive(Debug)]
pub struct Clock {
    speed: f64,
    frozen_at: Option<Moment>,
    skipped: AtomicU64,
}

impl Clock {
    /// Makes a clock whose waits are `speed` times shorter than in life; 0 stands still and waits only for `advance`.
    pub fn new(speed: f64) -> Self {
        let frozen_at = (speed <= 0.0).then(real);
        Self { speed: if speed > 0.0 { speed } else { 1.0 }, frozen_at, skipped: AtomicU64::new(0) }
    }

    /// Returns the present moment.
    pub fn now(&self) -> Moment {
        self.frozen_at.unwrap_or_else(real) + self.skipped.load(Ordering::Relaxed)
    }

    /// Moves the clock forward.
    pub fn advance(&self, milliseconds: u64) {
        self.skipped.fetch_add(milliseconds, Ordering::Relaxed);
    }

    /// Turns a duration of the estate, in seconds, into milliseconds of this clock.
    pub fn shorten(&self, seconds: f64) -> u64 {
        (seconds * 1000.0 / self.speed) as u64
    }
}

fn real() -> Moment {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

fn format(moment: Moment, pattern: &str) -> String {
    Timestamp::from_millisecond(moment as i64).map_or_else(|_| String::new(), |time| time.strftime(pattern).to_string())
}

/// Renders `2026-11-22T07:30:00Z` (Nova, Neutron, Glance).
pub fn iso(moment: Moment) -> String {
    format(moment, "%Y-%m-%dT%H:%M:%SZ")
}

/// Renders `2026-11-22T07:30:00.123000Z` (Keystone).
pub fn iso_micros(moment: Moment) -> String {
    format(moment, "%Y-%m-%dT%H:%M:%S.%6fZ")
}

/// Renders `2026-11-22T07:30:00.123000`, without a zone (Cinder, parts of Nova).
pub fn iso_bare(moment: Moment) -> String {
    format(moment, "%Y-%m-%dT%H:%M:%S.%6f")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standing_clock_moves_only_when_told() {
        let clock = Clock::new(0.0);
        let start = clock.now();
        std::thread::sleep(std::time::Duration::from_millis(3));
        assert_eq!(clock.now(), start);
        clock.advance(5000);
        assert_eq!(clock.now(), start + 5000);
    }

    #[test]
    fn the_three_spellings() {
        let moment = 1_000_000_000_123;
        assert_eq!(iso(moment), "2001-09-09T01:46:40Z");
        assert_eq!(iso_micros(moment), "2001-09-09T01:46:40.123000Z");
        assert_eq!(iso_bare(moment), "2001-09-09T01:46:40.123000");
    }
}
