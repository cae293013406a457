# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that the back ends leave on a host, run as they are left there: after the engine's events and after somebody
else's flushes, the module finds nothing to do.
"""
from __future__ import annotations


import pytest

from integration.firewall.follower import FOLDER, running, settled
from integration.firewall.site import PREFIX

POLICY = {"published": {"default": "drop"},
          "forwarded": {"rules": [{"action": "accept", "from": [PREFIX + "later"], "to": ["outside"]}]}}


@pytest.fixture
def follower(site):
    with running(site, POLICY) as program:
        yield program


def test_networks_and_ports_that_come_and_go(site, follower):
    site.network("later", 7)
    assert settled(site, POLICY) and "br-" in later(site)
    box = site.box("late", "later", [(18777, 80, "tcp", "")])
    assert settled(site, POLICY) and "18777" in published(site) and box
    site.api.remove_container(PREFIX + "late", force=True)
    site.api.remove_network(PREFIX + "later")
    assert settled(site, POLICY) and "18777" not in published(site) and "br-" not in later(site)


def later(site):
    words = ("ipset", "save", "fnet-net_%slater_4") if site.backend == "iptables" else ("nft", "list", "set", "inet", "fleetnet", "net_%slater")
    return site.run(*words[:-1], words[-1] % PREFIX)


def published(site):
    return site.run(*(("ipset", "save", "fnet-published_tcp") if site.backend == "iptables" else
                      ("nft", "list", "set", "inet", "fleetnet", "published")))


FLUSHES = {
    "iptables": ["iptables -F DOCKER-USER", "iptables -F INPUT", "iptables -F", "ip6tables -F; ip6tables -X", "ip6tables -F FLEETNET-INPUT",
                 "iptables -F FLEETNET-ABOUT; iptables -F FLEETNET-INPUT; iptables -D INPUT 1", "iptables -F FLEETNET-PUBLISHED",
                 "ip6tables -F FLEETNET-THROUGH"],
    "nftables": ["iptables -F DOCKER-USER", "nft delete table inet fleetnet", "nft flush table inet fleetnet",
                 "nft flush chain inet fleetnet input", "nft flush chain inet fleetnet published",
                 "nft flush set inet fleetnet bridges"],
}


@pytest.fixture
def fitting(site, backend, flush):
    if backend != site.backend:
        pytest.skip("for the back end %s" % backend)


@pytest.mark.parametrize("backend,flush", [(backend, flush) for backend, flushes in FLUSHES.items() for flush in flushes])
def test_what_somebody_else_flushes_comes_back(site, fitting, follower, backend, flush):
    assert settled(site, POLICY)
    before = {family: site.run(family + "-save") for family in ("iptables", "ip6tables")}
    site.run("sh", "-c", flush, check=False)
    assert settled(site, POLICY) and follower.poll() is None
    # The engine does not put back its own, and from 28 on makes no more networks without.
    for family, text in before.items():
        site.feed(text, family + "-restore")


def test_the_text_for_the_boot_needs_no_engine(site, follower):
    """Before the engine there is no DOCKER-USER; it keeps the one that the program makes."""
    if site.backend != "iptables":
        site.run("unshare", "-n", "nft", "-f", FOLDER + "/rules")
        return
    done = site.run("unshare", "-n", "sh", "-c", "python3 -I %s/iptables_load.py --boot %s/rules && iptables -S && ip6tables -S" % (FOLDER, FOLDER))
    assert done.count("-A FORWARD -j DOCKER-USER\n") == 2 and done.count("-A INPUT -m comment --comment \"fleetnet.docker\" -j FLEETNET-INPUT\n") == 2
    assert done.count("-A DOCKER-USER -m comment --comment \"fleetnet.docker\" -j FLEETNET-FORWARD\n") == 2
