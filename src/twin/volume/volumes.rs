//! The collection of volumes: list, show, create, change, delete.

use serde_json::{Map, Value, json};

use super::list::{self, Listed};
use super::model::{Volume, Words};
use super::{State, quota, source, types};
use crate::twin::cloud::Cloud;
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply};

impl Listed for Volume {
    const MANY: &'static str = "volumes";
    const NAME: &'static str = "Volume";

    fn id(&self) -> &str {
        &self.id
    }

    fn project(&self) -> &str {
        &self.project
    }

    fn sequence(&self) -> u64 {
        self.sequence
    }

    fn fields(&self, call: &Call) -> Map<String, Value> {
        self.document(call)
    }
}

/// Words the absence of a volume.
pub fn missing(id: &str) -> Refusal {
    Refusal::missing(format!("Volume {id} could not be found."))
}

/// Words a volume's state that does not allow what was asked.
pub fn invalid(why: impl AsRef<str>) -> Refusal {
    Refusal::bad(format!("Invalid volume: {}", why.as_ref()))
}

/// Finds the volume that the path names, if the caller may know of it.
pub fn find<'c>(call: &'c Call, id: &str) -> Result<&'c Volume, Refusal> {
    let volume = call.cloud.volume.volumes.get(id);
    volume.filter(|volume| call.caller.sees(&volume.project)).ok_or_else(|| missing(id))
}

/// Finds the volume that the path names for changing.
pub fn find_mut<'c>(call: &'c mut Call, id: &str, rule: &str) -> Result<&'c mut Volume, Refusal> {
    find(call, id)?;
    call.writer(rule)?;
    let now = call.cloud.now;
    let volume = call.cloud.volume.volumes.get_mut(id).ok_or_else(|| missing(id))?;
    volume.updated = Some(now);
    Ok(volume)
}

/// `GET /volumes`.
pub fn list(call: &mut Call) -> Answer {
    let (page, next) = list::page(call, call.cloud.volume.volumes.values())?;
    let items = page.into_iter().map(|volume| volume.brief(call)).collect();
    Ok(Reply::ok(list::body(Volume::MANY, items, next)))
}

/// `GET /volumes/detail`.
pub fn detail(call: &mut Call) -> Answer {
    let (page, next) = list::page(call, call.cloud.volume.volumes.values())?;
    let items = page.into_iter().map(|volume| volume.detail(call)).collect();
    Ok(Reply::ok(list::body(Volume::MANY, items, next)))
}

/// `GET /volumes/summary`.
pub fn summary(call: &mut Call) -> Answer {
    let everyone = call.caller.is_admin() && call.query.flag("all_tenants").unwrap_or(false);
    let own = |volume: &&Volume| everyone || volume.project == call.caller.project_id;
    let sizes: Vec<u64> = call.cloud.volume.volumes.values().filter(own).map(|volume| volume.size).collect();
    let summary = json!({"total_count": sizes.len(), "total_size": sizes.iter().sum::<u64>()});
    Ok(Reply::ok(json!({"volume-summary": summary})))
}

/// `GET /volumes/{id}`.
pub fn get(call: &mut Call) -> Answer {
    Ok(Reply::ok(json!({"volume": find(call, &call.param(0))?.detail(call)})))
}

/// `POST /volumes`. Cinder takes unknown fields here without a word.
pub fn create(call: &mut Call) -> Answer {
    call.writer("volume:create")?;
    let what = "Invalid input for field/attribute body. 'volume' is a required property";
    let wrapped = call.body.get("volume").ok_or_else(|| Refusal::bad(what))?;
    let mut fields = Fields::of(wrapped, "volume")?;
    let size = fields.number("size")?;
    if let Some(size) = size.filter(|size| *size < 1) {
        let what =
            format!("Invalid input for field/attribute size. Value: {size}. {size} is less than the minimum of 1");
        return Err(Refusal::bad(what));
    }
    let image = fields.string("imageRef")?.or(fields.string("image_id")?).filter(|id| !id.is_empty());
    let wanted = source::Wanted {
        name: fields.string("name")?.or(fields.string("display_name")?),
        description: fields.string("description")?.or(fields.string("display_description")?),
        size: size.and_then(|size| u64::try_from(size).ok()),
        source: source::Source::choose(fields.string("snapshot_id")?, fields.string("source_volid")?, image)?,
        kind: fields.string("volume_type")?,
        zone: fields.string("availability_zone")?,
        metadata: fields.words("metadata")?.unwrap_or_default(),
        multiattach: fields.flag("multiattach")?.unwrap_or(false),
        project: call.caller.project_id.clone(),
        user: call.caller.user_id.clone(),
        admin: call.caller.is_admin(),
    };
    let id = source::create(call.cloud, wanted)?;
    Ok(Reply::accepted(json!({"volume": find(call, &id)?.document(call)})))
}

