# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wish against the host and its swarm, before the first effect: each refusal names the value and the way out."""
from __future__ import annotations

import typing as t

from ...core.errors import EnvironmentFault, WishError
from ...values import addresses
from ...values.swarm import DEFAULT_PORT, Address
from . import drift, quorum
from .identity import same_swarm
from .state import DATA_PATH_PORT, GOSSIP_PORT, Observed, Wish


def validate(wish: Wish, observed: Observed) -> None:
    """:raises WishError: or EnvironmentFault: for the first thing that cannot be"""
    if wish.state in ("present", "join"):
        _not_stuck(observed, recovering=wish.state == "present" and wish.force)
        own_addresses(wish, observed)
        {"present": _present, "join": _join}[wish.state](wish, observed)
        _drift(wish, observed)
    elif wish.state == "absent":
        _absent(wish, observed)
    else:
        _remove(wish, observed)


def _not_stuck(observed: Observed, recovering: bool = False) -> None:
    me = observed.me
    if me.state == "locked":
        raise EnvironmentFault("This host's swarm is locked; unlock it with docker swarm unlock, or leave it with state absent and force.")
    if me.manager and recovering:
        return
    if me.manager and observed.leaderless:
        raise EnvironmentFault("The swarm of this host has no leader, because too few of its managers answer; start them again, "
                               "or make this host its only manager with state present and force.")
    if me.state in ("error", "pending") and not me.never_entered:
        raise EnvironmentFault("This host is in a swarm (managed at %s) but its engine says %s%s; repair that, or leave it with state absent "
                               "and force." % (", ".join(me.remotes) or "an unknown place", me.state, me.error and ": " + me.error))


def own_addresses(wish: Wish, observed: Observed) -> None:
    if observed.addresses is None:
        return
    own = sorted({text for interface, text in observed.addresses if interface != "lo" and not text.startswith("fe80:")})
    for option, value in (("advertise_addr", wish.own.advertise), ("listen_addr", wish.own.listen),
                          ("data_path_addr", wish.own.data_path)):
        if value is None or _is_own(value.host, observed) or (option == "advertise_addr" and wish.allow_foreign_addr):
            continue
        raise WishError("The %s %s is not this host's own (it has %s); give one of these, or one of its interfaces%s." % (
            option, value.host, ", ".join(own) or "none",
            ", or set allow_foreign_addr where a NAT leads here" if option == "advertise_addr" else ""))


def _is_own(host: str, observed: Observed) -> bool:
    return host in ("0.0.0.0", "::") or any(host in pair for pair in observed.addresses or ())


def _present(wish: Wish, observed: Observed) -> None:
    me = observed.me
    if me.state == "active" and not me.manager:
        raise WishError("This host is a worker in the swarm managed at %s, so it can neither make nor change a swarm; promote it, "
                        "or let it leave with state absent first." % ", ".join(me.remotes))
    if not me.inside:
        ports_free(wish, observed)


def _join(wish: Wish, observed: Observed) -> None:
    me = observed.me
    if me.state == "active":
        if same_swarm(wish, me) is False:
            wanted = "the one that join_token is for" if me.roots else "the one at %s" % ", ".join(map(str, wish.remotes))
            raise WishError("This host already belongs to another swarm (managed at %s) than %s; let it leave with state absent first." % (
                ", ".join(me.remotes), wanted))
        return
    listen = wish.own.listen or Address("0.0.0.0", 2377)
    if observed.addresses and all(_is_own(r.host, observed) and r.port == (listen.port or 2377) for r in wish.remotes):
        raise WishError("The remote_addrs %s name only this host itself; give the address of a manager." % ", ".join(
            map(str, wish.remotes)))
    ports_free(wish, observed)
    if observed.silent:
        raise EnvironmentFault("No manager can be reached at %s; start it, give another in remote_addrs, or open port 2377/tcp on it." % (
            ", ".join("%s (%s)" % row for row in observed.silent)))


def needed_ports(wish: Wish) -> t.Tuple[t.Tuple[str, str, int], ...]:
    """:returns: (protocol, address or empty for all, port) that a swarm needs on this host"""
    listen = wish.own.listen
    address = "" if listen is None or not listen.numeric else listen.host
    return (
        ("tcp", address, listen.port if listen and listen.port else DEFAULT_PORT),
        ("tcp", "", GOSSIP_PORT),
        ("udp", "", wish.data_path_port or DATA_PATH_PORT),
    )


