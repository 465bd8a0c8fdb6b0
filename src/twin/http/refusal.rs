//! A refused request, and how each service words it.

use serde_json::{Value, json};

use super::reply::{Body, Reply};
use super::service::Service;

/// The kind of a refusal for a path that no service knows.
pub const ASTRAY: &str = "astray";

/// An error answer: a status, a message, and the type name that Neutron and Placement add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// Neutron's exception name or Placement's error code, where the service sends one.
    pub kind: &'static str,
    /// The text.
    pub message: String,
}

impl Refusal {
    /// Refuses with any status.
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, kind: "", message: message.into() }
    }

    /// 400.
    pub fn bad(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }

    /// 403.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(403, message)
    }

    /// 404.
    pub fn missing(message: impl Into<String>) -> Self {
        Self::new(404, message)
    }

    /// 409.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(409, message)
    }

    /// Adds the exception name.
    pub fn kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }

    /// Renders the refusal as `service` would.
    pub fn reply(&self, service: Service, request_id: &str) -> Reply {
        let (status, text) = (self.status, self.message.as_str());
        let title = title(status);
        if status == 401 && service != Service::Identity {
            // The token filter in front of the services answers, not the service.
            let text = "The request you have made requires authentication.";
            return Reply::json(401, json!({"error": {"code": 401, "title": "Unauthorized", "message": text}}));
        }
        match service {
            Service::Identity => {
                Reply::json(status, json!({"error": {"code": status, "message": text, "title": title}}))
            }
            // The router in front of the two answers unknown paths in a form of its own.
            Service::Compute | Service::Volume if self.kind == ASTRAY => {
                let text = format!("{text}<br /><br />\n\n\n");
                Reply::json(status, json!({"message": text, "code": format!("{status} {title}"), "title": title}))
            }
            // Cinder words a full quota like a rate limit that has passed already.
            Service::Volume if status == 413 => {
                let fault = json!({"overLimit": {"code": status, "message": text, "retryAfter": "0"}});
                Reply::json(status, fault).with("retry-after", "0")
            }
            Service::Compute | Service::Volume => {
                Reply::json(status, json!({ fault_name(status): {"code": status, "message": text} }))
            }
            Service::Network => {
                let kind = if self.kind.is_empty() || self.kind == ASTRAY { neutron_kind(status) } else { self.kind };
                Reply::json(status, json!({"NeutronError": {"type": kind, "message": text, "detail": ""}}))
            }
            Service::Image => {
                let text = escape(text);
                let page = format!(
                    "<html>\n <head>\n  <title>{status} {title}</title>\n </head>\n <body>\n  <h1>{status} {title}</h1>\n  \
                     {text}<br /><br />\n\n\n\n </body>\n</html>"
                );
                let mut reply = Reply::new(status, Body::Bytes(page.into_bytes()));
                reply.header("content-type", "text/html; charset=UTF-8");
                reply
            }
            Service::Placement => {
                let code =
                    if self.kind.is_empty() || self.kind == ASTRAY { "placement.undefined_code" } else { self.kind };
                let error = json!({"status": status, "title": title, "detail": text, "code": code,
                    "request_id": request_id});
                Reply::json(status, json!({"errors": [error]}))
            }
        }
    }

    /// Returns the whole error document, for a `fault` field or a log.
    pub fn document(&self) -> Value {
        json!({"code": self.status, "message": self.message})
    }
}

/// Returns the reason phrase of a status.
pub fn title(status: u16) -> &'static str {
    axum::http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Error")
}

/// Writes a text into a page as webob does.
fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&#x27;")
}

fn fault_name(status: u16) -> &'static str {
    match status {
        400 => "badRequest",
        401 => "unauthorized",
        403 => "forbidden",
        404 => "itemNotFound",
        405 => "badMethod",
        409 => "conflictingRequest",
        413 | 429 => "overLimit",
        415 => "badMediaType",
        501 => "notImplemented",
        503 => "serviceUnavailable",
        _ => "computeFault",
    }
}

fn neutron_kind(status: u16) -> &'static str {
    match status {
        400 => "HTTPBadRequest",
        403 => "PolicyNotAuthorized",
        404 => "HTTPNotFound",
        409 => "HTTPConflict",
        _ => "HTTPInternalServerError",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_service_has_its_own_words() {
        let refusal = Refusal::missing("Instance x could not be found.");
        let Body::Json(nova) = refusal.reply(Service::Compute, "req-1").body else { panic!("no JSON") };
        assert_eq!(nova["itemNotFound"]["code"], 404);
        let Body::Json(neutron) = refusal.reply(Service::Network, "req-1").body else { panic!("no JSON") };
        assert_eq!(neutron["NeutronError"]["type"], "HTTPNotFound");
        let Body::Json(placement) = refusal.reply(Service::Placement, "req-1").body else { panic!("no JSON") };
        assert_eq!(placement["errors"][0]["request_id"], "req-1");
    }
}
