//! The service catalog: reading both forms of it, choosing an endpoint, and taking an endpoint's URL apart.

use serde_json::Value;
use url::Url;

use super::{CloudConfig, Service};

/// One endpoint of the catalog.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CatalogEntry {
    /// The service's type, as the catalog spells it.
    pub service_type: String,
    /// The service's name.
    pub name: String,
    /// The endpoint's URL as the catalog has it.
    pub url: String,
    /// The region.
    pub region: String,
    /// `public`, `internal` or `admin`.
    pub interface: String,
}

pub(crate) fn from_v3(catalog: Option<&Value>) -> Vec<CatalogEntry> {
    let mut entries = Vec::new();
    for service in catalog.and_then(Value::as_array).into_iter().flatten() {
        for endpoint in service.get("endpoints").and_then(Value::as_array).into_iter().flatten() {
            entries.push(CatalogEntry {
                service_type: text(service, "type"),
                name: text(service, "name"),
                url: text(endpoint, "url"),
                region: Some(text(endpoint, "region_id"))
                    .filter(|region| !region.is_empty())
                    .unwrap_or_else(|| text(endpoint, "region")),
                interface: text(endpoint, "interface").trim_end_matches("URL").to_owned(),
            });
        }
    }
    entries
}

pub(crate) fn from_v2(catalog: Option<&Value>) -> Vec<CatalogEntry> {
    let mut entries = Vec::new();
    for service in catalog.and_then(Value::as_array).into_iter().flatten() {
        for endpoint in service.get("endpoints").and_then(Value::as_array).into_iter().flatten() {
            for interface in ["public", "internal", "admin"] {
                let url = text(endpoint, &format!("{interface}URL"));
                if !url.is_empty() {
                    entries.push(CatalogEntry {
                        service_type: text(service, "type"),
                        name: text(service, "name"),
                        url,
                        region: text(endpoint, "region"),
                        interface: interface.to_owned(),
                    });
                }
            }
        }
    }
    entries
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Chooses a service's endpoint, or says why there is none and what the catalog has.
pub(crate) fn choose<'a>(
    catalog: &'a [CatalogEntry],
    service: Service,
    interface: &str,
    config: &CloudConfig,
) -> Result<&'a CatalogEntry, String> {
    let region = config.service_key(service, "region_name").or(config.region.as_deref());
    let own_type = config.service_key(service, "service_type");
    let own_name = config.service_key(service, "service_name");
    let types = own_type.map(|own| vec![own]).unwrap_or_else(|| service.types());
    let fits = |entry: &&CatalogEntry| {
        entry.interface == interface
            && region.is_none_or(|region| entry.region == region)
            && own_name.is_none_or(|name| entry.name == name)
    };
    let of_type = |wanted: &&str| {
        let wanted = (*wanted).to_owned();
        catalog.iter().filter(move |entry| entry.service_type == wanted && !entry.url.is_empty())
    };
    let candidates: Vec<&CatalogEntry> = types.iter().flat_map(of_type).filter(fits).collect();
    // Old catalogs list Block Storage v1, v2 and v3 under several types; the newest that this client speaks wins.
    let rank = |entry: &CatalogEntry| {
        let version = Url::parse(&entry.url).ok().and_then(|url| Place::of(&url).version);
        let known = service.path_versions();
        version.map_or(0, |version| known.iter().position(|known| *known == version).unwrap_or(known.len()))
    };
    candidates.into_iter().min_by_key(|entry| rank(entry)).ok_or_else(|| {
        let near: Vec<String> =
            types.iter().flat_map(of_type).map(|entry| format!("{} in {}", entry.interface, entry.region)).collect();
        let place = region.map(|region| format!(" in region '{region}'")).unwrap_or_default();
        match near.is_empty() {
            true => format!("the catalog has no {service} service ({})", types.join(", ")),
            false => {
                format!("the catalog has no {interface} endpoint of {service}{place}; it has {}", near.join(", "))
            }
        }
    })
}

/// An endpoint's URL taken apart: what stands before the version, the version, and what follows (a project's id).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub root: String,
    pub version: Option<String>,
    pub rest: String,
}

impl Place {
    pub fn of(url: &Url) -> Self {
        let origin = url.origin().ascii_serialization();
        let segments: Vec<&str> = url.path().split('/').filter(|segment| !segment.is_empty()).collect();
        let join = |segments: &[&str]| segments.iter().map(|segment| format!("/{segment}")).collect::<String>();
        match segments.iter().rposition(|segment| is_version(segment)) {
            Some(at) => Self {
                root: origin + &join(&segments[..at]),
                version: Some(segments[at].to_owned()),
                rest: join(&segments[at + 1..]),
            },
            None => Self { root: origin + &join(&segments), version: None, rest: String::new() },
        }
    }

    /// Returns the URL of a version, with what follows it; `version` may be empty.
    pub fn at(&self, version: &str) -> String {
        let slash = if version.is_empty() { "" } else { "/" };
        format!("{}{slash}{version}{}", self.root, self.rest)
    }
}

/// Tells whether a path segment is a version: `v3`, `v2.1`.
pub(crate) fn is_version(segment: &str) -> bool {
    segment.strip_prefix('v').is_some_and(|number| {
        number.starts_with(|first: char| first.is_ascii_digit())
            && number.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
            && number.split('.').count() <= 2
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(service_type: &str, url: &str, region: &str, interface: &str) -> CatalogEntry {
        CatalogEntry {
            service_type: service_type.into(),
            url: url.into(),
            region: region.into(),
            interface: interface.into(),
            ..CatalogEntry::default()
        }
    }

    #[test]
    fn urls_come_apart_whatever_their_form() {
        let place = |url: &str| Place::of(&Url::parse(url).unwrap());
        assert_eq!(place("http://h:8776/v3/abc").at("v3"), "http://h:8776/v3/abc");
        assert_eq!(place("https://h/volume/v2/abc/").at("v3"), "https://h/volume/v3/abc");
        assert_eq!(place("http://h:9292").at("v2"), "http://h:9292/v2");
        assert_eq!(place("http://h/placement/").at(""), "http://h/placement");
        assert_eq!(place("http://h/vcloud/compute").version, None);
    }

    #[test]
    fn the_newest_spoken_volume_service_is_chosen_under_any_name() {
        let catalog = [
            entry("volume", "http://h/v1/p", "R", "public"),
            entry("volumev2", "http://h/v2/p", "R", "public"),
            entry("volumev3", "http://h/v3/p", "R", "public"),
        ];
        let config = CloudConfig::new("c", "http://h");
        assert_eq!(choose(&catalog, Service::Volume, "public", &config).unwrap().service_type, "volumev3");
        assert_eq!(choose(&catalog[..2], Service::Volume, "public", &config).unwrap().service_type, "volumev2");
    }

    #[test]
    fn a_missing_endpoint_says_what_there_is() {
        let catalog = [entry("compute", "http://h/v2.1", "One", "internal")];
        let mut config = CloudConfig::new("c", "http://h");
        config.region = Some("Two".into());
        let why = choose(&catalog, Service::Compute, "public", &config).unwrap_err();
        assert!(why.contains("'Two'") && why.contains("internal in One"), "{why}");
        let why = choose(&catalog, Service::Image, "public", &config).unwrap_err();
        assert!(why.contains("no image service"), "{why}");
    }
}
