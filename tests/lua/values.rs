//! Values: JSON, null, options, durations, times, numbers for people.

use mlua::Value;
use moonferry::lua::bind::{duration, json_to_lua, lua_to_json, options};
use moonferry::lua::{Kind, scope};
use serde_json::json;

use super::Lab;

#[tokio::test]
async fn json_comes_back_as_it_was() {
    let lab = Lab::new();
    for value in [
        json!({ "a": [1, 2.5, "x", null, true], "empty": [], "none": {}, "big": 9007199254740993_i64 }),
        json!([]),
        json!({}),
        json!(null),
        json!("ü"),
    ] {
        let there = json_to_lua(lab.vm.lua(), &value).unwrap();
        assert_eq!(lua_to_json(&there).unwrap(), value);
    }
    let source = r#"local t = json.decode '{"a":[],"b":{},"n":null}'
    t.a[1] = 5
    return json.encode(t), t.n == null, tostring(t.n), json.encode(json.array {}), json.encode({ 1, 2 }), json.encode { x = null }"#;
    assert_eq!(lab.eval(source).await, r#"{"a":[5],"b":{},"n":null} true null [] [1,2] {"x":null}"#);
}

#[tokio::test]
async fn what_has_no_json_form_is_refused_with_its_place() {
    let lab = Lab::new();
    for (value, message) in [
        ("{ a = { 1, print } }", "value.a[2] is a function, which has no JSON form"),
        ("{ 1, 2, x = 3 }", "value is both a list and an object"),
        ("{ [10] = 1 }", "value has the key 10; JSON keys are strings"),
        ("0/0", "value is NaN, which JSON does not have"),
        ("coroutine.create(print)", "value is a thread, which has no JSON form"),
        ("(function() local t = {} t.t = t return t end)()", "value.t contains itself"),
    ] {
        let fault = lab.fails(&format!("json.encode({value})")).await;
        assert_eq!((fault.kind, fault.message.as_str()), (Kind::Invalid, message));
    }
    assert_eq!(lab.fails("json.decode '{'").await.kind, Kind::Invalid);
    let shared = "local s = { 1 } return json.encode { a = s, b = s }";
    assert_eq!(lab.eval(shared).await, r#"{"a":[1],"b":[1]}"#, "used twice is no cycle");
}

#[tokio::test]
async fn null_cannot_be_looked_into() {
    let lab = Lab::new();
    let fault = lab.fails("local t = json.decode '{\"flavor\":null}'\nreturn t.flavor.name").await;
    assert_eq!(fault.message, "cannot read 'name' of null");
}

#[tokio::test]
async fn options_are_strict_and_durations_are_read() {
    let lab = Lab::new();
    let table = lab.vm.lua().create_table_from([("timout", 3)]).unwrap();
    let fault = options(&table, &["timeout", "force"], "server:stop").unwrap_err();
    assert_eq!(fault.message, "server:stop: unknown option 'timout'; did you mean 'timeout'?");
    assert!(options(&lab.vm.lua().create_sequence_from([1]).unwrap(), &[], "x").is_err());
    assert_eq!(duration(&Value::Integer(90)).unwrap().as_secs(), 90);
    assert_eq!(duration(&Value::String(lab.vm.lua().create_string("5m30s").unwrap())).unwrap().as_secs(), 330);
    for bad in [Value::Nil, Value::Number(-1.0), Value::Boolean(true)] {
        assert_eq!(duration(&bad).unwrap_err().kind, Kind::Invalid);
    }
}

#[tokio::test]
async fn times_subtract_compare_and_print() {
    let lab = Lab::new();
    let source = "local a, b = time.parse '2026-01-31T12:00:00Z', time.parse '2026-01-31T12:01:30'
    return b - a, a < b, a <= a, a == time.parse '2026-01-31T12:00:00Z', tostring(a + 60), tostring(b - '1m'), a.unix,
        tostring(time.unix(0)), a:format '%Y%m%d', json.encode { a }, tostring(a + (a - b))";
    assert_eq!(
        lab.eval(source).await,
        "90 true true true 2026-01-31T12:01:00Z 2026-01-31T12:00:30Z 1769860800 1970-01-01T00:00:00Z 20260131 \
         [\"2026-01-31T12:00:00Z\"] 2026-01-31T11:58:30Z"
    );
    assert_eq!(lab.eval("return time.now() - time.now() < 5, fmt.age(time.now() - 3700)").await, "true 1h 1m ago");
    assert_eq!(lab.fails("return time.now().unx").await.message, "Time has no field 'unx'; did you mean 'unix'?");
    assert_eq!(lab.fails("time.parse 'soon'").await.kind, Kind::Invalid);
}

#[tokio::test]
async fn numbers_for_people() {
    let lab = Lab::new();
    let source = "return GiB(20), MiB(1.5), math.type(GiB(1)), fmt.bytes(GiB(1.5)), fmt.duration '90s', fmt.count(1234567), fmt.percent(1, 4), fmt.rate(2048)";
    assert_eq!(lab.eval(source).await, "21474836480 1572864 integer 1.5 GiB 1m 30s 1,234,567 25% 2.0 KiB/s");
    assert_eq!(lab.fails("fmt.byts(1)").await.message, "fmt has no 'byts'; did you mean 'bytes'?");
    assert_eq!(lab.fails("GiB(-1)").await.kind, Kind::Invalid);
}

#[tokio::test]
async fn integers_stay_exact() {
    assert_eq!(
        Lab::new().eval("return 9007199254740993 + 1, json.encode(json.decode '9007199254740993')").await,
        "9007199254740994 9007199254740993"
    );
}

#[tokio::test]
async fn outside_of_any_run_the_scope_is_free() {
    let scope = scope::current();
    assert!(!scope.cancel.is_cancelled() && scope.deadline.is_none());
    let write = scope::Write { binding: "server:stop".into(), target: "web-1".into(), detail: json!({}) };
    assert_eq!(scope.gate.write(&write).unwrap(), scope::Permit::Do);
}
