
"""Subnets for all hosts of a fleet: who takes part, what stands, and what is in the way."""
from __future__ import annotations

import ipaddress
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import WishError
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.subnets.fleet import fill, fleet, takes_part

POOL = "10.64.0.0/12"
LIST = [{"name": "app"}, {"name": "inner", "internal": True}]


def seen(networks=(), routes=(), addresses=()):
    """:param networks: (name, subnets); :param routes: (subnet, interface, gateway)"""
    return {"networks": [{"name": name, "config": {}, "subnets": subnets} for name, *subnets in networks],
            "host": {"routes": [dict(zip(("subnet", "interface", "gateway"), row)) for row in routes],
                     "addresses": [{"interface": "eth0", "address": text} for text in addresses]}}


def hosts(**more):
    return {name: {"list": LIST, "seen": more.get(name)} for name in ("h1", "h2", "h3")}


PLAN = fleet(POOL, None, hosts())["plan"]
MINE = PLAN["h1"]["app"]


def test_each_network_of_each_host_has_its_own():
    found = [text for share in PLAN.values() for text in share.values()]
    assert len(set(found)) == 6 and all(text.endswith("/24") for text in found)
    assert fleet(POOL, None, hosts())["unseen"] == ["h1", "h2", "h3"]
    assert fleet("fd00:64::/48", None, hosts())["plan"]["h1"]["app"].endswith("/64")
    assert fleet(POOL, "26", hosts())["plan"]["h1"]["app"].endswith("/26")


def test_what_is_seen_changes_nothing_where_nothing_is_there():
    everywhere = hosts(h1=seen(), h2=seen(routes=[("10.0.0.0/8", "wg0", "")]), h3=seen(networks=[("bridge", "172.17.0.0/16")]))
    assert fleet(POOL, None, everywhere) == {"plan": PLAN, "unseen": []}


def test_what_exists_stands():
    found = fleet(POOL, None, hosts(h2=seen([("app", "10.64.7.0/25", "fd00::/64")])))["plan"]
    assert found["h2"]["app"] == "10.64.7.0/25"
    assert {key: value for key, value in found.items() if key != "h2"} == {key: value for key, value in PLAN.items() if key != "h2"}
    assert fleet(POOL, None, hosts(h2=seen([("app", "192.0.2.0/24")])))["plan"] == PLAN


@pytest.mark.parametrize("row,part", [
    ({}, True), ({"driver": "bridge"}, True), ({"driver": "weave"}, True), ({"ipam_config": []}, True), ({"config_only": True}, True),
    ({"driver": "overlay"}, False), ({"driver": "macvlan"}, False), ({"driver": "ipvlan"}, False), ({"state": "absent"}, False),
    ({"ipam_config": [{"subnet": "10.0.0.0/24"}]}, False), ({"config_from": "x"}, False), ({"enable_ipv4": False}, False),
    ({"driver": "weave", "scope": "swarm"}, False), ({"driver": "weave", "scope": "local"}, True),
])
def test_who_takes_part(row, part):
    assert takes_part(dict(row, name="n"), 4) is part
    assert takes_part({"name": "n", "enable_ipv4": False}, 6)


def test_subnets_that_a_list_gives_are_left_out():
    crowd = {"h1": {"list": [{"name": "a", "ipam_config": [{"subnet": "10.0.0.0/26"}, {"subnet": "nonsense"}]}]},
             "h2": {"list": [{"name": "n%d" % at} for at in range(3)]}}
    assert "10.0.0.0/26" not in fleet("10.0.0.0/24", 26, crowd)["plan"]["h2"].values()


def test_the_way_to_the_network_is_not_in_its_way():
    through = seen(routes=[(MINE, "br-1", "")], networks=[("app", MINE)], addresses=["192.0.2.1"])
    elsewhere = seen(routes=[(MINE, "eth0", "192.0.2.1"), ("10.64.0.0/12", "eth0", "192.0.2.254")])
    assert fleet(POOL, None, hosts(h1=through, h2=elsewhere))["plan"] == PLAN


