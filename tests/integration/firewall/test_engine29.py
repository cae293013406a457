# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Engine 29 with nftables: its recorded ruleset in a network namespace, our table beside it, real packets through both.

The namespaces: a host with the recorded bridges, containers on them, a LAN beside it.
"""
from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_read
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall import compile as compiled, kind, nft
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall.state import DEFAULT_MARK, Observed, Through

from unit.kinds.firewall.firewall_host_model import completed

FIXTURES = Path(__file__).resolve().parents[2] / "unit" / "fixtures" / "engine-29.7"
TRAFFIC = (Path(__file__).parent / "traffic.py").read_text(encoding="utf-8")
NAMES = {name: "fnfw-29-" + name for name in ("host", "lan", "web", "beside", "published", "plain")}
DUAL, T1 = "br-329105e15d44", "br-75b21e785571"  # "web" publishes 8080 on the first, "published" something on the second
WEB4, HOST4, NEAR4, FAR4 = "172.30.0.9", "198.51.100.1", "198.51.100.2", "198.51.100.3"
PLAIN4, PUBLISHED4, SECONDS = "172.18.0.3", "172.18.0.2", "1"
# What the daemon's option bridge-accept-fwmark adds.
ACCEPT = "insert rule ip docker-bridges filter-FORWARD meta mark & 0x00100000 == 0x00100000 counter accept\n"

pytestmark = pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("nft"), reason="needs root and nft")


def run(*argv, given=None):
    done = subprocess.run(argv, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (argv, done.stderr)
    return done.stdout


def inside(name, *argv, given=None):
    return run("ip", "netns", "exec", NAMES[name], *argv, given=given)


def wire(name, address, gateway, bridge=None):
    """A cable from the host to a namespace of its own."""
    outer = "v-" + name
    inside("host", "ip", "link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", NAMES[name])
    inside("host", "ip", "link", "set", outer, *(("master", bridge) if bridge else ()), "up")
    for each in address:
        inside(name, "ip", "address", "add", each, "dev", "eth0")
    inside(name, "ip", "link", "set", "eth0", "up")
    inside(name, "ip", "route", "add", "default", "via", gateway)


@pytest.fixture(scope="module")
def host():
    servers = []
    clear()
    try:
        for name in NAMES.values():
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        inside("host", "sysctl", "-qw", "net.ipv4.ip_forward=1")
        for bridge, address in ((DUAL, "172.30.0.1/24"), (T1, "172.18.0.1/16")):
            inside("host", "ip", "link", "add", bridge, "type", "bridge")
            inside("host", "ip", "address", "add", address, "dev", bridge)
            inside("host", "ip", "link", "set", bridge, "up")
        wire("lan", [NEAR4 + "/24", FAR4 + "/24"], HOST4)
        inside("host", "ip", "address", "add", HOST4 + "/24", "dev", "v-lan")
        wire("web", [WEB4 + "/24"], "172.30.0.1", DUAL)
        wire("beside", ["172.30.0.10/24"], "172.30.0.1", DUAL)
        wire("published", [PUBLISHED4 + "/16"], "172.18.0.1", T1)
        wire("plain", [PLAIN4 + "/16"], "172.18.0.1", T1)
        recorded = (FIXTURES / "nft-ruleset.txt").read_text(encoding="utf-8")
        # The first table is that of a container's resolver; nft before 1.0.8 knows the word dstnat in one hook only.
        engine = recorded[recorded.index("table ip docker-bridges"):].replace("output priority dstnat", "output priority -100")
        inside("host", "nft", "-f", "-", given=engine)
        for name in ("web", "published", "plain", "lan"):
            servers.append(serve(name, *itertools.product(("tcp", "udp"), (80, 3306))))
        yield
    finally:
        for server in servers:
            server.stdin.close()
            server.wait()
        clear()


def clear():
    for name in NAMES.values():
        subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


def serve(name, *services):
    server = subprocess.Popen(["ip", "netns", "exec", NAMES[name], "python3", "-c", TRAFFIC, "serve", json.dumps(services)], text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdout.readline() == "ready\n"
    return server


def ask(name, *questions):
    rows = [(*question, *("", 0)[len(question) - 3:]) for question in questions]
    return json.loads(inside(name, "python3", "-", "ask", json.dumps(rows), SECONDS, given=TRAFFIC))


def seen(mark=0):
    networks = json.loads((FIXTURES / "networks.json").read_text(encoding="utf-8"))
    return Observed(networks=tuple(map(docker_read.network, networks)), published=("tcp . 8080",), engine_backend="nftables",
                    through=Through(daemon_mark=mark))


def apply(**params):
    text = nft.render(None)
    if params:
        wish = kind.desired(completed(params))
        kind.validate(wish, seen(DEFAULT_MARK))
        text = nft.render(compiled.ruleset(wish, seen(DEFAULT_MARK)))
    inside("host", "nft", "-f", "-", given=text)


PORT = ("tcp", HOST4, 8080)
DATABASE = [("tcp", PLAIN4, 3306), ("udp", PLAIN4, 3306), ("tcp", PLAIN4, 80)]


def test_published(host):
    apply()
    assert ask("lan", (*PORT, NEAR4), (*PORT, FAR4)) == [True, True] and ask("plain", PORT) == [True]
    apply(published={"default": "drop", "rules": [{"action": "accept", "ports": ["8080"], "sources": [NEAR4]}]})
    assert ask("lan", (*PORT, NEAR4), (*PORT, FAR4)) == [True, False] and ask("plain", PORT) == [False]


def test_forwarded_needs_the_daemons_mark(host):
    apply()
    assert ask("beside", *DATABASE) == [False, False, False]
    apply(forwarded={"rules": [{"action": "accept", "from": ["dual"], "to": ["t1"], "protocols": ["tcp", "udp"], "ports": ["3306"]}]})
    assert ask("beside", *DATABASE) == [False, False, False], "the engine drops it: that is why the task is refused without the mark"
    inside("host", "nft", "-f", "-", given=ACCEPT)
    assert ask("beside", *DATABASE) == [True, True, False]


def test_forwarded_drops_without_any_mark(host):
    outside = [("tcp", NEAR4, 80), ("udp", NEAR4, 80)]
    apply()
    assert ask("plain", *outside) == [True, True]
    apply(forwarded={"rules": [{"action": "drop", "from": ["t1"], "to": ["outside"]}]})
    assert ask("plain", *outside) == [False, False] and ask("beside", *outside) == [True, True]


def test_the_engines_tables_are_never_touched(host):
    def engine():
        printed = inside("host", "nft", "-s", "list", "ruleset")
        return printed[printed.index("table ip docker-bridges"):printed.index("table inet fleetnet")]

    apply(host={"default": "drop"})
    before = engine()
    apply(published={"default": "drop"})
    assert engine() == before
    apply()
    assert "fleetnet" not in inside("host", "nft", "list", "ruleset")
