//! Errors: fields, frames, texts, and what passes through `pcall`.

use mlua::{Error, Value};
use moonferry::lua::bind::guarded;
use moonferry::lua::{Fault, Kind, Scope, Vm};

use super::{Lab, frames};

/// A binding that waits and then fails as a service would.
fn add_stop(vm: &Vm) {
    let stop = vm.lua().create_async_function(|_, name: String| async move {
        guarded(async move {
            tokio::task::yield_now().await;
            let fault =
                Fault::new(Kind::Conflict, format!("server {name} is locked")).status(409).request_id("req-7f2c");
            Err::<(), _>(fault.hint("unlock it").data(serde_json::json!({ "id": 7 })))
        })
        .await
    });
    vm.set_global("stop", stop.unwrap()).unwrap();
}

#[tokio::test]
async fn a_caught_error_has_its_fields() {
    let lab = Lab::new();
    add_stop(&lab.vm);
    let seen = lab
        .eval(
            r#"local ok, e = pcall(stop, "web-1")
            return ok, e.kind, e.message, e.status, e.request_id, e.hint, e.retryable, e.data.id, e.nothing, tostring(e)"#,
        )
        .await;
    assert_eq!(
        seen,
        "false conflict server web-1 is locked 409 req-7f2c unlock it false 7 nil conflict: server web-1 is locked"
    );
}

#[tokio::test]
async fn an_uncaught_error_keeps_its_data_and_shows_only_the_scripts_lines() {
    let lab = Lab::new();
    add_stop(&lab.vm);
    let source = "local function retype(name)\n  stop(name)\n  return 1\nend\nlocal function migrate()\n  pcall(print)\n  retype 'web-1'\n  return 2\nend\nmigrate()\nreturn 3";
    let fault = lab.fails(source).await;
    assert_eq!((fault.kind, fault.status), (Kind::Conflict, Some(409)));
    assert_eq!(frames(&fault), ["site/plan.lua:2 retype", "site/plan.lua:7 migrate", "site/plan.lua:10"]);
    assert_eq!(fault.frames[0].source.as_deref(), Some("stop(name)"));
}

#[tokio::test]
async fn a_raised_text_stays_a_text_and_leaves_with_its_line() {
    let lab = Lab::new();
    assert_eq!(lab.eval("local _, e = pcall(error, 'boom') return type(e), e, ('x').kind").await, "string boom nil");
    let fault = lab.fails("local x = 1\nerror('boom')").await;
    assert_eq!((fault.kind, fault.message.as_str()), (Kind::Script, "boom"));
    assert_eq!(frames(&fault), ["site/plan.lua:2"]);
}

#[tokio::test]
async fn an_error_with_a_level_blames_the_caller() {
    let lab = Lab::new();
    let fault =
        lab.fails("local function need(x)\n  if not x then error('needs x', 2) end\nend\n\nneed()\nreturn 1").await;
    assert_eq!(fault.message, "needs x");
    assert_eq!(frames(&fault), ["site/plan.lua:5"]);
}

#[tokio::test]
async fn lines_cross_tasks_for_texts_and_for_faults() {
    let lab = Lab::new();
    add_stop(&lab.vm);
    for raise in ["error('boom')", "stop('web-1')"] {
        let source = format!(
            "local r = timeout(5, function()\n  local r = parallel({{1}}, function()\n    {raise}\n  end)\n  return r\nend)\nreturn r"
        );
        assert_eq!(
            frames(&lab.fails(&source).await),
            ["site/plan.lua:3", "site/plan.lua:2", "site/plan.lua:1"],
            "{raise}"
        );
    }
}

#[tokio::test]
async fn a_tasks_own_error_value_comes_back_as_itself() {
    let lab = Lab::new();
    let seen = lab
        .eval(
            r#"local thing = { code = 3 }
            local _, e = pcall(timeout, 5, function() error(thing) end)
            local _, text = pcall(shield, function() error("boom", 0) end)
            return e == thing, text"#,
        )
        .await;
    assert_eq!(seen, "true boom");
}

#[tokio::test]
async fn a_runtime_error_and_a_raised_table_come_out_readable() {
    let lab = Lab::new();
    let fault = lab.fails("local srv\nreturn srv.name").await;
    assert_eq!(fault.message, "attempt to index a nil value (local 'srv')");
    assert_eq!(frames(&fault), ["site/plan.lua:2"]);
    let fault = lab.fails("error { kind = 'quota', message = 'no cores left', cores = 3 }").await;
    assert_eq!((fault.kind, fault.message.as_str()), (Kind::Quota, "no cores left"));
    assert_eq!(fault.data.unwrap()["cores"], 3);
}

#[tokio::test]
async fn a_syntax_error_has_its_line() {
    let fault = Lab::new().vm.load("site/plan.lua", "local a = 1\nlocal = 2").unwrap_err();
    assert_eq!((fault.kind, fault.message.as_str()), (Kind::Script, "<name> expected near '='"));
    assert_eq!(
        (frames(&fault), fault.frames[0].source.as_deref()),
        (vec!["site/plan.lua:2".to_owned()], Some("local = 2"))
    );
}

