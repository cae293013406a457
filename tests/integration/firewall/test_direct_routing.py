# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Engines from 28 on drop in the raw table what comes straight to a container: with each way out that the warning names, packets pass.

Without one, nothing does: test_one_port_between_networks_against_the_engines_isolation.
"""
from __future__ import annotations

import contextlib
import itertools
import json

import pytest

from integration.firewall.test_sections import BOTH, DATABASE, EVERY, OTHER, asks, forwarded, of, shielded

OPTION = "com.docker.network.bridge."
FILE = "/etc/docker/daemon.json"
NUMBERS = {"front": 5, "back": 6}
BRIDGES = {"front": "fnfw-br5", "back": "fnfw-br6"}
UNPROTECTED = {OPTION + "gateway_mode_ipv4": "nat-unprotected", OPTION + "gateway_mode_ipv6": "nat-unprotected"}


@contextlib.contextmanager
def the_daemon_allows_it(site):
    former = site.run("cat", FILE, check=False)
    site.feed(json.dumps(dict(json.loads(former or "{}"), **{"allow-direct-routing": True})), "tee", FILE)
    site.restart_engine()
    try:
        yield
    finally:
        site.empty()
        if former:
            site.feed(former, "tee", FILE)
        else:
            site.run("rm", "-f", FILE)
        site.restart_engine()


def of_network(way, name):
    other = BRIDGES["back" if name == "front" else "front"]
    return {"unprotected": UNPROTECTED, "trusted": {OPTION + "trusted_host_interfaces": other}}.get(way, {})


@pytest.fixture(params=["unprotected", "trusted", "daemon"])
def way(request, site):
    if int(site.release.partition(".")[0]) < 28:
        pytest.skip("engines before 28 drop nothing in the raw table")
    site.empty()
    with the_daemon_allows_it(site) if request.param == "daemon" else contextlib.nullcontext():
        yield request.param
    site.apply(state="absent")
    site.empty()


def test_what_is_accepted_between_networks_passes(site, way):
    boxes = {}
    for name, number in NUMBERS.items():
        site.network(name, number, Options=dict(of_network(way, name), **{OPTION + "name": BRIDGES[name]}))
        boxes[name] = site.box(name + "er", name)
        boxes[name].serve(*itertools.product(BOTH, (DATABASE, OTHER)))
    front, back = boxes["front"], boxes["back"]
    site.apply(state="absent")
    isolated = asks(site, front.side, of(back), DATABASE)
    assert not isolated
    done = site.apply(forwarded=forwarded(
        {"action": "accept", "from": ["fnfw-front"], "to": ["fnfw-back"], "protocols": BOTH, "ports": [str(DATABASE)]}))
    assert not shielded(done), done["warnings"]
    assert asks(site, front.side, of(back), DATABASE) == EVERY
    assert not asks(site, front.side, of(back), OTHER)
    assert not asks(site, back.side, of(front), DATABASE)
