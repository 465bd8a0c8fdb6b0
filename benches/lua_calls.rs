//! Calls per second from Lua into Rust, against a call of a Lua function: what a binding costs before it does anything.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::time::{Duration, Instant};

use moonferry::lua::bind::guarded;
use moonferry::lua::{Options, Scope, Vm};

const ROUNDS: usize = 5;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(measure());
}

async fn measure() {
    let vm = Vm::new(Options::default()).unwrap();
    let lua = vm.lua();
    vm.set_global("rust", lua.create_function(|_, x: i64| Ok(x + 1)).unwrap()).unwrap();
    let ready = lua.create_async_function(|_, x: i64| guarded(async move { Ok(x + 1) })).unwrap();
    vm.set_global("ready", ready).unwrap();
    let waits = lua.create_async_function(|_, x: i64| {
        guarded(async move {
            tokio::task::yield_now().await;
            Ok(x + 1)
        })
    });
    vm.set_global("waits", waits.unwrap()).unwrap();

    println!("{:<44} {:>14} {:>10} {:>8}", "call", "calls/s", "ns each", "ratio");
    let plain =
        row(&vm, "a Lua function", 1_000_000, "local function plain(x) return x + 1 end", "plain(i)", None).await;
    row(&vm, "a Rust function", 1_000_000, "", "rust(i)", Some(plain)).await;
    row(&vm, "an async binding that answers at once", 300_000, "", "ready(i)", Some(plain)).await;
    let waited = row(&vm, "an async binding that waits once", 100_000, "", "waits(i)", Some(plain)).await;
    let body = "parallel(list, { limit = 64 }, waits)";
    let list = "local list = {} for i = 1, 1000 do list[i] = i end";
    row(&vm, "1000 tasks of parallel, each waits once", 20, list, body, Some(plain)).await;
    let share = Duration::from_millis(10).as_nanos() / waited.as_nanos().max(1);
    println!(
        "\nThe limit is Lua's coroutine switch and the engine's lock; one API call of 10 ms takes {share} times as long."
    );
}

/// Runs a statement in a loop and prints its best round.
async fn row(vm: &Vm, name: &str, count: u32, before: &str, statement: &str, plain: Option<Duration>) -> Duration {
    let calls = if statement.starts_with("parallel") { count * 1000 } else { count };
    let chunk = vm.load("bench", &format!("{before}\nfor i = 1, {count} do {statement} end")).unwrap();
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        vm.call(Scope::default(), &chunk, ()).await.unwrap();
        best = best.min(start.elapsed() / calls);
    }
    let each = best.as_nanos().max(1);
    let ratio = plain.map_or(1.0, |plain| each as f64 / plain.as_nanos().max(1) as f64);
    println!("{name:<44} {:>14} {each:>10} {ratio:>7.1}×", 1_000_000_000 / each);
    best
}
