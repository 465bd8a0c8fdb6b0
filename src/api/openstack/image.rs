//! Glance in scripts: its kinds and what can be done with them.

use crate::api::describe::Sink;
use crate::openstack::image::Image;
use crate::openstack::resource::Resource;

use mlua::{AnyUserData, Function, Table};

use crate::api::describe::{Call, read, write};
use crate::api::fault;
use crate::lua::fault::{Fault, Kind};
use crate::openstack::Cloud;
use crate::openstack::entity::Field;
use crate::openstack::resource::keys;

use super::kind::kind;
use super::method::{Options, data, does};
use super::object::{Class, Object, resource_methods};
use super::relay;
use super::services;
use super::wait::wait_methods;

/// Declares what `cloud.image` offers.
pub fn service(sink: &mut dyn Sink<services::Image>) {
    kind::<Image, _>(sink);
}

impl Class for Image {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
        image_methods(sink);
        member_methods(sink);
        wait_methods(sink);
    }
}

fn image_methods(sink: &mut dyn Sink<Object<Image>>) {
    sink.method(
        write("upload_from", "source: Image, options?: { progress?: fun(done: integer, total: integer?) }", "Image", "Streams the bytes of another image into this queued one, through this machine's memory and no file, and returns the new snapshot."),
        |call: Call<Object<Image>>, (source, options): (AnyUserData, Option<Table>)| async move {
            let source = source.borrow::<Object<Image>>().map(|source| source.clone()).map_err(|_| {
                Fault::new(Kind::Invalid, "upload_from takes the source image as its first argument")
            })?;
            let progress = match options {
                Some(options) => {
                    crate::lua::bind::options(&options, &["progress"], "upload_from")?;
                    options.get::<Option<Function>>("progress")?
                }
                None => None,
            };
            if call.pretend || call.this.planned() || source.planned() {
                return Ok(call.this);
            }
            relay::image(&source, &call.this, progress).await?;
            let data = call.this.cloud.get(call.this.id()).await.map_err(fault::openstack)?;
            Ok(Object::new(&call.this.cloud, data))
        },
    );
    does(
        sink,
        write("deactivate", "", "", "Keeps the image's bytes from being read."),
        |cloud: Cloud, id, (): ()| async move { cloud.deactivate_image(&id).await },
    );
    does(
        sink,
        write("reactivate", "", "", "Lets the image's bytes be read again."),
        |cloud: Cloud, id, (): ()| async move { cloud.reactivate_image(&id).await },
    );
}

fn member_methods(sink: &mut dyn Sink<Object<Image>>) {
    const PROJECT: &[Field] = keys![project_id: String = "The project."];
    const STATUS: &[Field] =
        keys![project_id: String = "The project.", status: String = "`pending`, `accepted` or `rejected`."];
    sink.method(
        read("members", "", "table[]", "Returns the projects that a shared image is shared with."),
        |call: Call<Object<Image>>, (): ()| async move {
            let list = call.this.cloud.image_members(call.this.id()).await.map_err(fault::openstack)?;
            data(&call.lua, &list)
        },
    );
    sink.method(
        write("add_member", "options: { project_id: string }", "", "Shares the image with a project."),
        |call: Call<Object<Image>>, options: Option<Table>| async move {
            let project: String = Options::read(options, PROJECT, "add_member")?.need("project_id")?;
            if call.pretend || call.this.planned() {
                return Ok(());
            }
            call.this.cloud.add_image_member(call.this.id(), &project).await.map_err(fault::openstack).map(drop)
        },
    );
    sink.method(
        write(
            "set_member_status",
            "options: { project_id: string, status: string }",
            "",
            "Says what a project makes of the image shared with it.",
        ),
        |call: Call<Object<Image>>, options: Option<Table>| async move {
            let mut options = Options::read(options, STATUS, "set_member_status")?;
            let (project, status): (String, String) = (options.need("project_id")?, options.need("status")?);
            if call.pretend || call.this.planned() {
                return Ok(());
            }
            let done = call.this.cloud.set_image_member(call.this.id(), &project, &status).await;
            done.map_err(fault::openstack).map(drop)
        },
    );
    sink.method(
        write("remove_member", "options: { project_id: string }", "", "Ends sharing the image with a project."),
        |call: Call<Object<Image>>, options: Option<Table>| async move {
            let project: String = Options::read(options, PROJECT, "remove_member")?.need("project_id")?;
            if call.pretend || call.this.planned() {
                return Ok(());
            }
            call.this.cloud.remove_image_member(call.this.id(), &project).await.map_err(fault::openstack)
        },
    );
}
