//! Nova in scripts: its kinds and what can be done with them.

use crate::api::describe::Sink;
use crate::openstack::compute::{
    Aggregate, AvailabilityZone, ComputeService, Flavor, Hypervisor, Keypair, Migration, Server, ServerGroup,
};
use crate::openstack::resource::Resource;

use std::collections::BTreeMap;

use mlua::Table;

use crate::api::describe::{Call, read, write};
use crate::api::fault;
use crate::openstack::Cloud;
use crate::openstack::compute::{ComputeQuota, InterfaceAttachment, ServerAction, VolumeAttachment};
use crate::openstack::entity::Field;
use crate::openstack::resource::keys;

use super::kind::kind;
use super::method::{Options, data, does, quota_methods, service_cloud};
use super::object::{Class, Object, resource_methods};
use super::services;
use super::wait::wait_methods;

/// Declares what `cloud.compute` offers.
pub fn service(sink: &mut dyn Sink<services::Compute>) {
    kind::<Server, _>(sink);
    kind::<Flavor, _>(sink);
    kind::<Keypair, _>(sink);
    kind::<ServerGroup, _>(sink);
    kind::<ComputeService, _>(sink);
    kind::<Hypervisor, _>(sink);
    kind::<Aggregate, _>(sink);
    kind::<AvailabilityZone, _>(sink);
    kind::<Migration, _>(sink);
    quota_methods!(sink, ComputeQuota, compute_quota, compute_quota_usage, set_compute_quota, reset_compute_quota);
}

impl Class for Server {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
        server_methods(sink);
        wait_methods(sink);
    }
}

impl Class for Flavor {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
        flavor_methods(sink);
    }
}

impl Class for Keypair {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
    }
}

impl Class for ServerGroup {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
    }
}

impl Class for ComputeService {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
    }
}

impl Class for Hypervisor {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
    }
}

impl Class for Aggregate {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
    }
}

impl Class for AvailabilityZone {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
    }
}

impl Class for Migration {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
    }
}

/// Declares an action that takes nothing.
fn simple(sink: &mut dyn Sink<Object<Server>>, name: &'static str, doc: &'static str, action: fn() -> ServerAction) {
    does(sink, write(name, "", "", doc), move |cloud: Cloud, id, (): ()| async move {
        cloud.server_action(&id, &action()).await
    });
}

