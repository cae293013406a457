# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts and their swarms in memory: what the role's steps do to them, and whether a swarm still has its quorum."""
from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.swarm import fleet, quorum


@dataclass
class Node:
    id: str
    address: str
    role: str
    alive: bool = True
    labels: dict = field(default_factory=dict)
    votes: bool = None

    def __post_init__(self):
        self.votes = self.role == "manager" if self.votes is None else self.votes


@dataclass
class Host:
    """:param wanted: manager, worker or absent; :param known: whether it can be asked."""

    name: str
    wanted: str
    address: str
    known: bool = True
    labels: dict = field(default_factory=dict)
    swarm: str = ""
    node: str = ""
    pending: bool = False
    remotes: tuple = ()


class Broken(AssertionError):
    """A step that no engine would take, or that costs a swarm its quorum."""


class Fleet:
    """:ivar swarms: id -> nodes; a swarm without living managers is dead, its workers do not know"""

    def __init__(self, hosts):
        self.hosts = {host.name: host for host in hosts}
        self.swarms = {}
        self._ids = itertools.count(1)

    def __repr__(self):
        return "%s\n%s" % ("\n".join(map(str, self.hosts.values())), self.swarms)

    # building

    def new_swarm(self):
        ident = "swarm%d" % next(self._ids)
        self.swarms[ident] = []
        return ident

    def add(self, swarm, address, role, alive=True):
        node = Node("node%d" % next(self._ids), address, role, alive)
        self.swarms[swarm].append(node)
        return node

    def enter(self, host, swarm, role):
        node = self.add(swarm, host.address, role)
        host.swarm, host.node, host.pending = swarm, node.id, False
        host.remotes = tuple("%s:2377" % n.address for n in self.swarms[swarm] if n.votes)

    # looking

    def node(self, host):
        return next((n for n in self.swarms.get(host.swarm, ()) if n.id == host.node), None)

    def managers(self, swarm):
        return [n for n in self.swarms[swarm] if n.votes]

    def leads(self, swarm):
        managers = self.managers(swarm)
        return bool(managers) and quorum.holds(len(managers), sum(n.alive for n in managers))

    def facts(self):
        return {host.name: self._fact(host) for host in self.hosts.values() if host.known}

    def _fact(self, host):
        node = self.node(host)
        manager = node is not None and node.votes and node.alive
        state = "pending" if host.pending else "active" if host.swarm else "inactive"
        sees = manager and self.leads(host.swarm)
        return dict(
            wanted=dict(state="absent" if host.wanted == "absent" else "present", labels=host.labels, advertise_addr=host.address),
            membership=dict(state=state, manager=manager, node_id=host.node, address=host.address if host.swarm else "", error="",
                            remote_managers=list(host.remotes), cluster_id=host.swarm if manager else "", root_digests=[],
                            advertise_addr=host.address if host.swarm else "", listen_addr="", data_path_addr=""),
            host_interfaces=dict(lo=["127.0.0.1"], eth0=[host.address], docker0=["172.17.0.1"]),
            default_address=host.address,
            fleet_swarm=dict(default_addr_pool=["10.0.0.0/8"], subnet_size=24, data_path_port=4789) if sees else None,
            fleet_nodes=[self._seen(n) for n in self.swarms[host.swarm]] if sees else None,
        )

    @staticmethod
    def _seen(n):
        reach = "" if not n.votes else "reachable" if n.alive else "unreachable"
        return dict(id=n.id, hostname="name-of-" + n.id, role=n.role, state="ready" if n.alive else "down", address=n.address,
                    reachability=reach, leader=False, labels=n.labels)

    def plan(self, force=False):
        in_group = [h.name for h in self.hosts.values() if h.wanted == "manager"]
        others = [h.name for h in self.hosts.values() if h.wanted != "manager"]
        return fleet.plan(in_group, others, self.facts(), force)

    # acting: one host of a wave, or one node of it

    def acts(self, wave):
        about = wave["hosts"] or [node["id"] for node in wave["nodes"]]
        return [(wave, item) for item in about]

    def act(self, wave, item):
        if wave["via"]:
            via = self.hosts[wave["via"]]
            here = self.node(via)
            if not (via.known and here and here.votes and here.alive and self.leads(via.swarm)):
                raise Broken("%s is no manager that could %s" % (via.name, wave["action"]))
        getattr(self, "_" + wave["action"])(wave, item)
        for swarm in self.swarms:
            if self.managers(swarm) and any(n.alive for n in self.managers(swarm)) and not self.leads(swarm):
                raise Broken("%s lost its quorum by %s %s" % (swarm, wave["action"], item))

    def _outside(self, name):
        host = self.hosts[name]
        if host.swarm:
            raise Broken("%s is in a swarm already" % name)
        return host

    def _init(self, wave, name):
        self.enter(self._outside(name), self.new_swarm(), "manager")

    def _join_manager(self, wave, name):
        self.enter(self._outside(name), self.hosts[wave["via"]].swarm, "manager")

    def _join_worker(self, wave, name):
        self.enter(self._outside(name), self.hosts[wave["via"]].swarm, "worker")

    def _find(self, wave):
        return next(n for n in self.swarms[self.hosts[wave["via"]].swarm] if n.id == wave["nodes"][0]["id"])

    def _promote(self, wave, item):
        node = self._find(wave)
        if node.role == "manager":
            raise Broken("%s is a manager already, so no engine does anything" % node.id)
        node.role, node.votes = "manager", True

    def _demote(self, wave, item):
        node = self._find(wave)
        if self.managers(self.hosts[wave["via"]].swarm) == [node]:
            raise Broken("the last manager cannot be demoted")
        node.role, node.votes = "worker", False

    def _leave(self, wave, name):
        host = self.hosts[name]
        node = self.node(host)
        if node is not None and node.votes and node.alive:
            others = [n for n in self.managers(host.swarm) if n is not node]
            if not wave["force"]:
                if not others:
                    raise Broken("%s is the last manager" % name)
                node.role, node.votes = "worker", False
            elif others and self.leads(host.swarm):
                raise Broken("%s was forced out of a swarm that lives" % name)
        if node is not None:
            node.alive = False
        host.swarm, host.node, host.pending, host.remotes = "", "", False, ()

    def _remove(self, wave, ident):
        nodes = self.swarms[self.hosts[wave["via"]].swarm]
        node = next(n for n in nodes if n.id == ident)
        if node.role == "manager" or any(h.node == ident for h in self.hosts.values()):
            raise Broken("node %s is still in use" % ident)
        nodes.remove(node)

    def _label(self, wave, name):
        self.node(self.hosts[name]).labels.update(self.hosts[name].labels)
