# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine restarting in the middle of a replacement."""

from __future__ import annotations

from assumptions.assumption import Finding, assumption, refusal

ALWAYS = {"RestartPolicy": {"Name": "always"}}


def _settled(engine, container):
    engine.until(lambda: engine.state(container) in ("running", "exited"), "the container to settle")
    return engine.state(container)


@assumption("restart after disconnect, before rm: the container comes back without network, and connect repairs it")
def engine_restart_after_disconnect(engine):
    name = engine.new_name("net")
    engine.network(name, engine.new_subnet())
    container = engine.run(name, host=ALWAYS)
    engine.disconnect(name, container)
    engine.restart_engine()
    state = _settled(engine, container)
    attached = ",".join(engine.interfaces(container)) if state == "running" else "-"
    connected = refusal(engine.connect, name, container)
    engine.until(lambda: engine.state(container) == "running", "the container to run")
    after = ",".join(engine.interfaces(container)) or "none"
    seen = "after the restart: %s with %s; connect: %s, %s" % (state, attached or "none", connected or "accepted", after)
    return Finding(not connected and after.startswith("eth"), seen)


@assumption("restart while the network is away: the disconnected container comes back, create + connect repair it")
def engine_restart_network_away(engine):
    name, subnet = engine.new_name("net"), engine.new_subnet()
    engine.network(name, subnet)
    container = engine.run(name, host=ALWAYS)
    stopped = engine.run(name)
    engine.stop(stopped)
    engine.disconnect(name, container)
    engine.remove(name)
    engine.restart_engine()
    state = _settled(engine, container)
    attached = ",".join(engine.interfaces(container)) if state == "running" else "-"
    engine.network(name, subnet)
    connected = refusal(engine.connect, name, container)
    after = ",".join(engine.interfaces(container)) or "none"
    engine.connect(name, stopped)
    started = refusal(engine.start, stopped)
    seen = "after the restart: %s with %s; connect: %s, %s; a stopped one: connect, start: %s" % (
        state,
        attached or "none",
        connected or "accepted",
        after,
        started or "accepted",
    )
    return Finding(not connected and after.startswith("eth") and not started, seen)


@assumption("restart after create, before connect: the same")
def engine_restart_before_connect(engine):
    name, subnet = engine.new_name("net"), engine.new_subnet()
    engine.network(name, subnet)
    container = engine.run(name, host=ALWAYS)
    engine.disconnect(name, container)
    engine.remove(name)
    engine.network(name, subnet)
    engine.restart_engine()
    state = _settled(engine, container)
    attached = ",".join(engine.interfaces(container)) if state == "running" else "-"
    connected = refusal(engine.connect, name, container)
    after = ",".join(engine.interfaces(container)) or "none"
    seen = "after the restart: %s with %s; connect: %s, %s" % (state, attached or "none", connected or "accepted", after)
    return Finding(not connected and after.startswith("eth"), seen)


@assumption("a container without restart policy is exited after it, its endpoint's configuration kept")
def engine_restart_without_policy(engine):
    name, subnet = engine.new_name("net"), engine.new_subnet()
    engine.network(name, subnet)
    address = subnet.replace("0/24", "44")
    container = engine.run(name, endpoint={"Aliases": ["www"], "IPAMConfig": {"IPv4Address": address}})
    engine.restart_engine()
    state = engine.state(container)
    endpoint = engine.endpoint(container, name)
    kept = "www" in (endpoint.get("Aliases") or []) and (endpoint.get("IPAMConfig") or {}).get("IPv4Address") == address
    return Finding(state == "exited" and kept, "%s, configuration %s" % (state, "kept" if kept else "lost"))
