use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::openstack::Service;
use crate::openstack::entity::{Field, entity};
use crate::openstack::reshape::{Object, rename};
use crate::openstack::resource::{Paging, Resource, Update, identified, keys};

entity! {
    /// A server group: servers that shall run together or apart.
    ServerGroup reads flatten {
        /// The id.
        id: String,
        /// The name.
        name: String,
        /// The policy: `affinity`, `anti-affinity`, `soft-affinity` or `soft-anti-affinity`.
        policy: String,
        /// The rules of the policy, for example `max_server_per_host`; known since 2.64.
        rules: BTreeMap<String, i64>,
        /// The servers in it, by id.
        members: Vec<String>,
        /// The project that owns it; known since 2.13.
        project_id: Option<String>,
        /// The user who created it; known since 2.13.
        user_id: Option<String>,
    }
}

fn flatten(object: &mut Object) {
    if let Some(Value::Array(policies)) = object.get_mut("policies") {
        let first = if policies.is_empty() { Value::Null } else { policies.swap_remove(0) };
        object.insert("policies".into(), first);
        rename(object, "policies", "policy");
    }
}

impl Resource for ServerGroup {
    const KIND: &'static str = "server_group";
    const PLURAL: &'static str = "server_groups";
    const SERVICE: Service = Service::Compute;
    const PATH: &'static str = "/os-server-groups";
    const PAGING: Paging = Paging::Whole;
    const UPDATE_BY: Update = Update::Never;
    const MICROVERSION: Option<&'static str> = Some(super::MICROVERSION);
    const FILTERS: &'static [Field] = keys![
        all_projects: Option<bool> = "Server groups of all projects, not only of that of the token.",
    ];
    const CREATE: &'static [Field] = keys![
        name: String = "The name.",
        policy: String = "The policy: `affinity`, `anti-affinity`, `soft-affinity` or `soft-anti-affinity`.",
        rules: Option<Map<String, Value>> = "The rules of the policy, for example `max_server_per_host`.",
    ];
    identified!(id, name);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_spellings_of_the_policy_are_read() {
        let old: ServerGroup =
            serde_json::from_value(json!({"id": "g", "name": "apart", "policies": ["anti-affinity"], "metadata": {}}))
                .unwrap();
        let late: ServerGroup = serde_json::from_value(json!({
            "id": "g", "name": "apart", "policy": "anti-affinity", "rules": {"max_server_per_host": 3},
        }))
        .unwrap();
        assert_eq!((old.policy.as_str(), late.policy.as_str()), ("anti-affinity", "anti-affinity"));
        assert_eq!(late.rules["max_server_per_host"], 3);
    }
}
