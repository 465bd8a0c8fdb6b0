//! One request as a handler sees it.

use axum::http::HeaderMap;
use serde_json::Value;

use super::query::Query;
use super::refusal::Refusal;
use super::service::Service;
use super::version::Version;
use crate::twin::cloud::Cloud;

/// Who asks, as the token says.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// The user's id.
    pub user_id: String,
    /// The user's name.
    pub user_name: String,
    /// The user's domain.
    pub user_domain_id: String,
    /// The project of the scope; empty for other scopes.
    pub project_id: String,
    /// The domain of the scope; empty for other scopes.
    pub domain_id: String,
    /// Whether the scope is the system.
    pub system: bool,
    /// Names of the roles held in the scope.
    pub roles: Vec<String>,
    /// The token itself.
    pub token: String,
}

impl Caller {
    /// Tells whether the policies' `is_admin` holds.
    pub fn is_admin(&self) -> bool {
        self.roles.iter().any(|role| role == "admin")
    }

    /// Tells whether the caller may see what belongs to `project`.
    pub fn sees(&self, project: &str) -> bool {
        self.is_admin() || self.project_id == project
    }

    /// Tells whether the roles allow changes (`reader` alone does not).
    pub fn may_write(&self) -> bool {
        self.roles.iter().any(|role| role != "reader")
    }
}

/// One request: the locked cloud, the caller, and what was sent.
pub struct Call<'a> {
    /// The whole cloud, locked for this request and settled to the present moment.
    pub cloud: &'a mut Cloud,
    /// The service that was asked.
    pub service: Service,
    /// Who asks; empty on open routes.
    pub caller: Caller,
    /// What the template's braces caught, in order.
    pub params: Vec<String>,
    /// The query string.
    pub query: Query,
    /// The request's headers.
    pub headers: &'a HeaderMap,
    /// The JSON body, `Null` where there was none.
    pub body: Value,
    /// The microversion in force (the service's lowest where the header is absent).
    pub version: Version,
    /// The request's path below the service's prefix.
    pub path: String,
    /// `http://host:port`, for links.
    pub origin: String,
    /// The id sent back with the answer.
    pub request_id: String,
}

impl Call<'_> {
    /// Returns the capture number `index`; empty where the template has fewer.
    pub fn param(&self, index: usize) -> String {
        self.params.get(index).cloned().unwrap_or_default()
    }

    /// Tells whether the microversion is at least `major.minor`.
    pub fn since(&self, major: u32, minor: u32) -> bool {
        self.version >= Version(major, minor)
    }

    /// Refuses callers without the role `admin`, in the words of oslo.policy.
    pub fn admin(&self, rule: &str) -> Result<(), Refusal> {
        if self.caller.is_admin() { Ok(()) } else { Err(self.policy(rule)) }
    }

    /// Refuses callers who only hold `reader`.
    pub fn writer(&self, rule: &str) -> Result<(), Refusal> {
        if self.caller.may_write() { Ok(()) } else { Err(self.policy(rule)) }
    }

    /// Words the refusal of a policy rule.
    pub fn policy(&self, rule: &str) -> Refusal {
        match self.service {
            Service::Identity => {
                Refusal::forbidden(format!("You are not authorized to perform the requested action: {rule}."))
            }
            Service::Network => Refusal::forbidden(format!("({rule}) is disallowed by policy")),
            Service::Image => Refusal::forbidden("You are not authorized to complete this action."),
            _ => Refusal::forbidden(format!("Policy doesn't allow {rule} to be performed.")),
        }
    }

    /// Returns `http://host:port/prefix`, the root of the service.
    pub fn root(&self) -> String {
        format!("{}/{}", self.origin, self.service.prefix())
    }

    /// Returns this request's own URL without the query.
    pub fn url(&self) -> String {
        format!("{}{}", self.root(), self.path)
    }

    /// Returns the `next` link of a page that ends with `marker`.
    pub fn next(&self, marker: &str) -> String {
        format!("{}?{}", self.url(), self.query.with_marker(marker))
    }
}
