"""Nova's hypervisor of the lab: the fake driver with real disks and a memory.

The stock fake driver keeps its guests in a dictionary, has no disks, uploads nothing for a snapshot and may invent a
new node id per process.  Here a guest is a folder <state_path>/instances/<uuid> with `disk` (qcow2 over the cached image)
and `guest.json`, so that guests outlive nova-compute and their bytes can be compared.
"""

import glob
import hashlib
import json
import os
import shutil
import uuid

import nova.conf
from nova import objects
from nova.compute import power_state, task_states
from nova.image import glance
from nova.virt import fake, images
from nova.volume import cinder

from moonferry_lab import disks

CONF = nova.conf.CONF


def _host_id(node):
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, node))


class LabDriver(fake.FakeDriver):
    """A host of 16 cores, 64 GiB of memory and 500 GB of disk."""

    vcpus, memory_mb, local_gb = 16, 65536, 500

    # The node.

    def init_host(self, host):
        """Remembers the guests of before."""
        super().init_host(host)
        for path in glob.glob(self._file("*", "guest.json")):
            with open(path, encoding="utf-8") as text:
                kept = json.load(text)
            self.instances[kept["uuid"]] = fake.FakeInstance(kept["name"], kept["state"], kept["uuid"])

    def get_available_resource(self, nodename):
        """The same id at every start."""
        return super().get_available_resource(nodename) | {"uuid": _host_id(nodename)}

    def get_nodenames_by_uuid(self, refresh=False):
        """One node per host."""
        return {_host_id(node): node for node in self.get_available_nodes()}

    def get_host_ip_addr(self):
        """Loopback."""
        return CONF.my_ip

    # Guests as folders.

    def _file(self, guest, name=""):
        return os.path.join(CONF.instances_path, guest, name)

    def _keep(self, instance, state=None):
        guest = self.instances[instance.uuid]
        guest.state = guest.state if state is None else state
        os.makedirs(self._file(guest.uuid), exist_ok=True)
        with open(self._file(guest.uuid, "guest.json"), "w", encoding="utf-8") as out:
            json.dump({"uuid": guest.uuid, "name": guest.name, "state": guest.state}, out)

    def _drop(self, instance):
        self.instances.pop(instance.uuid, None)
        shutil.rmtree(self._file(instance.uuid), ignore_errors=True)

    def _bring(self, instance):
        """Copies the disk from the sibling host that has it, as a migration does."""
        os.makedirs(self._file(instance.uuid), exist_ok=True)
        mine = self._file(instance.uuid, "disk")
        hosts = os.path.dirname(CONF.state_path)
        for theirs in glob.glob(os.path.join(hosts, "*", "instances", instance.uuid, "disk")):
            if theirs != mine and not os.path.exists(mine):
                disks.flat_copy(theirs, mine)

    def spawn(self, context, instance, *args, **kwargs):
        """Makes the disk unless a migration brought it or a volume is the root."""
        os.makedirs(self._file(instance.uuid), exist_ok=True)
        disk = self._file(instance.uuid, "disk")
        if instance.image_ref and not os.path.exists(disk):
            base = disks.base_of(self._file("_base"), instance.image_ref,
                                 lambda path: images.fetch(context, instance.image_ref, path))
            disks.overlay(base, disk, instance.flavor.root_gb)
        super().spawn(context, instance, *args, **kwargs)
        self._keep(instance)

    def destroy(self, context, instance, *args, **kwargs):
        """Removes the guest and its disk."""
        if instance.uuid in self.instances:
            super().destroy(context, instance, *args, **kwargs)
        self._drop(instance)

    def cleanup(self, context, instance, *args, **kwargs):
        """Removes what is left."""
        self._drop(instance)

    def instance_on_disk(self, instance):
        """Whether this host has the disk."""
        return os.path.exists(self._file(instance.uuid, "disk"))

    def get_console_output(self, context, instance):
        """A line that names the guest."""
        return f"guest {instance.uuid} on {CONF.host}\n"

    # Power.

    def power_on(self, context, instance, *args, **kwargs):
        """Running."""
        super().power_on(context, instance, *args, **kwargs)
        self._keep(instance)

    def power_off(self, instance, *args, **kwargs):
        """Shut down."""
        super().power_off(instance, *args, **kwargs)
        self._keep(instance)

    def pause(self, instance):
        """Paused."""
        self._keep(instance, power_state.PAUSED)

    def unpause(self, instance):
        """Running."""
        self._keep(instance, power_state.RUNNING)

    def suspend(self, context, instance):
        """Suspended."""
        self._keep(instance, power_state.SUSPENDED)

    def resume(self, context, instance, *args, **kwargs):
        """Running."""
        self._keep(instance, power_state.RUNNING)

    # Moves between the hosts of this cloud.

    def finish_migration(self, context, migration, instance, *args, **kwargs):
        """Cold migration and resize, at the host it goes to."""
        self._bring(instance)
        super().finish_migration(context, migration, instance, *args, **kwargs)
        if os.path.exists(self._file(instance.uuid, "disk")):
            disks.grow(self._file(instance.uuid, "disk"), instance.flavor.root_gb)

    def finish_revert_migration(self, context, instance, *args, **kwargs):
        """Back where it came from."""
        super().finish_revert_migration(context, instance, *args, **kwargs)
        self._keep(instance)

    def pre_live_migration(self, context, instance, *args, **kwargs):
        """Live migration, at the host it goes to."""
        self._bring(instance)
        return super().pre_live_migration(context, instance, *args, **kwargs)

    def post_live_migration_at_source(self, context, instance, network_info):
        """Live migration, at the host it left."""
        self._drop(instance)

    # Snapshots.

    def snapshot(self, context, instance, image_id, update_task_state):
        """Uploads the disk without its base."""
        update_task_state(task_state=task_states.IMAGE_PENDING_UPLOAD)
        copy = self._file(instance.uuid, "snapshot-" + image_id)
        disks.flat_copy(self._file(instance.uuid, "disk"), copy)
        update_task_state(task_state=task_states.IMAGE_UPLOADING, expected_state=task_states.IMAGE_PENDING_UPLOAD)
        service = glance.API()
        about = {"name": service.get(context, image_id)["name"], "disk_format": "qcow2", "container_format": "bare",
                 "properties": {"image_location": "snapshot", "image_state": "available", "owner_id": instance.project_id}}
        try:
            with open(copy, "rb") as data:
                service.update(context, image_id, about, data, purge_props=False)
        finally:
            os.unlink(copy)

    def _volume(self, context, instance, volume_id):
        """The block device of a volume, its connection, and the folder of its files."""
        device = objects.BlockDeviceMapping.get_by_volume_and_instance(context, volume_id, instance.uuid)
        connection = json.loads(device.connection_info)
        data = connection["data"]
        parent = connection.get("mount_point_base") or data["mount_point_base"]
        return device, connection, os.path.join(parent, hashlib.md5(data["export"].encode()).hexdigest())

    def volume_snapshot_create(self, context, instance, volume_id, create_info):
        """Cinder made an overlay over the volume's file and asks the hypervisor to write there from now on."""
        device, connection, _ = self._volume(context, instance, volume_id)
        connection["data"] |= {"name": create_info["new_file"], "format": "qcow2"}
        device.connection_info = json.dumps(connection)
        device.save()
        cinder.API().update_snapshot_status(context, create_info["snapshot_id"], "creating")

    def volume_snapshot_delete(self, context, instance, volume_id, snapshot_id, delete_info):
        """Cinder asks for a snapshot's file to be merged away under a running guest."""
        _, connection, folder = self._volume(context, instance, volume_id)
        disks.merge(folder, connection["data"]["name"], delete_info["file_to_merge"], delete_info.get("merge_target_file"))
        cinder.API().update_snapshot_status(context, snapshot_id, "deleting")
