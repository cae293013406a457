# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Containers that were never started, are paused, or live in another's namespace."""

from __future__ import annotations

from assumptions.assumption import Finding, assumption, refusal


def _kept(facts):
    return " ".join("%s %s" % (name, "kept" if value else "lost") for name, value in facts.items())


@assumption("never started: it resolves the name at start, so a replaced network needs nothing")
def created_resolves_name(engine):
    name, subnet = engine.new_name("net"), engine.new_subnet()
    engine.network(name, subnet)
    container = engine.create(name)
    engine.remove(name)
    engine.network(name, subnet)
    started = refusal(engine.start, container)
    return Finding(not started, "start: %s" % (started or "accepted"))


@assumption("never started: disconnect + connect are accepted too, and aliases and address given at create survive without them")
def created_keeps_config(engine):
    name, subnet = engine.new_name("net"), engine.new_subnet()
    address = subnet.replace("0/24", "66")
    engine.network(name, subnet)
    container = engine.create(name, endpoint={"Aliases": ["www"], "IPAMConfig": {"IPv4Address": address}})
    engine.remove(name)
    engine.network(name, subnet)
    engine.start(container)
    shown = engine.endpoint(container, name)
    kept = {"aliases": "www" in (shown.get("Aliases") or []), "address": shown.get("IPAddress") == address}
    other = engine.create(name)
    away, back = refusal(engine.disconnect, name, other), refusal(engine.connect, name, other)
    started = refusal(engine.start, other)
    seen = "%s; disconnect: %s; connect: %s; start: %s" % (_kept(kept), away or "accepted", back or "accepted", started or "accepted")
    return Finding(all(kept.values()) and not (away or back or started), seen)


@assumption("paused: disconnect and connect are both accepted, and it is still paused")
def paused_accepts_both(engine):
    name, subnet = engine.new_name("net"), engine.new_subnet()
    engine.network(name, subnet)
    container = engine.run(name)
    engine.api.pause(container)
    away = refusal(engine.disconnect, name, container)
    engine.remove(name)
    engine.network(name, subnet)
    back = refusal(engine.connect, name, container)
    state = engine.state(container)
    engine.api.unpause(container)
    seen = "disconnect: %s; connect: %s; %s; interfaces %s" % (
        away or "accepted",
        back or "accepted",
        state,
        ",".join(engine.interfaces(container)) or "none",
    )
    return Finding(not (away or back) and state == "paused", seen)


@assumption("a container that shares a namespace (container:NAME) follows its owner and shows no networks of its own")
def shared_namespace_follows(engine):
    name, subnet = engine.new_name("net"), engine.new_subnet()
    engine.network(name, subnet)
    owner = engine.run(name)
    guest = engine.run("container:" + owner)
    shown = len(engine.networks(guest))
    engine.disconnect(name, owner)
    without = engine.interfaces(guest)
    engine.remove(name)
    engine.network(name, subnet)
    engine.connect(name, owner)
    after = engine.interfaces(guest)
    same = after == engine.interfaces(owner)
    seen = "networks in inspect %d; without: %s; after: %s" % (shown, ",".join(without) or "none", ",".join(after) or "none")
    return Finding(not without and bool(after) and same and shown == 0, seen)
