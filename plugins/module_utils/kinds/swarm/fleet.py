# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The next safe steps for many hosts at once, from the facts of all of them. Pure: the role carries the waves out.

Every prefix of the waves, and of the hosts within a wave, leaves the swarm with a quorum; planning again
from any prefix ends where the whole would have.
"""
from __future__ import annotations

import typing as t

from ...values.given import flag
from . import fleet_leave
from .fleet_checks import check, drifts, the_swarm
from .fleet_state import Host, Swarm, Wave
from .fleet_state import hosts as read_hosts


def plan(managers: t.Sequence[str], workers: t.Sequence[str], facts: t.Mapping[str, t.Any], force: bool = False,
         on_drift: str = "warn") -> t.Dict[str, t.Any]:
    """:param managers: names, in order of preference, :param workers: names
    :param facts: host -> what swarm_info returned with membership, and C(wanted): options of the module, state, labels.
        A host without is one that could not be asked.
    :param force: end a swarm although other nodes are in it, or although its quorum is lost

    :returns: C(waves) in order, C(lead) (a manager to ask), C(drift) (sentences), and C(unlisted) (nodes that no host is)
    :raises WishError: or EnvironmentFault: before anything is done
    """
    force = flag(force)
    hosts = read_hosts(managers, workers, facts)
    swarm = the_swarm(hosts)
    drift: t.Tuple[str, ...] = ()
    if any(host.known and host.wanted != "absent" for host in hosts):
        check(hosts, swarm)
        drift = drifts(hosts, swarm, on_drift)
        waves, lead = _towards(hosts, swarm, force)
    else:
        waves, lead = fleet_leave.everybody(hosts, force), ""
    return dict(waves=[wave.as_dict() for wave in waves], lead=lead, drift=list(drift), unlisted=_unlisted(hosts, swarm))


def _towards(hosts: t.Sequence[Host], swarm: Swarm, force: bool):
    """Lost managers go before new ones come: a join that dies half way must not cost the quorum."""
    known = [host for host in hosts if host.known and host.wanted != "absent"]
    stray = [host for host in known if not host.outside and swarm.node(host) is None]
    entering = [host for host in known if host.outside or host in stray]
    new_managers = [host.name for host in entering if host.wanted == "manager"]
    new_workers = tuple(host.name for host in entering if host.wanted == "worker")
    waves: t.List[Wave] = list(fleet_leave.bury(hosts, swarm))
    if stray:
        waves.append(Wave("leave", tuple(host.name for host in stray), force=True))
    via = swarm.lead
    if not swarm.nodes:
        via = new_managers.pop(0)
        waves.append(Wave("init", (via,)))
    waves += [Wave("join_manager", (name,), via) for name in new_managers]
    promoted = [host for host in known if host.wanted == "manager" and swarm.node(host) and not swarm.node(host).votes]
    for host in promoted:
        node = swarm.node(host)
        if node.role == "manager":
            waves.append(Wave("demote", (host.name,), via, ((node.hostname, node.id),)))
        waves.append(Wave("promote", (host.name,), via, ((node.hostname, node.id),)))
    if new_workers:
        waves.append(Wave("join_worker", new_workers, via))
    lead = _lead(hosts, swarm, via, new_managers)
    waves += fleet_leave.waves(hosts, swarm, lead, len(new_managers) + len(promoted), force)
    waves += _labels(known, swarm, lead)
    return waves, lead


def _lead(hosts, swarm: Swarm, via: str, new_managers) -> str:
    """A manager that stays one: the present one if it does, else the first that has become one."""
    staying = [host.name for host in hosts if host.wanted == "manager" and (swarm.node(host) or host.name in new_managers)]
    return via if via in staying or not staying else staying[0]


def _labels(known: t.Sequence[Host], swarm: Swarm, lead: str) -> t.Iterator[Wave]:
    """What is given must be there; other labels belong to others."""
    differing = []
    for host in known:
        node = swarm.node(host)
        if set(host.labels) - set(node.labels if node else ()):
            differing.append(host.name)
    if differing:
        yield Wave("label", tuple(differing), lead)


def _unlisted(hosts, swarm: Swarm) -> t.List[str]:
    ours = {node.id for node in map(swarm.node, hosts) if node}
    ours |= {node.id for node in fleet_leave.ghosts(hosts, swarm)}
    addresses = {address for host in hosts for address in host.addresses}
    return sorted(node.hostname or node.id for node in swarm.nodes if node.id not in ours and node.address not in addresses)
