# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The laws for the firewall, over policies at random: 1, 2, 5 and 6 as for every kind, faults and kills at each step."""
from __future__ import annotations

import copy

import pytest
from hypothesis import HealthCheck, given, settings

from ansible_collections.fleetnet.docker.plugins.module_utils.core.engine import converge
from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import ConvergeError
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall import kind, nft, told

from unit.kinds.firewall.firewall_host_model import Host, Killed, Trouble, completed, network, policies

few = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
OLD = completed({"published": {"default": "drop"}, "forwarded": {"rules": [{"action": "accept", "from": ["front"], "to": ["back"]}]}})


def run(host, params, check=False):
    return converge(kind, kind.desired(params), host, check=check)


def furnished():
    """A host with another policy in force."""
    host = Host()
    run(host, OLD)
    host.executed.clear()
    return host


@few
@given(policies())
def test_applied_is_as_wanted_and_the_diff_says_what_is_there(params):
    host = furnished()
    shown = run(host, params, check=True)
    assert not host.executed
    done = run(host, params)
    assert shown.plan == done.plan and list(done.plan.steps) == host.executed
    if done.changed:
        assert done.plan.after == told.shown(nft.parse(host.listing))
    again = run(host, params)
    assert not again.changed and again.plan.reasons == ("the firewall is as wanted",)


@few
@given(policies(), policies())
def test_a_policy_leaves_nothing_of_the_one_before(params, other):
    one, two = Host(), Host()
    run(one, other)
    run(one, params)
    run(two, params)
    assert one.portrait() == two.portrait()


@few
@given(policies())
def test_the_order_of_what_has_none_does_not_matter(params):
    host, turned = Host(), Host(networks=tuple(reversed(Host().networks)))
    other = copy.deepcopy(params)
    other["sets"] = [dict(row, elements=list(reversed(row["elements"]))) for row in reversed(params["sets"])]
    for name in ("published", "forwarded", "host"):
        for rule in (other[name] or {}).get("rules") or ():
            for key, value in rule.items():
                if isinstance(value, list):
                    rule[key] = list(reversed(value))
    run(host, params)
    run(turned, other)
    assert host.portrait() == turned.portrait()


@pytest.mark.parametrize("when", ["before_step", "after_step"])
@few
@given(params=policies())
def test_a_fault_at_each_step_leaves_the_host_as_it_was(when, params):
    steps = len(run(furnished(), params, check=True).plan.steps)
    for number in range(1, steps + 1):
        host = furnished()
        before = host.portrait()
        trouble = at(number, Trouble("refused"))
        setattr(host, when, trouble)
        with pytest.raises(ConvergeError) as caught:
            run(host, params)
        assert caught.value.rolled_back == "true" and host.portrait() == before


@pytest.mark.parametrize("when", ["before_step", "after_step"])
@few
@given(params=policies())
def test_a_kill_at_each_step_then_the_same_again(when, params):
    wanted = furnished()
    run(wanted, params)
    for number in range(1, len(wanted.executed) + 1):
        host = furnished()
        setattr(host, when, at(number, Killed()))
        with pytest.raises(Killed):
            run(host, params)
        setattr(host, when, lambda step: None)
        run(host, params)
        assert host.portrait() == wanted.portrait()


def at(number, trouble):
    """Once, at the step of that number."""
    seen = []

    def act(step):
        seen.append(step)
        if len(seen) == number:
            raise trouble

    return act


def test_absent_leaves_nothing():
    host = furnished()
    done = run(host, completed({"state": "absent"}))
    assert host.portrait() == ("", []) and done.plan.after == {} and done.plan.reasons == ("the firewall is removed",)
    assert run(host, completed({"state": "absent"})).plan.reasons == ("there is no firewall, as wanted",)


