//! Keystone's state and the questions other services ask of it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::model::{
    Actor, ApplicationCredential, Assignment, Domain, Endpoint, Group, Project, Role, Scope, ServiceEntry, Table,
    Target, Token, User,
};
use crate::twin::clock::Moment;
use crate::twin::http::Caller;

/// Everything Keystone keeps.
#[derive(Debug, Default)]
pub struct State {
    /// Domains.
    pub domains: Table<Domain>,
    /// Projects.
    pub projects: Table<Project>,
    /// Users.
    pub users: Table<User>,
    /// Groups.
    pub groups: Table<Group>,
    /// Roles.
    pub roles: Table<Role>,
    /// Who holds which role where.
    pub assignments: BTreeSet<Assignment>,
    /// The catalog's services, in the order of their making.
    pub services: Vec<ServiceEntry>,
    /// The catalog's endpoints.
    pub endpoints: Vec<Endpoint>,
    /// Regions and their descriptions.
    pub regions: BTreeMap<String, String>,
    /// Application credentials.
    pub application_credentials: Table<ApplicationCredential>,
    /// Tokens by their text.
    pub(super) tokens: BTreeMap<String, Token>,
    /// How long a token lives, in milliseconds.
    pub token_lifetime: u64,
}

impl State {
    /// Returns the state for comparisons; tokens are left out, since every login changes them.
    pub fn snapshot(&self) -> Value {
        let members: BTreeMap<_, _> = self.groups.iter().map(|(id, group)| (id, &group.members)).collect();
        json!({
            "domains": self.domains, "projects": self.projects, "users": self.users, "groups": self.groups,
            "members": members, "roles": self.roles, "assignments": self.assignments,
            "application_credentials": self.application_credentials,
        })
    }

    /// Returns who a valid token belongs to.
    pub fn caller(&self, text: &str, now: Moment) -> Option<Caller> {
        let token = self.token(text, now)?;
        let user = self.users.get(&token.user_id)?;
        let mut caller = Caller {
            user_id: user.id.clone(),
            user_name: user.name.clone(),
            user_domain_id: user.domain_id.clone(),
            token: text.to_owned(),
            roles: self.role_names(token),
            ..Caller::default()
        };
        match &token.scope {
            Scope::On(Target::Project(id)) => caller.project_id.clone_from(id),
            Scope::On(Target::Domain(id)) => caller.domain_id.clone_from(id),
            Scope::On(Target::System) => caller.system = true,
            Scope::Unscoped => {}
        }
        Some(caller)
    }

    /// Returns a token that is neither expired nor void since its user, scope or last role went away.
    pub(super) fn token(&self, text: &str, now: Moment) -> Option<&Token> {
        let token = self.tokens.get(text).filter(|token| token.expires_at > now)?;
        let alive = self.may_log_in(&token.user_id) && self.scope_alive(&token.scope);
        let holds = token.scope == Scope::Unscoped || !self.token_roles(token).is_empty();
        (alive && holds).then_some(token)
    }

    /// Tells whether a user and its domain are enabled.
    pub(super) fn may_log_in(&self, user: &str) -> bool {
        self.users
            .get(user)
            .is_some_and(|user| user.enabled && self.domains.get(&user.domain_id).is_some_and(|domain| domain.enabled))
    }

    /// Tells whether what a token is for exists and is enabled.
    pub(super) fn scope_alive(&self, scope: &Scope) -> bool {
        let domain = |id: &str| self.domains.get(id).is_some_and(|domain| domain.enabled);
        match scope {
            Scope::On(Target::Project(id)) => {
                self.projects.get(id).is_some_and(|project| project.enabled && domain(&project.domain_id))
            }
            Scope::On(Target::Domain(id)) => domain(id),
            Scope::On(Target::System) | Scope::Unscoped => true,
        }
    }

