# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways out of a swarm that keep its quorum: ghosts, hosts that change their part, hosts that leave, everybody."""
from __future__ import annotations

import typing as t

from ...core.errors import EnvironmentFault, WishError
from ...values.swarm import Node
from . import quorum
from .fleet_state import Host, Swarm, Wave


class Managers:
    """Counts managers along a plan, so that a step that would cost the quorum is refused before the first one."""

    def __init__(self, nodes: t.Iterable[Node], coming: int = 0):
        self._alive = {node.id: node.reachability == "reachable" for node in nodes if node.votes}
        self._alive.update(("coming %d" % number, True) for number in range(coming))

    def demote(self, node: Node, force: bool = False) -> bool:
        """:returns: whether the others are a quorum without it"""
        if not node.votes:
            return True
        alive = sum(self._alive.values())
        safe = quorum.survives_leaving(len(self._alive), alive, self._alive[node.id])
        if not safe and not force:
            raise EnvironmentFault("Node %s cannot stop being a manager: of %d managers %d answer, and the rest would have no quorum; "
                                   "start the silent ones first." % (node.hostname or node.id, len(self._alive), alive))
        del self._alive[node.id]
        return safe


def ghosts(hosts: t.Sequence[Host], swarm: Swarm) -> t.Tuple[Node, ...]:
    """Nodes that a host of ours once was: it has the node's address, and says that it is another node or none."""
    current = {host.me.node_id for host in hosts if host.known and host.me.node_id}
    asked = {address for host in hosts if host.known for address in host.addresses}
    return tuple(node for node in swarm.nodes if node.id not in current and node.address in asked)


def bury(hosts: t.Sequence[Host], swarm: Swarm) -> t.Iterator[Wave]:
    """Ghosts go; those among the managers are demoted first, one at a time."""
    dead = ghosts(hosts, swarm)
    managers = Managers(swarm.nodes)
    for node in dead:
        if node.role == "manager":
            managers.demote(node)
            yield Wave("demote", (), swarm.lead, ((node.hostname, node.id),))
    if dead:
        yield Wave("remove", (), swarm.lead, tuple((node.hostname, node.id) for node in dead))


def waves(hosts: t.Sequence[Host], swarm: Swarm, lead: str, coming: int, force: bool) -> t.Iterator[Wave]:
    """Workers that are to go, then managers that are to be less or nothing, then their entries in the list."""
    members = [(host, swarm.node(host)) for host in hosts if host.known and swarm.node(host)]
    going = [(host, node) for host, node in members if host.wanted == "absent"]
    workers = tuple(host.name for host, node in going if node.role == "worker")
    if workers:
        yield Wave("leave", workers)
    former = [(host, node) for host, node in members if node.role == "manager" and host.wanted != "manager"]
    managers = Managers((node for node in swarm.nodes if node not in ghosts(hosts, swarm)), coming)
    for host, node in _silent_first(former):
        managers.demote(node)
        yield Wave("demote", (host.name,), lead, ((node.hostname, node.id),))
    demoted = tuple(host.name for host, node in going if node.role == "manager")
    if demoted:
        yield Wave("leave", demoted)
    if going:
        yield Wave("remove", (), lead, tuple((node.hostname, node.id) for _host, node in going))
    elsewhere = [host for host in hosts if host.wanted == "absent" and swarm.node(host) is None]
    yield from everybody(elsewhere, force)


def everybody(hosts: t.Sequence[Host], force: bool) -> t.Tuple[Wave, ...]:
    """All of these hosts leave whatever they are in: workers first, the last manager by force."""
    inside = [host for host in hosts if host.known and host.me.inside]
    found: t.List[Wave] = []
    plain = tuple(host.name for host in inside if not host.me.manager and host.me.state == "active")
    stuck = tuple(host.name for host in inside if host.leaderless or host.me.state != "active")
    if plain:
        found.append(Wave("leave", plain))
    if stuck:
        found.append(Wave("leave", stuck, force=True))
    for cluster in sorted({host.me.cluster for host in inside if host.sees is not None}):
        found += _end([host for host in inside if host.me.cluster == cluster and host.sees is not None], inside, force)
    return tuple(found)


def _end(leaving: t.Sequence[Host], inside: t.Sequence[Host], force: bool) -> t.Iterator[Wave]:
    """:param leaving: the hosts that manage one swarm, :param inside: all hosts that leave something"""
    last, nodes = leaving[0], leaving[0].sees
    ids = {host.me.node_id for host in inside}
    staying = [node for node in nodes if node.id not in ids]
    survives = any(node.reachability == "reachable" for node in staying)
    live = sorted(node.hostname or node.id for node in staying if node.state == "ready")
    if live and not survives and not force:
        raise WishError("The swarm of %s would end for %s, which stays in it; let it leave too, or set force." % (last.name, ", ".join(live)))
    managers = Managers(nodes)
    silent = [] if survives else [n for n in staying if n.votes]
    for node in silent:
        managers.demote(node, force)
        yield Wave("demote", (), last.name, ((node.hostname, node.id),))
    followers = [(host, node) for host in leaving[1:] for node in nodes if node.id == host.me.node_id]
    for host, node in _silent_first(followers):
        managers.demote(node, force)
        yield Wave("demote", (host.name,), last.name, ((node.hostname, node.id),))
    if followers:
        yield Wave("leave", tuple(host.name for host, _node in followers))
    (own,) = (node for node in nodes if node.id == last.me.node_id)
    yield Wave("leave", (last.name,), force=not survives or not managers.demote(own, force))


def _silent_first(pairs):
    return sorted(pairs, key=lambda pair: pair[1].reachability == "reachable")
