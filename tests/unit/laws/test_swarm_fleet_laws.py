# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The laws of the fleet's planner: every prefix keeps the quorum, and going on from any prefix reaches what is wanted."""
from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import FleetError
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.swarm import quorum

from unit.kinds.swarm.swarm_fleet_model import Fleet, Host

STARTS = ("out", "worker", "manager", "former manager", "pending", "orphan")
quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])


@st.composite
def fleets(draw, disturbed=False):
    """:param disturbed: also with hosts that cannot be asked, and with nodes that none of the hosts is."""
    count = draw(st.integers(1, 6))
    everybody_leaves = draw(st.integers(0, 4)) == 0
    roles = ("absent",) if everybody_leaves else ("manager", "worker", "absent")
    wanted = [draw(st.sampled_from(roles)) for _number in range(count)]
    if not everybody_leaves and "manager" not in wanted:
        wanted[0] = "manager"
    hosts = [Host("h%d" % n, role, "10.0.0.%d" % n, labels=draw(st.sampled_from([{}, {"rack": "1"}]))) for n, role in enumerate(wanted, 1)]
    fleet = Fleet(hosts)
    starts = [draw(st.sampled_from(STARTS)) for _host in hosts]
    if "manager" in starts:
        swarm = fleet.new_swarm()
        for role in ("manager", "worker"):
            for host, start in zip(hosts, starts):
                if start == role or (start, role) == ("former manager", "worker"):
                    fleet.enter(host, swarm, role)
                if start == "former manager" and role == "worker":
                    fleet.node(host).role = "manager"
        for host in hosts:
            for role in draw(st.lists(st.sampled_from(("worker", "manager")), max_size=1)):
                fleet.add(swarm, host.address, role, alive=False)
        if disturbed:
            for role in draw(st.lists(st.sampled_from(("worker", "manager")), max_size=2)):
                fleet.add(swarm, "10.0.9.9", role, alive=draw(st.booleans()))
            for host in hosts:
                host.known = draw(st.integers(0, 3)) > 0
                if not host.known and host.swarm:
                    fleet.node(host).alive = draw(st.booleans())
        if not fleet.leads(swarm):
            fleet.swarms[swarm] = [n for n in fleet.swarms[swarm] if n.alive]
    for host, start in zip(hosts, starts):
        if start == "pending":
            host.swarm, host.pending, host.remotes = "nowhere", True, ("10.0.0.250:2377",)
        elif start == "orphan" or (start in ("worker", "former manager") and "manager" not in starts):
            host.swarm, host.node, host.remotes = "dead", "node-of-%s" % host.name, (hosts[0].address + ":2377",)
    return fleet


def pending_is_no_membership(fleet):
    """The module gives a join up by itself that never went through; the model has no module."""
    for host in fleet.hosts.values():
        if host.pending and host.known:
            host.swarm = ""


def run(fleet, stop_after=None, shuffle=None, force=False):
    """:returns: how many acts were done"""
    done = 0
    for wave in fleet.plan(force)["waves"]:
        acts = fleet.acts(wave)
        for act in shuffle(acts) if shuffle else acts:
            if done == stop_after:
                return done
            pending_is_no_membership(fleet)
            fleet.act(*act)
            done += 1
    return done


def assert_reached(fleet):
    for host in (h for h in fleet.hosts.values() if h.known):
        node = fleet.node(host)
        assert (node.role if node else "absent") == host.wanted and (not node or node.votes == (host.wanted == "manager"))
        assert not node or set(host.labels.items()) <= set(node.labels.items())
    assert len({h.swarm for h in fleet.hosts.values() if h.known and h.swarm}) <= 1
    assert not fleet.plan()["waves"]


@quick
@given(fleets(), st.data())
def test_law_every_prefix_is_healthy_and_can_be_continued(fleet, data):
    total = len([act for wave in fleet.plan()["waves"] for act in fleet.acts(wave)])
    stop = data.draw(st.integers(0, total), label="killed after")
    run(fleet, stop, lambda acts: data.draw(st.permutations(acts)))
    run(fleet)
    assert_reached(fleet)
    current = {h.node for h in fleet.hosts.values()}
    for host in (h for h in fleet.hosts.values() if h.swarm):
        assert all(node.id in current for node in fleet.swarms[host.swarm]), "ghosts stay"


@quick
@given(fleets(disturbed=True), st.data())
def test_law_with_hosts_out_of_reach_it_goes_on_safely_or_refuses_untouched(fleet, data):
    try:
        run(fleet, data.draw(st.integers(0, 12), label="killed after"))
        run(fleet)
    except FleetError as reason:
        assert str(reason).endswith(".") and "\n" not in str(reason)
        return
    assert_reached(fleet)


@quick
@given(fleets())
def test_law_planning_is_pure_and_total(fleet):
    assert fleet.plan() == fleet.plan()


@pytest.mark.parametrize("managers, lost", [(1, 0), (2, 0), (3, 1), (4, 1), (5, 2), (7, 3)])
def test_quorum_tolerates(managers, lost):
    assert quorum.holds(managers, managers - lost)
    assert not quorum.holds(managers, managers - lost - 1)
