# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The types of this kind: what is wished for one host, what is observed, and the target that is snapshot as well."""
from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ...values.link import Route
from ...values.swarm import Address, Addresses, Cluster, Membership, Node, Pairs

GOSSIP_PORT, DATA_PATH_PORT = 7946, 4789


@dataclass(frozen=True)
class Wish:
    """What is asked for one host. C(None): not managed.

    :param state: present, join, absent or remove
    :param rotate: join tokens to make anew: worker, manager
    """

    state: str
    own: Addresses = Addresses()
    data_path_port: t.Optional[int] = None
    pools: t.Optional[t.Tuple[str, ...]] = None
    subnet_size: t.Optional[int] = None
    settings: Pairs = field(default=(), repr=False)
    remotes: t.Tuple[Address, ...] = ()
    token: str = field(default="", repr=False)
    node: str = ""
    rotate: t.Tuple[str, ...] = ()
    force: bool = False
    on_drift: str = "warn"
    allow_foreign_addr: bool = False


@dataclass(frozen=True)
class Target:
    """What must be observed when the steps have run, and the snapshot they started from. C(None): not looked at.

    :param inside: whether the host is a member
    :param settings: (option, value) pairs
    :param roles: (node's id, role) pairs
    :param gone: ids of nodes that must not be listed
    :param kept: ids of nodes that must be
    """

    inside: t.Optional[bool] = None
    settings: Pairs = field(default=(), repr=False)
    roles: t.Tuple[t.Tuple[str, str], ...] = ()
    gone: t.Tuple[str, ...] = ()
    kept: t.Tuple[str, ...] = ()


@dataclass(frozen=True)
class Scope:
    """:param entering: whether the host is about to enter a swarm, so that routes, ports and remotes are needed."""

    entering: bool = False
    ports: t.Tuple[t.Tuple[str, str, int], ...] = ()
    remotes: t.Tuple[t.Tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Observed:
    """One round of reads.

    :param cluster: and :param nodes: what a manager knows; C(None) elsewhere
    :param leaderless: a manager, but of a swarm whose managers have lost their quorum
    :param addresses: (interface, address) pairs of the host; C(None) where it is out of sight
    :param taken: (protocol, port) pairs that another process has
    :param silent: (address, why) of managers that accept no connection
    """

    me: Membership = Membership()
    cluster: t.Optional[Cluster] = None
    nodes: t.Optional[t.Tuple[Node, ...]] = None
    leaderless: bool = False
    addresses: t.Optional[t.Tuple[t.Tuple[str, str], ...]] = None
    routes: t.Optional[t.Tuple[Route, ...]] = None
    taken: t.Tuple[t.Tuple[str, int], ...] = ()
    silent: t.Tuple[t.Tuple[str, str], ...] = ()

    def node(self, key: str) -> t.Optional[Node]:
        """:param key: a node's id, or its hostname where only one has it"""
        named = [node for node in self.nodes or () if node.hostname == key]
        return next((n for n in self.nodes or () if n.id == key), named[0] if len(named) == 1 else None)

    @property
    def managers(self) -> t.Tuple[Node, ...]:
        return tuple(node for node in self.nodes or () if node.votes)

    def on_interface(self, name: str) -> t.Tuple[str, ...]:
        return tuple(address for interface, address in self.addresses or () if interface == name)
