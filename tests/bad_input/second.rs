//! A second process that wants the same run.

use std::time::Duration;

use crate::common::pair::{MIGRATE, Pair, one_error, until};

#[test]
fn a_second_process_on_a_run_is_refused_and_the_first_goes_on() {
    let pair = Pair::with(|options| options.latency = Duration::from_millis(40));
    let first = pair.command(&MIGRATE).spawn().unwrap();
    until("the run", || pair.latest().is_some());
    let run = pair.latest().unwrap().0;
    for verb in ["resume", "undo"] {
        let pid = format!("pid {}", first.id());
        one_error(&pair.run(&[verb, &run], 3), &["driven by another process", &pid]);
    }
    let ended = first.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
    assert_eq!(pair.latest().unwrap().1, "done");
    one_error(&pair.run(&["resume", &run], 3), &["nothing to resume"]);
}
