//! Keeps the secrets of a request out of the messages that a service answers with.

use serde_json::Value;

/// Keys whose values never appear in a message.
const SECRET_KEYS: [&str; 7] =
    ["password", "original_password", "adminPass", "secret", "user_data", "private_key", "blob"];

/// Replaces every secret of the request's body in a message that may quote it.
pub(crate) fn redact(message: String, body: Option<&Value>) -> String {
    let mut secrets = Vec::new();
    body.into_iter().for_each(|body| collect(body, &mut secrets));
    secrets.into_iter().fold(message, |message, secret| message.replace(&secret, "***"))
}

fn collect(value: &Value, secrets: &mut Vec<String>) {
    match value {
        Value::Object(table) => {
            for (key, inner) in table {
                let secret = SECRET_KEYS.contains(&key.as_str());
                match inner {
                    Value::String(text) if secret && text.len() > 2 => secrets.push(text.clone()),
                    Value::Number(number) if secret => secrets.push(number.to_string()),
                    _ => collect(inner, secrets),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|inner| collect(inner, secrets)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_quoted_password_is_starred() {
        let body = json!({"user": {"name": "ann", "password": "hunter2"}});
        let message = "Invalid input for field 'password': 'hunter2' is too short".to_owned();
        let shown = redact(message, Some(&body));
        assert_eq!(shown, "Invalid input for field 'password': '***' is too short");
    }
}
