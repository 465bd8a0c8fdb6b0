//! `parallel`, `race`, `poll`, `sort_by`: order, limits, failures, settling.

use std::time::{Duration, Instant};

use moonferry::lua::Kind;

use super::{Lab, frames};

#[tokio::test]
async fn parallel_keeps_the_order_and_overlaps() {
    let lab = Lab::new();
    let start = Instant::now();
    let source = "local list = {} for i = 1, 200 do list[i] = i end
    local out = parallel(list, function(x, i) sleep(0.05 - x / 10000) return x * 2 + i end)
    return #out, out[1], out[100], out[200]";
    assert_eq!(lab.eval(source).await, "200 3 300 600");
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[tokio::test]
async fn parallel_keeps_its_limit() {
    let lab = Lab::new();
    let source = "local now, most = 0, 0
    parallel({1,2,3,4,5,6,7,8,9}, { limit = 3 }, function()
        now = now + 1 most = math.max(most, now) sleep(0.005) now = now - 1
    end)
    return most, now";
    assert_eq!(lab.eval(source).await, "3 0");
}

#[tokio::test]
async fn the_first_error_stops_the_others_and_waits_for_their_cleanup() {
    let lab = Lab::new();
    let source = "parallel({1, 2, 3}, { limit = 2 }, function(i)
        print('start ' .. i)
        local l <close> = defer(function() sleep(0.02) print('clean ' .. i) end)
        if i == 1 then sleep(0.01) fail { kind = 'conflict', message = 'one' } end
        sleep(3600)
    end)";
    let fault = lab.fails(source).await;
    assert_eq!((fault.kind, fault.message.as_str()), (Kind::Conflict, "one"));
    assert_eq!(lab.printed(), "start 1|start 2|clean 1|clean 2");
    assert_eq!(frames(&fault), ["site/plan.lua:4", "site/plan.lua:1"]);
}

#[tokio::test]
async fn collecting_gives_results_and_failures() {
    let lab = Lab::new();
    let source = "local good, bad = parallel({'a', 'b', 'c', 'd'}, { on_error = 'collect' }, function(x)
        if x == 'b' then fail { kind = 'quota', message = 'full' } end
        if x == 'd' then error('text', 0) end
        return x
    end)
    return #good, good[2], #bad, bad[1].index, bad[1].item, bad[1].error.kind, bad[2].error";
    assert_eq!(lab.eval(source).await, "2 c 2 2 b quota text");
}

#[tokio::test]
async fn collecting_does_not_collect_a_cancellation() {
    let lab = Lab::new();
    lab.cancel_soon();
    let fault = lab.fails("return parallel({1, 2}, { on_error = 'collect' }, function() sleep(3600) end)").await;
    assert_eq!(fault.kind, Kind::Cancelled);
}

#[tokio::test]
async fn parallel_refuses_nonsense() {
    let lab = Lab::new();
    for (call, message) in [
        ("parallel({}, { limt = 1 }, print)", "parallel: unknown option 'limt'; did you mean 'limit'?"),
        ("parallel({}, { limit = 0 }, print)", "parallel: limit must be a whole number from 1"),
        (
            "parallel({}, { on_error = 'colect' }, print)",
            "parallel: on_error must be \"raise\" or \"collect\", not \"colect\"; did you mean 'collect'?",
        ),
        ("parallel({}, 5)", "parallel: expected a function, got number"),
    ] {
        let fault = lab.fails(call).await;
        assert_eq!((fault.kind, fault.message.as_str()), (Kind::Invalid, message));
    }
    assert_eq!(lab.eval("return #parallel({}, print)").await, "0");
}

#[tokio::test]
async fn a_race_has_one_winner_and_leaves_nobody_running() {
    let lab = Lab::new();
    let source = "return race {
        function() local l <close> = defer(function() sleep(0.01) print 'loser cleaned' end) sleep(3600) end,
        function() sleep(0.01) return 'quick', 2 end,
    }";
    assert_eq!(lab.eval(source).await, "quick 2");
    assert_eq!(lab.printed(), "loser cleaned");
    assert_eq!(lab.fails("race {}").await.kind, Kind::Invalid);
}

#[tokio::test]
async fn poll_asks_until_the_answer_is_yes() {
    let lab = Lab::new();
    assert_eq!(
        lab.eval("local n = 0 return poll({ every = 0.001 }, function() n = n + 1 return n >= 4 and n, 'more' end)")
            .await,
        "4 more"
    );
    let fault = lab.fails("poll({ every = '1ms', timeout = '30ms' }, function() return false end)").await;
    assert_eq!((fault.kind, fault.message.as_str()), (Kind::Timeout, "timed out after 30ms"));
    assert_eq!(
        lab.fails("poll({ evry = 1 }, print)").await.message,
        "poll: unknown option 'evry'; did you mean 'every'?"
    );
}

#[tokio::test]
async fn sort_by_may_wait_and_is_stable() {
    let lab = Lab::new();
    let source = "local list = { {'b', 2}, {'a', 1}, {'c', 2}, {'d', 1} }
    local sorted = sort_by(list, function(x) sleep(0.001) return x[2] end)
    local names = '' for _, x in ipairs(sorted) do names = names .. x[1] end
    return names, list[1][1]";
    assert_eq!(lab.eval(source).await, "adbc b");
}

#[tokio::test]
async fn ten_thousand_tasks_wait_side_by_side() {
    let lab = Lab::new();
    let start = Instant::now();
    let source = "local list = {} for i = 1, 10000 do list[i] = i end
    return #parallel(list, function(x) sleep(0.05) return x end)";
    assert_eq!(lab.eval(source).await, "10000");
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}
