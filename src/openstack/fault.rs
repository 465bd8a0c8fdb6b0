//! Turning a refusal into an [`Error`]: the message out of each service's own form, the kind out of status and message.

use serde_json::Value;

use super::http::Answer;
use super::redact::redact;
use super::{Detail, Error, ErrorKind, Service};

/// What a refusal is about.
pub(crate) struct About<'a> {
    pub cloud: &'a str,
    pub service: Service,
    pub object: &'a str,
    /// The request's body, whose secrets the message may quote.
    pub body: Option<&'a Value>,
}

impl About<'_> {
    /// Makes an error that no answer is behind.
    pub fn error(&self, kind: ErrorKind, message: impl Into<String>, hint: impl Into<String>) -> Error {
        let hint = hint.into();
        let detail = Detail {
            cloud: self.cloud.into(),
            service: Some(self.service),
            object: self.object.into(),
            message: message.into(),
            hint: (!hint.is_empty()).then_some(hint),
            ..Detail::default()
        };
        Error::new(kind, detail)
    }

    /// Makes the error that an answer stands for.
    pub fn refusal(&self, answer: &Answer) -> Error {
        let message = redact(message(answer), self.body);
        let kind = kind(answer.status, &message, answer.retry_after().is_some());
        let hint = hint(kind, answer, self);
        let detail = Detail {
            cloud: self.cloud.into(),
            service: Some(self.service),
            object: self.object.into(),
            message,
            status: Some(answer.status),
            request_id: answer.request_id(),
            hint,
            retry_after: answer.retry_after(),
            may_have_happened: answer.status >= 500 && !(answer.status == 503 && answer.retry_after().is_some()),
        };
        Error::new(kind, detail)
    }
}

/// Tells whether a refusal speaks of a used-up quota.
pub(crate) fn speaks_of_quota(status: u16, message: &str) -> bool {
    let text = message.to_ascii_lowercase();
    match status {
        403 | 409 => [
            "quota exceeded",
            "overquota",
            "exceeds the quota",
            "exceeded for resources",
            "limit exceeded",
            "over limit",
        ]
        .iter()
        .any(|phrase| text.contains(phrase)),
        413 => ["quota", "maximum number", "exceeded for", "allowed", "over limit"]
            .iter()
            .any(|phrase| text.contains(phrase)),
        _ => false,
    }
}

fn kind(status: u16, message: &str, asks_to_wait: bool) -> ErrorKind {
    match status {
        _ if speaks_of_quota(status, message) => ErrorKind::Quota,
        401 => ErrorKind::Unauthorized,
        403 => ErrorKind::Forbidden,
        404 | 410 => ErrorKind::NotFound,
        406 => ErrorKind::Version,
        408 => ErrorKind::Timeout,
        409 | 412 | 423 => ErrorKind::Conflict,
        413 if asks_to_wait => ErrorKind::RateLimited,
        429 => ErrorKind::RateLimited,
        500.. => ErrorKind::Unavailable,
        300..=399 => ErrorKind::Protocol,
        _ => ErrorKind::Invalid,
    }
}

fn hint(kind: ErrorKind, answer: &Answer, about: &About<'_>) -> Option<String> {
    let project = about.service.project();
    match kind {
        ErrorKind::Unauthorized => Some("check user, password, project and their domains in clouds.yaml".into()),
        ErrorKind::Forbidden => {
            Some("the account's roles do not allow this; use one with the needed role or scope".into())
        }
        ErrorKind::Quota => Some("raise the project's quota or free something".into()),
        ErrorKind::RateLimited => {
            Some(format!("lower {}_concurrency in clouds.yaml", about.service.name().replace('-', "_")))
        }
        ErrorKind::Unavailable => Some(match answer.request_id() {
            Some(id) => format!("search the logs of {project} for {id}"),
            None => format!("look whether {project} and the proxy before it are up"),
        }),
        ErrorKind::Protocol => {
            let place = answer.header("location").map(|place| format!(" to {place}")).unwrap_or_default();
            Some(format!("the service redirects{place}; correct auth_url or the endpoint"))
        }
        _ => None,
    }
}

/// Finds the sentence for people in an error body of any of the services' forms.
pub(crate) fn message(answer: &Answer) -> String {
    let text = String::from_utf8_lossy(&answer.body);
    let found = match serde_json::from_str::<Value>(&text) {
        Ok(document) => from_json(&document),
        Err(_) => Some(from_html(&text)),
    };
    // Glance puts line breaks for browsers even into JSON.
    let found = found.map(|found| found.replace("<br />", " "));
    let found = found.map(|found| found.split_whitespace().collect::<Vec<_>>().join(" "));
    let found = found.filter(|found| !found.is_empty()).unwrap_or_else(|| reason(answer.status).to_owned());
    match found.char_indices().nth(1000) {
        Some((end, _)) => found[..end].to_owned() + "…",
        None => found,
    }
}

