# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule in DOCKER-USER and what iptables tells, with this host's own iptables in an empty network namespace."""
from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_ingress, docker_user, iptables_load
from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import EnvironmentFault

pytestmark = pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("iptables"), reason="needs root and iptables")
MARK = 0x100000


@pytest.fixture
def apart(monkeypatch):
    """:returns: runs a command in the namespace that the adapter's commands run in"""
    name = "fnfw-user-%d" % os.getpid()
    subprocess.run(["ip", "netns", "add", name], check=True)
    real = docker_user.run

    def run(argv, given=""):
        return real(["ip", "netns", "exec", name, *argv], given)

    for adapter in (docker_user, docker_ingress):
        monkeypatch.setattr(adapter, "run", run)
    monkeypatch.setattr(docker_user, "_legacy_tables", lambda family: ())

    def asked(*argv):
        return run(argv).out

    asked.name = name
    yield asked
    subprocess.run(["ip", "netns", "del", name], check=True)


def test_without_a_chain_nothing_is_there_and_looking_makes_nothing(apart):
    assert docker_user.chains() == ((), ()) and docker_user.raw_drops() == {} and docker_user.variants() == (False, False)
    assert apart("nft", "list", "ruleset") == ""
    with pytest.raises(EnvironmentFault) as caught:
        docker_user.put(4, MARK)
    assert str(caught.value).startswith("iptables cannot change DOCKER-USER: ")


def test_put_in_front_and_taken_away(apart):
    for command in ("iptables", "ip6tables"):
        apart(command, "-N", "DOCKER-USER")
        apart(command, "-A", "DOCKER-USER", "-j", "RETURN")
    assert docker_user.chains() == ((4, 6), ())
    docker_user.put(4, MARK)
    docker_user.put(6, MARK)
    docker_user.put(4, 0x200000)
    assert docker_user.chains() == ((4, 6), ((4, 0x200000), (4, MARK), (6, MARK)))
    assert apart("iptables", "-S", "DOCKER-USER").splitlines()[-1] == "-A DOCKER-USER -j RETURN"
    docker_user.take(4, 0x200000)
    docker_user.take(4, MARK)
    assert docker_user.chains() == ((4, 6), ((6, MARK),))


def test_rules_of_others_are_not_ours(apart):
    apart("iptables", "-N", "DOCKER-USER")
    for more in (("-m", "mark", "--mark", "0x100000/0x100000"), ("-m", "mark", "--mark", "0x100000", "-m", "comment", "--comment", "fleetnet.docker"),
                 ("-m", "mark", "--mark", "0x100000/0x100000", "-m", "comment", "--comment", "fleetnet.docker too")):
        apart("iptables", "-A", "DOCKER-USER", *more, "-j", "ACCEPT")
    assert docker_user.chains() == ((4,), ())


def test_what_engines_from_28_on_drop_in_the_raw_table(apart):
    # As 28.5 makes them, where the network trusts eth1.
    apart("iptables", "-t", "raw", "-A", "PREROUTING", "-d", "172.18.0.2/32", "-i", "eth1", "-j", "ACCEPT")
    apart("iptables", "-t", "raw", "-A", "PREROUTING", "-d", "172.18.0.2/32", "!", "-i", "br-75b21e785571", "-j", "DROP")
    apart("ip6tables", "-t", "raw", "-A", "PREROUTING", "-d", "fd00::2/128", "!", "-i", "br-329105e15d44", "-m", "comment", "--comment",
          "DROP DIRECT", "-j", "DROP")
    apart("iptables", "-t", "raw", "-A", "PREROUTING", "-d", "172.18.0.3/32", "-i", "eth0", "-j", "DROP")
    assert docker_user.raw_drops() == {"br-329105e15d44": set(), "br-75b21e785571": {"eth1"}}


def test_a_policy_of_forward_that_drops(apart):
    assert docker_user.forward_drops() == ()
    apart("iptables", "-P", "FORWARD", "DROP")
    assert docker_user.forward_drops() == (4,)
    apart("ip6tables", "-P", "FORWARD", "DROP")
    assert docker_user.forward_drops() == (4, 6)


