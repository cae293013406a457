# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a network looks like, as plain data: its configuration as module C(network) takes it, who is on it, and how full it is."""
from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import fields

from ...values import addresses
from ...values.endpoint import Endpoint
from ...values.link import Route
from ...values.network import Network, Pool
from ...values.sight import Attachment, Sight
from .compare import INHERITED, pool_texts

MAPPINGS = ("driver_options", "ipam_driver_options", "labels")
# Not what a configuration network is asked for, though the engine answers it.
NOT_OF_A_TEMPLATE = ("driver", "scope", "ipam_driver")


def report(sight: Sight) -> t.Dict[str, t.Any]:
    net = sight.network
    return dict(
        outline(net),
        endpoints=[_endpoint(one) for one in sight.attachments],
        services=None if sight.services is None else list(sight.services),
        pools=[] if net.config_only else [_pool(pool, sight) for pool in net.ipam_config or ()],
    )


def outline(net: Network) -> t.Dict[str, t.Any]:
    return dict(name=net.name, id=net.id, config=config(net), subnets=[pool.subnet for pool in net.ipam_config or () if pool.subnet])


def host(routes: t.Optional[t.Sequence[Route]], held: t.Optional[t.Sequence[t.Tuple[str, str]]]) -> t.Dict[str, t.Any]:
    """:param held: (interface, address) pairs; C(None) for either where the host is out of sight"""
    return dict(
        routes=None if routes is None else [
            dict(subnet=row.subnet, interface=row.interface, gateway=row.gateway) for row in routes],
        addresses=None if held is None else [dict(interface=name, address=text) for name, text in held],
    )


def config(net: Network) -> t.Dict[str, t.Any]:
    """:returns: options for module C(network) that find no difference"""
    row: t.Dict[str, t.Any] = {field.name: getattr(net, field.name) for field in fields(net) if field.name != "id"}
    row.update((key, dict(row[key] or ())) for key in MAPPINGS)
    row["ipam_config"] = pool_texts(net.ipam_config or ())
    hidden = [key for key in NOT_OF_A_TEMPLATE if net.config_only] + list(INHERITED if net.config_from else ["config_from"])
    return {key: value for key, value in sorted(row.items()) if value is not None and key not in hidden}


def _endpoint(one: Attachment) -> t.Dict[str, t.Any]:
    end = one.requested
    return dict(
        container=end.name,
        container_id=end.container,
        state=one.state,
        requested=_requested(end),
        current=dict(ipv4_address=one.ipv4_address, ipv6_address=one.ipv6_address, mac_address=one.mac_address,
                     names=list(one.names)),
    )


def _requested(end: Endpoint) -> t.Dict[str, t.Any]:
    return dict(aliases=list(end.aliases), links=list(end.links), ipv4_address=end.ipv4_address, ipv6_address=end.ipv6_address,
                link_local_ips=list(end.link_local_ips), mac_address=end.mac_address, driver_opts=dict(end.driver_opts),
                gw_priority=end.gw_priority)


def _pool(pool: Pool, sight: Sight) -> t.Dict[str, t.Any]:
    lent = ipaddress.ip_network(pool.ip_range or pool.subnet)
    held = _held(pool, lent, sight)
    taken = _edges(pool) | {ipaddress.ip_address(text) for text in held}
    in_use, free = len(taken), lent.num_addresses - sum(one in lent for one in taken)
    told = next((row for row in sight.told if row[0] == pool.subnet), None)
    if told:
        in_use, free = told[1:]
    return dict(
        subnet=pool.subnet,
        iprange=pool.ip_range,
        in_use=in_use,
        free=max(free, 0),
        addresses=[dict(address=text, used_by=held[text]) for text in sorted(held, key=addresses.order)],
        source="engine" if told else "computed",
        estimated=not told and (sight.network.scope == "swarm" or sight.network.ipam_driver != "default"),
    )


def _edges(pool: Pool) -> t.Set[t.Any]:
    """The first address, and with IPv4 the last one, are nobody's."""
    net = ipaddress.ip_network(pool.subnet)
    return {net.network_address} | ({net.broadcast_address} if net.version == 4 and net.prefixlen < 31 else set())


def _held(pool: Pool, lent, sight: Sight) -> t.Dict[str, str]:
    """:returns: address to who has it"""
    held = {text: "auxiliary address %s" % name for name, text in pool.aux_addresses or ()}
    held.update((text, who) for text, who in sight.elsewhere if addresses.inside(text, pool.subnet))
    for one in sight.attachments:
        held.update((text, "container %s" % one.requested.name) for text in one.addresses if addresses.inside(text, pool.subnet))
    gateway = _gateway(pool, lent, sight, held)
    return dict(held, **{gateway: "gateway"}) if gateway else held


def _gateway(pool: Pool, lent, sight: Sight, held: t.Collection[str]) -> t.Optional[str]:
    """The given one, the one that containers have, or the first free one of the range, which is what engines take."""
    known = [pool.gateway] + [text for one in sight.attachments for text in one.gateways]
    given = next((text for text in known if text and addresses.inside(text, pool.subnet)), None)
    if given or sight.gatewayless:
        return given
    nobodys = {str(address) for address in _edges(pool)} | set(held)
    tries = (lent.network_address + step for step in range(min(len(nobodys) + 1, lent.num_addresses)))
    return next((str(address) for address in tries if str(address) not in nobodys), None)
