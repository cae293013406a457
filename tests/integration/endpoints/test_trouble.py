# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trouble at a chosen change, between the module and a real engine: it fails, or the module is killed, or the engine restarts."""
from __future__ import annotations

import pytest

from integration.networks.bench import PREFIX, changes_without_ids
from integration.networks.proxy import FAIL_AFTER, FAIL_BEFORE, KILL_AFTER, KILL_BEFORE
from integration.networks.trouble import assert_nothing_left, assert_rolled_back, disturbed, restarted

FRONT = PREFIX + "front"
ADDRESSES = {"run": "10.98.50.70", "loop": "10.98.50.71", "ice": "10.98.50.72", "cold": "10.98.50.73"}
# stop loop; disconnect four; connect four; start loop
CHANGES = 10
FEW = (2, 5, 7, 10)


@pytest.fixture
def crowd(bench):
    """Four containers of four run states, each with an alias of its own and a fixed address."""
    bench.network("front", "10.98.50.0/24")
    for name, state in (("run", "running"), ("loop", "restarting"), ("ice", "paused"), ("cold", "stopped")):
        bench.box(name, "front", state, endpoint={"Aliases": [name + "x"], "IPAMConfig": {"IPv4Address": ADDRESSES[name]},
                                                  "DriverOpts": {"com.example.k": name}})
    return bench


def wish(bench):
    """All four change places in a ring: one transaction; from any of its places the next one is another."""
    names = list(ADDRESSES)
    now = [bench.engine.endpoint(PREFIX + name, FRONT)["IPAMConfig"]["IPv4Address"] for name in names]
    return {"endpoints": [{"network": FRONT, "container": [PREFIX + name], "ipv4_address": address}
                          for name, address in zip(names, now[1:] + now[:1])]}


def moved(before, params):
    """What has to be seen when the wish has come true: all as before but for the addresses."""
    after = {name: dict(box, networks=dict(box["networks"])) for name, box in before.items()}
    for row in params["endpoints"]:
        box = after["/" + row["container"][0]]
        end = box["networks"][FRONT]
        box["networks"][FRONT] = dict(end, IPAMConfig=dict(end["IPAMConfig"], IPv4Address=row["ipv4_address"]))
    return after


def test_the_changes_are_those_that_are_counted_here(crowd):
    params, before = wish(crowd), crowd.portrait()["containers"]
    answer, proxy = disturbed(crowd, FAIL_BEFORE, 0, params)
    assert answer["changed"] and changes_without_ids(proxy.changes) == (
        ["POST /containers/stop"] + ["POST /networks/disconnect"] * 4 + ["POST /networks/connect"] * 4 + ["POST /containers/start"])
    assert len(proxy.changes) == CHANGES
    assert_containers(crowd, moved(before, params), "undisturbed")


def assert_containers(bench, wanted, moment):
    """Field by field, so that a failure says what it is; what crashes is "exited" for a moment before its back-off."""
    bench.wait_for_loops()
    now = bench.portrait()["containers"]
    assert set(now) == set(wanted), moment
    for name, box in now.items():
        assert {key: (value, wanted[name].get(key)) for key, value in box.items() if value != wanted[name].get(key)} == {}, (moment, name)


def fault(bench, trouble, number):
    before = bench.portrait()["containers"]
    answer, proxy = disturbed(bench, trouble, number, wish(bench))
    assert_rolled_back(answer, (trouble, number))
    assert_containers(bench, before, (trouble, number, proxy.changes))
    assert_nothing_left(bench)


def kill(bench, trouble, number):
    params, before = wish(bench), bench.portrait()["containers"]
    answer, proxy = disturbed(bench, trouble, number, params)
    assert answer is None and len(proxy.changes) == number
    bench.done(**params)
    assert_containers(bench, moved(before, params), (trouble, number))
    assert_nothing_left(bench)
    assert not bench.done(**params)["changed"]


def test_faults(crowd):
    for number in FEW:
        fault(crowd, FAIL_BEFORE, number)
    fault(crowd, FAIL_AFTER, 6)


def test_kills(crowd):
    for number in FEW:
        kill(crowd, KILL_AFTER, number)
    kill(crowd, KILL_BEFORE, 6)


@pytest.mark.matrix
@pytest.mark.parametrize("trouble", [FAIL_BEFORE, FAIL_AFTER])
def test_a_fault_at_every_change(crowd, trouble):
    for number in range(1, CHANGES + 1):
        fault(crowd, trouble, number)


@pytest.mark.matrix
@pytest.mark.parametrize("trouble", [KILL_BEFORE, KILL_AFTER])
def test_a_kill_at_every_change(crowd, trouble):
    for number in range(1, CHANGES + 1):
        kill(crowd, trouble, number)


@pytest.mark.parametrize("number", [3, 6, 9])
def test_a_different_wish_after_a_kill_forgets_nothing(crowd, number):
    before = crowd.portrait()["containers"]
    disturbed(crowd, KILL_AFTER, number, wish(crowd))
    assert len(crowd.journals()) == 1
    other = {"network": FRONT, "container": [PREFIX + "nobody"], "state": "absent"}
    told = crowd.done(**other, _ansible_check_mode=True)
    assert len(crowd.journals()) == 1 and any("put back as it was before a run that was stopped" in line for line in told["reasons"])
    crowd.done(**other)
    assert_containers(crowd, before, number)
    assert_nothing_left(crowd)


def test_a_container_that_went_away_after_a_kill_is_no_failure(crowd):
    params = wish(crowd)
    disturbed(crowd, KILL_AFTER, 5, params)
    crowd.api.remove_container(PREFIX + "run", force=True)
    params["endpoints"] = [row for row in params["endpoints"] if row["container"] != [PREFIX + "run"]]
    crowd.done(**params)
    assert not crowd.journals() and all(FRONT in box["networks"] for box in crowd.portrait()["containers"].values())


@pytest.mark.parametrize("number", [3, 6, 9])
def test_the_engine_restarts_in_the_middle(bench, number):
    bench.network("front", "10.98.50.0/24")
    names = ("run", "loop", "ice", "cold")
    for name in names:
        bench.box(name, "front", "stopped" if name == "cold" else "running", policy=None if name == "cold" else "unless-stopped",
                  endpoint={"Aliases": [name + "x"], "IPAMConfig": {"IPv4Address": ADDRESSES[name]}})
    params = wish(bench)
    restarted(bench, number - 1, params)
    for row in params["endpoints"]:
        name = row["container"][0]
        end = bench.engine.endpoint(name, FRONT)
        assert end["IPAMConfig"]["IPv4Address"] == row["ipv4_address"] and name[len(PREFIX):] + "x" in end["Aliases"]
        assert bench.engine.state(name) == ("exited" if name.endswith("cold") else "running")
        assert name.endswith("cold") or end["IPAddress"] == row["ipv4_address"]
    assert_nothing_left(bench)
