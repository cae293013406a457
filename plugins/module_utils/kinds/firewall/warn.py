# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What works otherwise than one may think, told before and after: the engine's own drops, its left-overs, other firewalls."""
from __future__ import annotations

import typing as t

from ...values import ranges
from ...values.network import Network
from . import backend as backends
from .compile import bridge, named_networks
from .exposure import spelled_out
from .state import OUTSIDE, Observed, Rule, Wish

OPENING = {"firewalld": "firewall-cmd --permanent --add-port", "ufw": "ufw allow"}
RAW_DROPS = ("The engine itself drops in the raw table what comes by another interface straight to a container of network %s, whatever this policy "
             "accepts; set allow-direct-routing in daemon.json (engine 28.2 or later), or give the network the option "
             "com.docker.network.bridge.trusted_host_interfaces.")
RAW_DROPS_ANYWHERE = ("A rule of forwarded that has no to accepts what goes to any network, but the engine itself drops in the raw table what comes by "
                      "another interface straight to a container of %s; say in to what is meant (such as outside), or set allow-direct-routing in "
                      "daemon.json (engine 28.2 or later).")
# Of the networks' options, one for each family (engine 28).
ROUTED = ("com.docker.network.bridge.gateway_mode_ipv4", "com.docker.network.bridge.gateway_mode_ipv6")
ROUTED_PAST = ("Containers of network %s are reached at their own addresses (its gateway mode is routed), where no port is published, so that no rule of "
               "published fits what comes to them, and its direct drops it; accept direct there, or leave the mode out.")


def warnings(wish: Wish, observed: Observed) -> t.Tuple[str, ...]:
    if wish.absent:
        return ()
    found = ["There is no network %s yet; rules that name it take effect when it appears." % name
             for name in named_networks(wish) if observed.network(name) is None]
    if observed.persisted is None and wish.stage != "confirm":
        found.append("There is no systemd on this host, so nothing loads the rules at boot, and nothing keeps them in step with new "
                     "networks and containers; run the task again after each of these.")
    found += [ROUTED_PAST % net.name for net in observed.networks if _routed(net) and wish.published and wish.published.direct != "accept"]
    return tuple(found + _raw_drops(wish, observed) + _left_overs(observed) + _others(wish, observed))


def _routed(net: Network) -> bool:
    return "routed" in (value for key, value in net.driver_options or () if key in ROUTED)


def _raw_drops(wish: Wish, observed: Observed) -> t.List[str]:
    """Engines from 28 on drop in the raw table what comes straight to a container, before any mark can speak."""
    named, meant = set(), set()
    for rule in wish.forwarded.rules if wish.forwarded else ():
        if rule.action == "accept" and rule.to:
            named |= _blocked(rule, rule.to, observed)
        elif rule.action == "accept":
            meant |= _blocked(rule, tuple(net.name for net in observed.networks if bridge(net) and _reached(net, rule, wish)), observed)
    found = [RAW_DROPS % name for name in sorted(named)]
    return found + ([RAW_DROPS_ANYWHERE % ", ".join(sorted(meant - named))] if meant - named else [])


def _blocked(rule: Rule, targets: t.Sequence[str], observed: Observed) -> t.Set[str]:
    shields, blocked = dict(observed.raw_drops), set()
    origins = {name: _bridge(name, observed) for name in rule.origin or (OUTSIDE,)}
    for name in targets:
        own = _bridge(name, observed)
        for origin, came in origins.items():
            if origin == name:
                continue  # inside one network
            if own in shields and not (shields[own] if origin == OUTSIDE else came in shields[own]):
                blocked.add(name)
            if own and came in shields and own not in shields[came]:
                blocked.add(origin)  # the replies go there
    return blocked


def _reached(net: Network, rule: Rule, wish: Wish) -> bool:
    """Whether one of the destinations may lie there."""
    wanted = [ranges.addresses(text) for text in spelled_out(rule.destinations, {each.name: each for each in wish.sets})]
    pools = [ranges.addresses(pool.subnet) for pool in net.ipam_config or () if pool.subnet]
    return not rule.destinations or not pools or any(
        family == other and begin <= last and first <= end for family, (begin, end) in wanted for other, (first, last) in pools)


def _bridge(name: str, observed: Observed) -> t.Optional[str]:
    net = observed.network(name) if name != OUTSIDE else None
    return bridge(net) if net is not None else None


def _left_overs(observed: Observed) -> t.List[str]:
    """Of the back end that the engine had before: it takes nothing of it away, and packets meet it all the same."""
    if observed.engine_backend != "nftables":
        return ["The engine uses iptables, but the table docker-bridges of its former back end nftables is still there (%s), and drops what it "
                "does not know; restart the host, or delete the table (nft delete table ip docker-bridges, and ip6)."
                % _families(observed.engine_tables)] if observed.engine_tables else []
    found = []
    if observed.strangers:  # one that is empty, or was made for our own rules, drops nothing
        found.append("The engine uses nftables, but DOCKER-USER of its former back end is still there (%s), and what somebody put into it may "
                     "still drop; it stays until the host is restarted, or until it is emptied (iptables -F DOCKER-USER)."
                     % _families(observed.strangers))
    if observed.forward_drops:
        found.append("The engine uses nftables, but FORWARD of iptables has the policy DROP (%s), and nothing accepts there what the engine "
                     "forwards; restart the host if that is of the engine's former back end, or change it (iptables -P FORWARD ACCEPT)."
                     % _families(observed.forward_drops))
    return found


def _families(families: t.Iterable[int]) -> str:
    return ", ".join("IPv%d" % family for family in families)


def _others(wish: Wish, observed: Observed) -> t.List[str]:
    """A drop of either ends a packet's way, so what one accepts needs the other's consent."""
    lines = []
    for name in observed.others if wish.host or wish.cluster else ():
        lines.append("%s is active too, and what host or cluster accepts gets through only where %s accepts it as well; open it there "
                     "(%s), or let one of both go." % (name, name, OPENING[name]))
    if "firewalld" in observed.others and backends.choose(wish.backend, observed) == backends.IPTABLES:
        lines.append("firewalld is active, and its reload flushes iptables, with the rules of this policy; use backend nftables.")
    return lines
