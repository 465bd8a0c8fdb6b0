//! Steps, resume and undo, with files as the effects.

use std::path::Path;

use moonferry::journal::{Journal, RunStatus};
use moonferry::lua::Kind;
use tempfile::TempDir;

use crate::common::{driver, start};

/// Helpers that the test workflows share: an effect is a file, so that it survives the process and can be counted.
const EFFECTS: &str = r#"
local effects = {}
function effects.exists(path) local f = io.open(path) if f then f:close() end return f ~= nil end
function effects.make(path) local f = assert(io.open(path, "a")) f:write("x") f:close() end
function effects.step(w, name, dir, fails)
    local path = dir .. "/" .. name
    return w:step(name, {
        find = function() if effects.exists(path) then return { path = path } end end,
        run = function()
            if fails then fail{ kind = "unavailable", message = name .. " broke" } end
            effects.make(path)
            return { path = path }
        end,
        undo = function(made) assert(made.path == path) assert(os.remove(path)) end,
    })
end
return effects
"#;

/// A site whose scripts may write files, with one workflow.
fn site(workflow: &str) -> TempDir {
    let site = tempfile::tempdir().unwrap();
    std::fs::create_dir(site.path().join("workflows")).unwrap();
    std::fs::create_dir(site.path().join("out")).unwrap();
    std::fs::write(site.path().join("site.lua"), "return { allow = { files = true, processes = true } }").unwrap();
    std::fs::write(site.path().join("effects.lua"), EFFECTS).unwrap();
    rewrite(site.path(), workflow);
    site
}

fn rewrite(site: &Path, workflow: &str) {
    let text = format!(
        "local effects = require \"effects\"\nlocal out = {:?}\n{workflow}",
        site.join("out").display().to_string()
    );
    std::fs::write(site.join("workflows/w.lua"), text).unwrap();
}

fn made(site: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(site.join("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

const TWO: &str = r#"
return workflow.define{ name = "w", summary = "two steps", input = { broken = "boolean" }, run = function(w, input)
    effects.step(w, "a", out)
    effects.step(w, "b", out, input.broken and not effects.exists(out .. "/mended"))
    return { done = true }
end }
"#;

#[tokio::test]
async fn a_failed_run_is_resumed_without_doing_anything_twice() {
    let site = site(TWO);
    let driver = driver(site.path(), &[]).await.unwrap();
    let failed = start(&driver, "w", &["--broken"]).await.unwrap();
    assert_eq!(failed.status, RunStatus::Failed);
    assert_eq!(failed.fault.unwrap().kind, Kind::Unavailable);
    assert_eq!(made(site.path()), ["a"]);

    std::fs::write(site.path().join("out/mended"), "").unwrap();
    let run = failed.run.unwrap();
    let done = driver.resume(&run, false).await.unwrap();
    assert_eq!((done.status, done.result), (RunStatus::Done, serde_json::json!({ "done": true })));
    assert_eq!(std::fs::read_to_string(site.path().join("out/a")).unwrap(), "x");
    assert_eq!(driver.resume(&run, false).await.err().unwrap().kind, Kind::Refused);
}

#[tokio::test]
async fn undo_takes_everything_back_and_only_once() {
    let site = site(TWO);
    let driver = driver(site.path(), &[]).await.unwrap();
    let run = start(&driver, "w", &[]).await.unwrap().run.unwrap();
    assert_eq!(made(site.path()), ["a", "b"]);
    let undone = driver.undo(&run, false).await.unwrap();
    assert_eq!((undone.status, undone.result), (RunStatus::Undone, serde_json::json!({ "undone": 2 })));
    assert!(made(site.path()).is_empty());
    assert_eq!(driver.undo(&run, false).await.err().unwrap().kind, Kind::Refused);
}

#[tokio::test]
async fn an_effect_whose_end_was_never_written_is_found_again() {
    let site = site(TWO);
    let driver = driver(site.path(), &[]).await.unwrap();
    let run = start(&driver, "w", &["--broken"]).await.unwrap().run.unwrap();
    // As if the process had been killed between the effect of b and its journal record.
    let journal = Journal::open(&driver.journal).unwrap();
    journal.start_step(&run, "b", None).await.unwrap();
    std::fs::write(site.path().join("out/b"), "x").unwrap();
    let undone = driver.undo(&run, false).await.unwrap();
    assert_eq!(undone.status, RunStatus::Undone);
    assert!(made(site.path()).is_empty(), "the unrecorded effect is taken back too");
}

#[tokio::test]
async fn a_changed_script_asks_before_it_goes_on() {
    let site = site(TWO);
    let driver = driver(site.path(), &[]).await.unwrap();
    let run = start(&driver, "w", &["--broken"]).await.unwrap().run.unwrap();
    rewrite(site.path(), &TWO.replace("input.broken and", "false and"));
    let refused = driver.resume(&run, false).await.err().unwrap();
    assert!(refused.kind == Kind::Refused && refused.hint.unwrap().contains("--accept-changes"));
    assert_eq!(driver.resume(&run, true).await.unwrap().status, RunStatus::Done);
}

#[tokio::test]
async fn past_the_pivot_a_run_only_goes_forward() {
    let site = site(
        r#"return workflow.define{ name = "w", summary = "s", run = function(w)
            effects.step(w, "a", out)
            w:commit("cut over")
        end }"#,
    );
    let driver = driver(site.path(), &[]).await.unwrap();
    let run = start(&driver, "w", &[]).await.unwrap().run.unwrap();
    let refused = driver.undo(&run, false).await.err().unwrap();
    assert!(refused.message.contains("cut over"), "{refused}");
    assert_eq!(made(site.path()), ["a"]);
}

const GRAPH: &str = r#"
return workflow.define{ name = "w", summary = "a graph", input = { broken = "string?" }, run = function(w, input)
    local items = {
        { key = "d", needs = { "b", "c" } }, { key = "b", needs = { "a" } }, { key = "c", needs = { "a" } },
        { key = "a" }, { key = "e" },
    }
    local done, failed, skipped = w:graph(items, { limit = 3 }, function(w, item)
        effects.step(w, item.key, out, item.key == input.broken)
        return item.key
    end)
    local causes = {}
    for key, e in pairs(failed) do causes[key] = e.kind end
    return { done = done, failed = causes, skipped = skipped }
end }
"#;

#[tokio::test]
async fn a_failure_in_a_graph_stops_only_what_depends_on_it() {
    let site = site(GRAPH);
    let driver = driver(site.path(), &[]).await.unwrap();
    let outcome = start(&driver, "w", &["--broken", "b"]).await.unwrap();
    assert_eq!(
        outcome.result,
        serde_json::json!({
            "done": { "a": "a", "c": "c", "e": "e" }, "failed": { "b": "unavailable" }, "skipped": { "d": "b" },
        })
    );
    let undone = driver.undo(&outcome.run.unwrap(), false).await.unwrap();
    assert_eq!(undone.status, RunStatus::Undone);
    assert!(made(site.path()).is_empty());
}

#[tokio::test]
async fn a_graph_with_a_circle_or_a_gap_is_refused_before_anything_runs() {
    for (items, named) in [
        ("{ { key = 'a', needs = { 'b' } }, { key = 'b', needs = { 'a' } } }", "circle"),
        ("{ { key = 'a', needs = { 'zz' } } }", "zz"),
        ("{ { key = 'a' }, { key = 'a' } }", "two items"),
    ] {
        let site = site(&format!(
            "return workflow.define{{ name = 'w', summary = 's', run = function(w)
                w:graph({items}, {{}}, function(w, item) effects.step(w, item.key, out) end) end }}"
        ));
        let driver = driver(site.path(), &[]).await.unwrap();
        let outcome = start(&driver, "w", &[]).await.unwrap();
        assert!(outcome.fault.unwrap().message.contains(named));
        assert!(made(site.path()).is_empty());
    }
}

