# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commit-confirm of links: a fault or a kill at each change of both stages, with a timer in time and with one that is faster."""
from __future__ import annotations

from functools import lru_cache, partial

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import ConvergeError

from unit.laws.macvlan_parents import UNRELATED, completed
from unit.laws.macvlan_stages import Host
from unit.laws.stage import Fault, Killed

HOST = {"links": {"lan0": {"addresses": ["192.0.2.11/24"]}, "lan9": {}}, "systems": ["networkd"], "engine": None,
        "managers": {"lan0": {"system": "networkd", "detail": "10-lan.network"}}}
SHIM = {"link": "lan0", "shim": {"addresses": ["192.0.2.190"], "routes": ["192.0.2.192/28"]}}
OTHER_SHIM = {"link": "lan0", "promiscuous": True, "shim": {"mode": "vepa", "addresses": ["192.0.2.191", "2001:db8::2/64"],
                                                            "routes": ["192.0.2.208/28", "2001:db8:1::/64"], "mtu": 1400}}
NEXT_SHIM = dict(OTHER_SHIM, shim=dict(SHIM["shim"], mode="vepa"), promiscuous=False)
VLAN = {"link": "lan0", "vlan_id": 50, "mtu": 1400, "shim": {"addresses": ["198.51.100.2/24"], "routes": ["203.0.113.0/28"]}}
OTHER_VLAN = {"link": "lan0", "vlan_id": 50, "mtu": 1300, "promiscuous": True, "shim": {"state": "absent"}}
GONE, VLAN_GONE = {"link": "lan0", "state": "absent"}, {"link": "lan0", "vlan_id": 50, "state": "absent"}
ELSEWHERE = {"link": "lan9", "promiscuous": True}
# What was declared before, what is asked for, and which links went since.
CASES = {
    "a shim where nothing is": ((), SHIM, ()),
    "a vlan with its shim, and a link elsewhere, where nothing is": ((), {"parents": [VLAN, ELSEWHERE]}, ()),
    "a promiscuous card": ((), {"link": "lan0", "promiscuous": True}, ()),
    "a shim of other properties": ((OTHER_SHIM,), NEXT_SHIM, ()),
    "a shim of another mode, until the next reboot": ((SHIM,), dict(OTHER_SHIM, persist="none"), ()),
    "another vlan without its shim": ((VLAN,), OTHER_VLAN, ()),
    "a shim that went": ((SHIM,), SHIM, ("shim-lan0",)),
    "nothing of what was declared": ((OTHER_SHIM, VLAN), {"parents": [GONE, VLAN_GONE]}, ()),
    "one gone, and another": ((SHIM,), {"parents": [GONE, VLAN]}, ()),
}
STAGES = ("try", "confirm")
every_case = pytest.mark.parametrize("case", CASES)
every_stage = pytest.mark.parametrize("stage", STAGES)


@lru_cache(maxsize=None)
def params_of(case):
    return completed(CASES[case][1])


@lru_cache(maxsize=None)
def made(case):
    """:returns: the host before each stage and at the end, and how many changes each stage takes"""
    declared, _asked, lost = CASES[case]
    hosts, counts = {"try": Host(dict(HOST, declared=declared, lost=lost))}, {}
    for stage, after in (("try", "confirm"), ("confirm", "end")):
        hosts[after] = hosts[stage].twin()
        hosts[after].watch("before_change", lambda number: None)
        hosts[after].stage(params_of(case), stage)
        counts[stage] = hosts[after].changes
    return hosts, counts


def host_at(case, stage):
    """:param stage: try, confirm, or the end of both"""
    return made(case)[0][stage].twin()


def here(host, records=True):
    """:returns: what a person would compare, but for the link elsewhere, which no timer guards"""
    return {parent: {name: row for name, row in rows.items() if records or not name.startswith("macvlan_parent/")}
            for parent, rows in host.portrait().items() if "lan9" not in parent}


def moments(case, stage):
    """Before the first change, and after each: a kill just before a change is one just after the change before."""
    yield "before_change", 1
    yield from (("after_change", number) for number in range(1, made(case)[1][stage] + 1))


def at(number, act):
    return lambda now: act() if now == number else None


def fail(reason=Fault):
    raise reason("injected")


def time_is_up_noting(host, armed):
    """:param armed: gets whether a timer ran"""
    armed.append(bool(host.guard.pending()))
    host.time_is_up()


def fail_noting(host, armed, late):
    armed.append(bool(host.guard.pending()))
    if late:
        host.time_is_up()
    fail()


def killed(case, stage):
    """:returns: a host for each moment at which the stage was killed, and whether the timer was disarmed by then"""
    for when, number in moments(case, stage):
        host = host_at(case, stage)
        host.watch(when, at(number, lambda: fail(Killed)))
        with pytest.raises(Killed):
            host.stage(params_of(case), stage)
        host.calm()
        yield host, stage == "confirm" and not host.guard.pending()


@every_case
def test_both_stages_make_what_check_mode_shows_and_one_stage_makes(case):
    host = host_at(case, "try")
    foreseen = host.left(params_of(case), host.stage(params_of(case), "try", check=True), foreseen=True)["actions"]
    done = [str(step) for stage in STAGES for step in host.stage(params_of(case), stage).plan.steps]
    # A record is written a second time, where files that the former one names are gone by then.
    assert list(dict.fromkeys(done)) == foreseen
    alone = host_at(case, "try")
    alone.stage(params_of(case), "keep")
    assert host.portrait() == alone.portrait() and host.tidy and not host.stage(params_of(case), "try").changed


