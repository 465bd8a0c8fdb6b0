//! The inputs of a workflow: declared in Lua, given as flags, by the site, or left at their defaults.

use mlua::{Table, Value as LuaValue};
use serde_json::{Map, Value};

use crate::base::{duration, suggest};
use crate::lua::bind;
use crate::lua::fault::{Fault, Kind};

/// What an input may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Any text.
    String,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// Yes or no; the flag alone means yes, `--no-NAME` no.
    Boolean,
    /// Seconds or `5m30s`.
    Duration,
    /// The flag may be repeated.
    Strings,
    /// `KEY=VALUE`, and the flag may be repeated.
    Map,
}

/// One declared input.
#[derive(Debug, Clone)]
pub struct Input {
    /// The name in Lua; the flag has dashes for underscores.
    pub name: String,
    /// What it may hold.
    pub ty: Type,
    /// True where the run cannot begin without it.
    pub required: bool,
    /// The value where nobody gives one.
    pub default: Option<Value>,
    /// The accepted words, where only some are.
    pub one_of: Vec<String>,
    /// One sentence for help.
    pub doc: String,
}

impl Type {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "string" => Self::String,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "boolean" => Self::Boolean,
            "duration" => Self::Duration,
            "string[]" => Self::Strings,
            "map" => Self::Map,
            _ => return None,
        })
    }

    /// What help shows after the flag.
    pub fn placeholder(self) -> &'static str {
        match self {
            Self::String | Self::Strings => " VALUE",
            Self::Integer | Self::Number => " N",
            Self::Boolean => "",
            Self::Duration => " DURATION",
            Self::Map => " KEY=VALUE",
        }
    }
}

impl Input {
    /// Reads the `input` table of a definition, sorted by name.
    pub fn read_all(table: &Table) -> Result<Vec<Self>, Fault> {
        let mut inputs = Vec::new();
        for pair in table.pairs::<String, LuaValue>() {
            let (name, value) = pair?;
            inputs.push(Self::read(name, value)?);
        }
        inputs.sort_by(|a, b| (!a.required, &a.name).cmp(&(!b.required, &b.name)));
        Ok(inputs)
    }

    fn read(name: String, value: LuaValue) -> Result<Self, Fault> {
        let table = match value {
            LuaValue::String(word) => {
                return Self::of_word(name, &word.to_string_lossy(), None, Vec::new(), String::new());
            }
            LuaValue::Table(table) => table,
            other => return Err(wrong(&name, &format!("a type or a table, not {}", other.type_name()))),
        };
        bind::options(&table, &["type", "default", "doc", "one_of"], &format!("input {name}"))?;
        let default = match table.get::<LuaValue>("default")? {
            LuaValue::Nil => None,
            value => Some(bind::lua_to_json(&value)?),
        };
        let word = table.get::<Option<String>>("type")?.unwrap_or_else(|| "string".into());
        let one_of = table.get::<Option<Vec<String>>>("one_of")?.unwrap_or_default();
        let doc = table.get::<Option<String>>("doc")?.unwrap_or_default();
        Self::of_word(name, &word, default, one_of, doc)
    }

    fn of_word(
        name: String,
        word: &str,
        default: Option<Value>,
        one_of: Vec<String>,
        doc: String,
    ) -> Result<Self, Fault> {
        let optional = word.ends_with('?') || default.is_some();
        let Some(ty) = Type::parse(word.trim_end_matches('?')) else {
            return Err(wrong(
                &name,
                "string, integer, number, boolean, duration, string[] or map, with ? where optional",
            ));
        };
        let required = !optional && !matches!(ty, Type::Boolean | Type::Strings | Type::Map);
        Ok(Self { name, ty, required, default, one_of, doc })
    }

    /// The flag that gives it: `--on-conflict`.
    pub fn flag(&self) -> String {
        format!("--{}", self.name.replace('_', "-"))
    }

    fn read_text(&self, text: &str) -> Result<Value, Fault> {
        let refuse = |what: &str| Fault::new(Kind::Invalid, format!("{} takes {what}, not '{text}'", self.flag()));
        let value = match self.ty {
            Type::Integer => text.parse::<i64>().map_err(|_| refuse("a whole number"))?.into(),
            Type::Number => text.parse::<f64>().map_err(|_| refuse("a number"))?.into(),
            Type::Boolean => text.parse::<bool>().map_err(|_| refuse("true or false"))?.into(),
            Type::Duration => {
                duration::parse(text).map_err(|why| Fault::new(Kind::Invalid, format!("{}: {why}", self.flag())))?;
                text.into()
            }
            Type::String | Type::Strings | Type::Map => text.into(),
        };
        self.check(&value)?;
        Ok(value)
    }

