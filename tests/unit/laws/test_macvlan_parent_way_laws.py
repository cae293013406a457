# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commit-confirm of links: a fault or a kill at each change of both stages, with a timer in time and one that is faster."""
from __future__ import annotations

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import ConvergeError
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.macvlan_parent import kind

from unit.laws.macvlan_parents import UNRELATED, completed
from unit.laws.macvlan_stages import Host
from unit.laws.stage import Fault, Killed

LAN = {"links": {"lan0": {"addresses": ["192.0.2.11/24"]}, "lan9": {}}, "systems": ["networkd"], "engine": None,
       "managers": {"lan0": {"system": "networkd", "detail": "10-lan.network"}}}
SHIM = {"link": "lan0", "shim": {"addresses": ["192.0.2.190"], "routes": ["192.0.2.192/28"]}}
OTHER_SHIM = {"link": "lan0", "promiscuous": True, "shim": {"mode": "vepa", "addresses": ["192.0.2.191", "2001:db8::2/64"],
                                                            "routes": ["192.0.2.208/28", "2001:db8:1::/64"], "mtu": 1400}}
VLAN = {"link": "lan0", "vlan_id": 50, "mtu": 1400, "shim": {"addresses": ["198.51.100.2/24"], "routes": ["203.0.113.0/28"]}}
OTHER_VLAN = {"link": "lan0", "vlan_id": 50, "mtu": 1300, "promiscuous": True, "shim": {"state": "absent"}}
GONE, VLAN_GONE = {"link": "lan0", "state": "absent"}, {"link": "lan0", "vlan_id": 50, "state": "absent"}
# name -> what was declared before, what is asked for, and what else is to be told of the host
CASES = {
    "a shim where nothing is": ((), SHIM, {}),
    "a vlan with its shim where nothing is": ((), VLAN, {}),
    "a shim and a vlan where nothing is": ((), {"parents": [SHIM, VLAN]}, {}),
    "a promiscuous card": ((), {"link": "lan0", "promiscuous": True}, {}),
    "a shim of another mode": ((SHIM,), OTHER_SHIM, {}),
    "a shim of other properties": ((OTHER_SHIM,), dict(SHIM, shim=dict(SHIM["shim"], mode="vepa")), {}),
    "another vlan without its shim": ((VLAN,), OTHER_VLAN, {}),
    "a shim more on a vlan": ((OTHER_VLAN,), VLAN, {}),
    "a shim that went": ((SHIM,), SHIM, {"lost": ["shim-lan0"]}),
    "a shim until the next reboot only": ((SHIM,), dict(OTHER_SHIM, persist="none"), {}),
    "without what was declared": ((OTHER_SHIM,), GONE, {}),
    "without the vlan that was declared": ((VLAN,), VLAN_GONE, {}),
    "without all that was declared": ((SHIM, VLAN), {"parents": [GONE, VLAN_GONE]}, {}),
    "without one, with another": ((SHIM,), {"parents": [GONE, VLAN]}, {}),
}
MADE = {}
every_case = pytest.mark.parametrize("case", CASES)
moments = pytest.mark.parametrize("when", ["before_change", "after_change"])
STAGES = ("try", "confirm")


def params_of(case):
    return completed(CASES[case][1])


def host_at(case, stage):
    """:param stage: try, confirm, or the end of it all"""
    if case not in MADE:
        declared, asked, more = CASES[case]
        observed = dict(LAN, declared=declared, **more)
        hosts, counts = [Host(observed)], []
        for name in STAGES:
            hosts.append(hosts[-1].twin(observed))
            hosts[-1].watch("before_change", lambda number: None)
            hosts[-1].stage(completed(asked), name)
            counts.append(hosts[-1].changes)
            hosts[-1].calm()
        MADE[case] = observed, dict(zip((*STAGES, "end"), hosts)), dict(zip(STAGES, counts))
    observed, hosts, counts = MADE[case]
    return hosts[stage].twin(observed)


def each(case, stage):
    """A host before this stage, for each of its changes."""
    host_at(case, stage)
    for number in range(1, MADE[case][2][stage] + 1):
        yield number, host_at(case, stage)


def at(number, *acts):
    def act(now):
        if now == number:
            for each_of in acts:
                each_of()
    return act


def raising(trouble):
    def act():
        raise trouble
    return act


@every_case
def test_both_stages_make_what_one_makes(case):
    host = host_at(case, "try")
    host.stage(params_of(case), "keep")
    assert host.portrait() == host_at(case, "end").portrait()
    assert host_at(case, "confirm").guard.pending() and not host_at(case, "end").guard.pending()
    host = host_at(case, "confirm")
    host.time_is_up()
    assert host.portrait() == host_at(case, "try").portrait()


