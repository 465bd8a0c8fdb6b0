//! Finding the file that a workflow's name or path means.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::api::stdlib;
use crate::base::suggest;
use crate::lua::fault::{Fault, Kind};

/// A script to load.
pub struct Script {
    /// What error messages call it.
    pub chunk: String,
    /// Its text.
    pub source: String,
}

fn is_path(workflow: &str) -> bool {
    workflow.ends_with(".lua") || workflow.contains('/')
}

/// A path is made absolute, so that a resume from another folder finds the file.
pub fn stable_name(workflow: &str) -> String {
    if !is_path(workflow) {
        return workflow.to_owned();
    }
    Path::new(workflow).canonicalize().map_or_else(|_| workflow.to_owned(), |path| path.display().to_string())
}

/// Finds a workflow: a path, a file of the site, or an embedded one.
pub fn find(workflow: &str, site: Option<&Path>) -> Result<Script, Fault> {
    if is_path(workflow) {
        return read(Path::new(workflow), workflow.to_owned());
    }
    for file in site.into_iter().flat_map(|site| candidates(site, workflow)) {
        if file.is_file() {
            return read(&file, format!("site/workflows/{workflow}.lua"));
        }
    }
    match stdlib::workflows().find(|(name, _)| *name == workflow) {
        Some((name, source)) => Ok(Script { chunk: format!("std/workflows/{name}.lua"), source: source.to_owned() }),
        None => {
            let mut names: Vec<String> = site_workflows(site);
            names.extend(stdlib::workflows().map(|(name, _)| name.to_owned()));
            let hint = suggest::hint(workflow, names.iter().map(String::as_str));
            Err(Fault::new(Kind::Invalid, format!("there is no workflow '{workflow}'{hint}"))
                .hint("`moonferry run` lists them; a path ends in .lua"))
        }
    }
}

fn candidates(site: &Path, workflow: &str) -> Vec<PathBuf> {
    vec![site.join("workflows").join(format!("{workflow}.lua"))]
}

fn read(path: &Path, chunk: String) -> Result<Script, Fault> {
    let source = std::fs::read_to_string(path)
        .map_err(|cause| Fault::new(Kind::Invalid, format!("{} cannot be read: {cause}", path.display())))?;
    Ok(Script { chunk, source })
}

/// Names the workflows of a site.
pub fn site_workflows(site: Option<&Path>) -> Vec<String> {
    let Some(entries) = site.and_then(|site| std::fs::read_dir(site.join("workflows")).ok()) else { return Vec::new() };
    entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "lua"))
        .filter_map(|path| path.file_stem().map(|name| name.to_string_lossy().into_owned()))
        .collect()
}

/// A hash over everything that decides what a run does: the workflow, the site's Lua, the embedded Lua.
pub fn hash(workflow: &str, site: Option<&Path>) -> Result<String, Fault> {
    let mut hash = Sha256::new();
    hash.update(find(workflow, site)?.source);
    for file in site.map(site_files).unwrap_or_default() {
        hash.update(file.to_string_lossy().as_bytes());
        hash.update(std::fs::read(&file).unwrap_or_default());
    }
    for (name, source) in stdlib::MODULES {
        hash.update(name);
        hash.update(source);
    }
    Ok(hex::encode(&hash.finalize()[..16]))
}

fn site_files(site: &Path) -> Vec<PathBuf> {
    let mut open = vec![site.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = open.pop() {
        for path in std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if path.is_dir() && !hidden {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "lua") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}
