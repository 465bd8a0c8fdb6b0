use super::{call, require};
use crate::openstack::entity::{Field, entity};
use crate::openstack::reshape::{Object, unwrap};
use crate::openstack::resource::{Resource, Update, identified, keys};
use crate::openstack::{Cloud, Error, Method, Service, encode};

entity! {
    /// A key pair of a user; the service keeps only the public half.
    Keypair reads flatten {
        /// The name, unique among the user's.
        name: String,
        /// The type, `ssh` or `x509`; known since 2.2.
        r#type: Option<String>,
        /// The public key.
        public_key: String,
        /// The fingerprint of the public key.
        fingerprint: String,
        /// The user it belongs to; only shown by name and not in lists.
        user_id: Option<String>,
        /// When it was created; only shown by name and not in lists.
        created_at: Option<String>,
    }
}

fn flatten(object: &mut Object) {
    unwrap(object, "keypair");
}

impl Resource for Keypair {
    const KIND: &'static str = "keypair";
    const PLURAL: &'static str = "keypairs";
    const SERVICE: Service = Service::Compute;
    const PATH: &'static str = "/os-keypairs";
    const UPDATE_BY: Update = Update::Never;
    const MICROVERSION: Option<&'static str> = Some(super::MICROVERSION);
    const FILTERS: &'static [Field] = keys![
        user_id: Option<String> = "The user whose key pairs to list; that of the token where absent.",
    ];
    const CREATE: &'static [Field] = keys![
        name: String = "The name, unique among the user's.",
        public_key: Option<String> = "The public key; without one old clouds make a pair.",
        type: Option<String> = "The type, `ssh` or `x509`.",
        user_id: Option<String> = "The user it is for; for administrators.",
    ];
    identified!(name, name);
}

/// The key pairs of other users, which administrators may see; known since 2.10.
impl Cloud {
    /// Returns a key pair of a user.
    pub async fn user_keypair(&self, user: &str, name: &str) -> Result<Keypair, Error> {
        let request = call(Method::GET, format!("/os-keypairs/{}", encode(name))).require(require(2, 10));
        let request = request.query([("user_id".to_owned(), user.to_owned())]);
        self.ask(request.object(format!("keypair {name} of user {user}")), "keypair").await
    }

    /// Deletes a key pair of a user.
    pub async fn delete_user_keypair(&self, user: &str, name: &str) -> Result<(), Error> {
        let request = call(Method::DELETE, format!("/os-keypairs/{}", encode(name))).require(require(2, 10));
        let request = request.query([("user_id".to_owned(), user.to_owned())]);
        self.remove(request.object(format!("keypair {name} of user {user}"))).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_wrapped_and_bare_elements() {
        let wrapped: Keypair = serde_json::from_value(json!({
            "keypair": {"name": "ops", "public_key": "ssh-ed25519 AAAA ops", "fingerprint": "0a:1b"},
        }))
        .unwrap();
        let bare: Keypair = serde_json::from_value(json!({
            "name": "ops", "public_key": "ssh-ed25519 AAAA ops", "fingerprint": "0a:1b", "type": "ssh",
            "user_id": "u1", "id": 3, "deleted": false, "deleted_at": null, "updated_at": null,
        }))
        .unwrap();
        assert_eq!((wrapped.id(), wrapped.r#type.as_deref()), ("ops", None));
        assert_eq!((bare.r#type.as_deref(), bare.user_id.as_deref()), (Some("ssh"), Some("u1")));
    }
}
