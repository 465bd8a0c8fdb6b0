//! Keystone in scripts: its kinds and what can be done with them.

use crate::api::describe::Sink;
use crate::openstack::identity::{CatalogService, Domain, Endpoint, Group, Project, Region, Role, User};
use crate::openstack::resource::Resource;

use mlua::Table;

use crate::api::describe::{Call, read, write};
use crate::api::fault;
use crate::lua::fault::{Fault, Kind};
use crate::openstack::entity::Field;
use crate::openstack::identity::{Assignee, RoleAssignment, Scope};
use crate::openstack::resource::keys;

use super::keys as options_table;
use super::kind::kind;
use super::method::{Options, data};
use super::object::{Class, Object, resource_methods};
use super::services;

/// Declares what `cloud.identity` offers.
pub fn service(sink: &mut dyn Sink<services::Identity>) {
    kind::<Domain, _>(sink);
    kind::<Project, _>(sink);
    kind::<User, _>(sink);
    kind::<Group, _>(sink);
    kind::<Role, _>(sink);
    kind::<Region, _>(sink);
    kind::<CatalogService, _>(sink);
    kind::<Endpoint, _>(sink);
    assignments(sink);
}

impl Class for Domain {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
    }
}

impl Class for Project {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
    }
}

impl Class for User {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
    }
}

impl Class for Group {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
        group_methods(sink);
    }
}

impl Class for Role {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
    }
}

impl Class for Region {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
    }
}

impl Class for CatalogService {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
    }
}

impl Class for Endpoint {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
    }
}

/// A role, who has it and what it holds on, as options name them.
struct Grant {
    role: String,
    user: Option<String>,
    group: Option<String>,
    project: Option<String>,
    domain: Option<String>,
    inherited: bool,
}

impl Grant {
    const KEYS: &[Field] = keys![
        role: String = "The role, by id.",
        user: Option<String> = "The user who has it, by id.",
        group: Option<String> = "The group that has it, by id.",
        project: Option<String> = "The project it holds on, by id.",
        domain: Option<String> = "The domain it holds on, by id.",
        inherited: Option<bool> = "Whether it holds on the projects below instead.",
    ];

    fn read(options: Option<Table>, place: &str) -> Result<Self, Fault> {
        let mut options = Options::read(options, Self::KEYS, place)?;
        let grant = Self {
            role: options.need("role")?,
            user: options.take("user")?,
            group: options.take("group")?,
            project: options.take("project")?,
            domain: options.take("domain")?,
            inherited: options.take("inherited")?.unwrap_or(false),
        };
        if grant.user.is_some() == grant.group.is_some() {
            return Err(Fault::new(Kind::Invalid, format!("{place} takes either user or group")));
        }
        Ok(grant)
    }

    fn assignee(&self) -> Assignee<'_> {
        match (&self.user, &self.group) {
            (Some(user), _) => Assignee::User(user),
            (None, group) => Assignee::Group(group.as_deref().unwrap_or_default()),
        }
    }

    fn scope(&self) -> Scope<'_> {
        match (&self.project, &self.domain) {
            (Some(project), _) => Scope::Project(project),
            (None, Some(domain)) => Scope::Domain(domain),
            (None, None) => Scope::System,
        }
    }
}

fn assignments(sink: &mut dyn Sink<services::Identity>) {
    sink.method(
        read("role_assignments", "filters?: table", "table[]", "Lists who has which role on what, with all names."),
        |call: Call<services::Identity>, filters: Option<Table>| async move {
            let filters = match filters {
                Some(filters) => options_table::strict(&filters, RoleAssignment::FILTERS, "role_assignments")?,
                None => serde_json::Map::new(),
            };
            let list = call.this.0.role_assignments(options_table::query(filters)).await.map_err(fault::openstack)?;
            data(&call.lua, &list)
        },
    );
    const PARAMS: &str = "options: { role: string, user?: string, group?: string, project?: string, domain?: string, inherited?: boolean }";
    sink.method(
        write("assign_role", PARAMS, "", "Gives a role; one that is given already stays."),
        |call: Call<services::Identity>, options: Option<Table>| async move {
            let grant = Grant::read(options, "assign_role")?;
            if call.pretend {
                return Ok(());
            }
            let done = call.this.0.grant_role(grant.scope(), grant.assignee(), &grant.role, grant.inherited).await;
            done.map_err(fault::openstack)
        },
    );
    sink.method(
        write("unassign_role", PARAMS, "", "Takes a role away; one that is not given counts as taken away."),
        |call: Call<services::Identity>, options: Option<Table>| async move {
            let grant = Grant::read(options, "unassign_role")?;
            if call.pretend {
                return Ok(());
            }
            let done = call.this.0.revoke_role(grant.scope(), grant.assignee(), &grant.role, grant.inherited).await;
            done.map_err(fault::openstack)
        },
    );
    const GROUP: &[Field] = keys![group: String = "The group, by id."];
    sink.method(
        read("group_users", "options: { group: string }", "User[]", "Lists the members of a group."),
        |call: Call<services::Identity>, options: Option<Table>| async move {
            let group: String = Options::read(options, GROUP, "group_users")?.need("group")?;
            let users = call.this.0.group_users(&group).await.map_err(fault::openstack)?;
            Ok(users.into_iter().map(|user| Object::new(&call.this.0, user)).collect::<Vec<_>>())
        },
    );
}

fn group_methods(sink: &mut dyn Sink<Object<Group>>) {
    const USER: &[Field] = keys![user_id: String = "The user."];
    sink.method(
        write("add_user", "options: { user_id: string }", "", "Makes a user a member."),
        |call: Call<Object<Group>>, options: Option<Table>| async move {
            let user: String = Options::read(options, USER, "add_user")?.need("user_id")?;
            if call.pretend || call.this.planned() {
                return Ok(());
            }
            call.this.cloud.add_group_user(call.this.id(), &user).await.map_err(fault::openstack)
        },
    );
    sink.method(
        write("remove_user", "options: { user_id: string }", "", "Ends a user's membership."),
        |call: Call<Object<Group>>, options: Option<Table>| async move {
            let user: String = Options::read(options, USER, "remove_user")?.need("user_id")?;
            if call.pretend || call.this.planned() {
                return Ok(());
            }
            call.this.cloud.remove_group_user(call.this.id(), &user).await.map_err(fault::openstack)
        },
    );
}
