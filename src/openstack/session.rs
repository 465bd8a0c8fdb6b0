//! Authentication that lasts: one token at a time, renewed before it expires or when a service refuses it.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::{Mutex, OnceCell};
use url::Url;

use super::catalog::Place;
use super::fault::About;
use super::http::{Answer, Call, Http};
use super::token::Token;
use super::{AuthKind, CloudConfig, Error, ErrorKind, Method, Service, auth, discovery};
use crate::base::secret::Secret;

/// Where Keystone is and which version of it to speak.
#[derive(Debug, Clone)]
pub(crate) struct Keystone {
    /// The URL with the version.
    pub base: String,
    /// The version in the path: `v3` or `v2.0`.
    pub version: &'static str,
}

pub(crate) struct Session {
    config: Arc<CloudConfig>,
    http: Arc<Http>,
    keystone: OnceCell<Keystone>,
    current: RwLock<Option<Arc<Token>>>,
    /// Held while authenticating, with the last failure, so that whoever comes soon shares it instead of asking again.
    gate: Mutex<Option<(Error, Instant)>>,
}

impl Session {
    pub fn new(config: Arc<CloudConfig>, http: Arc<Http>) -> Self {
        Self { config, http, keystone: OnceCell::new(), current: RwLock::new(None), gate: Mutex::new(None) }
    }

    /// Returns a token that lasts, authenticating where needed.
    pub async fn token(&self) -> Result<Arc<Token>, Error> {
        match self.held() {
            Some(token) if token.is_fresh() => Ok(token),
            held => self.renew(held.as_ref()).await,
        }
    }

    /// Replaces a token that a service refused, unless another task did so already.
    pub async fn renew(&self, stale: Option<&Arc<Token>>) -> Result<Arc<Token>, Error> {
        let mut failure = self.gate.lock().await;
        if let Some(token) = self.held()
            && stale.is_none_or(|stale| !Arc::ptr_eq(stale, &token))
        {
            return Ok(token);
        }
        if let Some((error, at)) = &*failure
            && at.elapsed() < remembered(error)
        {
            return Err(error.clone());
        }
        let outcome = self.authenticate(stale.is_some()).await;
        *failure = outcome.as_ref().err().map(|error| (error.clone(), Instant::now()));
        let token = Arc::new(outcome?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        Ok(token)
    }

    fn held(&self) -> Option<Arc<Token>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns where Keystone is, asking the service where the configuration does not say.
    pub async fn keystone(&self) -> Result<&Keystone, Error> {
        self.keystone.get_or_try_init(|| self.find_keystone()).await
    }

    async fn authenticate(&self, again: bool) -> Result<Token, Error> {
        let object = self.who();
        let about = self.about(&object);
        let keystone = self.keystone().await?;
        let (path, body) = match keystone.version {
            "v2.0" => ("/tokens", auth::v2(&self.config)),
            _ => ("/auth/tokens", auth::v3(&self.config)),
        };
        let body = body.map_err(|why| about.error(ErrorKind::Config, why, "correct auth in clouds.yaml"))?;
        let call = Call {
            method: Method::POST,
            url: self.url(&format!("{}{path}", keystone.base))?,
            headers: vec![
                ("Content-Type".into(), "application/json".into()),
                ("Accept".into(), "application/json".into()),
            ],
            body: Some(body.to_string().into()),
            streamed: false,
        };
        let asked_at = Instant::now();
        let answer = self.http.persist_as(&call, &about, None, true, self.attempts(again)).await?;
        if answer.status >= 300 {
            return Err(self.refused(&answer, &call.url, again));
        }
        let document = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
        let token = match (keystone.version, answer.header("x-subject-token")) {
            ("v2.0", _) => Token::from_v2(&document, asked_at),
            (_, Some(id)) => Token::from_v3(Secret::new(id), &document, asked_at),
            (_, None) => None,
        };
        let token = token.ok_or_else(|| self.not_keystone(&call.url, answer.status))?;
        self.in_scope(&token, &about)?;
        Ok(token)
    }

    /// Refuses a token of another project than asked for: an application credential keeps its own, whatever is asked.
    fn in_scope(&self, token: &Token, about: &About<'_>) -> Result<(), Error> {
        let asked = self.config.credentials.get("project_id");
        match (asked, token.info.project_id.as_deref()) {
            (Some(asked), Some(given)) if asked != given => {
                let message = format!("its token is for project {given} and cannot act in project {asked}");
                let hint = "use a password, which can be scoped to any project the user has a role in";
                Err(about.error(ErrorKind::Config, message, hint))
            }
            _ => Ok(()),
        }
    }

    /// A first authentication fails soon, for somebody sits before it; a renewal rides out a restart of Keystone.
    fn attempts(&self, again: bool) -> u32 {
        if again { self.config.retry.attempts } else { self.config.retry.attempts.min(3) }
    }

    async fn find_keystone(&self) -> Result<Keystone, Error> {
        let place = Place::of(&self.url(&self.config.auth_url)?);
        let given = place.version.as_deref().map(|version| if version.starts_with("v2") { "v2.0" } else { "v3" });
        let version = match (self.config.identity_version, given) {
            (Some(2), _) => "v2.0",
            // Version 3 is also what clients are told to write by habit; the service has the last word on v2.0 paths.
            (Some(_), _) => "v3",
            (None, Some(given)) => given,
            (None, None) => self.discover(&place.root).await?,
        };
        Ok(Keystone { base: format!("{}/{version}", place.root), version })
    }

    async fn discover(&self, root: &str) -> Result<&'static str, Error> {
        let about = self.about("version discovery");
        let headers = vec![("Accept".into(), "application/json".into())];
        let url = self.url(&format!("{root}/"))?;
        let call = Call { method: Method::GET, url, headers, body: None, streamed: false };
        let answer = self.http.persist_as(&call, &about, None, true, self.attempts(false)).await?;
        let document = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
        let offers = discovery::offers(&document);
        let offered = |version: &str| offers.iter().any(|offer| offer.segment == version);
        match () {
            () if offered("v3") => Ok("v3"),
            () if offered("v2.0") => Ok("v2.0"),
            // Some clouds hide the list; version 3 is then right for all that are not very old.
            () if answer.status == 404 || answer.status == 403 || answer.status == 401 => Ok("v3"),
            () if answer.status >= 400 => Err(about.refusal(&answer)),
            () => Err(self.not_keystone(&call.url, answer.status)),
        }
    }

