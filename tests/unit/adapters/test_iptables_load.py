# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DOCKER-USER, which is made at boot where the engine has none yet, goes with our rules where no engine has taken it over."""
from __future__ import annotations

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_user
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.command import Done
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.iptables_load import compose

OURS = '*filter\n:FLEETNET-FORWARD - [0:0]\n-I DOCKER-USER -m comment --comment "fleetnet.docker" -j FLEETNET-FORWARD\nCOMMIT\n'
BARE = ":INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n"
CALL = '-A DOCKER-USER -m comment --comment "fleetnet.docker" -j FLEETNET-FORWARD\n'
BOOTED = BARE + ":DOCKER-USER - [0:0]\n:FLEETNET-FORWARD - [0:0]\n[5:300] -A FORWARD -j DOCKER-USER\n" + CALL
GOES = ["-D FORWARD -j DOCKER-USER", "-X DOCKER-USER"]
NOTHING = "*filter\nCOMMIT\n"


def test_what_is_made_at_boot_is_taken_away_again():
    made = compose(OURS, BARE, boot=True).splitlines()
    assert made[1:4] == [":FLEETNET-FORWARD - [0:0]", ":DOCKER-USER - [0:0]", "-I FORWARD -j DOCKER-USER"]
    gone = compose(NOTHING, BOOTED).splitlines()
    assert gone[-4:] == ["-X FLEETNET-FORWARD", *GOES, "COMMIT"]


@pytest.mark.parametrize("saved", [
    BOOTED + ":DOCKER - [0:0]\n", BOOTED + ":DOCKER-FORWARD - [0:0]\n", BOOTED + "-A DOCKER-USER -s 192.0.2.7/32 -j DROP\n",
    BOOTED + "-A DOCKER-USER -j RETURN\n", BOOTED + "-A mine -j DOCKER-USER\n", BOOTED.replace("-A FORWARD -j", "-A FORWARD -i eth0 -j"),
    BARE, BARE + ":DOCKER-USER - [0:0]\n"],
    ids=["an engine's", "of engine 28", "a rule", "a return", "called elsewhere", "called otherwise", "none", "called by nobody"])
def test_what_others_have_or_use_stays(saved):
    assert not set(GOES) & set(compose(NOTHING, saved).splitlines())


def test_while_our_rules_are_in_force_it_stays():
    assert not set(GOES) & set(compose(OURS, BOOTED).splitlines())


LISTED = """-N DOCKER-USER
-A DOCKER-USER -m mark --mark 0x100000/0x100000 -m comment --comment fleetnet.docker -j ACCEPT
-A DOCKER-USER -m comment --comment "fleetnet.docker" -j FLEETNET-FORWARD
%s-A DOCKER-USER -j RETURN
"""


@pytest.mark.parametrize("row,expected", [("", ()), ("-A DOCKER-USER -s 192.0.2.7/32 -j DROP\n", (4, 6)), ("-A DOCKER-USER -j mine\n", (4, 6))])
def test_whether_somebody_else_put_a_rule_there(monkeypatch, row, expected):
    monkeypatch.setattr(docker_user, "run", lambda argv: Done(0, LISTED % row))
    assert docker_user.strangers() == expected
