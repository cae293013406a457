# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Address pools against each other and against what the host already routes elsewhere."""
from __future__ import annotations

import ipaddress
import re
import struct
import typing as t

# Links that belong to the engine: what they route is the engine's own.
ENGINE_LINK = re.compile(r"^(docker0|docker_gwbridge|br-[0-9a-f]{12}|veth.*|lo)$")

Route = t.Tuple[str, str]


def routes(ipv4: str, ipv6: str) -> list[Route]:
    """(subnet, link) of /proc/net/route and /proc/net/ipv6_route; default, link-local and multicast routes left out."""
    found = []
    for line in ipv4.splitlines()[1:]:
        fields = line.split()
        if len(fields) > 7:
            found.append(("%s/%d" % (_ipv4(fields[1]), bin(int(fields[7], 16)).count("1")), fields[0]))
    for line in ipv6.splitlines():
        fields = line.split()
        if len(fields) > 9:
            found.append(("%s/%d" % (ipaddress.IPv6Address(int(fields[0], 16)), int(fields[1], 16)), fields[9]))
    return sorted({route for route in found if _counts(*route)})


def _ipv4(text: str) -> ipaddress.IPv4Address:
    return ipaddress.IPv4Address(struct.pack("=I", int(text, 16)))


def _counts(subnet: str, link: str) -> bool:
    network = ipaddress.ip_network(subnet, strict=False)
    special = network.prefixlen == 0 or network.is_link_local or network.is_multicast
    return not special and not ENGINE_LINK.match(link)


def problems(pools: list[dict[str, t.Any]], known: list[Route], own: list[str], tolerated: list[str]) -> list[str]:
    """One sentence for each pool that cannot be, or that would take what is routed elsewhere."""
    found: list[str] = []
    networks = []
    for pool in pools:
        network, sentence = _network(pool)
        if sentence:
            found.append(sentence)
        else:
            networks.append(network)
    for index, network in enumerate(networks):
        for other in networks[:index]:
            if _overlap(network, other):
                found.append("The address pools %s and %s overlap; make them disjoint." % (other, network))
        for subnet, link in known:
            elsewhere = ipaddress.ip_network(subnet, strict=False)
            if subnet not in own and subnet not in tolerated and _overlap(network, elsewhere):
                found.append(
                    "The address pool %s overlaps %s, which this host routes through %s; choose another pool, or name"
                    " that route in engine_tolerated_routes if the engine may take it." % (network, subnet, link)
                )
    return found


def _network(pool: dict[str, t.Any]):
    base, size = pool.get("base"), pool.get("size")
    try:
        interface = ipaddress.ip_interface(str(base))
    except ValueError:
        return None, "The address pool's base '%s' is no subnet; write it as 10.200.0.0/16." % base
    network = interface.network
    if interface.ip != network.network_address:
        return None, "The address pool's base '%s' has host bits set; write %s." % (base, network)
    if not isinstance(size, int) or isinstance(size, bool):
        return None, "The size '%s' of address pool %s is no prefix length; write a number such as 24." % (size, network)
    longest = network.max_prefixlen - 2
    if size < network.prefixlen:
        return None, (
            "The size %d of address pool %s is larger than the pool itself; choose a prefix length from %d to %d."
            % (size, network, network.prefixlen, longest)
        )
    if size > longest:
        return None, (
            "The size %d of address pool %s leaves no room for a container; choose a prefix length from %d to %d."
            % (size, network, network.prefixlen, longest)
        )
    return network, ""


def _overlap(one, other) -> bool:
    return one.version == other.version and one.overlaps(other)
