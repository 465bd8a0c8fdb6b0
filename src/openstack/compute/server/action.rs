use serde_json::{Value, json};

use crate::openstack::answer::action;
use crate::openstack::compute::{call, require};
use crate::openstack::{Cloud, Error, Method, Request, encode};

/// Something that is done to a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerAction {
    /// Switches it on.
    Start,
    /// Asks its guest to shut down, then switches it off.
    Stop,
    /// Asks its guest to restart.
    Reboot,
    /// Switches it off and on.
    HardReboot,
    /// Halts its processors.
    Pause,
    /// Lets its processors go on.
    Unpause,
    /// Writes its memory to disk and switches it off.
    Suspend,
    /// Reads its memory from disk and goes on.
    Resume,
    /// Keeps everyone but administrators from acting on it.
    Lock {
        /// Why; clouds before 2.73 do not keep it.
        reason: Option<String>,
    },
    /// Lets its owner act on it again.
    Unlock,
    /// Takes it off its host and keeps its root disk as an image.
    Shelve,
    /// Frees the host of a server that is shelved already.
    ShelveOffload,
    /// Brings a shelved server back.
    Unshelve {
        /// The availability zone it shall come back in.
        availability_zone: Option<String>,
        /// The host it shall come back on; for administrators.
        host: Option<String>,
    },
    /// Gives it another flavor, to be confirmed or reverted.
    Resize {
        /// The flavor, by id.
        flavor: String,
    },
    /// Keeps the new flavor or host.
    ConfirmResize,
    /// Goes back to the flavor and host before.
    RevertResize,
    /// Moves it, switched off, to another host, to be confirmed or reverted.
    Migrate {
        /// The host; the scheduler's choice where absent.
        host: Option<String>,
    },
    /// Moves it to another host while it runs.
    LiveMigrate {
        /// The host; the scheduler's choice where absent.
        host: Option<String>,
        /// Whether its local disks are copied too; the service's choice where absent.
        block_migration: Option<bool>,
    },
    /// Makes it anew on another host because its own is down.
    Evacuate {
        /// The host; the scheduler's choice where absent.
        host: Option<String>,
    },
    /// Overwrites its status, `active` or `error`, whatever is true.
    ResetState {
        /// The status.
        state: String,
    },
    /// Adds a security group to all its ports.
    AddSecurityGroup {
        /// The security group, by id or name.
        group: String,
    },
    /// Removes a security group from all its ports.
    RemoveSecurityGroup {
        /// The security group, by id or name.
        group: String,
    },
    /// Deletes it at once although deletion is deferred.
    ForceDelete,
    /// Brings back a server whose deletion is deferred.
    Restore,
}

impl ServerAction {
    /// Returns the body, and the least microversion that takes it.
    fn request(&self, path: String) -> Request {
        let post = |body: Value| call(Method::POST, path.clone()).body(body);
        match self {
            Self::Start => post(json!({ "os-start": null })),
            Self::Stop => post(json!({ "os-stop": null })),
            Self::Reboot => post(json!({ "reboot": { "type": "SOFT" } })),
            Self::HardReboot => post(json!({ "reboot": { "type": "HARD" } })),
            Self::Pause => post(json!({ "pause": null })),
            Self::Unpause => post(json!({ "unpause": null })),
            Self::Suspend => post(json!({ "suspend": null })),
            Self::Resume => post(json!({ "resume": null })),
            Self::Lock { reason: None } => post(json!({ "lock": null })),
            Self::Lock { reason: Some(reason) } => {
                post(json!({ "lock": { "locked_reason": reason } })).require(require(2, 73))
            }
            Self::Unlock => post(json!({ "unlock": null })),
            Self::Shelve => post(json!({ "shelve": null })),
            Self::ShelveOffload => post(json!({ "shelveOffload": null })),
            Self::Unshelve { availability_zone, host } => unshelve(post, availability_zone.as_ref(), host.as_ref()),
            Self::Resize { flavor } => post(json!({ "resize": { "flavorRef": flavor } })),
            Self::ConfirmResize => post(json!({ "confirmResize": null })),
            Self::RevertResize => post(json!({ "revertResize": null })),
            Self::Migrate { host: None } => post(json!({ "migrate": null })),
            Self::Migrate { host } => post(json!({ "migrate": { "host": host } })).require(require(2, 56)),
            Self::LiveMigrate { host, block_migration } => {
                let block = block_migration.map_or(json!("auto"), Value::Bool);
                post(json!({ "os-migrateLive": { "host": host, "block_migration": block } })).require(require(2, 25))
            }
            Self::Evacuate { host: None } => post(json!({ "evacuate": {} })).require(require(2, 14)),
            Self::Evacuate { host } => post(json!({ "evacuate": { "host": host } })).require(require(2, 14)),
            Self::ResetState { state } => post(json!({ "os-resetState": { "state": state } })),
            Self::AddSecurityGroup { group } => post(json!({ "addSecurityGroup": { "name": group } })),
            Self::RemoveSecurityGroup { group } => post(json!({ "removeSecurityGroup": { "name": group } })),
            Self::ForceDelete => post(json!({ "forceDelete": null })),
            Self::Restore => post(json!({ "restore": null })),
        }
    }

