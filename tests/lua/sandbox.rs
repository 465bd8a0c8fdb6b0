//! What scripts may not do, and what they are told.

use std::fs;

use moonferry::lua::{Allow, Kind, Options};

use super::{Lab, frames};

#[tokio::test]
async fn globals_are_strict() {
    let lab = Lab::new();
    let fault = lab.fails("local x = 1\npirnt(x)").await;
    assert_eq!(fault.message, "undefined variable 'pirnt'; did you mean 'print'?");
    assert_eq!(frames(&fault), ["site/plan.lua:2"]);
    let fault = lab.fails("servers = {}").await;
    assert_eq!(fault.message, "assignment to the undeclared variable 'servers'");
    assert_eq!(fault.hint.as_deref(), Some("declare it: local servers = …"));
    assert_eq!(lab.fails("print = 1").await.message, "'print' belongs to the host and cannot be replaced");
    assert_eq!(lab.fails("function helper() end").await.kind, Kind::Script);
    assert_eq!(lab.fails("setmetatable(_G, nil)").await.kind, Kind::Script);
    assert_eq!(lab.eval("for k, v in pairs(_G) do if k == 'print' then return type(v) end end").await, "function");
}

#[tokio::test]
async fn a_session_may_keep_globals() {
    let lab = Lab::new();
    lab.vm.set_strict(false);
    assert_eq!(lab.eval("x = 5 x = x + 1").await, "");
    assert_eq!(lab.eval("return x").await, "6");
    assert!(lab.fails("return y").await.message.starts_with("undefined variable 'y'"));
    lab.vm.set_strict(true);
    assert_eq!(lab.fails("y = 1").await.kind, Kind::Script);
}

#[tokio::test]
async fn no_processes_no_foreign_files_no_binary_chunks() {
    let lab = Lab::new();
    for call in [
        "os.execute 'true'",
        "io.popen 'ls'",
        "io.open '/etc/passwd'",
        "io.lines '/etc/passwd'",
        "os.remove 'x'",
        "os.exit(0)",
        "os.getenv 'HOME'",
        "io.stdout:write 'x'",
        "io.tmpfile()",
        "os.rename('a', 'b')",
    ] {
        assert_eq!(lab.fails(call).await.kind, Kind::Refused, "{call}");
    }
    for absent in ["dofile", "loadfile", "package", "collectgarbage2"] {
        assert!(lab.fails(&format!("return {absent}")).await.message.contains("undefined variable"), "{absent}");
    }
    assert_eq!(lab.eval("return load('\\27Lua'), string.dump").await.split(' ').next(), Some("nil"));
    assert_eq!(lab.eval("return load('return 1 + 1')(), load('x = 1') ~= nil").await, "2 true");
    assert_eq!(lab.fails("load('x = 1')()").await.kind, Kind::Script);
    assert_eq!(lab.eval("return type(os.time()), type(os.clock())").await, "number number");
}

#[tokio::test]
async fn scripts_read_inside_their_site_only() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret"), "s").unwrap();
    let site = tempfile::tempdir().unwrap();
    fs::write(site.path().join("list.txt"), "one\ntwo\n").unwrap();
    std::os::unix::fs::symlink(outside.path().join("secret"), site.path().join("link")).unwrap();
    let lab = Lab::with(Options { site: Some(site.path().to_owned()), ..Default::default() });
    let inside = site.path().join("list.txt");
    assert_eq!(lab.eval("local f <close> = io.open 'list.txt' return f:read 'a'").await, "one\ntwo\n");
    assert_eq!(lab.eval(&format!("return io.open({:?}):read()", inside.display().to_string())).await, "one");
    assert_eq!(lab.eval("local n = 0 for l in io.lines 'list.txt' do n = n + #l end return n").await, "6");
    assert!(lab.eval("return io.open 'none.txt'").await.starts_with("nil none.txt: No such file"));
    for call in [
        "io.open('list.txt', 'w')",
        "io.open('list.txt', 'a')",
        "io.open '../x'",
        "io.open 'link'",
        "io.open '/etc/passwd'",
    ] {
        assert_eq!(lab.fails(call).await.kind, Kind::Refused, "{call}");
    }
}

#[tokio::test]
async fn a_site_may_allow_more() {
    let folder = tempfile::tempdir().unwrap();
    let lab = Lab::with(Options { allow: Allow { files: true, processes: true }, ..Default::default() });
    let path = folder.path().join("out").display().to_string();
    let source = format!(
        "local f = io.open({path:?}, 'w') f:write 'x' f:close() return os.execute 'true', io.open({path:?}):read 'a'"
    );
    assert_eq!(lab.eval(&source).await, "true x");
}

#[tokio::test]
async fn prints_go_to_the_host() {
    let lab = Lab::new();
    lab.eval("print('a', nil, 1.5, null) io.write('b', 2, '\\n')").await;
    assert_eq!(lab.printed(), "a\tnil\t1.5\tnull|b2");
}

#[tokio::test]
async fn a_first_line_for_the_shell_is_skipped() {
    let lab = Lab::new();
    let fault = lab.fails("#!/usr/bin/env moonferry\nerror 'two'").await;
    assert_eq!(frames(&fault), ["site/plan.lua:2"]);
}

#[tokio::test]
async fn a_long_chunk_name_is_shown_whole() {
    let lab = Lab::new();
    let name = format!("/srv/{}/plan.lua", "long/".repeat(20));
    let chunk = lab.vm.load(&name, "error 'x'").unwrap();
    let fault = lab.vm.call(moonferry::lua::Scope::default(), &chunk, ()).await.unwrap_err();
    assert_eq!((fault.message.as_str(), fault.frames[0].chunk.as_str()), ("x", name.as_str()));
}

#[tokio::test]
async fn a_session_knows_when_a_chunk_goes_on() {
    let lab = Lab::new();
    for begun in ["for i = 1, 3 do", "local function f(", "return {", "x = [[", "if a then"] {
        assert!(lab.vm.wants_more(begun), "{begun}");
    }
    for ended in ["return 1", "x = 'abc", "local = 1", "f(("] {
        assert_eq!(lab.vm.wants_more(ended), ended == "f((", "{ended}");
    }
}