fn from_json(document: &Value) -> Option<String> {
    match document {
        // Ironic wraps its message once more, as text that is JSON.
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner @ Value::Object(_)) => from_json(&inner),
            _ => Some(text.clone()),
        },
        Value::Object(table) => {
            let own = ["message", "detail", "faultstring", "error_message", "explanation", "error", "NeutronError"];
            for key in own {
                match table.get(key) {
                    Some(Value::String(text)) if text.is_empty() => {}
                    Some(inner @ (Value::String(_) | Value::Object(_))) => {
                        let inner = from_json(inner)?;
                        // Neutron says in the type, not in the message, that a quota was hit.
                        let quota = table.get("type").and_then(Value::as_str) == Some("OverQuota")
                            && !inner.to_ascii_lowercase().contains("quota exceeded");
                        return Some(if quota { format!("Quota exceeded: {inner}") } else { inner });
                    }
                    _ => {}
                }
            }
            if let Some(errors) = table.get("errors").and_then(Value::as_array) {
                return Some(errors.iter().filter_map(from_json).collect::<Vec<_>>().join("; "));
            }
            table.values().filter(|inner| inner.is_object()).find_map(from_json)
        }
        _ => None,
    }
}

/// Takes the words out of an HTML page without its head and heading; plain text stays as it is.
fn from_html(page: &str) -> String {
    let lower = page.to_ascii_lowercase();
    let start = ["</h1>", "</head>", "</title>"].iter().find_map(|end| lower.find(end).map(|at| at + end.len()));
    let mut words = String::new();
    let mut inside = false;
    let is_page = lower.contains("<html") || lower.contains("<body");
    for letter in page[start.filter(|_| is_page).unwrap_or(0)..].chars() {
        match letter {
            '<' if is_page => inside = true,
            '>' if inside => {
                inside = false;
                words.push(' ');
            }
            letter if !inside => words.push(letter),
            _ => {}
        }
    }
    [("&quot;", "\""), ("&#x27;", "'"), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")]
        .into_iter()
        .fold(words, |words, (entity, letter)| words.replace(entity, letter))
}

fn reason(status: u16) -> &'static str {
    match status {
        400 => "the service found the request wrong and said no more",
        401 => "the credentials were refused",
        403 => "the service does not allow this",
        404 => "not found",
        409 => "the object's state forbids this",
        413 => "too much at once",
        429 => "too many calls",
        500 => "the service failed inside",
        502 => "the proxy got no proper answer from the service",
        503 => "the service is down or overloaded",
        504 => "the proxy got no answer from the service in time",
        300..=399 => "the service answered with a redirect",
        _ => "the service refused and said no more",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, body: &str) -> (String, ErrorKind) {
        let answer = Answer { status, body: body.to_owned().into(), ..Answer::default() };
        let message = message(&answer);
        let kind = kind(status, &message, false);
        (message, kind)
    }

    #[test]
    fn every_form_gives_its_sentence() {
        for (status, body, sentence, expected) in [
            (400, r#"{"badRequest": {"message": "Bad flavor", "code": 400}}"#, "Bad flavor", ErrorKind::Invalid),
            (
                404,
                r#"{"NeutronError": {"type": "X", "message": "No net", "detail": ""}}"#,
                "No net",
                ErrorKind::NotFound,
            ),
            (401, r#"{"error": {"message": "Wrong", "code": 401, "title": "U"}}"#, "Wrong", ErrorKind::Unauthorized),
            (
                404,
                "<html>\n <head><title>404</title></head>\n <body><h1>404 Not Found</h1>\nNo &quot;x&quot;<br />\n</body></html>",
                "No \"x\"",
                ErrorKind::NotFound,
            ),
            (409, r#"{"errors": [{"status": 409, "title": "C", "detail": "in use"}]}"#, "in use", ErrorKind::Conflict),
            (
                409,
                r#"{"error_message": "{\"faultstring\": \"Node locked\", \"faultcode\": \"Client\"}"}"#,
                "Node locked",
                ErrorKind::Conflict,
            ),
            (
                404,
                r#"{"message": "No image<br /><br />\n\n", "code": "404 Not Found"}"#,
                "No image",
                ErrorKind::NotFound,
            ),
            (500, "", "the service failed inside", ErrorKind::Unavailable),
            (503, "plain words", "plain words", ErrorKind::Unavailable),
        ] {
            assert_eq!(said(status, body), (sentence.to_owned(), expected), "{body}");
        }
    }

    #[test]
    fn a_quota_is_known_in_every_service() {
        for (status, body) in [
            (
                403,
                r#"{"forbidden": {"code": 403, "message": "Quota exceeded for cores: Requested 4, but already used 8 of 10"}}"#,
            ),
            (409, r#"{"NeutronError": {"type": "OverQuota", "message": "Quota exceeded for resources: ['port']."}}"#),
            (
                413,
                r#"{"overLimit": {"code": 413, "message": "VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded for quota 'volumes'."}}"#,
            ),
            (
                403,
                r#"{"forbidden": {"message": "Resource servers is over limit of 1 due to current usage 1 and delta 1."}}"#,
            ),
        ] {
            assert_eq!(said(status, body).1, ErrorKind::Quota, "{body}");
        }
        assert_eq!(said(403, r#"{"forbidden": {"message": "Policy doesn't allow it"}}"#).1, ErrorKind::Forbidden);
    }
}
