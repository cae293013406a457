# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Beside ufw and firewalld, installed in a lab host for the time of the test: what docs/firewall.md says of them, with real packets."""
from __future__ import annotations

import contextlib
import time

import pytest

from integration.firewall import follower
from integration.firewall.site import HOST4, LAN_SIDE, NEAR4

ALLOWED, DENIED, OWN = 18080, 18090, 19100
WAYS = {"allowed": ALLOWED, "denied": DENIED, "host": OWN}
POLICY = {"published": {"default": "drop", "rules": [{"action": "accept", "ports": [str(ALLOWED)]}]},
          "host": {"default": "drop", "rules": [{"action": "accept", "ports": [str(OWN)]}]}}
APT = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y")
FAMILIES = ("iptables", "ip6tables")
SECONDS = 20


@contextlib.contextmanager
def installed(site, package):
    # Where the host is this machine, or shares its files, nothing is installed.
    if not site.inside or site.run("readlink", "/proc/1/exe", check=False).strip() != "/usr/lib/systemd/systemd":
        pytest.skip("%s is tried on a host of the lab, which has files and a systemd of its own" % package)
    before, rules = packages(site), {family: site.run(family + "-save") for family in FAMILIES}
    try:
        if not _has(site, APT + ("update",)) or not _has(site, APT + ("install", "--no-install-recommends", package)):
            pytest.skip("%s cannot be installed here: the distribution's packages cannot be reached" % package)
        yield
    finally:
        site.apply(state="absent")
        site.run(*APT, "purge", *sorted(packages(site) - before), check=False)
        site.run("rm", "-rf", "/etc/" + package)  # what it was told to open
        site.run("nft", "delete", "table", "inet", "firewalld", check=False)  # from 2.5 on it outlives firewalld
        # Among them those by which Docker answers the names that this host, a container itself, asks for. What the package left in tables
        # that were not there before goes too: nft of Debian 12 does not survive its ip6tables rules.
        for family, text in rules.items():
            for table in ("filter", "nat", "mangle"):
                site.run("sh", "-c", "%s -t %s -F; %s -t %s -X" % (family, table, family, table), check=False)
            for chain in ("INPUT", "FORWARD", "OUTPUT"):
                site.run(family, "-P", chain, "ACCEPT", check=False)
            site.feed(text, family + "-restore")
        site.restart_engine()


def packages(site):
    return set(site.run("dpkg-query", "--show", "--showformat", "${Package}\\n").split())


def _has(site, words):
    return site.run("sh", "-c", 'timeout 120 "$@" >/dev/null 2>&1 && echo well', "sh", *words, check=False) == "well\n"


def town(site):
    site.empty()
    site.network("front", 1)
    box = site.box("web", "front", [(ALLOWED, 80, "tcp", ""), (DENIED, 81, "tcp", "")])
    box.serve(("tcp", 80), ("tcp", 81))
    site.serve((), ("tcp", OWN))


def opened(site):
    answers = site.ask(LAN_SIDE, *[("tcp", HOST4, port, NEAR4) for port in WAYS.values()])
    return {name for name, answered in zip(WAYS, answers) if answered}


def becomes(site, *names):
    """Docker puts its own rules back a moment after they were flushed."""
    until = time.monotonic() + SECONDS
    while opened(site) != set(names) and time.monotonic() < until:
        time.sleep(0.2)
    return opened(site) == set(names)


def warned(answer, name):
    return [line for line in answer["warnings"] if line.startswith("%s is active too, and what host or cluster accepts" % name)]


def unchanged(site):
    return not site.apply(**POLICY, _ansible_check_mode=True)["changed"]


def test_ufw(site):
    with installed(site, "ufw"):
        town(site)
        site.run("ufw", "--force", "enable")
        assert warned(site.apply(**POLICY), "ufw")
        assert opened(site) == {"allowed"}
        site.run("ufw", "allow", "%d/tcp" % OWN)
        site.run("ufw", "allow", "%d/tcp" % DENIED)
        assert opened(site) == {"allowed", "host"}
        for words in (["reload"], ["disable"], ["--force", "enable"], ["--force", "reset"]):
            site.run("ufw", *words)
            assert unchanged(site) and opened(site) == {"allowed", "host"}, words
            if site.backend == "iptables":
                assert site.run("iptables", "-S", "INPUT").splitlines()[1].endswith("-j FLEETNET-INPUT"), words
        assert not warned(site.apply(**POLICY), "ufw")


@pytest.fixture
def firewalld(site, request):
    with installed(site, "firewalld"):
        site.run("sed", "-i", "s/^FirewallBackend=.*/FirewallBackend=%s/" % request.param, "/etc/firewalld/firewalld.conf")
        site.run("systemctl", "restart", "firewalld")
        site.restart_engine()  # it listens to firewalld from then on
        town(site)
        yield opened(site)
        site.empty()


@pytest.mark.parametrize("firewalld", ["nftables", pytest.param("iptables", marks=pytest.mark.matrix)], indirect=True)
def test_firewalld(site, firewalld):
    assert site.apply(**POLICY, backend="auto", _ansible_check_mode=True)["backend"] == "nftables"
    answer = site.apply(**POLICY)
    assert warned(answer, "firewalld")
    if not firewalld:
        version = site.run("firewall-cmd", "--version").strip()
        # With iptables it ends what comes in the nat table before Docker's own jump there.
        assert tuple(map(int, version.split(".")[:2])) >= (2, 5) and site.run("iptables", "-S", "INPUT_dispatch")
        assert opened(site) == set()
        pytest.skip("with firewalld %s and these back ends no published port answers, without a policy neither" % version)
    assert opened(site) == {"allowed"}
    flushes = [line for line in answer["warnings"] if "its reload flushes iptables" in line]
    site.run("firewall-cmd", "--permanent", "--add-port=%d/tcp" % OWN, "--add-port=%d/tcp" % DENIED)
    if site.backend == "nftables":
        site.run("firewall-cmd", "--reload")
        assert unchanged(site) and becomes(site, "allowed", "host") and not flushes
        return
    with follower.running(site, POLICY):
        site.run("firewall-cmd", "--reload")
        assert follower.settled(site, POLICY) and becomes(site, "allowed", "host")
    site.run("firewall-cmd", "--reload")
    # firewalld 1 flushes ours with its own. 2 leaves them, but has the engine put some of its rules in front.
    assert flushes and (not unchanged(site) or not site.run("firewall-cmd", "--version").startswith("1."))
    site.apply(**POLICY)
    assert becomes(site, "allowed", "host")
