# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What inspect shows: which fields are the user's and which are the engine's."""

from __future__ import annotations

from assumptions.assumption import Finding, assumption


def _shape(endpoint, container_id):
    """The fields of one endpoint in words that are the same on every run."""
    aliases = endpoint.get("Aliases")
    names = endpoint.get("DNSNames")
    words = {None: "null"}

    def listed(values):
        if not values:
            return words.get(values, "empty")
        return "+".join(sorted("short id" if value == container_id[:12] else "name" if value.startswith("c-") else value for value in values))

    config = endpoint.get("IPAMConfig")
    return "Aliases %s; DNSNames %s; Mac %s; Address %s; IPAMConfig %s; NetworkID %s" % (
        listed(aliases),
        listed(names) if "DNSNames" in endpoint else "absent",
        "shown" if endpoint.get("MacAddress") else "empty",
        "shown" if endpoint.get("IPAddress") else "empty",
        "null" if config is None else ",".join(sorted(config)) or "{}",
        "shown" if endpoint.get("NetworkID") else "empty",
    )


def _shapes(engine, endpoint):
    name = engine.new_name("net")
    engine.network(name, engine.new_subnet())
    container = engine.create(name, endpoint=endpoint)
    shapes = {"created": _shape(engine.endpoint(container, name), container)}
    engine.start(container)
    shapes["running"] = _shape(engine.endpoint(container, name), container)
    engine.stop(container)
    shapes["exited"] = _shape(engine.endpoint(container, name), container)
    return shapes


@assumption("dynamic endpoint, created: no address, no MAC, no NetworkID, no alias")
def inspect_dynamic_created(engine):
    shape = _shapes(engine, None)["created"]
    return Finding("short id" not in shape.split(";")[0] and "Mac empty" in shape and "NetworkID empty" in shape, shape)


@assumption("dynamic endpoint, running: Aliases holds the short id, MacAddress is shown though nobody asked for one")
def inspect_dynamic_running(engine):
    shape = _shapes(engine, None)["running"]
    return Finding("short id" in shape.split(";")[0] and "Mac shown" in shape, shape)


@assumption("dynamic endpoint, stopped: no address and no MAC, the NetworkID stays")
def inspect_dynamic_stopped(engine):
    shape = _shapes(engine, None)["exited"]
    return Finding("Mac empty" in shape and "Address empty" in shape and "NetworkID shown" in shape, shape)


@assumption("alias and fixed address: shown when created, running and stopped; IPAMConfig is what tells fixed from dynamic")
def inspect_fixed(engine):
    wished = {"Aliases": ["www"], "IPAMConfig": {"IPv4Address": "10.97.%d.9" % (engine._subnet + 1)}}
    shapes = _shapes(engine, wished)
    holds = all("www" in shape and "IPAMConfig IPv4Address" in shape for shape in shapes.values())
    return Finding(holds, " | ".join("%s: %s" % item for item in shapes.items()))


@assumption("after disconnect + connect with nothing given, IPAMConfig of a dynamic endpoint is null or {}")
def inspect_reconnected(engine):
    name = engine.new_name("net")
    engine.network(name, engine.new_subnet())
    container = engine.run(name)
    engine.disconnect(name, container)
    engine.connect(name, container)
    shape = _shape(engine.endpoint(container, name), container)
    return Finding("IPAMConfig null" in shape or "IPAMConfig {}" in shape, shape)


@assumption("a requested MAC can be told from an assigned one: stopped, only the requested one is shown")
def inspect_requested_mac(engine):
    name = engine.new_name("net")
    engine.network(name, engine.new_subnet())
    found = []
    for where, body in (
        ("endpoint", {"endpoint": {"MacAddress": "02:42:aa:bb:cc:01"}}),
        ("container", {"MacAddress": "02:42:aa:bb:cc:02"}),
    ):
        container = engine.create(name, **body)
        shown = []
        for step in ("created", "running", "exited"):
            if step == "running":
                engine.start(container)
            if step == "exited":
                engine.stop(container)
            document = engine.inspect(container)
            mac = document["NetworkSettings"]["Networks"][name].get("MacAddress") or ""
            wished = mac.startswith("02:42:aa:bb:cc")
            shown.append("%s %s" % (step, "requested" if wished else "assigned" if mac else "empty"))
        config = document["Config"].get("MacAddress")
        found.append("in %s: %s, Config.MacAddress %s" % (where, " ".join(shown), "set" if config else "absent" if config is None else "empty"))
    text = " | ".join(found)
    return Finding(text.count("exited requested") == 2, text)


@assumption("GET /containers/json shows IPAMConfig, Aliases and DriverOpts as inspect does")
def list_shows_config(engine):
    name, subnet = engine.new_name("net"), engine.new_subnet()
    engine.network(name, subnet)
    wished = {"Aliases": ["www"], "IPAMConfig": {"IPv4Address": subnet.replace("0/24", "9")}, "DriverOpts": {"com.example.key": "value"}}
    container = engine.run(name, endpoint=wished)
    (listed,) = [each for each in engine.api.containers(all=True) if each["Id"] == container]
    endpoint = listed["NetworkSettings"]["Networks"][name]
    facts = {
        "IPAMConfig": bool((endpoint.get("IPAMConfig") or {}).get("IPv4Address")),
        "Aliases": bool(endpoint.get("Aliases")),
        "DriverOpts": bool(endpoint.get("DriverOpts")),
        "NetworkID": bool(endpoint.get("NetworkID")),
        "IPAddress": bool(endpoint.get("IPAddress")),
    }
    return Finding(all(facts.values()), " ".join("%s %s" % (key, "yes" if value else "no") for key, value in facts.items()))
