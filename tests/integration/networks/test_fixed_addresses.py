# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers with fixed addresses beside those that take the first free one: nobody is given another one's, whatever the network becomes."""
from __future__ import annotations

import pytest

from integration.networks.bench import PREFIX
from integration.networks.test_life import PARENT

FRONT = PREFIX + "front"
BOTH = {"Driver": "default", "Config": [{"Subnet": "10.98.52.0/24"}, {"Subnet": "fd00:98:52::/64"}]}
MTU = {"com.docker.network.driver.mtu": 1400}
# The first that an engine gives: the one after the gateway.
FIRST4, FIRST6 = "10.98.52.2", "fd00:98:52::2"


def fixed(ipv4="", ipv6=""):
    return {"IPAMConfig": {key: value for key, value in (("IPv4Address", ipv4), ("IPv6Address", ipv6)) if value}}


def addresses(bench, box):
    end = bench.engine.endpoint(PREFIX + box, FRONT)
    return end["IPAddress"], end["GlobalIPv6Address"]


def test_only_one_family_of_each_is_fixed(bench):
    bench.network("front", EnableIPv6=True, IPAM=BOTH)
    # Several of each: whatever else they were put in order by, one of the latter would come before one of the former.
    for last in (2, 3, 4):
        bench.box("four%d" % last, "front", endpoint=fixed("10.98.52.%d" % last))
    for last in (66, 67, 68):
        bench.box("six%d" % last, "front", endpoint=fixed(ipv6="fd00:98:52::%d" % last))
    bench.box("both", "front", endpoint=fixed("10.98.52.77", "fd00:98:52::77"))
    bench.box("none", "front")
    before = bench.portrait()["containers"]
    assert bench.done(name=FRONT, driver_options=MTU)["changed"]
    assert bench.portrait()["containers"] == before and not bench.orphans()
    assert [addresses(bench, "four%d" % last)[0] for last in (2, 3, 4)] == ["10.98.52.2", "10.98.52.3", "10.98.52.4"]
    assert [addresses(bench, "six%d" % last)[1] for last in (66, 67, 68)] == ["fd00:98:52::66", "fd00:98:52::67", "fd00:98:52::68"]
    assert addresses(bench, "both") == ("10.98.52.77", "fd00:98:52::77")


def test_an_ipv6_address_that_a_neighbour_would_be_given_is_refused(bench):
    bench.network("front", EnableIPv6=True, IPAM=BOTH)
    bench.box("z-six", "front", endpoint=fixed("10.98.52.9", FIRST6))
    bench.box("a-six", "front", endpoint=fixed(ipv6="fd00:98:52::3"))
    bench.box("b-four", "front", endpoint=fixed("10.98.52.8"))
    before = bench.portrait()
    answer = bench.run(name=FRONT, driver_options=MTU)
    assert answer["failed"] and "fd00:98:52::3" in answer["msg"] and PREFIX + "a-six" in answer["msg"], answer
    assert bench.portrait() == before


def test_a_container_that_crashes_finds_its_address_free(bench):
    bench.network("front", "10.98.52.0/24")
    # Between two starts a container that crashes holds no address, so its own must not be the first free one while others come.
    holder = bench.box("holder", "front", endpoint=fixed(FIRST4))
    for number in range(3):
        bench.box("a-run%d" % number, "front")
    bench.api.remove_container(holder, force=True)
    # One that crashes at once holds it so briefly that nobody can keep others from it, which the module says before (values/allocation).
    bench.box("z-loop", "front", command=["sh", "-c", "sleep 3; exit 1"], policy="always", endpoint=fixed(FIRST4))
    bench.wait_for_loops()
    done = bench.done(name=FRONT, driver_options=MTU)
    assert done["changed"] and FIRST4 not in [addresses(bench, "a-run%d" % number)[0] for number in range(3)]
    assert bench.engine.endpoint(PREFIX + "z-loop", FRONT)["IPAMConfig"]["IPv4Address"] == FIRST4
    bench.wait_for_loops()  # it still crashes by itself, and is not kept from starting


@pytest.mark.parametrize("driver", ["macvlan", "bridge"])
def test_two_ipv4_subnets(bench, driver):
    """A macvlan network takes them and gives each container its address in the one that was asked for; a bridge is refused."""
    pools = [{"subnet": "10.98.52.0/24"}, {"subnet": "10.98.53.0/24"}]
    if driver == "bridge":
        answer = bench.run(name=FRONT, ipam_config=pools)
        assert answer["failed"] and "10.98.53.0/24" in answer["msg"] and not bench.portrait()["networks"]
        return
    bench.network("front", Driver=driver, Options={"parent": PARENT},
                  IPAM={"Driver": "default", "Config": [{"Subnet": row["subnet"]} for row in pools]})
    bench.box("one", "front", endpoint=fixed("10.98.52.7"))
    bench.box("two", "front", endpoint=fixed("10.98.53.7"))
    before = bench.portrait()["containers"]
    assert bench.done(name=FRONT, driver="macvlan", driver_options={"parent": PARENT}, ipam_config=pools, labels={"changed": "1"})["changed"]
    assert bench.portrait()["containers"] == before
    assert [addresses(bench, box)[0] for box in ("one", "two")] == ["10.98.52.7", "10.98.53.7"]
