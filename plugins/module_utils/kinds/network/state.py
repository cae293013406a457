# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The types of this kind: what is wished, what is observed, and the state that is snapshot and target."""
from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ...values.endpoint import Container, Endpoint, Orphan, Run
from ...values.link import Route
from ...values.network import Network, Pool

# Networks that every engine has exactly once and that nobody can create or remove.
BUILT_IN = ("bridge", "host", "none")


@dataclass(frozen=True)
class Wish:
    """What is asked for one network.

    :param exact: labels and driver options that are not given are removed too
    :param connected: names or ids of containers that must be attached, C(None) where not managed
    :param appends: whether containers not in C(connected) stay
    :param force: replace the network even without a difference
    :param purged: on nobody's list, and only found by its label
    """

    network: Network
    absent: bool = False
    exact: bool = False
    on_change: str = "replace"
    on_label_change: str = "replace"
    allow_overlap: bool = False
    connected: t.Optional[t.Tuple[str, ...]] = None
    appends: bool = False
    force: bool = False
    purged: bool = False

    @property
    def name(self) -> str:
        return self.network.name

    def keeps(self, gaps: t.Collection) -> bool:
        """Whether the network stays as it is in spite of these differences."""
        labels_alone = all(gap.field == "labels" for gap in gaps)
        lenient = self.on_change == "warn" or (self.on_label_change == "warn" and labels_alone)
        return bool(gaps) and lenient and not self.force


@dataclass(frozen=True)
class Desired:
    """:param purge: label, C(key) or C(key=value), of networks that go unless they are on the list
    :param max_unavailable: how many running containers one transaction may take off a network
    """

    wishes: t.Tuple[Wish, ...]
    purge: t.Optional[str] = None
    max_unavailable: t.Optional[int] = None


@dataclass(frozen=True)
class State:
    """Networks with their endpoints; snapshot (the way back) and target (what must be observed) alike.

    :param absent: names that must not exist
    :param unwanted: (network, field, "key=value") of labels and options that must not be there, for the engine may add the same key with
    a value of its own (default-network-opts); without a key, each that is not given
    :param managed: names whose endpoints are exactly those in C(endpoints)
    """

    networks: t.Tuple[Network, ...] = ()
    absent: t.Tuple[str, ...] = ()
    unwanted: t.Tuple[t.Tuple[str, str, str], ...] = ()
    managed: t.Tuple[str, ...] = ()
    endpoints: t.Tuple[Endpoint, ...] = ()
    runs: t.Tuple[Run, ...] = ()

    @property
    def names(self) -> t.FrozenSet[str]:
        return frozenset(net.name for net in self.networks) | frozenset(self.absent)

    def unwanted_on(self, name: str) -> t.FrozenSet[t.Tuple[str, str]]:
        return frozenset((field, key) for network, field, key in self.unwanted if network == name)


@dataclass(frozen=True)
class Scope:
    """What to read.

    :param detail: networks whose endpoints are needed with all that was requested
    :param routes: whether the host's routes are needed
    :param containers: whether the list of containers is needed
    :param engine: whether the engine's own facts (swarm membership, version) are needed
    :param services: whether Swarm's services are needed
    :param inside: networks that are asked for the endpoints and nodes on them
    """

    detail: t.FrozenSet[str] = frozenset()
    routes: bool = False
    containers: bool = False
    engine: bool = False
    services: bool = False
    inside: t.FrozenSet[str] = frozenset()


@dataclass(frozen=True)
class Engine:
    """:param version: such as (28, 5); :param swarm: "manager", "worker", or "" outside a swarm."""

    version: t.Tuple[int, ...] = (0,)
    swarm: str = ""
    nodes: int = 0


def strands(version: t.Tuple[int, ...]) -> bool:
    """Engines since 25 look up a container's own network (HostConfig.NetworkMode) at each start and connect."""
    return version > (20, 10) or version == (0,)


@dataclass(frozen=True)
class Observed:
    """One round of reads.

    :param routes: C(None) where the host is out of sight (remote engine, no rights, no library)
    :param links: names of the host's links, C(None) as with the routes
    :param detail: networks whose endpoints were read
    :param used_by: (network name, service name) pairs
    :param remembered: states that stopped runs left in the journal; C(added): (network, container) of endpoints that those runs had added
    :param orphans: endpoints that no container has
    :param peers: (network name, address) pairs of the swarm's other nodes that have something on it now
    """

    networks: t.Tuple[Network, ...] = ()
    endpoints: t.Tuple[Endpoint, ...] = ()
    containers: t.Tuple[Container, ...] = ()
    routes: t.Optional[t.Tuple[Route, ...]] = None
    links: t.Optional[t.FrozenSet[str]] = None
    detail: t.FrozenSet[str] = frozenset()
    engine: Engine = Engine()
    used_by: t.Tuple[t.Tuple[str, str], ...] = ()
    remembered: t.Tuple[State, ...] = ()
    orphans: t.Tuple[Orphan, ...] = ()
    peers: t.Tuple[t.Tuple[str, str], ...] = ()
    added: t.FrozenSet[t.Tuple[str, str]] = frozenset()

    def stranded(self, box: Container, going: t.Collection[str], coming: t.Collection[str]) -> bool:
        """Whether a container could not be started or connected once the networks C(going) have gone."""
        mode = box.network_mode
        if not strands(self.engine.version) or mode in ("", "bridge", "default", "host", "none") or mode.startswith("container:"):
            return False
        return mode not in coming and not any(net.answers_to(mode) and net.name not in going for net in self.networks)

    def beside(self, box: Container) -> t.Tuple[Container, ...]:
        """Running containers that use the network namespace of another one, and so lose and get back what that one does."""
        return tuple(one for one in self.containers if one.run.state != "down" and one.network_mode in (
            "container:" + box.id, "container:" + box.name))

    def spans(self, net: Network) -> bool:
        """Whether other nodes may have containers on it, which nobody can see from here."""
        return net.scope == "swarm" and bool(net.attachable) and not net.ingress and self.engine.nodes > 1

    def nodes_on(self, name: str) -> str:
        """The nodes known to have something on a network, for people; only a node that is on it itself is told."""
        there = [address for network, address in self.peers if network == name]
        return " (%s %s something on it now)" % (", ".join(there), "has" if len(there) == 1 else "have") if there else ""

    def network(self, name: str) -> t.Optional[Network]:
        return next((net for net in self.networks if net.name == name), None)

    def on(self, name: str) -> t.Tuple[Endpoint, ...]:
        return tuple(end for end in self.endpoints if end.network == name)

    def container(self, key: str) -> t.Optional[Container]:
        """:param key: id, name, or the beginning of an id as people copy it (12 characters or more)"""
        for box in self.containers:
            if key in (box.id, box.name) or (len(key) >= 12 and box.id.startswith(key)):
                return box
        return None


JOURNAL_TYPES = (State, Network, Pool, Endpoint, Run)
