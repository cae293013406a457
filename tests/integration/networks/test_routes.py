# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes and links as a kernel shows them, in a network namespace of the test's own."""
from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from integration.networks.bench import COLLECTIONS

SETUP = """
ip link set lo up
ip link add fnlan type veth peer name fnfar
ip addr add 192.0.2.2/24 dev fnlan
ip link set fnlan up; ip link set fnfar up
ip link add fnshim link fnlan type macvlan mode bridge || exit 77
ip addr add 192.0.2.5/32 dev fnshim; ip link set fnshim up
ip route add 192.0.2.128/26 dev fnshim
ip link add link fnlan name fnvlan type vlan id 50 2>/dev/null && ip addr add 203.0.113.2/24 dev fnvlan && ip link set fnvlan up
ip route add 198.51.100.0/24 via 192.0.2.1
exec "$0" -c "$1"
"""
ASK = """
import json, sys
from dataclasses import astuple
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import netlink_routes
print(json.dumps([sorted(map(astuple, netlink_routes.routes())), sorted(netlink_routes.links())]))
"""


def test_a_shim_is_known_by_the_link_that_it_is_on():
    done = subprocess.run(["unshare", "--net", "sh", "-ec", SETUP, sys.executable, ASK], capture_output=True, text=True, check=False,
                          env=dict(os.environ, PYTHONPATH=COLLECTIONS))
    if done.returncode == 77 or "Operation not permitted" in done.stderr:
        pytest.skip("no rights for a namespace, or no macvlan in this kernel: %s" % done.stderr.strip())
    assert done.returncode == 0, done.stderr
    routes, links = json.loads(done.stdout)
    # The last are by_kernel, which this reader leaves alone (only kind macvlan_parent asks for it), and shared.
    vlan = ["fnvlan"] if "fnvlan" in links else []  # not every kernel has them; a VLAN is a LAN of its own
    assert [row for row in routes if ":" not in row[0]] == [
        ["192.0.2.0/24", "fnlan", "", "", False, False], ["192.0.2.128/26", "fnshim", "", "fnlan", False, False],
        ["198.51.100.0/24", "fnlan", "192.0.2.1", "", False, False], *(["203.0.113.0/24", name, "", "", False, False] for name in vlan)]
    assert links == ["fnfar", "fnlan", "fnshim", *vlan, "lo"]
