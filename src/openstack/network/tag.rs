use serde_json::json;

use super::call;
use crate::openstack::resource::Resource;
use crate::openstack::{Cloud, Error, Method, encode};

/// The tags of networks, subnets, ports, routers, floating IPs and security groups.
impl Cloud {
    /// Replaces an object's tags.
    pub async fn set_tags<R: Resource>(&self, id: &str, tags: &[String]) -> Result<(), Error> {
        let request = call(Method::PUT, format!("{}/{}/tags", R::PATH, encode(id)));
        self.tell(request.body(json!({ "tags": tags })).object(format!("{} {id}", R::KIND))).await
    }

    /// Adds a tag to an object.
    pub async fn add_tag<R: Resource>(&self, id: &str, tag: &str) -> Result<(), Error> {
        let path = format!("{}/{}/tags/{}", R::PATH, encode(id), encode(tag));
        self.tell(call(Method::PUT, path).object(format!("{} {id}", R::KIND))).await
    }

    /// Removes a tag from an object.
    pub async fn delete_tag<R: Resource>(&self, id: &str, tag: &str) -> Result<(), Error> {
        let path = format!("{}/{}/tags/{}", R::PATH, encode(id), encode(tag));
        self.remove(call(Method::DELETE, path).object(format!("tag {tag} of {} {id}", R::KIND))).await
    }
}
