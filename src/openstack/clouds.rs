//! Finding and merging clouds.yaml, secure.yaml and the `OS_*` environment, as openstacksdk does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_yaml_ng::{Mapping, Value};

use super::{CloudConfig, Error};
use crate::base::suggest;

/// The environment as a value, made where the program starts.
#[derive(Clone, Default)]
pub struct Environment {
    /// The environment variables.
    pub vars: BTreeMap<String, String>,
    /// The working directory.
    pub cwd: PathBuf,
    /// The home directory.
    pub home: Option<PathBuf>,
}

impl Environment {
    pub(crate) fn var(&self, name: &str) -> Option<&str> {
        self.vars.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The folders that may hold clouds.yaml, in the order they are asked.
    fn folders(&self) -> Vec<PathBuf> {
        let config = self.var("XDG_CONFIG_HOME").map(PathBuf::from);
        let config = config.or_else(|| self.home.as_ref().map(|home| home.join(".config")));
        let personal = config.map(|config| config.join("openstack"));
        [Some(self.cwd.clone()), personal, Some("/etc/openstack".into())].into_iter().flatten().collect()
    }
}

/// Variables that choose or tune, and so do not make a cloud of the environment.
const SELECTORS: [&str; 5] =
    ["OS_CLOUD", "OS_CLOUD_NAME", "OS_REGION_NAME", "OS_CLIENT_CONFIG_FILE", "OS_CLIENT_SECURE_FILE"];

/// The clouds this machine knows.
#[derive(Clone, Default)]
pub struct Clouds {
    entries: BTreeMap<String, Mapping>,
    environment: Environment,
    default: Option<String>,
    looked_in: Vec<String>,
    files: Vec<PathBuf>,
}

impl Clouds {
    /// Reads clouds.yaml and secure.yaml from their places and the cloud of the environment, if there is one.
    pub fn load(environment: &Environment) -> Result<Self, Error> {
        let mut clouds = Self { environment: environment.clone(), ..Self::default() };
        let (file, looked_in) = find(environment, "clouds", "OS_CLIENT_CONFIG_FILE", None)?;
        clouds.looked_in = looked_in;
        if let Some(file) = &file {
            clouds.entries = read(file)?;
            clouds.files.push(file.clone());
        }
        let beside = file.as_deref().and_then(Path::parent);
        if let (Some(secure), _) = find(environment, "secure", "OS_CLIENT_SECURE_FILE", beside)? {
            clouds.files.push(secure.clone());
            for (name, values) in read(&secure)? {
                // Only entries that clouds.yaml has: secure.yaml completes clouds, it does not define them.
                if let Some(entry) = clouds.entries.get_mut(&name) {
                    merge(entry, values);
                }
            }
        }
        clouds.add_environment();
        Ok(clouds)
    }

    /// Reads clouds from the text of a clouds.yaml; `origin` says in errors where it came from.
    pub fn parse(text: &str, origin: &str) -> Result<Self, Error> {
        Ok(Self { entries: entries(text, origin)?, looked_in: vec![origin.to_owned()], ..Self::default() })
    }

    /// Returns the files that were read: clouds.yaml, then secure.yaml, where there are any.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Returns the names of all clouds.
    pub fn names(&self) -> Vec<String> {
        self.entries.keys().cloned().collect()
    }

    /// Returns the cloud meant where none is named: `OS_CLOUD`, the environment's, or the only one.
    pub fn default_name(&self) -> Option<String> {
        self.default.clone().or_else(|| match self.entries.len() {
            1 => self.entries.keys().next().cloned(),
            _ => None,
        })
    }

    /// Returns one cloud's configuration.
    pub fn get(&self, name: &str) -> Result<CloudConfig, Error> {
        match self.entries.get(name) {
            Some(entry) => CloudConfig::from_entry(name, entry, &self.environment),
            None => {
                let near = suggest::hint(name, self.entries.keys().map(String::as_str));
                let known = if self.entries.is_empty() { "none".to_owned() } else { self.names().join(", ") };
                let hint = format!("known clouds: {known}; looked in {}", self.looked_in.join(", "));
                Err(Error::config("", format!("no cloud is called '{name}'{near}"), hint))
            }
        }
    }