#[tokio::test]
async fn a_second_process_on_a_run_is_told_who_has_it() {
    let site = site(TWO);
    let driver = driver(site.path(), &[]).await.unwrap();
    let run = start(&driver, "w", &["--broken"]).await.unwrap().run.unwrap();
    let _held = Journal::open(&driver.journal).unwrap().lease(&run, "pid 4711").unwrap();
    let refused = driver.resume(&run, false).await.err().unwrap();
    assert!(refused.message.contains("pid 4711"), "{refused}");
}

#[tokio::test]
async fn a_hook_amends_or_vetoes_and_an_unknown_one_is_refused() {
    let site = site(
        r#"return workflow.define{ name = "w", summary = "s", run = function(w)
            return w:hook("object.before", { name = "x" })
        end }"#,
    );
    let hooks = site.path().join("hooks.lua");
    std::fs::write(&hooks, r#"hooks.on("object.before", function(p) p.name = p.name .. "y" return p end)"#).unwrap();
    let amended = start(&driver(site.path(), &[]).await.unwrap(), "w", &[]).await;
    let amended = match amended {
        // Only where the stdlib declares this hook; its name is checked below in any case.
        Ok(outcome) => outcome.result,
        Err(fault) => panic!("{fault}"),
    };
    assert_eq!(amended, serde_json::json!({ "name": "xy" }));
    std::fs::write(&hooks, r#"hooks.on("object.befor", function() end)"#).unwrap();
    let refused = start(&driver(site.path(), &[]).await.unwrap(), "w", &[]).await.err().unwrap();
    assert!(refused.message.contains("did you mean 'object.before'"), "{refused}");
}

#[tokio::test]
async fn an_undo_that_would_miss_a_step_begins_nothing() {
    let site = site(TWO);
    let driver = driver(site.path(), &[]).await.unwrap();
    let run = start(&driver, "w", &[]).await.unwrap().run.unwrap();
    rewrite(site.path(), &TWO.replace("effects.step(w, \"b\"", "effects.step(w, \"c\""));
    let refused = driver.undo(&run, true).await.unwrap();
    assert_eq!(refused.status, RunStatus::Unwinding);
    assert!(refused.fault.unwrap().message.contains("no longer lead to 1 steps that were done: b"));
    assert_eq!(made(site.path()), ["a", "b"]);
}
