# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Aliases and links: what breaks silently when it is not given back."""

from __future__ import annotations

from assumptions.assumption import Finding, assumption, refusal


@assumption("an alias given on connect is resolved by a neighbour; without it only DNS breaks")
def alias_on_connect(engine):
    name = engine.new_name("net")
    engine.network(name, engine.new_subnet())
    container = engine.run(name, endpoint={"Aliases": ["www"]})
    neighbour = engine.run(name)
    before = engine.resolves(neighbour, "www")
    engine.disconnect(name, container)
    engine.connect(name, container)
    without = engine.resolves(neighbour, "www")
    own_name = engine.resolves(neighbour, engine.inspect(container)["Name"].lstrip("/"))
    engine.disconnect(name, container)
    engine.connect(name, container, Aliases=["www"])
    after = engine.resolves(neighbour, "www")
    facts = {"before": before, "reconnected without": without, "its name": own_name, "reconnected with": after}
    seen = "; ".join("%s: %s" % (key, "resolved" if value else "not") for key, value in facts.items())
    return Finding([before, without, own_name, after] == [True, False, True, True], seen)


@assumption("the short id passed back as an alias is accepted and shown (20.10), so it must be left out")
def short_id_as_alias(engine):
    name = engine.new_name("net")
    engine.network(name, engine.new_subnet())
    container = engine.run(name)
    engine.disconnect(name, container)
    answer = refusal(engine.connect, name, container, Aliases=[container[:12]])
    shown = (engine.endpoint(container, name).get("Aliases") or []).count(container[:12])
    return Finding(not answer and shown > 0, "connect: %s; shown %d times" % (answer or "accepted", shown))


@assumption("Links on connect are shown in inspect and resolved by the linking container")
def links_on_connect(engine):
    name = engine.new_name("net")
    engine.network(name, engine.new_subnet())
    target_name = engine.new_name("c-target")
    engine.run(name, name=target_name)
    container = engine.run(name)
    engine.disconnect(name, container)
    answer = refusal(engine.connect, name, container, Links=["%s:db" % target_name])
    shown = [link.partition(":")[2] for link in engine.endpoint(container, name).get("Links") or []]
    resolved = engine.resolves(container, "db")
    engine.restart(container)
    later = engine.resolves(container, "db")
    seen = "connect: %s; shown: %s; resolved: %s; after restart: %s" % (
        answer or "accepted",
        ",".join(shown) or "none",
        "yes" if resolved else "no",
        "yes" if later else "no",
    )
    return Finding(not answer and shown == ["db"] and resolved and later, seen)


@assumption("a name of a link is resolved although its target is reconnected afterwards, with another address")
def link_target_reconnected(engine):
    name = engine.new_name("net")
    engine.network(name, engine.new_subnet())
    target = engine.run(name, name=engine.new_name("c-target"))
    target_name = engine.inspect(target)["Name"].lstrip("/")
    container = engine.run(name, endpoint={"Links": ["%s:db" % target_name]})
    before = engine.resolves(container, "db")
    engine.disconnect(name, target)
    engine.connect(name, target)
    after = engine.resolves(container, "db")
    seen = "before: %s; after: %s" % ("resolved" if before else "not", "resolved" if after else "not")
    return Finding(before and after, seen)


@assumption("connect of a running container that is connected already is refused")
def connect_twice(engine):
    name = engine.new_name("net")
    engine.network(name, engine.new_subnet())
    container = engine.run(name)
    running = refusal(engine.connect, name, container)
    engine.stop(container)
    stopped = refusal(engine.connect, name, container)
    return Finding(bool(running), "running: %s; stopped: %s" % (running or "accepted", stopped or "accepted"))