    /// Makes a cloud of the `OS_*` variables, called `envvars` unless `OS_CLOUD_NAME` says otherwise.
    fn add_environment(&mut self) {
        self.default = self.environment.var("OS_CLOUD").map(str::to_owned);
        let mut entry = Mapping::new();
        for (name, value) in &self.environment.vars {
            let foreign = ["OS_TEST", "OS_STD", "OS_LOG"].iter().any(|prefix| name.starts_with(prefix));
            let Some(key) = name.strip_prefix("OS_").filter(|_| !foreign && !SELECTORS.contains(&name.as_str())) else {
                continue;
            };
            if !value.is_empty() {
                entry.insert(key.to_lowercase().into(), value.clone().into());
            }
        }
        if !entry.contains_key("auth_url") {
            return;
        }
        if let Some(region) = self.environment.var("OS_REGION_NAME") {
            entry.insert("region_name".into(), region.into());
        }
        let name = self.environment.var("OS_CLOUD_NAME").unwrap_or("envvars").to_owned();
        self.default.get_or_insert_with(|| name.clone());
        self.entries.insert(name, entry);
    }
}

/// Finds a file by the variable that names it, then beside another one, then in the usual folders.
fn find(
    environment: &Environment,
    stem: &str,
    variable: &str,
    beside: Option<&Path>,
) -> Result<(Option<PathBuf>, Vec<String>), Error> {
    if let Some(named) = environment.var(variable) {
        let path = environment.cwd.join(named);
        if !path.is_file() {
            let message = format!("{variable} names {}, which is no file", path.display());
            return Err(Error::config("", message, format!("correct or unset {variable}")));
        }
        return Ok((Some(path.clone()), vec![path.display().to_string()]));
    }
    let mut looked_in = Vec::new();
    for folder in beside.map(Path::to_path_buf).into_iter().chain(environment.folders()) {
        looked_in.push(folder.join(format!("{stem}.yaml")).display().to_string());
        for ending in ["yaml", "yml", "json"] {
            let path = folder.join(format!("{stem}.{ending}"));
            if path.is_file() {
                return Ok((Some(path), looked_in));
            }
        }
    }
    Ok((None, looked_in))
}

fn read(path: &Path) -> Result<BTreeMap<String, Mapping>, Error> {
    let origin = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|why| Error::config("", format!("cannot read {origin}: {why}"), "check the file's permissions"))?;
    entries(&text, &origin)
}

fn entries(text: &str, origin: &str) -> Result<BTreeMap<String, Mapping>, Error> {
    let refuse = |why: String| Error::config("", format!("{origin}: {why}"), "correct the file");
    let mut document: Value = serde_yaml_ng::from_str(text).map_err(|why| refuse(why.to_string()))?;
    document.apply_merge().map_err(|why| refuse(why.to_string()))?;
    let clouds = match document.get("clouds") {
        Some(Value::Mapping(clouds)) => clouds.clone(),
        None | Some(Value::Null) => Mapping::new(),
        Some(_) => return Err(refuse("'clouds' is not a table of clouds".into())),
    };
    let mut found = BTreeMap::new();
    for (name, entry) in clouds {
        let name = super::config::scalar(&name).ok_or_else(|| refuse("a cloud's name is not text".into()))?;
        match entry {
            Value::Mapping(entry) => found.insert(name, entry),
            Value::Null => found.insert(name, Mapping::new()),
            _ => return Err(refuse(format!("cloud '{name}' is not a table"))),
        };
    }
    Ok(found)
}

/// Lays one table over another, table by table.
fn merge(base: &mut Mapping, over: Mapping) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Value::Mapping(inner)), Value::Mapping(value)) => merge(inner, value),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}
