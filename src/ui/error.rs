//! Errors as an operator reads them: what, where in the script, and what to do.

use crate::lua::fault::{Fault, Frame, Kind};

use super::style::Style;

/// The most script lines shown of a deep stack.
const FRAMES: usize = 8;

/// Renders a fault: `error: kind: message`, the script's lines, the hint.
pub fn render(fault: &Fault, style: Style) -> String {
    let mut text = format!("{} {}", style.red("error:"), headline(fault));
    // Where in a workflow a check said no helps nobody; what it said does.
    let frames = if fault.kind == Kind::Refused { &[][..] } else { &fault.frames[..] };
    let shown = &frames[..frames.len().min(FRAMES)];
    let places: Vec<String> = shown.iter().map(place).collect();
    let widest = places.iter().map(|place| place.chars().count()).max().unwrap_or(0);
    for (index, (frame, place)) in shown.iter().zip(&places).enumerate() {
        let arrow = if index == 0 { "-->" } else { "   " };
        let pad = " ".repeat(widest - place.chars().count());
        let source =
            frame.source.as_deref().map(|line| format!("{pad}   {}", style.dim(line.trim()))).unwrap_or_default();
        text += &format!("\n  {} {}{source}", style.cyan(arrow), style.cyan(place));
    }
    if frames.len() > FRAMES {
        text += &format!("\n      … {} more", frames.len() - FRAMES);
    }
    if let Some(hint) = &fault.hint {
        text += &format!("\n  {} {hint}", style.yellow("hint:"));
    }
    text
}

/// The fault in one line: kind, message, status and request id.
pub fn headline(fault: &Fault) -> String {
    let status = fault.status.map(|status| format!("HTTP {status}"));
    let request = fault.request_id.as_ref().map(|id| format!("request {id}"));
    // A message made by the client names both already.
    let fresh = |part: &String| !fault.message.contains(part.rsplit(' ').next().unwrap_or(part));
    let details: Vec<String> = [status, request].into_iter().flatten().filter(fresh).collect();
    let details = if details.is_empty() { String::new() } else { format!(" ({})", details.join(", ")) };
    match fault.kind {
        // A script's own error and bad usage say what they are.
        Kind::Script | Kind::Invalid => format!("{}{details}", fault.message),
        kind if fault.message == kind.name() => format!("{kind}{details}"),
        kind => format!("{kind}: {}{details}", fault.message),
    }
}

fn place(frame: &Frame) -> String {
    let function = frame.function.as_deref().map(|name| format!(" in {name}")).unwrap_or_default();
    format!("{}:{}{function}", frame.chunk, frame.line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(line: u32, function: Option<&str>, source: Option<&str>) -> Frame {
        Frame {
            chunk: "site/plan.lua".into(),
            line,
            function: function.map(str::to_owned),
            source: source.map(str::to_owned),
        }
    }

    #[test]
    fn what_where_and_what_to_do() {
        let mut fault = Fault::new(Kind::Conflict, "server web-1 is locked")
            .status(409)
            .request_id("req-7f2c")
            .hint("unlock it first (srv:unlock())");
        fault.frames = vec![frame(14, Some("retype"), Some("    srv:stop()")), frame(31, None, Some("retype(srv)"))];
        insta::assert_snapshot!(render(&fault, Style::PLAIN), @r"
        error: conflict: server web-1 is locked (HTTP 409, request req-7f2c)
          --> site/plan.lua:14 in retype   srv:stop()
              site/plan.lua:31             retype(srv)
          hint: unlock it first (srv:unlock())
        ");
    }

    #[test]
    fn what_the_message_says_is_not_said_twice() {
        let fault =
            Fault::new(Kind::NotFound, "no flavor m1 (HTTP 404, request req-1)").status(404).request_id("req-1");
        assert_eq!(headline(&fault), "not_found: no flavor m1 (HTTP 404, request req-1)");
    }

    #[test]
    fn deep_stacks_are_cut() {
        let mut fault = Fault::new(Kind::Script, "stack overflow");
        fault.frames = (0..200).map(|line| frame(line, None, None)).collect();
        assert!(render(&fault, Style::PLAIN).ends_with("… 192 more"));
    }
}
