# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the role's variables, before anything is touched: one sentence each, naming value and way out."""
from __future__ import annotations

import ipaddress
import re
import typing as t
from urllib.parse import urlsplit

from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.engine_config import options, pools

REGISTRY = re.compile(r"^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)(:\d{1,5})?$")
PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")


def problems(wish: dict[str, t.Any], release: tuple[int, int], routes: list[pools.Route], own: list[str]) -> list[str]:
    found = pools.problems(wish.get("address_pools") or [], routes, own, wish.get("tolerated_routes") or [])
    found += _mtu(wish)
    found += _registries(wish)
    found += _proxies(wish)
    found += _addresses(wish, release)
    found += _twice(wish)
    return found


def _mtu(wish) -> list[str]:
    mtu = wish.get("mtu")
    lowest = 1280 if wish.get("ipv6") else 68
    if mtu is None or lowest <= mtu <= 65535:
        return []
    return ["engine_mtu is %d; choose a number from %d%s to 65535." % (mtu, lowest, " (IPv6 is on)" if wish.get("ipv6") else "")]


def _registries(wish) -> list[str]:
    found = []
    for registry in wish.get("insecure_registries") or []:
        if not REGISTRY.match(registry) and not _is_subnet(registry):
            found.append("The insecure registry '%s' is neither host[:port] nor a subnet; leave out the scheme and the path." % registry)
    for mirror in wish.get("registry_mirrors") or []:
        parts = _url(mirror)
        if not parts or parts.scheme not in ("http", "https") or parts.path.strip("/") or parts.query or parts.fragment or parts.username:
            found.append(
                "The registry mirror '%s' is no URL of a host; write https://mirror.example.com, without path or credentials."
                % _bare(mirror)
            )
    return found


def _proxies(wish) -> list[str]:
    found = []
    for name in ("http_proxy", "https_proxy"):
        value = wish.get(name)
        parts = _url(value) if value else None
        if value and (not parts or parts.scheme not in PROXY_SCHEMES):
            # The value may hold a password, also in a place where no URL has one.
            found.append("engine_%s is no URL of a proxy; write http://proxy.example.com:3128." % name)
    for name in options.PROXIES:
        if any(ord(sign) < 32 for sign in wish.get(name) or ""):
            found.append("engine_%s holds a control character such as a line break; remove it." % name)
    return found


def _addresses(wish, release) -> list[str]:
    found = []
    bridge = wish.get("bridge_address")
    if bridge and not _is_host_in_subnet(bridge):
        found.append("engine_bridge_address '%s' is no address with prefix length inside its subnet; write 10.200.0.1/24." % bridge)
    subnet = wish.get("ipv6_subnet")
    if subnet and not (_is_subnet(subnet) and ipaddress.ip_network(subnet).version == 6):
        found.append("engine_ipv6_subnet '%s' is no IPv6 subnet; write fd00:d0c::/64." % subnet)
    if wish.get("ipv6") and not subnet and release < options.AUTOMATIC_IPV6_POOL:
        found.append(
            "engine_ipv6 needs engine_ipv6_subnet on engine %d.%d, which only makes subnets of its own from 27; set it to"
            " a subnet such as fd00:d0c::/64." % release
        )
    return found


def _twice(wish) -> list[str]:
    dedicated = {key: name for name, key in options.PLAIN.items()}
    dedicated.update({"log-opts": "log_opts", "proxies": "http_proxy"})
    if wish.get("mtu") is not None and "default-network-opts" in (wish.get("daemon_options") or {}):
        return ["engine_mtu and engine_daemon_options['default-network-opts'] both set options of new networks; keep one of them."]
    return [
        "engine_daemon_options sets '%s' and engine_%s does too; keep one of them." % (key, dedicated[key])
        for key in sorted(wish.get("daemon_options") or {})
        if key in dedicated and wish.get(dedicated[key]) is not None
    ]


def _is_subnet(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return "/" in text


def _is_host_in_subnet(text: str) -> bool:
    try:
        interface = ipaddress.ip_interface(text)
    except ValueError:
        return False
    return "/" in text and interface.ip != interface.network.network_address


def _url(text: str):
    try:
        parts = urlsplit(text)
        parts.port  # reading it is what checks it
    except ValueError:
        return None
    return parts if parts.hostname else None


def _bare(text: str) -> str:
    return text.rpartition("@")[2]
