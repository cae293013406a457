# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine in memory answers to who reads; its rules are in engine_model."""
from __future__ import annotations

import hashlib
import socket

from .engine_box import copied

ALIVE = ("running", "paused")
NODE = "192.0.2.11"


def identity(*parts):
    return hashlib.sha256(":".join(map(str, parts)).encode()).hexdigest()


class EngineReads:
    """The reading methods of the SDK's APIClient; C(self) has what EngineModel makes."""

    @property
    def major(self):
        return int(self.version.split(".")[0])

    @property
    def minor(self):
        return int(self.version.split(".")[1])

    @property
    def api_version(self):
        return "1.48" if self.major >= 28 else "1.45"

    def info(self):
        swarm = {"LocalNodeState": "inactive"}
        if self.swarm:
            swarm = {"LocalNodeState": "active", "ControlAvailable": self.swarm == "manager", "Nodes": self.nodes, "NodeAddr": NODE}
        return {"ID": "MODEL", "Name": socket.gethostname(), "ServerVersion": self.version, "Swarm": swarm}

    def networks(self, names=None):
        """C(names) filters by a part of the name, as the engine does; a swarm lists a removed network once more."""
        lingering, self.lingering = self.lingering, []
        if names:
            return [net for net in [*self.networks(), *lingering] if names[0] in net["Name"]]
        return [copied(net) if not self.allocating.get(ident) else self.inspect_network(ident)
                for ident, net in self.nets.items()]

    def inspect_network(self, ident):
        net = copied(self._net(ident))
        if self.allocating.pop(ident, False):  # a swarm's managers have not looked at it yet
            net.update(Driver="", Options=None, IPAM={"Driver": "", "Options": None, "Config": None})
        net["Containers"] = {box.id: {"Name": box.name} for box in self.boxes.values() if box.endpoint_on(ident)}
        net["Containers"].update(("ep-" + identity("endpoint", name), {"Name": name}) for name in self.leaked.get(ident, ()))
        if net["Scope"] == "swarm":
            own = {"lb-" + net["Name"]: {"Name": net["Name"] + "-endpoint"}} if net["Containers"] else {}
            net.update(Containers=dict(net["Containers"], **own), Peers=[
                {"Name": text, "IP": text} for text in [NODE, *self.peers.get(net["Name"], ())]] if own else None)
        return net

    def containers(self, all=False):
        return [box.listed() for box in self.boxes.values() if all or box.state in ALIVE]

    def inspect_container(self, ident):
        return self.boxes[ident].details(short_id_alias=self.major < 25, container_mac=self.major < 29)

    def services(self):
        return [{"Spec": {"Name": name, "TaskTemplate": {"Networks": [{"Target": self.by_name(net)["Id"]} for net in self.uses.get(name, ())]},
                          "EndpointSpec": {"Mode": "vip", "Ports": [{"TargetPort": 80, "PublishMode": mode} for mode in
                                                                    self.publishing.get(name, ())]}}}
                for name in [*self.uses, *(name for name in self.publishing if name not in self.uses)]]
