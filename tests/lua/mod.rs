//! The Lua host, from the outside: scripts in, values or faults out.

mod cancel;
mod concurrency;
mod errors;
mod require;
mod sandbox;
mod values;

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mlua::MultiValue;
use moonferry::lua::{Fault, Options, Scope, Vm};
use tokio_util::sync::CancellationToken;

/// A VM whose prints are kept, with `note(text)` to record what happened when.
struct Lab {
    vm: Vm,
    lines: Arc<Mutex<Vec<String>>>,
    cancel: CancellationToken,
}

impl Lab {
    fn new() -> Self {
        Self::with(Options::default())
    }

    fn with(options: Options) -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&lines);
        let print = Arc::new(move |line: &str| sink.lock().unwrap().push(line.to_owned()));
        let vm = Vm::new(Options { print, ..options }).unwrap();
        Self { vm, lines, cancel: CancellationToken::new() }
    }

    async fn run(&self, source: &str) -> Result<MultiValue, Fault> {
        let chunk = self.vm.load("site/plan.lua", source)?;
        let scope = Scope::root(self.cancel.clone());
        let running: Pin<Box<dyn Future<Output = _> + Send>> = Box::pin(self.vm.call(scope, &chunk, ()));
        tokio::time::timeout(Duration::from_secs(20), running).await.expect("the script hangs")
    }

    /// Runs a script and gives its results as one text.
    async fn eval(&self, source: &str) -> String {
        let values = self.run(source).await.unwrap_or_else(|fault| panic!("{fault} {:#?}", fault.frames));
        let texts: Vec<_> = values.iter().map(|value| value.to_string().unwrap()).collect();
        texts.join(" ")
    }

    async fn fails(&self, source: &str) -> Fault {
        match self.run(source).await {
            Ok(values) => panic!("it gave {values:?}"),
            Err(fault) => fault,
        }
    }

    /// Cancels the run after a moment.
    fn cancel_soon(&self) {
        let cancel = self.cancel.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            cancel.cancel();
        });
    }

    fn printed(&self) -> String {
        self.lines.lock().unwrap().join("|")
    }
}

/// `site/plan.lua:14 retype` for each frame.
fn frames(fault: &Fault) -> Vec<String> {
    let show = |frame: &moonferry::lua::Frame| {
        let function = frame.function.as_deref().map(|name| format!(" {name}")).unwrap_or_default();
        format!("{}:{}{function}", frame.chunk, frame.line)
    };
    fault.frames.iter().map(show).collect()
}
