# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of endpoints on a real engine: every field on containers of every run state, drift that others made, refusals."""
from __future__ import annotations

import re

import pytest

from integration.networks.bench import PREFIX
from integration.networks.proxy import Proxy

FRONT, BACK, WEB = PREFIX + "front", PREFIX + "back", PREFIX + "web"
STATES = ("running", "paused", "stopped", "created", "restarting")
# The option, a first value, another one, and how inspect shows the first.
FIELDS = (
    ("aliases", ["one", "two"], ["two"]),
    ("links", [PREFIX + "other:o"], [PREFIX + "other"]),
    ("ipv4_address", "10.98.50.77", "10.98.50.78"),
    ("ipv6_address", "FD00:98:50::77", "fd00:98:50:0:0::78"),
    ("link_local_ips", ["169.254.7.7"], ["169.254.7.8", "169.254.7.9"]),
    ("driver_opts", {"com.example.weight": 1}, {"com.example.weight": 2}),
)


@pytest.fixture
def nets(bench):
    bench.network("front", EnableIPv6=True, IPAM={"Config": [{"Subnet": "10.98.50.0/24"}, {"Subnet": "fd00:98:50::/64"}]})
    bench.network("back", "10.98.51.0/24")
    return bench


def state_of(bench, name):
    return bench.portrait()["containers"]["/" + PREFIX + name]["state"]


@pytest.mark.parametrize("state", STATES)
def test_every_field_of_a_container_in_every_state(nets, state):
    bench = nets
    bench.box("web", "back", state)
    before = state_of(bench, "web")
    first = {field: one for field, one, _other in FIELDS}
    assert bench.done(network=FRONT, container=[WEB], **first)["changed"]
    again = bench.done(network=FRONT, container=[WEB], **first)
    assert not again["changed"], again["reasons"]
    assert again["endpoints"][0]["ipv6_address"] == "fd00:98:50::77" and again["endpoints"][0]["aliases"] == ["one", "two"]
    for field, one, other in FIELDS:
        told = bench.done(network=FRONT, container=[WEB], _ansible_check_mode=True, **{field: other})
        assert told["changed"] and field in told["reasons"][0], (field, told)
        done = bench.done(network=FRONT, container=[WEB], **{field: other})
        assert done["actions"] == told["actions"]
        assert not bench.done(network=FRONT, container=[WEB], **{field: other})["changed"], field
        assert not bench.done(network=FRONT, container=[WEB], **{key: two for key, _one, two in FIELDS[:FIELDS.index((field, one, other))]})[
            "changed"], "what was not given is as before"
    assert state_of(bench, "web") == before and not bench.orphans() and not bench.journals()
    if state in ("stopped", "created"):
        bench.engine.start(WEB)
        assert bench.engine.endpoint(WEB, FRONT)["IPAddress"] == "10.98.50.78"
    gone = bench.done(network=FRONT, container=[WEB], state="absent")
    assert gone["changed"] and gone["endpoints"] == [] and FRONT not in bench.engine.networks(WEB)
    assert not bench.done(network=FRONT, container=[WEB], state="absent")["changed"]


def test_what_the_container_runs_with_is_as_asked_for(nets):
    nets.box("web", "back")
    nets.done(network=FRONT, container=[WEB], ipv4_address="10.98.50.77", ipv6_address="fd00:98:50::77", link_local_ips=["169.254.7.7"])
    end = nets.engine.endpoint(WEB, FRONT)
    assert (end["IPAddress"], end["GlobalIPv6Address"]) == ("10.98.50.77", "fd00:98:50::77")


@pytest.mark.parametrize("state", ["running", "stopped"])
def test_drift_that_others_made_is_seen_and_undone(nets, state):
    nets.box("web", "back", state)
    wish = dict(network=FRONT, container=[WEB], aliases=["www"], ipv4_address="10.98.50.77")
    nets.done(**wish)
    nets.engine.disconnect(FRONT, WEB)
    nets.engine.connect(FRONT, WEB, Aliases=["www", "more"], IPAMConfig={"IPv4Address": "10.98.50.79"})
    told = nets.done(**wish, _ansible_check_mode=True)
    assert "aliases is more, www, wanted www; ipv4_address is 10.98.50.79, wanted 10.98.50.77" in told["reasons"][0]
    assert not nets.done(**dict(wish, appends=True, ipv4_address="10.98.50.79"))["changed"]
    nets.engine.disconnect(FRONT, WEB)
    assert nets.done(**wish)["reasons"] == ["container %s on network %s is attached" % (WEB, FRONT)]
    assert not nets.done(**wish)["changed"]


