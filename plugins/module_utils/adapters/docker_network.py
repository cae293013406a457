# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine as a world of networks: observes and executes, decides nothing."""
from __future__ import annotations

import time
import typing as t

from ..core.errors import EnvironmentFault
from ..core.plan import Step
from ..values.endpoint import Endpoint, Orphan, Run
from ..values.network import Network
from . import docker_pools, docker_read, docker_write
from .docker_client import explained, unreachable
from .docker_inside import Inside

TASKS_LINGER_SECONDS = 30
SWARM_ALLOCATES_SECONDS = 30
ENGINE_RETURNS_SECONDS = 60


class DockerNetworks:
    """:param client: the SDK's APIClient
    :param observed: the kind's type for an observation, :param engine: its type for the engine's facts
    :param look: name of the engine's host, and its bridges -> its routes, its links, and what could not be looked at

    :ivar not_checked: what would have been looked at, had the host been in sight
    """

    pause = staticmethod(time.sleep)

    def __init__(self, client, observed: t.Callable, engine: t.Callable, look: t.Callable = lambda host, bridges: (None, None, ())):
        self.client, self._observed, self._engine, self._look = client, observed, engine, look
        self._ids: t.Dict[str, str] = {}
        self._looked: t.Dict[t.Any, t.Any] = {}
        self._info: t.Optional[t.Dict[str, t.Any]] = None
        self._begun = False
        self.raw_networks: t.List[t.Dict[str, t.Any]] = []
        self.not_checked: t.Tuple[str, ...] = ()

    def engine_id(self) -> str:
        return self.info()["ID"]

    def info(self) -> t.Dict[str, t.Any]:
        if self._info is None:
            with explained("reading the engine's facts"):
                self._info = self.client.info()
        return self._info

    def observe(self, scope) -> t.Any:
        """One round of reads: GET /networks, and what the scope asks for besides."""
        with explained("reading networks"):
            self.raw_networks = self._patiently(self.client.networks)
        networks = tuple(docker_read.network(raw) for raw in self.raw_networks)
        self._ids = {net.name: net.id for net in networks}
        containers, endpoints = self._read_containers(scope) if scope.containers else ((), ())
        orphans, peers = self._read_inside(scope, containers)
        routes = links = None
        if scope.routes:
            routes, links, self.not_checked = self._look(docker_read.hostname(self.info()), docker_read.bridges(self.raw_networks))
        return self._observed(
            networks=networks,
            containers=containers,
            endpoints=endpoints,
            orphans=orphans,
            peers=peers,
            detail=scope.detail,
            routes=routes,
            links=links,
            engine=self._engine_facts() if scope.engine else self._engine(),
            used_by=self._used_by() if scope.services else (),
        )

    def _patiently(self, read: t.Callable):
        """An engine that went away after the first change is waited for: what was begun must be put back."""
        deadline = time.monotonic() + (ENGINE_RETURNS_SECONDS if self._begun else 0)
        while True:
            try:
                return read()
            except Exception as reason:
                if not unreachable(reason) or time.monotonic() >= deadline:
                    raise
            self.pause(0.5)

    def inspect(self, name: str) -> t.Dict[str, t.Any]:
        """:returns: GET /networks/{id} of the network last seen by that name, or an empty dictionary"""
        if name not in self._ids:
            return {}
        with explained("reading network %s" % name):
            return self.client.inspect_network(self._ids[name])

    def _read_containers(self, scope):
        containers, endpoints = [], []
        with explained("reading containers"):
            for raw in self.client.containers(all=True):
                on = set((raw.get("NetworkSettings") or {}).get("Networks") or ())
                details = self._inspect(raw) if on & scope.detail else None
                containers.append(docker_read.container(raw, details, self._clock))
                endpoints += self._endpoints(details, scope.detail) if details else []
        containers.sort(key=lambda box: (box.name, box.id))
        return tuple(containers), tuple(sorted(endpoints, key=lambda end: (end.network, end.container)))

    def _read_inside(self, scope, containers):
        ids = {name: self._ids[name] for name in scope.inside if name in self._ids}
        if not ids:
            return (), ()
        with explained("reading the endpoints of networks"):
            own = (self.info().get("Swarm") or {}).get("NodeAddr") or ""
            return Inside(self.client, self.pause).look(ids, {box.id for box in containers}, own)

    def _clock(self) -> str:
        return self.client.info().get("SystemTime") or ""

    def _inspect(self, raw: t.Mapping[str, t.Any]):
        """Whoever attaches a running container anew, or starts it again, gives it another endpoint; else a former look still holds."""
        ends = ((raw.get("NetworkSettings") or {}).get("Networks") or {}).values()
        sign = (raw["Id"], tuple(raw.get("Names") or ()), tuple(end.get("EndpointID") for end in ends))
        if raw.get("State") != "running" or not all(sign[2]):
            return self._inspect_now(raw["Id"])
        if sign not in self._looked:
            self._looked[sign] = self._inspect_now(raw["Id"])
        return self._looked[sign]

    def _inspect_now(self, container: str):
        try:
            return self.client.inspect_container(container)
        except Exception as reason:
            if getattr(getattr(reason, "response", None), "status_code", None) == 404:
                return None  # it went away between the list and the look at it
            raise

    def _endpoints(self, details, names) -> t.List[Endpoint]:
        found = []
        for name, raw in (details["NetworkSettings"].get("Networks") or {}).items():
            # A stopped container keeps the id of a network that is gone: it is on no network of that name.
            stale = raw.get("NetworkID") and raw["NetworkID"] != self._ids.get(name)
            if name in names and name in self._ids and not stale:
                found.append(docker_read.endpoint(details, name, raw))
        return found

    def _engine_facts(self):
        info = self.info()
        swarm = info.get("Swarm") or {}
        active = swarm.get("LocalNodeState") == "active"
        role = ("manager" if swarm.get("ControlAvailable") else "worker") if active else ""
        return self._engine(docker_read.version(info.get("ServerVersion") or "0"), role, swarm.get("Nodes") or 0)

    def _used_by(self) -> t.Tuple[t.Tuple[str, str], ...]:
        if self._engine_facts().swarm != "manager":
            return ()
        with explained("reading Swarm services"):
            return docker_read.users(self.client.services(), self.raw_networks)

    def execute(self, step: Step) -> None:
        """:raises EnvironmentFault: with the engine's own words"""
        self._begun = True
        with explained(str(step)):
            self._execute(step)

    def _execute(self, step: Step) -> None:
        thing = step.thing
        if isinstance(thing, Run):
            (self.client.start if step.after.state == "up" else self.client.stop)(thing.container)
        elif isinstance(thing, Orphan):
            self.client.disconnect_container_from_network(thing.name, self._id(thing.network), force=True)
        elif isinstance(thing, Endpoint) and step.after is None:
            self.client.disconnect_container_from_network(thing.container, self._id(thing.network))
        elif isinstance(thing, Endpoint):
            docker_write.post(self.client, "/networks/{0}/connect", self._id(thing.network), docker_write.endpoint_body(thing))
        elif isinstance(thing, Network) and step.after is None:
            self._remove(thing)
        elif isinstance(thing, Network):
            self._ids[thing.name] = self._create(thing)
        else:
            raise EnvironmentFault("there is no way to %s" % step)

    def _id(self, name: str) -> str:
        if name not in self._ids:
            raise EnvironmentFault("Network %s is not there." % name)
        return self._ids[name]

    def _remove(self, net: Network) -> None:
        """A swarm's tasks go some seconds after their service; until then the network is "in use by task".

        The swarm itself forgets the network, and its name, some moments after it has said yes.
        """
        deadline = time.monotonic() + (TASKS_LINGER_SECONDS if net.scope == "swarm" else 0)
        while True:
            try:
                self.client.remove_network(self._ids[net.name])
                break
            except Exception as reason:
                lingering = "in use by task" in str(reason) or "has active endpoints" in str(reason)
                if not lingering or time.monotonic() >= deadline:
                    raise
            self.pause(0.5)
        while net.scope == "swarm" and self._exists(net.name) and time.monotonic() < deadline:
            self.pause(0.1)

    def _exists(self, name: str) -> bool:
        return any(raw["Name"] == name for raw in self.client.networks(names=[name]))

    def _create(self, net: Network) -> str:
        try:
            body = docker_write.network_body(net, docker_read.version(self.client.api_version))
            ident = docker_write.post(self.client, "/networks/create", None, body).json()["Id"]
        except Exception as reason:
            if docker_pools.exhausted(reason):
                raise docker_pools.fault(net.name, self.client) from reason
            raise
        deadline = time.monotonic() + SWARM_ALLOCATES_SECONDS
        while not self._allocated(ident) and time.monotonic() < deadline:
            self.pause(0.1)
        return ident

    def _allocated(self, ident: str) -> bool:
        """A swarm's managers fill in driver and subnets some moments after they have accepted a network."""
        raw = self.client.inspect_network(ident)
        return bool(raw.get("Driver")) and (raw["Driver"] != "overlay" or bool((raw.get("IPAM") or {}).get("Config")))
