# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparison by meaning: however an engine spells its answer, there is no difference; and what differs is seen."""
from __future__ import annotations

import dataclasses
import ipaddress

from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_read, docker_write
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.network.compare import differences
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.network.wish import desired

from unit import strategies
from unit.laws import engine_ipam, networks


def answered(net, major=28):
    """What the engine in memory shows of a network made from this value's request body."""
    raw = engine_ipam.answer(docker_write.network_body(net), None, major)
    return dict(raw, Id=net.id)


def spell_address(draw, text):
    """Another spelling of the same address."""
    value = ipaddress.ip_address(text)
    if value.version == 4:
        return text
    return draw(st.sampled_from([str(value), value.exploded, str(value).upper(), value.exploded.upper()]))


def respelled(draw, raw):
    """The same answer, as some engine between 20.10 and 29 might have put it."""
    raw = dict(raw, IPAM=dict(raw["IPAM"], Config=draw(st.permutations([_row(draw, row) for row in raw["IPAM"]["Config"]]))))
    raw["Options"] = dict(reversed(list(raw["Options"].items())))
    if draw(st.booleans()):
        raw["Options"].update({"com.docker.network.enable_ipv4": "true", "com.docker.network.enable_ipv6": "false"})
    for key in ("Labels", "Options"):
        if not raw[key] and draw(st.booleans()):
            raw[key] = None
    if draw(st.booleans()):
        raw["Status"] = {"IPAM": {"Subnets": {}}}
    if raw.get("EnableIPv4") and draw(st.booleans()):
        del raw["EnableIPv4"]
    return raw


def _row(draw, row):
    net = ipaddress.ip_network(row["Subnet"])
    host = spell_address(draw, str(net[draw(st.integers(0, 5))]))
    row = dict(row, Subnet="%s/%d" % (host, net.prefixlen))
    if row.get("Gateway"):
        row["Gateway"] = spell_address(draw, row["Gateway"]) + draw(st.sampled_from(["", "/%d" % net.prefixlen]))
    if row.get("AuxiliaryAddresses") and draw(st.booleans()):
        aux = row.pop("AuxiliaryAddresses")
        row["AuxAddress"] = {key: spell_address(draw, aux[key]) for key in reversed(list(aux))}
    return row


@settings(max_examples=40, deadline=None)
@given(strategies.networks(), st.sampled_from([20, 26, 28]))
def test_what_is_written_is_read_again(net, major):
    assert docker_read.network(answered(net, major)) == net


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_another_spelling_is_no_difference(data):
    net = data.draw(strategies.networks())
    raw = respelled(data.draw, answered(net))
    assert differences(net, docker_read.network(raw), exact=True) == ()


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_what_the_engine_fills_in_is_no_difference(data):
    net = data.draw(strategies.networks())
    raw = answered(net)
    for row in raw["IPAM"]["Config"]:
        row.setdefault("Gateway", str(ipaddress.ip_network(row["Subnet"])[1]))
    raw["Options"]["com.docker.network.driver.added"] = "1"
    raw["Labels"] = dict(raw["Labels"], **{"com.docker.compose.project": "p"})
    assert differences(net, docker_read.network(raw)) == ()


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_what_does_differ_is_seen(data):
    net = data.draw(strategies.networks())
    change = data.draw(st.sampled_from(["internal", "driver", "labels", "driver_options", "ipam_config"]))
    first = ipaddress.ip_network(net.ipam_config[0].subnet)
    moved = str(ipaddress.ip_network((int(first.network_address) + 2 ** 20, first.prefixlen)))
    value = {"internal": not net.internal, "driver": "overlay", "labels": (("zz", "new"),), "driver_options": (("zz", "new"),),
             "ipam_config": (dataclasses.replace(net.ipam_config[0], subnet=moved),)}[change]
    found = differences(dataclasses.replace(net, **{change: value}), docker_read.network(answered(net)))
    assert [gap.field for gap in found] == [change]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_wish_in_another_spelling_is_the_same_wish(data):
    net = data.draw(strategies.networks())
    rows, spelled = [], []
    for pool in net.ipam_config:
        rows.append({"subnet": pool.subnet, "gateway": pool.gateway, "iprange": pool.ip_range,
                     "aux_addresses": dict(pool.aux_addresses or ()) or None})
        base, prefix = pool.subnet.split("/")
        spelled.append(dict(rows[-1], subnet="%s/%s" % (spell_address(data.draw, base), prefix),
                            gateway=pool.gateway and spell_address(data.draw, pool.gateway)))
    plain = desired(networks.completed({"name": net.name, "ipam_config": rows}))
    other = desired(networks.completed({"name": net.name, "ipam_config": data.draw(st.permutations(spelled))}))
    assert plain == other


@settings(max_examples=40, deadline=None)
@given(strategies.endpoints())
def test_an_endpoint_is_given_back_as_it_was(end):
    config = docker_write.endpoint_body(end)["EndpointConfig"]
    details = {"Id": end.container, "Name": "/" + end.name, "State": {"Running": True}, "Config": {}, "HostConfig": {}}
    assert docker_read.endpoint(details, end.network, config) == end
