# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules as a whole, over a real socket: what they return, and what a failure looks like."""
from __future__ import annotations

import os

import pytest
from ansible.module_utils.common.parameters import PASS_VARS

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.lock import engine_lock

from module_runner import run_here
from unit.modules.served_engine import serve  # noqa: F401  pylint: disable=unused-import  # a fixture: pytest looks for it here

BUSY = {"networks": [{"Name": "front", "IPAM": {"Config": [{"Subnet": "10.7.0.0/24"}]}}],
        "containers": [{"name": "web", "endpoints": {"front": {"Aliases": ["www"]}}}]}


@pytest.fixture
def module(capsys, tmp_path):
    def run(engine, name="network", **params):
        own = {"state_dir": str(tmp_path / "state")} if name == "network" else {}
        return run_here(name, dict(own, docker_host=engine.url, **params), capsys)

    return run


@pytest.fixture(autouse=True)
def no_routes_of_this_machine(monkeypatch):
    from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import netlink_routes
    monkeypatch.setattr(netlink_routes, "_pyroute2", lambda: None)


def test_create_then_nothing(serve, module):  # noqa: F811 (the fixture)
    engine = serve()
    first = run(module, engine, name="front", _ansible_diff=True)
    assert first["changed"] and first["actions"] == ["create network front"]
    assert first["network"]["Name"] == "front" and first["network"]["Driver"] == "bridge"
    assert first["diff"]["before"] == {} and list(first["diff"]["after"]) == ["front"]
    again = run(module, engine, name="front", _ansible_diff=True)
    assert not again["changed"] and again["actions"] == [] and again["reasons"] == ["network front is as wanted"]
    assert again["diff"] == {"before": {}, "after": {}}


def run(module, engine, **params):
    """C(name) is the network's, not the module's."""
    return module(engine, "network", **{("network_name" if key == "name" else key): value for key, value in params.items()})


def test_long_lists_of_parameters_are_not_sent_back(serve, module):  # noqa: F811 (the fixture)
    rows = [{"name": "net%d" % number, "state": "absent"} for number in range(51)]
    # From ansible-core 2.21 on they are sent back only where they are asked for, as with -vvv.
    asked = {"_ansible_inject_invocation": True} if "inject_invocation" in PASS_VARS else {}
    long, short = [module(serve(), networks=rows[:count], **asked)["invocation"]["module_args"]["networks"] for count in (51, 50)]
    assert long == "51 elements" and [row["name"] for row in short] == [row["name"] for row in rows[:50]]


def test_check_mode_sends_nothing_that_changes(serve, module, tmp_path):  # noqa: F811 (the fixture)
    engine = serve(BUSY)
    told = run(module, engine, name="front", internal=True, _ansible_check_mode=True, _ansible_diff=True)
    assert told["changed"] and engine.changes() == [] and not os.path.exists(tmp_path / "state")
    assert told["impact"] == ["container web (running) loses network front for about 1 s",
                              "the interfaces of container web have other numbers (eth1 in place of eth0) until the next restart"]
    assert told["diff"]["prepared"] == "".join("impact: %s\n" % line for line in told["impact"])
    done = run(module, engine, name="front", internal=True)
    assert done["actions"] == told["actions"] and done["impact"] == told["impact"]
    assert done["network"]["Internal"] is True
    assert [name for name in os.listdir(tmp_path / "state") if name.endswith(".json")] == []


def test_several_networks(serve, module):  # noqa: F811 (the fixture)
    engine = serve(BUSY)
    done = run(module, engine, networks=[{"name": "red"}, {"name": "blue"}, {"name": "front", "state": "absent"}])
    assert done["changed"] and [net["Name"] for net in done["networks"]] == ["blue", "red"] and "network" not in done


@pytest.mark.parametrize("many", [1, 60])
def test_nothing_to_do_takes_three_reads_however_many_networks(serve, module, many):  # noqa: F811 (the fixture)
    names = ["n%02d" % n for n in range(many)]
    engine = serve({"networks": [{"Name": name, "Labels": {"ours": ""}, "IPAM": {"Config": [{"Subnet": "10.9.%d.0/24" % n}]}}
                                 for n, name in enumerate(names)]})
    done = run(module, engine, purge="ours", networks=[{"name": name, "labels": {"ours": ""}} for name in names])
    assert not done["changed"] and len(done["networks"]) == many and done["not_checked"] == []
    assert [row[:2] for row in engine.stub.asked] == [("GET", "/version"), ("GET", "/networks")]
    engine.stub.asked.clear()
    run(module, engine, name=names[0])
    assert len(engine.stub.asked) == 3


