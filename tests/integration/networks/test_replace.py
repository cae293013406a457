# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replacing a network under twenty containers of every kind: everything that was asked for is there again."""
from __future__ import annotations

import pytest

from integration.networks.bench import PREFIX

FRONT, BACK = PREFIX + "front", PREFIX + "back"


def crowd(bench):
    """Twenty endpoints: running, paused, stopped, never started, in restart back-off; dynamic and fixed; with all options."""
    bench.network("front", "10.98.50.0/24")
    bench.network("back", "10.98.51.0/24")
    for number in range(6):
        bench.box("run%d" % number, "front", endpoint={"Aliases": ["r%d" % number, "all"]})
    bench.box("fixed1", "front", endpoint={"Aliases": ["f1"], "IPAMConfig": {"IPv4Address": "10.98.50.77"}})
    bench.box("fixed2", "front", endpoint={"IPAMConfig": {"IPv4Address": "10.98.50.78", "LinkLocalIPs": ["169.254.77.7"]}})
    bench.box("driven", "front", endpoint={"DriverOpts": {"com.docker.network.endpoint.something": "1"}})
    bench.box("port", "front", host={"PortBindings": {"80/tcp": [{"HostPort": "18099"}]}}, endpoint={"Aliases": ["p"]},
              ExposedPorts={"80/tcp": {}})
    two = bench.box("two", "front", endpoint={"Aliases": ["t"]})
    bench.engine.connect(BACK, two, Aliases=["inner"])
    for number in range(2):
        bench.box("paused%d" % number, "front", "paused", endpoint={"Aliases": ["z%d" % number]})
    bench.box("stopped1", "front", "stopped", endpoint={"Aliases": ["s"]})
    bench.box("stopped2", "front", "stopped", endpoint={"Aliases": ["s2"], "IPAMConfig": {"IPv4Address": "10.98.50.79"}})
    bench.box("created1", "front", "created", endpoint={"Aliases": ["c"]})
    bench.box("created2", "front", "created", endpoint={"IPAMConfig": {"IPv4Address": "10.98.50.80"}})
    bench.box("loop1", "front", "restarting", endpoint={"Aliases": ["l"]})
    bench.box("loop2", "front", "restarting", endpoint={"IPAMConfig": {"IPv4Address": "10.98.50.81"}})
    late = bench.box("late", "back")
    bench.engine.connect(FRONT, late, Aliases=["later"], IPAMConfig={"IPv4Address": "10.98.50.82"})


def test_twenty_endpoints_are_as_before(bench):
    crowd(bench)
    before = bench.portrait()
    assert len([1 for box in before["containers"].values() if FRONT in box["networks"]]) == 20
    done = bench.done(name=FRONT, labels={"changed": "1"}, driver_options={"com.docker.network.driver.mtu": 1400})
    after = bench.portrait()
    for name, box in before["containers"].items():
        assert after["containers"][name] == box, name
    assert after["networks"][BACK] == before["networks"][BACK]
    assert after["networks"][FRONT]["Labels"]["changed"] == "1"
    assert not bench.journals() and not bench.orphans()
    assert [line for line in done["impact"] if "18099->80/tcp" in line and "loses network %s for about" % FRONT in line], done["impact"]
    for name in ("stopped1", "stopped2", "created1", "created2"):  # they start, on the network that is new to them
        bench.engine.start(PREFIX + name)
        assert bench.engine.endpoint(PREFIX + name, FRONT)["IPAddress"]
    assert bench.engine.endpoint(PREFIX + "stopped2", FRONT)["IPAddress"] == "10.98.50.79"
    assert not bench.done(name=FRONT, labels={"changed": "1"})["changed"]


BOTH = {"Driver": "default", "Config": [{"Subnet": "10.98.50.0/24"}, {"Subnet": "fd00:98:50::/64"}]}


