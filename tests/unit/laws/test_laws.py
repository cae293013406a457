# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The laws of docs/architecture.md, over every case of every kind that is in KINDS.

A kind's home offers: KIND, CASES, JOURNAL_TYPES, completed, engine, routes, ModelWorld, shuffled, portrait.
"""
from __future__ import annotations

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import ConvergeError

from unit.laws import endpoints, macvlan_parents, networks
from unit.laws.stage import Fault, Killed, Stage, read_cases

KINDS = (endpoints, macvlan_parents, networks)
CASES = [case for home in KINDS for case in read_cases(home) if "error" not in case.expected]
MOMENTS = ("before_change", "after_change")
RUN = {}
every_case = pytest.mark.parametrize("case", CASES, ids=str)


def undisturbed(case):
    """:returns: the stage after a run, its outcome, and how many changes it took"""
    stage = Stage(case).count()
    outcome = stage.run()
    return stage.calm(), outcome, stage.changes


def afterwards(case):
    """:returns: the portrait after an undisturbed run, and how many changes that took; the same for every law, so run once"""
    key = case.home, case.name
    if key not in RUN:
        stage, _outcome, changes = undisturbed(case)
        RUN[key] = stage.portrait(), changes
    return RUN[key]


def moments(case, whens=MOMENTS):
    """Each change of the case, just before it and just after it."""
    changes = afterwards(case)[1]
    return [(when, number) for number in range(1, changes + 1) for when in whens]


@every_case
def test_law_1_after_applying_there_is_nothing_to_do(case):
    stage = undisturbed(case)[0].count()
    again = dict(case.params, force=False)
    if again.get("networks"):
        again["networks"] = [dict(row, force=False) for row in again["networks"]]
    outcome = stage.run(again)
    assert not outcome.changed and stage.changes == 0
    assert not stage.journal.texts


@every_case
def test_law_2_check_mode_tells_what_will_be_done_and_touches_nothing(case):
    stage = Stage(case).count()
    before = stage.portrait()
    told = stage.run(check=True)
    assert stage.changes == 0 and stage.portrait() == before and not stage.journal.texts
    world = stage.world()
    done = stage.run(world=world)
    assert done.plan == told.plan
    assert tuple(world.executed) == told.plan.steps


@every_case
def test_law_3_a_fault_at_any_change_leaves_the_world_as_it_was(case):
    after = afterwards(case)[0]
    for when, number in moments(case):
        stage = Stage(case)
        before = stage.portrait()
        with pytest.raises(ConvergeError) as caught:
            stage.disturb(when, {number}, Fault).run()
        assert caught.value.rolled_back == "true" and not caught.value.left_over, (when, number)
        assert_back(stage.portrait(), before, after, caught.value.applied, (when, number))
        assert not stage.journal.texts, (when, number)


@every_case
def test_law_3_a_single_fault_of_the_way_back_is_overcome(case):
    after = afterwards(case)[0]
    for when, number in moments(case):
        for back in (1, 2):
            stage = Stage(case)
            before = stage.portrait()
            with pytest.raises(ConvergeError) as caught:
                stage.disturb(when, {number, number + back}, Fault).run()
            if caught.value.rolled_back == "true":
                assert_back(stage.portrait(), before, after, caught.value.applied, (when, number, back))
            assert caught.value.rolled_back == "true" and not stage.journal.texts, (when, number, back)


@every_case
def test_law_3_where_nothing_can_be_put_back_the_next_run_does_it(case):
    after = afterwards(case)[0]
    for when, number in moments(case):
        stage = Stage(case)
        with pytest.raises(ConvergeError) as caught:
            stage.disturb(when, range(number, 10000), Fault).run()
        if caught.value.rolled_back != "true":
            assert caught.value.left_over
        stage.calm().run()
        assert stage.portrait() == after, (when, number)
        assert not stage.journal.texts


@every_case
def test_law_4_a_killed_run_is_finished_by_the_next(case):
    after = afterwards(case)[0]
    for when, number in moments(case):
        stage = killed(case, when, number)
        stage.run()
        assert stage.portrait() == after, (when, number)
        assert not stage.journal.texts and not stage.journal.aside


@every_case
def test_law_4_a_run_killed_twice_is_finished_by_the_third(case):
    after = afterwards(case)[0]
    for when, number in moments(case, ("after_change",)):
        for again in (1, 3):
            stage = killed(case, when, number)
            try:
                stage.disturb("after_change", {again}, Killed).run()
            except Killed:
                pass
            stage.calm().run()
            assert stage.portrait() == after, (when, number, again)


@every_case
def test_law_4_a_kill_on_the_way_back_is_overcome(case):
    after = afterwards(case)[0]
    for when, number in moments(case):
        stage = Stage(case)

        def trouble(text, first=number):
            return Fault(text) if stage.changes == first else Killed(text)

        try:
            stage.disturb(when, {number, number + 1}, trouble).run()
        except (Killed, ConvergeError):
            pass
        stage.calm().run()
        assert stage.portrait() == after, (when, number)


@every_case
def test_law_4_a_different_wish_after_a_kill_forgets_nothing(case):
    """The next run asks for something else altogether; what the killed one took away is put back all the same."""
    before, after = Stage(case).portrait(), afterwards(case)[0]
    for when, number in moments(case):
        stage = killed(case, when, number)
        stage.run(case.home.UNRELATED)
        assert_nothing_lost(stage.portrait(), before, after, (when, number))
        assert not stage.journal.texts


@every_case
def test_law_4_a_fault_in_the_run_that_puts_right_forgets_nothing(case):
    before, after = Stage(case).portrait(), afterwards(case)[0]
    for when, number in moments(case, ("after_change",)):
        stage = killed(case, when, number)
        try:
            stage.disturb("after_change", {2}, Fault).run(case.home.UNRELATED)
        except ConvergeError as failed:
            assert failed.rolled_back == "true" and not failed.left_over, (when, number)
        stage.calm().run(case.home.UNRELATED)
        assert_nothing_lost(stage.portrait(), before, after, (when, number))
        assert not stage.journal.texts


@every_case
def test_law_4_check_mode_after_a_kill_only_reports(case):
    for when, number in moments(case):
        stage = killed(case, when, number)
        left, texts = stage.portrait(), dict(stage.journal.texts)
        stage.run(check=True)
        assert stage.portrait() == left and stage.journal.texts == texts


@every_case
def test_law_5_what_the_diff_calls_after_is_what_is_observed(case):
    stage, outcome, _changes = undisturbed(case)
    seen = case.home.shown(stage)
    for name, wanted in (outcome.plan.after or {}).items():
        assert contains(seen[name], wanted), (name, seen[name], wanted)
    gone = set(outcome.plan.before or {}) - set(outcome.plan.after or {})
    assert not gone & set(seen)


@every_case
def test_law_6_order_means_nothing(case):
    told = Stage(case).run(check=True).plan
    assert Stage(case).run(check=True).plan == told
    turned = Stage(case)
    case.home.shuffled(turned.engine)
    params = case.home.turned(case.params)
    assert turned.run(params, check=True).plan == told


def killed(case, when, number):
    stage = Stage(case)
    with pytest.raises(Killed):
        stage.disturb(when, {number}, Killed).run()
    return stage.calm()


def assert_back(now, before, after, applied, moment):
    """Transactions that had ended stand; the one that failed, and those behind it, have left no trace."""
    stands = {name.strip() for text in applied for name in text.split(",")}
    for name in set(now["networks"]) | set(before["networks"]):
        expected = after if {name, "network " + name} & stands else before
        assert now["networks"].get(name) == expected["networks"].get(name), (moment, name)
    assert set(now["containers"]) == set(before["containers"])
    for name, box in now["containers"].items():
        assert box["state"] in (before["containers"][name]["state"], stands and after["containers"][name]["state"]), (moment, name)
        for network in set(box["on"]) | set(before["containers"][name]["on"]):
            done = stands & {"network " + network, "container %s on network %s" % (name, network)}
            expected = (after if done else before)["containers"][name]["on"].get(network)
            assert box["on"].get(network) == expected, (moment, name, network)
    assert now["leaked"] == before["leaked"]


def assert_nothing_lost(now, before, after, moment):
    for name, box in before["containers"].items():
        assert now["containers"][name]["state"] in (box["state"], after["containers"][name]["state"]), (moment, name)
        for network, end in box["on"].items():
            found = now["containers"][name]["on"].get(network)
            # What the killed run wanted, where it had come to its end; else what was there before.
            assert found in (end, after["containers"][name]["on"].get(network)), (moment, name, network)
    for name, net in before["networks"].items():
        assert now["networks"].get(name) in (net, after["networks"].get(name)), (moment, name)


def contains(seen, wanted):
    """Whether all that was announced is there; what the engine filled in besides is no contradiction."""
    if isinstance(wanted, dict) and isinstance(seen, dict):
        return all(key in seen and contains(seen[key], value) for key, value in wanted.items())
    if isinstance(wanted, (list, tuple)) and isinstance(seen, (list, tuple)):
        return all(any(contains(one, item) for one in seen) for item in wanted)
    return seen == wanted
