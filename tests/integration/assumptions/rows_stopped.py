# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stopped containers keep the old network's id until they are re-pointed."""

from __future__ import annotations

from assumptions.assumption import Finding, assumption, refusal


def _stopped_and_replaced(engine, endpoint=None, **arguments):
    name, subnet = engine.new_name("net"), engine.new_subnet()
    engine.network(name, subnet)
    container = engine.run(name, endpoint=endpoint, **arguments)
    engine.stop(container)
    engine.remove(name)
    new = engine.network(name, subnet)
    return name, new, container


@assumption("a network whose members are all stopped can be removed")
def stopped_do_not_hold(engine):
    name = engine.new_name("net")
    engine.network(name, engine.new_subnet())
    engine.stop(engine.run(name))
    removed = refusal(engine.remove, name)
    return Finding(not removed, "network rm: %s" % (removed or "accepted"))


@assumption("stopped, not re-pointed, a network of the same name there: it fails to start, 'network ... not found'")
def stopped_not_repointed(engine):
    name, new, container = _stopped_and_replaced(engine)
    stale = engine.endpoint(container, name).get("NetworkID") != new
    started = refusal(engine.start, container)
    return Finding(started == "not found", "inspect shows %s id; start: %s" % ("the old" if stale else "the new", started or "accepted"))


@assumption("stopped: connect alone, without disconnect, re-points it")
def stopped_connect_alone(engine):
    name, new, container = _stopped_and_replaced(engine)
    connected = refusal(engine.connect, name, container)
    stopped = _pointed(engine, container, name, new)
    started = refusal(engine.start, container)
    seen = "connect: %s; NetworkID %s; start: %s; NetworkID %s" % (
        connected or "accepted",
        stopped,
        started or "accepted",
        _pointed(engine, container, name, new),
    )
    return Finding(not (connected or started), seen)


def _pointed(engine, container, name, new):
    identifier = engine.endpoint(container, name).get("NetworkID")
    return "new" if identifier == new else "old" if identifier else "empty"


@assumption("stopped: disconnect + connect re-points it and it starts")
def stopped_repointed(engine):
    name, new, container = _stopped_and_replaced(engine)
    away = refusal(engine.disconnect, name, container)
    gone = name not in engine.networks(container)
    connected = refusal(engine.connect, name, container)
    stopped = _pointed(engine, container, name, new)
    started = refusal(engine.start, container)
    seen = "disconnect: %s (%s); connect: %s; NetworkID %s; start: %s; NetworkID %s" % (
        away or "accepted",
        "entry gone" if gone else "entry stays",
        connected or "accepted",
        stopped,
        started or "accepted",
        _pointed(engine, container, name, new),
    )
    return Finding(not (away or connected or started), seen)


@assumption("stopped: disconnect by name is accepted while the network is away, and clears the entry")
def stopped_network_away(engine):
    name = engine.new_name("net")
    engine.network(name, engine.new_subnet())
    container = engine.run(name)
    engine.stop(container)
    engine.remove(name)
    identifier = engine.endpoint(container, name).get("NetworkID")
    by_id = refusal(engine.disconnect, identifier, container)
    by_name = refusal(engine.disconnect, name, container)
    gone = name not in engine.networks(container)
    seen = "by id: %s; by name: %s; entry %s" % (by_id or "accepted", by_name or "accepted", "gone" if gone else "stays")
    return Finding(not by_name and gone, seen)


@assumption("stopped: connect with aliases, a fixed address and driver options shows them in inspect at once, and start honours them")
def stopped_keeps_config(engine):
    name, _new, container = _stopped_and_replaced(engine)
    subnet = engine.api.inspect_network(name)["IPAM"]["Config"][0]["Subnet"]
    address = subnet.replace("0/24", "77")
    engine.disconnect(name, container)
    engine.connect(name, container, Aliases=["www"], IPAMConfig={"IPv4Address": address}, DriverOpts={"com.example.key": "value"})
    stopped = engine.endpoint(container, name)
    before = {
        "aliases": "www" in (stopped.get("Aliases") or []),
        "address": (stopped.get("IPAMConfig") or {}).get("IPv4Address") == address,
        "options": bool(stopped.get("DriverOpts")),
    }
    engine.start(container)
    running = engine.endpoint(container, name)
    after = {
        "aliases": "www" in (running.get("Aliases") or []),
        "address": running.get("IPAddress") == address,
        "options": bool(running.get("DriverOpts")),
    }
    seen = "stopped: %s; running: %s" % (_kept(before), _kept(after))
    return Finding(all(before.values()) and all(after.values()), seen)


def _kept(facts):
    return " ".join("%s %s" % (name, "kept" if value else "lost") for name, value in facts.items())
