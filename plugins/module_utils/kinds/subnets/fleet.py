# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Subnets for the networks of all hosts of a fleet, from their lists and what was seen on them; checked before anything is made.

The plan comes from the lists and from what exists already, not from routes: those come and go, and a plan must not. A route
in its way is an error that says what to reserve.
"""
from __future__ import annotations

import bisect
import ipaddress
import typing as t

from ...core.errors import WishError
from . import given
from .plan import plan

# They span hosts, or take the LAN's own subnet.
NOT_OF_A_HOST = ("overlay", "macvlan", "ipvlan", "host", "null")
DEFAULT_LENGTH = {4: 24, 6: 64}


class Planned(t.NamedTuple):
    span: given.Span
    subnet: str
    host: str
    network: str

    def __str__(self) -> str:
        return "Subnet %s, planned for network %s of %s," % (self.subnet, self.network, self.host)


def fleet(supernet: str, prefix: t.Any, hosts: t.Mapping[str, t.Mapping[str, t.Any]], reserved: t.Sequence[str] = ()):
    """:param hosts: name to C(list), its networks as module C(network) takes them, and C(seen), what module C(network_info) returned
        with C(host), or nothing where the host was not looked at

    :returns: C(plan), host to network to subnet, and C(unseen), hosts whose share is calculated only
    :raises WishError: for values that cannot be, a lack of room, and a subnet that is in use elsewhere
    """
    whole = given.supernet(supernet)
    length = DEFAULT_LENGTH[whole.version] if prefix in (None, "") else prefix
    shares = {host: [row["name"] for row in _rows(hosts[host]) if takes_part(row, whole.version)] for host in sorted(hosts)}
    names = {"%s/%s" % (host, name): (host, name) for host, wanted in shares.items() for name in wanted}
    kept = {key: subnet for key, (host, name) in names.items()
            for subnet in [_existing(_seen(hosts[host]), name, whole)] if subnet}
    own = [text for host in sorted(hosts) for row in _rows(hosts[host]) for text in _given_subnets(row)]
    found = plan(supernet, length, list(names), list(reserved) + _apart_from(own, kept), kept)
    result: t.Dict[str, t.Dict[str, str]] = {host: {} for host in shares}
    for key, subnet in found.items():
        result[names[key][0]][names[key][1]] = subnet
    _check(result, hosts)
    return dict(plan=result, unseen=[host for host in shares if "networks" not in (hosts[host].get("seen") or {})])


def takes_part(row: t.Mapping[str, t.Any], version: int) -> bool:
    """Whether a network of a list gets its subnet from the plan."""
    return not (row.get("ipam_config") or row.get("config_from") or row.get("state") == "absent"
                or (row.get("driver") or "bridge") in NOT_OF_A_HOST or row.get("scope") == "swarm"
                or (version == 4 and row.get("enable_ipv4") in (False, "false", "no")))


def fill(rows: t.Sequence[t.Mapping[str, t.Any]], share: t.Mapping[str, str]) -> t.List[t.Dict[str, t.Any]]:
    """:returns: a host's networks with the subnets that are planned for it"""
    return [dict(row, **_filled(row, share[row["name"]])) if row.get("name") in share else dict(row) for row in rows]


def _filled(row, subnet: str) -> t.Dict[str, t.Any]:
    more: t.Dict[str, t.Any] = {"ipam_config": [{"subnet": subnet}]}
    if ":" in subnet and row.get("enable_ipv6") is None:
        more["enable_ipv6"] = True
    return more


def _rows(host) -> t.List[t.Mapping[str, t.Any]]:
    return [row for row in host.get("list") or () if row.get("name")]


def _seen(host) -> t.List[t.Mapping[str, t.Any]]:
    return list((host.get("seen") or {}).get("networks") or ())


def _subnets(config: t.Mapping[str, t.Any]) -> t.List[str]:
    return [row["subnet"] for row in config.get("ipam_config") or () if row.get("subnet")]


def _given_subnets(row) -> t.List[str]:
    """Subnets that a list gives by itself; a wrong one is module network's to refuse."""
    right = []
    for text in _subnets(row) if row.get("state") != "absent" else ():
        try:
            right.append(str(ipaddress.ip_network(str(text).strip(), strict=False)))
        except ValueError:
            continue
    return right


def _apart_from(own: t.Sequence[str], kept: t.Mapping[str, str]) -> t.List[str]:
    """What is given where another network has its own is no hole in the plan but a conflict, and the check below names both."""
    taken = [given.span(text) for text in kept.values()]
    return sorted({text for text in own if not any(given.meet(given.span(text), span) for span in taken)})


def _existing(networks, name: str, whole) -> t.Optional[str]:
    for net in networks:
        for text in net["subnets"] if net["name"] == name else ():
            subnet = ipaddress.ip_network(text)
            if subnet.version == whole.version and subnet.subnet_of(whole):
                return text
    return None


def _check(result, hosts) -> None:
    rows = sorted(Planned(given.span(subnet), subnet, host, name) for host, share in result.items() for name, subnet in share.items())
    held = {host: {row["address"] for row in _host(hosts[host]).get("addresses") or ()} for host in hosts}
    for host in sorted(hosts):
        for row, text in ((row, text) for row in _rows(hosts[host]) for text in _given_subnets(row)):
            for other in _meeting(rows, given.span(text)):
                raise WishError("%s overlaps %s, which the list of %s gives network %s; change that one, or remove the network on %s "
                                "for it to get another." % (other, text, host, row["name"], other.host))
        for net in _seen(hosts[host]):
            if net["name"] not in result[host] and not net["config"].get("config_only"):
                _check_network(rows, host, net)
        exist = {subnet for name, subnet in result[host].items() if _is_there(_seen(hosts[host]), name, subnet)}
        for route in _host(hosts[host]).get("routes") or ():
            _check_route(rows, host, route, exist, held)


def _host(host) -> t.Mapping[str, t.Any]:
    return (host.get("seen") or {}).get("host") or {}


def _is_there(networks, name: str, subnet: str) -> bool:
    return any(net["name"] == name and subnet in net["subnets"] for net in networks)


def _check_network(rows, host, net) -> None:
    for text in net["subnets"]:
        for row in _meeting(rows, given.span(text)):
            raise WishError("%s overlaps %s of network %s on %s; add that to networks_supernet_reserved, or remove one of the "
                            "networks." % (row, text, net["name"], host))


def _check_route(rows, host, route, exist, held) -> None:
    """A broader route is none of this: it loses what the network takes. Nor is one that leads to the network itself."""
    where = given.span(route["subnet"])
    for row in _meeting(rows, where):
        leads_there = row.subnet in exist if row.host == host else bool(route["gateway"]) and route["gateway"] in held[row.host]
        if row.span[1] <= where[1] and where[2] <= row.span[2] and not leads_there:
            raise WishError("%s overlaps the route %s through %s on %s; add that to networks_supernet_reserved, or remove the "
                            "route." % (row, route["subnet"], route["interface"], host))


def _meeting(rows: t.Sequence[Planned], span: given.Span) -> t.Iterator[Planned]:
    """They do not overlap each other, so all that meet a span are neighbours in their order."""
    at = bisect.bisect_right(rows, (span[:1] + (span[1], 1 << 129),)) - 1  # the last that begins before the span or with it
    for row in rows[max(at, 0):]:
        if given.meet(row.span, span):
            yield row
        elif row.span[:2] > (span[0], span[2]):
            return
