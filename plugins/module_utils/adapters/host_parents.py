# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host as a world of parents and shims: the kernel's links, the files that make them at boot, the engine's networks."""
from __future__ import annotations

import os
import typing as t
from dataclasses import replace

from ..core.errors import EnvironmentFault
from ..core.plan import Step
from ..values.hostfile import File, Manager
from ..values.link import Link
from . import docker_read, persist_ifupdown, persist_netplan, persist_networkd, persist_networkmanager
from .docker_client import explained
from .host_files import HostFiles
from .netlink_links import NetlinkLinks

# netplan first, for it stands behind one of the others.
SYSTEMS = (("netplan", persist_netplan), ("networkmanager", persist_networkmanager), ("ifupdown", persist_ifupdown),
           ("networkd", persist_networkd))
RECORDS = "macvlan_parent/*.json"
HANGING = ("macvlan", "ipvlan")


def host_files(state_folder: str, root: str = "") -> HostFiles:
    patterns = [pattern for _name, system in SYSTEMS for pattern in system.OWN]

    def check(path: str, temporary: str) -> str:
        owner = next((system for _name, system in SYSTEMS for pattern in system.OWN if path.startswith(_folder(pattern))), None)
        return owner.refused(path, temporary, root) if owner else ""

    def gone(path: str) -> None:
        link = persist_networkmanager.link_of(path) if path.startswith(_folder(persist_networkmanager.OWN[0])) else ""
        if link and not os.path.exists("/sys/class/net/%s" % link):  # one that is there either stays, or is about to go
            persist_networkmanager.forget(link, root)

    return HostFiles(state_folder, [RECORDS, *patterns], check, root, gone)


def _folder(pattern: str) -> str:
    return pattern[:pattern.rindex("/", 0, pattern.find("*")) + 1]


class HostParents:
    """:param observed: the kind's type for an observation, :param attached: its type for an endpoint

    :param guard: knows how this run came in, and the roll-back timer; C(None) where nothing has to be confirmed
    :param client: gives the SDK's client, asked only where networks matter; it may raise EnvironmentFault
    """

    def __init__(self, observed: t.Callable, attached: t.Callable, links: NetlinkLinks, files: HostFiles, client: t.Callable,
                 root: str = "", guard: t.Any = None):
        self._guard = guard
        self._observed, self._attached, self._links, self._files = observed, attached, links, files
        self._client, self._root = client, root

    def observe(self, scope) -> t.Any:
        links = self._links.links(scope.links)
        asked = {name: Link(name, "vlan") for name in scope.managed}  # one that is not there may be written somewhere all the same
        asked.update((link.name, link) for link in links if link.name in asked)
        networks, attached, silent = self._networks() if scope.networks else (None, (), "")
        return self._observed(
            links=links,
            routes=self._links.routes(links, scope.links is None),
            files=self._files.read(scope.paths),
            managers=tuple(self._manager(asked[name]) for name in sorted(asked)),
            systems=self._systems() if scope.managed else (),
            lacking=self._links.lacking(scope.probes),
            networks=networks,
            attached=attached,
            silent=silent,
            way=self._guard.way() if self._guard and scope.way else None,
            pending=self._guard.pending() if self._guard else "",
        )

    def _systems(self) -> t.Tuple[str, ...]:
        return tuple(name for name, system in SYSTEMS if system.runs(self._root))

    def _manager(self, link: Link) -> Manager:
        systems = [system for _name, system in SYSTEMS]
        found = next(filter(None, (system.manages(link.name, link.index, self._root) for system in systems)), Manager(link.name))
        makes = link.kind == "vlan" and any(system.makes(link.name, link.index, self._root) for system in systems)
        return replace(found, makes=makes)

    def _networks(self):
        try:
            client = self._client()
            with explained("reading networks"):
                networks = tuple(docker_read.network(raw) for raw in client.networks())
                names = {net.name for net in networks if net.driver in HANGING}
                boxes = client.containers(all=True) if names else ()
        except EnvironmentFault as reason:
            return None, (), str(reason)
        attached = [self._end(raw, name, end) for raw in boxes
                    for name, end in ((raw.get("NetworkSettings") or {}).get("Networks") or {}).items() if name in names]
        return networks, tuple(sorted(attached, key=str)), ""

    def _end(self, raw, network, end):
        asked = end.get("IPAMConfig") or {}
        texts = {end.get("IPAddress"), end.get("GlobalIPv6Address"), asked.get("IPv4Address"), asked.get("IPv6Address")}
        return self._attached(network, docker_read.container(raw).name, tuple(sorted(text for text in texts if text)))

    def execute(self, step: Step) -> None:
        """:raises EnvironmentFault: with the words of the kernel, or of the system that reads the file"""
        if step.phase in ("arm", "disarm"):
            self._guard.execute(step)
            return
        takes_a_link = isinstance(step.thing, Link) and step.after is None
        if takes_a_link:
            persist_networkmanager.let_go(step.thing.name, step.thing.index, self._root)
        (self._files if isinstance(step.thing, File) else self._links).execute(step)
        if takes_a_link:
            persist_networkmanager.forget(step.thing.name, self._root)
