# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The diff and what firewall_info says: no option changes without a word of it."""
from __future__ import annotations

import copy
import functools

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.core.engine import converge
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall import exposure, kind

from unit.kinds.firewall.firewall_host_model import Host, completed

RULE = {"action": "accept", "protocols": ["tcp"], "ports": ["80"], "sources": ["10.0.0.1"], "limit": "10/second", "burst": 9, "comment": "web"}
POLICY = {
    "sets": [{"name": "office", "elements": ["10.%d.0.1" % number for number in range(200)]}, {"name": "web", "type": "ports", "elements": ["80"]}],
    "published": {"default": "drop", "rules": [dict(RULE, interfaces=["eth0"], networks=["front"])]},
    "forwarded": {"rules": [dict(RULE, **{"from": ["front"], "to": ["back"], "destinations": ["10.0.0.2"]})]},
    "host": {"default": "drop", "rules": [RULE]},
    "cluster": {"members": ["192.0.2.11"]}, "ssh_port": 22, "mark": 0x100000,
}
CHANGES = {
    "allow_lockout": True, "ssh_port": 2222, "mark": 0x200000, "cluster": None, "cluster.members": ["192.0.2.12"],
    "cluster.data_path_port": 4790, "cluster.encrypted": False, "published": None, "published.default": "accept", "published.direct": "accept",
    "published.rules.0.interfaces": ["eth1"], "published.rules.0.networks": ["back"], "published.rules.0.log": True,
    "published.rules.0.action": "accept", "forwarded.default": "drop", "forwarded.rules.0.from": ["outside"],
    "forwarded.rules.0.to": ["outside"], "forwarded.rules.0.destinations": ["10.0.0.3"], "host.rules.0.protocols": ["udp"],
    "host.rules.0.ports": ["81"], "host.rules.0.sources": ["10.0.0.9"], "host.rules.0.limit": "9/second", "host.rules.0.burst": 8,
    "host.rules.0.comment": "shop", "host.rules.0.log": True, "host.rules": [], "sets.1.elements": ["81"],
    "sets.0.elements.170": "192.0.2.99", "sets.0.elements.3": "10.3.0.2", "sets.0.name": "home",
}
NOTHING = {"published.rules.0.action"}  # the same as before


def changed(path):
    policy = copy.deepcopy(POLICY)
    place, *rest = [int(word) if word.isdigit() else word for word in path.split(".")][::-1]
    inner = policy
    for word in reversed(rest):
        inner = inner[word]
    inner[place] = CHANGES[path]
    return policy


def run(host, policy, name, check=False):
    return converge(kind, kind.desired(completed(dict(policy, backend=name))), host, check=check)


@functools.lru_cache(maxsize=2)
def furnished(name):
    host = Host(iptables="")
    run(host, POLICY, name)
    return host


@pytest.mark.parametrize("name", ["nftables", "iptables"])
@pytest.mark.parametrize("path", CHANGES)
def test_every_option_that_changes_is_in_the_diff_and_in_info(name, path):
    """In check mode: that the kernel shows afterwards what the plan calls after is a law of its own."""
    plan = run(furnished(name), changed(path), name, check=True).plan
    infos = [exposure.policy(ruleset) for part in plan.transactions for ruleset in (part.before.ruleset, part.after.ruleset)]
    assert bool(plan) == (plan.before != plan.after) == (infos[:1] != infos[1:]) == (path not in NOTHING)


def test_of_a_long_set_the_diff_spells_out_what_differs():
    host = Host()
    run(host, POLICY, "nftables")
    done = run(host, changed("sets.0.elements.170"), "nftables")
    before, after = done.plan.before["sets"]["office"], done.plan.after["sets"]["office"]
    assert (before[0], after[0]) == ("10.170.0.1", "192.0.2.99") and len(before) == len(after) == 2
    assert after[1].startswith("and 199 more of all 200 (digest ") and before[1] != after[1]


@pytest.mark.parametrize("name", ["nftables", "iptables"])
@pytest.mark.parametrize("port", [2377, 4789, 7945, 7946, 7947])
def test_the_data_path_port_is_told_wherever_it_lies(name, port):
    host = Host(iptables="")
    done = run(host, {"cluster": {"members": ["2001:db8::1"], "data_path_port": port, "encrypted": False}}, name)
    assert done.plan.after == {"cluster": {"members": ["2001:db8::1"], "data_path_port": port, "encrypted": False}, "mark": 0x100000,
                               "engine": done.plan.after["engine"]}
    assert not run(host, {"cluster": {"members": ["2001:db8::1"], "data_path_port": port, "encrypted": False}}, name).changed
