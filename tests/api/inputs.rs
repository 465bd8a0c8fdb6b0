//! Inputs: flags over site over defaults, each mistake named.

use moonferry::lua::Kind;
use serde_json::json;

use crate::common::{driver, start};

const ECHO: &str = r#"return workflow.define{ name = "echo", summary = "s", input = {
    name = { type = "string", doc = "A name." }, count = { type = "integer", default = 3 },
    only = "string[]", map_project = "map", force = "boolean", mode = { type = "string?", one_of = { "fail", "adopt" } },
    wait = "duration?",
}, run = function(_, input) return input end }"#;

async fn echo(site_lua: &str, flags: &[&str]) -> Result<serde_json::Value, moonferry::lua::Fault> {
    let site = tempfile::tempdir().unwrap();
    std::fs::create_dir(site.path().join("workflows")).unwrap();
    std::fs::write(site.path().join("site.lua"), site_lua).unwrap();
    std::fs::write(site.path().join("workflows/echo.lua"), ECHO).unwrap();
    start(&driver(site.path(), &[]).await?, "echo", flags).await.map(|outcome| outcome.result)
}

#[tokio::test]
async fn flags_win_over_the_site_and_maps_are_merged() {
    let site =
        r#"return { maps = { project = { a = "1", b = "2" } }, inputs = { echo = { name = "site", count = 5 } } }"#;
    let flags = ["--count", "7", "--map-project=b=9", "--only", "x", "--only", "y", "--force", "--wait", "5m"];
    assert_eq!(
        echo(site, &flags).await.unwrap(),
        json!({
            "name": "site", "count": 7, "map_project": { "a": "1", "b": "9" }, "only": ["x", "y"], "force": true,
            "wait": "5m",
        })
    );
}

#[tokio::test]
async fn every_mistake_is_named_before_anything_runs() {
    for (site, flags, named) in [
        ("return {}", &["--nmae", "x"][..], "did you mean '--name'"),
        ("return {}", &[][..], "--name"),
        ("return {}", &["--name"][..], "needs a value"),
        ("return {}", &["--name", "x", "--count", "many"][..], "whole number"),
        ("return {}", &["--name", "x", "--mode", "adpot"][..], "did you mean 'adopt'"),
        ("return {}", &["--name", "x", "--map-project", "a"][..], "KEY=VALUE"),
        ("return {}", &["--name", "x", "--wait", "soon"][..], "soon"),
        ("return {}", &["x"][..], "inputs are flags"),
        ("return { inputs = { echo = { nam = 1 } } }", &["--name", "x"][..], "did you mean 'name'"),
        ("return { inputs = { echo = { count = 'x' } } }", &["--name", "x"][..], "another type"),
        ("return { surce = 'a' }", &["--name", "x"][..], "did you mean 'source'"),
        ("return { allow = { flies = true } }", &["--name", "x"][..], "did you mean 'files'"),
        ("return {", &["--name", "x"][..], "site/site.lua"),
    ] {
        let fault = echo(site, flags).await.unwrap_err();
        let text = format!("{} {:?} {:?}", fault.message, fault.hint, fault.frames);
        assert!(text.contains(named), "{flags:?} of {site}: {text}");
        assert!([Kind::Invalid, Kind::Script].contains(&fault.kind), "{fault}");
    }
}
