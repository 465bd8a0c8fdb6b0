//! Makes what a line declares stay: `local x = 1` at the top of a line becomes a variable of the session.

/// Rewrites the top-level `local` declarations of a chunk to assignments; those inside blocks are left as they are.
pub fn keep(source: &str) -> String {
    let tokens = scan(source);
    let mut out = String::with_capacity(source.len());
    let mut copied = 0;
    let mut depth = 0usize;
    let mut index = 0;
    while index < tokens.len() {
        let token = &tokens[index];
        depth = token.depth_after(depth);
        if depth == 0 && token.text == "local" {
            let (end, replacement) = declaration(&tokens, index);
            out += &source[copied..token.at];
            out += &replacement;
            copied = end;
            index += 1;
            while index < tokens.len() && tokens[index].at < end {
                index += 1;
            }
            continue;
        }
        index += 1;
    }
    out + &source[copied..]
}

/// Tells whether a word is Lua's own.
pub fn is_keyword(word: &str) -> bool {
    const KEYWORDS: [&str; 22] = [
        "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil",
        "not", "or", "repeat", "return", "then", "true", "until", "while",
    ];
    KEYWORDS.contains(&word)
}

#[derive(Debug)]
struct Token<'a> {
    text: &'a str,
    at: usize,
}

impl Token<'_> {
    /// How deep in blocks and brackets the code is after this token. A loop counts by its `do`, a branch by its `if`.
    fn depth_after(&self, depth: usize) -> usize {
        match self.text {
            "function" | "if" | "do" | "repeat" | "(" | "{" | "[" => depth + 1,
            "end" | "until" | ")" | "}" | "]" => depth.saturating_sub(1),
            _ => depth,
        }
    }
}

/// Reads `local …` from its keyword on: where it ends, and what stands in its place.
fn declaration(tokens: &[Token<'_>], start: usize) -> (usize, String) {
    let word = |index: usize| tokens.get(index).map_or("", |token| token.text);
    let keyword_end = tokens[start].at + "local".len();
    if word(start + 1) == "function" {
        let end = tokens[start + 1].at;
        return (end, String::new());
    }
    let mut names = Vec::new();
    let mut index = start + 1;
    let mut end = keyword_end;
    while let Some(name) = tokens.get(index) {
        names.push(name.text);
        end = name.at + name.text.len();
        index += 1;
        if word(index) == "<" {
            // A variable that is closed at the end of its block cannot outlive it.
            if word(index + 1) == "close" {
                return (keyword_end, "local".into());
            }
            end = tokens.get(index + 2).map_or(end, |token| token.at + 1);
            index += 3;
        }
        if word(index) != "," {
            break;
        }
        index += 1;
    }
    let list = names.join(", ");
    if word(index) == "=" { (end, list) } else { (end, format!("{list} = nil")) }
}

/// Splits a chunk into words and signs; strings and comments are one token or none.
fn scan(source: &str) -> Vec<Token<'_>> {
    let bytes = source.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &source[at..];
        let length = match bytes[at] {
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'-' if rest.starts_with("--") => {
                at += 2 + long_bracket(&rest[2..]).unwrap_or_else(|| rest[2..].find('\n').unwrap_or(rest.len() - 2));
                continue;
            }
            b'"' | b'\'' => short_string(rest),
            b'[' => long_bracket(rest).unwrap_or(1),
            b'=' | b'<' | b'>' | b'~' if rest[1..].starts_with('=') => 2,
            byte if byte.is_ascii_alphanumeric() || byte == b'_' => {
                rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len())
            }
            _ => rest.chars().next().map_or(1, char::len_utf8),
        };
        tokens.push(Token { text: &rest[..length], at });
        at += length;
    }
    tokens
}

/// The length of `[[…]]` or `[=[…]=]` at the beginning of a text.
fn long_bracket(text: &str) -> Option<usize> {
    let level = text.strip_prefix('[')?.bytes().take_while(|byte| *byte == b'=').count();
    text[1 + level..].strip_prefix('[')?;
    let close = format!("]{}]", "=".repeat(level));
    Some(text.find(&close).map_or(text.len(), |end| end + close.len()))
}

fn short_string(text: &str) -> usize {
    let quote = text.as_bytes()[0];
    let mut escaped = false;
    for (index, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            byte if byte == quote => return index + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn top_level_declarations_stay() {
        assert_eq!(keep("local x = 1"), "x = 1");
        assert_eq!(keep("local x, y = f()"), "x, y = f()");
        assert_eq!(keep("local x"), "x = nil");
        assert_eq!(keep("local x <const> = 5; print(x)"), "x = 5; print(x)");
        assert_eq!(
            keep("local function f() local a = 1 return a end local b = 2"),
            "function f() local a = 1 return a end b = 2"
        );
        assert_eq!(keep("x = 1 local s = 'local t = 1' -- local u"), "x = 1 s = 'local t = 1' -- local u");
    }

    #[test]
    fn blocks_are_left_alone() {
        for text in [
            "for i = 1, 3 do local x = i end",
            "while f() do local x = 1 break end",
            "if a then local b = 1 elseif c then local d = 2 else local e = 3 end",
            "do local x = 1 end",
            "repeat local x = 1 until x",
            "f(function() local x = 1 end)",
            "t = { g = function() local x = 1 end }",
            "s = [==[ local x ]] = 1 ]==]",
            "local lock <close> = defer(f)",
        ] {
            assert_eq!(keep(text), text);
        }
    }
}
