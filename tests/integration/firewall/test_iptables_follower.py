# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that the back end iptables leaves on a host, run as they are left there: after the engine's events and after somebody
else's flushes, the module finds nothing to do.
"""
from __future__ import annotations

import subprocess
import time

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import firewall_follow, iptables_follow, iptables_load

from integration.firewall.site import PREFIX

FOLDER = "/run/fleetnet-follower"
SECONDS = 15
POLICY = {"published": {"default": "drop"},
          "forwarded": {"rules": [{"action": "accept", "from": [PREFIX + "later"], "to": ["outside"]}]}}


@pytest.fixture
def follower(site):
    if site.backend != "iptables":
        pytest.skip("for the back end iptables")
    site.apply(state="absent")
    text = site.apply(**POLICY)["ruleset"]
    site.run("mkdir", "-p", FOLDER)
    put(site, "rules", text)
    for module in (firewall_follow, iptables_load, iptables_follow):
        source = module.__loader__.get_source(module.__name__)
        put(site, module.__name__.rpartition(".")[2] + ".py", source.replace(iptables_follow.RULES, FOLDER + "/rules"))
    # nsenter stands between: a signal to it would leave the program itself running.
    program = subprocess.Popen([*site.inside, "sh", "-c", "echo $$ > %s/pid && exec python3 -I %s/iptables_follow.py" % (FOLDER, FOLDER)])
    yield program
    site.run("sh", "-c", "kill $(cat %s/pid)" % FOLDER)
    program.wait()
    site.run("rm", "-r", FOLDER)


def put(site, name, text):
    subprocess.run([*site.inside, "tee", "%s/%s" % (FOLDER, name)], input=text, text=True, stdout=subprocess.DEVNULL, check=True)


def settled(site):
    """Whether the host gets to where the module has nothing to do, in check mode, so that it does not help."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        if not site.apply(**POLICY, _ansible_check_mode=True)["changed"]:
            return True
    return False


def test_networks_and_ports_that_come_and_go(site, follower):
    site.network("later", 7)
    assert settled(site) and "0.0.0.0/0,br-" in site.run("ipset", "save", "fnet-net_%slater_4" % PREFIX)
    box = site.box("late", "later", [(18777, 80, "tcp", "")])
    assert settled(site) and "18777" in site.run("ipset", "save", "fnet-published_tcp") and box
    site.api.remove_container(PREFIX + "late", force=True)
    site.api.remove_network(PREFIX + "later")
    assert settled(site) and "18777" not in site.run("ipset", "save", "fnet-published_tcp")


@pytest.mark.parametrize("flush", ["iptables -F DOCKER-USER", "iptables -F INPUT", "iptables -F", "ip6tables -F; ip6tables -X",
                                   "iptables -F FLEETNET-ABOUT; iptables -F FLEETNET-INPUT; iptables -D INPUT 1"])
def test_what_somebody_else_flushes_comes_back(site, follower, flush):
    assert settled(site)
    site.run("sh", "-c", flush, check=False)
    assert settled(site) and follower.poll() is None


def test_the_text_for_the_boot_needs_no_engine(site, follower):
    """Before the engine there is no DOCKER-USER; it keeps the one that the program makes."""
    done = site.run("unshare", "-n", "sh", "-c", "python3 -I %s/iptables_load.py --boot %s/rules && iptables -S && ip6tables -S" % (FOLDER, FOLDER))
    assert done.count("-A FORWARD -j DOCKER-USER\n") == 2 and done.count("-A INPUT -m comment --comment \"fleetnet.docker\" -j FLEETNET-INPUT\n") == 2
    assert done.count("-A DOCKER-USER -m comment --comment \"fleetnet.docker\" -j FLEETNET-FORWARD\n") == 2
