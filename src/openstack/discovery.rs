//! Reading version documents, whose form differs from service to service and release to release.

use serde_json::Value;
use url::Url;

use super::catalog::is_version;
use super::{Microversion, Versions};

/// One version that a service offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    /// The version in the path: `v2.1`; empty where the service has none there.
    pub segment: String,
    /// What the service calls it and its microversions.
    pub versions: Versions,
}

/// Returns the versions that a document offers, leaving out those that are only experiments.
pub(crate) fn offers(document: &Value) -> Vec<Offer> {
    let list = match (document.get("versions"), document.get("version")) {
        (Some(Value::Array(list)), _) => list.iter().collect(),
        (Some(Value::Object(wrapped)), _) => {
            wrapped.get("values").and_then(Value::as_array).into_iter().flatten().collect()
        }
        (_, Some(one @ Value::Object(_))) => vec![one],
        // Ironic's /v1 has an id beside a version; a bare object with an id alone is the version itself.
        _ if document.get("id").is_some() => vec![document],
        _ => Vec::new(),
    };
    list.into_iter().filter_map(offer).collect()
}

fn offer(version: &Value) -> Option<Offer> {
    let text = |key: &str| version.get(key).and_then(Value::as_str).unwrap_or_default();
    let id = text("id");
    let status = text("status").to_ascii_uppercase();
    if id.is_empty() || status == "EXPERIMENTAL" {
        return None;
    }
    let highest = [text("max_version"), text("version")].into_iter().find(|text| !text.is_empty());
    let bounds = text("min_version").parse::<Microversion>().ok().zip(highest.and_then(|text| text.parse().ok()));
    Some(Offer {
        segment: segment(version, id),
        versions: Versions { id: id.to_owned(), min: bounds.map(|(min, _)| min), max: bounds.map(|(_, max)| max) },
    })
}

/// The version in the path: from the link, whose host may be wrong behind a proxy but whose end is right, or the id.
fn segment(version: &Value, id: &str) -> String {
    let links = version.get("links").and_then(Value::as_array).into_iter().flatten();
    let href = links
        .filter(|link| link.get("rel").and_then(Value::as_str) == Some("self"))
        .find_map(|link| link.get("href").and_then(Value::as_str));
    let path = href.and_then(|href| Url::parse(href).ok()).map(|url| url.path().to_owned());
    let last = path.as_deref().and_then(|path| path.split('/').rfind(|part| !part.is_empty()));
    last.filter(|last| is_version(last)).unwrap_or(if is_version(id) { id } else { "" }).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keystone_nests_its_list() {
        let document = json!({"versions": {"values": [
            {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": "http://inside:5000/v3/"}]},
            {"id": "v2.0", "status": "deprecated", "links": []}]}});
        let found = offers(&document);
        assert_eq!(found.iter().map(|offer| &*offer.segment).collect::<Vec<_>>(), ["v3", "v2.0"]);
    }

    #[test]
    fn microversions_are_read_under_all_their_names() {
        let nova = json!({"version": {"id": "v2.1", "version": "2.93", "min_version": "2.1", "status": "CURRENT"}});
        let placement = json!({"versions": [{"id": "v1.0", "max_version": "1.39", "min_version": "1.0",
            "links": [{"rel": "self", "href": ""}]}]});
        let old = json!({"versions": [{"id": "v2.0", "version": "", "min_version": "", "status": "SUPPORTED",
            "links": [{"rel": "self", "href": "http://h:8774/v2/"}]}]});
        assert_eq!(offers(&nova)[0].versions.max, Some(Microversion(2, 93)));
        assert_eq!(offers(&placement)[0].versions.max, Some(Microversion(1, 39)));
        assert_eq!((&*offers(&old)[0].segment, offers(&old)[0].versions.max), ("v2", None));
    }

    #[test]
    fn a_foreign_document_offers_nothing() {
        assert!(offers(&json!({"hello": 1})).is_empty());
        assert!(offers(&json!("<html>")).is_empty());
    }
}
