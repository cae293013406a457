# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trouble at a chosen change, between the module and a real engine: it fails, or the module is killed, or the engine restarts."""
from __future__ import annotations

import pytest

from integration.networks.bench import PREFIX, changes_without_ids
from integration.networks.proxy import FAIL_AFTER, FAIL_BEFORE, KILL_AFTER, KILL_BEFORE
from integration.networks.trouble import assert_nothing_left, assert_rolled_back, disturbed, restarted

FRONT, BACK = PREFIX + "front", PREFIX + "back"
# stop loop; disconnect four; remove; create; connect four; start loop
CHANGES = 12
STEPS = range(1, CHANGES + 1)
FEW = (3, 6, 7, 9, 12)


@pytest.fixture
def crowd(bench):
    """A container of each run state, with an alias, a fixed address and driver options among them."""
    bench.network("front", "10.98.50.0/24")
    bench.box("run", "front", endpoint={"Aliases": ["r"], "IPAMConfig": {"IPv4Address": "10.98.50.77"}})
    bench.box("stopped", "front", "stopped", endpoint={"Aliases": ["s"]})
    bench.box("paused", "front", "paused", endpoint={"DriverOpts": {"com.docker.network.endpoint.something": "1"}})
    bench.box("loop", "front", "restarting", endpoint={"Aliases": ["l"]})
    return bench


def wish(flag):
    """Toggles between two states, so that one crowd serves for many trials."""
    return {"name": FRONT, "labels": {"flag": "on" if flag else "off"}}


def flagged(bench):
    return bench.api.inspect_network(FRONT)["Labels"].get("flag") == "on"


def test_the_changes_are_those_that_are_counted_here(crowd):
    answer, proxy = disturbed(crowd, FAIL_BEFORE, 0, wish(True))
    assert answer["changed"] and changes_without_ids(proxy.changes) == (
        ["POST /containers/stop"] + ["POST /networks/disconnect"] * 4 + ["DELETE /networks", "POST /networks/create"]
        + ["POST /networks/connect"] * 4 + ["POST /containers/start"])
    assert len(proxy.changes) == CHANGES


def fault(bench, trouble, number):
    before = bench.portrait()
    answer, proxy = disturbed(bench, trouble, number, wish(not flagged(bench)))
    assert_rolled_back(answer, (trouble, number))
    assert bench.portrait() == before, (trouble, number, proxy.changes)
    assert_nothing_left(bench)


def kill(bench, trouble, number):
    flag = not flagged(bench)
    before = bench.portrait()
    answer, proxy = disturbed(bench, trouble, number, wish(flag))
    assert answer is None and len(proxy.changes) == number
    bench.done(**wish(flag))
    after = bench.portrait()
    assert after["containers"] == before["containers"], (trouble, number)
    assert after["networks"][FRONT]["Labels"]["flag"] == ("on" if flag else "off")
    assert_nothing_left(bench)
    assert not bench.done(**wish(flag))["changed"]


def test_faults(crowd):
    for number in FEW:
        fault(crowd, FAIL_BEFORE, number)
    fault(crowd, FAIL_AFTER, 7)


def test_kills(crowd):
    for number in FEW:
        kill(crowd, KILL_AFTER, number)
    kill(crowd, KILL_BEFORE, 6)


@pytest.mark.matrix
@pytest.mark.parametrize("trouble", [FAIL_BEFORE, FAIL_AFTER])
def test_a_fault_at_every_change(crowd, trouble):
    for number in STEPS:
        fault(crowd, trouble, number)


@pytest.mark.matrix
@pytest.mark.parametrize("trouble", [KILL_BEFORE, KILL_AFTER])
def test_a_kill_at_every_change(crowd, trouble):
    for number in STEPS:
        kill(crowd, trouble, number)


@pytest.mark.parametrize("number", [6, 9])
def test_a_different_wish_after_a_kill_forgets_nothing(crowd, number):
    before = crowd.portrait()
    disturbed(crowd, KILL_AFTER, number, wish(True))
    assert len(crowd.journals()) == 1
    told = crowd.done(name=BACK, _ansible_check_mode=True)
    assert len(crowd.journals()) == 1 and "network %s is put back as it was before a run that was stopped" % FRONT in told["reasons"]
    crowd.done(name=BACK)
    after = crowd.portrait()
    assert after["containers"] == before["containers"] and after["networks"][FRONT] == before["networks"][FRONT]
    assert_nothing_left(crowd)


def test_a_kill_and_then_the_network_is_not_wanted_any_more(crowd):
    before = crowd.portrait()["containers"]
    disturbed(crowd, KILL_AFTER, 9, wish(True))
    crowd.done(name=FRONT, state="absent")
    after = crowd.portrait()
    assert FRONT not in after["networks"] and set(after["containers"]) == set(before)
    assert not crowd.journals()


def test_a_container_that_went_away_after_a_kill_is_no_failure(crowd):
    disturbed(crowd, KILL_AFTER, 6, wish(True))
    crowd.api.remove_container(PREFIX + "run", force=True)
    crowd.done(**wish(True))
    after = crowd.portrait()["containers"]
    assert "/%srun" % PREFIX not in after and all(FRONT in box["networks"] for box in after.values()) and not crowd.journals()


@pytest.mark.parametrize("number", [4, 7, 9])
def test_the_engine_restarts_in_the_middle(bench, number):
    bench.network("front", "10.98.50.0/24")
    for name in ("run1", "run2", "run3"):
        bench.box(name, "front", policy="unless-stopped", endpoint={"Aliases": [name + "x"]})
    bench.box("stopped", "front", "stopped", endpoint={"Aliases": ["s"]})
    restarted(bench, number, wish(True))
    for name in ("run1", "run2", "run3"):
        assert bench.engine.state(PREFIX + name) == "running"
        end = bench.engine.endpoint(PREFIX + name, FRONT)
        assert end["IPAddress"] and name + "x" in end["Aliases"]
    assert "s" in bench.engine.endpoint(
        PREFIX + "stopped", FRONT)["Aliases"]
    assert bench.engine.state(PREFIX + "stopped") == "exited"
    assert flagged(bench)
    assert_nothing_left(bench)
