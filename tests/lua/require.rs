//! `require`: who is found where, once, and how circles are named.

use std::fs;

use moonferry::lua::{Kind, Options};

use super::{Lab, frames};

const STDLIB: &[(&str, &str)] = &[
    ("transfer", "return { who = 'std', name = ... }"),
    ("resources.server", "sleep(0.001) return { kind = 'server' }"),
    ("slow", "print 'loading slow' sleep(0.02) return {}"),
    ("broken", "local x = 1\nerror 'broken on purpose'"),
];

fn site(files: &[(&str, &str)]) -> (tempfile::TempDir, Lab) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let lab = Lab::with(Options { site: Some(folder.path().to_owned()), stdlib: STDLIB, ..Default::default() });
    (folder, lab)
}

#[tokio::test]
async fn the_site_comes_first_and_std_is_always_embedded() {
    let (_folder, lab) = site(&[("transfer.lua", "return { who = 'site', base = require 'std.transfer' }")]);
    let source = "local t = require 'transfer'
    return t.who, t.base.who, t.base.name, rawequal(t, require 'transfer'), rawequal(t.base, require 'std.transfer')";
    assert_eq!(lab.eval(source).await, "site std std/transfer.lua true true");
}

#[tokio::test]
async fn modules_may_wait_and_load_once() {
    let (_folder, lab) = site(&[("a/init.lua", "return require 'resources.server'")]);
    assert_eq!(lab.eval("return require('a').kind").await, "server");
    assert_eq!(lab.eval("local r = parallel({1,2,3}, function() return require 'slow' end) return r[1] == r[3], r[2] == require 'std.slow'").await, "true true");
    assert_eq!(lab.printed(), "loading slow");
}

#[tokio::test]
async fn circles_are_named_even_through_parallel() {
    let (_folder, lab) = site(&[
        ("a.lua", "return require 'b'"),
        ("b.lua", "return parallel({'c'}, function(m) return require(m) end)"),
        ("c.lua", "return require 'a'"),
        ("x.lua", "sleep(0.01) return require 'y'"),
        ("y.lua", "sleep(0.01) return require 'x'"),
    ]);
    let fault = lab.fails("require 'a'").await;
    assert_eq!(
        fault.message,
        "modules require each other in a circle: site/a.lua → site/b.lua → site/c.lua → site/a.lua"
    );
    let fault = lab.fails("parallel({'x', 'y'}, function(m) return require(m) end)").await;
    assert!(fault.message.starts_with("modules require each other in a circle: site/"), "{}", fault.message);
}

#[tokio::test]
async fn a_missing_or_broken_module_says_where() {
    let (_folder, lab) = site(&[("bad.lua", "local = 1")]);
    let fault = lab.fails("require 'transfr'").await;
    assert_eq!((fault.kind, fault.message.as_str()), (Kind::NotFound, "no module 'transfr'; did you mean 'transfer'?"));
    assert_eq!(fault.hint.as_deref(), Some("looked in site/transfr.lua, site/transfr/init.lua, the embedded library"));
    let fault = lab.fails("local x = require 'broken'").await;
    assert_eq!(fault.message, "broken on purpose");
    assert_eq!(frames(&fault), ["std/broken.lua:2", "site/plan.lua:1"]);
    assert_eq!(fault.frames[0].source.as_deref(), Some("error 'broken on purpose'"));
    assert_eq!(frames(&lab.fails("require 'bad'").await), ["site/bad.lua:1", "site/plan.lua:1"]);
    assert_eq!(lab.fails("require '../../etc/passwd'").await.kind, Kind::Invalid);
}

#[tokio::test]
async fn a_module_of_the_host_cannot_be_shadowed() {
    let (_folder, lab) = site(&[("workflow.lua", "return 'from the site'")]);
    lab.vm.register_module("workflow", mlua::Value::Integer(7)).unwrap();
    assert_eq!(lab.eval("return require 'workflow', require 'std.workflow'").await, "7 7");
}
