//! The session's own commands, which begin with a colon because no Lua does.

use crate::base::suggest;
use crate::lua::fault::{Fault, Kind};

/// What a line that begins with a colon asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Meta {
    /// Show how to use the session.
    Help,
    /// Name the clouds.
    Clouds,
    /// End the session.
    Quit,
}

/// What `:help` shows.
pub const HELP: &str = "\
An expression shows its value, any other Lua runs. Every call may wait; Ctrl-C ends the evaluation, Ctrl-D the session.
  c                      the cloud this session began with: c.compute c.image c.network c.volume c.identity c.placement
  cloud \"name\"           another one of clouds.yaml
  c.compute:servers()    a list: shown as a table, walked with `for s in … do`, or :all() :first() :count() :ids()
  c.compute:server \"x\"   one object by id or name; find_server gives nil where there is none
  _                      the last value
  :clouds  :help  :quit";

const COMMANDS: [&str; 3] = ["clouds", "help", "quit"];

/// Reads such a line; `None` for Lua.
pub fn parse(line: &str) -> Option<Result<Meta, Fault>> {
    let word = line.trim().strip_prefix(':').filter(|rest| !rest.starts_with(':'))?;
    Some(match word.trim() {
        "help" | "h" | "?" => Ok(Meta::Help),
        "clouds" => Ok(Meta::Clouds),
        "quit" | "q" | "exit" => Ok(Meta::Quit),
        other => {
            let near = suggest::hint(other, COMMANDS);
            Err(Fault::new(Kind::Invalid, format!("there is no command ':{other}'{near}")).hint(":help shows them"))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_and_slips() {
        assert_eq!(parse(":q").unwrap().unwrap(), Meta::Quit);
        assert!(parse("c:name()").is_none() && parse("::label::").is_none());
        assert!(parse(":hlep").unwrap().unwrap_err().message.contains("did you mean 'help'"));
    }
}
