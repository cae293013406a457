# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fixed address against what the engine shows of its network."""
from __future__ import annotations

import pytest

from ansible_collections.fleetnet.docker.plugins.filter.address_refusal import address_refusal

LAN = {"Name": "lan", "Driver": "macvlan", "IPAM": {"Config": [
    {"Subnet": "192.0.2.0/24", "IPRange": "192.0.2.192/28", "Gateway": "192.0.2.1", "AuxiliaryAddresses": {"shim": "192.0.2.190"}},
    {"Subnet": "2001:db8::/64"}]},
    "Containers": {"1": {"Name": "other", "IPv4Address": "192.0.2.193/24", "IPv6Address": "2001:db8::7/64"},
                   "2": {"Name": "webapp1", "IPv4Address": "192.0.2.200/24", "IPv6Address": ""}}}


@pytest.mark.parametrize(("address", "sentence"), [
    ("192.0.2.200", ""),
    ("192.0.2.9", ""),
    ("2001:db8::8", ""),
    ("198.51.100.7", "The address 198.51.100.7 for webapp1 is in none of the network's subnets (192.0.2.0/24, 2001:db8::/64); "
                     "choose one in them."),
    ("192.0.2.255", "The address 192.0.2.255 for webapp1 is the first or last of its subnet 192.0.2.0/24, which no host can have; "
                    "choose one between them."),
    ("192.0.2.1", "The address 192.0.2.1 for webapp1 is the network's gateway; choose another."),
    ("192.0.2.190", "The address 192.0.2.190 for webapp1 is the network's auxiliary address shim; choose another."),
    ("192.0.2.193", "The address 192.0.2.193 for webapp1 is taken by container other; choose another."),
    ("2001:db8:0::7", "The address 2001:db8::7 for webapp1 is taken by container other; choose another."),
])
def test_one_sentence_or_none(address, sentence):
    assert address_refusal(address, LAN, "webapp1") == sentence


def test_a_network_without_subnets_of_its_own():
    assert address_refusal("192.0.2.9", dict(LAN, IPAM={"Config": None}, Containers=None), "webapp1").startswith(
        "The address 192.0.2.9 for webapp1 is not possible, for the network has no IPv4 subnet of its own")


def test_no_address():
    assert address_refusal("192.0.2", LAN, "webapp1").startswith("The address 192.0.2 for webapp1 is none (")
