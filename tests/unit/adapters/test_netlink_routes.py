# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's routes: what netlink says is what /proc says, and without the means there is no answer."""
from __future__ import annotations

import ipaddress
import os
import socket
import subprocess
import sys

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import netlink_routes

from unit.laws.kernel_model import Message


def of_proc():
    """IPv4 routes of the main table, from the kernel's own listing (little-endian words)."""
    def address(word):
        return ipaddress.ip_address(bytes.fromhex(word)[::-1])

    with open("/proc/net/route", encoding="ascii") as stream:
        rows = [line.split() for line in stream.readlines()[1:]]
    return {("%s/%s" % (address(row[1]), address(row[7])), row[0]) for row in rows if int(row[3], 16) & 1}


def test_routes_are_those_of_the_kernel():
    pytest.importorskip("pyroute2", reason="pyroute2 is not installed")
    found = netlink_routes.routes()
    if found is None:
        pytest.skip("netlink is not allowed here")
    seen = {(str(ipaddress.ip_network(subnet)), link) for subnet, link in of_proc() if not subnet.startswith("0.0.0.0/0.0.0.0")}
    assert seen == {(route.subnet, route.interface) for route in found if ":" not in route.subnet and route.subnet != "0.0.0.0/0"}


def test_pyroute2_is_imported_when_routes_are_asked_for_and_without_it_there_is_no_answer():
    place = next(entry for entry in sys.path if os.path.isdir(os.path.join(entry, "ansible_collections", "fleetnet")))
    code = ("import sys; sys.path.insert(0, %r)\n"
            "from ansible_collections.fleetnet.docker.plugins.modules import endpoint, network, network_info, swarm\n"
            "assert 'pyroute2' not in sys.modules\n"
            "sys.modules['pyroute2'] = None\n"
            "assert network.netlink_routes.routes() is None" % place)
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_view_of_this_host_and_of_another():
    look = netlink_routes.view(True)
    for bridges in (frozenset(), frozenset(["lo"])):
        routes, links, unseen = look(socket.gethostname(), bridges)
        assert "lo" in links and (routes is None) == bool(unseen)
    tunnel, other = look("another-host", frozenset()), netlink_routes.view(False)(socket.gethostname(), frozenset())
    for far in (tunnel, other):
        assert far == (None, None, (netlink_routes.BLIND_ELSEWHERE,))


def test_a_bridge_that_somebody_deleted_hides_no_route(monkeypatch):
    """A name that somebody chose may be that of another engine's bridge, one that the engine made of an id is not."""
    monkeypatch.setattr(netlink_routes, "links", lambda: frozenset(["lo", "docker0", "br-0a0a0a0a0a0a"]))
    monkeypatch.setattr(netlink_routes, "routes", lambda: ())

    def look(*bridges):
        return netlink_routes.view(True)(socket.gethostname(), frozenset(bridges))

    for there in ((), ("docker0",), ("docker0", "chosen"), ("docker0", "br-0a0a0a0a0a0a", "br-0b0b0b0b0b0b"), ("br-0a0a0a0a0a0a", "chosen")):
        assert look(*there) == ((), frozenset(["lo", "docker0", "br-0a0a0a0a0a0a"]), ())
    for far, named in ((("docker0", "br-0b0b0b0b0b0b"), "br-0b0b0b0b0b0b"), (("chosen", "other"), "chosen, other")):
        assert look(*far) == (None, None, (
            "whether a subnet overlaps a route of the engine's host, and whether a parent is a link of it: none of its bridges (%s) is a link "
            "here, so that it runs on another host, or in a network namespace of its own, unless somebody deleted them" % named,))


def test_a_route_of_several_ways_has_the_name_of_the_first():
    ways = [Message({"oif": 2}, {"RTA_GATEWAY": "192.0.2.254"}), Message({"oif": 3}, {"RTA_GATEWAY": "198.51.100.254"})]
    row = Message({"type": 1, "table": 254, "dst_len": 16}, {"RTA_DST": "10.9.0.0", "RTA_MULTIPATH": ways})
    found = netlink_routes._route(row, {2: "lan0", 3: "lan1"}, {})
    assert (found.subnet, found.interface, found.gateway) == ("10.9.0.0/16", "lan0", "192.0.2.254")


def test_where_netlink_is_not_allowed(monkeypatch):
    class Refused:
        def __enter__(self):
            raise PermissionError(1, "Operation not permitted")

        def __exit__(self, *reason):
            pass

    monkeypatch.setattr(netlink_routes, "_pyroute2", lambda: Refused)
    assert netlink_routes.routes() is None
