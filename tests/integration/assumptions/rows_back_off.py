# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Containers in restart back-off: seen by nobody, and easily left half attached."""

from __future__ import annotations

from assumptions.assumption import Finding, assumption, refusal

# At 7 restarts the engine waits 100 ms * 2^7 = 12.8 s before the next.
RESTARTS = 7
WAIT = {"RestartPolicy": {"Name": "always"}}


def _backing_off(engine):
    name, subnet = engine.new_name("net"), engine.new_subnet()
    engine.network(name, subnet)
    container = engine.run(name, command=["/bin/sh", "-c", "exit 1"], host=WAIT)
    engine.until(lambda: _waits(engine, container), "a long restart back-off")
    return name, subnet, container


def _waits(engine, container):
    document = engine.inspect(container)
    return document["RestartCount"] >= RESTARTS and document["State"]["Status"] == "restarting"


@assumption("restarting: missing from the network's Containers; disconnect says 'is not connected'; the network can be removed")
def back_off_is_invisible(engine):
    name, _subnet, container = _backing_off(engine)
    listed = container in engine.members(name)
    away = refusal(engine.disconnect, name, container)
    removed = refusal(engine.remove, name)
    state = engine.state(container)
    seen = "listed: %s; disconnect: %s; network rm: %s; state %s" % (
        "yes" if listed else "no",
        away or "accepted",
        removed or "accepted",
        state,
    )
    return Finding(not listed and away == "is not connected to" and not removed, seen)


@assumption("restarting, network away at the next retry: it stays exited for good")
def back_off_without_network(engine):
    name, subnet, container = _backing_off(engine)
    engine.remove(name)
    engine.until(lambda: engine.state(container) not in ("restarting", "running"), "the next retry", seconds=30)
    engine.network(name, subnet)
    document = engine.inspect(container)
    kept = engine.state(container)
    started = refusal(engine.start, container)
    seen = "state %s; error: %s; start once the network is back: %s" % (
        kept,
        "not found" if "not found" in document["State"]["Error"] else document["State"]["Error"] or "none",
        started or "accepted",
    )
    return Finding(kept == "exited", seen)


@assumption("restarting: connect makes an endpoint that leaks; after rm of the container it blocks network rm; disconnect -f clears it")
def back_off_connect_leaks(engine):
    name, subnet, container = _backing_off(engine)
    container_name = engine.inspect(container)["Name"].lstrip("/")
    engine.remove(name)
    engine.network(name, subnet)
    connected = refusal(engine.connect, name, container)
    listed = bool(engine.members(name))
    engine.stop(container)
    engine.api.remove_container(container, force=True)
    orphans = len(engine.members(name))
    removed = refusal(engine.remove, name)
    cleared = refusal(engine.disconnect, name, container_name, force=True) if orphans else ""
    again = refusal(engine.remove, name) if removed else ""
    seen = "connect: %s, listed: %s; after container rm: %d orphan; network rm: %s; disconnect -f: %s; rm again: %s" % (
        connected or "accepted",
        "yes" if listed else "no",
        orphans,
        removed or "accepted",
        (cleared or "accepted") if orphans else "not needed",
        (again or "accepted") if removed else "not needed",
    )
    return Finding(orphans == 1 and removed == "has active endpoints" and not cleared and not again, seen)


@assumption("restarting: stop, disconnect + connect, start works; no orphan endpoint is left")
def back_off_stop_first(engine):
    name, subnet, container = _backing_off(engine)
    engine.stop(container)
    engine.remove(name)
    engine.network(name, subnet)
    away = refusal(engine.disconnect, name, container)
    connected = refusal(engine.connect, name, container)
    started = refusal(engine.start, container)
    engine.until(lambda: engine.state(container) == "restarting", "the restart back-off to come back")
    engine.stop(container)
    orphans = len(engine.members(name))
    seen = "disconnect: %s; connect: %s; start: %s; orphans %d" % (
        away or "accepted",
        connected or "accepted",
        started or "accepted",
        orphans,
    )
    return Finding(not (away or connected or started) and orphans == 0, seen)


@assumption("stop during the back-off resets RestartCount and keeps the restart policy")
def back_off_stop_resets(engine):
    _name, _subnet, container = _backing_off(engine)
    engine.stop(container)
    document = engine.inspect(container)
    engine.start(container)
    count = engine.inspect(container)["RestartCount"]
    policy = document["HostConfig"]["RestartPolicy"]["Name"]
    seen = "stopped: %s; policy %s; count after start %s" % (
        document["State"]["Status"],
        policy,
        "small" if count < RESTARTS else "kept",
    )
    return Finding(count < RESTARTS and policy == "always", seen)
