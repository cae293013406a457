# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that need more of the kernel than many machines have. `./dev test-kernel` runs them in a guest, as root.

There `up0` is the NIC (192.0.2.1/24); its other end `up1` (192.0.2.254) in the network namespace `lan` is another host of the
LAN. An engine answers on the usual socket, its image `box:1` is a busybox, and a registry on 127.0.0.1:5000 has the example's
images. /project is the clone, read-only; what should be kept goes to /output.
"""
from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import machine


def pytest_collection_modifyitems(items):
    for item in items:
        # What belongs to one capability of the collection runs in the whole; the short run tries the kernel itself.
        if item.path.name.startswith("test_macvlan_parent"):
            item.add_marker(pytest.mark.whole)


@pytest.fixture(autouse=True)
def _kernel_has(request):
    """`@pytest.mark.kernel("8021q")`: skipped on a kernel without it, with that reason; in the guest nothing may be missing."""
    for marker in request.node.iter_markers("kernel"):
        for feature in marker.args:
            reason = machine.lacks(feature)
            if reason:
                (pytest.fail if os.environ.get("FLEETNET_GUEST") == "uml" else pytest.skip)(reason)
