# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commit-confirm, with policies at random: whatever fails or is killed at arm, load or confirm, the host gets back to the old rules
or on to the new ones, and never boots with rules that nobody confirmed.
"""
from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import ConvergeError, EnvironmentFault

from unit.kinds.firewall.firewall_host_model import Host, Killed, Trouble, completed, policies
from unit.kinds.firewall.firewall_stages import NEW, actions, furnished, left, stage, whole
from unit.laws.test_firewall_laws import OLD, at

few = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def fail(why):
    raise Trouble(why)


def test_nothing_goes_to_the_disk_and_nothing_goes_that_the_old_rules_need_before_it_is_confirmed():
    host = furnished()
    old_disk = host.disk
    tried = stage(host, NEW, "try")
    assert [step.phase for step in tried.plan.steps] == ["arm", "put", "put", "load"]
    assert host.disk == old_disk and (4, 0x100000) in host.rules and host.order and tried.observed.pending
    assert left(NEW, tried) == {"unconfirmed": True}
    done = stage(host, NEW, "confirm")
    assert [step.phase for step in done.plan.steps] == ["persist", "disarm", "take", "take"]
    assert not host.order and host.disk != old_disk and sorted(host.rules) == [(4, 0x200000), (6, 0x200000)]


@few
@given(policies())
def test_tried_and_confirmed_is_what_is_foreseen_and_what_one_go_would_do(params):
    host, other = furnished(), furnished()
    looked = stage(host, params, "try", check=True)
    foreseen = left(params, looked, foreseen=True)
    assert not host.executed
    tried = stage(host, params, "try")
    done = actions(tried)
    if left(params, tried)["unconfirmed"]:
        done += actions(stage(host, params, "confirm"))
    assert foreseen["actions"] == done and foreseen["changed"] == bool(done)
    stage(other, params, "keep")
    assert whole(host) == whole(other)
    again = stage(host, params, "try")
    assert not again.changed and not left(params, again)["unconfirmed"]


@few
@given(policies())
def test_time_runs_out_and_everything_is_as_before(params):
    host = furnished()
    before = whole(host)
    stage(host, params, "try")
    host.time_is_up()
    assert whole(host) == before


@pytest.mark.parametrize("when", ["before_step", "after_step"])
@few
@given(params=policies())
def test_a_fault_while_trying_leaves_the_host_as_it_was(when, params):
    for number in range(1, len(stage(furnished(), params, "try", check=True).plan.steps) + 1):
        host = furnished()
        before = whole(host)
        setattr(host, when, at(number, Trouble("refused")))
        with pytest.raises(ConvergeError) as caught:
            stage(host, params, "try")
        assert caught.value.rolled_back == "true" and whole(host) == before


@pytest.mark.parametrize("when", ["before_step", "after_step"])
@few
@given(params=policies())
def test_killed_anywhere_while_trying_and_left_alone_the_host_gets_back(when, params):
    for number in range(1, len(stage(furnished(), params, "try", check=True).plan.steps) + 1):
        host = furnished()
        before = whole(host)
        setattr(host, when, at(number, Killed()))
        with pytest.raises(Killed):
            stage(host, params, "try")
        host.time_is_up()
        assert whole(host) == before


@pytest.mark.parametrize("late", [False, True], ids=["timer runs", "timer fired"])
@few
@given(params=policies())
def test_killed_anywhere_then_the_whole_again(late, params):
    wanted = furnished()
    stage(wanted, params, "keep")
    steps = left(params, stage(furnished(), params, "try", check=True), foreseen=True)["actions"]
    for number in range(1, len(steps) + 1):
        host = furnished()
        host.after_step = at(number, Killed())
        with pytest.raises(Killed):
            stage(host, params, "try")
            stage(host, params, "confirm")
        host.after_step = lambda step: None
        if late:
            host.time_is_up()
        if left(params, stage(host, params, "try"))["unconfirmed"]:
            stage(host, params, "confirm")
        assert whole(host) == whole(wanted)


@few
@given(params=policies())
def test_a_reboot_before_it_is_confirmed_brings_the_old_rules(params):
    host, other = furnished(), furnished()
    stage(host, params, "try")
    for each in (host, other):
        each.reboot()
    assert whole(host) == whole(other)


def test_a_second_try_while_the_timer_runs_goes_back_to_before_the_first():
    host = furnished()
    before = whole(host)
    stage(host, NEW, "try")
    stage(host, completed({"published": {"default": "drop"}}), "try")
    host.time_is_up()
    assert whole(host) == before


def test_so_does_one_that_puts_another_static_rule_or_takes_another_back_end():
    for params in (dict(NEW, mark=0x400000), dict(NEW, backend="iptables")):
        host = Host(iptables="")
        stage(host, dict(OLD, backend="nftables"), "keep")
        before = whole(host)
        stage(host, dict(NEW, backend="nftables"), "try")
        stage(host, dict(dict(NEW, backend="nftables"), **params), "try")
        host.time_is_up()
        assert whole(host) == before


def test_what_the_timer_took_back_cannot_be_confirmed():
    host = furnished()
    stage(host, NEW, "try")
    host.time_is_up()
    disk = host.disk
    with pytest.raises(EnvironmentFault) as caught:
        stage(host, NEW, "confirm")
    assert str(caught.value) == ("The rules to be confirmed are no longer in force: the roll-back timer was faster, or somebody else changed "
                                 "them; nothing is made persistent, so run the task again.")
    assert host.disk == disk


def test_a_timer_that_fires_between_looking_and_disarming_is_seen():
    host = furnished()
    before = whole(host)
    stage(host, NEW, "try")
    host.before_step = lambda step: host.time_is_up() if step.phase == "disarm" else None
    with pytest.raises(ConvergeError) as caught:
        stage(host, NEW, "confirm")
    assert whole(host) == before, "what the timer took back is not put in force again"
    assert caught.value.rolled_back == "true"


def test_where_the_disk_is_full_the_timer_still_takes_it_back():
    host = furnished()
    before, disk = whole(host), host.disk
    stage(host, NEW, "try")
    host.before_step = lambda step: fail("no space left") if step.phase == "persist" else None
    with pytest.raises(ConvergeError, match="no space left"):
        stage(host, NEW, "confirm")
    assert host.order and host.disk == disk
    host.time_is_up()
    assert whole(host) == before
    host.before_step = lambda step: None
    assert left(NEW, stage(host, NEW, "try"))["unconfirmed"]
    stage(host, NEW, "confirm")
    assert not host.order and host.disk != disk


def test_where_the_table_goes_what_puts_it_back_goes_before_the_timer():
    host = furnished()
    gone = completed({"state": "absent"})
    stage(host, gone, "try")
    assert host.listing == "" and host.disk
    assert [step.phase for step in stage(host, gone, "confirm").plan.steps] == ["persist", "disarm", "take", "take"]
    assert whole(host) == ("", [], "", None)


def test_containers_that_come_before_it_is_confirmed_do_not_matter():
    host = furnished()
    stage(host, NEW, "try")
    host.published += ("udp . 53",)
    stage(host, NEW, "confirm")
    assert not host.order and host.disk
