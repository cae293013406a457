# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What firewall_info says: the policy in force, counters, and what is open to everyone."""
from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall import compile as compiled, exposure, ipt, kind, nft
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall.state import Scope

from unit.kinds.firewall.firewall_host_model import Host, completed, policies

SEEN = Host().observe(Scope())


def ruleset(**params):
    """As the kernel shows it."""
    return nft.parse(nft.render(compiled.ruleset(kind.desired(completed(params)), SEEN)).split("\n", 2)[2])


def opened(default, *rules, sets=()):
    found = exposure.families(ruleset(published={"default": default, "rules": list(rules)}, sets=list(sets)), [("tcp", 8080)])
    return found["tcp", 8080]


@pytest.mark.parametrize("default,rules,families", [
    ("accept", [], (4, 6)),
    ("drop", [], ()),
    ("drop", [{"action": "accept", "ports": ["8000-8100"]}], (4, 6)),
    ("drop", [{"action": "accept", "ports": ["8080"], "protocols": ["udp"]}], ()),
    ("drop", [{"action": "accept"}], (4, 6)),
    ("drop", [{"action": "accept", "ports": ["8080"], "sources": ["10.0.0.0/8"]}], ()),
    ("drop", [{"action": "accept", "ports": ["8080"], "sources": ["0.0.0.0/0"]}], (4,)),
    ("drop", [{"action": "accept", "ports": ["8080"], "sources": ["::/0", "10.0.0.0/8"]}], (6,)),
    ("drop", [{"action": "accept", "ports": ["8080"], "interfaces": ["eth0"]}], ()),
    ("drop", [{"action": "accept", "ports": ["8080"], "networks": ["front"]}], ()),
    ("accept", [{"action": "drop", "ports": ["8080"], "interfaces": ["eth0"]}], (4, 6)),
    ("accept", [{"action": "drop", "ports": ["8080"]}, {"action": "accept", "ports": ["8080"]}], ()),
    ("accept", [{"action": "reject", "ports": ["@web"]}], ()),
    ("accept", [{"action": "reject", "ports": ["@ssh"]}], (4, 6)),
])
def test_open_to_everyone(default, rules, families):
    sets = [{"name": "web", "type": "ports", "elements": ["80", "8000-9000"]}, {"name": "ssh", "type": "ports", "elements": ["22"]}]
    assert opened(default, *rules, sets=sets) == families


def test_without_a_policy_everything_published_is_open():
    rows = [("container", "web", "tcp", 8080, (4,)), ("container", "web", "tcp", 8080, (6,)), ("container", "dns", "udp", 53, (4, 6))]
    assert exposure.report(None, rows) == [
        {"container": "dns", "protocol": "udp", "port": 53, "families": ["IPv4", "IPv6"]},
        {"container": "web", "protocol": "tcp", "port": 8080, "families": ["IPv4", "IPv6"]}]
    assert exposure.report(ruleset(host={"default": "drop"}), rows[:2]) == exposure.report(None, rows[:2])
    assert exposure.report(ruleset(published={"default": "drop"}), rows) == []


def test_what_is_published_in_one_family_is_open_in_that_one_only():
    rows = [("container", "web", "tcp", 8080, (4,)), ("container", "six", "tcp", 8081, (6,)), ("service", "shop", "tcp", 8082, (4, 6))]
    assert exposure.report(None, rows) == [
        {"container": "six", "protocol": "tcp", "port": 8081, "families": ["IPv6"]},
        {"container": "web", "protocol": "tcp", "port": 8080, "families": ["IPv4"]},
        {"service": "shop", "protocol": "tcp", "port": 8082, "families": ["IPv4", "IPv6"]}]
    only = ruleset(published={"default": "drop", "rules": [{"action": "accept", "ports": ["8080-8082"], "sources": ["::/0"]}]})
    assert [(row["port"], row["families"]) for row in exposure.report(only, rows)] == [(8081, ["IPv6"]), (8082, ["IPv6"])]


@pytest.mark.parametrize("elements,sources,families", [
    (["0.0.0.0/0"], ["@all"], (4,)), (["0.0.0.0/0", "::/0"], ["@all"], (4, 6)), (["0.0.0.0/1"], ["@all", "128.0.0.0/1"], (4,)),
    (["0.0.0.0/1"], ["@all"], ()), (["::/1", "8000::/1"], ["@all"], (6,)), ([], ["@all"], ())])
