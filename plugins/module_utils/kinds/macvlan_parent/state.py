# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The types of this kind: what is wished, what is observed, and the state that is snapshot and target."""
from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ...core.plan import Step
from ...values.hostfile import File, Manager
from ...values.link import Link, Route, Way
from ...values.network import Network

HANGING_DRIVERS = ("macvlan", "ipvlan")


@dataclass(frozen=True)
class Shim:
    """The host's own link beside its containers'.

    :param addresses: with prefix length
    :param routes: subnets that are reached through it
    """

    name: str
    driver: str = "macvlan"
    mode: str = "bridge"
    addresses: t.Tuple[str, ...] = ()
    routes: t.Tuple[str, ...] = ()
    mtu: t.Optional[int] = None
    absent: bool = False


@dataclass(frozen=True)
class Wish:
    """What is asked for one parent; C(None) where an option stays as it was declared before."""

    link: str
    vlan_id: t.Optional[int] = None
    mtu: t.Optional[int] = None
    promiscuous: t.Optional[bool] = None
    shim: t.Optional[Shim] = None
    persist: t.Optional[str] = None
    absent: bool = False

    @property
    def parent(self) -> str:
        """The link that networks name as their parent, spelled as the engine spells it."""
        return self.link if self.vlan_id is None else "%s.%d" % (self.link, self.vlan_id)


@dataclass(frozen=True)
class Desired:
    """:param stage: keep (all at once), try, confirm, or whole (both, for show)

    :param coming: networks that another task makes anew or removes, so that what they are now does not count
    """

    wishes: t.Tuple[Wish, ...]
    stage: str = "keep"
    coming: t.FrozenSet[str] = frozenset()


@dataclass(frozen=True)
class State:
    """Links with what hangs on them; snapshot (the way back) and target (what must be observed) alike.

    :param parents: which parents this is about
    :param links: as they must be; what is C(None) in them does not matter
    :param absent: names of links that must not exist
    :param routes: all routes on the links of C(routed)
    :param no_files: paths that must not exist
    :param timer: the roll-back timer: empty to leave it, armed (where links change), off, or passed (armed, and off again)
    :param tried: of a snapshot, the links and routes that are being confirmed, and which only the timer takes back
    """

    parents: t.Tuple[str, ...] = ()
    links: t.Tuple[Link, ...] = ()
    absent: t.Tuple[str, ...] = ()
    routed: t.Tuple[str, ...] = ()
    routes: t.Tuple[Route, ...] = ()
    files: t.Tuple[File, ...] = ()
    no_files: t.Tuple[str, ...] = ()
    timer: str = ""
    tried: t.Optional[State] = None

    @property
    def names(self) -> t.FrozenSet[str]:
        return frozenset(link.name for link in self.links) | frozenset(self.absent) | frozenset(self.routed)

    @property
    def paths(self) -> t.FrozenSet[str]:
        return frozenset(file.path for file in self.files) | frozenset(self.no_files)


@dataclass(frozen=True)
class Scope:
    """What to read.

    :param links: names of links, C(None) for all of them
    :param managed: links whose manager is to be found out
    :param paths: files whose text is needed, C(None) for all that the collection has written
    :param probes: kinds of links to try the kernel for
    :param networks: whether the engine's networks and their containers are needed
    :param way: whether the way that this run came in by is needed
    """

    links: t.Optional[t.FrozenSet[str]] = None
    managed: t.FrozenSet[str] = frozenset()
    paths: t.Optional[t.FrozenSet[str]] = None
    probes: t.FrozenSet[str] = frozenset()
    networks: bool = False
    way: bool = False


@dataclass(frozen=True)
class Attached:
    """A container's endpoint on a network: who has which addresses there."""

    network: str
    container: str
    addresses: t.Tuple[str, ...] = ()


@dataclass(frozen=True)
class Restore:
    """What the roll-back timer takes back.

    :param steps: in the order in which they are taken; :param routes: those that go with a link
    """

    steps: t.Tuple[Step, ...] = ()
    routes: t.Tuple[Route, ...] = ()

    def __str__(self) -> str:
        return "the roll-back timer"


@dataclass(frozen=True)
class Observed:
    """One round of reads.

    :param managers: one for each link that was asked for
    :param systems: what can make links at boot on this host, by the names of option C(persist)
    :param lacking: kinds of links that the kernel cannot make, of those asked for
    :param networks: C(None) where no engine answered, or none was asked; C(silent) says why none answered
    :param way: how this run came in, C(None) where that is not by SSH, or was not asked for
    :param pending: token of the roll-back timer that runs
    :param remembered: states that stopped runs left in the journal
    """

    links: t.Tuple[Link, ...] = ()
    routes: t.Tuple[Route, ...] = ()
    files: t.Tuple[File, ...] = ()
    managers: t.Tuple[Manager, ...] = ()
    systems: t.Tuple[str, ...] = ()
    lacking: t.FrozenSet[str] = frozenset()
    networks: t.Optional[t.Tuple[Network, ...]] = None
    attached: t.Tuple[Attached, ...] = ()
    silent: str = ""
    way: t.Optional[Way] = None
    pending: str = ""
    remembered: t.Tuple[State, ...] = ()

    def link(self, name: str) -> t.Optional[Link]:
        return next((link for link in self.links if link.name == name), None)

    def file(self, path: str) -> t.Optional[File]:
        return next((file for file in self.files if file.path == path), None)

    def manager(self, name: str) -> Manager:
        return next((row for row in self.managers if row.link == name), Manager(name))

    def routes_on(self, name: str) -> t.Tuple[Route, ...]:
        """Those that somebody gave the link alone; the kernel's own come and go with its addresses."""
        return tuple(route for route in self.routes if route.interface == name and not route.by_kernel and not route.shared)

    def hanging(self, parent: str) -> t.Tuple[Network, ...]:
        """The macvlan and ipvlan networks of the engine on a parent."""
        return tuple(net for net in self.networks or () if net.driver in HANGING_DRIVERS and net.option("parent") == parent)


JOURNAL_TYPES = (State, Link, Route, File)
