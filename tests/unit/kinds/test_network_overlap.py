# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two networks of one list whose subnets overlap: either of them may say that it is meant."""
from __future__ import annotations

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import WishError

from unit.laws import networks
from unit.laws.stage import Case, Stage


def told(**allowed):
    rows = [{"name": name, "ipam_config": [{"subnet": "10.7.0.0/24"}], "allow_overlap": allowed.get(name, False)} for name in ("one", "two")]
    return Stage(Case(networks, "overlap", networks.completed({"networks": rows}), {}, {})).run(check=True)


@pytest.mark.parametrize("name", ["one", "two"])
def test_either_may_allow_it(name):
    assert told(**{name: True}).changed


def test_one_of_them_must():
    with pytest.raises(WishError) as caught:
        told()
    assert str(caught.value) == "Subnet 10.7.0.0/24 of network two overlaps 10.7.0.0/24 of network one; choose another, or set allow_overlap."