/// `PUT /volumes/{id}`.
pub fn update(call: &mut Call) -> Answer {
    let mut fields = Fields::wrapped(&call.body, "volume")?;
    let named = [fields.take_null("name"), fields.take_null("display_name")];
    let described = [fields.take_null("description"), fields.take_null("display_description")];
    let metadata = fields.words("metadata")?;
    fields.done()?;
    let id = call.param(0);
    let volume = find_mut(call, &id, "volume:update")?;
    let text = |value: Value| value.as_str().map(str::to_owned);
    if let Some(name) = named.into_iter().flatten().next() {
        volume.name = text(name);
    }
    if let Some(description) = described.into_iter().flatten().next() {
        volume.description = text(description);
    }
    if let Some(metadata) = metadata {
        volume.metadata = metadata;
    }
    Ok(Reply::ok(json!({"volume": find(call, &id)?.document(call)})))
}

/// `DELETE /volumes/{id}`.
pub fn delete(call: &mut Call) -> Answer {
    let id = call.param(0);
    let force = call.query.flag("force").unwrap_or(false) && call.caller.is_admin();
    if call.query.flag("cascade").unwrap_or(false) {
        find_mut(call, &id, "volume:delete")?;
        let snapshots: Vec<_> = call.cloud.volume.snapshots_of(&id).map(|snapshot| snapshot.id.clone()).collect();
        for snapshot in snapshots {
            call.cloud.volume.snapshots.remove(&snapshot);
        }
    }
    find_mut(call, &id, "volume:delete")?;
    begin_delete(call.cloud, &id, force)?;
    Ok(Reply::empty(202))
}

/// Starts the deletion of a volume, which is gone a moment later.
pub fn begin_delete(cloud: &mut Cloud, id: &str, force: bool) -> Result<(), Refusal> {
    let state = &mut cloud.volume;
    let claimed = state.attachments_of(id).next().is_some() || state.snapshots_of(id).next().is_some();
    let volume = state.volumes.get_mut(id).ok_or_else(|| missing(id))?;
    let idle = matches!(volume.status.as_str(), "available" | "error" | "error_extending" | "error_deleting");
    if claimed || !(idle || force) {
        return Err(invalid(
            "Volume status must be available or error or error_restoring or error_extending or error_managing and \
             must not be migrating, attached, belong to a group, have snapshots, awaiting a transfer, or be \
             disassociated from snapshots after volume transfer.",
        ));
    }
    volume.status = "deleting".into();
    let id = id.to_owned();
    cloud.later(1.0, move |cloud| {
        let gone = cloud.volume.volumes.get(&id).is_some_and(|volume| volume.status == "deleting");
        if gone && let Some(volume) = cloud.volume.volumes.remove(&id) {
            discard(&volume);
        }
    });
    Ok(())
}

fn discard(volume: &Volume) {
    if let Some(blob) = &volume.blob {
        // A volume nobody looked at has no file.
        let _ = std::fs::remove_file(&blob.path);
    }
}

/// Chooses a volume's type: the named one, that of its source, or the default.
pub fn choose_type(state: &State, wanted: &source::Wanted) -> Result<(String, String), Refusal> {
    let source = match &wanted.source {
        source::Source::Volume(id) => state.volumes.get(id),
        source::Source::Snapshot(id) => {
            state.snapshots.get(id).and_then(|snapshot| state.volumes.get(&snapshot.volume_id))
        }
        _ => None,
    };
    let inherited = source.map_or(types::DEFAULT, |volume| volume.type_id.as_str());
    let name = wanted.kind.as_deref().filter(|name| !name.is_empty());
    let found = types::find(state, &wanted.project, wanted.admin, name.unwrap_or(inherited));
    let missing = || match name.filter(|name| uuid::Uuid::try_parse(name).is_ok()) {
        Some(id) => Refusal::missing(format!("Volume type {id} could not be found.")),
        None => Refusal::missing(format!("Volume type with name {} could not be found.", name.unwrap_or(inherited))),
    };
    found.map(|kind| (kind.id.clone(), kind.name.clone())).ok_or_else(missing)
}

/// Reserves quota for a new volume of the type.
pub fn reserve(cloud: &Cloud, project: &str, kind: &str, size: u64) -> Result<(), Refusal> {
    if !cloud.enforce_quotas || !cloud.volume.installed {
        return Ok(());
    }
    quota::reserve(&cloud.volume, project, quota::Wanted { resource: "volumes", kind, size })
}

/// Copies what an image says about itself into the form of a volume's `volume_image_metadata`.
pub fn image_words(image: &crate::twin::image::ImageView, checksum: &str) -> Words {
    let mut words = image.properties.clone();
    for (name, value) in [
        ("image_id", image.id.clone()),
        ("image_name", image.name.clone()),
        ("checksum", checksum.to_owned()),
        ("container_format", image.container_format.clone()),
        ("disk_format", image.disk_format.clone()),
        ("min_disk", image.min_disk.to_string()),
        ("min_ram", image.min_ram.to_string()),
        ("size", image.size.to_string()),
        ("signature_verified", "False".to_owned()),
    ] {
        words.insert(name.to_owned(), value);
    }
    words
}