    fn refused(&self, answer: &Answer, url: &Url, again: bool) -> Error {
        if matches!(answer.status, 300..=399 | 404 | 405) {
            return self.not_keystone(url, answer.status);
        }
        let object = self.who();
        let mut error = self.about(&object).refusal(answer);
        if answer.status == 401 && again && self.config.credentials.kind == AuthKind::Token {
            let hint = "a token cannot outlive its expiry; use a password or an application credential for long runs";
            error.detail_mut().hint = Some(hint.into());
        }
        error
    }

    fn not_keystone(&self, url: &Url, status: u16) -> Error {
        let message = format!("{url} does not answer as Keystone does (status {status})");
        Error::config(&self.config.name, message, "correct auth_url, or set identity_api_version to 3 or 2")
    }

    fn who(&self) -> String {
        let credentials = &self.config.credentials;
        let keys = ["application_credential_name", "application_credential_id", "username", "user_id"];
        let named = keys.into_iter().find_map(|key| Some((key, credentials.get(key)?)));
        match named {
            Some((key, name)) if key.starts_with("application") => format!("application credential {name}"),
            Some((_, name)) => format!("user {name}"),
            None => "token".into(),
        }
    }

    fn about<'a>(&'a self, object: &'a str) -> About<'a> {
        About { cloud: &self.config.name, service: Service::Identity, object, body: None }
    }

    fn url(&self, text: &str) -> Result<Url, Error> {
        let url = Url::parse(text).ok().filter(|url| ["http", "https"].contains(&url.scheme()) && url.has_host());
        url.ok_or_else(|| {
            let message = format!("auth_url '{}' is no URL", self.config.auth_url);
            Error::config(&self.config.name, message, "write it like https://HOST:5000")
        })
    }
}

/// Returns how long a failure stands for further attempts: asking again with a refused password brings the account
/// nearer to its lock, and asking a dead service again keeps everybody waiting.
fn remembered(error: &Error) -> Duration {
    match error.kind() {
        ErrorKind::Unauthorized => Duration::from_secs(5),
        _ => Duration::from_secs(1),
    }
}
