//! Building the identities of an estate.

use serde_json::{Map, json};

use super::bootstrap::{add_project, add_role, add_user, assign};
use super::model::{Actor, Domain, Group, Target};
use crate::base::secret::Secret;
use crate::twin::cloud::Cloud;
use crate::twin::estate::{self, Estate, or};

/// Builds domains, roles, projects, users and groups of an estate.
pub fn install(cloud: &mut Cloud, estate: &Estate) -> Result<(), String> {
    for domain in &estate.domains {
        let id = domain.id.clone().unwrap_or_else(|| cloud.dice.hex());
        let domain = Domain {
            id: id.clone(),
            name: domain.name.clone(),
            description: domain.description.clone(),
            enabled: true,
            tags: Vec::new(),
            extra: Map::new(),
        };
        cloud.identity.domains.insert(id, domain);
    }
    for role in &estate.roles {
        add_role(cloud, role);
    }
    estate.projects.iter().try_for_each(|project| install_project(cloud, project))?;
    estate.users.iter().try_for_each(|user| install_user(cloud, user))?;
    estate.groups.iter().try_for_each(|group| install_group(cloud, group))
}

fn domain_id(cloud: &Cloud, name: &str, whose: &str) -> Result<String, String> {
    let name = or(name, "default");
    cloud.identity.find_domain(name).ok_or_else(|| format!("{whose}: there is no domain '{name}'"))
}

fn install_project(cloud: &mut Cloud, project: &estate::Project) -> Result<(), String> {
    let domain = domain_id(cloud, &project.domain, &project.name)?;
    if project.id.is_none()
        && cloud.identity.projects.values().any(|one| one.name == project.name && one.domain_id == domain)
    {
        return Err(format!("there are two projects '{}'", project.name));
    }
    let id = add_project(cloud, project.id.as_deref(), &project.name, &domain, &project.description);
    if let Some(made) = cloud.identity.projects.get_mut(&id) {
        made.tags = project.tags.iter().cloned().collect();
    }
    Ok(())
}

fn install_user(cloud: &mut Cloud, user: &estate::User) -> Result<(), String> {
    let domain = domain_id(cloud, &user.domain, &user.name)?;
    let password = user.password.clone().map(Secret::new);
    let id = add_user(cloud, user.id.as_deref(), &user.name, &domain, password);
    grant(cloud, &Actor::User(id.clone()), &user.roles, &user.name)?;
    let first = user.roles.keys().next().and_then(|project| cloud.identity.find_project(project));
    if let Some(made) = cloud.identity.users.get_mut(&id) {
        made.default_project_id = first;
        if let Some(email) = &user.email {
            made.extra.insert("email".to_owned(), json!(email));
        }
    }
    Ok(())
}

fn install_group(cloud: &mut Cloud, group: &estate::Group) -> Result<(), String> {
    let domain_id = domain_id(cloud, &group.domain, &group.name)?;
    let id = group.id.clone().unwrap_or_else(|| cloud.dice.hex());
    let member = |name: &String| {
        cloud.identity.find_user(name).ok_or_else(|| format!("group {}: there is no user '{name}'", group.name))
    };
    let members = group.users.iter().map(member).collect::<Result<_, _>>()?;
    let made = Group {
        id: id.clone(),
        name: group.name.clone(),
        domain_id,
        description: String::new(),
        members,
        extra: Map::new(),
    };
    cloud.identity.groups.insert(id.clone(), made);
    grant(cloud, &Actor::Group(id), &group.roles, &group.name)
}

type Roles = std::collections::BTreeMap<String, Vec<String>>;

fn grant(cloud: &mut Cloud, actor: &Actor, roles: &Roles, whose: &str) -> Result<(), String> {
    for (project, names) in roles {
        let id =
            cloud.identity.find_project(project).ok_or_else(|| format!("{whose}: there is no project '{project}'"))?;
        for name in names {
            assign(cloud, Target::Project(id.clone()), actor.clone(), name);
        }
    }
    Ok(())
}
