# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which other firewall is in force, by what its rules look like; tests/integration/firewall tries the real ones."""
from __future__ import annotations

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import other_firewalls
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.command import Done

NONE, CHAIN, RULES = Done(1), Done(0, "-N ufw-before-input\n"), Done(0, "-N ufw-before-input\n-A ufw-before-input -i lo -j ACCEPT\n")
TABLE, UFW, ZONES = (other_firewalls.SIGNS["firewalld"][0], other_firewalls.SIGNS["ufw"][0], other_firewalls.SIGNS["firewalld"][1])
CASES = {
    "none": ({}, ()), "ufw": ({UFW: RULES}, ("ufw",)), "ufw that is disabled": ({UFW: CHAIN}, ()),
    "firewalld with nftables": ({TABLE: Done(0, "table inet firewalld {\n}\n")}, ("firewalld",)),
    "firewalld with iptables": ({ZONES: RULES}, ("firewalld",)), "both": ({ZONES: RULES, UFW: RULES}, ("firewalld", "ufw")),
    "no iptables": ({UFW: Done(None), ZONES: Done(None), TABLE: Done(None)}, ()),
}


@pytest.mark.parametrize("name", CASES)
def test_by_rules_in_force(name, monkeypatch):
    there, expected = CASES[name]
    monkeypatch.setattr(other_firewalls, "run", lambda argv: there.get(tuple(argv), NONE))
    assert other_firewalls.active() == expected
