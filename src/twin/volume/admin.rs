//! What the service says about itself: services, pools, zones, extensions.

use serde_json::json;

use crate::twin::clock;
use crate::twin::http::{Answer, Call, Refusal, Reply};

/// `GET /os-services`.
pub fn services(call: &mut Call) -> Answer {
    call.admin("volume_extension:services:index")?;
    let now = clock::iso_bare(call.cloud.now);
    let service = |binary: &str, host: &str| {
        json!({"binary": binary, "host": host, "zone": "nova", "status": "enabled", "state": "up", "updated_at": now,
            "disabled_reason": null})
    };
    Ok(Reply::ok(json!({"services": [service("cinder-scheduler", "twin"), service("cinder-volume", "twin@files")]})))
}

/// `GET /scheduler-stats/get_pools`.
pub fn pools(call: &mut Call) -> Answer {
    call.admin("scheduler_extension:scheduler_stats:get_pools")?;
    let mut pool = json!({"name": "twin@files#files"});
    if call.query.flag("detail").unwrap_or(false) {
        let used: u64 = call.cloud.volume.volumes.values().map(|volume| volume.size).sum();
        pool["capabilities"] = json!({
            "volume_backend_name": "files", "vendor_name": "moonferry", "driver_version": "1.0",
            "storage_protocol": "file", "total_capacity_gb": 100_000.0,
            "free_capacity_gb": 100_000_u64.saturating_sub(used), "allocated_capacity_gb": used,
            "provisioned_capacity_gb": used, "reserved_percentage": 0, "max_over_subscription_ratio": "20.0",
            "thin_provisioning_support": true, "thick_provisioning_support": false, "multiattach": true,
            "timestamp": clock::iso_bare(call.cloud.now),
        });
    }
    Ok(Reply::ok(json!({"pools": [pool]})))
}

/// `GET /os-availability-zone`.
pub fn zones(_call: &mut Call) -> Answer {
    Ok(Reply::ok(json!({"availabilityZoneInfo": [{"zoneName": "nova", "zoneState": {"available": true}}]})))
}

/// `GET /extensions`.
pub fn extensions(_call: &mut Call) -> Answer {
    let known = [
        ("AdminActions", "os-admin-actions"),
        ("Quotas", "os-quota-sets"),
        ("SchedulerHints", "OS-SCH-HNT"),
        ("Services", "os-services"),
        ("TypesExtraSpecs", "os-types-extra-specs"),
        ("UsedLimits", "os-used-limits"),
        ("VolumeActions", "os-volume-actions"),
        ("VolumeHostAttribute", "os-vol-host-attr"),
        ("VolumeImageMetadata", "os-vol-image-meta"),
        ("VolumeTenantAttribute", "os-vol-tenant-attr"),
        ("VolumeTypeAccess", "os-volume-type-access"),
    ];
    let shown = known.map(|(name, alias)| {
        json!({"name": name, "alias": alias, "description": format!("{name} support."),
            "updated": "2013-01-01T00:00:00+00:00", "links": []})
    });
    Ok(Reply::ok(json!({"extensions": shown})))
}

/// `GET /messages`: nothing goes wrong in the background that the status does not say.
pub fn messages(call: &mut Call) -> Answer {
    if !call.since(3, 3) {
        return Err(Refusal::missing("The resource could not be found."));
    }
    Ok(Reply::ok(json!({"messages": []})))
}
