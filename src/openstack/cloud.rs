//! A cloud to talk to: its session, its endpoints, and how many calls run at a time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;
use url::Url;

use super::catalog::{self, CatalogEntry, Place};
use super::fault::About;
use super::http::{Call, Http};
use super::once::Once;
use super::session::Session;
use super::{CloudConfig, Error, ErrorKind, Method, Service, TokenInfo, Versions, discovery};

/// A cloud. Clones share the token, the connections and what was discovered.
#[derive(Clone)]
pub struct Cloud {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub config: Arc<CloudConfig>,
    pub http: Arc<Http>,
    pub session: Session,
    /// Shared with the same cloud in other projects: it is one service that they all burden.
    gates: Gates,
    endpoints: Mutex<HashMap<Service, Arc<Once<Endpoint>>>>,
    /// The same cloud in other projects, so that each has one token.
    scoped: Mutex<HashMap<String, Cloud>>,
}

/// The limits on calls at a time.
type Gates = Arc<Mutex<HashMap<Service, Arc<Semaphore>>>>;

/// Where a service is and what it speaks.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    /// The URL that paths are appended to, with version and project where the service wants them.
    pub base: String,
    pub versions: Versions,
}

impl std::fmt::Debug for Cloud {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cloud({})", self.name())
    }
}

impl Cloud {
    /// Makes a cloud of its configuration; nothing is sent before the first call.
    pub fn new(config: CloudConfig) -> Result<Self, Error> {
        let http = Arc::new(Http::new(&config)?);
        Ok(Self::over(config, http, Arc::default()))
    }

    fn over(config: CloudConfig, http: Arc<Http>, gates: Gates) -> Self {
        let config = Arc::new(config);
        let session = Session::new(config.clone(), http.clone());
        let (endpoints, scoped) = (Mutex::default(), Mutex::default());
        Self { inner: Arc::new(Inner { config, http, session, gates, endpoints, scoped }) }
    }

    /// Returns the same cloud with the same credentials, scoped to another project: Nova and Cinder create only in the
    /// token's own. Connections are shared, the token is its own and made at the first call.
    pub fn in_project(&self, project: &str) -> Self {
        let mut scoped = self.inner.scoped.lock().unwrap_or_else(PoisonError::into_inner);
        let inner = &self.inner;
        let make = || Self::over(inner.config.in_project(project), inner.http.clone(), inner.gates.clone());
        scoped.entry(project.to_owned()).or_insert_with(make).clone()
    }

    /// Returns the name of the clouds.yaml entry.
    pub fn name(&self) -> &str {
        &self.inner.config.name
    }

    /// Returns the configured region.
    pub fn region(&self) -> Option<&str> {
        self.inner.config.region.as_deref()
    }

    /// Returns the configuration.
    pub fn config(&self) -> &CloudConfig {
        &self.inner.config
    }

    /// Authenticates now, where no valid token is held.
    pub async fn authenticate(&self) -> Result<(), Error> {
        self.inner.session.token().await.map(|_| ())
    }

    /// Returns who the token speaks for.
    pub async fn token_info(&self) -> Result<TokenInfo, Error> {
        Ok(self.inner.session.token().await?.info.clone())
    }

    /// Returns the whole catalog, of all regions and interfaces.
    pub async fn services(&self) -> Result<Vec<CatalogEntry>, Error> {
        Ok(self.token_info().await?.catalog)
    }

    /// Tells whether the catalog or the configuration has the service in this region.
    pub async fn has(&self, service: Service) -> Result<bool, Error> {
        let token = self.inner.session.token().await?;
        Ok(self.listed(service, &token.info).is_ok())
    }

    /// Returns the URL that the service's paths are appended to.
    pub async fn endpoint(&self, service: Service) -> Result<Url, Error> {
        let base = self.resolve(service).await?.base;
        Url::parse(&base).map_err(|_| self.bad_url(service, &base))
    }

    /// Returns the version and the microversions that the service speaks.
    pub async fn api_versions(&self, service: Service) -> Result<Versions, Error> {
        Ok(self.resolve(service).await?.versions)
    }

    /// Returns the semaphore that limits the calls to a service.
    pub(crate) fn gate(&self, service: Service) -> Arc<Semaphore> {
        shared(&self.inner.gates, service, || Semaphore::new(self.inner.config.concurrency_of(service)))
    }

    /// Returns where a service is, found once and kept.
    pub(crate) async fn resolve(&self, service: Service) -> Result<Endpoint, Error> {
        shared(&self.inner.endpoints, service, Once::new).get(self.find_endpoint(service)).await
    }

    /// Returns the service's URL as catalog or configuration have it.
    fn listed(&self, service: Service, token: &TokenInfo) -> Result<String, Error> {
        let config = &self.inner.config;
        if let Some(own) = config.service_key(service, "endpoint_override") {
            let project = token.project_id.as_deref().unwrap_or_default();
            let forms = ["%(project_id)s", "%(tenant_id)s", "$(project_id)s", "$(tenant_id)s"];
            return Ok(forms.into_iter().fold(own.to_owned(), |url, form| url.replace(form, project)));
        }
        let interface = config.service_key(service, "interface").unwrap_or(&config.interface);
        catalog::choose(&token.catalog, service, interface.trim_end_matches("URL"), config)
            .map(|entry| entry.url.clone())
            .map_err(|why| {
                let unscoped = token.project_id.is_none();
                let hint = match unscoped {
                    true => "the token has no project; many services are listed for projects only",
                    false => "check region_name and interface, or set an endpoint_override in clouds.yaml",
                };
                self.about(service, "").error(ErrorKind::Config, why, hint)
            })
    }

