//! Cancellation, deadlines, cleanup, busy scripts: what a run must survive.

use std::time::{Duration, Instant};

use moonferry::lua::bind::guarded;
use moonferry::lua::{Kind, Vm, scope};

use super::{Lab, frames};

#[tokio::test]
async fn cancelling_raises_where_the_script_waits() {
    let lab = Lab::new();
    lab.cancel_soon();
    let fault = lab.fails("local x = 1\nsleep '1h'").await;
    assert_eq!(fault.kind, Kind::Cancelled);
    assert_eq!(frames(&fault), ["site/plan.lua:2"]);
}

#[tokio::test]
async fn cleanup_runs_and_may_wait() {
    let lab = Lab::new();
    lab.cancel_soon();
    let source = "local function work()
        local lock <close> = defer(function() sleep(0.01) print('unlocked') end)
        sleep '1h'
    end
    work()";
    assert_eq!(lab.fails(source).await.kind, Kind::Cancelled);
    assert_eq!(lab.printed(), "unlocked");
}

#[tokio::test]
async fn cleanup_runs_without_an_error_too_and_in_reverse() {
    let lab = Lab::new();
    let source = "do
        local a <close> = defer(function() sleep(0.001) print 'a' end)
        local b <close> = defer(function() sleep(0.001) print 'b' end)
        print 'work'
    end
    return 'after'";
    assert_eq!(lab.eval(source).await, "after");
    assert_eq!(lab.printed(), "work|b|a");
}

#[tokio::test]
async fn a_failing_cleanup_does_not_hide_the_error() {
    let lab = Lab::new();
    let fault = lab
        .fails("local l <close> = defer(function() error 'second' end)\nfail { kind = 'quota', message = 'first' }")
        .await;
    assert_eq!((fault.kind, fault.message.as_str()), (Kind::Quota, "first"));
    assert_eq!(lab.fails("do local l <close> = defer(function() error 'alone' end) end").await.message, "alone");
}

#[tokio::test]
async fn swallowing_cancelled_lasts_until_the_next_wait() {
    let lab = Lab::new();
    lab.cancel_soon();
    let fault = lab.fails("local ok, e = pcall(sleep, 3600)\nprint(ok, e.kind)\nsleep(3600)").await;
    assert_eq!(fault.kind, Kind::Cancelled);
    assert_eq!((lab.printed().as_str(), frames(&fault)), ("false\tcancelled", vec!["site/plan.lua:3".to_owned()]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loop_that_swallows_everything_ends() {
    let lab = Lab::new();
    lab.cancel_soon();
    assert_eq!(lab.fails("while true do pcall(sleep, 3600) end").await.kind, Kind::Cancelled);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_script_can_be_stopped_anywhere() {
    for busy in [
        "while true do end",
        "coroutine.wrap(function() while true do end end)()",
        "table.sort({3, 2, 1}, function() while true do end end)",
        "parallel({1, 2}, function() while true do end end)",
        "local t = setmetatable({}, { __index = function() while true do end end }) return t.x",
    ] {
        let lab = Lab::new();
        lab.cancel_soon();
        let start = Instant::now();
        assert_eq!(lab.fails(busy).await.kind, Kind::Cancelled, "{busy}");
        assert!(start.elapsed() < Duration::from_secs(5), "{busy}");
    }
}

#[tokio::test]
async fn a_busy_script_lets_others_run() {
    // One thread: the timer that cancels only runs because the hook yields.
    let lab = Lab::new();
    lab.cancel_soon();
    let ticks = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let seen = std::sync::Arc::clone(&ticks);
    let ticking = tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(5)).await;
            seen.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    });
    assert_eq!(
        lab.fails("local function busy(n) while true do n = n + 1 end end\nparallel({1, 2}, busy)").await.kind,
        Kind::Cancelled
    );
    ticking.abort();
    assert!(ticks.load(std::sync::atomic::Ordering::Relaxed) >= 2);
}

#[tokio::test]
async fn a_yield_of_the_hook_disturbs_no_values() {
    let lab = Lab::new();
    let source = "local function sum(n) local s = 0 for i = 1, n do s = s + i end return s end
    local co = coroutine.wrap(function(a) local b = coroutine.yield(sum(a)) return sum(b) end)
    return sum(1000000), co(1000000), co(500000), select(2, pcall(sum, 1000000))";
    assert_eq!(lab.eval(source).await, "500000500000 500000500000 125000250000 500000500000");
}

#[tokio::test]
async fn timeout_names_itself_and_reaches_busy_code() {
    let lab = Lab::new();
    let fault = lab.fails("timeout(0.05, function()\n  sleep(3600)\nend)").await;
    assert_eq!((fault.kind, fault.message.as_str()), (Kind::Timeout, "timed out after 50ms"));
    assert_eq!(lab.fails("timeout(0.05, function() while true do end end)").await.kind, Kind::Timeout);
    assert_eq!(
        lab.fails("timeout(0.05, function() coroutine.wrap(function() while true do end end)() end)").await.kind,
        Kind::Timeout
    );
    assert_eq!(lab.eval("return timeout(5, function(a, b) sleep(0.001) return b, a, nil end, 1, 2)").await, "2 1 nil");
}

#[tokio::test]
async fn the_shorter_of_two_nested_timeouts_counts() {
    let lab = Lab::new();
    let source = "local ok, e = pcall(timeout, 0.05, function() timeout(60, function() sleep(3600) end) end)
    return e.kind, e.message";
    assert_eq!(lab.eval(source).await, "timeout timed out after 50ms");
}

#[tokio::test]
async fn a_shield_keeps_cancellation_and_deadlines_outside() {
    let lab = Lab::new();
    lab.cancel_soon();
    let fault = lab.fails("shield(function() sleep(0.1) print 'finished' end)\nsleep(0)\nprint 'never'").await;
    assert_eq!(fault.kind, Kind::Cancelled);
    assert_eq!(lab.printed(), "finished");
    let lab = Lab::new();
    assert_eq!(lab.eval("return timeout(0.02, shield, function() sleep(0.06) return 'whole' end)").await, "whole");
}

#[tokio::test]
async fn waiting_works_in_a_scripts_own_coroutines() {
    let lab = Lab::new();
    let source = "local produce = coroutine.wrap(function()
        for i = 1, 3 do sleep(0.001) coroutine.yield(i) end
        return 'end'
    end)
    local co = coroutine.create(function(a, b) sleep(0.001) return a + b end)
    local nested = coroutine.wrap(function() return coroutine.wrap(function() sleep(0.001) return 'deep' end)() end)
    return produce(), produce(), produce(), produce(), coroutine.resume(co, 1, 2)";
    assert_eq!(lab.eval(source).await, "1 2 3 end true 3");
    let fault =
        lab.fails("local co = coroutine.wrap(function()\n  sleep(0.001)\n  error 'inside'\nend)\nco()\nreturn 1").await;
    assert_eq!(fault.message, "inside");
}