@pytest.mark.parametrize("states", [("running", "running"), ("running", "stopped"), ("paused", "restarting")])
def test_two_containers_change_places(nets, states):
    nets.box("api", "front", states[0], endpoint={"Aliases": ["a"], "IPAMConfig": {"IPv4Address": "10.98.50.20"}})
    nets.box("loop", "front", states[1], endpoint={"Aliases": ["b"], "IPAMConfig": {"IPv4Address": "10.98.50.21"}})
    wish = {"endpoints": [{"network": FRONT, "container": [PREFIX + "api"], "ipv4_address": "10.98.50.21"},
                          {"network": FRONT, "container": [PREFIX + "loop"], "ipv4_address": "10.98.50.20"}]}
    assert nets.done(**wish)["changed"]
    assert not nets.done(**wish)["changed"] and not nets.orphans()
    shown = {name: nets.engine.endpoint(PREFIX + name, FRONT) for name in ("api", "loop")}
    assert [shown[name]["IPAMConfig"]["IPv4Address"] for name in ("api", "loop")] == ["10.98.50.21", "10.98.50.20"]
    assert "a" in shown["api"]["Aliases"] and "b" in shown["loop"]["Aliases"]


def test_exclusive(nets):
    for name, state in (("web", "running"), ("old", "running"), ("cold", "stopped"), ("loop", "restarting")):
        nets.box(name, "front", state)
    nets.engine.connect(BACK, PREFIX + "old")
    told = nets.done(network=FRONT, container=[WEB], exclusive=True)
    assert told["changed"] and [row["container"] for row in told["endpoints"]] == [WEB]
    assert BACK in nets.engine.networks(PREFIX + "old") and state_of(nets, "loop") == "looping"
    assert not nets.done(network=FRONT, container=[WEB], exclusive=True)["changed"] and not nets.orphans()
    assert nets.done(network=FRONT, container=[], exclusive=True)["endpoints"] == []


@pytest.mark.parametrize("state", ["running", "stopped"])
def test_an_address_that_cannot_be_is_refused_and_nothing_is_touched(nets, state):
    """Engine 20.10 takes the first of these without a word where the container is down, and then it does not start."""
    nets.box("api", "front", endpoint={"IPAMConfig": {"IPv4Address": "10.98.50.20"}})
    nets.box("web", "front", state, endpoint={"Aliases": ["w"]})
    before = nets.portrait()
    for address, why in (("10.99.0.9", "is in none of the network's subnets"), ("10.98.50.1", "is the network's gateway"),
                         ("10.98.50.20", "is taken by container %sapi" % PREFIX), ("10.98.50.255", "is the first or last")):
        answer = nets.run(network=FRONT, container=[WEB], ipv4_address=address)
        assert answer["failed"] and answer["fault"] == "input" and why in answer["msg"], answer
    assert nets.portrait() == before


@pytest.mark.parametrize("state", ["running", "stopped"])
def test_an_address_where_the_engine_chose_the_subnet(nets, state):
    """No answer of any engine tells such a network from one with the same subnet given, so the engine itself has to say it."""
    nets.network("own")
    nets.box("web", "own", state, endpoint={"Aliases": ["w"]})
    before = nets.portrait()
    pool = nets.api.inspect_network(PREFIX + "own")["IPAM"]["Config"][0]["Subnet"]
    answer = nets.run(network=PREFIX + "own", container=[WEB], ipv4_address=pool.replace(".0.0/16", ".0.77").replace(".0/20", ".77"))
    assert answer["failed"] and "networks with user configured subnets" in answer["msg"] and answer["rolled_back"] == "true", answer
    assert nets.portrait() == before and not nets.journals()


