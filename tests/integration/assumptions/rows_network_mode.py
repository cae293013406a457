# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HostConfig.NetworkMode: a name survives a replacement, an id does not."""

from __future__ import annotations

from assumptions.assumption import Finding, assumption, refusal


def _replaced(engine, reference, before):
    """A container attached by `reference(id)`; bring it to the state `before`, then make the network anew."""
    name, subnet = engine.new_name("net"), engine.new_subnet()
    old = engine.network(name, subnet)
    container = engine.create(reference(old))
    if before != "created":
        engine.start(container)
    if before == "exited":
        engine.stop(container)
    if before == "running":
        engine.disconnect(old, container)
    engine.remove(old)
    engine.network(name, subnet)
    return name, container


def _running(engine, reference):
    name, container = _replaced(engine, reference, "running")
    connected = refusal(engine.connect, name, container)
    restarted = refusal(engine.restart, container)
    attached = sorted(key == name for key in engine.networks(container))
    alone = engine.state(container) == "running" and not engine.interfaces(container)
    seen = "connect: %s; restart: %s, interfaces: %s, networks in inspect: %d" % (
        connected or "accepted",
        restarted or "accepted",
        ",".join(engine.interfaces(container)) or "none",
        len(attached),
    )
    return Finding(connected == "could not find a network matching network mode" and alone, seen)


@assumption("running, attached by id: connect to the new network is refused; after a restart it runs without network, without error")
def mode_id_running(engine):
    return _running(engine, lambda identifier: identifier)


@assumption("running, attached by a prefix of the id: the same")
def mode_prefix_running(engine):
    return _running(engine, lambda identifier: identifier[:12])


def _stopped(engine, reference, before):
    name, container = _replaced(engine, reference, before)
    away = refusal(engine.disconnect, name, container)
    connected = refusal(engine.connect, name, container)
    started = refusal(engine.start, container)
    seen = "disconnect: %s; connect: %s; start: %s" % (
        away or "accepted",
        connected or "accepted",
        started or "accepted, interfaces: %s" % (",".join(engine.interfaces(container)) or "none"),
    )
    return Finding(bool(started), seen)


@assumption("stopped, attached by id: disconnect + connect, and still it never starts again")
def mode_id_stopped(engine):
    return _stopped(engine, lambda identifier: identifier, "exited")


@assumption("stopped, attached by a prefix of the id: the same")
def mode_prefix_stopped(engine):
    return _stopped(engine, lambda identifier: identifier[:12], "exited")


@assumption("never started, attached by id: the same")
def mode_id_created(engine):
    return _stopped(engine, lambda identifier: identifier, "created")


@assumption("attached by id: inspect shows the id as NetworkMode, the name as the key in Networks")
def mode_id_in_inspect(engine):
    name = engine.new_name("net")
    identifier = engine.network(name, engine.new_subnet())
    container = engine.create(identifier)
    keys = {identifier: "id", name: "name"}

    def shown():
        document = engine.inspect(container)
        listed = document["NetworkSettings"]["Networks"] or {}
        key = ",".join(keys.get(each, "?") for each in listed) or "none"
        return "mode %s key %s" % (keys.get(document["HostConfig"]["NetworkMode"], "?"), key)

    created = shown()
    engine.start(container)
    running = shown()
    return Finding(created == running == "mode id key name", "created: %s; running: %s" % (created, running))


@assumption("update cannot change NetworkMode")
def mode_is_fixed(engine):
    first, second = engine.new_name("net"), engine.new_name("net")
    engine.network(first, engine.new_subnet())
    engine.network(second, engine.new_subnet())
    container = engine.run(first)
    answer = refusal(engine.post, "/containers/%s/update" % container, {"NetworkMode": second})
    mode = engine.inspect(container)["HostConfig"]["NetworkMode"]
    return Finding(mode == first, "update: %s; mode %s" % (answer or "accepted", "unchanged" if mode == first else "changed"))


@assumption("attached by name: after disconnect, replacement and connect it keeps NetworkMode, keeps running, and survives a restart")
def mode_name_running(engine):
    name, container = _by_name(engine)
    connected = refusal(engine.connect, name, container)
    mode = engine.inspect(container)["HostConfig"]["NetworkMode"]
    engine.restart(container)
    interfaces = ",".join(engine.interfaces(container))
    seen = "connect: %s; mode %s; after restart %s with %s" % (
        connected or "accepted",
        "kept" if mode == name else "changed",
        engine.state(container),
        interfaces or "none",
    )
    return Finding(not connected and mode == name and interfaces == "eth0", seen)


def _by_name(engine):
    name, subnet = engine.new_name("net"), engine.new_subnet()
    old = engine.network(name, subnet)
    container = engine.run(name)
    engine.disconnect(old, container)
    engine.remove(old)
    engine.network(name, subnet)
    return name, container


@assumption("attached by name, its only network away: it keeps running")
def mode_name_without_network(engine):
    name = engine.new_name("net")
    engine.network(name, engine.new_subnet())
    container = engine.run(name)
    engine.disconnect(name, container)
    engine.remove(name)
    state = engine.state(container)
    restarted = refusal(engine.restart, container)
    after = engine.state(container)
    seen = "without network: %s; restart: %s; then: %s with %s" % (
        state,
        restarted or "accepted",
        after,
        (",".join(engine.interfaces(container)) or "none") if after == "running" else "-",
    )
    return Finding(state == "running", seen)


@assumption("attached by name: connect by the new network's id is the same; the key in Networks is the name, and it survives a restart")
def mode_name_connect_by_id(engine):
    name, container = _by_name(engine)
    identifier = engine.api.inspect_network(name)["Id"]
    connected = refusal(engine.connect, identifier, container)
    keys = ["name" if key == name else "id" if key == identifier else "?" for key in engine.networks(container)]
    restarted = refusal(engine.restart, container)
    attached = ",".join(engine.interfaces(container)) or "none"
    engine.stop(container)
    engine.disconnect(identifier, container)
    engine.connect(identifier, container)
    started = refusal(engine.start, container)
    seen = "connect: %s; key: %s; restart: %s with %s; stopped: connect by id, start: %s" % (
        connected or "accepted",
        ",".join(keys),
        restarted or "accepted",
        attached,
        started or "accepted",
    )
    return Finding(not (connected or restarted or started) and keys == ["name"] and attached == "eth0", seen)


@assumption("on the engine's default bridge and connected besides: only the other network's endpoint is touched by its replacement")
def mode_default_and_another(engine):
    name, subnet = engine.new_name("net"), engine.new_subnet()
    engine.network(name, subnet)
    container = engine.run("default")
    engine.connect(name, container)
    engine.disconnect(name, container)
    engine.remove(name)
    engine.network(name, subnet)
    connected = refusal(engine.connect, name, container)
    keys = sorted("the network" if key == name else key for key in engine.networks(container))
    seen = "connect: %s; networks: %s; mode %s" % (
        connected or "accepted",
        ",".join(keys),
        engine.inspect(container)["HostConfig"]["NetworkMode"],
    )
    return Finding(not connected and keys == ["bridge", "the network"], seen)


@assumption("connect is refused for a container in the host's namespace, in another's, or in none")
def mode_without_endpoints(engine):
    name = engine.new_name("net")
    engine.network(name, engine.new_subnet())
    answers = []
    for mode in ("host", "container:" + engine.run(name), "none"):
        container = engine.run(mode)
        answers.append("%s: %s" % (mode.partition(":")[0], "refused" if refusal(engine.connect, name, container) else "accepted"))
    return Finding(all("refused" in answer for answer in answers), "; ".join(answers))
