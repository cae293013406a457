# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses, names and subnets: what must go before what comes."""

from __future__ import annotations

from assumptions.assumption import Finding, assumption, refusal


def _renewed(engine, name, subnet, **more):
    engine.remove(name)
    return engine.network(name, subnet, **more)


@assumption("a dynamic address restored first takes a fixed one's place ('Address already in use'); fixed first, all come back")
def fixed_addresses_first(engine):
    name, subnet = engine.new_name("net"), engine.new_subnet()
    address = subnet.replace("0/24", "2")
    engine.network(name, subnet)
    fixed = engine.run(name, endpoint={"IPAMConfig": {"IPv4Address": address}})
    dynamic = engine.run(name)
    fixed_endpoint = {"IPAMConfig": {"IPv4Address": address}}
    for container in (fixed, dynamic):
        engine.disconnect(name, container)
    _renewed(engine, name, subnet)
    engine.connect(name, dynamic)
    wrong = refusal(engine.connect, name, fixed, **fixed_endpoint)
    engine.disconnect(name, dynamic)
    _renewed(engine, name, subnet)
    engine.connect(name, fixed, **fixed_endpoint)
    right = refusal(engine.connect, name, dynamic)
    same = engine.endpoint(fixed, name)["IPAddress"] == address
    seen = "dynamic first: %s; fixed first: %s, address %s" % (wrong or "accepted", right or "accepted", "kept" if same else "lost")
    return Finding(wrong == "Address already in use" and not right and same, seen)


@assumption("a fixed address is refused on a network without a subnet of the user's")
def fixed_address_needs_subnet(engine):
    name = engine.new_name("net")
    engine.network(name)
    container = engine.run(name)
    engine.disconnect(name, container)
    pool = engine.api.inspect_network(name)["IPAM"]["Config"][0]["Subnet"]
    address = pool.rsplit(".", 1)[0] + ".77"
    answer = refusal(engine.connect, name, container, IPAMConfig={"IPv4Address": address})
    return Finding(answer == "user configured subnets", "connect: %s" % (answer or "accepted"))


@assumption("a fixed IPv6 address beside a fixed IPv4 address is restored on connect, running and stopped")
def fixed_ipv6_returns(engine):
    name, subnet = engine.new_name("net"), engine.new_subnet()
    subnet6 = "fd00:97:%s::/64" % subnet.split(".")[2]
    ipam = {"Driver": "default", "Config": [{"Subnet": subnet}, {"Subnet": subnet6}]}
    wished = {"IPAMConfig": {"IPv4Address": subnet.replace("0/24", "8"), "IPv6Address": subnet6.replace("/64", "8")}}
    found = []
    engine.network(name, IPAM=ipam, EnableIPv6=True)
    container = engine.run(name, endpoint=wished)
    for state in ("running", "stopped"):
        if state == "stopped":
            engine.stop(container)
        engine.disconnect(name, container)
        _renewed(engine, name, None, IPAM=ipam, EnableIPv6=True)
        answer = refusal(engine.connect, name, container, **wished)
        if state == "stopped":
            engine.start(container)
        endpoint = engine.endpoint(container, name)
        same = (endpoint["IPAddress"], endpoint["GlobalIPv6Address"]) == tuple(wished["IPAMConfig"].values())
        found.append("%s: %s, %s" % (state, answer or "accepted", "both kept" if same else "lost"))
    return Finding(all("both kept" in each for each in found), "; ".join(found))


@assumption("a second network of the same name is refused")
def duplicate_names(engine):
    name = engine.new_name("net")
    engine.network(name)
    plain = refusal(engine.network, name, CheckDuplicate=False)
    checked = refusal(engine.network, name)
    seen = "CheckDuplicate false: %s; true: %s" % (plain or "accepted", checked or "accepted")
    return Finding(bool(plain) and bool(checked), seen)


@assumption("two networks with one subnet are refused, so the old one must go before the new one comes")
def same_subnet_twice(engine):
    subnet = engine.new_subnet()
    engine.network(engine.new_name("net"), subnet)
    answer = refusal(engine.network, engine.new_name("net"), subnet)
    return Finding(bool(answer), "create: %s" % (answer or "accepted"))


@assumption("network rm with a running member is refused, 'has active endpoints', and nothing changes")
def active_endpoints_hold(engine):
    name = engine.new_name("net")
    engine.network(name, engine.new_subnet())
    container = engine.run(name)
    answer = refusal(engine.remove, name)
    return Finding(
        answer == "has active endpoints" and container in engine.members(name),
        "network rm: %s" % (answer or "accepted"),
    )
