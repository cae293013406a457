# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rule can say besides, where packets have not judged it in another test: sets, limits and refusals of published ports and between
networks, the way straight to a container, another data path.
"""
from __future__ import annotations

import itertools

import pytest

from integration.firewall.site import HOST4, HOST_SIDE, LAN_SIDE, NEAR4, NEAR6
from integration.firewall.test_sections import BOTH, EVERY, FAR, HOST, NEAR, TCP, asks, forwarded, of

OPEN, SHUT, INNER, SERVICE, OTHER = 18300, 18301, 8080, 18310, 18311
SETS = [{"name": "near", "elements": [NEAR4, NEAR6]}, {"name": "open", "type": "ports", "elements": [str(OPEN)]},
        {"name": "service", "type": "ports", "elements": ["%d-%d" % (SERVICE, SERVICE), "3306"]}]


@pytest.fixture(scope="module")
def web(site):
    """A container that publishes two ports, and listeners on the LAN."""
    site.empty()
    site.network("options", 21)
    box = site.box("web", "options", [(port, INNER, protocol, "") for port in (OPEN, SHUT) for protocol in BOTH])
    box.serve(*itertools.product(BOTH, (INNER,)))
    site.serve(LAN_SIDE, *itertools.product(BOTH, (SERVICE, OTHER)))
    site.serve(HOST_SIDE, *itertools.product(BOTH, (4789, 4790)))
    yield box
    site.apply(state="absent")
    site.empty()


def test_sets_of_addresses_and_ports_for_published_ports(site, web):
    rule = {"action": "accept", "protocols": BOTH, "ports": ["@open"], "sources": ["@near"]}
    site.apply(sets=SETS, published={"default": "drop", "rules": [rule]})
    assert asks(site, LAN_SIDE, HOST, OPEN, NEAR) == EVERY
    assert asks(site, LAN_SIDE, HOST, OPEN, FAR) == set()
    assert asks(site, LAN_SIDE, HOST, SHUT, NEAR) == set()


def test_sets_of_addresses_and_ports_between_networks_and_outside(site, web):
    site.apply(sets=SETS, forwarded=forwarded({"action": "drop", "from": ["fnfw-options"], "to": ["outside"], "protocols": BOTH,
                                               "destinations": ["@near"], "ports": ["@service"]}))
    assert asks(site, web.side, NEAR, SERVICE) == set()
    assert asks(site, web.side, NEAR, OTHER) == EVERY
    assert asks(site, web.side, FAR, SERVICE) == TCP  # the LAN's answers to datagrams come from the other address


@pytest.mark.parametrize("section", ["published", "forwarded"])
def test_a_limit(site, web, section):
    rule = {"action": "accept", "protocols": ["tcp"], "limit": "2/hour", "burst": 3, "log": True}
    if section == "published":
        site.apply(published={"default": "drop", "rules": [dict(rule, ports=[str(OPEN)])]})
        answered = sum(site.ask(LAN_SIDE, *[("tcp", HOST4, OPEN)] * 7))
    else:
        site.apply(forwarded=forwarded(dict(rule, **{"from": ["fnfw-options"], "to": ["outside"]}), default="drop"))
        answered = sum(site.ask(web.side, *[("tcp", NEAR4, SERVICE)] * 7))
    assert 3 <= answered <= 4, "3 at once, and the kernel may count one more"


@pytest.mark.parametrize("section", ["published", "forwarded"])
def test_reject_answers_at_once(site, web, section):
    rule = {"action": "reject", "protocols": ["tcp"], "ports": [str(OPEN if section == "published" else SERVICE)]}
    site.apply(**{section: forwarded(rule)})
    side, where = (LAN_SIDE, (HOST4, OPEN)) if section == "published" else (web.side, (NEAR4, SERVICE))
    code = "import socket\ntry:\n socket.create_connection(%r, 5)\nexcept ConnectionRefusedError: print('refused')" % (where,)
    assert site.run(*side, "python3", "-c", code) == "refused\n"


def test_the_way_straight_to_a_container(site, web):
    site.apply(state="absent")
    without = asks(site, LAN_SIDE, of(web), INNER)
    assert without or site.release not in ("20.10", "26.1"), "these engines let a neighbour in where a port is published"
    site.apply(published={"default": "accept"})
    assert asks(site, LAN_SIDE, of(web), INNER) == set()
    site.apply(published={"default": "accept", "direct": "accept"})
    assert asks(site, LAN_SIDE, of(web), INNER) == without


def test_a_swarm_with_another_data_path_port(site, web):
    site.apply(cluster={"members": [NEAR4, NEAR6], "data_path_port": 4790})
    assert asks(site, LAN_SIDE, HOST, 4790, NEAR) >= EVERY - TCP
    assert not asks(site, LAN_SIDE, HOST, 4790, FAR) & (EVERY - TCP)
    assert asks(site, LAN_SIDE, HOST, 4789, FAR) >= EVERY - TCP
