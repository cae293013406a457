# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ports, interface numbers, sysctls and routes after a replacement."""

from __future__ import annotations

from assumptions.assumption import Finding, assumption, refusal


def _renewed(engine, name, subnet, **more):
    engine.remove(name)
    return engine.network(name, subnet, **more)


@assumption("a random published port changes, a given one is restored, by disconnect + connect of a running container")
def random_port_changes(engine):
    name, subnet = engine.new_name("net"), engine.new_subnet()
    engine.network(name, subnet)
    bindings = {"80/tcp": [{"HostPort": ""}], "81/tcp": [{"HostPort": "18981"}]}
    ports = {"80/tcp": {}, "81/tcp": {}}
    container = engine.run(name, host={"PortBindings": bindings}, ExposedPorts=ports)

    def published():
        listed = engine.inspect(container)["NetworkSettings"]["Ports"] or {}
        return {port: (entry or [{}])[0].get("HostPort") for port, entry in listed.items()}

    before = published()
    engine.disconnect(name, container)
    away = published()
    _renewed(engine, name, subnet)
    engine.connect(name, container)
    after = published()
    changed = before.get("80/tcp") != after.get("80/tcp") and bool(after.get("80/tcp"))
    kept = after.get("81/tcp") == "18981"
    seen = "while away: %s; random: %s; given: %s" % (
        "published" if any(away.values()) else "none",
        "changed" if changed else "lost" if not after.get("80/tcp") else "same",
        "restored" if kept else "lost",
    )
    return Finding(changed and kept, seen)


@assumption("published ports come back on whichever network is connected first, and do not follow the NetworkMode network")
def ports_with_two_networks(engine):
    first, second = engine.new_name("a"), engine.new_name("b")
    subnet = engine.new_subnet()
    engine.network(first, subnet)
    engine.network(second, engine.new_subnet())
    container = engine.create(first, host={"PortBindings": {"81/tcp": [{"HostPort": "18982"}]}}, ExposedPorts={"81/tcp": {}})
    engine.connect(second, container)
    engine.start(container)

    def port():
        listed = engine.inspect(container)["NetworkSettings"]["Ports"] or {}
        return "published" if (listed.get("81/tcp") or [{}])[0].get("HostPort") == "18982" else "lost"

    before = port()
    engine.disconnect(first, container)
    away = port()
    _renewed(engine, first, subnet)
    engine.connect(first, container)
    after = port()
    seen = "before: %s; first away: %s; after: %s" % (before, away, after)
    return Finding((before, away, after) == ("published",) * 3, seen)


@assumption("the interface's number changes when a running container is reconnected (eth0 becomes eth1)")
def interface_number_changes(engine):
    name, subnet = engine.new_name("net"), engine.new_subnet()
    engine.network(name, subnet)
    container = engine.run(name)
    before = engine.interfaces(container)
    engine.disconnect(name, container)
    _renewed(engine, name, subnet)
    engine.connect(name, container)
    after = engine.interfaces(container)
    return Finding(before == ["eth0"] and after == ["eth1"], "%s became %s" % (",".join(before), ",".join(after)))


@assumption("a sysctl of the container bound to net.*.eth0.* is lost by a reconnect, and back after a restart")
def interface_sysctl_lost(engine):
    name, subnet = engine.new_name("net"), engine.new_subnet()
    engine.network(name, subnet)
    key = "net.ipv4.conf.eth0.route_localnet"
    try:
        container = engine.create(name, host={"Sysctls": {key: "1"}})
        refused = refusal(engine.start, container)
    except Exception as error:  # the SDK's error types differ by release; the text is what is recorded
        return Finding(False, "refused at create: %s" % type(error).__name__)
    if refused:
        return Finding(False, "the container does not start")

    def value():
        interface = (engine.interfaces(container) or ["none"])[0]
        path = "/proc/sys/net/ipv4/conf/%s/route_localnet" % interface
        return "%s=%s" % (interface, engine.execute(container, "/bin/cat", path))

    before = value()
    engine.disconnect(name, container)
    _renewed(engine, name, subnet)
    engine.connect(name, container)
    after = value()
    engine.restart(container)
    restarted = value()
    seen = "before %s; reconnected %s; restarted %s" % (before, after, restarted)
    return Finding(before.endswith("=1") and after.endswith("=0") and restarted.endswith("=1"), seen)


@assumption("one network: the default route comes back with it")
def default_route_returns(engine):
    name, subnet = engine.new_name("net"), engine.new_subnet()
    engine.network(name, subnet)
    container = engine.run(name)
    before = engine.default_route(container).partition(" ")[2]
    engine.disconnect(name, container)
    away = engine.default_route(container)
    _renewed(engine, name, subnet)
    engine.connect(name, container)
    after = engine.default_route(container).partition(" ")[2]
    seen = "away: %s; after: %s" % (away or "none", "the same gateway" if after == before else after or "none")
    return Finding(bool(before) and not away and after == before, seen)


@assumption("two networks by name: the gateway is the same one after the network that gives it was replaced")
def gateway_of_two_returns(engine):
    names = sorted((engine.new_name("a"), engine.new_name("b")))
    subnets = {name: engine.new_subnet() for name in names}
    for name in names:
        engine.network(name, subnets[name])
    container = engine.create(names[1])
    engine.connect(names[0], container)
    engine.start(container)

    def owner():
        gateway = engine.default_route(container).rpartition(" ")[2]
        return next((name for name in names if engine.endpoint(container, name).get("Gateway") == gateway), "") if gateway else ""

    def replace(name):
        engine.disconnect(name, container)
        fallback = owner()
        _renewed(engine, name, subnets[name])
        engine.connect(name, container)
        return fallback

    before = owner()
    other = names[1 - names.index(before)]
    fallback = replace(before)
    after = owner()
    replace(other)
    end = owner()
    seen = "gateway by the %s name; away: %s; after: %s; the other one replaced: %s" % (
        "first" if before == names[0] else "second",
        "the other's" if fallback == other else "none",
        "the same" if after == before else "the other's",
        "the same" if end == before else "the other's",
    )
    return Finding(after == before and end == before, seen)
