# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an engine gives out by itself: the first free address of each family, to who comes first."""
from __future__ import annotations

import ipaddress
import typing as t

from . import addresses
from .endpoint import DYNAMIC, Container, Endpoint, Run
from .network import Network, Pool


def in_turn(new: t.Sequence[Endpoint], starts: t.Sequence[Run], ends: t.Iterable[Endpoint]) -> t.List[t.Union[Endpoint, Run]]:
    """Connects and starts in such an order that fixed addresses are taken before any is given out.

    A container that is down holds none until it starts, so it starts when its fixed addresses are due, and by then all its endpoints are
    there, for in restart back-off it must not be moved.

    :param new: what is connected, by C(turn); :param starts: containers that are down by then; :param ends: what all of them will have
    """
    due = {run.container: DYNAMIC for run in starts}
    for end in ends:
        if end.container in due:
            due[end.container] = min(due[end.container], end.turn)
    found: t.List[t.Union[Endpoint, Run]] = []
    for turn in range(DYNAMIC + 1):
        found += [end for end in new if due.get(end.container, end.turn) == turn]
        found += [run for run in starts if due[run.container] == turn]
    return found


def reserved(pool: Pool, net: Network) -> t.Iterator[t.Tuple[str, str]]:
    """:returns: (what for, address) of each that no container can have"""
    gateway = pool.gateway or _own_gateway(pool, net)
    if gateway:
        yield "gateway", gateway
    for name, text in pool.aux_addresses or ():
        yield "auxiliary address %s" % name, text


def _own_gateway(pool: Pool, net: Network) -> t.Optional[str]:
    """A bridge without a gateway takes the first address it may hand out (seen on 20.10, 26.1 and 28.5)."""
    if not pool.subnet or net.driver not in (None, "bridge") or net.ipam_driver not in (None, "", "default"):
        return None
    if net.option("com.docker.network.bridge.gateway_mode_ipv%d" % addresses.family(pool.subnet)) == "isolated":
        return None
    start = ipaddress.ip_network(pool.ip_range or pool.subnet).network_address
    return str(start + 1 if start == ipaddress.ip_network(pool.subnet).network_address else start)


def first_free(net: Network, family: int, taken: t.Collection[t.Optional[str]], number: int) -> t.Set[str]:
    """:returns: what C(number) endpoints are given, in a network that only those in C(taken) are on"""
    pools = [pool for pool in net.ipam_config or () if pool.subnet and addresses.family(pool.subnet) == family]
    if not pools or not number:
        return set()
    whole, lent = ipaddress.ip_network(pools[0].subnet or ""), ipaddress.ip_network(pools[0].ip_range or pools[0].subnet or "")
    nobodys = {str(whole.network_address), *(text for _what, text in reserved(pools[0], net)), *taken}
    tries = (str(lent.network_address + step) for step in range(min(number + len(nobodys), lent.num_addresses)))
    return set([text for text in tries if text not in nobodys][:number])


def unheld(pairs: t.Sequence[t.Tuple[Endpoint, Container]], networks: t.Mapping[str, Network]) -> t.Iterator[str]:
    """Sentences: whose fixed address others may be given. Nobody holds it for a container that is down or in restart back-off.

    :param pairs: all that is connected, with its container; :param networks: as they will be, by name
    """
    up = {box.id for _end, box in pairs if box.alive}
    for end, box in pairs:
        for text in () if box.state in ("running", "paused") else filter(None, (end.ipv4_address, end.ipv6_address)):
            rivals = [other for other, _box in pairs if other.network == end.network and other.container != end.container]
            given = [other for other in rivals if other.container in up and not _fixed(other, addresses.family(text))]
            if given and end.network in networks and _near(text, networks[end.network], len(rivals)):
                yield ("container %s (%s) may not be able to start, for nobody holds its fixed address %s on network %s while it is down, and "
                       "a container without one may be given it" % (box.name, box.state, text, end.network))


def _fixed(end: Endpoint, family: int) -> bool:
    return bool(end.ipv4_address if family == 4 else end.ipv6_address)


def _near(text: str, net: Network, holders: int) -> bool:
    """Whether an address is so low in its pool that it may be given out with so many holders."""
    for pool in net.ipam_config or ():
        if pool.subnet and addresses.inside(text, pool.ip_range or pool.subnet):
            start = ipaddress.ip_network(pool.ip_range or pool.subnet).network_address
            return int(ipaddress.ip_address(text)) - int(start) <= holders + 1 + len(pool.aux_addresses or ())
    return False
