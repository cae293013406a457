# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which swarm the hosts belong to, and whether one of them belongs to another: found before the first effect."""
from __future__ import annotations

import typing as t

from ...core.errors import EnvironmentFault, WishError
from . import checks, drift
from .fleet_state import Host, Swarm, about, remote_hosts


def the_swarm(hosts: t.Sequence[Host]) -> Swarm:
    """:raises WishError: when two of them manage different swarms"""
    views = [host for host in hosts if host.sees is not None]
    views.sort(key=lambda host: (host.wanted == "absent", host.wanted != "manager"))
    ours = [host for host in views if host.wanted != "absent"] or views
    for host in ours[1:]:
        if host.me.cluster != ours[0].me.cluster and host.wanted != "absent":
            raise WishError("%s manages the swarm %s, but %s manages another, %s; let %s leave that (docker swarm leave), or take it "
                            "out of the inventory." % (ours[0].name, ours[0].me.cluster, host.name, host.me.cluster, host.name))
    if not ours:
        return Swarm()
    return Swarm(ours[0].me.cluster, ours[0].name, ours[0].sees, ours[0].me.roots)


def check(hosts: t.Sequence[Host], swarm: Swarm) -> None:
    """:raises WishError: or EnvironmentFault: for the first host that stands in the way"""
    wanted = [host for host in hosts if host.wanted != "absent"]
    if not any(host.wanted == "manager" for host in wanted):
        raise WishError("No host is to be a manager, but %s cannot be in a swarm without one; put a host into the group of managers." % (
            ", ".join(host.name for host in wanted)))
    for host in filter(lambda host: host.known, wanted):
        _not_stuck(host)
        with about(host.name):
            checks.own_addresses(host.wish, host.seen)
            if host.outside:
                checks.ports_free(host.wish, host.seen)
    unknown = [host.name for host in hosts if not host.known and host.wanted == "manager"]
    if not any(host.known and host.wanted == "manager" for host in wanted):
        raise EnvironmentFault("None of the managers (%s) can be asked, so nothing is done; start one of them." % ", ".join(unknown))
    if not swarm.nodes and unknown:
        raise EnvironmentFault("%s cannot be asked and may manage the swarm already, so no other is made; start it, or take it out of the "
                               "group of managers." % ", ".join(unknown))
    for host in wanted:
        if host.known and not host.outside and swarm.node(host) is None and not orphan(host, hosts, swarm):
            raise WishError("%s already belongs to another swarm (managed at %s)%s; let it leave that (docker swarm leave), or take it out of "
                            "the inventory." % (host.name, ", ".join(host.me.remotes) or "an unknown place",
                                                ", not to the one that %s manages" % swarm.lead if swarm.lead else ""))


def _not_stuck(host: Host) -> None:
    if host.me.state == "locked":
        raise EnvironmentFault("The swarm of %s is locked; unlock it there with docker swarm unlock." % host.name)
    if host.leaderless:
        raise EnvironmentFault("The swarm of %s has no leader, because too few of its managers answer; start them again, or make %s its only "
                               "manager with the module fleetnet.docker.swarm and force." % (host.name, host.name))
    if host.me.state == "error" and not host.me.never_entered:
        raise EnvironmentFault("%s is in a swarm, but its engine says error: %s; repair that, or let it leave." % (host.name, host.me.error))


def orphan(host: Host, hosts: t.Sequence[Host], swarm: Swarm) -> bool:
    """Whether the host hangs on a membership that nobody manages any more, such as a former run leaves behind.

    It is one when the swarm no longer lists it although it trusts the same certificate, or when every manager
    it knows is one of these hosts, for none of them manages it.
    """
    if set(swarm.roots) & set(host.me.roots):
        return True
    asked = {address for other in hosts if other.known for address in other.addresses}
    remotes = remote_hosts(host.me)
    # A host that starts and knows itself as a manager may soon be one again.
    starting = host.me.state != "active" and bool(host.addresses & remotes)
    return bool(remotes) and remotes <= asked and not host.me.manager and not starting


def drifts(hosts: t.Sequence[Host], swarm: Swarm, on_drift: str) -> t.Tuple[str, ...]:
    """:raises WishError: for the first, where drift is not to be tolerated"""
    members = [host for host in hosts if host.wanted != "absent" and swarm.node(host)]
    lines = tuple("%s: %s" % (host.name, line) for host in members for line in drift.drifts(host.wish, host.seen))
    for line in lines if on_drift == "fail" else ():
        raise WishError(line)
    return lines