    /// Refuses a value of another type or a word that is not on the list.
    fn check(&self, value: &Value) -> Result<(), Fault> {
        let fits = match self.ty {
            Type::String => value.is_string(),
            Type::Integer => value.is_i64() || value.is_u64(),
            Type::Number => value.is_number(),
            Type::Boolean => value.is_boolean(),
            Type::Duration => value.is_number() || value.is_string(),
            Type::Strings => {
                value.is_string() || value.as_array().is_some_and(|list| list.iter().all(Value::is_string))
            }
            Type::Map => value.is_string() || value.is_object() || value.as_array().is_some_and(Vec::is_empty),
        };
        if !fits {
            return Err(Fault::new(
                Kind::Invalid,
                format!("input '{}' has a value of another type: {value}", self.name),
            ));
        }
        match value.as_str() {
            Some(word) if !self.one_of.is_empty() && !self.one_of.iter().any(|known| known == word) => {
                let hint = suggest::hint(word, self.one_of.iter().map(String::as_str));
                let known = self.one_of.join(", ");
                Err(Fault::new(Kind::Invalid, format!("{} is one of {known}, not '{word}'{hint}", self.flag())))
            }
            _ => Ok(()),
        }
    }
}

fn wrong(name: &str, wanted: &str) -> Fault {
    Fault::new(Kind::Invalid, format!("workflow.define: input '{name}' must be {wanted}"))
}

/// Makes the inputs of a run of flags, the site's values and the defaults, in that order of strength.
pub fn collect(declared: &[Input], flags: &[String], site: &Map<String, Value>) -> Result<Map<String, Value>, Fault> {
    let mut given = parse_flags(declared, flags)?;
    for (name, value) in site {
        let Some(input) = declared.iter().find(|input| input.name == *name) else {
            let hint = suggest::hint(name, declared.iter().map(|input| input.name.as_str()));
            return Err(Fault::new(Kind::Invalid, format!("site.lua gives the unknown input '{name}'{hint}")));
        };
        input.check(value)?;
        match (given.get_mut(name), value) {
            (None, value) => drop(given.insert(name.clone(), value.clone())),
            // Maps are merged, so that one flag overrides one entry and not the site's whole map.
            (Some(Value::Object(flags)), Value::Object(site)) => {
                for (key, value) in site {
                    flags.entry(key.clone()).or_insert_with(|| value.clone());
                }
            }
            (Some(_), _) => {}
        }
    }
    for input in declared {
        if !given.contains_key(&input.name) {
            match (&input.default, input.ty) {
                (Some(value), _) => drop(given.insert(input.name.clone(), value.clone())),
                (None, Type::Strings) => drop(given.insert(input.name.clone(), Value::Array(Vec::new()))),
                (None, Type::Map) => drop(given.insert(input.name.clone(), Value::Object(Map::new()))),
                (None, Type::Boolean) => drop(given.insert(input.name.clone(), Value::Bool(false))),
                (None, _) if input.required => {
                    let message = format!("the workflow needs {}{}", input.flag(), input.ty.placeholder());
                    return Err(Fault::new(Kind::Invalid, message).hint(input.doc.clone()));
                }
                _ => {}
            }
        }
    }
    Ok(given)
}

fn parse_flags(declared: &[Input], flags: &[String]) -> Result<Map<String, Value>, Fault> {
    let mut given = Map::new();
    let mut words = flags.iter();
    while let Some(word) = words.next() {
        let Some(flag) = word.strip_prefix("--") else {
            let message = format!("unexpected argument '{word}': inputs are flags, such as --name value");
            return Err(Fault::new(Kind::Invalid, message));
        };
        let (flag, inline) = flag.split_once('=').map_or((flag, None), |(flag, value)| (flag, Some(value.to_owned())));
        let (input, negated) = find_flag(declared, flag)?;
        if input.ty == Type::Boolean && inline.is_none() {
            given.insert(input.name.clone(), Value::Bool(!negated));
            continue;
        }
        let text = inline.or_else(|| words.next().cloned()).ok_or_else(|| {
            Fault::new(Kind::Invalid, format!("{} needs a value{}", input.flag(), input.ty.placeholder()))
        })?;
        add(&mut given, input, &text)?;
    }
    Ok(given)
}

fn add(given: &mut Map<String, Value>, input: &Input, text: &str) -> Result<(), Fault> {
    let value = input.read_text(text)?;
    match input.ty {
        Type::Strings => {
            let list = given.entry(input.name.clone()).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(list) = list {
                list.push(value);
            }
        }
        Type::Map => {
            let (key, entry) = text
                .split_once('=')
                .ok_or_else(|| Fault::new(Kind::Invalid, format!("{} takes KEY=VALUE, not '{text}'", input.flag())))?;
            let map = given.entry(input.name.clone()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(map) = map {
                map.insert(key.to_owned(), entry.into());
            }
        }
        _ => drop(given.insert(input.name.clone(), value)),
    }
    Ok(())
}

fn find_flag<'a>(declared: &'a [Input], flag: &str) -> Result<(&'a Input, bool), Fault> {
    let named = |name: &str| declared.iter().find(|input| input.flag()[2..] == *name);
    if let Some(input) = named(flag) {
        return Ok((input, false));
    }
    if let Some(input) = flag.strip_prefix("no-").and_then(named).filter(|input| input.ty == Type::Boolean) {
        return Ok((input, true));
    }
    let known: Vec<String> = declared.iter().map(Input::flag).collect();
    let hint = suggest::hint(&format!("--{flag}"), known.iter().map(String::as_str));
    Err(Fault::new(Kind::Invalid, format!("the workflow has no input --{flag}{hint}")))
}
