use std::process::Child;

use super::{Home, signal, until};

/// Twins served from a home, gone with the test.
struct Served(Option<Child>);

impl Served {
    fn new(home: &Home, words: &[&str]) -> Self {
        let child = home.begin(&[&["twin", "up"], words].concat());
        until("clouds.yaml", || home.path().join("clouds.yaml").exists());
        Self(Some(child))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
fn twins_are_clouds_that_doctor_and_discover_find_healthy() {
    let home = Home::new();
    let mut served = Served::new(&home, &[]);
    let ended = home.run(&["doctor"]).ends(0, "");
    assert!(ended.out.contains("old: login") && ended.out.contains("compute 2.93"), "{ended:?}");
    let found = home.json(&["discover", "old", "-f", "json"]);
    let servers = found["counts"].as_array().unwrap().iter().find(|row| row["kind"] == "servers").unwrap();
    assert_eq!(servers["count"], 5);
    home.run(&["runs"]).ends(0, "no runs");
    let ended =
        home.type_in(&["repl", "old"], "c.compute:servers{ all_projects = true }:count()\nold.name\n").ends(0, "");
    assert_eq!(ended.out, "5\nold\n");
    let child = served.0.take().unwrap();
    signal(&child, "INT");
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
    assert!(!home.path().join("clouds.yaml").exists());
}

#[test]
fn a_clouds_yaml_of_somebody_else_is_left_alone() {
    let home = Home::new();
    home.write("clouds.yaml", "clouds: {}");
    home.run(&["twin", "up"]).ends(3, "not from an earlier");
}

#[test]
fn the_demo_moves_a_project() {
    let ended = Home::new().run(&["demo"]).ends(0, "done: ");
    assert!(ended.out.contains("web-1") && ended.out.contains("done"), "{ended:?}");
    assert!(!ended.out.contains("failed"), "{ended:?}");
}
