# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps connections ended goes with the policy, and with its back end, when nothing is to be confirmed any more."""
from __future__ import annotations

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import ConvergeError

from unit.kinds.firewall.firewall_host_model import Host, Killed, Trouble, completed
from unit.kinds.firewall.firewall_stages import GONE, NEW, actions, furnished, stage
from unit.laws.test_firewall_laws import at

BOTH = ("iptables", "nftables")


def ended_on(host, *backends):
    host.facts["ended"] = backends
    return host


def forgotten(outcome):
    return [step.before.backend for step in outcome.plan.steps if step.phase == "forget"]


def test_another_policy_of_the_same_back_end_leaves_it():
    host = ended_on(furnished(), "nftables")
    assert not forgotten(stage(host, NEW, "keep")) and host.facts["ended"] == ("nftables",)


@pytest.mark.parametrize("backend", ["nftables", "iptables"])
def test_a_change_of_back_end_forgets_the_others(backend):
    host = ended_on(Host(iptables=""), *BOTH)
    outcome = stage(host, dict(NEW, backend=backend), "keep")
    assert len(forgotten(outcome)) == 1 and host.facts["ended"] == (backend,)
    assert not stage(host, dict(NEW, backend=backend), "keep").plan.steps


def test_without_a_policy_all_of_it_goes_also_where_nothing_else_is_left():
    for host in (furnished(), Host()):
        outcome = stage(ended_on(host, *BOTH), GONE, "keep")
        assert sorted(forgotten(outcome)) == list(BOTH) and not host.facts["ended"]
        assert outcome.plan.reasons[-2:] == tuple("what keeps connections ended (%s) is left" % backend for backend in BOTH)
        assert not stage(host, GONE, "keep").plan.steps


def test_it_goes_only_when_the_change_is_confirmed():
    host = ended_on(furnished(), "nftables")
    assert not forgotten(stage(host, GONE, "try")) and host.facts["ended"]
    assert actions(stage(host, GONE, "confirm"))[-1].endswith("what keeps connections ended (nftables)") and not host.facts["ended"]


def test_a_run_that_is_killed_before_it_is_gone_is_ended_by_the_next():
    host = ended_on(furnished(), "nftables")
    number = len(stage(host, GONE, "keep", check=True).plan.steps)
    host.before_step = at(number, Killed())
    with pytest.raises(Killed):
        stage(host, GONE, "keep")
    host.before_step = lambda step: None
    assert forgotten(stage(host, GONE, "keep")) == ["nftables"] and not host.facts["ended"]


def test_a_policy_that_ends_connections_and_is_taken_back_leaves_the_former_one():
    host = ended_on(furnished(), "nftables")
    before = host.portrait()
    host.before_step = at(2, Trouble("refused"))
    with pytest.raises(ConvergeError):
        stage(host, completed({"host": {"default": "drop"}}), "keep")
    assert host.portrait() == before and host.facts["ended"] == ("nftables",)
