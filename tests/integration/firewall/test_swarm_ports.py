# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports that a swarm's services publish, in host mode and by the ingress mesh, on a swarm of one."""
from __future__ import annotations

import itertools
import time

import pytest

from integration.firewall.site import FAR4, FAR6, HOST4, HOST6, LABEL, LAN_SIDE, NEAR4, NEAR6, Box

HOST_MODE, INGRESS, INNER, WAIT_SECONDS = 18200, 18201, 80, 60
BOTH = ("tcp", "udp")
KINDS = list(itertools.product(((HOST4, NEAR4, FAR4), (HOST6, NEAR6, FAR6)), BOTH))


@pytest.fixture(scope="module")
def swarm(site):
    """:returns: the container of a service with both kinds of ports"""
    site.empty()
    site.api.init_swarm(advertise_addr=HOST4, listen_addr=HOST4)
    try:
        ports = [{"PublishedPort": outer, "TargetPort": inner, "Protocol": protocol, "PublishMode": mode} for protocol in BOTH
                 for outer, inner, mode in ((HOST_MODE, INNER, "host"), (INGRESS, 81, "ingress"))]
        made = site.api._post_json(site.api._url("/services/create"), data={
            "Name": "fnfw-service", "EndpointSpec": {"Ports": ports},
            "TaskTemplate": {"ContainerSpec": {"Image": site.image, "Command": ["sleep", "3600"], "Labels": {LABEL: "1"}}}})
        site.api._raise_for_status(made)
        box = started(site)
        box.serve(*itertools.product(BOTH, (INNER, 81)))
        yield box
    finally:
        site.api.leave_swarm(force=True)
        site.apply(state="absent")


def started(site):
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        for row in site.api.containers(filters={"label": LABEL}):
            return Box(site, site.api.inspect_container(row["Id"])["State"]["Pid"], "", "")
        time.sleep(0.5)
    raise AssertionError("the service's container did not start: %s" % site.api.tasks())


def asks(site, port, who):
    return site.ask(LAN_SIDE, *[(protocol, where[0], port, where[who]) for where, protocol in KINDS])


def policy(port):
    return {"default": "drop", "rules": [{"action": "accept", "ports": [str(port)], "protocols": list(BOTH), "sources": [NEAR4, NEAR6]}]}


def test_host_mode(site, swarm):
    site.apply(state="absent")
    served = asks(site, HOST_MODE, 2)
    assert served[:2] == [True, True]  # over IPv6 only where the engine or docker-proxy serves it
    site.apply(published=policy(HOST_MODE))
    assert asks(site, HOST_MODE, 1) == served and asks(site, HOST_MODE, 2) == [False] * 4


@pytest.fixture
def mesh(site, swarm):
    """Where the kernel has no ip_vs the engine leaves its rules for the mesh out; they are put in as it makes them elsewhere."""
    if str(INGRESS) in site.run("iptables", "-t", "nat", "-S"):
        yield
        return
    inner = site.run(*swarm.side, "sh", "-c", "ip -4 -o address | grep -o '172[.][0-9.]*' | head -1").strip()
    rules = [rule for protocol in BOTH for rule in (
        ("-t", "nat", "PREROUTING", "-p", protocol, "--dport", str(INGRESS), "-m", "addrtype", "--dst-type", "LOCAL",
         "-j", "DNAT", "--to-destination", inner + ":81"),
        ("-t", "filter", "FORWARD", "-p", protocol, "-d", inner, "--dport", "81", "-j", "ACCEPT"))]
    for how in ("-I", "-D"):
        if how == "-D":
            yield
        for rule in rules:
            site.run("iptables", *rule[:2], how, *rule[2:])


def test_ingress_is_judged_by_the_published_port(site, swarm, mesh):
    site.apply(state="absent")
    questions = [(protocol, HOST4, INGRESS, who) for protocol in BOTH for who in (NEAR4, FAR4)]
    assert site.ask(LAN_SIDE, *questions) == [True] * 4
    before = counters(site, policy(INGRESS))
    assert site.ask(LAN_SIDE, *questions) == [True, False] * 2
    after = counters(site, policy(INGRESS))
    assert all(after[title] > before[title] for title in ("published 1", "published default"))


def counters(site, section):
    site.apply(published=section)
    return {row["rule"]: row["packets"] for row in site.module("firewall_info")["counters"]}
