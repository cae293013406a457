# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The types of this kind: what is wished, what is observed, and the state that is snapshot and target."""
from __future__ import annotations

import typing as t
from dataclasses import dataclass
from functools import cached_property

from ...core.journal import Entry
from ...values.endpoint import Container, Endpoint, Held, Run
from ...values.network import Network, Pairs

# (network's name, container's id)
Key = t.Tuple[str, str]


@dataclass(frozen=True)
class Wish:
    """What is asked for one container on one network; C(None) means: not managed, an empty address: none.

    :param container: its name or id, as given
    :param appends: aliases, links and link-local addresses that are not given stay
    :param exact: driver options that are not given are removed
    """

    network: str
    container: str
    absent: bool = False
    aliases: t.Optional[t.Tuple[str, ...]] = None
    links: t.Optional[t.Tuple[str, ...]] = None
    ipv4_address: t.Optional[str] = None
    ipv6_address: t.Optional[str] = None
    link_local_ips: t.Optional[t.Tuple[str, ...]] = None
    mac_address: t.Optional[str] = None
    driver_opts: t.Optional[Pairs] = None
    gw_priority: t.Optional[int] = None
    appends: bool = False
    exact: bool = False
    on_change: str = "replace"


@dataclass(frozen=True)
class Desired:
    """:param exclusive: networks on which only the named containers stay"""

    wishes: t.Tuple[Wish, ...]
    exclusive: t.Tuple[str, ...] = ()


@dataclass(frozen=True)
class State:
    """Endpoints; snapshot (the way back) and target (what must be observed) alike.

    :param managed: what the state speaks of; of these, what is not in C(endpoints) must not be attached
    :param not_macs: (network, container, MAC address) that must not be: an engine shows no one which address was requested
    """

    managed: t.Tuple[Key, ...] = ()
    endpoints: t.Tuple[Endpoint, ...] = ()
    runs: t.Tuple[Run, ...] = ()
    not_macs: t.Tuple[t.Tuple[str, str, str], ...] = ()

    @cached_property
    def _by_key(self) -> t.Dict[Key, Endpoint]:
        return {key_of(end): end for end in self.endpoints}

    def endpoint(self, key: Key) -> t.Optional[Endpoint]:
        return self._by_key.get(key)


@dataclass(frozen=True)
class Scope:
    """What to read closely.

    :param containers: names or ids of containers; :param networks: networks of which all containers are looked at
    """

    containers: t.FrozenSet[str] = frozenset()
    networks: t.FrozenSet[str] = frozenset()


@dataclass(frozen=True)
class Engine:
    """:param version: such as (28, 5); :param swarm: "manager", "worker", or "" outside a swarm"""

    version: t.Tuple[int, ...] = (0,)
    swarm: str = ""
    nodes: int = 0

    @property
    def dotted(self) -> str:
        return ".".join(map(str, self.version))

    def before(self, *version: int) -> bool:
        """An engine whose version is unknown is taken to be new."""
        return (0,) < self.version < version

    @property
    def gives_mac(self) -> bool:
        """29.3 is the first to honour a MAC address on connect; before, it is accepted and ignored."""
        return not self.before(29, 3)


@dataclass(frozen=True)
class Observed:
    """One round of reads.

    :param endpoints: of the containers that were looked at closely
    :param held: of all containers
    :param remembered: what stopped runs left in the journal, and what still fits
    """

    networks: t.Tuple[Network, ...] = ()
    containers: t.Tuple[Container, ...] = ()
    endpoints: t.Tuple[Endpoint, ...] = ()
    held: t.Tuple[Held, ...] = ()
    engine: Engine = Engine()
    remembered: t.Tuple[Entry, ...] = ()

    def network(self, name: str) -> t.Optional[Network]:
        return next((net for net in self.networks if net.name == name), None)

    def container(self, key: str) -> t.Optional[Container]:
        """:param key: id, name, or the beginning of an id as people copy it (12 characters or more)"""
        found = self._named.get(key)
        if found is None and len(key) >= 12:
            found = next((box for box in self.containers if box.id.startswith(key)), None)
        return found

    @cached_property
    def _named(self) -> t.Dict[str, Container]:
        return {**{box.id: box for box in self.containers}, **{box.name: box for box in self.containers}}

    @cached_property
    def _held(self) -> t.Dict[Key, Held]:
        return {(held.network, held.container): held for held in self.held}

    def holds(self, key: Key) -> t.Optional[Held]:
        return self._held.get(key)

    def stranded(self, box: Container) -> bool:
        """Engines since 25 look up a container's own network at each start and connect, and it may be gone."""
        mode = box.network_mode
        if (0,) < self.engine.version <= (20, 10) or mode in ("", "bridge", "default", "host", "none"):
            return False
        return not mode.startswith("container:") and not any(net.answers_to(mode) for net in self.networks)


def key_of(end: Endpoint) -> Key:
    return end.network, end.container


JOURNAL_TYPES = (State, Endpoint, Run)
