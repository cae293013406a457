# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commit-confirm where the timer is gone before the run has ended: disarmed, or faster than the host. What was only tried does not stay."""
from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, given, settings

from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import ConvergeError, EnvironmentFault
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall import backend

from unit.kinds.firewall.firewall_host_model import Host, Trouble, policies
from unit.kinds.firewall.firewall_stages import GONE, NEW, furnished, stage, whole
from unit.laws.test_firewall_laws import OLD, at

few = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def started(began, disk="in order"):
    """:param began: with nothing, with another policy, or with that by the other back end

    :param disk: in order, in disorder (as after each upgrade of the collection), or without systemd
    """
    host = Host(iptables="")
    host.disk = None if disk == "without systemd" else ""
    if began != "nothing":
        stage(host, dict(OLD, backend="iptables" if began == "other back end" else "nftables"), "keep")
    host.disorder = disk == "in disorder"
    return host


disks = pytest.mark.parametrize("disk", ["in order", "in disorder", "without systemd"])
beginnings = pytest.mark.parametrize("began", ["nothing", "old policy", "other back end"])
SLOW = ("firewall: The roll-back timer was faster than this run, so nothing would have taken the new rules back; run the task again, with a larger "
        "rollback_after where the host is slow; everything is back as it was.")


@disks
@pytest.mark.parametrize("late", [False, True], ids=["in time", "timer faster than disarm"])
@pytest.mark.parametrize("when", ["before_step", "after_step"])
@beginnings
@pytest.mark.parametrize("wanted", [NEW, GONE], ids=["new policy", "absent"])
def test_a_fault_while_confirming_leaves_nothing_of_what_was_tried(wanted, began, when, late, disk):
    params = dict(wanted, backend="nftables")
    counted = started(began, disk)
    stage(counted, params, "try")
    for number in range(1, len(stage(counted, params, "confirm", check=True).plan.steps) + 1):
        host = started(began, disk)
        before = whole(host)
        stage(host, params, "try")
        trouble = at(number, Trouble("refused"))

        def act(step):
            if late and step.phase == "disarm" and host.order:
                host.time_is_up()
            trouble(step)
        setattr(host, when, act)
        with pytest.raises(ConvergeError) as caught:
            stage(host, params, "confirm")
        assert caught.value.rolled_back == "true"
        host.before_step = host.after_step = lambda step: None
        host.time_is_up()
        assert whole(host) == before


def faster_than_the_rest(new_host, params, when):
    """The timer fires at each step behind the one that armed it."""
    for number in range(2, len(stage(new_host(), params, "try", check=True).plan.steps) + 1):
        host, numbers = new_host(), itertools.count(1)
        before = whole(host)

        def act(step, host=host, number=number, numbers=numbers):
            if next(numbers) == number:
                host.time_is_up()
        setattr(host, when, act)
        with pytest.raises(ConvergeError) as caught:
            stage(host, params, "try")
        assert str(caught.value) == SLOW and caught.value.rolled_back == "true"
        assert whole(host) == before


@pytest.mark.parametrize("when", ["before_step", "after_step"])
@few
@given(params=policies())
def test_a_timer_that_is_faster_than_the_load_leaves_nothing_in_force(when, params):
    """On a slow host: what was loaded behind it would never be taken back."""
    faster_than_the_rest(furnished, params, when)


@disks
@beginnings
@pytest.mark.parametrize("when", ["before_step", "after_step"])
@pytest.mark.parametrize("backend", ["nftables", "iptables"])
def test_whatever_was_there_before(backend, when, began, disk):
    faster_than_the_rest(lambda: started(began, disk), dict(NEW, backend=backend), when)


@disks
@beginnings
@pytest.mark.parametrize("again", [dict(NEW, host={"default": "accept"}), dict(NEW, backend="iptables")], ids=["other policy", "other back end"])
@pytest.mark.parametrize("name, phase", [("try", "load"), ("try", "after load"), ("keep", "disarm"), ("keep", "after disarm")])
def test_nor_does_one_that_another_run_took_over(name, phase, again, began, disk):
    """What the run found in force was only tried, too."""
    host = started(began, disk)
    before = whole(host)
    stage(host, dict(NEW, backend="nftables"), "try")

    def act(step):
        if step.phase == phase.replace("after ", ""):
            host.before_step = host.after_step = lambda step: None
            if host.order:
                host.time_is_up()
            raise Trouble("refused")
    setattr(host, "after_step" if phase.startswith("after ") else "before_step", act)
    with pytest.raises(ConvergeError) as caught:
        stage(host, again, name)
    assert caught.value.rolled_back == "true" and whole(host) == before


@disks
@pytest.mark.parametrize("name", ["nftables", "iptables"])
def test_what_somebody_else_put_in_comes_back_too(name, disk):
    host = started("old policy" if name == "nftables" else "other back end", disk)
    host.listing = host.listing.replace("\tchain published {\n", "\tchain published {\n\t\tip saddr 10.0.0.1 accept\n")
    host.iptables = host.iptables.replace("-A FLEETNET-PUBLISHED", "-A FLEETNET-PUBLISHED -s 10.0.0.1/32 -j ACCEPT\n-A FLEETNET-PUBLISHED", 1)
    before = backend.have(name, host.observe(None))
    assert before.foreign
    stage(host, dict(NEW, backend="nftables"), "try")
    host.after_step = lambda step: at(1, Trouble("refused"))(step) if step.phase == "disarm" else None
    with pytest.raises(ConvergeError) as caught:
        stage(host, dict(NEW, backend="nftables"), "confirm")
    assert caught.value.rolled_back == "true" and backend.have(name, host.observe(None)) == before
    assert backend.have(backend.other(name), host.observe(None)) is None


def test_what_a_timer_would_put_back_must_be_known_to_confirm():
    host = furnished()
    stage(host, NEW, "try")
    host.facts["undo"] = ()
    with pytest.raises(EnvironmentFault, match="The roll-back timer does not say what it would put back"):
        stage(host, NEW, "confirm")
    assert host.order and [step.phase for step in host.executed] == ["arm", "put", "put", "load"]


def test_what_the_follower_put_back_behind_the_timer_goes_with_its_static_rules():
    """Before it can be taken off the disk again the follower may have seen it there."""
    host = Host()
    before = whole(host)
    stage(host, NEW, "try")

    def faster(step):
        if step.phase == "disarm":
            host.time_is_up()
            host.rules += [(4, NEW["mark"]), (6, NEW["mark"])]
    host.before_step = faster
    with pytest.raises(ConvergeError, match="The timer was faster") as caught:
        stage(host, NEW, "confirm")
    assert caught.value.rolled_back == "true" and whole(host) == before
