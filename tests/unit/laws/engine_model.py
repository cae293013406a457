# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine in memory: answers like GET /networks and GET /containers, and refuses what a real engine refuses.

It has the methods of the SDK's APIClient that the adapter uses, so that the laws try the adapter too.
What it models was seen on 20.10, 26.1 and 28.5 (tests/integration/assumptions says where).
"""
from __future__ import annotations

import docker.errors

from . import engine_ipam as ipam
from .engine_reads import ALIVE, EngineReads, identity

# Where a request gives it among its options too, that one counts; of the engine's defaults the request's own field does (28.5).
IPV4 = "com.docker.network.enable_ipv4"
NOTHING = {"IPAddress": "", "GlobalIPv6Address": ""}  # what a container holds while it is down


class Refused(docker.errors.APIError):
    """What the SDK raises on a 4xx or 5xx answer."""

    def __init__(self, text):
        super().__init__(text, explanation=text)


class EngineModel(EngineReads):
    """:param version: such as "26.1.5"; :param swarm: "manager", "worker" or ""

    :param default_network_opts: of daemon.json, driver to options that each new network gets
    """

    def __init__(self, version="26.1.5", swarm="", nodes=0, default_network_opts=None):
        self.version, self.swarm, self.nodes = version, swarm, nodes
        self.default_network_opts = default_network_opts or {}
        self.nets, self.boxes, self.uses = {}, {}, {}
        self.leaked, self.allocating, self.lingering = {}, {}, []
        self.publishing, self.peers = {}, {}
        self.made = self.born = 0
        self.before_change = lambda what: None
        self.after_change = lambda what: None

    # what changes something

    def start(self, ident):
        self._change("start %s" % ident, self._start, self.boxes[ident])

    def stop(self, ident):
        self._change("stop %s" % ident, self._stop, self.boxes[ident])

    def disconnect_container_from_network(self, ident, net, force=False):
        if force and ident in self.leaked.get(net, ()):
            self._change("free %s" % ident, self.leaked[net].remove, ident)
        else:
            self._change("disconnect %s" % ident, self._disconnect, self.boxes[ident], net)

    def remove_network(self, ident):
        self._change("remove %s" % ident, self._remove, ident)

    def _url(self, path, *args):
        return path.format(*args)

    def _post_json(self, url, data):
        if url == "/networks/create":
            return self._change("create %s" % data["Name"], self._create, data)
        ident = url.split("/")[2]
        return self._change("connect %s" % data["Container"], self._connect, self.boxes[data["Container"]], ident, data)

    def _raise_for_status(self, response):
        pass

    def _change(self, what, effect, *args):
        self.before_change(what)
        answer = effect(*args)
        self._back_off_retries()
        self.after_change(what)
        return answer

    # the rules

    def _create(self, body):
        same = [net for net in [*self.nets.values(), *self.lingering] if net["Name"] == body["Name"]]
        if same:
            raise Refused("network with name %s already exists" % body["Name"])
        if body.get("ConfigOnly") and {"Internal", "Attachable", "Ingress", "Scope"} & set(body):
            raise Refused("configuration network can only contain network specific fields.")
        if body.get("Driver") in ("null", "host"):
            raise Refused("only one instance of %r network is allowed" % body["Driver"])
        self.made += 1
        source = (body.get("ConfigFrom") or {}).get("Network")
        if source and not self.by_name(source):
            raise Refused("configuration network %r not found" % source)
        net = ipam.answer(body, self.by_name(source) if source else None, self.major)
        if not source:
            net["Options"] = dict(self.default_network_opts.get(body.get("Driver") or "bridge") or {}, **net["Options"])
            if self.major >= 28 and ("EnableIPv4" not in body or IPV4 in (body.get("Options") or {})):
                net["EnableIPv4"] = net["Options"].get(IPV4) != "false"
        net["Id"] = identity("network", body["Name"], self.made)
        if net["Scope"] == "swarm" and self.swarm != "manager":
            raise Refused("This node is not a swarm manager.")
        ipam.take_subnets(net, self.nets.values())
        self.nets[net["Id"]] = net
        self.allocating[net["Id"]] = net["Driver"] == "overlay"
        return Created(net["Id"])

    def _remove(self, ident):
        net = self._net(ident)
        if any(box.endpoint_on(ident) for box in self.boxes.values()) or self.leaked.get(ident):
            raise Refused("error while removing network: network %s has active endpoints" % net["Name"])
        if net["Scope"] == "swarm" and self.swarm != "manager":
            raise Refused("This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state.")
        if net["ConfigOnly"] and any(n["ConfigFrom"]["Network"] == net["Name"] for n in self.nets.values()):
            raise Refused("configuration network %r is in use" % net["Name"])
        if any(net["Name"] in nets for nets in self.uses.values()):
            raise Refused("network %s is in use by service" % net["Name"])
        self.lingering = [net] if net["Scope"] == "swarm" else []
        del self.nets[ident]

    def _connect(self, box, ident, body):
        net = self._net(ident)
        config = body.get("EndpointConfig") or {}
        if net["Name"] in box.ends and box.state in ALIVE:
            raise Refused("endpoint with name %s already exists in network %s" % (box.name, net["Name"]))
        if box.state in ALIVE:
            self._own_network_is_there(box)
        self._can_be_shared(box, net, config)
        if net["Name"] in box.ends and box.ends[net["Name"]]["NetworkID"] in ("", ident):
            return  # accepted and ignored, on every engine that was tried
        ipam.check_address(net, config.get("IPAMConfig") or {}, self.taken(ident) if box.state in ALIVE else ())
        end = dict(config, **NOTHING, NetworkID="")
        if (self.major, self.minor) < (29, 3):
            end.pop("MacAddress", None)  # accepted and ignored
        if self.major < 28:
            end.pop("GwPriority", None)
        if box.state == "restarting" and self.major < 28:
            self.leaked.setdefault(ident, []).append(box.name)
        if box.state in ALIVE:
            end["NetworkID"] = ident
            end.update(ipam.given_out(net, config.get("IPAMConfig") or {}, self.taken(ident)))
            self.live(end)
        box.ends[net["Name"]] = end
        written_by_swarm(net, end)

    def _can_be_shared(self, box, net, config):
        if box.mode in ("host", "none") or box.mode.startswith("container:"):
            raise Refused("container sharing network namespace with another container or host cannot be connected to any other network")
        if net["Name"] == "bridge" and (config.get("Aliases") or config.get("IPAMConfig")):
            raise Refused("network-scoped alias is supported only for containers in user defined networks")

    def _disconnect(self, box, ident):
        net = self._net(ident)
        if net["Name"] not in box.ends or box.state == "restarting":
            raise Refused("container %s is not connected to network %s" % (box.id, net["Name"]))
        del box.ends[net["Name"]]

    def _start(self, box):
        if box.state in ALIVE:
            return
        self._own_network_is_there(box)
        for name, end in box.ends.items():
            net = self.by_name(name)
            if net is None or end["NetworkID"] not in ("", net["Id"]):
                raise Refused("network %s not found" % end["NetworkID"])
            ipam.check_address(net, end.get("IPAMConfig") or {}, self.taken(net["Id"]))
        box.state = "restarting" if box.crashes else "running"
        for name, end in box.ends.items():
            net = self.by_name(name)
            # One that crashes holds them until it does, and that the next steps come before is the better half of what can happen.
            end.update(ipam.given_out(net, end.get("IPAMConfig") or {}, self.taken(net["Id"])), NetworkID=net["Id"])
            self.live(end)
            written_by_swarm(net, end)

    def _stop(self, box):
        box.state = "exited"
        for end in box.ends.values():
            end.update(NOTHING, EndpointID="")
            if end.pop("written", False):
                end["IPAMConfig"] = None

    def _back_off_retries(self):
        """A container whose network is away when it retries stays down for good."""
        for box in self.boxes.values():
            if box.state == "restarting" and any(end["NetworkID"] not in self.nets for end in box.ends.values()):
                box.state = "exited"

    # helpers

    def live(self, end):
        """A new endpoint in the kernel's sense; each has an id of its own."""
        self.born += 1
        end["EndpointID"] = identity("endpoint", self.born)

    def by_name(self, name):
        return next((net for net in self.nets.values() if net["Name"] == name), None)

    def _net(self, ident):
        if ident not in self.nets:
            raise Refused("network %s not found" % ident)
        return self.nets[ident]

    def _own_network_is_there(self, box):
        known = [key for net in self.nets.values() for key in (net["Name"], net["Id"])] + ["bridge", "default"]
        if self.major >= 25 and box.mode not in known:
            raise Refused("could not find a network matching network mode %s" % box.mode)

    def taken(self, ident):
        return {end[key] for box in self.boxes.values() for end in box.ends.values() for key in NOTHING
                if end["NetworkID"] == ident and end[key]}


def written_by_swarm(net, end):
    """While a container is up, a swarm shows each address it gave out as if it had been asked for (seen on 20.10)."""
    if net["Scope"] == "swarm" and end["IPAddress"] and not (end.get("IPAMConfig") or {}).get("IPv4Address"):
        end.update(IPAMConfig=dict(end.get("IPAMConfig") or {}, IPv4Address=end["IPAddress"]), written=True)


class Created:
    """The answer to POST /networks/create."""

    def __init__(self, ident):
        self.ident = ident

    def json(self):
        return {"Id": self.ident}
