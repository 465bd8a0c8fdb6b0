use super::{User, call};
use crate::openstack::entity::{Field, entity};
use crate::openstack::resource::{Paging, Resource, Update, identified, keys};
use crate::openstack::{Cloud, Error, Method, Service, encode};

entity! {
    /// A group of users, to which roles can be assigned at once.
    Group {
        /// The id.
        id: String,
        /// The name, unique in its domain.
        name: String,
        /// The domain it belongs to.
        domain_id: String,
        /// The description.
        description: String,
    }
}

impl Resource for Group {
    const KIND: &'static str = "group";
    const PLURAL: &'static str = "groups";
    const SERVICE: Service = Service::Identity;
    const PATH: &'static str = "/groups";
    const PAGING: Paging = Paging::Whole;
    const UPDATE_BY: Update = Update::Patch;
    const FILTERS: &'static [Field] = keys![
        name: Option<String> = "Only groups of this name.",
        domain_id: Option<String> = "Only groups of this domain.",
    ];
    const CREATE: &'static [Field] = keys![
        name: String = "The name, unique in its domain.",
        domain_id: Option<String> = "The domain; that of the token where absent.",
        description: Option<String> = "The description.",
    ];
    const UPDATE: &'static [Field] = keys![
        name: Option<String> = "The name, unique in its domain.",
        description: Option<String> = "The description.",
    ];
    identified!(id, name);
}

/// The members of groups.
impl Cloud {
    /// Lists the users in a group.
    pub async fn group_users(&self, group: &str) -> Result<Vec<User>, Error> {
        let path = format!("/groups/{}/users", encode(group));
        self.ask(call(Method::GET, path).object(format!("group {group}")), "users").await
    }

    /// Lists the groups a user is in.
    pub async fn user_groups(&self, user: &str) -> Result<Vec<Group>, Error> {
        let path = format!("/users/{}/groups", encode(user));
        self.ask(call(Method::GET, path).object(format!("user {user}")), "groups").await
    }

    /// Adds a user to a group; one who is in it already stays.
    pub async fn add_group_user(&self, group: &str, user: &str) -> Result<(), Error> {
        let path = format!("/groups/{}/users/{}", encode(group), encode(user));
        self.tell(call(Method::PUT, path).object(format!("user {user} of group {group}"))).await
    }

    /// Removes a user from a group.
    pub async fn remove_group_user(&self, group: &str, user: &str) -> Result<(), Error> {
        let path = format!("/groups/{}/users/{}", encode(group), encode(user));
        self.remove(call(Method::DELETE, path).object(format!("user {user} of group {group}"))).await
    }
}
