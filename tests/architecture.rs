//! The house rules that a compiler does not check: which layer may use which, and where some crates may appear.

use std::fs;
use std::path::{Path, PathBuf};

/// The layers from top to bottom; a file may use `crate::` paths of its own layer and of the layers it is given here.
const MAY_USE: &[(&str, &[&str])] = &[
    ("cli", &["ui", "repl", "api", "lua", "journal", "twin", "openstack", "base"]),
    ("repl", &["ui", "api", "lua", "journal", "openstack", "base"]),
    ("ui", &["api", "lua", "journal", "openstack", "base"]),
    ("api", &["lua", "journal", "openstack", "base"]),
    ("lua", &["base"]),
    ("journal", &["base"]),
    ("twin", &["base"]),
    ("openstack", &["base"]),
    ("base", &[]),
];

/// Crates that belong to a few layers only.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("mlua::", &["lua", "api", "repl", "testing"]),
    ("reqwest::", &["openstack", "bmc"]),
    ("indicatif::", &["ui"]),
    ("rusqlite::", &["journal"]),
    ("axum::", &["twin"]),
    ("std::env::", &["cli"]),
];

fn sources() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut open = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let inside = path.strip_prefix(&root).unwrap();
                let layer =
                    if inside.components().count() > 1 { inside.iter().next().unwrap().to_str().unwrap() } else { "" };
                found.push((layer.to_owned(), inside.to_owned(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

#[test]
fn arrows_point_only_downward() {
    let mut wrong = Vec::new();
    for (layer, file, text) in sources() {
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == layer) else {
            assert!(layer.is_empty(), "{}: the layer {layer} is not on the map", file.display());
            continue;
        };
        for (above, _) in MAY_USE.iter().filter(|(name, _)| *name != layer && !allowed.contains(name)) {
            if code(&text).any(|line| line.contains(&format!("crate::{above}::"))) {
                wrong.push(format!("{} uses {above}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn crates_stay_in_their_rooms() {
    let mut wrong = Vec::new();
    for (layer, file, text) in sources().into_iter().filter(|(layer, ..)| !layer.is_empty()) {
        for (name, rooms) in ONLY_IN.iter().filter(|(_, rooms)| !rooms.contains(&layer.as_str())) {
            if code(&text).any(|line| line.contains(name)) {
                wrong.push(format!("{} uses {name} (only in {})", file.display(), rooms.join(", ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_folder_says_what_it_is() {
    let mut wrong = Vec::new();
    for (_, file, text) in sources().into_iter().filter(|(_, file, _)| file.ends_with("mod.rs")) {
        let lines = text.lines().take_while(|line| line.starts_with("//!")).count();
        if !(3..=15).contains(&lines) {
            wrong.push(format!("{}: {lines} lines of //!, want 3 to 15", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_outgrows_the_head() {
    let wrong: Vec<_> = sources()
        .into_iter()
        .filter(|(_, _, text)| text.lines().count() > 600)
        .map(|(_, file, text)| format!("{}: {} lines", file.display(), text.lines().count()))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The lines that are code: no comments, and nothing of a file's test module, which stands last.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .take_while(|line| !line.starts_with("#[cfg(test)]"))
        .filter(|line| !line.trim_start().starts_with("//"))
}
