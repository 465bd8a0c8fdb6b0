"""Neutron's switch of the lab: it binds every port on every host, and there is no agent.

A floating IP is ACTIVE while it has a port, which an L3 agent would have reported.
"""

from neutron_lib.api.definitions import portbindings
from neutron_lib.callbacks import events, registry, resources
from neutron_lib.plugins import constants, directory
from neutron_lib.plugins.ml2 import api
from oslo_config import cfg

cfg.CONF.register_opts([cfg.StrOpt("vif_type", default="ovs")], "moonferry_lab")


class LabMechanism(api.MechanismDriver):
    """Says yes to every binding."""

    @property
    def connectivity(self):
        """Plain layer 2."""
        return portbindings.CONNECTIVITY_L2

    def initialize(self):
        """Listens for floating IPs, which are nothing a mechanism driver is told about."""
        for event in (events.AFTER_CREATE, events.AFTER_UPDATE):
            registry.subscribe(self._report, resources.FLOATING_IP, event)

    def bind_port(self, context):
        """Binds to the first segment."""
        kind = cfg.CONF.moonferry_lab.vif_type
        bridge = "br-int" if kind == "ovs" else "brq" + context.current["network_id"][:11]
        # With the filter claimed os-vif leaves the machine's firewall alone.
        details = {"bridge_name": bridge, portbindings.CAP_PORT_FILTER: True}
        segment = context.segments_to_bind[0]
        context.set_binding(segment[api.ID], kind, details, status="ACTIVE")

    def _report(self, resource, event, trigger, payload):
        router = directory.get_plugin(constants.L3)
        admin = payload.context.elevated()
        address = router.get_floatingip(admin, payload.resource_id or payload.latest_state["id"])
        status = "ACTIVE" if address["port_id"] else "DOWN"
        if status != address["status"]:
            router.update_floatingip_status(admin, address["id"], status)
