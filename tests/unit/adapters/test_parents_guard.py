# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way that a run came in by, from what sshd says of it."""
from __future__ import annotations

from types import SimpleNamespace

import pytest
from pyroute2.netlink.exceptions import NetlinkError

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import parents_guard
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.netlink_links import NetlinkLinks
from ansible_collections.fleetnet.docker.plugins.module_utils.values.link import Way


class Kernel:
    def route(self, _what, dst, family):
        if dst != "198.51.100.2":
            raise NetlinkError(101)
        return [SimpleNamespace(get_attr=lambda name: 7)]

    def link(self, _what, index):
        assert index == 7
        return [SimpleNamespace(get_attr=lambda name: "lan0")]


@pytest.mark.parametrize("said, expected", [
    ("198.51.100.2 50000 192.0.2.1 22", Way("198.51.100.2", "192.0.2.1", "lan0")),
    # In a routing table of its own the kernel knows no way back, but the link has the address that was called.
    ("203.0.113.9 50000 192.0.2.1 22", Way("203.0.113.9", "192.0.2.1", "")),
    ("fe80::2%lan1 50000 fe80::1%lan1 22", Way("fe80::2", "fe80::1", "lan1")),
    ("UNKNOWN 65535 UNKNOWN 65535", None),
    ("", None),
])
def test_the_way_in(monkeypatch, said, expected):
    monkeypatch.setattr(parents_guard.ssh_path, "ends", lambda: tuple(said.split()))
    assert parents_guard.ParentsGuard(30, NetlinkLinks(Kernel), str).way() == expected
