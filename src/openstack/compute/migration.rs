use super::{call, require};
use crate::openstack::entity::{Field, entity};
use crate::openstack::reshape::{Object, rename, text};
use crate::openstack::resource::{Resource, Update, identified, keys};
use crate::openstack::{Cloud, Error, Method, Service, encode};

entity! {
    /// A migration or resize of a server, past or present.
    Migration reads prefer_uuid {
        /// The id: a UUID since 2.59, a number before.
        id: String,
        /// The number, which the calls on a running live migration take.
        number: Option<i64>,
        /// The server.
        server_id: String = "instance_uuid",
        /// The status, for example `running`, `completed`, `error`.
        status: String,
        /// What it is: `live-migration`, `migration`, `resize` or `evacuation`; known since 2.23.
        migration_type: Option<String>,
        /// The host it leaves.
        source_compute: Option<String>,
        /// The hypervisor it leaves.
        source_node: Option<String>,
        /// The host it goes to.
        dest_compute: Option<String>,
        /// The hypervisor it goes to.
        dest_node: Option<String>,
        /// The address of the host it goes to.
        dest_host: Option<String>,
        /// The number of the flavor before.
        old_instance_type_id: Option<i64>,
        /// The number of the flavor after.
        new_instance_type_id: Option<i64>,
        /// The project of the server; known since 2.80.
        project_id: Option<String>,
        /// The user who asked for it; known since 2.80.
        user_id: Option<String>,
        /// When it was asked for.
        created_at: String,
        /// When it last changed.
        updated_at: Option<String>,
    }
}

fn prefer_uuid(object: &mut Object) {
    if let Some(number) = object.get("id").filter(|id| id.is_number()).cloned() {
        object.insert("number".into(), number);
        if object.get("uuid").is_some_and(|uuid| uuid.is_string()) {
            object.remove("id");
            rename(object, "uuid", "id");
        }
    }
    text(object, "id");
}

impl Resource for Migration {
    const KIND: &'static str = "migration";
    const PLURAL: &'static str = "migrations";
    const SERVICE: Service = Service::Compute;
    const PATH: &'static str = "/os-migrations";
    const UPDATE_BY: Update = Update::Never;
    const MICROVERSION: Option<&'static str> = Some(super::MICROVERSION);
    const FILTERS: &'static [Field] = keys![
        server_id: Option<String> as "instance_uuid" = "Only migrations of this server.",
        status: Option<String> = "Only migrations of this status.",
        host: Option<String> = "Only migrations that leave this host or go to it.",
        source_compute: Option<String> = "Only migrations that leave this host.",
        migration_type: Option<String> = "Only `live-migration`, `migration`, `resize` or `evacuation`.",
        hidden: Option<bool> = "Only hidden migrations.",
        project_id: Option<String> = "Only migrations of servers of this project.",
        user_id: Option<String> = "Only migrations this user asked for.",
        changes_since: Option<String> as "changes-since" = "Only migrations that changed after this time.",
        changes_before: Option<String> as "changes-before" = "Only migrations that changed before this time.",
    ];
    identified!(id);
}

/// The live migrations that run.
impl Cloud {
    /// Lists the migrations of a server that are not over; known since 2.23.
    pub async fn server_migrations(&self, server: &str) -> Result<Vec<Migration>, Error> {
        let request = call(Method::GET, format!("/servers/{}/migrations", encode(server))).require(require(2, 23));
        self.ask(request.object(format!("server {server}")), "migrations").await
    }

    /// Stops a live migration; the server stays where it is. Known since 2.24.
    pub async fn abort_live_migration(&self, server: &str, number: i64) -> Result<(), Error> {
        let path = format!("/servers/{}/migrations/{number}", encode(server));
        self.tell(call(Method::DELETE, path).require(require(2, 24)).object(format!("server {server}"))).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_uuid_wins_over_the_number() {
        let migration: Migration = serde_json::from_value(json!({
            "id": 1234, "uuid": "8600bf08-4aaf-4b1c-9f0b-2f1a1a0e0a6c", "instance_uuid": "s1", "status": "completed",
        }))
        .unwrap();
        assert_eq!((migration.id(), migration.number), ("8600bf08-4aaf-4b1c-9f0b-2f1a1a0e0a6c", Some(1234)));
        let old: Migration = serde_json::from_value(json!({"id": 1234, "instance_uuid": "s1"})).unwrap();
        assert_eq!(old.id(), "1234");
    }
}
