//! Reads Lua's tracebacks: keeps the script's own lines, drops the host's and the engine's.

use super::fault::{Fault, Frame, Kind, out_of_memory};

/// The chunk name of the host's own Lua, which no error shows.
pub(crate) const PRELUDE: &str = "moonferry:prelude";

/// Reads the frames of a traceback, innermost first.
pub(crate) fn parse(traceback: &str) -> Vec<Frame> {
    traceback.lines().filter_map(|line| frame(line.strip_prefix('\t')?)).collect()
}

/// Says whether the error of this traceback was raised again by the prelude on behalf of a task that had failed.
pub(crate) fn by_prelude(traceback: &str) -> bool {
    let raiser = traceback.lines().skip(1).find(|line| !line.starts_with("\t[C]"));
    raiser.is_some_and(|line| line.starts_with(&format!("\t{PRELUDE}:")))
}

/// Appends outer frames, except those that are there already because both tracebacks ran down the same stack.
pub(crate) fn extend(frames: &mut Vec<Frame>, outer: Vec<Frame>) {
    if !frames.ends_with(&outer) {
        frames.extend(outer);
    }
}

/// Makes an error of the text of a plain Lua error, which may begin with its place and end with a traceback.
pub(crate) fn from_text(text: &str) -> Fault {
    let (message, trace) = text.split_once("\nstack traceback:\n").unwrap_or((text, ""));
    let mut frames = parse(trace);
    if message == "not enough memory" {
        return Fault { frames, ..out_of_memory() };
    }
    let message = place(message, &mut frames);
    Fault { frames, ..Fault::new(Kind::Script, message) }
}

/// Takes the place (`site/plan.lua:4:`) off a message and makes it the innermost frame.
pub(crate) fn place(message: &str, frames: &mut Vec<Frame>) -> String {
    let Some((chunk, line, rest)) = split_place(message) else { return message.to_owned() };
    // A level given to `error` blames a caller: what lies deeper is the author's own checking code.
    match frames.iter().position(|frame| frame.chunk == chunk && frame.line == line) {
        Some(blamed) => drop(frames.drain(..blamed)),
        None if chunk == PRELUDE => {}
        None => frames.insert(0, Frame { chunk: chunk.to_owned(), line, function: None, source: None }),
    }
    rest.to_owned()
}

fn split_place(message: &str) -> Option<(&str, u32, &str)> {
    let first = message.lines().next()?;
    for (at, _) in first.match_indices(':') {
        let rest = &message[at + 1..];
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        if digits > 0 && rest[digits..].starts_with(": ") && at > 0 {
            return Some((&message[..at], rest[..digits].parse().ok()?, &rest[digits + 2..]));
        }
    }
    None
}

fn frame(line: &str) -> Option<Frame> {
    let (place, what) = line.split_once(": in ")?;
    let (chunk, number) = place.rsplit_once(':')?;
    if chunk == PRELUDE || chunk.starts_with("__mlua") || chunk == "[C]" {
        return None;
    }
    let function = what.split_once('\'').and_then(|(_, rest)| rest.strip_suffix('\'')).map(str::to_owned);
    Some(Frame { chunk: chunk.to_owned(), line: number.parse().ok()?, function, source: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "stack traceback:\n\t[C]: in ?\n\t__mlua_async_poll:2: in method 'stop'\n\tsite/plan.lua:14: in upvalue 'retype'\n\t\
                         moonferry:prelude:3: in function <moonferry:prelude:2>\n\tsite/plan.lua:31: in function <site/plan.lua:30>\n\t(...tail calls...)";

    #[test]
    fn only_the_script_is_left() {
        let frames = parse(TRACE);
        let seen: Vec<_> = frames.iter().map(|f| (f.chunk.as_str(), f.line, f.function.as_deref())).collect();
        assert_eq!(seen, [("site/plan.lua", 14, Some("retype")), ("site/plan.lua", 31, None)]);
    }

    #[test]
    fn the_place_leaves_the_message() {
        let fault = from_text("site/plan.lua:4: unexpected symbol near 'x'");
        assert_eq!(fault.message, "unexpected symbol near 'x'");
        assert_eq!((fault.frames[0].chunk.as_str(), fault.frames[0].line), ("site/plan.lua", 4));
        assert_eq!(from_text("no place: at all").message, "no place: at all");
    }
}
