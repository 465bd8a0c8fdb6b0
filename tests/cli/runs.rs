use super::{Home, signal, until};

const STEPS: &str = r#"
return workflow.define {
  name = "two", summary = "Two steps.", input = { broken = { type = "boolean", doc = "Whether to fail." } },
  run = function(w, input)
    local one = w:step("one", { run = function() return "made" end, undo = function() end })
    w:step("two", function()
      local file = io.open "mended"
      if input.broken and not file then fail { kind = "conflict", message = "it is locked", hint = "write mended" } end
    end)
    w:record { kind = "thing", name = "a", source = "x", source_id = "s1", target = "y", target_id = "t1", state = "done" }
    return { one = one }
  end,
}
"#;

const SLEEPER: &str = r#"
return workflow.define { name = "sleeper", summary = "Waits.", run = function(w)
  w:step("begin", function() print "begun" end)
  w:step("wait", function() sleep "10m" end)
end }
"#;

fn site() -> Home {
    let home = Home::site("return {}");
    home.write("workflows/two.lua", STEPS);
    home
}

fn newest(home: &Home) -> serde_json::Value {
    home.json(&["runs", "-f", "json"])["runs"][0].clone()
}

fn id(home: &Home) -> String {
    newest(home)["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_run_is_shown_listed_and_undone() {
    let home = site();
    let ended = home.run(&["run", "two"]).ends(0, "undo with: moonferry undo");
    assert!(ended.out.contains("thing") && ended.out.contains("t1"), "{ended:?}");
    let run = id(&home);
    assert_eq!(newest(&home)["status"], "done");
    assert!(home.run(&["show", &run, "--steps"]).ends(0, "").out.contains("two"));
    assert_eq!(home.json(&["ids", "thing", "-f", "json"])["ids"][0]["target_id"], "t1");
    home.run(&["ids", "thign"]).ends(2, "did you mean 'thing'?");
    home.run(&["resume", &run]).ends(3, "nothing to resume");
    home.run(&["undo", &run[..6]]).ends(4, "undone");
    home.run(&["undo", &run]).ends(3, "undone already");
    assert_eq!(home.json(&["ids", "-f", "json"])["ids"].as_array().unwrap().len(), 0);
    assert!(home.path().join(".moonferry/logs").join(format!("{run}.log")).exists());
}

#[test]
fn a_failed_run_says_how_to_go_on_and_does() {
    let home = site();
    let ended = home.run(&["run", "two", "--broken"]).ends(1, "conflict: it is locked");
    for text in ["two.lua:", "hint: write mended", "resume with: moonferry resume", "undo with"] {
        assert!(ended.err.contains(text), "{text}: {ended:?}");
    }
    home.write("mended", "");
    home.run(&["resume", &id(&home)]).ends(0, "done");
    assert_eq!(newest(&home)["status"], "done");
}

#[test]
fn json_is_one_object_on_stdout_whatever_happens() {
    let home = site();
    let done = home.json(&["run", "two", "-f", "json"]);
    assert_eq!((&done["status"], &done["result"]["one"]), (&"done".into(), &"made".into()));
    let failed = home.json(&["run", "two", "--broken", "-f", "json"]);
    assert_eq!((&failed["status"], &failed["error"]["kind"]), (&"failed".into(), &"conflict".into()));
    let shown = home.json(&["show", &id(&home), "-f", "json"]);
    assert_eq!(shown["steps"].as_array().unwrap().len(), 2);
}

#[test]
fn a_refusal_is_no_failure() {
    let home = Home::new();
    let text = r#"return workflow.define { name = "no", summary = "No.", run = function()
      fail { kind = "refused", message = "not tonight" } end }"#;
    home.write("no.lua", text);
    home.run(&["run", "./no.lua"]).ends(3, "not tonight");
}

#[test]
fn a_plan_changes_nothing_and_is_not_listed() {
    let home = site();
    home.run(&["plan", "two"]).ends(0, "nothing was changed");
    home.run(&["runs"]).ends(0, "no runs");
}

#[test]
fn ctrl_c_interrupts_and_resume_goes_on() {
    let home = Home::new();
    home.write("sleeper.lua", SLEEPER);
    let child = home.begin(&["run", "./sleeper.lua"]);
    let waiting = || home.json(&["runs", "-f", "json"])["runs"][0]["id"].is_string();
    until("the run", waiting);
    let run = id(&home);
    until("the step", || home.json(&["show", &run, "-f", "json"])["steps"].as_array().unwrap().len() == 2);
    home.run(&["resume", &run]).ends(3, "another process");
    signal(&child, "INT");
    let ended = super::Ended::of(child.wait_with_output().unwrap()).ends(130, "resume with: moonferry resume");
    assert_eq!(ended.out, "begun\n");
    assert_eq!(newest(&home)["status"], "interrupted");
}

#[test]
fn an_endless_loop_ends_at_ctrl_c() {
    let home = Home::new();
    home.write("loop.lua", "print 'looping' while true do end");
    let mut child = home.begin(&["run", "./loop.lua"]);
    let mut line = [0; 8];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut line).unwrap();
    signal(&child, "INT");
    super::Ended::of(child.wait_with_output().unwrap()).ends(130, "");
}