    /// Returns the same action as clouds before the microversion it requires take it, where they do.
    fn before(&self) -> Option<Value> {
        match self {
            // Such clouds lock, but do not keep why.
            Self::Lock { .. } => Some(json!({ "lock": null })),
            Self::LiveMigrate { host, block_migration: Some(block) } => Some(json!({
                "os-migrateLive": { "host": host, "block_migration": block, "disk_over_commit": false }
            })),
            _ => None,
        }
    }
}

fn unshelve(post: impl Fn(Value) -> Request, zone: Option<&String>, host: Option<&String>) -> Request {
    match (zone, host) {
        (None, None) => post(json!({ "unshelve": null })),
        (Some(zone), None) => post(json!({ "unshelve": { "availability_zone": zone } })).require(require(2, 77)),
        (None, Some(host)) => post(json!({ "unshelve": { "host": host } })).require(require(2, 91)),
        (Some(zone), Some(host)) => {
            post(json!({ "unshelve": { "availability_zone": zone, "host": host } })).require(require(2, 91))
        }
    }
}

fn path(id: &str) -> String {
    format!("/servers/{}/action", encode(id))
}

impl Cloud {
    /// Asks for something to be done to a server; most of it is done later, see the server's status and task.
    pub async fn server_action(&self, id: &str, action: &ServerAction) -> Result<(), Error> {
        let object = format!("server {id}");
        match (self.tell(action.request(path(id)).object(object.clone())).await, action.before()) {
            (Err(Error::Version(_)), Some(body)) => {
                self.tell(call(Method::POST, path(id)).microversion(None).body(body).object(object)).await
            }
            (done, _) => done,
        }
    }

    /// Makes an image of a server's root disk, or one of snapshots where it boots from a volume, and returns its id.
    pub async fn create_server_image(&self, id: &str, name: &str, properties: Value) -> Result<String, Error> {
        let body = action("createImage", json!({ "name": name, "metadata": properties }));
        let response = self.send(call(Method::POST, path(id)).body(body).object(format!("server {id}"))).await?;
        let from_body = response.body.get("image_id").and_then(Value::as_str).map(str::to_owned);
        // Before 2.45 only the Location header says it.
        let from_header = || {
            let location = response.header("location").unwrap_or_default();
            location.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned()
        };
        Ok(from_body.unwrap_or_else(from_header))
    }

    /// Returns the last lines a server wrote to its console, or all that is kept.
    pub async fn server_console(&self, id: &str, lines: Option<u64>) -> Result<String, Error> {
        let arguments = lines.map_or(json!({}), |lines| json!({ "length": lines }));
        let body = action("os-getConsoleOutput", arguments);
        self.ask(call(Method::POST, path(id)).body(body).object(format!("server {id}")), "output").await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_those_of_the_service_and_name_what_they_need() {
        let body = |action: ServerAction| {
            let request = action.request("/x".into());
            (request.body.unwrap_or_default(), request.require)
        };
        assert_eq!(body(ServerAction::Stop), (json!({"os-stop": null}), None));
        assert_eq!(
            body(ServerAction::LiveMigrate { host: Some("cmp-2".into()), block_migration: None }),
            (json!({"os-migrateLive": {"host": "cmp-2", "block_migration": "auto"}}), require(2, 25))
        );
        assert_eq!(
            body(ServerAction::Unshelve { availability_zone: Some("az1".into()), host: None }),
            (json!({"unshelve": {"availability_zone": "az1"}}), require(2, 77))
        );
        assert_eq!(
            ServerAction::LiveMigrate { host: None, block_migration: Some(true) }.before(),
            Some(json!({"os-migrateLive": {"host": null, "block_migration": true, "disk_over_commit": false}}))
        );
    }
}
