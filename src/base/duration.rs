//! Durations as people write them: `90`, `1.5`, `"5m30s"`, `"2h"`, `"250ms"`.

use std::time::Duration;

/// Reads a duration; the error says what was wrong and what is accepted.
pub fn parse(text: &str) -> Result<Duration, String> {
    let refuse = || format!("'{text}' is no duration; write seconds (90) or units (\"5m30s\", \"2h\", \"250ms\")");
    if let Ok(seconds) = text.trim().parse::<f64>() {
        return from_seconds(seconds).ok_or_else(refuse);
    }
    let mut total = 0.0;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(refuse)?;
        let number: f64 = rest[..digits].parse().map_err(|_| refuse())?;
        rest = &rest[digits..];
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        total += number
            * match &rest[..letters] {
                "ms" => 0.001,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                "d" => 86400.0,
                _ => return Err(refuse()),
            };
        rest = rest[letters..].trim_start();
    }
    if text.trim().is_empty() { Err(refuse()) } else { from_seconds(total).ok_or_else(refuse) }
}

/// Makes a duration of seconds, or `None` where the number is negative, infinite or no number.
pub fn from_seconds(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

/// Renders a duration in its two largest units: `1h 5m`, `12.3s`, `80ms`.
pub fn format(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => format!("{}ms", duration.as_millis()),
        1..60 => format!("{:.1}s", duration.as_secs_f64()),
        60..3600 => format!("{}m {}s", seconds / 60, seconds % 60),
        3600..86400 => format!("{}h {}m", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{}d {}h", seconds / 86400, seconds % 86400 / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_seconds_and_units() {
        assert_eq!(parse("90"), Ok(Duration::from_secs(90)));
        assert_eq!(parse("5m30s"), Ok(Duration::from_secs(330)));
        assert_eq!(parse("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse("1h 5m"), Ok(Duration::from_secs(3900)));
    }

    #[test]
    fn refuses_nonsense_by_name() {
        for bad in ["", "5 parsecs", "-3", "m5", "1e999", "nan"] {
            assert!(parse(bad).is_err_and(|why| why.contains(bad)), "{bad}");
        }
    }

    #[test]
    fn renders_two_units() {
        assert_eq!(format(Duration::from_millis(80)), "80ms");
        assert_eq!(format(Duration::from_secs(3900)), "1h 5m");
    }
}
