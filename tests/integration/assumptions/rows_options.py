# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Driver options, link-local addresses, and which network gives the gateway."""

from __future__ import annotations

from assumptions.assumption import Finding, assumption, refusal


@assumption("unknown DriverOpts on connect are kept in inspect")
def driver_options_on_connect(engine):
    name = engine.new_name("net")
    engine.network(name, engine.new_subnet())
    container = engine.run(name)
    engine.disconnect(name, container)
    answer = refusal(engine.connect, name, container, DriverOpts={"com.example.key": "value"})
    kept = engine.endpoint(container, name).get("DriverOpts") == {"com.example.key": "value"}
    return Finding(not answer and kept, "connect: %s; %s" % (answer or "accepted", "kept" if kept else "lost"))


@assumption("from 27: endpoint.sysctls on connect is honoured, whatever the interface is called now")
def endpoint_sysctls(engine):
    name = engine.new_name("net")
    engine.network(name, engine.new_subnet())
    option = {"com.docker.network.endpoint.sysctls": "net.ipv4.conf.IFNAME.route_localnet=1"}
    container = engine.run(name, endpoint={"DriverOpts": option})

    def value():
        interface = (engine.interfaces(container) or ["none"])[0]
        return engine.execute(container, "/bin/cat", "/proc/sys/net/ipv4/conf/%s/route_localnet" % interface)

    before = value()
    engine.disconnect(name, container)
    answer = refusal(engine.connect, name, container, DriverOpts=option)
    after = value()
    seen = "at start %s; connect: %s; after %s" % (before, answer or "accepted", after)
    return Finding((before, after) == (("1", "1") if engine.number >= (27, 0) else ("0", "0")), seen)


@assumption("from 28: endpoint.ifname on connect gives the interface its name")
def endpoint_ifname(engine):
    name = engine.new_name("net")
    engine.network(name, engine.new_subnet())
    container = engine.run(name)
    engine.disconnect(name, container)
    answer = refusal(engine.connect, name, container, DriverOpts={"com.docker.network.endpoint.ifname": "eth7"})
    interfaces = engine.interfaces(container)
    seen = "connect: %s; %s" % (answer or "accepted", ",".join(interfaces) or "none")
    return Finding((interfaces == ["eth7"]) == (engine.number >= (28, 0)), seen)


@assumption("from 28: GwPriority on connect is honoured and shown; before, the field is dropped")
def gateway_priority(engine):
    names = sorted((engine.new_name("a"), engine.new_name("b")))
    for name in names:
        engine.network(name, engine.new_subnet())
    container = engine.run(names[0])
    answer = refusal(engine.connect, names[1], container, GwPriority=10)
    endpoint = engine.endpoint(container, names[1])
    shown = endpoint.get("GwPriority")
    moved = engine.default_route(container).endswith("via " + endpoint["Gateway"])
    seen = "connect: %s; shown: %s; gateway %s" % (answer or "accepted", "absent" if shown is None else shown, "moved" if moved else "not moved")
    return Finding(moved == (engine.number >= (28, 0)), seen)


@assumption("without priorities the gateway belongs to the network whose name sorts first, not to the one connected first")
def gateway_by_name(engine):
    names = sorted((engine.new_name("a"), engine.new_name("b")))
    for name in names:
        engine.network(name, engine.new_subnet())
    found = []
    for first, second in (names, names[::-1]):
        container = engine.run(first)
        engine.connect(second, container)
        gateway = engine.default_route(container).rpartition(" ")[2]
        owner = next(name for name in names if engine.endpoint(container, name)["Gateway"] == gateway)
        found.append("first" if owner == names[0] else "second")
    return Finding(found == ["first", "first"], "created on first: %s; created on second: %s" % tuple(found))


@assumption("link-local addresses in IPAMConfig on connect are kept in inspect")
def link_local_addresses(engine):
    name = engine.new_name("net")
    engine.network(name, engine.new_subnet())
    container = engine.run(name)
    engine.disconnect(name, container)
    answer = refusal(engine.connect, name, container, IPAMConfig={"LinkLocalIPs": ["169.254.8.8"]})
    kept = (engine.endpoint(container, name).get("IPAMConfig") or {}).get("LinkLocalIPs") == ["169.254.8.8"]
    return Finding(not answer and kept, "connect: %s; %s" % (answer or "accepted", "kept" if kept else "lost"))