def related(bench):
    """Endpoints with links, with fixed addresses of both families and, where the engine knows it, with a gateway priority."""
    bench.network("front", EnableIPv6=True, IPAM=BOTH)
    bench.network("back", "10.98.51.0/24")
    bench.box("database", "front", endpoint={"IPAMConfig": {"IPv6Address": "fd00:98:50::77"}})
    bench.box("web", "front", endpoint={"Links": [PREFIX + "database:db"], "Aliases": ["www"], "IPAMConfig": {
        "IPv4Address": "10.98.50.78", "IPv6Address": "fd00:98:50::78"}})
    bench.box("cold", "front", "stopped", endpoint={"Links": [PREFIX + "database:db"], "IPAMConfig": {"IPv6Address": "fd00:98:50::79"}})
    two = bench.box("two", "back")
    bench.engine.connect(FRONT, two, Links=[PREFIX + "database:db"], **({"GwPriority": 7} if bench.engine.number >= (28, 0) else {}))
    return two


def gateway(bench, box):
    """The interface's number is another matter: engines before 28 change it."""
    return bench.engine.default_route(box).rpartition(" via ")[2]


def test_links_ipv6_and_gateway_priority_are_as_before(bench):
    two = related(bench)
    before, way = bench.portrait(), gateway(bench, two)
    ends = {name: box["networks"].get(FRONT) for name, box in before["containers"].items()}
    assert ends["/%scold" % PREFIX]["Links"] == ends["/%stwo" % PREFIX]["Links"] == [PREFIX + "database:db"]
    if bench.engine.number >= (28, 0):
        assert ends["/%stwo" % PREFIX]["GwPriority"] == 7 and way == "10.98.50.1"
    # Twice, for what is put back must be told like what was asked for; then the other network of the container that is on two.
    for wish in ({"name": FRONT, "labels": {"changed": "1"}}, {"name": FRONT, "labels": {"changed": "2"}}, {"name": BACK, "labels": {"changed": "1"}}):
        numbers = bench.engine.interfaces(two)
        told = [line for line in bench.done(**wish)["impact"] if line.startswith("the interfaces of container ") and PREFIX + "two" in line]
        assert bool(told) == (bench.engine.interfaces(two) != numbers), (told, numbers)
        after = bench.portrait()
        for name, box in before["containers"].items():
            assert after["containers"][name] == box, (wish, name)
        assert gateway(bench, two) == way, wish
    assert bench.engine.endpoint(PREFIX + "web", FRONT)["GlobalIPv6Address"] == "fd00:98:50::78"
    bench.engine.start(PREFIX + "cold")
    assert bench.engine.endpoint(PREFIX + "cold", FRONT)["GlobalIPv6Address"] == "fd00:98:50::79"
    for box in ("web", "two", "cold"):
        assert bench.engine.execute(PREFIX + box, "/bin/sh", "-c", "getent hosts db || nslookup db"), box
    assert not bench.journals() and not bench.orphans()


def test_fixed_addresses_are_given_back_before_dynamic_ones(bench):
    bench.network("front", "10.98.50.0/24")
    bench.box("a-dynamic", "front")
    bench.box("b-dynamic", "front")
    first = bench.engine.endpoint(PREFIX + "a-dynamic", FRONT)["IPAddress"]
    bench.api.remove_container(PREFIX + "a-dynamic", force=True)
    bench.box("z-fixed", "front", endpoint={"IPAMConfig": {"IPv4Address": first}})
    bench.done(name=FRONT, internal=True)
    assert bench.engine.endpoint(PREFIX + "z-fixed", FRONT)["IPAddress"] == first
    assert bench.engine.state(PREFIX + "b-dynamic") == "running"


def reply(bench, network, alias):
    """A real TCP connection by alias, from a container of its own that is already running."""
    return bench.engine.execute(PREFIX + "client", "/bin/sh", "-c", "echo ask | nc -w 3 %s 7000" % alias)


def test_packets_flow_by_alias_before_and_after(bench):
    bench.network("front", "10.98.50.0/24")
    serve = ["sh", "-c", "while true; do echo from-the-server | nc -l -p 7000 -q 1 || echo from-the-server | nc -l -p 7000; done"]
    bench.box("server", "front", command=serve, endpoint={"Aliases": ["database"]})
    bench.box("client", "front")
    bench.engine.until(lambda: reply(bench, FRONT, "database") == "from-the-server", "the server to listen", 20)
    bench.done(name=FRONT, labels={"changed": "1"})
    bench.engine.until(lambda: reply(bench, FRONT, "database") == "from-the-server", "the alias to answer again", 20)
    bench.done(name=FRONT, ipam_config=[{"subnet": "10.98.52.0/24"}])
    bench.engine.until(lambda: reply(bench, FRONT, "database") == "from-the-server", "the alias to answer in the new subnet", 20)
    assert bench.engine.endpoint(PREFIX + "client", FRONT)["IPAddress"].startswith("10.98.52.")


