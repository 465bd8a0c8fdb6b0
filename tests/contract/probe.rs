//! Calls that expect a status, and waiting, for the contract.

use std::time::Duration;

use moonferry::openstack::{Cloud, Method, Request, Service};
use serde_json::Value;

/// A cloud under examination.
pub struct Probe {
    pub cloud: Cloud,
    salt: u32,
}

/// What a call came to: its status and its body, null where it was refused.
pub struct Answer {
    pub status: u16,
    pub body: Value,
    what: String,
}

impl Answer {
    /// Asserts the status and hands the body on.
    #[track_caller]
    pub fn is(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.what);
        self.body
    }
}

/// Takes the text at a JSON pointer.
#[track_caller]
pub fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no text at {pointer} of {value}")).into()
}

impl Probe {
    pub fn new(cloud: Cloud) -> Self {
        Self { cloud, salt: rand::random() }
    }

    /// A name that no other run of the suite uses.
    pub fn name(&self, what: &str) -> String {
        format!("contract-{what}-{:08x}", self.salt)
    }

    pub async fn call(&self, request: Request) -> Answer {
        let what = format!("{} {} on {} with {:?}", request.method, request.path, self.cloud.name(), request.body);
        match self.cloud.send(request).await {
            Ok(response) => Answer { status: response.status, body: response.body, what },
            Err(error) => {
                Answer { status: error.status().unwrap_or(0), body: Value::Null, what: format!("{what}: {error}") }
            }
        }
    }

    pub async fn get(&self, service: Service, path: &str) -> Answer {
        self.call(Request::get(service, path)).await
    }

    pub async fn post(&self, service: Service, path: &str, body: Value) -> Answer {
        self.call(Request::post(service, path).body(body)).await
    }

    /// A `PUT`; null means no body.
    pub async fn put(&self, service: Service, path: &str, body: Value) -> Answer {
        let request = Request::put(service, path);
        self.call(if body.is_null() { request } else { request.body(body) }).await
    }

    pub async fn delete(&self, service: Service, path: &str) -> Answer {
        self.call(Request::delete(service, path)).await
    }

    /// A call that asks for a microversion.
    pub async fn at(
        &self,
        microversion: &str,
        method: Method,
        service: Service,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let mut request = Request::new(service, method, path).microversion(Some(microversion.parse().unwrap()));
        request.body = body;
        self.call(request).await
    }

    /// Asks until the text at a pointer is the wanted one.
    pub async fn until(&self, service: Service, path: &str, pointer: &str, wanted: &str) -> Value {
        for _ in 0..600 {
            let body = self.get(service, path).await.is(200);
            let now = text(&body, pointer);
            if now == wanted {
                return body;
            }
            assert!(!now.to_lowercase().starts_with("error"), "{path} went to {now}: {body}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("{path} did not become {wanted}");
    }

    /// Asks until the object is gone.
    pub async fn until_gone(&self, service: Service, path: &str) {
        for _ in 0..600 {
            if self.get(service, path).await.status == 404 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("{path} is still there");
    }
}
