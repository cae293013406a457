# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of a network on a real engine, and the answers that once were taken for differences."""
from __future__ import annotations

import os

import pytest

from integration.networks.bench import PREFIX

MINE = PREFIX + "life"
# A link of the engine's host.
PARENT = os.environ.get("FLEETNET_PARENT", "eth0")


def test_create_again_change_remove(bench):
    wish = {"name": MINE, "labels": {"a": "1"}, "ipam_config": [{"subnet": "10.98.1.0/24", "gateway": "10.98.1.9"}]}
    assert bench.done(**wish)["actions"] == ["create network %s" % MINE]
    assert not bench.done(**wish)["changed"]
    told = bench.done(**dict(wish, labels={"a": "2"}), _ansible_check_mode=True)
    assert told["changed"] and bench.api.inspect_network(MINE)["Labels"] == {"a": "1"}
    done = bench.done(**dict(wish, labels={"a": "2"}))
    assert done["actions"] == told["actions"] == ["remove network %s" % MINE, "create network %s" % MINE]
    assert done["network"]["Labels"] == {"a": "2"} and done["network"]["IPAM"]["Config"][0]["Gateway"] == "10.98.1.9"
    assert bench.done(name=MINE, state="absent")["network"] == {}
    assert not bench.done(name=MINE, state="absent")["changed"]
    assert not bench.journals()


def every_option(number):
    """Each option that the table of driver options lets through, from its first engine on."""
    bridge, whole = "com.docker.network.bridge.", "com.docker.network."
    yield from {bridge + "name": "br-fnit", bridge + "enable_ip_masquerade": False, bridge + "enable_icc": "F", bridge + "inhibit_ipv4": 0,
                bridge + "host_binding_ipv4": "127.0.0.1", whole + "driver.mtu": 1400, whole + "container_iface_prefix": "net",
                whole + "host_ipv4": "192.0.2.1"}.items()
    if number >= (25, 0):
        yield whole + "host_ipv6", "2001:db8::1"
    if number >= (28, 0):
        yield from {bridge + "gateway_mode_ipv4": "isolated", bridge + "gateway_mode_ipv6": "nat-unprotected",
                    whole + "advertise_addr_nmsgs": 3, whole + "advertise_addr_ms": 500}.items()
    if number >= (28, 2):
        yield bridge + "trusted_host_interfaces", "wg0:tailscale0"


def forms(release):
    """What each driver can be asked for; what an engine cannot do is left out by its number."""
    number = tuple(map(int, release.split(".")))
    subnets = [{"subnet": "10.98.7.0/24", "gateway": "10.98.7.1", "iprange": "10.98.7.128/25", "aux_addresses": {"shim": "10.98.7.2"}}]
    both = [{"subnet": "FD00:98:0::/64", "gateway": "fd00:98::1"}, *subnets]
    yield "bare", {}
    yield "bridge", {"driver": "bridge", "exact": True, "driver_options": {}, "labels": {}}
    yield "subnets", {"ipam_config": subnets}
    yield "both families", {"enable_ipv6": True, "ipam_config": both}
    yield "IPv6 subnet, IPv4 from the engine", {"enable_ipv6": True, "ipam_config": both[:1]}
    yield "options", {"driver_options": {"com.docker.network.bridge.enable_icc": False, "com.docker.network.driver.mtu": 1400,
                                         "com.docker.network.bridge.name": "br-fnit"}, "exact": True}
    yield "flags", {"internal": True, "attachable": True, "enable_ipv4": True, "enable_ipv6": False, "scope": "local"}
    yield "IPAM named", {"ipam_driver": "default", "ipam_config": subnets}
    yield "macvlan", {"driver": "macvlan", "driver_options": {"parent": PARENT}, "ipam_config": subnets, "exact": True}
    yield "macvlan with a mode", {"driver": "macvlan", "driver_options": {"parent": PARENT, "macvlan_mode": "bridge"}, "exact": True}
    yield "macvlan without parent", {"driver": "macvlan", "internal": True, "ipam_config": subnets}
    yield "config only", {"config_only": True, "driver": "bridge", "ipam_config": subnets, "labels": {"a": "b"}}
    yield "every option", {"internal": True, "exact": True, "ipam_config": subnets, "driver_options": dict(every_option(number))}
    if number >= (27, 0):
        yield "IPv6 from the engine", {"enable_ipv6": True}
    if number >= (28, 0):
        yield "IPv6 alone", {"enable_ipv4": False, "enable_ipv6": True}
        yield "routed", {"driver_options": {"com.docker.network.bridge.gateway_mode_ipv4": "routed"}, "exact": True}


