# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose a VLAN is, by what is there, who makes it, and what a record says."""
from __future__ import annotations

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.macvlan_parent.made import all_made
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.macvlan_parent.record import Record
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.macvlan_parent.state import Desired, Observed, Wish
from ansible_collections.fleetnet.docker.plugins.module_utils.values.hostfile import Manager
from ansible_collections.fleetnet.docker.plugins.module_utils.values.link import Link
from ansible_collections.fleetnet.docker.plugins.module_utils.values.network import Network

WISH = Wish("lan0", 50, persist="none")
THERE = (Link("lan0"), Link("lan0.50", "vlan", "lan0", 50))
WITH_ADDRESS = (Link("lan0"), Link("lan0.50", "vlan", "lan0", 50, addresses=("198.51.100.7/24",)))
MADE_UP = (Link("lan0"), Link("lan0.50", "vlan", "lan0", 50, addresses=("169.254.3.7/16",)))
NETWORK = (Network("fifty", driver="macvlan", driver_options=(("parent", "lan0.50"),)),)
BY_A_PATTERN, BY_NAME = Manager("lan0.50", "networkd", "10-all.network"), Manager("lan0.50", "networkd", "50.network", True)


@pytest.mark.parametrize("links, networks, manager, had, expected", [
    (THERE[:1], (), None, None, "created"),
    (THERE, (), None, None, "foreign"),
    (THERE, NETWORK, None, None, "adopted"),
    (THERE, NETWORK, BY_A_PATTERN, None, "adopted"),
    (THERE, NETWORK, BY_NAME, None, "foreign"),
    (THERE, (), None, "created", "created"),
    (THERE, (), BY_A_PATTERN, "adopted", "adopted"),
    (THERE, (), BY_NAME, "created", "foreign"),
    (THERE, NETWORK, None, "foreign", "foreign"),
    (WITH_ADDRESS, NETWORK, None, None, "foreign"),
    (WITH_ADDRESS, NETWORK, None, "adopted", "adopted"),
    (MADE_UP, NETWORK, None, None, "adopted"),
    (THERE[:1], (), None, "foreign", "created"),
])
def test_whose_a_vlan_is(links, networks, manager, had, expected):
    observed = Observed(links=links, networks=networks, managers=(manager,) if manager else ())
    known = {"lan0.50": Record(WISH, had)} if had else {}
    assert all_made(Desired((WISH,)), observed, known)["lan0.50"].record.whose == expected