    /// Returns the ids of the roles a token gives.
    pub(super) fn token_roles(&self, token: &Token) -> BTreeSet<String> {
        let Scope::On(target) = &token.scope else { return BTreeSet::new() };
        let mut held = self.roles_of(&token.user_id, target);
        if let Some(only) = &token.only_roles {
            held.retain(|role| only.contains(role));
        }
        held
    }

    /// Returns the names of a token's roles.
    pub(super) fn role_names(&self, token: &Token) -> Vec<String> {
        self.token_roles(token).iter().filter_map(|id| Some(self.roles.get(id)?.name.clone())).collect()
    }

    /// Returns the assignments on one target.
    pub(super) fn on<'a>(&'a self, target: &'a Target) -> impl Iterator<Item = &'a Assignment> {
        let first = Assignment {
            target: target.clone(),
            actor: Actor::User(String::new()),
            role: String::new(),
            inherited: false,
        };
        self.assignments.range(first..).take_while(move |assignment| assignment.target == *target)
    }

    /// Returns the ids of all roles a user holds on a target: itself, by a group, inherited from above, implied.
    pub fn roles_of(&self, user: &str, target: &Target) -> BTreeSet<String> {
        let mut held = self.direct(user, target, false);
        if let Target::Project(id) = target {
            let mut next = self.projects.get(id);
            let mut hops = 0;
            while let Some(project) = next.filter(|_| hops < 32) {
                let above = Target::Project(project.parent_id.clone());
                held.extend(self.direct(user, &above, true));
                next = self.projects.get(&project.parent_id);
                hops += 1;
            }
            if let Some(project) = self.projects.get(id) {
                held.extend(self.direct(user, &Target::Domain(project.domain_id.clone()), true));
            }
        }
        self.implied(held)
    }

    fn direct(&self, user: &str, target: &Target, inherited: bool) -> BTreeSet<String> {
        let mine = |actor: &Actor| match actor {
            Actor::User(id) => id == user,
            Actor::Group(id) => self.groups.get(id).is_some_and(|group| group.members.contains(user)),
        };
        let chosen = |assignment: &&Assignment| assignment.inherited == inherited && mine(&assignment.actor);
        self.on(target).filter(chosen).map(|assignment| assignment.role.clone()).collect()
    }

    /// Adds what the bootstrap of every Keystone implies: admin → (manager →) member → reader.
    fn implied(&self, mut held: BTreeSet<String>) -> BTreeSet<String> {
        let chain = ["admin", "manager", "member", "reader"];
        let global = |name: &str| self.roles.values().find(|role| role.name == name && role.domain_id.is_none());
        let first = chain.iter().position(|name| global(name).is_some_and(|role| held.contains(&role.id)));
        for name in chain.iter().skip(first.unwrap_or(chain.len())) {
            held.extend(global(name).map(|role| role.id.clone()));
        }
        held
    }

    /// Finds a domain's id by id or name.
    pub fn find_domain(&self, name_or_id: &str) -> Option<String> {
        let by_name = || self.domains.values().find(|domain| domain.name == name_or_id).map(|domain| domain.id.clone());
        self.domains.get(name_or_id).map(|domain| domain.id.clone()).or_else(by_name)
    }

    /// Finds a project's id by id or name.
    pub fn find_project(&self, name_or_id: &str) -> Option<String> {
        let by_name = || self.projects.values().find(|one| one.name == name_or_id).map(|one| one.id.clone());
        self.projects.get(name_or_id).map(|project| project.id.clone()).or_else(by_name)
    }

    /// Finds a user's id by id or name.
    pub fn find_user(&self, name_or_id: &str) -> Option<String> {
        let by_name = || self.users.values().find(|user| user.name == name_or_id).map(|user| user.id.clone());
        self.users.get(name_or_id).map(|user| user.id.clone()).or_else(by_name)
    }

    /// Finds a role's id by id or name.
    pub fn find_role(&self, name_or_id: &str) -> Option<String> {
        let by_name = || self.roles.values().find(|role| role.name == name_or_id).map(|role| role.id.clone());
        self.roles.get(name_or_id).map(|role| role.id.clone()).or_else(by_name)
    }
}
