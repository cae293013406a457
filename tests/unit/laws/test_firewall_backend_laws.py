# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The laws for the firewall's two back ends: going from either to either leaves nothing behind, whatever fails on the way."""
from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, given, settings

from ansible_collections.fleetnet.docker.plugins.module_utils.core.engine import converge
from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import ConvergeError
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall import backend, kind, told

from unit.kinds.firewall.firewall_host_model import Host, Killed, Trouble, completed, policies
from unit.laws.test_firewall_laws import OLD, at

few = settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
WAYS = list(itertools.product(("nftables", "iptables"), repeat=2))
NEW = completed({"host": {"default": "drop", "rules": [{"action": "accept", "ports": [80], "limit": "9/hour"}]},
                 "forwarded": {"rules": [{"action": "accept", "from": ["back"], "to": ["front"]}]}})
ways = pytest.mark.parametrize("way", WAYS, ids="_to_".join)


def run(host, params, name, stage="keep", check=False):
    return converge(kind, kind.desired(dict(params, backend=name, confirm=stage)), host, check=check)


def furnished(name, stage="keep"):
    host = Host(iptables="")
    run(host, OLD, name, stage)
    host.executed.clear()
    return host


@ways
@few
@given(params=policies())
def test_what_is_in_force_afterwards_is_the_policy_and_nothing_else(way, params):
    host = furnished(way[0])
    before = host.portrait()
    shown = run(host, params, way[1], check=True)
    assert host.portrait() == before
    done = run(host, params, way[1])
    assert shown.plan == done.plan and list(done.plan.steps) == host.executed
    fresh = Host(iptables="")
    run(fresh, params, way[1])
    assert host.portrait() == fresh.portrait() and not run(host, params, way[1]).changed
    assert bool(host.listing) != bool(host.iptables)
    if done.changed:
        assert done.plan.after == told.shown(backend.in_force(way[1], done.observed)[1])


@ways
@pytest.mark.parametrize("when", ["before_step", "after_step"])
def test_faults_and_kills_at_each_step(way, when):
    wanted = furnished(way[0])
    run(wanted, NEW, way[1])
    for number in range(1, len(wanted.executed) + 1):
        host = furnished(way[0])
        before = host.portrait()
        setattr(host, when, at(number, Trouble("refused")))
        with pytest.raises(ConvergeError) as caught:
            run(host, NEW, way[1])
        assert caught.value.rolled_back == "true" and host.portrait() == before
        host = furnished(way[0])
        setattr(host, when, at(number, Killed()))
        with pytest.raises(Killed):
            run(host, NEW, way[1])
        setattr(host, when, lambda step: None)
        run(host, NEW, way[1])
        assert host.portrait() == wanted.portrait()
