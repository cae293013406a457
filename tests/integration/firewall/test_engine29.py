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

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_bridges, docker_read
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall import compile as compiled, kind, nft
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall.state import DEFAULT_MARK, Observed, Through

from unit.kinds.firewall.firewall_host_model import completed

FIXTURES = Path(__file__).resolve().parents[2] / "unit" / "fixtures" / "engine-29.7"
TRAFFIC = (Path(__file__).parent / "traffic.py").read_text(encoding="utf-8")
NAMES = {name: "fnfw-29-" + name for name in ("host", "lan", "web", "beside", "published", "plain", "six")}
# "web" publishes 8080 on the first, "published" something on the second; the third has IPv6 only
DUAL, T1, SIX = "br-329105e15d44", "br-75b21e785571", "br-4e9ea4f756e2"
WEB4, HOST4, NEAR4, FAR4 = "172.30.0.9", "198.51.100.1", "198.51.100.2", "198.51.100.3"
PLAIN4, PUBLISHED4, SECONDS = "172.18.0.3", "172.18.0.2", "1"
WEB6, BESIDE6, SIX6 = "fd00:30::2", "fd00:30::10", "fd19:a160:c7d6::9"
HOST6, NEAR6, FAR6 = "2001:db8:51::1", "2001:db8:51::2", "2001:db8:51::3"
# What the daemon's option bridge-accept-fwmark adds.
ACCEPT = "insert rule %s docker-bridges filter-FORWARD meta mark & 0x00100000 == 0x00100000 counter accept\n"

pytestmark = pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("nft"), reason="needs root and nft")


