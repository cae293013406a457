# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module as a whole, over a real socket: what it returns, and what a failure looks like."""
from __future__ import annotations

import os

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.journal_store import JournalStore
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.lock import engine_lock
from ansible_collections.fleetnet.docker.plugins.module_utils.core.engine import converge

from module_runner import run_here
from unit.laws import networks
from unit.laws.engine_model import Refused
from unit.laws.stage import Killed
from unit.modules.served_engine import serve  # noqa: F401  pylint: disable=unused-import  # a fixture: pytest looks for it here

BUSY = {"networks": [{"Name": "front", "IPAM": {"Config": [{"Subnet": "10.7.0.0/24"}]}}, {"Name": "back"}],
        "containers": [{"name": "web", "endpoints": {"front": {"Aliases": ["www"], "IPAMConfig": {"IPv4Address": "10.7.0.9"}}}},
                       {"name": "api", "endpoints": {"back": {}}}]}


@pytest.fixture
def run(capsys, tmp_path):
    def run(engine, **params):
        return run_here("endpoint", dict(params, docker_host=engine.url, state_dir=str(tmp_path / "state")), capsys)

    return run


def test_attach_then_nothing_then_detach(serve, run):  # noqa: F811 (the fixture)
    engine = serve(BUSY)
    wish = dict(network="front", container=["api"], aliases=["rest"], driver_opts={"a": True})
    told = run(engine, **wish, _ansible_check_mode=True, _ansible_diff=True)
    assert told["changed"] and engine.changes() == [] and told["endpoints"] == []
    done = run(engine, **wish, _ansible_diff=True)
    assert done["changed"] and done["actions"] == told["actions"] == ["connect container api on network front"]
    assert done["diff"] == told["diff"] == {"before": {}, "after": {"container api on network front": {
        "aliases": ["rest"], "driver_opts": {"a": "true"}}}}
    (end,) = done["endpoints"]
    assert (end["network"], end["container"], end["aliases"]) == ("front", "api", ["rest"])
    assert end["current"] == {"addresses": ["10.7.0.2"], "mac_address": "02:42:ac:11:00:02"}
    again = run(engine, **wish, _ansible_diff=True)
    assert not again["changed"] and again["diff"] == {"before": {}, "after": {}}
    assert again["reasons"] == ["container api on network front is as wanted"]
    gone = run(engine, network_name="front", containers="api", state="absent")
    assert gone["changed"] and gone["endpoints"] == []


def test_several_in_one_task(serve, run):  # noqa: F811 (the fixture)
    done = run(serve(BUSY), endpoints=[{"network": "front", "container": "api", "ipv4_address": "10.7.0.9"},
                                       {"network": "front", "container": "web", "ipv4_address": ""}])
    assert [(end["container"], end.get("ipv4_address")) for end in done["endpoints"]] == [("api", "10.7.0.9"), ("web", None)]
    assert done["impact"] == ["container web (running) loses network front for about 1 s",
                              "the interfaces of container web have other numbers (eth1 in place of eth0) until the next restart"]


@pytest.mark.parametrize("params,message", [
    ({}, "one of the following is required: network, endpoints"),
    ({"network": "front"}, "parameters are required together: network, container"),
    ({"network": "front", "container": ["web"], "endpoints": []}, "parameters are mutually exclusive: network|endpoints, container|endpoints"),
])
def test_options_that_do_not_go_together(serve, run, params, message):  # noqa: F811 (the fixture)
    assert run(serve(BUSY), **params)["msg"] == message


def test_a_wrong_wish_asks_the_engine_nothing(serve, run):  # noqa: F811 (the fixture)
    engine = serve(BUSY)
    failed = run(engine, network="front", container=["web"], ipv4_address="10.7.0.9/24")
    assert failed["failed"] and failed["fault"] == "input" and engine.stub.asked == []


def test_a_fault_half_way(serve, run, tmp_path):  # noqa: F811 (the fixture)
    engine = serve(BUSY)
    before, count = networks.portrait(engine.model), iter(range(1, 100))

    def second(_what):
        if next(count) == 2:
            raise Refused("no space left on device")

    engine.model.before_change = second
    failed = run(engine, network="front", container=["web"], aliases=["new"])
    assert failed["msg"] == ("container web on network front: connect container web on network front: the engine answers: no space left "
                             "on device; everything is back as it was.")
    assert (failed["fault"], failed["rolled_back"], failed["left_over"], failed["applied"]) == ("environment", "true", [], [])
    assert networks.portrait(engine.model) == before and not [name for name in os.listdir(tmp_path / "state") if name.endswith(".json")]


def test_another_run_holds_the_lock(serve, run, tmp_path):  # noqa: F811 (the fixture)
    engine = serve(BUSY)
    with engine_lock(str(tmp_path / "state"), lambda: "MODEL", 0, "networks")():
        failed = run(engine, network="front", container=["api"], lock_timeout=0)
    assert failed["failed"] and "still holds the lock" in failed["msg"] and engine.changes() == []


def test_a_stopped_run_of_networks_comes_first(serve, run, tmp_path, capsys):  # noqa: F811 (the fixture)
    """What an endpoint task attached would look to the networks' next run as if it had to stay so."""
    engine, state_dir = serve(BUSY), str(tmp_path / "state")
    before = networks.portrait(engine.model)["containers"]["web"]
    journal = JournalStore(state_dir, "network", networks.JOURNAL_TYPES, lambda: "MODEL")

    def after_create(what):
        if what.startswith("create"):
            raise Killed

    engine.model.after_change = after_create
    with pytest.raises(Killed):
        converge(networks.KIND, networks.KIND.desired({"name": "front", "internal": True}), networks.ModelWorld(engine.model, None), journal)
    engine.model.after_change = lambda what: None
    failed = run(engine, network="front", container=["web"], aliases=["other"])
    (left,) = [name for name in os.listdir(state_dir) if name.startswith("network-")]
    assert failed["msg"] == ("A run of module network that was stopped left the journal %s/%s; run module network again, for whatever network, "
                             "so that it puts right what it left, and then this task." % (state_dir, left))
    assert failed["fault"] == "environment" and engine.changes() == []
    assert run_here("network", {"name": "back", "docker_host": engine.url, "state_dir": state_dir}, capsys)["changed"]
    assert networks.portrait(engine.model)["containers"]["web"] == before
    assert run(engine, network="front", container=["web"], aliases=["other"])["changed"]
