# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each bad variable gives one sentence that names the value and the way out."""

from __future__ import annotations

import pytest
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.engine_config.plan import plan

HEAD = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n"
TUNNEL = HEAD + "tun0\t0000080A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
BRIDGE = HEAD + "br-0123456789ab\t0000080A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
DEFAULT = HEAD + "eth0\t00000000\t0100CD0A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
TUNNEL6 = "fd000000000000000000000000000000 08 00000000000000000000000000000000 00 " + "0" * 32 + " 00000400 1 0 1 tun0\n"


def pool(base, size):
    return {"address_pools": [{"base": base, "size": size}]}


def errors(wish, version="26.1.5", **observed):
    return plan(wish, dict({"version": version, "path": "p", "text": "", "running": True}, **observed))["errors"]


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        (pool("10.200.0.0/33", 34), "The address pool's base '10.200.0.0/33' is no subnet; write it as 10.200.0.0/16."),
        (pool("10.200.1.0/16", 24), "The address pool's base '10.200.1.0/16' has host bits set; write 10.200.0.0/16."),
        (
            pool("10.200.0.0/16", 8),
            "The size 8 of address pool 10.200.0.0/16 is larger than the pool itself; choose a prefix length from 16 to 30.",
        ),
        (
            pool("10.200.0.0/16", 31),
            "The size 31 of address pool 10.200.0.0/16 leaves no room for a container; choose a prefix length from 16 to 30.",
        ),
        (
            {"address_pools": [{"base": "10.0.0.0/8", "size": 24}, {"base": "10.200.0.0/16", "size": 24}]},
            "The address pools 10.0.0.0/8 and 10.200.0.0/16 overlap; make them disjoint.",
        ),
        ({"mtu": 60}, "engine_mtu is 60; choose a number from 68 to 65535."),
        ({"mtu": 1000, "ipv6": True, "ipv6_subnet": "fd00::/64"}, "engine_mtu is 1000; choose a number from 1280 (IPv6 is on) to 65535."),
        (
            {"insecure_registries": ["http://r:5000"]},
            "The insecure registry 'http://r:5000' is neither host[:port] nor a subnet; leave out the scheme and the path.",
        ),
        (
            {"registry_mirrors": ["https://u:geheim@m/path"]},
            "The registry mirror 'm/path' is no URL of a host; write https://mirror.example.com, without path or credentials.",
        ),
        ({"http_proxy": "u:geheim@proxy"}, "engine_http_proxy is no URL of a proxy; write http://proxy.example.com:3128."),
        ({"no_proxy": "a\nX=1"}, "engine_no_proxy holds a control character such as a line break; remove it."),
        (
            {"bridge_address": "10.201.0.0/24"},
            "engine_bridge_address '10.201.0.0/24' is no address with prefix length inside its subnet; write 10.200.0.1/24.",
        ),
        ({"ipv6_subnet": "10.0.0.0/8"}, "engine_ipv6_subnet '10.0.0.0/8' is no IPv6 subnet; write fd00:d0c::/64."),
        ({"mtu": 1400, "daemon_options": {"mtu": 1500}}, "engine_daemon_options sets 'mtu' and engine_mtu does too; keep one of them."),
    ],
)
def test_one_clear_sentence(wish, sentence):
    assert errors(wish) == [sentence]


def test_ipv6_without_subnet_below_27():
    assert errors({"ipv6": True}, version="28.5.2") == []
    (sentence,) = errors({"ipv6": True})
    assert sentence.startswith("engine_ipv6 needs engine_ipv6_subnet on engine 26.1,")


def test_a_pool_that_is_routed_elsewhere():
    assert errors(pool("10.0.0.0/12", 24), routes_ipv4=TUNNEL) == [
        "The address pool 10.0.0.0/12 overlaps 10.8.0.0/16, which this host routes through tun0; choose another pool, or name"
        " that route in engine_tolerated_routes if the engine may take it."
    ]
    assert len(errors(pool("fd00:1::/32", 64), routes_ipv6=TUNNEL6)) == 1


@pytest.mark.parametrize("routes", [BRIDGE, DEFAULT])
def test_the_engines_own_links_and_the_default_route_do_not_count(routes):
    assert errors(pool("10.0.0.0/12", 24), routes_ipv4=routes) == []


def test_the_engines_own_subnets_and_tolerated_ones_do_not_count():
    wish = pool("10.0.0.0/12", 24)
    assert errors(wish, routes_ipv4=TUNNEL, own_subnets=["10.8.0.0/16"]) == []
    assert errors(dict(wish, tolerated_routes=["10.8.0.0/16"]), routes_ipv4=TUNNEL) == []
