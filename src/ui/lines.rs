//! The lines below the output while a run goes on: the total, a bar per transfer, a line per running step.

use std::time::{Duration, Instant};

use crate::base::{duration, size};

use super::style::Style;
use super::tally::{Step, Tally};

/// The most lines drawn, so that what was printed before stays in sight.
pub const LINES: usize = 8;
const BAR: usize = 20;
const TURNS: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// Renders what is going on, at most eight lines, none wider than the terminal.
pub fn live(tally: &Tally, now: Instant, width: usize, style: Style) -> Vec<String> {
    let mut lines = vec![total(tally, now, style)];
    let mut steps: Vec<&Step> = tally.running().iter().collect();
    steps.sort_by_key(|step| !step.transfers());
    let room = if steps.len() > LINES - 1 { LINES - 2 } else { LINES - 1 };
    for step in steps.iter().take(room) {
        let name = tally.name(&step.key);
        lines.push(match step.transfers() {
            true => transfer(&name, step, width, style),
            false => spinner(&name, step, now, width, style),
        });
    }
    if steps.len() > room {
        lines.push(style.dim(&format!("  … and {} more steps", steps.len() - room)));
    }
    lines
}

/// What became of the objects so far, in one line of text: `12 of 40 objects, 1 failed`.
pub fn summary(tally: &Tally) -> String {
    let objects = tally.objects();
    let mut text = match tally.expected {
        0 if tally.undone > 0 => format!("{} steps undone", tally.undone),
        0 => format!("{objects} objects"),
        expected => format!("{objects} of {} objects", expected.max(objects)),
    };
    for state in ["failed", "skipped"] {
        if let Some(count) = tally.states().get(state) {
            text += &format!(", {count} {state}");
        }
    }
    text
}

/// How far a transfer is: `1.2 GiB of 4.0 GiB, 120.0 MiB/s, 20s left`.
pub fn transferred(step: &Step) -> String {
    let mut text = size::format(step.done);
    if let Some(total) = step.total {
        text += &format!(" of {}", size::format(total));
    }
    if let Some(rate) = step.rate() {
        text += &format!(", {}/s", size::format(rate as u64));
    }
    if let Some(left) = step.left() {
        text += &format!(", {} left", clock(left));
    }
    text
}

fn total(tally: &Tally, now: Instant, style: Style) -> String {
    let bar = match tally.expected {
        0 => String::new(),
        expected => format!("{} ", bar(tally.objects() as u64, expected as u64, style)),
    };
    let elapsed = clock(now.saturating_duration_since(tally.began));
    format!("{} {bar}{}  {}", style.bold(&tally.title), summary(tally), style.dim(&elapsed))
}

fn transfer(name: &str, step: &Step, width: usize, style: Style) -> String {
    let numbers = transferred(step);
    let bar = step.total.map(|total| format!("{} ", bar(step.done, total, style))).unwrap_or_default();
    let taken = 4 + numbers.chars().count() + if bar.is_empty() { 0 } else { BAR + 1 };
    format!("  {}  {bar}{numbers}", fitted(name, width.saturating_sub(taken)))
}

fn spinner(name: &str, step: &Step, now: Instant, width: usize, style: Style) -> String {
    let since = now.saturating_duration_since(step.began);
    let turn = TURNS[(since.as_millis() / 100) as usize % TURNS.len()];
    let shown = clock(since);
    let name = fitted(name, width.saturating_sub(6 + shown.len()));
    format!("  {} {}  {}", style.cyan(turn), name.trim_end(), style.dim(&shown))
}

/// A name cut in its middle and padded, so that bars stand below each other.
fn fitted(key: &str, room: usize) -> String {
    let room = room.clamp(12, 36);
    let length = key.chars().count();
    if length <= room {
        return format!("{key:room$}");
    }
    let head: String = key.chars().take(room / 2 - 1).collect();
    let tail: String = key.chars().skip(length - (room - room / 2)).collect();
    format!("{head}…{tail}")
}

fn bar(done: u64, total: u64, style: Style) -> String {
    let full = (done.min(total) as u128 * BAR as u128 / u128::from(total.max(1))) as usize;
    format!("{}{}", style.green(&"█".repeat(full)), style.dim(&"░".repeat(BAR - full)))
}

/// A duration without fractions, for things that tick.
fn clock(length: Duration) -> String {
    match length.as_secs() {
        seconds @ 0..60 => format!("{seconds}s"),
        _ => duration::format(length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::observer::Event;

    fn tally(steps: usize, start: Instant) -> Tally {
        let mut tally = Tally::new(start);
        (tally.title, tally.expected) = ("migrate 0abc123def".into(), 40);
        for index in 0..steps {
            let key = format!("server:web-{index}/create");
            tally.apply(&Event::StepStarted { key: &key, attempt: 1 }, start);
        }
        tally
    }

    #[test]
    fn a_transfer_shows_bytes_rate_and_time_left() {
        let start = Instant::now();
        let mut tally = tally(1, start);
        let key = "volume:a-volume-with-a-rather-long-name/copy";
        tally.apply(&Event::StepStarted { key, attempt: 1 }, start);
        for second in 0..=4 {
            let event = Event::Progress { key, done: second << 28, total: Some(4 << 30) };
            tally.apply(&event, start + Duration::from_secs(second));
        }
        let lines = live(&tally, start + Duration::from_secs(4), 100, Style::PLAIN);
        insta::assert_snapshot!(lines.join("\n"), @r"
        migrate 0abc123def ░░░░░░░░░░░░░░░░░░░░ 0 of 40 objects  4s
          volume:a-volume-…er-long-name/copy  █████░░░░░░░░░░░░░░░ 1.0 GiB of 4.0 GiB, 256.0 MiB/s, 12s left
          ⠋ server:web-0/create  4s
        ");
        for width in [80, 120] {
            let lines = live(&tally, start, width, Style::PLAIN);
            assert!(lines.iter().all(|line| line.chars().count() <= width), "{lines:#?}");
        }
    }

    #[test]
    fn many_steps_are_counted() {
        let start = Instant::now();
        let lines = live(&tally(30, start), start, 80, Style::PLAIN);
        assert_eq!(lines.len(), LINES);
        assert_eq!(lines[LINES - 1], "  … and 24 more steps");
    }
}