@pytest.mark.parametrize("late", [False, True], ids=["in time", "timer faster"])
@moments
@pytest.mark.parametrize("stage", STAGES)
@every_case
def test_a_fault_leaves_nothing_of_what_was_tried(case, stage, when, late):
    before = host_at(case, "try").portrait()
    for number, host in each(case, stage):
        host.watch(when, at(number, *([host.time_is_up] if late else []), raising(Fault("no"))))
        with pytest.raises(ConvergeError) as caught:
            host.stage(params_of(case), stage)
        host.calm()
        host.time_is_up()
        told = caught.value
        assert (host.portrait() == before) == (told.rolled_back == "true") and bool(told.left_over) == (told.rolled_back != "true"), (
            number, host.portrait(), before, told.rolled_back, told.left_over)


@every_case
@moments
@pytest.mark.parametrize("stage", STAGES)
def test_a_timer_that_is_faster_is_noticed(case, stage, when):
    before = host_at(case, "try").portrait()
    for number, host in each(case, stage):
        armed = []
        host.watch(when, at(number, lambda host=host, armed=armed: armed.append(host.guard.pending()), host.time_is_up))
        try:
            host.stage(params_of(case), stage)
            told = None
        except ConvergeError as reason:
            told = reason
        host.calm()
        assert bool(told) == bool(armed[0]), (number, armed, told)
        if told:
            assert told.rolled_back == "true"
        else:
            host.time_is_up()
        if told or stage == "try":
            assert host.portrait() == before
        else:
            assert host.portrait() == host_at(case, "end").portrait()
        assert not host.journal.texts and not host.journal.aside


def killed(case, stage, when):
    for number, host in each(case, stage):
        host.watch(when, at(number, raising(Killed("no"))))
        with pytest.raises(Killed):
            host.stage(params_of(case), stage)
        host.calm()
        yield number, host


@pytest.mark.parametrize("fires", [True, False])
@moments
@pytest.mark.parametrize("stage", STAGES)
@every_case
def test_killed_then_the_same_again(case, stage, when, fires):
    end = host_at(case, "end").portrait()
    for number, host in killed(case, stage, when):
        if fires:
            host.time_is_up()
        host.both(params_of(case))
        assert host.portrait() == end, number
        assert not host.guard.pending() and not host.journal.texts and not host.journal.aside


@pytest.mark.parametrize("next_stage", ["keep", "try"])
@moments
@pytest.mark.parametrize("stage", STAGES)
@every_case
def test_killed_then_something_else(case, stage, when, next_stage):
    before, end = (host_at(case, name).portrait() for name in ("try", "end"))
    for number, host in killed(case, stage, when):
        disarmed = stage == "confirm" and not host.guard.pending()
        host.time_is_up()
        host.stage(UNRELATED, next_stage)
        if disarmed and host.portrait() != end:
            host.both(params_of(case))  # confirmed it is, and what else was to be done of it the same task does
        assert host.portrait() == (end if disarmed else before), number
        assert not host.guard.pending() and not host.journal.texts and not host.journal.aside


@moments
@pytest.mark.parametrize("stage", STAGES)
@every_case
def test_killed_then_tried_again_and_not_confirmed(case, stage, when):
    before, end = (host_at(case, name).portrait() for name in ("try", "end"))
    for number, host in killed(case, stage, when):
        disarmed = stage == "confirm" and not host.guard.pending()
        host.stage(params_of(case), "try")
        host.time_is_up()
        assert host.portrait() == (end if disarmed else before), number
        assert not host.guard.pending() and not host.journal.texts and not host.journal.aside


@pytest.mark.parametrize("then", ["same", "other"])
@moments
@pytest.mark.parametrize("stage", STAGES)
@every_case
def test_where_nothing_can_be_put_back_the_next_run_does(case, stage, when, then):
    before, end = (host_at(case, name).portrait() for name in ("try", "end"))
    for number, host in each(case, stage):
        host.watch(when, lambda now, number=number: raising(Fault("no"))() if now >= number else None)
        with pytest.raises(ConvergeError) as caught:
            host.stage(params_of(case), stage)
        host.calm()
        disarmed = stage == "confirm" and not host.guard.pending()
        host.time_is_up()
        told = caught.value
        assert bool(told.left_over) == (told.rolled_back != "true")
        if told.rolled_back == "true":
            assert host.portrait() == before
        if then == "same":
            host.both(params_of(case))
            assert host.portrait() == end, number
        elif not disarmed:
            host.stage(UNRELATED, "keep")
            assert host.portrait() == before, number
        else:
            host.stage(UNRELATED, "keep")
        assert not host.guard.pending() and not host.journal.texts and not host.journal.aside


@every_case
def test_check_mode_foresees_both_stages(case):
    host = host_at(case, "try")
    outcome = host.stage(params_of(case), "try", check=True)
    foreseen = kind.left(dict(params_of(case), confirm="try"), outcome.observed, True)["actions"]
    done = [str(step) for stage in STAGES for step in host.stage(params_of(case), stage).plan.steps]
    assert list(dict.fromkeys(done)) == foreseen
