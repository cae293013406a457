# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policy against the host: everything that can be known to fail is refused before the first effect."""
from __future__ import annotations

import typing as t

from ...core.errors import EnvironmentFault, WishError
from . import backend as backends, limits
from .compile import bridge, bridge_name, named_networks, ruleset
from .state import OUTSIDE, Observed, Wish
from .steps import static

UNUSABLE = {
    "nftables": "nftables cannot be used on this host (nft is missing, or the kernel refuses it); install nftables.",
    "iptables": "iptables cannot be used on this host (iptables, ip6tables or ipset is missing, or the kernel refuses one of them); install "
                "iptables and ipset, or use backend nftables.",
    "auto": "Neither nftables nor iptables with ipset can be used on this host; install nftables.",
}
PAST = {
    "macvlan": "its traffic goes from the parent interface straight to the container and never crosses the host's forward hook; "
               "filter it on the LAN",
    "ipvlan": "its traffic goes from the parent interface straight to the container and never crosses the host's forward hook; "
              "filter it on the LAN",
    "overlay": "its traffic is inside VXLAN where it crosses the host; filter what is published by published, and who may take part by "
               "cluster",
    "host": "its containers use the host's own network; use the section host",
    "null": "it has no traffic at all; leave it out",
}
BY_A_PLUGIN = "which way the packets of that plugin go is not known here, so that no rule would fit them; filter by means of the plugin"
ROOTLESS = ("The engine is rootless, so its networks are in a network namespace of its own, and no rule of this host that names them sees their packets "
            "(%s); leave that out, or use an engine that runs as root.")


def validate(wish: Wish, observed: Observed) -> None:
    backend = backends.choose(wish.backend, observed)
    if not backends.usable(backend, observed):
        raise EnvironmentFault(UNUSABLE[backend if wish.backend != "auto" else "auto"])
    if wish.stage == "confirm":
        _still_there(wish, observed)
    if wish.absent:
        return
    _rootless(wish, observed)
    for section, number, name in _uses(wish):
        _network(section, number, name, observed)
    _bridges(wish, observed)
    if observed.network(OUTSIDE) is not None and any(OUTSIDE in rule.origin + rule.to
                                                     for _name, section in wish.sections() for rule in section.rules):
        raise WishError("There is a Docker network named outside, and rules mean by that what is no Docker network; rename the network.")
    if observed.legacy and observed.modern:
        raise EnvironmentFault(
            "iptables rules stand in both variants, legacy and nf_tables, on this host, and packets meet both; keep one "
            "(update-alternatives --set iptables), restart Docker, and empty the other (iptables-legacy -F, -t nat -F).")
    if backend == backends.IPTABLES:
        limits.validate(wish, observed)
    if wish.lets_through and not _can_let_through(wish, backend, observed):
        raise EnvironmentFault(_no_way(wish, backend, observed))


def _still_there(wish: Wish, observed: Observed) -> None:
    """Networks and containers may have changed since the rules were loaded; the rules themselves may not."""
    want = None if wish.absent else ruleset(wish, observed)
    if static(backends.have(backends.choose(wish.backend, observed), observed)) != static(want):
        raise EnvironmentFault("The rules to be confirmed are no longer in force: the roll-back timer was faster, or somebody else changed "
                               "them; nothing is made persistent, so run the task again.")
    if observed.pending and not observed.undo:
        # Else a failure after it was disarmed could not be undone.
        raise EnvironmentFault("The roll-back timer does not say what it would put back; nothing is made persistent, so wait until it has fired, and "
                               "run the task again.")


def _rootless(wish: Wish, observed: Observed) -> None:
    """Its ports are open sockets of this host, so published and host are filtered there; nothing is forwarded."""
    named = ["section forwarded"] if wish.forwarded else ["rule %d of %s" % use[1::-1] for use in _uses(wish)]
    if observed.rootless and named:
        raise EnvironmentFault(ROOTLESS % named[0])


def _uses(wish: Wish) -> t.Iterator[t.Tuple[str, int, str]]:
    for name, section in wish.sections():
        for number, rule in enumerate(section.rules, 1):
            for network in rule.networks + rule.origin + rule.to:
                if network != OUTSIDE or network in rule.networks:
                    yield name, number, network


def _network(section: str, number: int, name: str, observed: Observed) -> None:
    for net in observed.called(name):
        if net.driver and net.driver != "bridge":
            raise WishError("Rule %d of %s names the network %s (%s), and %s." % (number, section, name, net.driver, PAST.get(net.driver, BY_A_PLUGIN)))


def _bridges(wish: Wish, observed: Observed) -> None:
    """What goes to a bridge that no rule can name would be open, whatever the policy says."""
    for net in observed.networks if wish.published or wish.forwarded else [net for name in named_networks(wish) for net in observed.called(name)]:
        if bridge_name(net) and not bridge(net):
            raise EnvironmentFault("The bridge of network %s is named %r, which no rule can spell, so nothing would filter what goes there; make the "
                                   "network anew with another com.docker.network.bridge.name (letters, digits, _, . and -)." % (net.name, bridge_name(net)))


def _can_let_through(wish: Wish, backend: str, observed: Observed) -> bool:
    if observed.engine_backend == "nftables":
        return backend == backends.NFTABLES and observed.through.daemon_mark == wish.mark
    return backend == backends.IPTABLES or 4 in observed.through.chains


def _no_way(wish: Wish, backend: str, observed: Observed) -> str:
    if observed.engine_backend == "nftables" and backend == backends.IPTABLES:
        return ("The engine uses nftables and isolates its networks there, so nothing that iptables accepts for forwarded reaches them; use "
                "backend nftables, or let the accepts go.")
    if observed.engine_backend == "nftables":
        return ("The engine uses nftables and isolates its networks itself, so what forwarded accepts needs its option "
                "bridge-accept-fwmark; set it to 0x%x/0x%x in daemon.json (role engine), or let the accepts go." % (wish.mark, wish.mark))
    return ("There is no chain DOCKER-USER, in which what forwarded accepts is let through; start the engine, without iptables=false, "
            "or let the accepts go.")
