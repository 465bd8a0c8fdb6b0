//! What every cloud has: the domain `Default`, the roles, the user and project `admin`, and the catalog.

use serde_json::Map;

use super::model::{Actor, Assignment, Domain, Endpoint, Project, Role, ServiceEntry, Target, User};
use crate::base::secret::Secret;
use crate::twin::cloud::Cloud;
use crate::twin::options::{Options, Release};

/// Makes the things that `keystone-manage bootstrap` and an installer make.
pub fn bootstrap(cloud: &mut Cloud, options: &Options) {
    cloud.identity.token_lifetime = options.token_lifetime.as_millis() as u64;
    let domain = Domain {
        id: "default".to_owned(),
        name: "Default".to_owned(),
        description: "The default domain".to_owned(),
        enabled: true,
        tags: Vec::new(),
        extra: Map::new(),
    };
    cloud.identity.domains.insert(domain.id.clone(), domain);
    for name in ["admin", "member", "reader", "service"] {
        add_role(cloud, name);
    }
    if options.release == Release::Current {
        add_role(cloud, "manager");
    }
    let admin = add_project(cloud, None, "admin", "default", "Bootstrap project for initializing the cloud.");
    let service = add_project(cloud, None, "service", "default", "");
    let user = add_user(cloud, None, "admin", "default", Some(options.admin_password.clone()));
    assign(cloud, Target::Project(admin), Actor::User(user.clone()), "admin");
    assign(cloud, Target::System, Actor::User(user), "admin");
    for name in ["nova", "glance", "neutron", "cinder", "placement"] {
        let id = add_user(cloud, None, name, "default", None);
        assign(cloud, Target::Project(service.clone()), Actor::User(id), "service");
    }
    catalog(cloud, options);
}

fn catalog(cloud: &mut Cloud, options: &Options) {
    let (volume_type, volume_name) = options.release.volume_catalog();
    let (identity, volume) = match options.release {
        Release::Zed => ("/identity/v3", "/volume/v3/$(project_id)s"),
        Release::Current => ("/identity", "/volume/v3"),
    };
    let services = [
        ("identity", "keystone", identity),
        ("compute", "nova", "/compute/v2.1"),
        ("image", "glance", "/image"),
        ("network", "neutron", "/network"),
        (volume_type, volume_name, volume),
        ("placement", "placement", "/placement"),
    ];
    cloud.identity.regions.insert(options.region.clone(), String::new());
    for (kind, name, path) in services {
        let id = cloud.dice.hex();
        for interface in ["public", "internal", "admin"] {
            let endpoint = Endpoint {
                id: cloud.dice.hex(),
                service_id: id.clone(),
                interface: interface.to_owned(),
                region: options.region.clone(),
                region_id: options.region.clone(),
                url: format!("{}{path}", cloud.origin),
                enabled: true,
            };
            cloud.identity.endpoints.push(endpoint);
        }
        let (kind, name) = (kind.to_owned(), name.to_owned());
        cloud.identity.services.push(ServiceEntry { id, kind, name, enabled: true, description: None });
    }
}

/// Adds a role unless there is one of that name, and returns its id.
pub fn add_role(cloud: &mut Cloud, name: &str) -> String {
    if let Some(id) = cloud.identity.find_role(name) {
        return id;
    }
    let id = cloud.dice.hex();
    let role = Role { id: id.clone(), name: name.to_owned(), domain_id: None, description: None, extra: Map::new() };
    cloud.identity.roles.insert(id.clone(), role);
    id
}

/// Adds a project and returns its id.
pub fn add_project(cloud: &mut Cloud, id: Option<&str>, name: &str, domain: &str, description: &str) -> String {
    let id = id.map_or_else(|| cloud.dice.hex(), str::to_owned);
    let project = Project {
        id: id.clone(),
        name: name.to_owned(),
        domain_id: domain.to_owned(),
        parent_id: domain.to_owned(),
        description: description.to_owned(),
        enabled: true,
        tags: Default::default(),
        extra: Map::new(),
    };
    cloud.identity.projects.insert(id.clone(), project);
    id
}

/// Adds a user and returns its id.
pub fn add_user(cloud: &mut Cloud, id: Option<&str>, name: &str, domain: &str, password: Option<Secret>) -> String {
    let id = id.map_or_else(|| cloud.dice.hex(), str::to_owned);
    let user = User {
        id: id.clone(),
        name: name.to_owned(),
        domain_id: domain.to_owned(),
        enabled: true,
        default_project_id: None,
        password,
        password_expires_at: None,
        extra: Map::new(),
    };
    cloud.identity.users.insert(id.clone(), user);
    id
}

/// Assigns a role, which is made where it is missing.
pub fn assign(cloud: &mut Cloud, target: Target, actor: Actor, role: &str) {
    let role = add_role(cloud, role);
    cloud.identity.assignments.insert(Assignment { target, actor, role, inherited: false });
}
