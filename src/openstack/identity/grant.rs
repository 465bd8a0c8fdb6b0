use super::assignment::{Assignee, RoleAssignment, Scope};
use super::call;
use crate::openstack::resource::query_to_wire;
use crate::openstack::{Cloud, Error, Method, encode};

/// Returns the path at which a role is given, asked for and taken.
fn path(scope: Scope<'_>, who: Assignee<'_>, role: &str, inherited: bool) -> String {
    let scope = match scope {
        Scope::Project(id) => format!("/projects/{}", encode(id)),
        Scope::Domain(id) => format!("/domains/{}", encode(id)),
        Scope::System => "/system".to_owned(),
    };
    let who = match who {
        Assignee::User(id) => format!("/users/{}", encode(id)),
        Assignee::Group(id) => format!("/groups/{}", encode(id)),
    };
    let role = encode(role);
    if inherited {
        format!("/OS-INHERIT{scope}{who}/roles/{role}/inherited_to_projects")
    } else {
        format!("{scope}{who}/roles/{role}")
    }
}

/// Who has which role on what.
impl Cloud {
    /// Lists role assignments with the names of all that is in them, filtered by [`RoleAssignment::FILTERS`].
    pub async fn role_assignments(&self, filters: Vec<(String, String)>) -> Result<Vec<RoleAssignment>, Error> {
        // Keystone takes the mere presence of these two for yes, whatever their value.
        let off = |(key, value): &(String, String)| {
            ["effective", "include_subtree"].contains(&key.as_str()) && value.eq_ignore_ascii_case("false")
        };
        let mut query = query_to_wire(filters, RoleAssignment::FILTERS);
        query.retain(|filter| !off(filter));
        query.push(("include_names".into(), "true".into()));
        let request = call(Method::GET, "/role_assignments".into()).query(query);
        self.ask(request.object("role assignments"), "role_assignments").await
    }

    /// Gives a role; one that is given already stays.
    pub async fn grant_role(&self, on: Scope<'_>, who: Assignee<'_>, role: &str, inherited: bool) -> Result<(), Error> {
        self.tell(call(Method::PUT, path(on, who, role, inherited)).object(format!("role {role} of {who} on {on}")))
            .await
    }

    /// Takes a role away; one that is not given counts as taken away.
    pub async fn revoke_role(
        &self,
        on: Scope<'_>,
        who: Assignee<'_>,
        role: &str,
        inherited: bool,
    ) -> Result<(), Error> {
        let request = call(Method::DELETE, path(on, who, role, inherited));
        self.remove(request.object(format!("role {role} of {who} on {on}"))).await
    }

    /// Tells whether a role is given directly.
    pub async fn has_role(&self, on: Scope<'_>, who: Assignee<'_>, role: &str, inherited: bool) -> Result<bool, Error> {
        let request = call(Method::HEAD, path(on, who, role, inherited));
        self.exists(request.object(format!("role {role} of {who} on {on}"))).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_service() {
        assert_eq!(path(Scope::Project("p"), Assignee::User("u"), "r", false), "/projects/p/users/u/roles/r");
        assert_eq!(path(Scope::System, Assignee::Group("g"), "r", false), "/system/groups/g/roles/r");
        assert_eq!(
            path(Scope::Domain("d"), Assignee::Group("g"), "r", true),
            "/OS-INHERIT/domains/d/groups/g/roles/r/inherited_to_projects"
        );
    }
}
