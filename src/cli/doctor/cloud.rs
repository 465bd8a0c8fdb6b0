//! What must hold at one cloud.

use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp};

use crate::api::fault;
use crate::api::runtime::Runtime;
use crate::base::duration;
use crate::openstack::{Cloud, Request, Service};

use super::Check;

/// A skew that tokens and signed times still bear.
const SKEW: SignedDuration = SignedDuration::from_secs(5);

const SERVICES: [Service; 6] =
    [Service::Identity, Service::Compute, Service::Image, Service::Network, Service::Volume, Service::Placement];

/// Asks one cloud; what depends on a token is left out where there is none.
pub async fn check(runtime: &Runtime, name: &str) -> Vec<Check> {
    let about = |what: &str| format!("{name}: {what}");
    let cloud = match runtime.cloud(name) {
        Ok(cloud) => cloud,
        Err(fault) => return vec![Check::of(about("configuration"), &fault)],
    };
    let info = match cloud.token_info().await {
        Ok(info) => info,
        Err(error) => return vec![Check::of(about("login"), &fault::openstack(error))],
    };
    let scope = info.project_name.clone().or(info.domain_id.clone()).unwrap_or_else(|| "system".into());
    let mut checks = vec![Check::ok(about("login"), format!("{} in {scope}", info.user_name))];
    checks.push(if info.roles.iter().any(|role| role == "admin") {
        Check::ok(about("role"), "admin")
    } else {
        Check::warning(
            about("role"),
            format!("{}, not admin", info.roles.join(", ")),
            "without admin, other projects, users, quotas and hosts are out of reach; use an admin's entry in clouds.yaml",
        )
    });
    checks.extend(services(&cloud, name).await);
    checks.extend(clock(&cloud, name).await);
    if !cloud.config().verify {
        checks.push(Check::warning(
            about("certificate"),
            "is not checked (verify: false)",
            "name the cloud's authority as cacert in clouds.yaml and remove verify: false",
        ));
    }
    checks
}

/// The services with the newest version each speaks.
async fn services(cloud: &Cloud, name: &str) -> Vec<Check> {
    let mut spoken = Vec::new();
    let mut checks = Vec::new();
    for service in SERVICES {
        match cloud.has(service).await {
            Ok(true) => {}
            Ok(false) => continue,
            Err(error) => {
                checks.push(Check::of(format!("{name}: {service}"), &fault::openstack(error)));
                continue;
            }
        }
        match cloud.api_versions(service).await {
            Ok(versions) => {
                let newest = versions.max.map_or(versions.id, |max| max.to_string());
                spoken.push(format!("{service} {newest}").trim_end().to_owned());
            }
            Err(error) => checks.push(Check::of(format!("{name}: {service}"), &fault::openstack(error))),
        }
    }
    checks.insert(0, Check::ok(format!("{name}: services"), spoken.join(", ")));
    checks
}

/// How far the cloud's clock is from ours, by the Date header of one answer.
async fn clock(cloud: &Cloud, name: &str) -> Option<Check> {
    let asked = SystemTime::now();
    let answer = cloud.send(Request::get(Service::Identity, "/")).await.ok()?;
    let ours = Timestamp::try_from(asked).ok()? + asked.elapsed().ok()? / 2;
    let theirs = jiff::fmt::rfc2822::parse(answer.header("date")?).ok()?.timestamp();
    let skew = ours.duration_since(theirs).abs();
    let shown = duration::format(skew.unsigned_abs());
    let what = format!("{name}: clock");
    Some(if skew > SKEW {
        Check::warning(
            what,
            format!("{shown} apart from ours"),
            "let both sides follow NTP; tokens expire by the clock",
        )
    } else {
        // The header has whole seconds.
        Check::ok(what, if skew.as_secs() < 2 { "agrees".to_owned() } else { format!("{shown} apart") })
    })
}
