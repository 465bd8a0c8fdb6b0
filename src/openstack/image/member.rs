use serde_json::json;

use super::call;
use crate::openstack::entity::entity;
use crate::openstack::{Cloud, Error, Method, encode};

entity! {
    /// A project that an image is shared with.
    ImageMember {
        /// The image.
        image_id: String,
        /// The project.
        member_id: String,
        /// Whether the project shows it in its lists: `pending`, `accepted` or `rejected`.
        status: String,
        /// When it was shared.
        created_at: String,
        /// When the status last changed.
        updated_at: String,
    }
}

/// The projects that images are shared with.
impl Cloud {
    /// Lists the projects an image is shared with.
    pub async fn image_members(&self, image: &str) -> Result<Vec<ImageMember>, Error> {
        let path = format!("/images/{}/members", encode(image));
        self.ask(call(Method::GET, path).object(format!("image {image}")), "members").await
    }

    /// Shares an image with a project, which then has to accept it.
    pub async fn add_image_member(&self, image: &str, project: &str) -> Result<ImageMember, Error> {
        let request = call(Method::POST, format!("/images/{}/members", encode(image)));
        self.ask(request.body(json!({ "member": project })).object(format!("image {image}")), "").await
    }

    /// Accepts, rejects or forgets an image shared with a project: `accepted`, `rejected`, `pending`.
    pub async fn set_image_member(&self, image: &str, project: &str, status: &str) -> Result<ImageMember, Error> {
        let request = call(Method::PUT, format!("/images/{}/members/{}", encode(image), encode(project)));
        let request = request.body(json!({ "status": status }));
        self.ask(request.object(format!("member {project} of image {image}")), "").await
    }

    /// Shares an image with a project no longer.
    pub async fn remove_image_member(&self, image: &str, project: &str) -> Result<(), Error> {
        let path = format!("/images/{}/members/{}", encode(image), encode(project));
        self.remove(call(Method::DELETE, path).object(format!("member {project} of image {image}"))).await
    }
}