@every_case
def test_the_timer_alone_takes_back_what_was_tried(case):
    host = host_at(case, "confirm")
    files = {path: file for path, file in host.model.files.items() if path.startswith("/etc")}
    assert host.guard.pending() and here(host) != here(host_at(case, "try"))
    host.time_is_up()
    assert here(host) == here(host_at(case, "try")) and all(host.model.files[path] == files[path] for path in files)


@pytest.mark.parametrize("late", [False, True], ids=["in time", "timer faster"])
@pytest.mark.parametrize("when", ["before_change", "after_change"])
@every_stage
@every_case
def test_after_a_fault_rolled_back_is_the_truth(case, stage, when, late):
    before = here(host_at(case, "try"))
    for number in range(1, made(case)[1][stage] + 1):
        host = host_at(case, stage)
        armed = []
        host.watch(when, at(number, partial(fail_noting, host, armed, late)))
        with pytest.raises(ConvergeError) as caught:
            host.stage(params_of(case), stage)
        host.calm()
        host.time_is_up()
        told, disarmed = caught.value, stage == "confirm" and not armed[0]
        assert (told.rolled_back == "true") == (here(host) == before) == (not told.left_over) == (not disarmed), number
        assert bool(host.journal.texts) == disarmed


@every_stage
@every_case
def test_a_timer_that_is_faster_leaves_nothing_of_what_was_tried(case, stage):
    before = here(host_at(case, "try"))
    for when, number in moments(case, stage):
        host = host_at(case, stage)
        armed = []
        host.watch(when, at(number, partial(time_is_up_noting, host, armed)))
        try:
            host.stage(params_of(case), stage)
            assert not armed[0], number
        except ConvergeError as told:
            assert armed[0] and told.rolled_back == "true" and here(host) == before and host.tidy, number


@pytest.mark.parametrize("fires", [True, False], ids=["timer fires", "timer still runs"])
@every_stage
@every_case
def test_after_a_kill_the_same_run_makes_what_is_wanted(case, stage, fires):
    end = host_at(case, "end").portrait()
    for host, _disarmed in killed(case, stage):
        if fires:
            host.time_is_up()
        host.both(params_of(case))
        assert host.portrait() == end and host.tidy


@pytest.mark.parametrize("name", ["keep", "try"])
@every_stage
@every_case
def test_after_a_kill_and_the_timer_a_run_elsewhere_forgets_nothing(case, stage, name):
    before, end = here(host_at(case, "try")), host_at(case, "end")
    for host, disarmed in killed(case, stage):
        host.time_is_up()
        host.stage(UNRELATED, name)
        assert host.tidy
        if not disarmed:
            assert here(host) == before
            continue
        # All was confirmed; a record may still name files that are gone.
        assert here(host, records=False) == here(end, records=False)
        host.both(params_of(case))
        assert host.portrait() == end.portrait()


@every_stage
@every_case
def test_after_a_kill_what_is_tried_again_can_be_taken_back(case, stage):
    """Also what the killed run had written and removed, though there is nothing left to be tried."""
    before, end = here(host_at(case, "try")), here(host_at(case, "end"))
    for host, disarmed in killed(case, stage):
        host.stage(params_of(case), "try")
        host.time_is_up()
        assert here(host) == (end if disarmed else before) and host.tidy


@pytest.mark.parametrize("then", ["the same", "elsewhere"])
@every_stage
@every_case
def test_where_nothing_can_be_put_back_the_timer_and_the_next_run_do_it(case, stage, then):
    before, end = here(host_at(case, "try")), host_at(case, "end").portrait()
    for number in range(1, made(case)[1][stage] + 1):
        host = host_at(case, stage)
        host.watch("before_change", lambda now, number=number: fail() if now >= number else None)
        with pytest.raises(ConvergeError) as caught:
            host.stage(params_of(case), stage)
        host.calm()
        disarmed = stage == "confirm" and not host.guard.pending()
        host.time_is_up()
        told = caught.value
        assert bool(told.left_over) == (told.rolled_back != "true") and (told.rolled_back != "true" or here(host) == before)
        if then == "the same":
            host.both(params_of(case))
            assert host.portrait() == end and host.tidy
        else:
            host.stage(UNRELATED, "keep")
            assert host.tidy and (here(host) == before or disarmed)


@pytest.mark.parametrize("case, links", [("a shim where nothing is", ["lan0"]), ("nothing of what was declared", ["lan0", "lan0.50"])])
def test_what_fails_behind_the_timer_says_what_stays(case, links):
    host, tried = host_at(case, "confirm"), here(host_at(case, "confirm"))
    host.watch("after_change", at(made(case)[1]["confirm"], fail))
    with pytest.raises(ConvergeError) as caught:
        host.stage(params_of(case), "confirm")
    host.calm()
    assert caught.value.left_over[:len(links)] == tuple("take back what was tried on link %s" % name for name in links)
    assert caught.value.rolled_back == "partial" and here(host) == tried and not host.guard.pending()
    host.both(params_of(case))
    assert host.portrait() == host_at(case, "end").portrait() and host.tidy


@pytest.mark.parametrize("then", [SHIM, OTHER_SHIM, NEXT_SHIM, VLAN, OTHER_VLAN, {"parents": [GONE, VLAN_GONE]}, {"parents": [VLAN, OTHER_SHIM]}],
                         ids=["shim", "other shim", "next shim", "vlan", "other vlan", "nothing", "both"])
@every_case
def test_what_another_run_tries_before_the_timer_fires_goes_with_it(case, then):
    host = host_at(case, "confirm")
    host.stage(completed(then), "try")
    host.time_is_up()
    assert here(host) == here(host_at(case, "try")) and host.tidy
