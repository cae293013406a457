# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that make a parent and its shim at boot: one folder a back end holds their exact text, by their paths."""
from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.macvlan_parent import persist
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.macvlan_parent.state import Shim, Wish
from ansible_collections.fleetnet.docker.plugins.module_utils.values.hostfile import Manager

HERE = Path(__file__).parent / "boot_files"
SHIM = Shim("shim50", "macvlan", "bridge", ("198.51.100.2/32", "2001:db8::2/64"), ("198.51.100.64/26", "2001:db8:1::/64"), 1300)
VLAN = Wish("lan0", 50, 1400, True, SHIM)
CARD = Wish("lan0", shim=Shim("shim-lan0", "macvlan", "bridge", ("192.0.2.190/32",), ("192.0.2.192/28",)))
IPVLAN = Wish("lan0", shim=Shim("shim-lan0", "ipvlan", "l3s", ("192.0.2.190/32",)))
ROWS = {
    "networkd_vlan": (VLAN, "networkd", Manager("lan0", "networkd", "10-lan.network")),
    "networkd_card": (CARD, "networkd", Manager("lan0", "networkd", "10-lan.network")),
    "networkd_nobodys_card": (CARD, "networkd", Manager("lan0")),
    "networkd_nobodys_card_later": (CARD, "networkd", Manager("lan0", "networkd", "zz-fleetnet-link-lan0.network")),
    "networkd_nobodys_card_by_its_former_name": (CARD, "networkd", Manager("lan0", "networkd", "05-fleetnet-link-lan0.network")),
    "networkd_ipvlan": (IPVLAN, "networkd", Manager("lan0", "networkd", "10-lan.network")),
    "networkd_promiscuous_card": (Wish("lan0", promiscuous=True), "networkd", Manager("lan0", "networkd", "10-lan.network")),
    "netplan_networkd_vlan": (VLAN, "netplan", Manager("lan0", "netplan", "networkd:10-netplan-lan0.network")),
    "netplan_networkd_vlan_by_another_key": (VLAN, "netplan", Manager("lan0", "netplan", "networkd:10-netplan-id0.network")),
    "netplan_networkd_card": (CARD, "netplan", Manager("lan0", "netplan", "networkd:10-netplan-lan0.network")),
    "netplan_networkmanager_vlan": (VLAN, "netplan", Manager("lan0", "netplan", "networkmanager:netplan-lan0.nmconnection")),
    "networkmanager_vlan": (VLAN, "networkmanager", Manager("lan0", "networkmanager")),
    "networkmanager_card": (CARD, "networkmanager", Manager("lan0", "networkmanager")),
    "ifupdown_vlan": (VLAN, "ifupdown", Manager("lan0", "ifupdown")),
    "ifupdown_ipvlan": (IPVLAN, "ifupdown", Manager("lan0")),
    "ifupdown_promiscuous_card": (Wish("lan0", promiscuous=True), "ifupdown", Manager("lan0", "ifupdown")),
}


def rendered(name):
    """:returns: all files in one text, as the golden file has them"""
    wish, system, manager = ROWS[name]
    files = persist.files(wish, wish.vlan_id is not None, system, manager)
    return "\n".join("### %s %o\n%s" % (file.path, file.mode, file.text) for file in files)


@pytest.mark.parametrize("name", ROWS)
def test_boot_files(name):
    assert rendered(name) == (HERE / (name + ".txt")).read_text(encoding="utf-8")


def test_there_is_a_text_for_each_and_no_other():
    assert {path.stem for path in HERE.iterdir()} == set(ROWS)


def test_no_two_links_share_a_file():
    names = ["".join(letters) for letters in product(("a", ".", ":", "_", "-", "c"), repeat=4)]
    paths = {file.path for name in names for file in persist.files(Wish(name, promiscuous=True), False, "ifupdown", Manager(name))}
    assert len(paths) == len(names) and all(re.fullmatch("/etc/network/if-up.d/[a-zA-Z0-9_-]+", path) for path in paths)


def test_nothing_is_written_for_what_needs_nothing():
    for system in ("networkd", "networkmanager", "ifupdown", "netplan", "none"):
        assert persist.files(Wish("lan0"), False, system, Manager("lan0")) == ()