def test_what_was_not_looked_at_is_told(serve, module, monkeypatch):  # noqa: F811 (the fixture)
    wish = {"name": "front", "ipam_config": [{"subnet": "10.7.0.0/24"}]}
    here = run(module, serve(), **wish)["not_checked"]
    assert here == ["whether a subnet overlaps a route of this host: its routes cannot be read (install python3-pyroute2)"]
    tunnel = serve()
    plain = tunnel.model.info
    monkeypatch.setattr(tunnel.model, "info", lambda: dict(plain(), Name="another-host"))
    there = run(module, tunnel, **wish)["not_checked"]
    assert there == ["whether a subnet overlaps a route of the engine's host, and whether a parent is a link of it: the engine runs on "
                     "another host, or in a network namespace of its own"]


POOLS = ("create network late: the engine's address pools have no subnet left (%s); give the network one in ipam_config, give the engine "
         "more pools (engine_address_pools of role fleetnet.docker.engine)%s")


def test_pools_that_are_used_up_say_who_has_them(serve, module):  # noqa: F811 (the fixture)
    names = ["n%02d" % n for n in range(14)]
    engine = serve({"networks": [{"Name": name} for name in names] + [{"Name": "own", "IPAM": {"Config": [{"Subnet": "10.7.0.0/24"}]}}],
                    "containers": [{"name": "web", "state": "exited", "endpoints": {"n00": {}}}]})
    failed = run(module, engine, name="late")
    held = "172.16.0.0/12: %s and 2 more; 192.168.0.0/16: no network, so perhaps a route of the host" % ", ".join(
        "n%02d 172.%d.0.0/16" % (n, 18 + n) for n in range(12))
    idle = ", or remove networks that no container is on: %s and 1 more" % ", ".join(names[1:13])
    assert failed["msg"] == "network late: %s; everything is back as it was." % (POOLS % (held, idle))
    assert failed["fault"] == "environment" and failed["rolled_back"] == "true"


def test_pools_of_ones_own_that_are_used_up(serve, module, monkeypatch):  # noqa: F811 (the fixture)
    engine = serve({"networks": [{"Name": "busy", "IPAM": {"Config": [{"Subnet": "10.99.0.0/24"}]}}],
                    "containers": [{"name": "web", "endpoints": {"busy": {}}}]})
    plain = engine.model.info
    monkeypatch.setattr(engine.model, "info", lambda: dict(plain(), DefaultAddressPools=[{"Base": "10.99.0.0/24", "Size": 24}]))

    def full(_what):
        raise refused("could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network")

    engine.model.before_change = full
    failed = run(module, engine, name="late")
    assert failed["msg"] == "network late: %s; everything is back as it was." % (POOLS % ("10.99.0.0/24: busy 10.99.0.0/24", ""))


def test_purge_needs_the_list(serve, module):  # noqa: F811 (the fixture)
    engine = serve(BUSY)
    failed = run(module, engine, name="front", purge="ours")
    assert failed["failed"] and failed["msg"] == "missing parameter(s) required by 'purge': networks" and engine.stub.asked == []


def test_purge_with_an_empty_list(serve, module):  # noqa: F811 (the fixture)
    engine = serve({"networks": [{"Name": "front", "Labels": {"ours": ""}}, {"Name": "back"}]})
    done = run(module, engine, networks=[], purge="ours")
    assert done["actions"] == ["remove network front"] and done["networks"] == []
    assert not run(module, engine, networks=[], purge="ours")["changed"]


def test_absent(serve, module):  # noqa: F811 (the fixture)
    done = run(module, serve(BUSY), name="front", state="absent")
    assert done["changed"] and done["network"] == {}
    assert ("After this run, container web can neither be started nor connected until there is a network front again, for it was "
            "made on it." in done["warnings"])


def test_a_wrong_wish(serve, module):  # noqa: F811 (the fixture)
    engine = serve(BUSY)
    failed = run(module, engine, name="front", ipam_config=[{"subnet": "10.7.0.1/24"}])
    assert failed["failed"] and failed["fault"] == "input" and engine.stub.asked == []
    assert failed["msg"] == ("The subnet '10.7.0.1/24' of network front is wrong (10.7.0.1/24 has host bits set); write it like "
                             "10.64.3.0/24.")
    assert "exception" not in failed or not failed["exception"] or failed["exception"] == "(traceback unavailable)"


