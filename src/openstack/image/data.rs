use bytes::Bytes;
use futures_util::Stream;
use serde_json::{Value, json};

use super::call;
use crate::openstack::{ByteStream, Cloud, Error, Method, encode};

/// The bytes and the life of images.
impl Cloud {
    /// Opens an image's bytes for reading; their number where the service says it.
    pub async fn download_image(&self, id: &str) -> Result<(Option<u64>, ByteStream), Error> {
        let path = format!("/images/{}/file", encode(id));
        self.download(call(Method::GET, path).object(format!("image {id}"))).await
    }

    /// Fills a queued image with bytes. They are sent once; after a failure the image has to be made anew.
    pub async fn upload_image<S>(&self, id: &str, bytes: S, length: Option<u64>) -> Result<(), Error>
    where
        S: Stream<Item = Result<Bytes, Error>> + Send + 'static,
    {
        let path = format!("/images/{}/file", encode(id));
        self.upload(call(Method::PUT, path).object(format!("image {id}")), bytes, length).await.map(|_| ())
    }

    /// Keeps an image's bytes from being read.
    pub async fn deactivate_image(&self, id: &str) -> Result<(), Error> {
        let path = format!("/images/{}/actions/deactivate", encode(id));
        self.tell(call(Method::POST, path).object(format!("image {id}"))).await
    }

    /// Lets an image's bytes be read again.
    pub async fn reactivate_image(&self, id: &str) -> Result<(), Error> {
        let path = format!("/images/{}/actions/reactivate", encode(id));
        self.tell(call(Method::POST, path).object(format!("image {id}"))).await
    }

    /// Adds a tag to an image.
    pub async fn add_image_tag(&self, id: &str, tag: &str) -> Result<(), Error> {
        let path = format!("/images/{}/tags/{}", encode(id), encode(tag));
        self.tell(call(Method::PUT, path).object(format!("image {id}"))).await
    }

    /// Removes a tag from an image.
    pub async fn delete_image_tag(&self, id: &str, tag: &str) -> Result<(), Error> {
        let path = format!("/images/{}/tags/{}", encode(id), encode(tag));
        self.remove(call(Method::DELETE, path).object(format!("tag {tag} of image {id}"))).await
    }

    /// Removes properties from an image; all of them must be there.
    pub async fn delete_image_properties(&self, id: &str, names: &[String]) -> Result<(), Error> {
        let request = call(Method::PATCH, format!("/images/{}", encode(id)))
            .header("Content-Type", "application/openstack-images-v2.1-json-patch")
            .body(names.iter().map(|name| removal(name)).collect());
        self.tell(request.object(format!("image {id}"))).await
    }
}

/// Makes the patch that removes a property; a slash or tilde in its name has to be escaped.
fn removal(name: &str) -> Value {
    json!({ "op": "remove", "path": format!("/{}", name.replace('~', "~0").replace('/', "~1")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_in_patches() {
        assert_eq!(removal("a/b~c"), json!({"op": "remove", "path": "/a~1b~0c"}));
    }
}
