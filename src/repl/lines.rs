//! A session without a terminal: statements from stdin, results to stdout, the first error ends it.

use tokio::io::{AsyncBufReadExt, BufReader, stdin};
use tokio_util::sync::CancellationToken;

use crate::ui::error;

use super::editor::incomplete;
use super::meta::{self, Meta};
use super::session::{Look, Session};
use super::{Settings, editor};

/// How wide tables are where no terminal says it: one line per object stays readable in a log.
const WIDTH: u16 = 160;

/// Evaluates what comes from stdin; false where an error ended it.
pub async fn read(settings: &Settings, session: &Session) -> bool {
    let terminal = &settings.terminal;
    let look = Look { width: terminal.width().or(Some(WIDTH)), style: terminal.out() };
    let mut input = BufReader::new(stdin()).lines();
    let mut text = String::new();
    loop {
        let line = input.next_line().await.unwrap_or_default();
        let ended = line.is_none();
        text += line.as_deref().unwrap_or_default();
        text.push('\n');
        if !ended && incomplete(&text) {
            continue;
        }
        let whole = std::mem::take(&mut text);
        if !whole.trim().is_empty() {
            let result = match meta::parse(&whole) {
                Some(Ok(Meta::Quit)) => return true,
                Some(Ok(command)) => Ok(Some(editor::answer(settings, &command))),
                Some(Err(fault)) => Err(fault),
                None => session.evaluate(whole.trim(), &CancellationToken::new(), look).await,
            };
            match result {
                Ok(Some(shown)) => terminal.data(&shown),
                Ok(None) => {}
                Err(fault) => {
                    terminal.note(&error::render(&fault, terminal.err()));
                    return false;
                }
            }
        }
        if ended {
            return true;
        }
    }
}
