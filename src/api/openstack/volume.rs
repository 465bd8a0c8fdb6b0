//! Cinder in scripts: its kinds and what can be done with them.

use crate::api::describe::Sink;
use crate::openstack::resource::Resource;
use crate::openstack::volume::{Attachment, Volume, VolumeService, VolumeSnapshot, VolumeType};

use std::collections::BTreeMap;

use mlua::Table;

use crate::api::describe::{Call, write};
use crate::api::fault;
use crate::openstack::Cloud;
use crate::openstack::entity::Field;
use crate::openstack::image::Image;
use crate::openstack::resource::keys;
use crate::openstack::volume::{VolumeQuota, VolumeUpload};

use super::kind::kind;
use super::method::{Options, does, quota_methods, service_cloud};
use super::object::{Class, Object, resource_methods};
use super::services;
use super::wait::wait_methods;

/// Declares what `cloud.volume` offers.
pub fn service(sink: &mut dyn Sink<services::Volume>) {
    kind::<Volume, _>(sink);
    kind::<VolumeType, _>(sink);
    kind::<VolumeSnapshot, _>(sink);
    kind::<Attachment, _>(sink);
    kind::<VolumeService, _>(sink);
    quota_methods!(sink, VolumeQuota, volume_quota, volume_quota_usage, set_volume_quota, reset_volume_quota);
}

impl Class for Volume {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
        volume_methods(sink);
        wait_methods(sink);
    }
}

impl Class for VolumeType {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
    }
}

impl Class for VolumeSnapshot {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
        wait_methods(sink);
    }
}

impl Class for Attachment {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
    }
}

impl Class for VolumeService {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
    }
}

fn volume_methods(sink: &mut dyn Sink<Object<Volume>>) {
    sink.method(
        write(
            "upload_to_image",
            "options: { name: string, disk_format?: string, container_format?: string, force?: boolean }",
            "Image",
            "Uploads the volume to a new image; wait for the image to be active.",
        ),
        |call: Call<Object<Volume>>, options: Option<Table>| async move {
            let options = Options::read(options, VolumeUpload::CREATE, "upload_to_image")?;
            let cloud = &call.this.cloud;
            if call.pretend || call.this.planned() {
                return Ok(super::kind::planned::<Image>(cloud, options.rest()));
            }
            let upload = cloud.upload_volume(call.this.id(), options.rest()).await.map_err(fault::openstack)?;
            let image: Image = cloud.get(&upload.image_id).await.map_err(fault::openstack)?;
            Ok(Object::new(cloud, image))
        },
    );
    does(
        sink,
        write(
            "set_image_metadata",
            "items: table<string, string>",
            "",
            "Sets properties that servers booted from the volume obey.",
        ),
        |cloud: Cloud, id, items: BTreeMap<String, String>| async move {
            cloud.set_volume_image_metadata(&id, &items).await
        },
    );
    does(
        sink,
        write("set_metadata", "items: table<string, string>", "", "Sets metadata items; others stay."),
        |cloud: Cloud, id, items: BTreeMap<String, String>| async move { cloud.set_volume_metadata(&id, &items).await },
    );
    const BOOTABLE: &[Field] = keys![bootable: bool = "Whether a server can boot from it."];
    const SIZE: &[Field] = keys![size: i64 = "The new size in GiB."];
    const STATUS: &[Field] = keys![status: String = "The status to write."];
    sink.method(
        write("set_bootable", "options: { bootable: boolean }", "", "Says whether a server can boot from the volume."),
        |call: Call<Object<Volume>>, options: Option<Table>| async move {
            let bootable = Options::read(options, BOOTABLE, "set_bootable")?.need("bootable")?;
            if call.pretend || call.this.planned() {
                return Ok(());
            }
            call.this.cloud.set_volume_bootable(call.this.id(), bootable).await.map_err(fault::openstack)
        },
    );
    sink.method(
        write("extend", "options: { size: integer }", "", "Makes the volume larger."),
        |call: Call<Object<Volume>>, options: Option<Table>| async move {
            let size = Options::read(options, SIZE, "extend")?.need("size")?;
            if call.pretend || call.this.planned() {
                return Ok(());
            }
            call.this.cloud.extend_volume(call.this.id(), size).await.map_err(fault::openstack)
        },
    );
    sink.method(
        write("reset_state", "options: { status: string }", "", "Overwrites the volume's status, whatever is true."),
        |call: Call<Object<Volume>>, options: Option<Table>| async move {
            let status: String = Options::read(options, STATUS, "reset_state")?.need("status")?;
            if call.pretend || call.this.planned() {
                return Ok(());
            }
            call.this.cloud.reset_volume_status(call.this.id(), &status).await.map_err(fault::openstack)
        },
    );
}
