//! Keystone: projects, users, groups, roles and who has them.

use moonferry::openstack::{Request, Service};
use serde_json::json;

use super::probe::{Probe, text};

const ID: Service = Service::Identity;

pub async fn check(p: &Probe) {
    let name = p.name("project");
    let body = json!({ "project": { "name": name, "domain_id": "default", "description": "d" } });
    let project = text(&p.post(ID, "/projects", body.clone()).await.is(201), "/project/id");
    p.post(ID, "/projects", body).await.is(409);
    p.get(ID, "/projects/0000000000000000000000000000dead").await.is(404);
    let listed = p.call(Request::get(ID, "/projects").query([("name".into(), name.clone())])).await.is(200);
    assert_eq!(listed["projects"].as_array().unwrap().len(), 1);
    p.post(ID, "/projects", json!({ "project": { "description": "no name" } })).await.is(400);

    let user = json!({ "user": { "name": p.name("user"), "domain_id": "default", "email": "u@example.net", "enabled": false } });
    let made = p.post(ID, "/users", user.clone()).await.is(201);
    assert_eq!((&made["user"]["enabled"], &made["user"]["email"]), (&json!(false), &json!("u@example.net")));
    assert!(made["user"].get("password").is_none(), "a password never comes back");
    p.post(ID, "/users", user).await.is(409);
    let user = text(&made, "/user/id");

    let group =
        p.post(ID, "/groups", json!({ "group": { "name": p.name("group"), "domain_id": "default" } })).await.is(201);
    let group = text(&group, "/group/id");
    p.put(ID, &format!("/groups/{group}/users/{user}"), json!(null)).await.is(204);
    let members = p.get(ID, &format!("/groups/{group}/users")).await.is(200);
    assert_eq!(text(&members, "/users/0/id"), user);

    grants(p, &project, &user, &group).await;

    p.delete(ID, &format!("/groups/{group}")).await.is(204);
    p.delete(ID, &format!("/users/{user}")).await.is(204);
    p.delete(ID, &format!("/projects/{project}")).await.is(204);
    p.delete(ID, &format!("/projects/{project}")).await.is(404);
}

async fn grants(p: &Probe, project: &str, user: &str, group: &str) {
    let roles = p.call(Request::get(ID, "/roles").query([("name".into(), "member".into())])).await.is(200);
    let role = text(&roles, "/roles/0/id");
    for holder in [format!("users/{user}"), format!("groups/{group}")] {
        let path = format!("/projects/{project}/{holder}/roles/{role}");
        p.call(Request::new(ID, moonferry::openstack::Method::HEAD, path.as_str())).await.is(404);
        p.put(ID, &path, json!(null)).await.is(204);
        p.put(ID, &path, json!(null)).await.is(204);
        p.call(Request::new(ID, moonferry::openstack::Method::HEAD, path.as_str())).await.is(204);
    }
    let query = [("scope.project.id".into(), project.into()), ("include_names".into(), "true".into())];
    let listed = p.call(Request::get(ID, "/role_assignments").query(query)).await.is(200);
    let listed = listed["role_assignments"].as_array().unwrap();
    assert_eq!(listed.len(), 2);
    assert!(
        listed.iter().all(|grant| grant["role"]["name"] == "member" && grant["scope"]["project"]["name"].is_string())
    );
    let path = format!("/projects/{project}/users/{user}/roles/{role}");
    p.delete(ID, &path).await.is(204);
    p.delete(ID, &path).await.is(404);
}