TAMPERED = {
    "a line more": (lambda text: text.replace("\tchain published {\n", "\tchain published {\n\t\tip saddr 10.0.0.1 accept\n"),
                    "added 'ip saddr 10.0.0.1 accept'"),
    "a line less": (lambda text: text.replace('comment "published default"', 'comment "x"'), "added 'counter packets 0 bytes 0 drop comment \"x\"'"),
    "another verdict": (lambda text: text.replace("counter packets 0 bytes 0 drop comment \"published default\"",
                                                  "counter packets 0 bytes 0 accept comment \"published default\""), "accept comment"),
    "another policy of a chain": (lambda text: text.replace("priority -1; policy accept", "priority -1; policy drop"),
                                  "added 'type filter hook forward priority -1; policy drop;'"),
    "a chain more": (lambda text: text.replace("\tchain published {", "\tchain mine {\n\t\taccept\n\t}\n\n\tchain published {"),
                     "added 'accept'"),
    "an object of another kind": (lambda text: text.replace("\tchain published {", "\tcounter mine {\n\t\tpackets 0 bytes 0\n\t}\n\n\tchain published {"),
                                  "added 'counter mine packets 0 bytes 0'"),
    "flags on a set": (lambda text: text.replace("\tset bridges {\n\t\ttype ifname\n", "\tset bridges {\n\t\ttype ifname\n\t\ttimeout 5s\n"),
                       "added 'set bridges { type ifname timeout 5s"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_tampering_is_seen_named_and_undone(name):
    host = furnished()
    good = host.portrait()
    change, words = TAMPERED[name]
    host.listing = change(host.listing)
    assert host.portrait() != good
    done = run(host, OLD)
    assert done.changed and done.plan.reasons[0].startswith("somebody else changed the table: ") and words in done.plan.reasons[0]
    assert host.portrait() == good


@pytest.mark.parametrize("name", TAMPERED)
def test_what_somebody_put_in_comes_back_when_a_change_fails(name):
    host = furnished()
    host.listing = TAMPERED[name][0](host.listing)
    before = host.portrait()
    host.after_step = at(1, Trouble("refused"))
    with pytest.raises(ConvergeError) as caught:
        run(host, completed({"host": {"default": "drop"}}))
    assert caught.value.rolled_back == "true" and host.portrait()[0].split() == before[0].split()


def test_counters_go_on_for_lines_that_stay():
    host = furnished()
    host.listing = host.listing.replace("counter packets 0 bytes 0 drop comment \"published default\"",
                                        "counter packets 7 bytes 490 drop comment \"published default\"")
    wider = dict(OLD, published=dict(OLD["published"], rules=[{"action": "accept", "ports": ["443"]}]))
    run(host, completed({key: value for key, value in wider.items() if key in ("published", "forwarded")}))
    assert told.counters(nft.parse(host.listing))["published default"] == (7, 490)


def test_a_rule_in_docker_user_is_put_back():
    host = furnished()
    host.rules.clear()
    done = run(host, OLD)
    assert done.plan.reasons == ("the rule in DOCKER-USER that accepts mark 0x100000 (IPv4) is missing",
                                 "the rule in DOCKER-USER that accepts mark 0x100000 (IPv6) is missing")
    assert sorted(host.rules) == [(4, 0x100000), (6, 0x100000)]


def test_another_mark_takes_the_old_rule_away_and_twins_too():
    host = furnished()
    host.rules.append((4, 0x100000))
    run(host, dict(OLD, mark=0x200000))
    assert sorted(host.rules) == [(4, 0x200000), (6, 0x200000)]


def test_networks_and_ports_that_come_later_change_elements_only():
    host = furnished()
    host.published += ("udp . 53",)
    done = run(host, OLD)
    assert done.plan.reasons == ("the engine's networks or published ports are others",)
    assert nft.parse(host.listing).set("published").elements == ("tcp . 8080", "udp . 53")


def seen_by_the_follower(host):
    """It listens to the engine, and puts right the elements of the sets."""
    host.published += ("udp . 53",)
    host.networks += (network("fresh", ident="f" * 64),)
    host.listing = host.listing.replace("elements = { tcp . 8080 }", "elements = { tcp . 8080, udp . 53 }")
    host.listing = host.listing.replace('"br-bbbbbbbbbbbb", "docker0"', '"br-bbbbbbbbbbbb", "br-ffffffffffff", "docker0"')


def not_seen_yet(host):
    host.published += ("udp . 53",)


@pytest.mark.parametrize("comes", [seen_by_the_follower, not_seen_yet])
@pytest.mark.parametrize("stage", ["keep", "try"])
def test_a_container_that_comes_during_the_run_does_not_fail_it(comes, stage):
    host = furnished()
    listing = host.listing
    host.after_step = lambda step: comes(host) if step.phase == "load" else None
    params = completed({"published": {"default": "drop", "rules": [{"action": "accept", "ports": [443]}]}, "confirm": stage})
    assert run(host, params).changed and host.listing != listing
    host.after_step = lambda step: None
    run(host, dict(params, confirm="keep"))
    assert nft.parse(host.listing).set("published").elements == ("tcp . 8080", "udp . 53")
    assert not run(host, dict(params, confirm="keep")).changed


@pytest.mark.parametrize("comes", [seen_by_the_follower, not_seen_yet])
def test_a_container_that_comes_while_a_change_is_taken_back_does_not_hinder_it(comes):
    host = furnished()
    before = nft.parse(host.listing)

    def act(step):
        if step.phase == "load":
            comes(host)
            if len(host.executed) == 1:
                raise Trouble("refused")

    host.after_step = act
    with pytest.raises(ConvergeError) as caught:
        run(host, completed({"published": {"default": "drop", "rules": [{"action": "accept", "ports": [443]}]}}))
    assert caught.value.rolled_back == "true" and not caught.value.left_over
    assert nft.parse(host.listing).chains == before.chains
