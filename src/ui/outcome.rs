//! The end of a run: what became of each object, the totals, and what to do next.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::api::workflow::PlanLine;
use crate::base::duration;
use crate::journal::{ResourceRow, RunStatus};

use super::rows;
use super::style::Style;
use super::table::Table;

/// Below this width, id and reason share a column: most objects have only one of the two.
const NARROW: u16 = 120;
/// As long as a UUID.
const ID: usize = 36;
/// Above this many objects, those that are simply done are counted and not listed.
const MANY: usize = 60;

/// Renders what became of the objects; `all` lists even the many that are done.
pub fn resources(list: &[ResourceRow], all: bool, width: Option<u16>, style: Style) -> String {
    let brief = !all && list.len() > MANY;
    let narrow = width.is_some_and(|width| width < NARROW);
    let mut table = match narrow {
        true => Table::new(["kind", "name", "result", "target id or reason"]),
        false => Table::new(["kind", "name", "result", "target id", "reason"]).firm("target id"),
    };
    let mut quiet: BTreeMap<&str, usize> = BTreeMap::new();
    for row in list {
        if brief && row.state == "done" {
            *quiet.entry(&row.kind).or_default() += 1;
            continue;
        }
        let target = brief_id(row.target_id.as_deref().unwrap_or_default());
        let (target, reason) = (target.as_str(), row.reason.as_deref().unwrap_or_default());
        match (narrow, target, reason) {
            (false, ..) => table.row([&row.kind, &row.name, &row.state, target, reason]),
            (true, "", text) | (true, text, "") => table.row([&row.kind, &row.name, &row.state, text]),
            (true, ..) => table.row([&row.kind, &row.name, &row.state, &format!("{target} ({reason})")]),
        }
    }
    let mut text = if table.is_empty() { String::new() } else { table.without_empty_columns().render(width, style) };
    if !quiet.is_empty() {
        let kinds: Vec<String> = quiet.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        let begin = if text.is_empty() { "" } else { "\n" };
        text += &format!("{begin}{}", style.dim(&format!("done and not listed: {}", kinds.join(", "))));
    }
    text
}

/// An id as it is, or cut in its middle where it is made of several.
fn brief_id(id: &str) -> String {
    let length = id.chars().count();
    if length <= ID {
        return id.to_owned();
    }
    let head: String = id.chars().take(ID / 2).collect();
    let tail: String = id.chars().skip(length - (ID - ID / 2 - 1)).collect();
    format!("{head}…{tail}")
}

/// The totals: `12 done, 1 adopted, 2 skipped in 42.0s`.
pub fn totals(list: &[ResourceRow], took: Duration) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in list {
        *counts.entry(&row.state).or_default() += 1;
    }
    let order = ["done", "adopted", "skipped", "failed", "undone"];
    let known = order.iter().filter_map(|state| counts.get(state).map(|count| format!("{count} {state}")));
    let other =
        counts.iter().filter(|(state, _)| !order.contains(state)).map(|(state, count)| format!("{count} {state}"));
    let parts: Vec<String> = known.chain(other).collect();
    let parts = if parts.is_empty() { "no objects".to_owned() } else { parts.join(", ") };
    format!("{parts} in {}", duration::format(took))
}

/// What the operator can do now.
pub fn next(run: &str, status: RunStatus, style: Style) -> Vec<String> {
    let command = |verb: &str| style.cyan(&format!("moonferry {verb} {run}"));
    match status {
        RunStatus::Done => vec![format!("undo with: {}", command("undo"))],
        RunStatus::Failed | RunStatus::Interrupted | RunStatus::Running => {
            vec![format!("resume with: {}", command("resume")), format!("or undo with: {}", command("undo"))]
        }
        RunStatus::Unwinding => vec![format!("finish undoing with: {}", command("undo"))],
        RunStatus::Undone => Vec::new(),
    }
}

/// Renders the writes that a plan found.
pub fn plan(lines: &[PlanLine], width: Option<u16>, style: Style) -> String {
    let mut table = Table::new(["call", "on", "with"]).firm("call");
    for line in lines {
        table.row([line.binding.clone(), line.target.clone(), rows::cell(&line.detail)]);
    }
    table.render(width, style)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: &str, name: &str, state: &str, target: Option<&str>, reason: Option<&str>) -> ResourceRow {
        ResourceRow {
            run: "0abc123def".into(),
            kind: kind.into(),
            name: name.into(),
            source_cloud: "old".into(),
            source_id: format!("source-{name}"),
            target_cloud: "new".into(),
            target_id: target.map(str::to_owned),
            state: state.into(),
            reason: reason.map(str::to_owned),
            updated: String::new(),
        }
    }

    fn sample() -> Vec<ResourceRow> {
        vec![
            row("flavor", "m1.small", "adopted", Some("42"), Some("the same is there")),
            row("network", "web", "done", Some("6a1f7c62-0a5d-4d55-9f3e-53a1f1f0b7aa"), None),
            row("server", "web-1", "failed", None, Some("quota: the target has 2 of 20 cores left and web-1 needs 4")),
        ]
    }

    #[test]
    fn the_final_table_fits() {
        insta::assert_snapshot!(resources(&sample(), false, Some(80), Style::PLAIN), @r"
        kind     name      result   target id or reason
        ────────────────────────────────────────────────────────────────────────────────
        flavor   m1.small  adopted  42 (the same is there)
        network  web       done     6a1f7c62-0a5d-4d55-9f3e-53a1f1f0b7aa
        server   web-1     failed   quota: the target has 2 of 20 cores left and web-1
                                    needs 4
        ");
    }

    #[test]
    fn many_done_are_counted() {
        let mut list = sample();
        list.extend((0..100).map(|index| row("port", &format!("p{index}"), "done", Some("x"), None)));
        assert!(resources(&list, false, None, Style::PLAIN).ends_with("done and not listed: 1 network, 100 port"));
        assert!(resources(&list, true, None, Style::PLAIN).contains("p99"));
    }

    #[test]
    fn totals_have_an_order() {
        assert_eq!(totals(&sample(), Duration::from_secs(42)), "1 done, 1 adopted, 1 failed in 42.0s");
        assert_eq!(totals(&[], Duration::from_millis(80)), "no objects in 80ms");
    }

    #[test]
    fn what_to_do_next_follows_the_status() {
        assert_eq!(next("r1", RunStatus::Done, Style::PLAIN), ["undo with: moonferry undo r1"]);
        assert_eq!(next("r1", RunStatus::Failed, Style::PLAIN).len(), 2);
        assert!(next("r1", RunStatus::Undone, Style::PLAIN).is_empty());
    }
}
