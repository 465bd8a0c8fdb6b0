//! A site: the directory with `site.lua`, `hooks.lua` and a site's own workflows.

use std::path::{Path, PathBuf};

use mlua::{Table, Value as LuaValue};
use serde_json::{Map, Value};

use crate::lua::bind;
use crate::lua::fault::{Fault, Kind};
use crate::lua::scope::Scope;
use crate::lua::vm::{Allow, Options, Vm};

/// What `site.lua` may say.
const KEYS: [&str; 7] = ["source", "target", "maps", "on_conflict", "limits", "inputs", "allow"];

/// The site's directory and settings; empty where there is no site.
#[derive(Debug, Clone, Default)]
pub struct Site {
    /// The directory, absolute.
    pub directory: Option<PathBuf>,
    /// What scripts may do beyond the API.
    pub allow: Allow,
    settings: Map<String, Value>,
}

impl Site {
    /// Reads `site.lua` of a directory; a directory without one is a site with nothing set.
    pub async fn load(directory: &Path) -> Result<Self, Fault> {
        let directory = directory.canonicalize().map_err(|cause| {
            Fault::new(Kind::Invalid, format!("the site directory {} cannot be used: {cause}", directory.display()))
                .hint("--site names the directory that holds site.lua")
        })?;
        let file = directory.join("site.lua");
        let source = match std::fs::read_to_string(&file) {
            Ok(source) => source,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self { directory: Some(directory), ..Self::default() });
            }
            Err(cause) => return Err(Fault::new(Kind::Invalid, format!("{} cannot be read: {cause}", file.display()))),
        };
        let settings = evaluate(&source, &directory).await?;
        let allow = allow(&settings)?;
        Ok(Self { directory: Some(directory), allow, settings })
    }

    /// The whole of `site.lua`, for scripts.
    pub fn settings(&self) -> &Map<String, Value> {
        &self.settings
    }

    /// The input values the site gives a workflow: the common settings it declares, and its own section.
    pub fn inputs(&self, workflow: &str, declares: impl Fn(&str) -> bool) -> Map<String, Value> {
        let mut values = Map::new();
        for key in ["source", "target", "on_conflict", "limits"] {
            if let Some(value) = self.settings.get(key).filter(|_| declares(key)) {
                values.insert(key.into(), value.clone());
            }
        }
        for (kind, map) in self.section("maps") {
            let name = format!("map_{kind}");
            if declares(&name) {
                values.insert(name, map);
            }
        }
        if let Some(Value::Object(own)) = self.section("inputs").remove(workflow) {
            values.extend(own);
        }
        values
    }

    fn section(&self, name: &str) -> Map<String, Value> {
        match self.settings.get(name) {
            Some(Value::Object(map)) => map.clone(),
            _ => Map::new(),
        }
    }
}

/// Runs `site.lua` by itself, with no cloud and nothing allowed: it is settings, not a program.
async fn evaluate(source: &str, directory: &Path) -> Result<Map<String, Value>, Fault> {
    let vm = Vm::new(Options { site: Some(directory.to_owned()), ..Options::default() })?;
    let chunk = vm.load("site/site.lua", source)?;
    let values = vm.call(Scope::default(), &chunk, ()).await?;
    let Some(LuaValue::Table(table)) = values.into_iter().next() else {
        return Err(Fault::new(Kind::Invalid, "site.lua must return a table")
            .hint("end it with: return { source = …, target = … }"));
    };
    check(&table)?;
    match bind::lua_to_json(&LuaValue::Table(table))? {
        Value::Object(map) => Ok(map),
        _ => Ok(Map::new()),
    }
}

fn check(table: &Table) -> Result<(), Fault> {
    bind::options(table, &KEYS, "site.lua")
}

fn allow(settings: &Map<String, Value>) -> Result<Allow, Fault> {
    let mut allow = Allow::default();
    let Some(Value::Object(map)) = settings.get("allow") else { return Ok(allow) };
    for (name, value) in map {
        let granted = value
            .as_bool()
            .ok_or_else(|| Fault::new(Kind::Invalid, format!("site.lua: allow.{name} must be true or false")))?;
        match name.as_str() {
            "files" => allow.files = granted,
            "processes" => allow.processes = granted,
            other => {
                let hint = crate::base::suggest::hint(other, ["files", "processes"]);
                return Err(Fault::new(Kind::Invalid, format!("site.lua: unknown allow.{other}{hint}")));
            }
        }
    }
    Ok(allow)
}
