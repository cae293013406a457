# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparison of endpoints by meaning: another spelling is no difference, what differs is seen, and what is wished is had."""
from __future__ import annotations

import dataclasses
import ipaddress
from string import ascii_lowercase, digits

from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_read, docker_write
from ansible_collections.fleetnet.docker.plugins.module_utils.core.journal import Entry, decode, encode
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.endpoint.compare import COMPARED, differences, laid_over
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.endpoint.state import JOURNAL_TYPES, Engine, Observed, State, key_of
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.endpoint.wish import desired
from ansible_collections.fleetnet.docker.plugins.module_utils.values.endpoint import Run

from unit import strategies
from unit.laws import endpoints

NAMES = st.builds(str.__add__, st.sampled_from(ascii_lowercase), st.text(ascii_lowercase + digits + "_", min_size=1, max_size=6))
V4 = st.integers(2, 250).map(lambda host: "10.7.0.%d" % host)
V6 = st.integers(2, 2 ** 60).map(lambda host: str(ipaddress.ip_address(int(ipaddress.ip_address("fd00:7::")) + host)))
LOCAL = st.integers(2, 250).map(lambda host: "169.254.8.%d" % host)
RELEASES = st.sampled_from([(20, 10), (26, 1), (28, 5)])


@st.composite
def wishes(draw):
    """Options as a task has them, each given or not."""
    options = {
        "aliases": st.lists(NAMES, max_size=3), "links": st.lists(st.tuples(NAMES, st.none() | NAMES), max_size=2),
        "ipv4_address": st.just("") | V4, "ipv6_address": st.just("") | V6, "link_local_ips": st.lists(LOCAL, max_size=2),
        "driver_opts": st.dictionaries(NAMES, NAMES | st.booleans() | st.integers(0, 9), max_size=2), "gw_priority": st.integers(-5, 5),
    }
    given = {name: draw(value) for name, value in options.items() if draw(st.booleans())}
    if "links" in given:
        given["links"] = [name if alias is None else "%s:%s" % (name, alias) for name, alias in given["links"]]
    return dict(given, network="front", container=["web"], appends=draw(st.booleans()), exact=draw(st.booleans()))


@st.composite
def endings(draw):
    """An endpoint as an engine may show it."""
    end = draw(strategies.endpoints())
    return dataclasses.replace(end, network="front", links=tuple(sorted({"%s:x" % link for link in end.links})),
                               link_local_ips=tuple(sorted(draw(st.sets(LOCAL, max_size=2)))))


def respelled(draw, params):
    """The same wish, in other words and another order."""
    other = dict(params)
    for key in ("aliases", "link_local_ips"):
        if key in other:
            other[key] = draw(st.permutations(other[key] + other[key]))
    if "links" in other:
        other["links"] = [text if ":" in text else "%s:%s" % (text, text) for text in draw(st.permutations(other["links"]))]
    if other.get("ipv6_address"):
        value = ipaddress.ip_address(other["ipv6_address"])
        other["ipv6_address"] = draw(st.sampled_from([value.exploded, value.exploded.upper(), str(value).upper()]))
    if "driver_opts" in other:
        other["driver_opts"] = {key: {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
                                for key, value in reversed(list(other["driver_opts"].items()))}
    return other


def wish_of(params):
    return desired(endpoints.completed(params)).wishes[0]


def answered(end):
    """What inspect shows of a running container that was connected with the body made of this value."""
    config = docker_write.endpoint_body(end)["EndpointConfig"]
    details = {"Id": end.container, "Name": "/" + end.name, "State": {"Running": True}, "Config": {}, "HostConfig": {}}
    shown = dict(config, Aliases=[*config.get("Aliases", []), end.container[:12]], MacAddress="02:42:0a:07:00:02", NetworkID="n")
    return docker_read.endpoint(details, end.network, shown)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_another_spelling_is_the_same_wish(data):
    params = data.draw(wishes())
    assert wish_of(params) == wish_of(respelled(data.draw, params))


@settings(max_examples=30, deadline=None)
@given(wishes(), endings(), RELEASES)
def test_what_is_wished_is_had_when_it_was_attached(params, have, release):
    observed = Observed(engine=Engine(release))
    want = laid_over(wish_of(params), have)
    shown = answered(want)
    assert differences(want, shown, observed) == ()
    assert differences(laid_over(wish_of(params), shown), shown, observed) == (), "a second run finds nothing to do"


@settings(max_examples=30, deadline=None)
@given(wishes(), endings())
def test_what_is_not_given_stays(params, have):
    want = laid_over(wish_of(params), have)
    for field in COMPARED:
        if params.get(field) is None:
            assert getattr(want, field) == getattr(have, field)
    if params["appends"] and "aliases" in params:
        assert set(have.aliases) <= set(want.aliases)
    if "driver_opts" in params and not params["exact"]:
        assert set(dict(have.driver_opts)) <= set(dict(want.driver_opts))


@settings(max_examples=30, deadline=None)
@given(endings(), endings())
def test_what_differs_is_seen_field_by_field(one, other):
    other = dataclasses.replace(other, container=one.container)
    changed = {field for field in COMPARED if getattr(one, field) != getattr(other, field)}
    assert {gap.field for gap in differences(one, other, Observed())} == changed


@settings(max_examples=30, deadline=None)
@given(st.lists(endings(), max_size=3))
def test_the_journal_gives_back_what_was_written(ends):
    keys = tuple(sorted(key_of(end) for end in ends))
    state = State(keys, tuple(ends), tuple(Run(end.container, "up", end.name) for end in ends), ())
    entry = Entry("test", state, State(keys, (), (), tuple((*key, "02:42:0a:07:00:02") for key in keys)))
    assert decode(encode(entry), JOURNAL_TYPES) == entry