NAMES = [name for name, _options in forms("99.0")]


@pytest.mark.parametrize("form", NAMES)
def test_there_is_no_false_difference(bench, form):
    options = dict(forms(bench.engine.release)).get(form)
    if options is None:
        pytest.skip("engine %s cannot do this" % bench.engine.release)
    name = PREFIX + "form"
    wish = dict(options, name=name)
    made = bench.run(**wish)
    if form.startswith("macvlan") and made.get("failed") and "operation not supported" in made["msg"]:
        pytest.skip("this kernel has no macvlan, or no dummy links")
    assert not made.get("failed") and made["changed"], made
    again = bench.done(**wish)
    assert not again["changed"], again["reasons"]
    # A change of something else keeps all of it, and makes no difference either.
    changed = dict(wish, labels=dict(options.get("labels") or {}, added="1"))
    bench.done(**changed)
    assert not bench.done(**wish)["changed"] or options.get("exact")
    assert not bench.done(**changed)["changed"] or options.get("exact")
    bench.done(name=name, state="absent")


def test_a_network_from_a_configuration_network(bench):
    template, shared = PREFIX + "template", PREFIX + "shared"
    wish = [{"name": shared, "config_from": template, "driver": "bridge"},
            {"name": template, "config_only": True, "ipam_config": [{"subnet": "10.98.8.0/24"}], "labels": {"a": "b"},
             "driver_options": {"com.docker.network.driver.mtu": 1400}}]
    assert bench.done(networks=wish)["changed"]
    again = bench.done(networks=wish)
    assert not again["changed"], again["reasons"]
    bench.box("web", "shared")
    before = bench.portrait()["containers"]
    wish[1]["ipam_config"] = [{"subnet": "10.98.9.0/24"}]
    refused = bench.run(networks=wish)
    assert refused["fault"] == "input" and "while %s takes its configuration from it" % shared in refused["msg"]
    bench.done(networks=[dict(wish[0], force=True), wish[1]])
    assert bench.api.inspect_network(shared)["IPAM"]["Config"][0]["Subnet"] == "10.98.9.0/24"
    assert bench.portrait()["containers"].keys() == before.keys()
    bench.api.remove_container(PREFIX + "web", force=True)
    bench.done(networks=[{"name": template, "state": "absent"}, {"name": shared, "state": "absent"}])


def test_what_comes_from_a_configuration_network_is_checked_before(bench):
    front, template = PREFIX + "front", PREFIX + "template"
    bench.network("other", "10.98.10.0/24")
    bench.network("front", "10.98.11.0/24")
    bench.box("web", "front", endpoint={"IPAMConfig": {"IPv4Address": "10.98.11.9"}})
    before = bench.portrait()
    wish = [{"name": front, "config_from": template}, {"name": template, "config_only": True}]
    for options, said in (({"ipam_config": [{"subnet": "10.98.12.0/24"}]}, "in none of the new subnets (10.98.12.0/24)"),
                          ({}, "in none of the new subnets (the engine is to choose them)"),
                          ({"driver_options": {"com.docker.network.bridge.nmae": "x"}}, "did you mean com.docker.network.bridge.name?")):
        refused = bench.run(networks=[wish[0], dict(wish[1], **options)])
        assert refused["failed"] and refused["fault"] == "input" and said in refused["msg"], refused
    refused = bench.run(networks=[dict(wish[0], name=PREFIX + "new"), dict(wish[1], ipam_config=[{"subnet": "10.98.10.0/25"}])])
    assert refused["fault"] == "input" and "overlaps 10.98.10.0/24 of network %sother" % PREFIX in refused["msg"]
    assert bench.portrait() == before
    right = [wish[0], dict(wish[1], ipam_config=[{"subnet": "10.98.11.0/24"}], labels={"a": "b"})]
    assert bench.done(networks=right)["changed"] and bench.api.inspect_network(front)["Labels"] == {"a": "b"}
    assert not bench.done(networks=right)["changed"]
    assert bench.engine.endpoint(PREFIX + "web", front)["IPAddress"] == "10.98.11.9"
    bench.api.remove_container(PREFIX + "web", force=True)
    bench.done(networks=[{"name": template, "state": "absent"}, {"name": front, "state": "absent"}])


