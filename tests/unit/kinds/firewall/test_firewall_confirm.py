# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commit-confirm, with policies at random: whatever fails or is killed at arm, load or confirm, the host gets back to the old rules
or on to the new ones, and never boots with rules that nobody confirmed.
"""
from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from ansible_collections.fleetnet.docker.plugins.module_utils.core.engine import converge
from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import ConvergeError, EnvironmentFault
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall import kind

from unit.kinds.firewall.firewall_host_model import Host, Killed, Trouble, completed, policies
from unit.laws.test_firewall_laws import OLD, at

few = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
NEW = completed({"host": {"default": "drop"}, "forwarded": {"rules": [{"action": "accept", "from": ["back"], "to": ["front"]}]},
                 "mark": 0x200000})


GONE = completed({"state": "absent"})


def stage(host, params, name, check=False):
    return converge(kind, kind.desired(dict(params, confirm=name)), host, check=check)


def left(params, outcome, foreseen=False):
    return kind.left(dict(params, confirm="try"), outcome.observed, foreseen)


def furnished():
    """Another policy in force, confirmed and on the disk."""
    host = Host()
    stage(host, OLD, "keep")
    host.executed.clear()
    return host


def whole(host):
    return host.portrait() + (host.disk, host.order)


def actions(outcome):
    return [str(step) for step in outcome.plan.steps]


def test_nothing_goes_to_the_disk_and_nothing_goes_that_the_old_rules_need_before_it_is_confirmed():
    host = furnished()
    old_disk = host.disk
    tried = stage(host, NEW, "try")
    assert [step.phase for step in tried.plan.steps] == ["arm", "put", "put", "load"]
    assert host.disk == old_disk and (4, 0x100000) in host.rules and host.order and tried.observed.pending
    assert left(NEW, tried) == {"unconfirmed": True}
    done = stage(host, NEW, "confirm")
    assert [step.phase for step in done.plan.steps] == ["take", "take", "disarm", "persist"]
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
    stage(host, NEW, "try")
    before = host.disk
    host.before_step = lambda step: host.time_is_up() if step.phase == "disarm" else None
    with pytest.raises(ConvergeError):
        stage(host, NEW, "confirm")
    assert host.disk == before


def test_a_disk_that_is_full_is_told_and_the_confirmed_rules_stay():
    host = furnished()
    stage(host, NEW, "try")
    listing, disk = host.listing, host.disk
    host.before_step = at(4, Trouble("no space left"))
    with pytest.raises(ConvergeError, match="no space left"):
        stage(host, NEW, "confirm")
    assert host.listing == listing and host.disk == disk
    host.before_step = lambda step: None
    assert left(NEW, stage(host, NEW, "try"))["unconfirmed"]
    stage(host, NEW, "confirm")
    assert host.disk != disk


def test_where_the_table_goes_what_puts_it_back_goes_before_the_timer():
    host = furnished()
    gone = completed({"state": "absent"})
    stage(host, gone, "try")
    assert host.listing == "" and host.disk
    assert [step.phase for step in stage(host, gone, "confirm").plan.steps] == ["take", "take", "persist", "disarm"]
    assert whole(host) == ("", [], "", None)


def test_containers_that_come_before_it_is_confirmed_do_not_matter():
    host = furnished()
    stage(host, NEW, "try")
    host.published += ("udp . 53",)
    stage(host, NEW, "confirm")
    assert not host.order and host.disk


def test_what_is_loaded_at_boot_is_put_right_where_only_that_is_wrong():
    host = furnished()
    host.disk = host.disk.replace("published default", "published changed")
    tried = stage(host, OLD, "try")
    assert not tried.changed and left(OLD, tried)["unconfirmed"]
    done = stage(host, OLD, "confirm")
    assert actions(done) == ["persist the rules that are loaded at boot"]
    assert done.plan.reasons == ("what is loaded at boot is not what is wanted",)


@pytest.mark.parametrize("name", ["keep", "try"])
@pytest.mark.parametrize("in_force", [True, False], ids=["in force", "only on the disk"])
@pytest.mark.parametrize("text", [True, False], ids=["with rules", "only units"])
def test_what_lies_on_the_disk_and_is_not_in_order_goes_too(name, in_force, text):
    host = furnished()
    host.disorder, host.disk = True, host.disk if text else ""
    if not in_force:
        host.listing, host.rules = "", []
    stage(host, GONE, name)
    if name == "try":
        assert left(GONE, stage(host, GONE, "try"))["unconfirmed"]
        stage(host, GONE, "confirm")
    assert not host.disorder
    host.reboot()
    assert whole(host) == ("", [], "", None) and not stage(host, GONE, "keep").changed


def test_what_lies_on_the_disk_and_is_not_in_order_is_put_right():
    host = furnished()
    host.disorder = True
    assert actions(stage(host, OLD, "keep")) == ["persist the rules that are loaded at boot"]
    assert not host.disorder and not stage(host, OLD, "keep").changed


@pytest.mark.parametrize("when", ["before_step", "after_step"])
@pytest.mark.parametrize("disorder", [False, True])
@pytest.mark.parametrize("params", [NEW, GONE], ids=["another", "absent"])
def test_a_fault_without_a_timer_leaves_the_disk_as_it_was(when, disorder, params):
    phases = [step.phase for step in stage(furnished(), params, "keep", check=True).plan.steps]
    for number in range(1, len(phases) + 1):
        host = furnished()
        host.disorder = disorder
        before = whole(host)
        setattr(host, when, at(number, Trouble("refused")))
        with pytest.raises(ConvergeError) as caught:
            stage(host, params, "keep")
        assert caught.value.rolled_back == "true" and whole(host) == before
        # What nobody has touched is not put right on the way back either.
        assert host.disorder == (disorder and "persist" not in phases[:number - (when == "before_step")])


def test_without_a_timer_what_would_put_the_rules_back_goes_before_them():
    assert [step.phase for step in stage(furnished(), GONE, "keep").plan.steps] == ["persist", "load", "take", "take"]


def test_without_systemd_nothing_is_written_and_the_task_says_so():
    host = furnished()
    host.disk = None
    tried = stage(host, NEW, "try")
    assert "There is no systemd on this host" in tried.plan.warnings[0]
    stage(host, NEW, "confirm")
    assert host.disk is None
