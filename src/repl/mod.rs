//! The REPL: Lua against real clouds, line by line.
//!
//! It evaluates and shows; commands and arguments are the command line's. Decision: the editor has a thread of its own
//! and waits there, evaluation stays on the runtime, so Ctrl-C reaches the evaluation as a cancelled scope and the
//! session lives on.

mod editor;
mod inspect;
mod lines;
mod locals;
mod meta;
mod session;

use std::path::PathBuf;
use std::sync::Arc;

use crate::api::host::Print;
use crate::api::runtime::Runtime;
use crate::lua::fault::Fault;
use crate::ui::Terminal;

pub use editor::converse;
pub use lines::read;
pub use session::Session;

/// What a session is made with.
pub struct Settings {
    /// Clouds and site.
    pub runtime: Arc<Runtime>,
    /// Where results are shown.
    pub terminal: Arc<Terminal>,
    /// Where scripts print to.
    pub print: Print,
    /// The cloud to begin with.
    pub cloud: Option<String>,
    /// The file that keeps the lines.
    pub history: Option<PathBuf>,
}

/// Makes the session; no cloud is asked for anything yet.
pub async fn begin(settings: &Settings) -> Result<Session, Fault> {
    let session = Session::new(&settings.runtime, settings.print.clone()).await?;
    let named = settings.cloud.clone();
    match named {
        Some(name) => session.preset(&name).await?,
        None => {
            // Without clouds.yaml there is still Lua.
            if let Some(name) = settings.runtime.clouds().ok().and_then(|clouds| clouds.default_name()) {
                session.preset(&name).await?;
            }
        }
    }
    Ok(session)
}