def test_a_configuration_network_becomes_a_real_one_and_back(bench):
    wish = {"name": MINE, "config_only": True, "ipam_config": [{"subnet": "10.98.13.0/24"}]}
    assert bench.done(**wish)["changed"]
    real = bench.done(name=MINE, config_only=False)["network"]
    assert real["Driver"] == "bridge" and real["IPAM"]["Config"][0]["Subnet"] == "10.98.13.0/24"
    bench.box("web", "life")
    refused = bench.run(name=MINE, config_only=True)
    assert "which no container can be on, but there is %sweb" % PREFIX in refused["msg"] and refused["fault"] == "input"
    bench.api.remove_container(PREFIX + "web", force=True)
    bench.done(name=MINE, internal=True)
    assert bench.done(name=MINE, config_only=True)["network"]["Driver"] == "null"
    assert not bench.done(**wish)["changed"]


def test_overlay(bench):
    name = PREFIX + "over"
    refused = bench.run(name=name, driver="overlay")
    assert refused["msg"] == "Network %s spans the swarm, but this host is in no swarm; create it on a manager." % name
    bench.api.init_swarm(advertise_addr="127.0.0.1")
    try:
        wish = {"name": name, "driver": "overlay", "attachable": True, "driver_options": {"encrypted": True},
                "ipam_config": [{"subnet": "10.98.20.0/24"}]}
        assert bench.done(**wish)["changed"]
        again = bench.done(**wish)
        assert not again["changed"], again["reasons"]
        bench.box("web", "over")
        before = bench.portrait()["containers"]
        assert bench.done(**dict(wish, labels={"a": "b"}))["changed"]
        assert bench.portrait()["containers"] == before
        bare = {"name": PREFIX + "bare", "driver": "overlay"}
        assert bench.done(**bare)["changed"] and not bench.done(**bare)["changed"]
        bench.clean()
    finally:
        bench.api.leave_swarm(force=True)
        bench.engine.until(lambda: bench.api.remove_network("docker_gwbridge") is None, "docker_gwbridge to go", 20)


def test_swapped_subnets_and_an_overlap(bench):
    one, two = PREFIX + "one", PREFIX + "two"
    bench.done(networks=[{"name": one, "ipam_config": [{"subnet": "10.98.31.0/24"}]},
                         {"name": two, "ipam_config": [{"subnet": "10.98.32.0/24"}]}])
    bench.box("web", "one")
    bench.done(networks=[{"name": one, "ipam_config": [{"subnet": "10.98.32.0/24"}]},
                         {"name": two, "ipam_config": [{"subnet": "10.98.31.0/24"}]}])
    assert bench.engine.endpoint(PREFIX + "web", one)["IPAddress"].startswith("10.98.32.")
    refused = bench.run(name=PREFIX + "three", ipam_config=[{"subnet": "10.98.32.128/25"}])
    assert refused["msg"] == ("Subnet 10.98.32.128/25 of network %sthree overlaps 10.98.32.0/24 of network %s; choose another, or set "
                              "allow_overlap." % (PREFIX, one))
