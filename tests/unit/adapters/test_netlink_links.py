# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of links, addresses and routes, from a kernel in memory and from answers as netlink gives them."""
from __future__ import annotations

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import netlink_read
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.netlink_links import NetlinkLinks

from unit.laws.kernel_model import KernelModel, Message


@pytest.fixture
def kernel():
    made = KernelModel(lambda what, effect, *args: effect(*args))
    made.put("lan0", addresses=["192.0.2.11/24"], leased=["192.0.2.77/24", "2001:db8::77/64"])
    return made


@pytest.mark.parametrize("sign", ["wireless", "phy80211"])
def test_a_link_is_wireless_where_sysfs_says_so(kernel, tmp_path, sign):
    def seen():
        return NetlinkLinks(lambda: kernel, str(tmp_path)).links()[0].wireless

    (tmp_path / "class/net/lan0").mkdir(parents=True)
    (tmp_path / "class/net/lan1" / sign).mkdir(parents=True)
    assert not seen()
    (tmp_path / "class/net/lan0" / sign).mkdir()
    assert seen()


def test_what_a_link_has_for_good_and_for_a_time(kernel, tmp_path):
    link = NetlinkLinks(lambda: kernel, str(tmp_path)).links()[0]
    assert link.addresses == ("192.0.2.11/24",) and link.leased == ("192.0.2.77/24", "2001:db8::77/64")
    assert link.every_address == ("192.0.2.11/24", "192.0.2.77/24", "2001:db8::77/64")


@pytest.mark.parametrize("text, scope, flags, given, leased", [
    ("192.0.2.3", 0, 0x80, True, False), ("192.0.2.3", 0, 0, False, True), ("2001:db8::3", 0, 0x100, False, True),
    ("fe80::3", 253, 0x80, False, False), ("169.254.3.4", 253, 0, False, False), ("127.0.0.1", 254, 0x80, True, False)])
def test_addresses(text, scope, flags, given, leased):
    row = Message({"index": 1, "prefixlen": 24, "flags": flags & 0xff, "scope": scope}, {"IFA_ADDRESS": text, "IFA_FLAGS": flags})
    assert netlink_read.addresses([row]) == ({1: (text + "/24",)} if given else {}, {1: (text + "/24",)} if leased else {})
