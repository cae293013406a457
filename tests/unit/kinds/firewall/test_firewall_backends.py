# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two back ends: which one is taken, and what is left and told where it changes."""
from __future__ import annotations

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import ConvergeError
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall import backend, ipt, ipt_keep
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall.state import Observed

from unit.kinds.firewall.firewall_host_model import Host, Trouble, completed
from unit.laws.test_firewall_backend_laws import NEW, furnished, run, ways
from unit.laws.test_firewall_laws import OLD, at


@pytest.mark.parametrize("wanted, facts, chosen", [
    ("auto", dict(), "nftables"), ("auto", dict(listing=None), "iptables"), ("auto", dict(iptables=None), "nftables"),
    ("auto", dict(legacy=True), "iptables"), ("auto", dict(modern=True), "nftables"), ("auto", dict(legacy=True, modern=True), "nftables"),
    ("auto", dict(legacy=True, iptables=None), "nftables"), ("auto", dict(legacy=True, engine_backend="nftables"), "nftables"),
    ("auto", dict(legacy=True, others=("firewalld",)), "nftables"), ("auto", dict(legacy=True, others=("ufw",)), "iptables"),
    ("iptables", dict(), "iptables"), ("nftables", dict(legacy=True), "nftables"), ("iptables", dict(iptables=None), "iptables")])
def test_which_back_end_is_taken(wanted, facts, chosen):
    assert backend.choose(wanted, Observed(**dict(dict(iptables=""), **facts))) == chosen


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
