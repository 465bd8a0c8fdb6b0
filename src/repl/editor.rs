//! A session at a terminal: the editor in a thread of its own, Ctrl-C for the evaluation alone.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::mpsc as blocking;

use reedline::{
    FileBackedHistory, Prompt, PromptEditMode, PromptHistorySearch, PromptHistorySearchStatus, Reedline, Signal,
    ValidationResult, Validator,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::lua::fault::{Fault, Kind};
use crate::ui::error;

use super::Settings;
use super::meta::{self, HELP, Meta};
use super::session::{Look, Session};

/// The lines that are kept.
const HISTORY: usize = 10_000;

/// Talks until the operator ends it.
pub async fn converse(settings: &Settings, session: Session) -> Result<bool, Fault> {
    let terminal = &settings.terminal;
    let about = session.cloud().map(|name| format!(" · cloud {name}")).unwrap_or_default();
    terminal.note(&format!("moonferry {}{about} · :help, :quit", env!("CARGO_PKG_VERSION")));
    let (lines, mut typed) = mpsc::channel(1);
    let (go_on, ready) = blocking::channel::<()>();
    let editor = Editor { name: session.cloud().unwrap_or_default(), history: settings.history.clone() };
    let thread = std::thread::Builder::new().name("editor".into()).spawn(move || editor.run(&lines, &ready));
    thread.map_err(|cause| Fault::new(Kind::Unavailable, format!("the editor cannot start: {cause}")))?;
    while let Some(line) = typed.recv().await {
        let result = match meta::parse(&line) {
            Some(Ok(Meta::Quit)) => break,
            Some(Ok(command)) => Ok(Some(answer(settings, &command))),
            Some(Err(fault)) => Err(fault),
            None if line.trim().is_empty() => Ok(None),
            None => evaluate(settings, &session, &line).await,
        };
        match result {
            Ok(Some(shown)) => terminal.data(&shown),
            Ok(None) => {}
            Err(fault) => terminal.note(&error::render(&fault, terminal.err())),
        }
        if go_on.send(()).is_err() {
            break;
        }
    }
    Ok(true)
}

/// Evaluates one line; Ctrl-C cancels it, and only it.
async fn evaluate(settings: &Settings, session: &Session, line: &str) -> Result<Option<String>, Fault> {
    let cancel = CancellationToken::new();
    let look = Look { width: settings.terminal.width(), style: settings.terminal.out() };
    let work = session.evaluate(line, &cancel, look);
    tokio::pin!(work);
    loop {
        tokio::select! {
            result = &mut work => return result,
            _ = tokio::signal::ctrl_c() => cancel.cancel(),
        }
    }
}

/// What a command of the session shows.
pub fn answer(settings: &Settings, command: &Meta) -> String {
    match command {
        Meta::Help => HELP.into(),
        Meta::Quit => String::new(),
        Meta::Clouds => match settings.runtime.clouds() {
            Ok(clouds) if clouds.names().is_empty() => {
                "no clouds; `moonferry doctor` says where they are looked for".into()
            }
            Ok(clouds) => clouds.names().join("\n"),
            Err(fault) => error::headline(&fault),
        },
    }
}

/// Tells whether more lines are needed before a text is Lua.
pub fn incomplete(text: &str) -> bool {
    if text.trim_start().starts_with(':') {
        return false;
    }
    let lua = mlua::Lua::new();
    let needs_more = |source: &str| match lua.load(source).into_function() {
        // Lua calls an open 'string incomplete, but no further line can close it.
        Err(mlua::Error::SyntaxError { incomplete_input, message }) => {
            Some(incomplete_input && !message.contains("unfinished string"))
        }
        _ => None,
    };
    match needs_more(&format!("return {text}")) {
        None => false,
        Some(expression) => match needs_more(text) {
            None => false,
            // `x = {` is an incomplete statement and a wrong expression; `{` the other way round.
            Some(statement) => expression || statement,
        },
    }
}

struct Editor {
    name: String,
    history: Option<PathBuf>,
}

impl Editor {
    fn run(self, lines: &mpsc::Sender<String>, ready: &blocking::Receiver<()>) {
        let mut editor = Reedline::create()
            .with_validator(Box::new(Whole))
            .with_history_exclusion_prefix(Some(" ".into()))
            .with_ansi_colors(false)
            .use_bracketed_paste(true);
        if let Some(history) = self.history.and_then(|file| FileBackedHistory::with_file(HISTORY, file).ok()) {
            editor = editor.with_history(Box::new(history));
        }
        let prompt = Sign(self.name);
        loop {
            match editor.read_line(&prompt) {
                Ok(Signal::Success(line)) => {
                    if lines.blocking_send(line).is_err() || ready.recv().is_err() {
                        return;
                    }
                }
                Ok(Signal::CtrlC) => {}
                Ok(Signal::CtrlD) | Err(_) => return,
                Ok(_) => {}
            }
        }
    }
}

struct Whole;

impl Validator for Whole {
    fn validate(&self, line: &str) -> ValidationResult {
        if incomplete(line) { ValidationResult::Incomplete } else { ValidationResult::Complete }
    }
}

/// The prompt: the cloud's name, so that nobody forgets where they are.
struct Sign(String);

impl Prompt for Sign {
    fn render_prompt_left(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0)
    }

    fn render_prompt_right(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    fn render_prompt_indicator(&self, _: PromptEditMode) -> Cow<'_, str> {
        Cow::Borrowed("> ")
    }

    fn render_prompt_multiline_indicator(&self) -> Cow<'_, str> {
        Cow::Borrowed("… ")
    }

    fn render_prompt_history_search_indicator(&self, search: PromptHistorySearch) -> Cow<'_, str> {
        let failing = if matches!(search.status, PromptHistorySearchStatus::Failing) { "not found: " } else { "" };
        Cow::Owned(format!("({failing}{}) ", search.term))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_blocks_want_more_and_mistakes_do_not() {
        for text in ["for i = 1, 3 do", "f(", "x = {", "return [[", "if a then", "function f()", "{ 1,"] {
            assert!(incomplete(text), "{text}");
        }
        for text in ["x", "x = 1", "print('a", "for do", "c.compute:servers()", ":help", ""] {
            assert!(!incomplete(text), "{text}");
        }
    }
}
