//! Tables fitted to the width of the terminal.

use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, LineStyle};
use comfy_table::{ContentLineStyle, TableStyle};

use super::style::Style;

/// A table under construction: headings, then rows of the same length.
#[derive(Debug, Clone, Default)]
pub struct Table {
    headings: Vec<String>,
    rows: Vec<Vec<String>>,
    firm: Vec<usize>,
}

/// One line under the headings and nothing else: rows stay greppable and ids can be selected by a double click.
const LOOK: TableStyle = NOTHING
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .header_lines(ContentLineStyle::none())
    .content_lines(ContentLineStyle::none());

/// What a column that wraps needs at least, to stay readable.
const WORD: usize = 10;
/// The widest that a column gets before all others have what they need.
const FIRM_AT_MOST: usize = 40;

impl Table {
    /// Begins a table.
    pub fn new<T: Into<String>>(headings: impl IntoIterator<Item = T>) -> Self {
        Self { headings: headings.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Keeps a column whole, as ids must be to be copied; the others wrap instead.
    #[must_use]
    pub fn firm(mut self, heading: &str) -> Self {
        self.firm.extend(self.headings.iter().position(|known| known == heading));
        self
    }

    /// Adds a row.
    pub fn row<T: Into<String>>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// True where it has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Drops the columns in which no row has anything.
    #[must_use]
    pub fn without_empty_columns(mut self) -> Self {
        for column in (0..self.headings.len()).rev() {
            if self.rows.iter().all(|row| row.get(column).is_none_or(String::is_empty)) {
                self.headings.remove(column);
                self.rows.iter_mut().filter(|row| row.len() > column).for_each(|row| drop(row.remove(column)));
                self.firm.retain(|&firm| firm != column);
                self.firm.iter_mut().filter(|firm| **firm > column).for_each(|firm| *firm -= 1);
            }
        }
        self
    }

    /// Renders the table; without a width every row is one line.
    pub fn render(&self, width: Option<u16>, style: Style) -> String {
        let mut table = comfy_table::Table::new();
        table.load_style(LOOK).force_no_tty();
        if style.color {
            table.enforce_styling();
        }
        table.set_header(self.headings.iter().map(|name| Cell::new(name).add_attribute(Attribute::Bold)));
        for row in &self.rows {
            table.add_row(row.iter().enumerate().map(|(column, text)| self.cell(column, text)));
        }
        match width {
            Some(width) => table.set_width(width).set_content_arrangement(ContentArrangement::Dynamic),
            None => table.set_content_arrangement(ContentArrangement::Disabled),
        };
        let firm = width.is_none_or(|width| self.leaves_room(usize::from(width)));
        for (index, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, 1));
            if self.numeric(index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
            if firm && self.firm.contains(&index) && self.widest(index) <= FIRM_AT_MOST {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
    }

    fn cell(&self, column: usize, text: &str) -> Cell {
        let cell = Cell::new(text);
        if !matches!(self.headings.get(column).map(String::as_str), Some("result" | "status" | "state" | "check")) {
            return cell;
        }
        match text {
            "done" | "adopted" | "ok" | "ACTIVE" | "available" => cell.fg(Color::Green),
            "failed" | "unwinding" | "ERROR" | "error" => cell.fg(Color::Red),
            "skipped" | "interrupted" | "running" | "started" | "warning" => cell.fg(Color::Yellow),
            _ => cell,
        }
    }

    /// Whether the other columns have room for a word beside the firm ones.
    fn leaves_room(&self, width: usize) -> bool {
        let need = |column: usize| match self.firm.contains(&column) {
            true => self.widest(column).max(self.headings[column].chars().count()),
            false => self.widest(column).max(self.headings[column].chars().count()).min(WORD),
        };
        (0..self.headings.len()).map(|column| need(column) + 2).sum::<usize>() <= width
    }

    fn widest(&self, column: usize) -> usize {
        self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    }

    fn numeric(&self, column: usize) -> bool {
        let mut cells = self.rows.iter().filter_map(|row| row.get(column)).filter(|cell| !cell.is_empty()).peekable();
        cells.peek().is_some() && cells.all(|cell| cell.parse::<f64>().is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Table {
        let mut table = Table::new(["kind", "name", "result", "target", "gib", "reason"]).firm("target");
        table.row(["server", "web-1", "done", "6a1f7c62-0a5d-4d55-9f3e-53a1f1f0b7aa", "4", ""]);
        table.row([
            "volume",
            "data",
            "failed",
            "",
            "120",
            "the quota of gigabytes at the target is used up (1000 of 1000)",
        ]);
        table
    }

    #[test]
    fn a_wide_table_has_one_line_per_row() {
        insta::assert_snapshot!(sample().render(None, Style::PLAIN), @r"
        kind    name   result  target                                gib  reason
        ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
        server  web-1  done    6a1f7c62-0a5d-4d55-9f3e-53a1f1f0b7aa    4
        volume  data   failed                                        120  the quota of gigabytes at the target is used up (1000 of 1000)
        ");
    }

    #[test]
    fn a_narrow_one_wraps_what_is_not_firm() {
        let text = sample().render(Some(80), Style::PLAIN);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        insta::assert_snapshot!(text, @r"
        kind    name   result  target                                gib  reason
        ────────────────────────────────────────────────────────────────────────────────
        server  web-1  done    6a1f7c62-0a5d-4d55-9f3e-53a1f1f0b7aa    4
        volume  data   failed                                        120  the quota of
                                                                          gigabytes at
                                                                          the target is
                                                                          used up (1000
                                                                          of 1000)
        ");
    }

    #[test]
    fn columns_without_content_go() {
        let mut table = Table::new(["a", "b", "id"]).firm("id");
        table.row(["1", "", "x"]);
        insta::assert_snapshot!(table.without_empty_columns().render(None, Style::PLAIN), @r"
        a  id
        ──────
        1  x
        ");
    }
}
