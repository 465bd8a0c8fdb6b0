//! Scripts that are wrong in a way only a cloud brings out.

use crate::common::pair::{MIGRATE, Pair, until};

#[test]
fn an_unknown_field_or_method_is_named_with_the_one_meant() {
    let pair = Pair::new();
    pair.write("field.lua", "local s = cloud 'old'.compute:servers{ all_projects = true }:first()\nprint(s.stauts)");
    pair.refuses(&["run", "./field.lua"], 2, &["field.lua:2", "stauts", "did you mean 'status'?"]);
    pair.write(
        "key.lua",
        "return workflow.define{ name = 'key', summary = 'k', run = function(w) w:step('make', function()\n\
        cloud 'new'.network:create_network{ nmae = 'x' } end) end }",
    );
    pair.refuses(&["run", "./key.lua"], 2, &["key.lua:2", "nmae", "did you mean 'name'?"]);
    pair.write("filter.lua", "cloud 'old'.compute:servers{ all_project = true }:all()");
    pair.refuses(&["run", "./filter.lua"], 2, &["all_project", "did you mean 'all_projects'?"]);
}

#[test]
fn a_write_outside_of_a_step_is_refused() {
    let pair = Pair::new();
    pair.write(
        "bare.lua",
        "return workflow.define{ name = 'bare', summary = 'b', run = function()\n\
        cloud 'new'.network:create_network{ name = 'x' } end }",
    );
    pair.refuses(&["run", "./bare.lua"], 1, &["bare.lua:2", "step"]);
}

#[test]
fn an_endless_loop_in_a_workflow_ends_at_ctrl_c_and_changes_nothing() {
    let pair = Pair::new();
    let before = pair.state();
    pair.write(
        "loop.lua",
        "return workflow.define{ name = 'loop', summary = 'l', run = function(w)\n\
        w:step('spin', function() while true do end end) end }",
    );
    let child = pair.command(&["run", "./loop.lua"]).spawn().unwrap();
    until("the run", || pair.latest().is_some());
    std::thread::sleep(std::time::Duration::from_millis(200));
    interrupt(&child);
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130), "{}", String::from_utf8_lossy(&ended.stderr));
    assert_eq!(pair.latest().unwrap().1, "interrupted");
    assert_eq!(pair.state(), before);
}

#[test]
fn a_migration_that_is_interrupted_says_so_and_goes_on() {
    let pair = Pair::with(|options| options.latency = std::time::Duration::from_millis(20));
    let child = pair.command(&MIGRATE).spawn().unwrap();
    until("the run", || pair.latest().is_some());
    std::thread::sleep(std::time::Duration::from_millis(500));
    interrupt(&child);
    let ended = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(130), "{said}");
    assert!(said.contains("resume with: moonferry resume"), "{said}");
    let (run, status) = pair.latest().unwrap();
    assert_eq!(status, "interrupted");
    pair.run(&["resume", &run], 0);
}

fn interrupt(child: &std::process::Child) {
    let done = std::process::Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status();
    assert!(done.unwrap().success());
}