def test_no_engine(module, serve):  # noqa: F811 (the fixture)
    engine = serve()
    engine.stub.close()
    os.unlink(engine.url[len("unix://"):])
    failed = run(module, engine, name="front")
    assert failed["failed"] and failed["fault"] == "environment"
    assert failed["msg"].startswith("The engine does not answer (%s: 2, 'No such file or directory'); start it" % engine.url)


def test_a_fault_half_way(serve, module, tmp_path):  # noqa: F811 (the fixture)
    engine = serve(BUSY)
    before = portrait(engine)
    count = iter(range(1, 100))

    def third(_what):
        if next(count) == 3:
            raise refused("no space left on device")

    engine.model.before_change = third
    failed = run(module, engine, name="front", internal=True)
    assert failed["failed"] and failed["fault"] == "environment"
    assert failed["msg"] == ("network front: create network front: the engine answers: no space left on device; everything is back "
                             "as it was.")
    assert (failed["rolled_back"], failed["left_over"], failed["applied"]) == ("true", [], [])
    assert (failed["failed_group"], failed["not_begun"]) == ("network front", [])
    assert portrait(engine) == before
    assert [name for name in os.listdir(tmp_path / "state") if name.endswith(".json")] == []


def test_a_fault_that_lasts_and_the_run_after_it(serve, module, tmp_path):  # noqa: F811 (the fixture)
    engine = serve(BUSY)
    count = iter(range(1, 100))

    def later(_what):
        if next(count) >= 4:
            raise refused("no space left on device")

    engine.model.before_change = later
    failed = run(module, engine, networks=[{"name": "early"}, {"name": "front", "internal": True}, {"name": "late"}, {"name": "later"}])
    assert failed["rolled_back"] == "false" and failed["applied"] == ["network early"]
    assert failed["failed_group"] == "network front" and failed["not_begun"] == ["network late", "network later"]
    assert failed["left_over"][:2] == ["create network front", "connect container web on network front"]
    assert len([name for name in os.listdir(tmp_path / "state") if name.endswith(".json")]) == 1
    engine.model.before_change = lambda what: None
    again = run(module, engine, networks=[{"name": "early"}, {"name": "front", "internal": True}])
    assert again["changed"] and "a former run was stopped in network front; what it left is put right" in again["warnings"]
    assert portrait(engine)["containers"]["web"]["on"] == {"front": {"Aliases": ["www"]}}
    assert [name for name in os.listdir(tmp_path / "state") if name.endswith(".json")] == []


def test_another_run_holds_the_lock(serve, module, tmp_path):  # noqa: F811 (the fixture)
    engine = serve()
    with engine_lock(str(tmp_path / "state"), lambda: "MODEL", 0, "networks")():
        failed = run(module, engine, name="front", lock_timeout=0)
    assert failed["msg"].startswith("Another run changes this engine: process %d (networks, run by " % os.getpid())
    assert failed["msg"].endswith(") still holds the lock after 0 s; wait for it, or raise lock_timeout.")
    assert engine.changes() == []


def test_a_bug_says_that_it_is_one(serve, module, monkeypatch):  # noqa: F811 (the fixture)
    engine = serve()
    monkeypatch.setattr(engine.model, "networks", lambda: [{"Name": "odd"}])
    failed = run(module, engine, name="front")
    assert failed["fault"] == "bug" and failed["msg"] == "This is a bug in fleetnet.docker (KeyError: 'Id'); please report it."


def test_info(serve, module):  # noqa: F811 (the fixture)
    engine = serve(BUSY)
    found = module(engine, "network_info", network_name="front")
    assert found["exists"] and found["network"]["Name"] == "front" and not found["changed"]
    by_id = module(engine, "network_info", network_name=found["network"]["Id"])
    assert by_id["network"] == found["network"]
    assert module(engine, "network_info", network_name="none") == dict(
        module(engine, "network_info", network_name="none"), exists=False, network=None)
    listed = module(engine, "network_info")
    assert [net["name"] for net in listed["networks"]] == ["front"]
    assert engine.changes() == []


def portrait(engine):
    from unit.laws import networks
    return networks.portrait(engine.model)


def refused(text):
    from unit.laws.engine_model import Refused
    return Refused(text)