def ports_free(wish: Wish, observed: Observed) -> None:
    needed = {(protocol, port) for protocol, _address, port in needed_ports(wish)}
    for protocol, port in observed.taken:
        if (protocol, port) not in needed:
            continue
        if port == GOSSIP_PORT:
            # moby: a leave whose farewell nobody hears leaves the listener behind, and the next membership has no gossip, silently.
            raise EnvironmentFault("Port %d/%s, which a swarm needs, is taken on this host; restart the engine, which may still hold it from "
                                   "a swarm that it left, or stop the process that has it." % (port, protocol))
        raise EnvironmentFault("Port %d/%s, which a swarm needs, is taken by another process on this host; stop that, or choose another in "
                               "%s." % (port, protocol, {"udp": "data_path_port", "tcp": "listen_addr"}[protocol]))


def _drift(wish: Wish, observed: Observed) -> None:
    if observed.me.state == "active" and wish.on_drift == "fail":
        for line in drift.drifts(wish, observed):
            raise WishError(line)


def _absent(wish: Wish, observed: Observed) -> None:
    me = observed.me
    if wish.force or me.state == "inactive":
        return
    if me.state == "locked":
        raise EnvironmentFault("This host's swarm is locked, so it cannot tell whether others need this manager; unlock it, or set force.")
    if not me.manager:
        return
    if observed.leaderless:
        raise EnvironmentFault("The swarm of this host has no leader, so this manager cannot leave in order; start the other managers, or "
                               "set force.")
    managers = observed.managers
    if len(managers) == 1:
        raise WishError("This host is the only manager of its swarm; leaving ends the swarm for its %d node(s), so set force, or promote "
                        "another node first." % len(observed.nodes or ()))
    _keeps_quorum(observed, me.node_id, "This manager cannot leave", "bring the silent ones back or remove them first, or set force")


def _keeps_quorum(observed: Observed, node_id: str, what: str, way_out: str) -> None:
    managers = observed.managers
    alive = [node for node in managers if node.reachability == "reachable"]
    if not quorum.survives_leaving(len(managers), len(alive), any(node.id == node_id for node in alive)):
        lost = ", ".join(sorted(node.hostname for node in managers if node not in alive)) or "none"
        raise WishError("%s: of %d managers %d answer (silent: %s), and the rest would have no quorum; %s." % (
            what, len(managers), len(alive), lost, way_out))


def _remove(wish: Wish, observed: Observed) -> None:
    if not observed.me.manager:
        raise WishError("Node %s can only be removed on a manager, and this host is %s; run this on a manager." % (
            wish.node, "only a worker" if observed.me.inside else "in no swarm"))
    _not_stuck(observed)
    node = observed.node(wish.node)
    if node is None:
        return
    if node.id == observed.me.node_id:
        raise WishError("%s is this host itself; let it leave with state absent." % _capital(node))
    if node.state not in ("down", "disconnected") and not wish.force:
        raise WishError("%s is still %s; let it leave first, or set force." % (_capital(node), node.state))
    if node.votes:
        _keeps_quorum(observed, node.id, "%s cannot be removed" % _capital(node), "bring the silent ones back first")


def _capital(thing) -> str:
    text = str(thing)
    return text[:1].upper() + text[1:]


def warnings(wish: Wish, observed: Observed) -> t.Tuple[str, ...]:
    """What is done all the same, but should be known."""
    lines = []
    if wish.state in ("present", "join") and observed.me.state == "active":
        lines += drift.drifts(wish, observed)
    if wish.state == "present" and not observed.me.inside:
        for pool in wish.pools or ():
            for route in observed.routes or ():
                if route.subnet not in ("0.0.0.0/0", "::/0") and addresses.overlap(pool, route.subnet):
                    lines.append("The default_addr_pool %s overlaps the host's route %s (%s), so that an overlay network may take "
                                 "addresses that are in use there." % (pool, route.subnet, route.interface))
    return tuple(lines)


def manages(observed: Observed) -> None:
    """:raises EnvironmentFault: where only a manager can answer and this host is none, or none with a leader"""
    _not_stuck(observed)
    if not observed.me.manager:
        raise EnvironmentFault("This host is %s, and only a manager can show the swarm; ask a manager, or set membership." % (
            "a worker in the swarm managed at %s" % ", ".join(observed.me.remotes) if observed.me.inside else "in no swarm"))
