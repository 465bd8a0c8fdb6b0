//! The two streams, and the lines drawn below them while a run goes on.

use std::io::{self, IsTerminal, Write};

use indicatif::{MultiProgress, ProgressDrawTarget};

use super::style::Style;

/// Where output goes: data to stdout, all else to stderr, and neither into the middle of the progress lines.
pub struct Terminal {
    out: Style,
    err: Style,
    out_width: Option<u16>,
    live: bool,
    progress: MultiProgress,
}

impl Terminal {
    /// Looks at the streams; `color` false means never.
    pub fn detect(color: bool) -> Self {
        let (out, err) = (io::stdout().is_terminal(), io::stderr().is_terminal());
        Self {
            out: Style { color: color && out },
            err: Style { color: color && err },
            out_width: if out { comfy_table::Table::new().width() } else { None },
            live: err,
            progress: MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(12)),
        }
    }

    /// How to paint stdout.
    pub fn out(&self) -> Style {
        self.out
    }

    /// How to paint stderr.
    pub fn err(&self) -> Style {
        self.err
    }

    /// How wide stdout is, where it is a terminal.
    pub fn width(&self) -> Option<u16> {
        self.out_width
    }

    /// How wide the progress lines may be.
    pub fn live_width(&self) -> usize {
        usize::from(comfy_table::Table::new().use_stderr().width().unwrap_or(80))
    }

    /// True where stderr is a terminal, so that lines can be drawn anew.
    pub fn live(&self) -> bool {
        self.live
    }

    /// The lines drawn below everything else.
    pub(super) fn progress(&self) -> &MultiProgress {
        &self.progress
    }

    /// Writes data. A reader that has gone away is no error: it has what it wanted.
    pub fn data(&self, text: &str) {
        self.progress.suspend(|| {
            let mut out = io::stdout().lock();
            let _ = writeln!(out, "{text}").and_then(|()| out.flush());
        });
    }

    /// Writes a message for the operator.
    pub fn note(&self, text: &str) {
        self.progress.suspend(|| {
            let _ = writeln!(io::stderr().lock(), "{text}");
        });
    }
}
