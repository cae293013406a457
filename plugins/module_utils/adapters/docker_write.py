# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values as request bodies. The SDK (7.2) has no arguments for config_only, config_from and gw_priority,

so the bodies are made here and sent through the SDK's own transport.
"""
from __future__ import annotations

import typing as t

from ..values.endpoint import Endpoint
from ..values.network import Network, Pool


KNOWS_IPV4 = (1, 48)  # of engine 28; before, the field is not looked at, and every network has IPv4


def network_body(net: Network, api: t.Tuple[int, ...] = (0,)) -> t.Dict[str, t.Any]:
    """Body of POST /networks/create; what is not managed is left to the engine.

    :param api: version of the API that it is sent by
    """
    body: t.Dict[str, t.Any] = {"Name": net.name, "CheckDuplicate": True}
    if net.config_only:  # moby refuses the plain fields beside ConfigOnly, a scope even where it is the default
        body["ConfigOnly"] = True
    else:
        plain = {"Driver": net.driver, "Internal": net.internal, "Attachable": net.attachable, "Ingress": net.ingress,
                 "Scope": net.scope}
        body.update({key: value for key, value in plain.items() if value not in (None, "")})
    if net.config_from:  # moby refuses all the rest beside ConfigFrom
        body["ConfigFrom"] = {"Network": net.config_from}
        return body
    if net.enable_ipv4 is False or (net.enable_ipv4 and api >= KNOWS_IPV4):  # default-network-opts may say otherwise
        body["EnableIPv4"] = net.enable_ipv4
    if net.enable_ipv6 is not None:
        body["EnableIPv6"] = net.enable_ipv6
    for key, value in (("Options", net.driver_options), ("Labels", net.labels)):
        if value:
            body[key] = dict(value)
    ipam = _ipam(net)
    if ipam:
        body["IPAM"] = ipam
    return body


def _ipam(net: Network) -> t.Dict[str, t.Any]:
    ipam: t.Dict[str, t.Any] = {}
    if net.ipam_driver:
        ipam["Driver"] = net.ipam_driver
    if net.ipam_driver_options:
        ipam["Options"] = dict(net.ipam_driver_options)
    if net.ipam_config:
        ipam["Config"] = [_pool_body(pool) for pool in net.ipam_config]
    return ipam


def _pool_body(pool: Pool) -> t.Dict[str, t.Any]:
    body: t.Dict[str, t.Any] = {"Subnet": pool.subnet}
    if pool.ip_range:
        body["IPRange"] = pool.ip_range
    if pool.gateway:
        body["Gateway"] = pool.gateway
    if pool.aux_addresses:
        body["AuxiliaryAddresses"] = dict(pool.aux_addresses)
    return body


def endpoint_body(end: Endpoint) -> t.Dict[str, t.Any]:
    """Body of POST /networks/{id}/connect."""
    ipam = {"IPv4Address": end.ipv4_address, "IPv6Address": end.ipv6_address, "LinkLocalIPs": list(end.link_local_ips)}
    config: t.Dict[str, t.Any] = {
        "Aliases": list(end.aliases) or None,
        "Links": list(end.links) or None,
        "MacAddress": end.mac_address,
        "DriverOpts": dict(end.driver_opts) or None,
        "GwPriority": end.gw_priority or None,
        "IPAMConfig": {key: value for key, value in ipam.items() if value} or None,
    }
    return {"Container": end.container, "EndpointConfig": {key: value for key, value in config.items() if value}}


def post(client, path: str, ident: t.Optional[str], body: t.Mapping[str, t.Any]):
    """The SDK's own transport and error handling, for bodies its methods have no arguments for."""
    url = client._url(path, ident) if ident else client._url(path)
    response = client._post_json(url, data=body)
    client._raise_for_status(response)
    return response
