# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""MAC addresses: what is honoured, and where a request can be seen."""

from __future__ import annotations

from assumptions.assumption import Finding, assumption, refusal

MAC = "02:42:aa:bb:cc:0f"


def _mac(engine, container, network):
    mac = engine.endpoint(container, network).get("MacAddress") or ""
    return "honoured" if mac == MAC else "ignored" if mac else "empty"


def _two_networks(engine):
    first, second = engine.new_name("a"), engine.new_name("b")
    subnets = {first: engine.new_subnet(), second: engine.new_subnet()}
    for name, subnet in subnets.items():
        engine.network(name, subnet)
    return first, second, subnets


@assumption("MacAddress on connect is ignored without a word, running or stopped (honoured from 29.3)")
def mac_on_connect(engine):
    name, other, _subnets = _two_networks(engine)
    container = engine.run(name)
    answer = refusal(engine.connect, other, container, MacAddress=MAC)
    running = _mac(engine, container, other)
    engine.disconnect(other, container)
    engine.stop(container)
    second = refusal(engine.connect, other, container, MacAddress=MAC)
    engine.start(container)
    stopped = _mac(engine, container, other)
    seen = "running: %s, %s; stopped: %s, %s" % (answer or "accepted", running, second or "accepted", stopped)
    return Finding(running == "ignored" and stopped == "ignored", seen)


@assumption("a container-wide MAC is lost by a reconnect, also when connect asks for it again, although Config.MacAddress still shows it")
def mac_of_container_after_reconnect(engine):
    name = engine.new_name("net")
    engine.network(name, engine.new_subnet())
    container = engine.run(name, MacAddress=MAC)
    start = _mac(engine, container, name)
    engine.disconnect(name, container)
    engine.connect(name, container)
    plain = _mac(engine, container, name)
    engine.disconnect(name, container)
    engine.connect(name, container, MacAddress=MAC)
    given = _mac(engine, container, name)
    asked = bool(engine.inspect(container)["Config"].get("MacAddress"))
    engine.restart(container)
    restarted = _mac(engine, container, name)
    seen = "start: %s; reconnected: %s; with MacAddress: %s (Config.MacAddress %s); restarted: %s" % (
        start,
        plain,
        given,
        "kept" if asked else "gone",
        restarted,
    )
    return Finding(plain == "ignored" and given == "ignored", seen)


@assumption("Config.MacAddress is set only where a MAC was requested")
def config_mac_means_requested(engine):
    name, other, _subnets = _two_networks(engine)
    plain = engine.run(name)
    wished = engine.run(name, MacAddress=MAC)
    second = engine.create(name)
    engine.connect(other, second, MacAddress=MAC)
    engine.start(second)
    facts = [bool(engine.inspect(each)["Config"].get("MacAddress")) for each in (plain, wished, second)]
    seen = "nobody asked: %s; container-wide: %s; second network, before start: %s (%s)" % (
        *("set" if fact else "empty" for fact in facts),
        _mac(engine, second, other),
    )
    return Finding(facts[:2] == [False, True], seen)


@assumption("from 25 (API 1.44): several endpoints in one create")
def several_endpoints_in_create(engine):
    first, second, _subnets = _two_networks(engine)
    body = {"NetworkingConfig": {"EndpointsConfig": {first: {}, second: {"Aliases": ["www"]}}}}
    answer = refusal(engine.create, first, **body)
    return Finding((not answer) == (engine.number >= (25, 0)), "create: %s" % ("accepted" if not answer else "refused"))


@assumption("from 25: a MAC asked for on a second network at create is honoured, and once started told from an assigned one nowhere")
def mac_of_second_network(engine):
    first, second, _subnets = _two_networks(engine)
    body = {"NetworkingConfig": {"EndpointsConfig": {first: {}, second: {"MacAddress": MAC}}}}
    if refusal(engine.create, first, **body):
        return Finding(engine.number < (25, 0), "several endpoints in one create are refused")
    container = engine.create(first, **body)
    engine.start(container)
    running = _mac(engine, container, second)
    config = engine.inspect(container)["Config"].get("MacAddress")
    engine.stop(container)
    stopped = _mac(engine, container, second)
    engine.start(container)
    again = _mac(engine, container, second)
    seen = "running: %s; Config.MacAddress %s; stopped: %s; started again: %s" % (running, "set" if config else "empty", stopped, again)
    return Finding((running, bool(config), stopped, again) == ("honoured", False, "empty", "honoured"), seen)