#[tokio::test]
async fn waiting_works_across_pcall_metamethods_and_iterators() {
    let lab = Lab::new();
    let source = "local slow = setmetatable({}, {
        __index = function(_, k) sleep(0.001) return k end,
        __add = function() sleep(0.001) return 'sum' end,
        __call = function(_, x) sleep(0.001) return x end,
    })
    local seen = {}
    for x in function(_, i) sleep(0.001) i = (i or 0) + 1 if i <= 3 then return i end end do seen[#seen + 1] = x end
    return select(2, pcall(function() return slow.field end)), slow + 1, slow(5), #seen";
    assert_eq!(lab.eval(source).await, "field sum 5 3");
}

#[tokio::test]
async fn dropping_a_run_closes_what_it_held() {
    let lab = Lab::new();
    let chunk =
        lab.vm.load("x", "local l <close> = setmetatable({}, { __close = function() print 'closed' end }) sleep(3600)");
    let chunk = chunk.unwrap();
    let run = lab.vm.call(moonferry::lua::Scope::default(), &chunk, ());
    assert!(tokio::time::timeout(Duration::from_millis(30), run).await.is_err());
    assert_eq!(lab.printed(), "closed");
    assert_eq!(lab.eval("return 1").await, "1");
}

/// A binding as the workflow engine has it: guarded, and it runs a Lua function in its middle.
fn add_step(lab: &Lab) {
    let step = lab.vm.lua().create_async_function(|lua, f: mlua::Function| async move {
        let vm = Vm::of(&lua)?;
        guarded(async move {
            tokio::task::yield_now().await;
            vm.call(scope::current(), &f, ()).await
        })
        .await
    });
    lab.vm.set_global("step", step.unwrap()).unwrap();
}

#[tokio::test]
async fn cleanup_inside_a_guarded_binding_runs_and_may_wait() {
    let lab = Lab::new();
    add_step(&lab);
    lab.cancel_soon();
    let source = "step(function()
        local outer <close> = defer(function() sleep(0.01) print 'outer' end)
        parallel({1, 2}, function(i)
            step(function()
                local lock <close> = defer(function() sleep(0.01 * i) print('clean ' .. i) end)
                sleep '1h'
            end)
        end)
    end)";
    let fault = lab.fails(source).await;
    assert_eq!(fault.kind, Kind::Cancelled);
    assert_eq!(lab.printed(), "clean 1|clean 2|outer");
    assert_eq!(frames(&fault), ["site/plan.lua:6", "site/plan.lua:4", "site/plan.lua:3", "site/plan.lua:1"]);
}

#[tokio::test]
async fn a_deadline_reaches_through_a_guarded_binding() {
    let lab = Lab::new();
    add_step(&lab);
    let source = "local ok, e = pcall(timeout, 0.03, function()
        step(function()
            local lock <close> = defer(function() sleep(0.05) print 'clean' end)
            sleep '1h'
        end)
    end)
    return e.kind, e.message";
    assert_eq!(lab.eval(source).await, "timeout timed out after 30ms");
    assert_eq!(lab.printed(), "clean");
}

#[tokio::test]
async fn cleanup_inside_a_wrapped_coroutine_may_wait() {
    let lab = Lab::new();
    lab.cancel_soon();
    let source = "local work = coroutine.wrap(function()
        local lock <close> = defer(function() sleep(0.01) print 'clean' end)
        coroutine.yield(1)
        sleep '1h'
    end)
    print(work())
    work()";
    assert_eq!(lab.fails(source).await.kind, Kind::Cancelled);
    assert_eq!(lab.printed(), "1|clean");
}

#[tokio::test]
async fn a_wrapped_coroutine_ends_as_lua_says() {
    let lab = Lab::new();
    let source = "local f = coroutine.wrap(function() return 'last', nil end)
    local a, b = f()
    local ok, e = pcall(f)
    local n = 0
    for x in coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end) do n = n + x end
    return a, b, ok, e, n";
    assert_eq!(lab.eval(source).await, "last nil false cannot resume dead coroutine 6");
}
