# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""As many networks as a set of hash:net,iface has room for: what comes by the last of the bridges is judged too; one more is refused."""
from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import iptables
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall import compile as compiled, ipt, ipt_sets, kind
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall.state import Scope

from unit.kinds.firewall.firewall_host_model import Host, completed, network

pytestmark = pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("ipset"), reason="needs root, iptables and ipset")
TRAFFIC = (Path(__file__).parent / "traffic.py").read_text(encoding="utf-8")
BOX, ROUTER, LAN = ("fnfw-many-%d-%s" % (os.getpid(), name) for name in ("box", "router", "lan"))
NETWORKS = tuple(network("net%03d" % number, ident="%03d" % number + "0" * 61) for number in range(ipt_sets.INTERFACES))
PLACES = (0, ipt_sets.INTERFACES - 1)


def run(where, *argv, given=None):
    done = subprocess.run(["ip", "netns", "exec", where, *argv], input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (argv, done.stderr)
    return done


@pytest.fixture
def router():
    try:
        for name in (BOX, ROUTER, LAN):
            subprocess.run(["ip", "netns", "add", name], check=True)
            run(name, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=0", "net.ipv6.conf.default.disable_ipv6=0")
        for inner, outer, number in ((BOX, "first", 1), (LAN, "lan", 2)):
            run(ROUTER, "ip", "link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", inner)
            for where, link, host in ((ROUTER, outer, 1), (inner, "eth0", 2)):
                run(where, "ip", "address", "add", "10.9.%d.%d/24" % (number, host), "dev", link)
                run(where, "ip", "address", "add", "fd09:%d::%d/64" % (number, host), "dev", link, "nodad")
                run(where, "ip", "link", "set", link, "up")
            for via in ("10.9.%d.1" % number, "fd09:%d::1" % number):
                run(inner, "ip", "route", "add", "default", "via", via)
        run(ROUTER, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        server = subprocess.Popen(["ip", "netns", "exec", LAN, "python3", "-c", TRAFFIC, "serve", '[["tcp", 80]]'], text=True,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert server.stdout.readline() == "ready\n"
        yield
        server.stdin.close()
        server.wait()
    finally:
        for name in (BOX, ROUTER, LAN):
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


def passes():
    questions = [("tcp", address, 80, "", 0) for address in ("10.9.2.2", "fd09:2::2")]
    return tuple(json.loads(run(BOX, "python3", "-", "ask", json.dumps(questions), "1", given=TRAFFIC).stdout))


def load(params, networks=NETWORKS):
    made = compiled.ruleset(kind.desired(completed(params)), Host(networks=networks).observe(Scope()))
    run(ROUTER, *iptables.program(), given=ipt.render(made))
    return made


def test_what_comes_by_any_of_the_bridges_is_judged(router, monkeypatch):
    until = time.monotonic() + 20  # links that came up this moment
    while passes() != (True, True):
        assert time.monotonic() < until, passes()
    made = load({"forwarded": {"default": "drop"}})
    real = iptables.run
    monkeypatch.setattr(iptables, "run", lambda argv, given="": real(["ip", "netns", "exec", ROUTER, *argv], given))
    assert ipt.parse(iptables.listing()) == made
    assert passes() == (True, True), "it comes by no bridge yet"
    link = "first"
    for place in PLACES:
        run(ROUTER, "ip", "link", "set", link, "name", compiled.bridge(NETWORKS[place]))
        link = compiled.bridge(NETWORKS[place])
        assert passes() == (False, False), link
    load({"forwarded": {"default": "drop", "rules": [{"action": "accept", "from": [NETWORKS[PLACES[-1]].name], "to": ["outside"]}]}})
    assert passes() == (True, True)
    with pytest.raises(AssertionError, match="Hash is full"):
        load({"host": {}}, (*NETWORKS, network("onemore", ident="f" * 64)))