def test_a_container_bound_by_id(bench):
    ident = bench.network("front", "10.98.50.0/24")
    made = bench.engine.create(ident, name=PREFIX + "web", command=["sleep", "3600"], Image=_image(), Labels={"fleetnet.integration": "1"})
    bench.engine.start(made)
    answer = bench.run(name=FRONT, internal=True)
    if bench.engine.number <= (20, 10):
        assert not answer.get("failed"), answer
        bench.engine.restart(made)
        assert bench.engine.endpoint(made, FRONT)["IPAddress"]
    else:
        assert answer["fault"] == "input" and "is bound to network %s by the network's id" % FRONT in answer["msg"]
        assert bench.api.inspect_network(FRONT)["Id"] == ident


def test_connected_and_absent(bench):
    bench.network("front", "10.98.50.0/24")
    bench.network("back", "10.98.51.0/24")
    bench.box("web", "back")
    bench.box("cold", "back", "stopped")
    bench.box("loop", "back", "restarting")
    wish = {"name": FRONT, "connected": [PREFIX + "web", PREFIX + "cold", PREFIX + "loop"]}
    assert bench.done(**wish)["changed"]
    assert not bench.done(**wish)["changed"]
    assert bench.portrait()["containers"]["/" + PREFIX + "loop"]["state"] == "looping"
    wish["connected"] = [PREFIX + "web"]
    assert bench.done(**wish)["actions"][-1] == "start container %sloop" % PREFIX
    assert not bench.done(**wish)["changed"]
    assert bench.portrait()["containers"]["/" + PREFIX + "loop"]["state"] == "looping"
    gone = bench.done(name=FRONT, state="absent")
    assert gone["impact"] == ["container %sweb (running) loses network %s for good" % (PREFIX, FRONT)]
    assert not bench.orphans()


def test_a_network_whose_containers_name_it_as_their_own_is_removed_with_a_warning(bench):
    bench.network("front", "10.98.50.0/24")
    box = bench.box("web", "front")
    told = bench.done(name=FRONT, state="absent")["impact"]
    stranded = any("can neither be started nor connected" in line for line in told)
    bench.network("back", "10.98.51.0/24")
    answer = bench.run(name=BACK, connected=[PREFIX + "web"])
    assert bool(answer.get("failed")) == stranded == (bench.engine.number > (20, 10)), answer
    if stranded:
        assert answer["fault"] == "input" and "(network_mode %s) does not exist" % FRONT in answer["msg"]
        bench.done(networks=[{"name": FRONT, "connected": [PREFIX + "web"]}])
        bench.engine.restart(box)
        assert bench.engine.endpoint(box, FRONT)["IPAddress"]


@pytest.mark.parametrize("run", ["running", "stopped", "created"])
def test_a_requested_mac_address(bench, run):
    bench.network("front", "10.98.50.0/24")
    asked = "02:42:0a:62:32:63"
    old = bench.engine.number <= (20, 10)
    settings = {"MacAddress": asked} if old else {}
    box = bench.engine.create(FRONT, name=PREFIX + "web", command=["sleep", "3600"], Image=_image(), Labels={"fleetnet.integration": "1"},
                              endpoint=None if old else {"MacAddress": asked}, **settings)
    if run != "created":
        bench.engine.start(box)
    if run == "stopped":
        bench.engine.stop(box)
    answer = bench.done(name=FRONT, internal=True)
    warned = any(asked in line for line in answer["impact"])
    if run != "running":
        bench.engine.start(box)
    now = bench.engine.endpoint(box, FRONT)["MacAddress"]
    assert (now == asked) != warned, (now, answer["impact"])


def _image():
    from integration.networks.bench import client_image
    return client_image()
