//! Colours, or their absence.

/// Paints text where the terminal shows colours.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    /// Whether to paint.
    pub color: bool,
}

macro_rules! paints {
    ($($(#[$doc:meta])* $name:ident = $code:literal),* $(,)?) => {
        $($(#[$doc])*
        pub fn $name(self, text: &str) -> String {
            if self.color { format!(concat!("\x1b[", $code, "m{}\x1b[0m"), text) } else { text.to_owned() }
        })*
    };
}

impl Style {
    /// No colours.
    pub const PLAIN: Self = Self { color: false };

    paints! {
        /// What went wrong.
        red = "1;31",
        /// What needs attention.
        yellow = "33",
        /// What went well.
        green = "32",
        /// Places and commands.
        cyan = "36",
        /// Headings.
        bold = "1",
        /// What may be overlooked.
        dim = "2",
    }

    /// Paints the word for what became of an object.
    pub fn state(self, word: &str) -> String {
        match word {
            "done" | "adopted" | "ok" => self.green(word),
            "failed" | "unwinding" => self.red(word),
            "skipped" | "interrupted" | "running" | "started" | "warning" => self.yellow(word),
            _ => word.to_owned(),
        }
    }
}