def run(*argv, given=None):
    done = subprocess.run(argv, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (argv, done.stderr)
    return done.stdout


def inside(name, *argv, given=None):
    return run("ip", "netns", "exec", NAMES[name], *argv, given=given)


def wire(name, addresses, gateways, bridge=None):
    """A cable from the host to a namespace of its own."""
    outer = "v-" + name
    inside("host", "ip", "link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", NAMES[name])
    inside("host", "ip", "link", "set", outer, *(("master", bridge) if bridge else ()), "up")
    address(name, "eth0", *addresses)
    inside(name, "ip", "link", "set", "eth0", "up")
    for gateway in gateways:
        inside(name, "ip", "route", "add", "default", "via", gateway)


def address(name, link, *texts):
    for text in texts:
        inside(name, "ip", "address", "add", text, "dev", link, *(("nodad",) if ":" in text else ()))


@pytest.fixture(scope="module")
def host():
    servers = []
    clear()
    try:
        for name in NAMES:
            run("ip", "netns", "add", NAMES[name])
            run("ip", "-n", NAMES[name], "link", "set", "lo", "up")
            inside(name, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=0", "net.ipv6.conf.default.disable_ipv6=0")
        inside("host", "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        for bridge, *own in ((DUAL, "172.30.0.1/24", "fd00:30::1/64"), (T1, "172.18.0.1/16"), (SIX, "fd19:a160:c7d6::1/64")):
            inside("host", "ip", "link", "add", bridge, "type", "bridge")
            address("host", bridge, *own)
            inside("host", "ip", "link", "set", bridge, "up")
        wire("lan", [NEAR4 + "/24", FAR4 + "/24", FAR6 + "/64", NEAR6 + "/64"], [HOST4, HOST6])
        address("host", "v-lan", HOST4 + "/24", HOST6 + "/64")
        wire("web", [WEB4 + "/24", WEB6 + "/64"], ["172.30.0.1", "fd00:30::1"], DUAL)
        wire("beside", ["172.30.0.10/24", BESIDE6 + "/64"], ["172.30.0.1", "fd00:30::1"], DUAL)
        wire("published", [PUBLISHED4 + "/16"], ["172.18.0.1"], T1)
        wire("plain", [PLAIN4 + "/16"], ["172.18.0.1"], T1)
        wire("six", [SIX6 + "/64"], ["fd19:a160:c7d6::1"], SIX)
        as_recorded()
        for name in ("web", "published", "plain", "lan", "six"):
            servers.append(serve(name, *itertools.product(("tcp", "udp"), (80, 3306))))
        servers.append(serve("host", ("tcp", 8080)))  # over IPv6 in place of docker-proxy, for the engine rewrites nothing there
        yield
    finally:
        for server in servers:
            server.stdin.close()
            server.wait()
        clear()


def as_recorded():
    recorded = (FIXTURES / "nft-ruleset.txt").read_text(encoding="utf-8")
    # The first table is that of a container's resolver; nft before 1.0.8 knows the word dstnat in one hook only.
    engine = recorded[recorded.index("table ip docker-bridges"):].replace("output priority dstnat", "output priority -100")
    fresh = "".join("table %s docker-bridges\ndelete table %s docker-bridges\n" % (family, family) for family in ("ip", "ip6"))
    inside("host", "nft", "-f", "-", given=fresh + engine)


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


def engine_tables(monkeypatch):
    """As the module reads them."""
    real = docker_bridges.run
    with monkeypatch.context() as patch:
        patch.setattr(docker_bridges, "run", lambda argv: real(["ip", "netns", "exec", NAMES["host"], *argv]))
        return docker_bridges.listings()


def seen(mark=0, drops=()):
    networks = json.loads((FIXTURES / "networks.json").read_text(encoding="utf-8"))
    return Observed(networks=tuple(map(docker_read.network, networks)), published=("tcp . 8080",), engine_backend="nftables",
                    through=Through(daemon_mark=mark), raw_drops=drops)


def apply(**params):
    text = nft.render(None)
    if params:
        wish = kind.desired(completed(params))
        kind.validate(wish, seen(DEFAULT_MARK))
        text = nft.render(compiled.ruleset(wish, seen(DEFAULT_MARK)))
    inside("host", "nft", "-f", "-", given=text)


PORT, PORT6 = ("tcp", HOST4, 8080), ("tcp", HOST6, 8080)
DATABASE = [("tcp", PLAIN4, 3306), ("udp", PLAIN4, 3306), ("tcp", PLAIN4, 80)]
DATABASE6 = [(protocol, SIX6, port) for protocol, _address, port in DATABASE]


def test_published(host):
    asked = [(*PORT, NEAR4), (*PORT, FAR4), (*PORT6, NEAR6), (*PORT6, FAR6)]
    apply()
    assert ask("lan", *asked) == [True] * 4 and ask("plain", PORT) == [True] and ask("six", PORT6) == [True]
    apply(published={"default": "drop", "rules": [{"action": "accept", "ports": ["8080"], "sources": [NEAR4, NEAR6]}]})
    assert ask("lan", *asked) == [True, False, True, False] and ask("plain", PORT) == [False] and ask("six", PORT6) == [False]


def test_forwarded_needs_the_daemons_mark(host, monkeypatch):
    as_recorded()
    apply()
    assert ask("beside", *DATABASE, *DATABASE6) == [False] * 6 and docker_bridges.mark(engine_tables(monkeypatch)) == 0
    apply(forwarded={"rules": [{"action": "accept", "from": ["dual"], "to": ["t1", "v6only"], "protocols": ["tcp", "udp"], "ports": ["3306"]}]})
    assert ask("beside", *DATABASE, *DATABASE6) == [False] * 6, "the engine drops it: that is why the task is refused without the mark"
    inside("host", "nft", "-f", "-", given=ACCEPT % "ip")
    assert ask("beside", *DATABASE, *DATABASE6) == [True, True, False] + [False] * 3
    assert docker_bridges.mark(engine_tables(monkeypatch)) == 0, "IPv6 is not let through yet"
    inside("host", "nft", "-f", "-", given=ACCEPT % "ip6")
    assert ask("beside", *DATABASE, *DATABASE6) == [True, True, False] * 2
    assert docker_bridges.mark(engine_tables(monkeypatch)) == DEFAULT_MARK


RAW = 'flush chain ip docker-bridges raw-PREROUTING\nadd rule ip docker-bridges raw-PREROUTING ip daddr %s iifname != %s counter drop\n'
SUBNETS = {DUAL: ["172.30.0.0/24", "fd00:30::/64"], T1: ["172.18.0.0/16"], SIX: ["fd19:a160:c7d6::/64"]}


def test_the_engines_drop_before_any_mark_is_known(host, monkeypatch):
    def shields():
        found = docker_bridges.raw_drops(engine_tables(monkeypatch), SUBNETS)
        return tuple((name, tuple(sorted(trusted))) for name, trusted in sorted(found.items()))

    policy = {"forwarded": {"rules": [{"action": "accept", "from": ["dual"], "to": ["t1"], "ports": ["3306"]}]}}
    asked = [("tcp", PUBLISHED4, 3306), ("tcp", PLAIN4, 3306)]
    as_recorded()
    inside("host", "nft", "-f", "-", given=ACCEPT % "ip")
    apply(**policy)
    assert shields() == ((DUAL, ()), (T1, ()))
    assert ask("beside", *asked) == [False, True], "what publishes something is shielded, whatever is marked"
    assert warned(policy, shields()) == ["dual", "t1"]
    inside("host", "nft", "-f", "-", given=RAW % (PUBLISHED4, '{ "%s", "%s" }' % (T1, DUAL)))
    assert shields() == ((DUAL, ()), (T1, (DUAL,)))
    assert ask("beside", *asked) == [True, True] and warned(policy, shields()) == ["dual"], "replies to what dual publishes are dropped"


def warned(policy, drops):
    """:returns: the networks that the task names"""
    lines = kind.plan(kind.desired(completed(policy)), seen(DEFAULT_MARK, drops)).warnings
    return [line.partition(" container of network ")[2].partition(",")[0] for line in lines if "drops in the raw table" in line]


def test_forwarded_drops_without_any_mark(host):
    outside = [("tcp", NEAR4, 80), ("udp", NEAR4, 80)]
    outside6 = [("tcp", NEAR6, 80), ("udp", NEAR6, 80)]
    as_recorded()
    apply()
    assert ask("plain", *outside) == [True, True] and ask("six", *outside6) == [True, True]
    apply(forwarded={"rules": [{"action": "drop", "from": ["t1", "v6only"], "to": ["outside"]}]})
    assert ask("plain", *outside) == [False, False] and ask("six", *outside6) == [False, False]
    assert ask("beside", *outside, *outside6) == [True] * 4


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
