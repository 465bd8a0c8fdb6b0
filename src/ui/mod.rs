//! Everything that prints: tables, errors, progress, the end of a run.
//!
//! It decides how things look and never what is done. Data goes to stdout, all else to stderr. Decision: what is shown
//! is first made as text by pure functions of the state, the width and the colour, so that it can be tested without a
//! terminal; `Terminal` is the only place that writes.

pub mod error;
pub mod lines;
pub mod outcome;
pub mod reporter;
pub mod rows;
pub mod style;
pub mod table;
pub mod tally;
pub mod terminal;

pub use reporter::Reporter;
pub use style::Style;
pub use table::Table;
pub use terminal::Terminal;
