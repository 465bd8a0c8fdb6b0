//! Calls that are no plain list, get, create or delete: sent, and their answers read as what they hold.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Cloud, Detail, Error, ErrorKind, Microversion, Request};

impl Cloud {
    /// Sends a call and reads what its answer holds under a key; the empty key reads the whole answer.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, request: Request, key: &str) -> Result<T, Error> {
        let (service, object) = (request.service, request.object.clone());
        let response = self.send(request).await?;
        let mut body = response.body;
        let inner = if key.is_empty() { body } else { body.get_mut(key).map(Value::take).unwrap_or_default() };
        serde_json::from_value(inner).map_err(|why| {
            let place = if key.is_empty() { "the answer".to_owned() } else { format!("'{key}' in the answer") };
            let message = format!("{place} has an unknown shape: {why}");
            let detail = Detail {
                cloud: self.name().to_owned(),
                service: Some(service),
                object,
                message,
                status: Some(response.status),
                request_id: response.request_id,
                hint: Some("look at the URL of the endpoint".into()),
                ..Detail::default()
            };
            Error::new(ErrorKind::Protocol, detail)
        })
    }

    /// Sends a call whose answer says nothing.
    pub(crate) async fn tell(&self, request: Request) -> Result<(), Error> {
        self.send(request).await.map(|_| ())
    }

    /// Sends a call that takes something away; what is gone already counts as taken away.
    pub(crate) async fn remove(&self, request: Request) -> Result<(), Error> {
        match self.send(request).await {
            Ok(_) | Err(Error::NotFound(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
    /// Asks by a call without a body whether something is there.
    pub(crate) async fn exists(&self, request: Request) -> Result<bool, Error> {
        match self.send(request).await {
            Ok(_) => Ok(true),
            Err(Error::NotFound(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Reads a microversion that is written in this program.
pub(crate) fn version(text: &str) -> Option<Microversion> {
    text.parse().ok()
}

/// Makes an action body: one key that names what to do, with its arguments.
pub(crate) fn action(name: &str, arguments: Value) -> Value {
    json!({ name: arguments })
}
