# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two back ends: which one is taken, and that going from either to either leaves nothing behind, whatever fails on the way."""
from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, given, settings

from ansible_collections.fleetnet.docker.plugins.module_utils.core.engine import converge
from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import ConvergeError
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall import backend, ipt, ipt_keep, kind, told
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall.state import Observed

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


@pytest.mark.parametrize("wanted, facts, chosen", [
    ("auto", dict(), "nftables"), ("auto", dict(listing=None), "iptables"), ("auto", dict(iptables=None), "nftables"),
    ("auto", dict(legacy=True), "iptables"), ("auto", dict(modern=True), "nftables"), ("auto", dict(legacy=True, modern=True), "nftables"),
    ("auto", dict(legacy=True, iptables=None), "nftables"), ("auto", dict(legacy=True, engine_backend="nftables"), "nftables"),
    ("auto", dict(legacy=True, others=("firewalld",)), "nftables"), ("auto", dict(legacy=True, others=("ufw",)), "iptables"),
    ("iptables", dict(), "iptables"), ("nftables", dict(legacy=True), "nftables"), ("iptables", dict(iptables=None), "iptables")])
def test_which_back_end_is_taken(wanted, facts, chosen):
    assert backend.choose(wanted, Observed(**dict(dict(iptables=""), **facts))) == chosen


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


@ways
def test_what_nobody_confirms_goes_back(way):
    host = furnished(way[0])
    before = host.portrait()
    run(host, NEW, way[1], "try")
    host.time_is_up()
    assert host.portrait() == before
    run(host, NEW, way[1], "try")
    run(host, NEW, way[1], "confirm")
    assert not host.order
    after = host.portrait()
    host.reboot()
    assert host.portrait()[0::2] == after[0::2]  # the static rule is put back by the follower


@pytest.mark.parametrize("name", ["nftables", "iptables"])
def test_the_policy_may_move_without_a_change(name):
    host = furnished(name)
    other = backend.other(name)
    done = run(host, OLD, other)
    assert done.plan.reasons[0] == "the back end is %s, no longer %s" % (other, name)
    assert [step.phase for step in done.plan.steps if step.phase in ("load", "sweep")] == ["load", "sweep"]


def test_remains_of_the_other_are_swept():
    host = furnished("nftables")
    host.iptables = furnished("iptables").iptables
    done = run(host, OLD, "nftables")
    assert done.plan.reasons == ("the back end iptables left rules behind",) and host.iptables == ""
    host.iptables = furnished("iptables").iptables
    run(host, completed({"state": "absent"}), "auto")
    assert host.portrait() == ("", [], "")


def test_what_somebody_else_put_into_our_chains_comes_back_with_a_roll_back():
    host = furnished("iptables")
    host.iptables = host.iptables.replace("-A FLEETNET-FORWARD ", "[3:99] -A FLEETNET-FORWARD -s 10.9.9.9 -j RETURN\n-A FLEETNET-FORWARD ", 1)
    assert "10.9.9.9" in run(host, OLD, "iptables", check=True).plan.reasons[0]
    host.after_step = at(1, Trouble("refused"))
    with pytest.raises(ConvergeError) as caught:
        run(host, completed({"host": {}}), "iptables")
    assert caught.value.rolled_back == "true" and "[3:99] -A FLEETNET-FORWARD -s 10.9.9.9 -j RETURN" in host.iptables


def test_a_missing_jump_is_named():
    host = furnished("iptables")
    host.iptables = "".join(row for row in host.iptables.splitlines(True) if not row.startswith("-I DOCKER-USER"))
    assert run(host, OLD, "iptables", check=True).plan.reasons == ("somebody else changed the chains: nothing calls chain forward",)


def test_a_listing_can_be_loaded_again_without_what_is_not_ours():
    text = furnished("iptables").iptables
    noisy = text.replace("*filter\n", "*filter\n:ufw-x - [0:0]\n-A ufw-x -j ACCEPT\n")
    noisy = noisy.replace("# iptables", "create other hash:ip\nadd other 1.1.1.1\n# iptables", 1)
    assert ipt.parse(ipt_keep.loadable(noisy)) == ipt.parse(text) and "ufw" not in ipt_keep.loadable(noisy)
    assert "other" not in ipt_keep.loadable(noisy)


def test_other_firewalls_are_a_warning_where_they_may_drop_what_is_accepted():
    host = Host(iptables="", others=("firewalld", "ufw"))
    assert run(host, completed({"published": {}}), "nftables", check=True).plan.warnings == ()
    found = run(host, completed({"host": {}}), "iptables", check=True).plan.warnings
    assert [line.split(" is active")[0] for line in found] == ["firewalld", "ufw", "firewalld"]