WRONG = [
    (dict(h2=seen(routes=[(MINE, "wg0", "")])), "Subnet {mine}, planned for network app of h1, overlaps the route {mine} through wg0 on "
     "h2; add that to networks_supernet_reserved, or remove the route."),
    (dict(h1=seen(addresses=["192.0.2.1"]), h2=seen(routes=[(MINE, "eth0", "192.0.2.9")])), "Subnet {mine}, planned for network app of h1, "
     "overlaps the route {mine} through eth0 on h2; add that to networks_supernet_reserved, or remove the route."),
    (dict(h1=seen(routes=[(MINE.replace("0/24", "128/25"), "wg0", "")])), "Subnet {mine}, planned for network app of h1, overlaps the "
     "route {half} through wg0 on h1; add that to networks_supernet_reserved, or remove the route."),
    (dict(h3=seen([("other", "10.64.0.0/12")])), "Subnet {first}, planned for network {net} of {host}, overlaps 10.64.0.0/12 of network "
     "other on h3; add that to networks_supernet_reserved, or remove one of the networks."),
    (dict(h1=seen([("app", "10.64.1.0/24")]), h2=seen([("app", "10.64.1.0/25")])), "The kept subnets 10.64.1.0/25 of h2/app and "
     "10.64.1.0/24 of h1/app overlap; one of them has to move."),
]


@pytest.mark.parametrize("found,message", WRONG)
def test_what_is_in_the_way_is_named(found, message):
    first, host, net = min((ipaddress.ip_network(text), host, net) for host, share in PLAN.items() for net, text in share.items())
    with pytest.raises(WishError) as caught:
        fleet(POOL, None, hosts(**found))
    assert str(caught.value) == message.format(mine=MINE, half=MINE.replace("0/24", "128/25"), first=first, host=host, net=net)


def test_a_list_that_gives_what_another_has():
    pair = {"h1": {"list": [{"name": "app"}], "seen": seen([("app", "10.64.1.0/24")])},
            "h2": {"list": [{"name": "fixed", "ipam_config": [{"subnet": "10.64.1.128/25"}]}]}}
    with pytest.raises(WishError) as caught:
        fleet(POOL, None, pair)
    assert str(caught.value) == (
        "Subnet 10.64.1.0/24, planned for network app of h1, overlaps 10.64.1.128/25, which the list of h2 gives network fixed; change "
        "that one, or remove the network on h1 for it to get another.")


def test_filled():
    rows = [{"name": "a", "labels": {"x": "y"}}, {"name": "b", "driver": "overlay"}]
    assert fill(rows, {"a": "10.0.0.0/24"}) == [
        {"name": "a", "labels": {"x": "y"}, "ipam_config": [{"subnet": "10.0.0.0/24"}]}, {"name": "b", "driver": "overlay"}]
    assert fill(rows[:1], {"a": "fd00::/64"})[0]["enable_ipv6"] is True
    assert fill([{"name": "a", "enable_ipv6": False}], {"a": "fd00::/64"})[0]["enable_ipv6"] is False and fill(rows, {}) == rows


routes = st.lists(st.builds(lambda base, length: str(ipaddress.ip_network(((10 << 24) + (64 << 16) + (base << 6), length), strict=False)),
                            st.integers(0, 40), st.integers(20, 28)), max_size=8)


@settings(max_examples=150, deadline=None)
@given(routes)
def test_every_route_in_the_way_is_found(texts):
    """Against the plain way to say it: any route that lies within a planned subnet."""
    room = {"h1": {"list": [{"name": "n%d" % at} for at in range(12)], "seen": seen()}, "h2": {"list": [], "seen": seen()}}
    planned = [ipaddress.ip_network(text) for text in fleet("10.64.0.0/21", 26, room)["plan"]["h1"].values()]
    room["h2"]["seen"] = seen(routes=[(text, "wg0", "") for text in texts])
    hit = any(ipaddress.ip_network(text).subnet_of(net) for text in texts for net in planned)
    try:
        fleet("10.64.0.0/21", 26, room)
        assert not hit
    except WishError:
        assert hit


def test_a_large_fleet_takes_no_time():
    many = {"host%d" % at: {"list": LIST, "seen": seen([("other%d" % at, "172.20.%d.0/24" % (at % 250))], [
        ("172.20.%d.0/24" % (at % 250), "br", ""), ("192.0.2.0/24", "eth0", "")], ["192.0.2.1"])} for at in range(1000)}
    began = time.process_time()
    assert len(fleet("10.0.0.0/8", None, many)["plan"]) == 1000
    assert time.process_time() - began < 2
