# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts of one's own for these tests (host.py); they need root, but no lab."""
from __future__ import annotations

import pytest

from integration.macvlan_parent.host import Host, why_not

REASON = why_not()


@pytest.fixture
def host(tmp_path):
    if REASON:
        pytest.skip(REASON)
    made = Host(tmp_path)
    yield made
    made.close()