/// Declares an action with options; `make` turns them into the action.
fn with_options(
    sink: &mut dyn Sink<Object<Server>>,
    (name, params, doc): (&'static str, &'static str, &'static str),
    declared: &'static [Field],
    make: fn(&mut Options) -> Result<ServerAction, crate::lua::fault::Fault>,
) {
    sink.method(write(name, params, "", doc), move |call: Call<Object<Server>>, options: Option<Table>| async move {
        let action = make(&mut Options::read(options, declared, name)?)?;
        if call.pretend || call.this.planned() {
            return Ok(());
        }
        call.this.cloud.server_action(call.this.id(), &action).await.map_err(fault::openstack)
    });
}

const HOST: &[Field] = keys![host: Option<String> = "The host to go to; the scheduler's choice where absent."];

fn server_methods(sink: &mut dyn Sink<Object<Server>>) {
    simple(sink, "start", "Switches the server on.", || ServerAction::Start);
    simple(sink, "stop", "Asks the guest to shut down, then switches the server off.", || ServerAction::Stop);
    simple(sink, "pause", "Halts the server's processors.", || ServerAction::Pause);
    simple(sink, "unpause", "Lets the server's processors go on.", || ServerAction::Unpause);
    simple(sink, "suspend", "Writes the server's memory to disk and switches it off.", || ServerAction::Suspend);
    simple(sink, "resume", "Reads the server's memory from disk and goes on.", || ServerAction::Resume);
    simple(sink, "unlock", "Lets the owner act on the server again.", || ServerAction::Unlock);
    simple(sink, "shelve", "Takes the server off its host and keeps its root disk as an image.", || {
        ServerAction::Shelve
    });
    simple(sink, "unshelve", "Brings a shelved server back.", || ServerAction::Unshelve {
        availability_zone: None,
        host: None,
    });
    simple(sink, "confirm_resize", "Keeps the new flavor or host.", || ServerAction::ConfirmResize);
    simple(sink, "revert_resize", "Goes back to the flavor and host before.", || ServerAction::RevertResize);
    placement_actions(sink);
    image_and_console(sink);
    attachment_methods(sink);
    label_methods(sink);
}

fn placement_actions(sink: &mut dyn Sink<Object<Server>>) {
    const REBOOT: &[Field] = keys![hard: Option<bool> = "Whether to switch off and on instead of asking the guest."];
    with_options(sink, ("reboot", "options?: { hard?: boolean }", "Restarts the server."), REBOOT, |o| {
        Ok(if o.take("hard")?.unwrap_or(false) { ServerAction::HardReboot } else { ServerAction::Reboot })
    });
    const LOCK: &[Field] = keys![reason: Option<String> = "Why."];
    with_options(
        sink,
        ("lock", "options?: { reason?: string }", "Keeps all but administrators from acting on the server."),
        LOCK,
        |o| Ok(ServerAction::Lock { reason: o.take("reason")? }),
    );
    const RESIZE: &[Field] = keys![flavor: String = "The flavor, by id."];
    with_options(
        sink,
        ("resize", "options: { flavor: string }", "Gives the server another flavor, to be confirmed or reverted."),
        RESIZE,
        |o| Ok(ServerAction::Resize { flavor: o.need("flavor")? }),
    );
    with_options(
        sink,
        ("migrate", "options?: { host?: string }", "Moves the server, switched off, to another host."),
        HOST,
        |o| Ok(ServerAction::Migrate { host: o.take("host")? }),
    );
    with_options(
        sink,
        ("evacuate", "options?: { host?: string }", "Makes the server anew elsewhere because its host is down."),
        HOST,
        |o| Ok(ServerAction::Evacuate { host: o.take("host")? }),
    );
    const LIVE: &[Field] = keys![
        host: Option<String> = "The host to go to; the scheduler's choice where absent.",
        block: Option<bool> = "Whether local disks are copied too; the service's choice where absent.",
    ];
    with_options(
        sink,
        (
            "live_migrate",
            "options?: { host?: string, block?: boolean }",
            "Moves the server to another host while it runs.",
        ),
        LIVE,
        |o| Ok(ServerAction::LiveMigrate { host: o.take("host")?, block_migration: o.take("block")? }),
    );
    const STATE: &[Field] = keys![state: String = "`active` or `error`."];
    with_options(
        sink,
        ("reset_state", "options: { state: string }", "Overwrites the server's status, whatever is true."),
        STATE,
        |o| Ok(ServerAction::ResetState { state: o.need("state")? }),
    );
}

fn image_and_console(sink: &mut dyn Sink<Object<Server>>) {
    const IMAGE: &[Field] = keys![
        name: String = "The image's name.",
        metadata: Option<BTreeMap<String, String>> = "Properties of the image.",
    ];
    sink.method(
        write(
            "create_image",
            "options: { name: string, metadata?: table<string, string> }",
            "Image",
            "Snapshots the server's root disk to a new image; wait for the image to be active.",
        ),
        |call: Call<Object<Server>>, options: Option<Table>| async move {
            let mut options = Options::read(options, IMAGE, "create_image")?;
            let name: String = options.need("name")?;
            let metadata: BTreeMap<String, String> = options.take("metadata")?.unwrap_or_default();
            let cloud = &call.this.cloud;
            if call.pretend || call.this.planned() {
                let body = serde_json::Map::from_iter([("name".to_owned(), name.into())]);
                return Ok(super::kind::planned(cloud, body));
            }
            let made = cloud.create_server_image(call.this.id(), &name, serde_json::json!(metadata)).await;
            let image: crate::openstack::image::Image =
                cloud.get(&made.map_err(fault::openstack)?).await.map_err(fault::openstack)?;
            Ok(Object::new(cloud, image))
        },
    );
    const LINES: &[Field] = keys![lines: Option<u64> = "How many lines from the end."];
    sink.method(
        read("console_log", "options?: { lines?: integer }", "string", "Returns what the server wrote to its console."),
        |call: Call<Object<Server>>, options: Option<Table>| async move {
            let lines = Options::read(options, LINES, "console_log")?.take("lines")?;
            call.this.cloud.server_console(call.this.id(), lines).await.map_err(fault::openstack)
        },
    );
}

fn attachment_methods(sink: &mut dyn Sink<Object<Server>>) {
    sink.method(
        read("interfaces", "", "table[]", "Returns the attached ports in the order of the interfaces."),
        |call: Call<Object<Server>>, (): ()| async move {
            let list = call.this.cloud.interface_attachments(call.this.id()).await.map_err(fault::openstack)?;
            data(&call.lua, &list)
        },
    );
    sink.method(
        read("volume_attachments", "", "table[]", "Returns the attached volumes."),
        |call: Call<Object<Server>>, (): ()| async move {
            let list = call.this.cloud.volume_attachments(call.this.id()).await.map_err(fault::openstack)?;
            data(&call.lua, &list)
        },
    );
    sink.method(
        write(
            "attach_volume",
            "options: { volume_id: string, device?: string, tag?: string, delete_on_termination?: boolean }",
            "",
            "Attaches a volume; wait for the volume to be in-use.",
        ),
        |call: Call<Object<Server>>, options: Option<Table>| async move {
            let options = Options::read(options, VolumeAttachment::CREATE, "attach_volume")?;
            if call.pretend || call.this.planned() {
                return Ok(());
            }
            call.this.cloud.attach_volume(call.this.id(), options.rest()).await.map_err(fault::openstack).map(drop)
        },
    );
    sink.method(
        write(
            "attach_interface",
            "options: { port_id?: string, net_id?: string, tag?: string }",
            "",
            "Attaches a port, or makes one in a network.",
        ),
        |call: Call<Object<Server>>, options: Option<Table>| async move {
            let options = Options::read(options, InterfaceAttachment::CREATE, "attach_interface")?;
            if call.pretend || call.this.planned() {
                return Ok(());
            }
            call.this.cloud.attach_interface(call.this.id(), options.rest()).await.map_err(fault::openstack).map(drop)
        },
    );
    const VOLUME: &[Field] = keys![volume_id: String = "The volume."];
    sink.method(
        write(
            "detach_volume",
            "options: { volume_id: string }",
            "",
            "Detaches a volume; wait for the volume to be available.",
        ),
        |call: Call<Object<Server>>, options: Option<Table>| async move {
            let volume: String = Options::read(options, VOLUME, "detach_volume")?.need("volume_id")?;
            if call.pretend || call.this.planned() {
                return Ok(());
            }
            call.this.cloud.detach_volume(call.this.id(), &volume).await.map_err(fault::openstack)
        },
    );
    const PORT: &[Field] = keys![port_id: String = "The port."];
    sink.method(
        write("detach_interface", "options: { port_id: string }", "", "Detaches a port."),
        |call: Call<Object<Server>>, options: Option<Table>| async move {
            let port: String = Options::read(options, PORT, "detach_interface")?.need("port_id")?;
            if call.pretend || call.this.planned() {
                return Ok(());
            }
            call.this.cloud.detach_interface(call.this.id(), &port).await.map_err(fault::openstack)
        },
    );
}

fn label_methods(sink: &mut dyn Sink<Object<Server>>) {
    does(
        sink,
        write("set_metadata", "items: table<string, string>", "", "Sets metadata items; others stay."),
        |cloud: Cloud, id, items: BTreeMap<String, String>| async move { cloud.set_server_metadata(&id, &items).await },
    );
    does(
        sink,
        write("remove_metadata", "keys: string[]", "", "Removes metadata items."),
        |cloud: Cloud, id, names: Vec<String>| async move {
            for name in &names {
                cloud.delete_server_metadata(&id, name).await?;
            }
            Ok(())
        },
    );
    does(
        sink,
        write("set_tags", "tags: string[]", "", "Replaces the server's tags."),
        |cloud: Cloud, id, tags: Vec<String>| async move { cloud.set_server_tags(&id, &tags).await },
    );
}

fn flavor_methods(sink: &mut dyn Sink<Object<Flavor>>) {
    does(
        sink,
        write("set_extra_specs", "specs: table<string, string>", "", "Sets extra specs; others stay."),
        |cloud: Cloud, id, specs: BTreeMap<String, String>| async move { cloud.set_flavor_extra_specs(&id, &specs).await },
    );
    sink.method(
        read("access", "", "string[]", "Returns the projects that may use a private flavor, by id."),
        |call: Call<Object<Flavor>>, (): ()| async move {
            call.this.cloud.flavor_access(call.this.id()).await.map_err(fault::openstack)
        },
    );
    const PROJECT: &[Field] = keys![project_id: String = "The project."];
    sink.method(
        write("add_access", "options: { project_id: string }", "", "Lets a project use a private flavor."),
        |call: Call<Object<Flavor>>, options: Option<Table>| async move {
            let project: String = Options::read(options, PROJECT, "add_access")?.need("project_id")?;
            if call.pretend || call.this.planned() {
                return Ok(());
            }
            call.this.cloud.add_flavor_access(call.this.id(), &project).await.map_err(fault::openstack)
        },
    );
    sink.method(
        write("remove_access", "options: { project_id: string }", "", "Takes a private flavor from a project."),
        |call: Call<Object<Flavor>>, options: Option<Table>| async move {
            let project: String = Options::read(options, PROJECT, "remove_access")?.need("project_id")?;
            if call.pretend || call.this.planned() {
                return Ok(());
            }
            call.this.cloud.remove_flavor_access(call.this.id(), &project).await.map_err(fault::openstack)
        },
    );
}