def test_what_only_later_engines_do(nets):
    nets.box("web", "back")
    number = nets.engine.number
    for first, since, wish in (
        ((28, 0), "28", {"driver_opts": {"com.docker.network.endpoint.ifname": "wan0"}}),
        ((27, 0), "27", {"driver_opts": {"com.docker.network.endpoint.sysctls": "net.ipv4.conf.IFNAME.log_martians=1"}}),
        ((28, 0), "28", {"gw_priority": 100}),
    ):
        answer = nets.run(network=FRONT, container=[WEB], **wish)
        if number < first:
            assert answer["failed"] and "it needs engine %s or later" % since in answer["msg"]
        else:
            assert answer["changed"] and not nets.done(network=FRONT, container=[WEB], **wish)["changed"], answer
    if number >= (28, 0):
        assert nets.engine.execute(WEB, "/bin/cat", "/sys/class/net/wan0/operstate") and nets.engine.default_route(WEB).startswith("wan0")
        assert nets.engine.execute(WEB, "/bin/cat", "/proc/sys/net/ipv4/conf/wan0/log_martians") == "1"


def test_a_mac_address_can_be_checked_and_is_never_said_to_be_set(nets):
    asked = "02:42:0a:62:32:63"
    old = nets.engine.number <= (20, 10)
    nets.box("web", "front", endpoint={} if old else {"MacAddress": asked}, **({"MacAddress": asked} if old else {}))
    assert not nets.done(network=FRONT, container=[WEB], mac_address=asked)["changed"]
    answer = nets.run(network=FRONT, container=[WEB], mac_address="02:42:0a:62:32:64")
    assert answer["failed"] and "ignores on connect" in answer["msg"]
    nets.engine.stop(WEB)
    # Where the container was made on this network, its own configuration tells.
    assert not nets.done(network=FRONT, container=[WEB], mac_address=asked)["changed"]


def reply(bench, name):
    """A real TCP connection by name, from a container that has been running all the time."""
    return bench.engine.execute(PREFIX + "client", "/bin/sh", "-c", "echo ask | nc -w 3 %s 7000" % name)


def test_packets_flow_by_the_names_that_were_asked_for(nets):
    serve = ["sh", "-c", "while true; do echo from-the-server | nc -l -p 7000 -q 1 || echo from-the-server | nc -l -p 7000; done"]
    nets.box("server", "back", command=serve)
    nets.box("client", "front")
    wish = dict(network=FRONT, container=[PREFIX + "server"], aliases=["database"])
    nets.done(**wish)
    nets.engine.until(lambda: reply(nets, "database") == "from-the-server", "the alias to answer", 20)
    nets.done(**dict(wish, aliases=["store"]))
    nets.engine.until(lambda: reply(nets, "store") == "from-the-server", "the new alias to answer", 20)
    assert reply(nets, "database") == ""
    nets.done(network=FRONT, container=[PREFIX + "client"], links=[PREFIX + "server:mine"])
    nets.engine.until(lambda: reply(nets, "mine") == "from-the-server", "the link to answer", 20)
    nets.done(**dict(wish, ipv4_address="10.98.50.99", aliases=["store"]))
    nets.engine.until(lambda: reply(nets, "10.98.50.99") == "from-the-server", "the fixed address to answer", 20)
    nets.done(network=FRONT, container=[PREFIX + "server"], state="absent")
    assert reply(nets, "10.98.50.99") == "" == reply(nets, "store")


def test_only_the_containers_concerned_are_read(nets):
    for number in range(6):
        nets.box("other%d" % number, "front", "created")
    for name in ("web", "api"):
        nets.box(name, "front")
    with Proxy(nets.folder, nets.url) as proxy:
        assert not nets.run(through=proxy, endpoints=[
            {"network": FRONT, "container": [WEB, PREFIX + "api"]}, {"network": BACK, "container": [WEB], "state": "absent"}])["changed"]
    asked = sorted(re.sub("[0-9a-f]{64}", "ID", line.partition("?")[0]) for line in proxy.reads)
    assert asked == ["GET /containers/ID/json"] * 2 + ["GET /containers/json", "GET /info", "GET /networks", "GET /version"]
    assert proxy.changes == []
