//! What must hold on this machine.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::api::fault;
use crate::journal::{Journal, RunStatus};
use crate::openstack::Clouds;

use super::super::context::Context;
use super::Check;

/// The site's files.
pub async fn site(context: &Context) -> Vec<Check> {
    let Some(directory) = &context.site else {
        return vec![Check::ok("site", "none; inputs come from the command line only")];
    };
    match context.runtime().await {
        Ok(_) => vec![Check::ok("site", directory.display().to_string())],
        Err(fault) => vec![Check::of("site", &fault)],
    }
}

/// The journal, by opening it as a run would, and the runs that somebody has to look after.
pub async fn journal(context: &Context) -> Vec<Check> {
    let shown = context.journal.display();
    let new = !context.journal.exists();
    let opened = match Journal::open(&context.journal) {
        Ok(journal) => journal.runs().await.map(|runs| (journal, runs)),
        Err(error) => Err(error),
    };
    let (_journal, runs) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            let remedy = format!("make {shown} writable, or give another one with --journal PATH");
            return vec![Check::failed("journal", fault::journal(error).message, Some(remedy))];
        }
    };
    let mut checks = vec![Check::ok("journal", format!("{shown}{}", if new { ", made now" } else { "" }))];
    let open = |status| {
        matches!(status, RunStatus::Failed | RunStatus::Interrupted | RunStatus::Running | RunStatus::Unwinding)
    };
    let left: Vec<String> =
        runs.iter().filter(|run| open(run.status)).map(|run| format!("{} ({})", run.id, run.status)).collect();
    if !left.is_empty() {
        let remedy = "`moonferry show RUN` tells why; then `moonferry resume RUN` or `moonferry undo RUN`";
        checks.push(Check::warning("open runs", left.join(", "), remedy));
    }
    checks
}

/// clouds.yaml and secure.yaml: found, and readable by their owner only.
pub fn clouds(clouds: &Clouds) -> Vec<Check> {
    if clouds.names().is_empty() {
        let remedy = "put clouds.yaml into this folder, ~/.config/openstack or /etc/openstack, or name it in \
                      OS_CLIENT_CONFIG_FILE; `moonferry twin up` makes one for two twins";
        return vec![Check::failed("clouds.yaml", "no cloud is configured", Some(remedy.into()))];
    }
    let mut checks: Vec<Check> = clouds.files().iter().map(|file| guarded(file)).collect();
    if checks.is_empty() {
        checks.push(Check::ok("clouds.yaml", "none; the cloud comes from OS_* variables"));
    }
    checks
}

fn guarded(file: &Path) -> Check {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let shown = file.display();
    match std::fs::metadata(file) {
        Ok(facts) if facts.permissions().mode() & 0o077 != 0 => Check::warning(
            name,
            format!("{shown} can be read by others (mode {:o})", facts.permissions().mode() & 0o777),
            format!("chmod 600 {shown}"),
        ),
        Ok(_) => Check::ok(name, shown.to_string()),
        Err(cause) => Check::failed(name, format!("{shown}: {cause}"), None),
    }
}
