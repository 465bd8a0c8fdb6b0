use std::collections::BTreeMap;

use serde_json::json;

use crate::openstack::compute::{call, require};
use crate::openstack::{Cloud, Error, Method, encode};

/// The metadata and tags of servers, which change without the rest.
impl Cloud {
    /// Returns a server's metadata.
    pub async fn server_metadata(&self, id: &str) -> Result<BTreeMap<String, String>, Error> {
        let path = format!("/servers/{}/metadata", encode(id));
        self.ask(call(Method::GET, path).object(format!("server {id}")), "metadata").await
    }

    /// Sets items of a server's metadata; others stay.
    pub async fn set_server_metadata(&self, id: &str, items: &BTreeMap<String, String>) -> Result<(), Error> {
        let path = format!("/servers/{}/metadata", encode(id));
        self.tell(call(Method::POST, path).body(json!({ "metadata": items })).object(format!("server {id}"))).await
    }

    /// Removes an item of a server's metadata.
    pub async fn delete_server_metadata(&self, id: &str, key: &str) -> Result<(), Error> {
        let path = format!("/servers/{}/metadata/{}", encode(id), encode(key));
        self.remove(call(Method::DELETE, path).object(format!("metadata {key} of server {id}"))).await
    }

    /// Replaces a server's tags; known since 2.26.
    pub async fn set_server_tags(&self, id: &str, tags: &[String]) -> Result<(), Error> {
        let request = call(Method::PUT, format!("/servers/{}/tags", encode(id))).body(json!({ "tags": tags }));
        self.tell(request.require(require(2, 26)).object(format!("server {id}"))).await
    }

    /// Adds a tag to a server; known since 2.26.
    pub async fn add_server_tag(&self, id: &str, tag: &str) -> Result<(), Error> {
        let path = format!("/servers/{}/tags/{}", encode(id), encode(tag));
        self.tell(call(Method::PUT, path).require(require(2, 26)).object(format!("server {id}"))).await
    }

    /// Removes a tag from a server; known since 2.26.
    pub async fn delete_server_tag(&self, id: &str, tag: &str) -> Result<(), Error> {
        let path = format!("/servers/{}/tags/{}", encode(id), encode(tag));
        self.remove(call(Method::DELETE, path).require(require(2, 26)).object(format!("tag {tag} of server {id}")))
            .await
    }
}