def test_rules_that_somebody_else_put_there(apart):
    assert docker_user.strangers() == ()
    for command in ("iptables", "ip6tables"):
        apart(command, "-N", "DOCKER-USER")
        apart(command, "-N", "FLEETNET-FORWARD")
        apart(command, "-A", "DOCKER-USER", "-m", "comment", "--comment", "fleetnet.docker", "-j", "FLEETNET-FORWARD")
        apart(command, "-A", "DOCKER-USER", "-j", "RETURN")
    docker_user.put(4, MARK)
    assert docker_user.strangers() == ()
    apart("ip6tables", "-I", "DOCKER-USER", "-s", "2001:db8::7", "-j", "DROP")
    assert docker_user.strangers() == (6,)


OURS = """*filter
:FLEETNET-ABOUT - [0:0]
:FLEETNET-FORWARD - [0:0]
-A FLEETNET-FORWARD -i lo -m comment --comment "0; x" -j RETURN
-I DOCKER-USER -m comment --comment "fleetnet.docker" -j FLEETNET-FORWARD
COMMIT
"""


def test_what_is_made_at_boot_goes_where_no_engine_has_taken_it_over(apart, monkeypatch):
    real = iptables_load._tried
    monkeypatch.setattr(iptables_load, "_tried", lambda argv, given="": real(["ip", "netns", "exec", apart.name, *argv], given))
    heads = iptables_load.HEADS
    before = {command: apart(command, "-S") for command in iptables_load.FAMILIES}
    iptables_load.load("%s\n%s\n%s%s\n%s" % (heads["sets"], heads["iptables"], OURS, heads["ip6tables"], OURS), boot=True)
    assert all("-A FORWARD -j DOCKER-USER" in apart(command, "-S") for command in iptables_load.FAMILIES)
    apart("ip6tables", "-N", "DOCKER")
    iptables_load.load("".join(head + "\n" for head in heads.values()))
    assert apart("iptables", "-S") == before["iptables"]
    assert apart("ip6tables", "-S").splitlines() == [*before["ip6tables"].splitlines(), "-N DOCKER", "-N DOCKER-USER", "-A FORWARD -j DOCKER-USER"]


@pytest.fixture
def with_legacy(apart, monkeypatch):
    """The kernel tells in each namespace which tables of the legacy variant are loaded there."""
    monkeypatch.setattr(docker_user, "_legacy_tables", lambda family: tuple(apart("cat", docker_user.LEGACY_TABLES[family]).split()))
    if not shutil.which("iptables-legacy") or "filter" not in (apart("iptables-legacy", "-S") and apart("cat", docker_user.LEGACY_TABLES[4])):
        pytest.skip("needs the legacy variant of iptables, and a kernel that has it")
    return apart


@pytest.mark.parametrize("legacy", [None, "iptables-legacy", "ip6tables-legacy"])
@pytest.mark.parametrize("modern", [None, "iptables-nft", "ip6tables-nft"])
def test_which_variant_of_iptables_has_rules(with_legacy, legacy, modern):
    for command in filter(None, (legacy, modern)):
        with_legacy(command, "-A", "INPUT", "-s", "192.0.2.7" if command.startswith("iptables") else "2001:db8::7", "-j", "DROP")
    assert docker_user.variants() == (legacy is not None, modern is not None)


def test_chains_and_policies_alone_are_no_rules_of_a_variant(with_legacy):
    with_legacy("iptables-legacy", "-P", "FORWARD", "DROP")
    with_legacy("iptables-nft", "-N", "MINE")
    assert docker_user.variants() == (False, False)


def test_what_a_worker_of_a_swarm_rewrites_for_the_mesh(apart):
    worker = {"Swarm": {"LocalNodeState": "active"}}
    assert docker_ingress.openings(None, worker) == ()
    apart("iptables", "-t", "nat", "-N", "DOCKER-INGRESS")
    for protocol, port in (("tcp", "8080"), ("udp", "53"), ("sctp", "9")):
        apart("iptables", "-t", "nat", "-A", "DOCKER-INGRESS", "-p", protocol, "--dport", port, "-j", "DNAT", "--to-destination", "172.18.0.2:" + port)
    apart("iptables", "-t", "nat", "-A", "DOCKER-INGRESS", "-j", "RETURN")
    assert docker_ingress.openings(None, worker) == tuple(("service", "", *each, (4, 6)) for each in (("sctp", 9), ("tcp", 8080), ("udp", 53)))