    async fn find_endpoint(&self, service: Service) -> Result<Endpoint, Error> {
        let token = self.inner.session.token().await?;
        if service == Service::Identity {
            return self.identity_endpoint(&token.info).await;
        }
        let url = self.listed(service, &token.info)?;
        let place = Place::of(&Url::parse(&url).map_err(|_| self.bad_url(service, &url))?);
        let plain = |version: &str| Versions { id: version.to_owned(), min: None, max: None };
        let mut place = place;
        let found = match service {
            Service::Image | Service::Network => None,
            Service::Other(_) => {
                return Ok(Endpoint { base: url.trim_end_matches('/').to_owned(), versions: plain("") });
            }
            _ => self.discover(service, &place).await?,
        };
        let (segment, versions) = found.unwrap_or_else(|| {
            let known = service.path_versions();
            let listed = place.version.clone().filter(|listed| known.contains(&listed.as_str()));
            let version = listed.unwrap_or_else(|| known.first().copied().unwrap_or_default().to_owned());
            (version.clone(), plain(&version))
        });
        // Cinder wants the project in the path until 3.67 and takes it ever after; so did the first Nova.
        let wants_project = service == Service::Volume || (service == Service::Compute && segment == "v2");
        if let (true, true, Some(project)) = (wants_project, place.rest.is_empty(), &token.info.project_id) {
            place.rest = format!("/{project}");
        }
        Ok(Endpoint { base: place.at(&segment), versions })
    }

    /// Keystone is where the catalog says, in the version that authentication uses; v2.0 is managed by `admin` only.
    async fn identity_endpoint(&self, token: &TokenInfo) -> Result<Endpoint, Error> {
        let keystone = self.inner.session.keystone().await?;
        let config = &self.inner.config;
        let second = keystone.version == "v2.0" && config.service_key(Service::Identity, "interface").is_none();
        let admin = second.then(|| catalog::choose(&token.catalog, Service::Identity, "admin", config).ok()).flatten();
        let listed = admin.map(|entry| entry.url.clone()).or_else(|| self.listed(Service::Identity, token).ok());
        let base = match listed.as_deref().and_then(|url| Url::parse(url).ok()) {
            Some(url) => format!("{}/{}", Place::of(&url).root, keystone.version),
            None => keystone.base.clone(),
        };
        Ok(Endpoint { base, versions: Versions { id: keystone.version.to_owned(), min: None, max: None } })
    }

    /// Asks the versioned document first, which proxies let through more often, then the list above it.
    async fn discover(&self, service: Service, place: &Place) -> Result<Option<(String, Versions)>, Error> {
        let known = service.path_versions();
        let best = known.first().copied().unwrap_or_default();
        let mut urls = vec![format!("{}/", place.root)];
        if place.version.as_deref() == Some(best) {
            urls.insert(0, format!("{}/{best}/", place.root));
        }
        for url in urls {
            let offers = self.offers(service, &url).await?;
            let wanted = |version: &str| offers.iter().find(|offer| offer.segment == version);
            let unversioned = || offers.first().filter(|_| known.is_empty());
            if let Some(offer) = known.iter().find_map(|version| wanted(version)).or_else(unversioned) {
                let segment = if known.is_empty() { String::new() } else { offer.segment.clone() };
                return Ok(Some((segment, offer.versions.clone())));
            }
        }
        tracing::debug!(cloud = self.name(), %service, "no version document; going by the catalog");
        Ok(None)
    }

    async fn offers(&self, service: Service, url: &str) -> Result<Vec<discovery::Offer>, Error> {
        let url = Url::parse(url).map_err(|_| self.bad_url(service, url))?;
        let headers = vec![("Accept".into(), "application/json".into())];
        let call = Call { method: Method::GET, url, headers, body: None, streamed: false };
        let answer = self.exchange(call, &self.about(service, "version discovery")).await?;
        let document = serde_json::from_slice(&answer.body).unwrap_or_default();
        Ok(if answer.status <= 300 { discovery::offers(&document) } else { Vec::new() })
    }

    pub(crate) fn about<'a>(&'a self, service: Service, object: &'a str) -> About<'a> {
        About { cloud: self.name(), service, object, body: None }
    }

    pub(crate) fn bad_url(&self, service: Service, url: &str) -> Error {
        let hint = "correct the catalog or set an endpoint_override in clouds.yaml";
        self.about(service, "").error(ErrorKind::Config, format!("the endpoint '{url}' is no URL"), hint)
    }
}

/// Returns the entry of a key, made where it is missing.
fn shared<K: Hash + Eq, V>(map: &Mutex<HashMap<K, Arc<V>>>, key: K, make: impl FnOnce() -> V) -> Arc<V> {
    map.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert_with(|| Arc::new(make())).clone()
}
