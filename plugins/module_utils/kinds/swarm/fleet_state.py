# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the fleet's planner works from: every host's own facts, what is wanted of it, and what a manager sees of all."""
from __future__ import annotations

import typing as t
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ...core.errors import FleetError
from ...values.given import flag, number
from ...values.swarm import Addresses, Cluster, Membership, Node
from .state import Observed, Wish
from .wish import desired, own_address

Raw = t.Mapping[str, t.Any]
WISHES = ("advertise_addr", "listen_addr", "data_path_addr", "default_addr_pool")
NUMBERS = ("data_path_port", "subnet_size")


@dataclass(frozen=True)
class Host:
    """:param wanted: manager, worker or absent
    :param wish: what the module would be asked for on this host
    :param seen: what the host says; C(None) where it could not be asked
    :param addresses: its own, without those that other hosts have too (such as docker0's)
    """

    name: str
    wanted: str
    wish: Wish = Wish("present")
    seen: t.Optional[Observed] = None
    addresses: t.FrozenSet[str] = frozenset()
    labels: t.Tuple[t.Tuple[str, str], ...] = ()

    @property
    def known(self) -> bool:
        return self.seen is not None

    @property
    def me(self) -> Membership:
        return self.seen.me if self.seen else Membership()

    @property
    def sees(self) -> t.Optional[t.Tuple[Node, ...]]:
        """The nodes, on a manager that has a leader."""
        return self.seen.nodes if self.seen else None

    @property
    def outside(self) -> bool:
        return self.known and (not self.me.inside or self.me.never_entered)

    @property
    def leaderless(self) -> bool:
        return self.me.manager and self.sees is None


def hosts(managers: t.Sequence[str], workers: t.Sequence[str], facts: t.Mapping[str, Raw]) -> t.Tuple[Host, ...]:
    """:param facts: host -> what swarm_info returned with membership, and C(wanted): options of the module, state, labels

    :raises WishError: when a value in C(wanted) cannot be
    """
    rows = [_host(name, "manager", facts.get(name)) for name in managers]
    rows += [_host(name, "worker", facts.get(name)) for name in workers if name not in managers]
    shared = {a for host in rows for a in host.addresses if sum(a in other.addresses for other in rows) > 1}
    return tuple(replace(host, addresses=host.addresses - shared) for host in rows)


def _host(name: str, role: str, fact: t.Optional[Raw]) -> Host:
    if fact is None:
        return Host(name, role)
    wanted = fact.get("wanted") or {}
    with about(name):
        wish = desired(dict({key: wanted.get(key) for key in WISHES}, **{key: number(wanted.get(key)) for key in NUMBERS},
                            allow_foreign_addr=flag(wanted.get("allow_foreign_addr"))))
    seen = _observed(fact)
    return Host(
        name=name,
        wanted="absent" if wanted.get("state") == "absent" else role,
        wish=wish,
        seen=seen,
        addresses=frozenset(address for interface, address in seen.addresses or () if interface != "lo"),
        labels=tuple(sorted((str(key), str(value)) for key, value in (wanted.get("labels") or {}).items())),
    )


@contextmanager
def about(name: str):
    """Puts the host's name before an error's sentence."""
    try:
        yield
    except FleetError as reason:
        raise type(reason)("%s: %s" % (name, reason)) from reason


def _observed(fact: Raw) -> Observed:
    raw, swarm, nodes = fact["membership"], fact.get("fleet_swarm"), fact.get("fleet_nodes")
    fixed = Addresses(*(own_address(key, raw[key], any_address=True) for key in ("advertise_addr", "listen_addr", "data_path_addr")))
    me = Membership(raw["state"], raw["manager"], raw["node_id"], raw["address"], raw["error"], tuple(raw["remote_managers"]),
                    raw["cluster_id"], tuple(raw["root_digests"]), fixed)
    interfaces = fact.get("host_interfaces") or {}
    return Observed(
        me=me,
        cluster=swarm and Cluster(me.cluster, (), tuple(swarm["default_addr_pool"]), swarm["subnet_size"], swarm["data_path_port"]),
        nodes=None if nodes is None else tuple(Node(**dict(row, labels=tuple(sorted(row["labels"].items())))) for row in nodes),
        addresses=tuple((name, address) for name, owned in interfaces.items() for address in owned) or None,
        taken=tuple((protocol, int(port)) for port, _slash, protocol in (text.partition("/") for text in fact.get("taken_ports") or ())),
    )


@dataclass(frozen=True)
class Swarm:
    """The one swarm of these hosts. C(nodes) is empty before it is made.

    :param lead: the manager whose view this is
    """

    id: str = ""
    lead: str = ""
    nodes: t.Tuple[Node, ...] = ()
    roots: t.Tuple[str, ...] = ()

    def node(self, host: Host) -> t.Optional[Node]:
        return next((n for n in self.nodes if host.me.node_id and n.id == host.me.node_id), None)


def remote_hosts(me: Membership) -> t.FrozenSet[str]:
    """The addresses of the managers a host knows, without their ports."""
    return frozenset(text.rpartition(":")[0].strip("[]") for text in me.remotes)


@dataclass(frozen=True)
class Wave:
    """What happens at once.

    :param hosts: names of the hosts it is about, all at the same time
    :param via: the manager that carries it out, or gives the token
    :param nodes: (hostname, node's id) pairs it is about
    """

    action: str
    hosts: t.Tuple[str, ...] = ()
    via: str = ""
    nodes: t.Tuple[t.Tuple[str, str], ...] = ()
    force: bool = False

    def as_dict(self) -> t.Dict[str, t.Any]:
        nodes = [dict(hostname=hostname, id=node) for hostname, node in self.nodes]
        return dict(action=self.action, hosts=list(self.hosts), via=self.via, nodes=nodes, force=self.force)
