//! What the program is told by its surroundings: environment, home, working directory.

use std::env;
use std::path::{Path, PathBuf};

use crate::lua::fault::{Fault, Kind};
use crate::openstack::Environment;

use super::args::Global;

/// The environment as the client wants it.
pub fn environment() -> Environment {
    Environment {
        vars: env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
        cwd: env::current_dir().unwrap_or_default(),
        home: home(),
    }
}

/// Whether colours are wanted where they are possible.
pub fn wants_color(global: &Global) -> bool {
    let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    !global.no_color && !set("NO_COLOR") && env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// The site directory: the one given, or the nearest parent that holds `site.lua`.
pub fn site(global: &Global) -> Result<Option<PathBuf>, Fault> {
    if let Some(given) = &global.site {
        return if given.is_dir() {
            Ok(Some(given.clone()))
        } else {
            Err(Fault::new(Kind::Invalid, format!("--site {}: no such directory", given.display()))
                .hint("a site is the directory that holds site.lua"))
        };
    }
    Ok(nearest_site(&env::current_dir().unwrap_or_default()))
}

fn nearest_site(from: &Path) -> Option<PathBuf> {
    from.ancestors().find(|folder| folder.join("site.lua").is_file()).map(Path::to_path_buf)
}

/// The journal's file: the one given, the site's, or the user's.
pub fn journal(global: &Global, site: Option<&Path>) -> Result<PathBuf, Fault> {
    if let Some(url) = &global.journal {
        return journal_path(url);
    }
    match site {
        Some(site) => Ok(site.join(".moonferry").join("journal.db")),
        None => Ok(state()?.join("journal.db")),
    }
}

fn journal_path(url: &str) -> Result<PathBuf, Fault> {
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")).unwrap_or(url);
    if path.is_empty() || path.contains("://") {
        return Err(Fault::new(Kind::Invalid, format!("--journal {url}: this journal cannot be opened"))
            .hint("give a path, or sqlite:PATH"));
    }
    Ok(PathBuf::from(path))
}

/// Where the program keeps what it has to remember: `$XDG_STATE_HOME/moonferry`.
pub fn state() -> Result<PathBuf, Fault> {
    let set = env::var_os("XDG_STATE_HOME").filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = set.or_else(|| home().map(|home| home.join(".local").join("state")));
    let folder = folder.ok_or_else(|| {
        Fault::new(Kind::Invalid, "there is neither $XDG_STATE_HOME nor a home directory to keep the journal in")
            .hint("give one: --journal PATH")
    })?;
    Ok(folder.join("moonferry"))
}

fn home() -> Option<PathBuf> {
    env::home_dir().filter(|home| !home.as_os_str().is_empty())
}

/// Names this process for the journal and for whoever meets its lease: `pid 4711 on ops-1`.
pub fn owner() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("pid {} on {}", std::process::id(), if host.trim().is_empty() { "this machine" } else { host.trim() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_is_a_path_with_or_without_its_scheme() {
        assert_eq!(journal_path("j.db").unwrap(), Path::new("j.db"));
        assert_eq!(journal_path("sqlite:/var/j.db").unwrap(), Path::new("/var/j.db"));
        assert_eq!(journal_path("sqlite:///var/j.db").unwrap(), Path::new("/var/j.db"));
        assert!(journal_path("mysql://db/moonferry").is_err());
    }

    #[test]
    fn the_nearest_site_wins() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a/b/c");
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::write(folder.path().join("a/site.lua"), "return {}").unwrap();
        assert_eq!(nearest_site(&deep), Some(folder.path().join("a")));
    }
}
