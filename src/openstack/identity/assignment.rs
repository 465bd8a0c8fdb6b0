use std::fmt;

use crate::openstack::entity::{Field, entity};
use crate::openstack::reshape::{Object, hoist};
use crate::openstack::resource::keys;

entity! {
    /// A role that a user or group has on a project, a domain or the whole system.
    RoleAssignment reads flatten {
        /// The role.
        role_id: String,
        /// The name of the role.
        role_name: Option<String>,
        /// The user who has the role, absent where a group has it.
        user_id: Option<String>,
        /// The name of that user.
        user_name: Option<String>,
        /// The domain of that user.
        user_domain_id: Option<String>,
        /// The group that has the role, absent where a user has it.
        group_id: Option<String>,
        /// The name of that group.
        group_name: Option<String>,
        /// The domain of that group.
        group_domain_id: Option<String>,
        /// The project the role holds on.
        project_id: Option<String>,
        /// The name of that project.
        project_name: Option<String>,
        /// The domain of that project.
        project_domain_id: Option<String>,
        /// The domain the role holds on.
        domain_id: Option<String>,
        /// The name of that domain.
        domain_name: Option<String>,
        /// Whether the role holds on the whole system.
        system: bool,
        /// Whether the role holds on the projects below and not on the object itself.
        inherited: bool,
    }
}

impl RoleAssignment {
    /// Filters that the service applies to the list.
    pub const FILTERS: &'static [Field] = keys![
        role_id: Option<String> as "role.id" = "Only assignments of this role.",
        user_id: Option<String> as "user.id" = "Only assignments of this user.",
        group_id: Option<String> as "group.id" = "Only assignments of this group.",
        project_id: Option<String> as "scope.project.id" = "Only assignments on this project.",
        domain_id: Option<String> as "scope.domain.id" = "Only assignments on this domain.",
        system: Option<String> as "scope.system" = "Only assignments on the whole system, by the value `all`.",
        inherited_to: Option<String> as "scope.OS-INHERIT:inherited_to" = "Only inherited assignments, by the value `projects`.",
        effective: Option<bool> = "Resolves groups and inheritance into what each user can do.",
        include_subtree: Option<bool> = "Includes the projects below the given one.",
    ];

    /// Returns who has the role.
    pub fn assignee(&self) -> Assignee<'_> {
        match (&self.user_id, &self.group_id) {
            (Some(user), _) => Assignee::User(user),
            (None, group) => Assignee::Group(group.as_deref().unwrap_or_default()),
        }
    }

    /// Returns what the role holds on.
    pub fn scope(&self) -> Scope<'_> {
        match (&self.project_id, &self.domain_id) {
            (Some(project), _) => Scope::Project(project),
            (None, Some(domain)) => Scope::Domain(domain),
            (None, None) => Scope::System,
        }
    }
}

/// Who has a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assignee<'a> {
    /// A user, by id.
    User(&'a str),
    /// A group, by id.
    Group(&'a str),
}

/// What a role holds on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope<'a> {
    /// A project, by id.
    Project(&'a str),
    /// A domain, by id.
    Domain(&'a str),
    /// The whole system.
    System,
}

impl fmt::Display for Assignee<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Assignee::User(id) => write!(f, "user {id}"),
            Assignee::Group(id) => write!(f, "group {id}"),
        }
    }
}

impl fmt::Display for Scope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scope::Project(id) => write!(f, "project {id}"),
            Scope::Domain(id) => write!(f, "domain {id}"),
            Scope::System => f.write_str("the system"),
        }
    }
}

fn flatten(object: &mut Object) {
    for who in ["role", "user", "group"] {
        hoist(object, &[who, "id"], &format!("{who}_id"));
        hoist(object, &[who, "name"], &format!("{who}_name"));
        hoist(object, &[who, "domain", "id"], &format!("{who}_domain_id"));
    }
    hoist(object, &["scope", "project", "id"], "project_id");
    hoist(object, &["scope", "project", "name"], "project_name");
    hoist(object, &["scope", "project", "domain", "id"], "project_domain_id");
    hoist(object, &["scope", "domain", "id"], "domain_id");
    hoist(object, &["scope", "domain", "name"], "domain_name");
    hoist(object, &["scope", "system", "all"], "system");
    if object.get("scope").is_some_and(|scope| scope.get("OS-INHERIT:inherited_to").is_some()) {
        object.insert("inherited".into(), true.into());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nested_names_become_fields() {
        let read: RoleAssignment = serde_json::from_value(json!({
            "links": {"assignment": "http://keystone/v3/projects/p1/users/u1/roles/r1"},
            "role": {"id": "r1", "name": "member"},
            "scope": {"project": {"id": "p1", "name": "web", "domain": {"id": "default", "name": "Default"}},
                      "OS-INHERIT:inherited_to": "projects"},
            "user": {"id": "u1", "name": "ann", "domain": {"id": "default", "name": "Default"}},
        }))
        .unwrap();
        assert_eq!((read.assignee(), read.scope()), (Assignee::User("u1"), Scope::Project("p1")));
        assert_eq!((read.role_name.as_deref(), read.user_domain_id.as_deref()), (Some("member"), Some("default")));
        assert!(read.inherited && !read.system);
    }

    #[test]
    fn system_scope_and_groups_are_told_apart() {
        let read: RoleAssignment = serde_json::from_value(json!({
            "role": {"id": "r1"}, "group": {"id": "g1"}, "scope": {"system": {"all": true}},
        }))
        .unwrap();
        assert_eq!((read.assignee(), read.scope()), (Assignee::Group("g1"), Scope::System));
        assert!(read.system);
    }
}