def test_a_set_of_all_addresses_is_everyone(elements, sources, families):
    assert opened("drop", {"action": "accept", "sources": sources}, sets=[{"name": "all", "elements": elements}]) == families


@given(policies())
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_the_policy_in_force_is_told_so_that_it_is_that_policy(params):
    params["ssh_port"] = params["ssh_port"] or 22  # where nobody says it, the port stands elsewhere
    made = compiled.ruleset(kind.desired(params), SEEN)
    for read in (nft.parse(nft.render(made).split("\n", 2)[2]), ipt.parse(ipt.render(made))):
        assert compiled.ruleset(kind.desired(completed(exposure.policy(read))), SEEN) == made


def test_the_policy_in_force_in_the_words_of_the_options():
    rule = {"action": "accept", "from": ["front"], "to": ["back"], "protocols": ["tcp"], "ports": ["3306"], "comment": "database"}
    limited = {"action": "accept", "protocols": ["tcp", "udp"], "ports": ["@web", "53"], "sources": ["@office", "10.0.0.1"],
               "limit": "10/second", "burst": 7, "log": True, "interfaces": ["eth0"], "networks": ["front"]}
    sets = [{"name": "office", "type": "addresses", "elements": ["192.0.2.0/24", "2001:db8::/32"]},
            {"name": "web", "type": "ports", "elements": ["80", "8000-8010"]}]
    made = ruleset(sets=sets, forwarded={"rules": [rule]}, published={"default": "drop", "rules": [limited]}, cluster={"members": ["192.0.2.11"]},
                   allow_lockout=True)
    assert exposure.policy(made) == {
        "sets": sets, "cluster": {"members": ["192.0.2.11"], "data_path_port": 4789, "encrypted": True}, "mark": 0x100000, "allow_lockout": True,
        "forwarded": {"default": "accept", "rules": [rule]},
        "published": {"default": "drop", "direct": "drop", "rules": [dict(limited, ports=["53", "@web"], sources=["10.0.0.1", "@office"])]}}
    assert exposure.policy(None) == {"sets": []}


def test_counters_have_a_row_for_each_rule_and_default():
    made = ruleset(published={"default": "drop", "rules": [{"action": "accept", "ports": ["80", "90"], "comment": "web"}]})
    rows = {row["rule"]: row for row in exposure.counters(made)}
    assert list(rows) == ["published 1", "published default", "loopback", "kept: SSH", "published on loopback", "inside one network", "direct"]
    assert rows["published 1"] == {"rule": "published 1", "text": "accept tcp port 80,90 (web)", "packets": 0, "bytes": 0}
    assert exposure.counters(None) == []


@pytest.mark.parametrize("sources,destinations,told_as", [
    (["0.0.0.0/0"], ["10.0.0.0/8"], "drop destination 10.0.0.0/8"),
    (["10.0.0.0/8"], ["0.0.0.0/0", "::/0"], "drop source 10.0.0.0/8"),
    (["::/0"], ["::/0"], "drop source ::/0"),
    (["@office"], ["0.0.0.0/0"], "drop source @office destination 0.0.0.0/0"),
    (["0.0.0.0/0", "2001:db8::/32"], ["10.0.0.0/8", "::/0"], "drop source 0.0.0.0/0,2001:db8::/32 destination 10.0.0.0/8,::/0"),
    (["0.0.0.0/0"], ["@office"], "drop source 0.0.0.0/0 destination @office"),
    (["10.0.0.0/8", "2001:db8::/32"], ["10.0.0.0/8"], "drop source 10.0.0.0/8 destination 10.0.0.0/8"),
    (["0.0.0.0/0", "::/0"], None, "drop source 0.0.0.0/0,::/0"),
])
def test_a_whole_family_is_told_on_its_side_and_only_where_it_says_something(sources, destinations, told_as):
    sets = [{"name": "office", "elements": ["192.0.2.7", "2001:db8::7"]}]
    rule = {"action": "drop", "sources": sources, **({"destinations": destinations} if destinations else {})}
    made = ruleset(sets=sets, forwarded={"rules": [rule]})
    assert exposure.counters(made)[0]["text"] == told_as and not made.foreign
    again = exposure.policy(made)["forwarded"]
    assert ruleset(sets=sets, forwarded=again) == made
