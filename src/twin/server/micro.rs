//! Microversion headers: what was asked, whether the service has it, what it answers.

use axum::http::HeaderMap;

use crate::twin::http::{Refusal, Reply, Service, Version};
use crate::twin::options::Release;

/// Returns the name a service has in `OpenStack-API-Version`.
fn word(service: Service) -> &'static str {
    match service {
        Service::Compute => "compute",
        Service::Volume => "volume",
        Service::Placement => "placement",
        _ => "",
    }
}

/// Reads the microversion that a request asks for; the service's lowest where it asks for none.
pub fn asked(service: Service, release: Release, headers: &HeaderMap) -> Result<Version, Refusal> {
    let Some((low, high)) = release.microversions(service) else { return Ok(Version::default()) };
    let general =
        headers.get_all("openstack-api-version").iter().filter_map(|value| value.to_str().ok()).find_map(|value| {
            value.split(',').find_map(|item| item.trim().strip_prefix(word(service))?.strip_prefix(' ').map(str::trim))
        });
    let own = headers.get("x-openstack-nova-api-version").filter(|_| service == Service::Compute);
    let Some(text) = general.or_else(|| own.and_then(|value| value.to_str().ok())) else { return Ok(low) };
    if text == "latest" {
        return Ok(high);
    }
    let version = Version::parse(text).ok_or_else(|| {
        Refusal::bad(format!("API Version String {text} is of invalid format. Must be of format MajorNum.MinorNum."))
    })?;
    if (low..=high).contains(&version) {
        return Ok(version);
    }
    Err(Refusal::new(
        406,
        match service {
            Service::Placement => format!("Unacceptable version header: {version}"),
            _ => format!("Version {version} is not supported by the API. Minimum is {low} and maximum is {high}."),
        },
    ))
}

/// Adds the headers that say which microversion answered.
pub fn stamp(service: Service, version: Version, reply: &mut Reply) {
    let name = word(service);
    if name.is_empty() {
        return;
    }
    reply.header("openstack-api-version", format!("{name} {version}"));
    if service == Service::Compute {
        reply.header("x-openstack-nova-api-version", version.to_string());
        reply.header("vary", "OpenStack-API-Version, X-OpenStack-Nova-API-Version");
    } else {
        reply.header("vary", "OpenStack-API-Version");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(service: Service, name: &'static str, value: &'static str) -> Result<Version, Refusal> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        asked(service, Release::Zed, &headers)
    }

    #[test]
    fn headers_of_both_kinds_are_read() {
        assert_eq!(ask(Service::Compute, "openstack-api-version", "compute 2.90"), Ok(Version(2, 90)));
        assert_eq!(ask(Service::Compute, "x-openstack-nova-api-version", "latest"), Ok(Version(2, 93)));
        assert_eq!(ask(Service::Volume, "openstack-api-version", "compute 2.90"), Ok(Version(3, 0)));
        assert_eq!(ask(Service::Compute, "openstack-api-version", "compute 2.99").unwrap_err().status, 406);
        assert_eq!(ask(Service::Compute, "openstack-api-version", "compute two").unwrap_err().status, 400);
    }
}