#[tokio::test]
async fn a_wrong_argument_is_invalid() {
    let lab = Lab::new();
    let fault = lab.fails("GiB {}").await;
    assert_eq!(fault.kind, Kind::Invalid);
    assert_eq!(fault.message, "argument 1: expected number, got table");
    let fault = lab.fails("sleep 'soon'").await;
    assert_eq!(fault.kind, Kind::Invalid);
    assert!(fault.message.starts_with("sleep: 'soon' is no duration"), "{}", fault.message);
}

#[tokio::test]
async fn fail_raises_and_is_strict() {
    let lab = Lab::new();
    let fault = lab.fails("fail { kind = 'refused', message = 'no room', hint = 'make some', data = { 1, 2 } }").await;
    assert_eq!((fault.kind, fault.hint.as_deref()), (Kind::Refused, Some("make some")));
    assert_eq!(fault.data, Some(serde_json::json!([1, 2])));
    assert_eq!(frames(&fault), ["site/plan.lua:1"]);
    let wrong = lab.fails("fail { knid = 'refused', message = '' }").await;
    assert_eq!(wrong.message, "fail: unknown option 'knid'; did you mean 'kind'?");
    assert_eq!(
        lab.fails("fail { kind = 'confict', message = '' }").await.message,
        "fail: unknown kind 'confict'; did you mean 'conflict'?"
    );
}

#[tokio::test]
async fn rethrowing_keeps_the_place_of_the_first_raise() {
    let lab = Lab::new();
    add_stop(&lab.vm);
    let fault = lab.fails("local ok, e = pcall(function()\n  stop 'web-1'\nend)\n\nerror(e)").await;
    assert_eq!(frames(&fault)[0], "site/plan.lua:2");
}

#[tokio::test]
async fn unwinding_passes_through_pcall_and_xpcall() {
    let lab = Lab::new();
    for catch in [
        "pcall(unwind)",
        "xpcall(unwind, function() return 'caught' end)",
        "coroutine.wrap(function() pcall(unwind) end)()",
    ] {
        let unwind =
            lab.vm.lua().create_function(|_, ()| Err::<(), _>(Fault::new(Kind::Unwinding, "going back").into_lua()));
        lab.vm.set_global("unwind", unwind.unwrap()).unwrap();
        assert_eq!(lab.fails(&format!("{catch} return 'swallowed'")).await.kind, Kind::Unwinding, "{catch}");
    }
}

#[tokio::test]
async fn a_stack_overflow_and_too_much_memory_are_script_errors() {
    let lab = Lab::with(moonferry::lua::Options { memory_limit: 64 << 20, ..Default::default() });
    let fault = Lab::new().fails("local function deep() return 1 + deep() end\nreturn deep()").await;
    assert_eq!(fault.kind, Kind::Script);
    assert!(fault.message.contains("stack overflow"), "{}", fault.message);
    let fault = lab.fails("local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end").await;
    assert_eq!((fault.kind, fault.message.as_str()), (Kind::Script, "the script used up its memory"));
    assert_eq!(lab.eval("return 1").await, "1", "the VM lives on");
}

#[tokio::test]
async fn a_binding_may_call_back_into_the_vm() {
    let lab = Lab::new();
    let step = lab.vm.lua().create_async_function(|lua, f: mlua::Function| async move {
        let vm = Vm::of(&lua)?;
        vm.call(moonferry::lua::scope::current(), &f, 7).await.map_err(Fault::into_lua)
    });
    lab.vm.set_global("step", step.unwrap()).unwrap();
    assert_eq!(lab.eval("return step(function(n) sleep(0.001) return n + 1 end)").await, "8");
    let fault = lab.fails("step(function()\n  local x = nil + 1\nend)\nreturn 1").await;
    assert_eq!(frames(&fault), ["site/plan.lua:2", "site/plan.lua:1"]);
}

#[tokio::test]
async fn errors_of_other_crates_get_a_kind() {
    let lab = Lab::new();
    let other =
        lab.vm.lua().create_function(|_, ()| Err::<(), _>(Error::external(std::io::Error::other("disk on fire"))));
    lab.vm.set_global("burn", other.unwrap()).unwrap();
    assert_eq!(lab.eval("local _, e = pcall(burn) return e.kind, e.message").await, "script disk on fire");
}

#[tokio::test]
async fn results_may_hold_an_error_value() {
    let lab = Lab::new();
    add_stop(&lab.vm);
    let values =
        lab.vm.call(Scope::default(), &lab.vm.load("x", "return select(2, pcall(stop, 'a'))").unwrap(), ()).await;
    assert!(matches!(values.unwrap().front(), Some(Value::Error(_))));
}
