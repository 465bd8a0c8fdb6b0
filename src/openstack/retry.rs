//! When a call is repeated and after how long a wait.

use std::time::Duration;

use jiff::Timestamp;

/// How patiently calls are repeated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPolicy {
    /// How often a call is sent at most.
    pub attempts: u32,
    /// The first wait; each further one doubles.
    pub base: Duration,
    /// The longest wait, also where the service asks for more.
    pub cap: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { attempts: 6, base: Duration::from_millis(500), cap: Duration::from_secs(60) }
    }
}

/// How one attempt ended, as far as a repetition is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The service never saw the request.
    NeverSent,
    /// The connection broke after the request may have arrived.
    Unknown,
    /// The time ran out; the request may have arrived.
    Timeout,
    /// An answer with its status, the wait it asks for, and whether it speaks of a quota.
    Status { code: u16, retry_after: Option<Duration>, quota: bool },
}

impl RetryPolicy {
    /// Returns how long to wait before the call is sent again, or `None` where it must not be.
    ///
    /// A write is repeated only where the outcome proves that nothing happened.
    pub(crate) fn wait(&self, read: bool, attempt: u32, outcome: Outcome) -> Option<Duration> {
        if attempt >= self.attempts {
            return None;
        }
        let (again, asked) = match outcome {
            Outcome::NeverSent => (true, None),
            Outcome::Unknown => (read, None),
            // Each one costs a whole timeout, so one more must do.
            Outcome::Timeout => (read && attempt == 1, None),
            Outcome::Status { quota: true, .. } => (false, None),
            Outcome::Status { code: 429, retry_after, .. } => (true, retry_after),
            Outcome::Status { code: 413, retry_after, .. } => (retry_after.is_some(), retry_after),
            Outcome::Status { code: 503, retry_after, .. } => (read || retry_after.is_some(), retry_after),
            Outcome::Status { code: 500 | 502 | 504, retry_after, .. } => (read, retry_after),
            Outcome::Status { .. } => (false, None),
        };
        match asked {
            // A longer wait than the cap is the caller's decision, not this loop's.
            Some(asked) if asked > self.cap => None,
            Some(asked) if again => Some(asked + self.jitter(self.base)),
            _ => again.then(|| self.backoff(attempt)),
        }
    }

    fn backoff(&self, attempt: u32) -> Duration {
        let full = self.base.saturating_mul(1 << attempt.saturating_sub(1).min(16)).min(self.cap);
        full / 2 + self.jitter(full / 2)
    }

    fn jitter(&self, most: Duration) -> Duration {
        most.mul_f64(rand::random::<f64>())
    }
}

/// Reads a `Retry-After` header: seconds or an HTTP date.
pub(crate) fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = jiff::fmt::rfc2822::parse(value.trim()).ok()?.timestamp();
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: bool = true;
    const WRITE: bool = false;

    fn status(code: u16, retry_after: Option<u64>) -> Outcome {
        Outcome::Status { code, retry_after: retry_after.map(Duration::from_secs), quota: false }
    }

    #[test]
    fn writes_are_repeated_only_where_nothing_happened() {
        let policy = RetryPolicy::default();
        let again = |read, outcome| policy.wait(read, 1, outcome).is_some();
        for outcome in [Outcome::NeverSent, status(429, None), status(503, Some(1)), status(413, Some(1))] {
            assert!(again(WRITE, outcome) && again(READ, outcome), "{outcome:?}");
        }
        for outcome in [Outcome::Unknown, status(500, None), status(502, None), status(503, None), status(504, None)] {
            assert!(!again(WRITE, outcome) && again(READ, outcome), "{outcome:?}");
        }
        for outcome in [status(404, None), status(409, None), status(413, None)] {
            assert!(!again(WRITE, outcome) && !again(READ, outcome), "{outcome:?}");
        }
    }

    #[test]
    fn a_used_up_quota_is_not_asked_again() {
        let outcome = Outcome::Status { code: 413, retry_after: Some(Duration::ZERO), quota: true };
        assert_eq!(RetryPolicy::default().wait(READ, 1, outcome), None);
    }

    #[test]
    fn waits_grow_and_end() {
        let policy = RetryPolicy::default();
        let third = policy.wait(READ, 3, status(500, None)).unwrap();
        assert!((Duration::from_secs(1)..=Duration::from_secs(2)).contains(&third), "{third:?}");
        assert_eq!(policy.wait(READ, 6, status(500, None)), None);
        let asked = policy.wait(WRITE, 1, status(429, Some(7))).unwrap();
        assert!((Duration::from_secs(7)..Duration::from_secs(8)).contains(&asked), "{asked:?}");
        assert_eq!(policy.wait(WRITE, 1, status(429, Some(3600))), None);
    }

    #[test]
    fn both_forms_of_the_header_are_read() {
        let now: Timestamp = "2026-11-22T07:00:00Z".parse().unwrap();
        assert_eq!(retry_after("3", now), Some(Duration::from_secs(3)));
        assert_eq!(retry_after("Sun, 22 Nov 2026 07:00:05 GMT", now), Some(Duration::from_secs(5)));
        assert_eq!(retry_after("Sun, 22 Nov 2026 06:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", now), None);
    }
}
