# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The follower calls our chains complete where the module does: called once, from the right place, before anything is accepted there."""
from __future__ import annotations

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import iptables_follow
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall import ipt_filter

WHOLE = """:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:DOCKER-ISOLATION-STAGE-1 - [0:0]
:DOCKER-USER - [0:0]
:FLEETNET-ABOUT - [0:0]
:FLEETNET-FORWARD - [0:0]
:FLEETNET-INPUT - [0:0]
-A INPUT -m comment --comment "we say -j ACCEPT" -j LOG
-A INPUT -m comment --comment "fleetnet.docker" -j FLEETNET-INPUT
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -j DOCKER-USER
-A FORWARD -m comment --comment "fleetnet.docker" -j FLEETNET-FORWARD
-A FORWARD -o br-1 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
-A FLEETNET-FORWARD -m comment --comment 1 -j RETURN
-A FLEETNET-INPUT -i lo -j RETURN
"""


@pytest.mark.parametrize("without,complete", [
    ("nothing", True), ("-A FLEETNET-INPUT", False), ("-A INPUT", False), (":FLEETNET-ABOUT", False),
    # Then DOCKER-USER is in front, and the place for the call.
    ("-A FORWARD -j DOCKER-ISOLATION", False)])
def test_chains_of_iptables_are_complete_with_their_rules_and_called(without, complete):
    listing = "".join(row + "\n" for row in WHOLE.splitlines() if not row.startswith(without))
    assert iptables_follow.complete(listing) is complete


@pytest.mark.parametrize("front", ["-A INPUT -p tcp -j ACCEPT", "-A FORWARD -o br-1 -j ACCEPT",
                                   "-A DOCKER-ISOLATION-STAGE-1 -i br-1 -g MORE\n-A MORE -j ACCEPT"])
def test_what_somebody_accepts_in_front_of_them_is_not_complete(front):
    where = WHOLE.index(":FLEETNET-INPUT - [0:0]\n") + len(":FLEETNET-INPUT - [0:0]\n")
    assert not iptables_follow.complete(WHOLE[:where] + front + "\n" + WHOLE[where:])


def replaced(old, new):
    assert old in WHOLE
    return WHOLE.replace(old, new)


CALL = '-A INPUT -m comment --comment "fleetnet.docker" -j FLEETNET-INPUT\n'
ISOLATION, USER = "-A FORWARD -j DOCKER-ISOLATION-STAGE-1\n", "-A FORWARD -j DOCKER-USER\n"
OURS = '-A FORWARD -m comment --comment "fleetnet.docker" -j FLEETNET-FORWARD\n'


@pytest.mark.parametrize("listing,hooked", [
    (WHOLE, True),
    (replaced(CALL, ""), False),
    (replaced(CALL, CALL * 2), False),
    (replaced(CALL, CALL.replace("-m", "-i eth0 -m")), False),
    (replaced(CALL, CALL.replace("-j", "-g")), False),
    (replaced(CALL, CALL + CALL.replace("INPUT", "FORWARD", 1)), False),
    (replaced(CALL, "-A INPUT -j NFQUEUE --queue-num 0\n" + CALL), False),
    (replaced(CALL, CALL + "-A INPUT -j ACCEPT\n"), True),
    (replaced(CALL, "-A INPUT -s 10.9.9.9 -j RETURN\n" + CALL), False),
    (replaced(CALL, "-A INPUT -s 10.9.9.9 -g LOOP\n-A LOOP -p tcp -j DROP\n" + CALL), False),
    (replaced(CALL, "-A INPUT -j BANNED\n-A BANNED -s 10.9.9.9 -j REJECT\n-A BANNED -j RETURN\n" + CALL), True),
    (replaced(CALL, '-A INPUT -m comment --comment "a \\" -j ACCEPT" -j DROP\n' + CALL), True),
    # In front, DOCKER-USER is the place; the engine of 20.10 puts it there again.
    (replaced(ISOLATION + USER + OURS, USER + ISOLATION + OURS), False),
    (replaced(ISOLATION + USER + OURS, USER + ISOLATION) + OURS.replace("FORWARD", "DOCKER-USER", 1), True),
    (replaced(USER, USER + "-A DOCKER-USER -j LOOP\n-A LOOP -j DOCKER-USER\n"), True),
    (replaced(ISOLATION, ISOLATION + "-A DOCKER-ISOLATION-STAGE-1 -i br-2 -j DEEP\n-A DEEP -j QUEUE\n"), False)])
def test_the_follower_and_the_module_find_the_same_calls(listing, hooked):
    found = ipt_filter.table(listing)
    assert all(found.hooked(hook) for hook in ("input", "forward")) is hooked
    assert iptables_follow.complete(listing) is hooked
