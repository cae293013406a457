# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which connections that are there already a policy denies: the same answers as the kernel gives to their first packets."""
from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import conntrack
from ansible_collections.fleetnet.docker.plugins.module_utils.core.engine import converge
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall import compile as compiled, judge, kind
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall.state import Scope
from ansible_collections.fleetnet.docker.plugins.module_utils.values.flow import Flow, Paths

from unit.kinds.firewall.firewall_host_model import Host, completed

SEEN = Host(published=("tcp . 8080", "udp . 53")).observe(Scope())
FRONT, BACK = "br-aaaaaaaaaaaa", "br-bbbbbbbbbbbb"
PATHS = Paths((("0.0.0.0/0", "eth0"), ("::/0", "eth0"), ("10.1.0.0/16", FRONT), ("10.2.0.0/16", BACK), ("10.1.5.0/24", "tun0"),
               ("fd01::/64", FRONT), ("192.168.122.0/24", "virbr0"), ("10.3.0.0/16", "br-cccccccccccc")), frozenset({"192.0.2.1", "127.0.0.1", "2001:db8::1"}))
HOST, WEB, DATABASE = "192.0.2.1", "10.1.0.9", "10.2.0.9"


def flow(source, target, port, final=None, final_port=None, protocol="tcp"):
    return Flow(protocol, source, 50000, target, port, final or target, final_port or port)


def is_denied(policy, one):
    wish = kind.desired(completed(policy))
    return bool(judge.denied(compiled.ruleset(wish, SEEN), [one], PATHS))


PUBLISHED = flow("198.51.100.2", HOST, 8080, WEB, 80)
PROXIED = flow("2001:db8:9::2", "2001:db8::1", 8080)
DIRECT = flow("198.51.100.2", WEB, 80)
ACROSS = flow(WEB, DATABASE, 3306)
OUT = flow(DATABASE, "198.51.100.2", 443)
INSIDE = flow("10.1.0.7", WEB, 80)
SSH = flow("198.51.100.2", HOST, 22)
OWN = flow(HOST, "198.51.100.2", 22)
SERVICE = flow("198.51.100.2", HOST, 9100)
ONLY_WEB = {"published": {"default": "drop", "rules": [{"action": "accept", "ports": ["8080"], "sources": ["198.51.100.0/24"]}]}}
NETWORKS = {"forwarded": {"default": "drop", "rules": [{"action": "accept", "from": ["front"], "to": ["back"], "ports": ["3306"]}]}}
CLOSED = {"host": {"default": "drop", "rules": [{"action": "accept", "ports": ["9100"], "interfaces": ["eth*"], "log": True,
                                                 "limit": "1/second"}]}}


@pytest.mark.parametrize("policy,one,answer", [
    ({"published": {"default": "drop"}}, PUBLISHED, True), ({"published": {"default": "drop"}}, PROXIED, True),
    ({"published": {}}, PUBLISHED, False), ({"published": {}}, DIRECT, True), ({"published": {"direct": "accept"}}, DIRECT, False),
    ({"published": {}}, flow("198.51.100.2", "127.0.0.1", 81, WEB, 81), True),
    (ONLY_WEB, PUBLISHED, False), (ONLY_WEB, PROXIED, True), (ONLY_WEB, SSH, False), (ONLY_WEB, INSIDE, False), (ONLY_WEB, OWN, False),
    (ONLY_WEB, flow("198.51.100.2", HOST, 8080, WEB, 80, "udp"), True), (ONLY_WEB, flow("203.0.113.2", HOST, 8080, WEB, 80), True),
    (NETWORKS, ACROSS, False), (NETWORKS, flow(WEB, DATABASE, 3307), True), (NETWORKS, OUT, True), (NETWORKS, PUBLISHED, False),
    # Somebody else's port forwards; a neighbour's published port; a bridge that is about to be known.
    ({"published": {"default": "drop"}}, flow("198.51.100.2", HOST, 2222, "192.168.122.5", 22), False),
    ({"published": {"default": "drop"}}, flow("10.1.0.7", HOST, 8080, WEB, 80), True), (ONLY_WEB, flow("10.1.0.7", HOST, 8080, WEB, 80), True),
    ({"published": {"default": "drop"}}, flow("198.51.100.2", HOST, 2223, "10.3.0.9", 22), True),
    (NETWORKS, INSIDE, False), (NETWORKS, DIRECT, True), (NETWORKS, flow("198.51.100.2", "203.0.113.9", 80), False),
    (CLOSED, SSH, False), (CLOSED, SERVICE, False), (CLOSED, flow("198.51.100.2", HOST, 9101), True), (CLOSED, PROXIED, False),
    (CLOSED, flow("10.1.5.5", HOST, 9100), True), (CLOSED, PUBLISHED, False),
])
def test_judged(policy, one, answer):
    assert is_denied(policy, one) is answer


@pytest.mark.parametrize("policy", [{"published": {"default": "drop"}}, {"published": {"default": "drop"}, "host": {"default": "drop"}}])
@pytest.mark.parametrize("more, known, denied", [({}, 22, False), ({"ssh_port": 22}, None, False), ({"ssh_port": 2222}, 22, True),
                                                 ({"allow_lockout": True}, 22, True), ({}, None, True)])
def test_a_container_that_publishes_the_port_of_ssh_on_another_address(policy, more, known, denied):
    seen = Host(published=("tcp . 22",), ssh_port=known).observe(Scope())
    ruleset = compiled.ruleset(kind.desired(completed(dict(policy, **more))), seen)
    assert bool(judge.denied(ruleset, [SSH], PATHS)) is denied
    assert judge.denied(ruleset, [flow("198.51.100.2", HOST, 22, WEB, 22)], PATHS)  # the container's own


def test_where_the_way_is_not_known_a_connection_stays():
    nowhere = Paths((), PATHS.own)
    wish = kind.desired(completed(CLOSED))
    assert judge.denied(compiled.ruleset(wish, SEEN), [SERVICE], nowhere) == ()
    assert judge.denied(None, [SERVICE], PATHS) == ()


def busy(*flows):
    return Host(published=("tcp . 8080",), flows=flows, paths=PATHS)


def test_flushing_ends_what_is_denied_once_and_nothing_else():
    host, policy = busy(PUBLISHED, SSH, PROXIED, DIRECT), completed(dict(ONLY_WEB, flush_conntrack=True))
    shown = converge(kind, kind.desired(policy), host, check=True)
    assert shown.plan.impact == ("tcp from 2001:db8:9::2:50000 to 2001:db8::1:8080 ends", "tcp from 198.51.100.2:50000 to 10.1.0.9:80 ends")
    assert host.facts["flows"] == (PUBLISHED, SSH, PROXIED, DIRECT)
    done = converge(kind, kind.desired(policy), host)
    assert done.plan == shown.plan and host.facts["flows"] == (PUBLISHED, SSH)
    assert str(done.plan.steps[-1]) == "end 2 connection(s) that the policy denies" and not done.plan.steps[-1].reversible
    assert not converge(kind, kind.desired(policy), host).changed


def test_flushing_alone_is_a_change_with_its_reason():
    host = busy(PROXIED)
    converge(kind, kind.desired(completed(ONLY_WEB)), host)
    assert host.facts["flows"] == (PROXIED,) and not converge(kind, kind.desired(completed(ONLY_WEB)), host).changed
    done = converge(kind, kind.desired(completed(dict(ONLY_WEB, flush_conntrack=True))), host)
    assert done.plan.reasons == ("1 connection(s) that the policy denies are there from before",) and host.facts["flows"] == ()


def test_nothing_ends_before_it_is_confirmed():
    host = busy(PROXIED)
    policy = dict(ONLY_WEB, flush_conntrack=True)
    converge(kind, kind.desired(completed(dict(policy, confirm="try"))), host)
    assert host.facts["flows"] == (PROXIED,)
    converge(kind, kind.desired(completed(dict(policy, confirm="confirm"))), host)
    assert host.facts["flows"] == ()


PING = Flow("icmp", "198.51.100.2", 0, HOST, 0, HOST, 0, 8)
STAMP = replace(PING, icmp=13)
PING6 = Flow("ipv6-icmp", "2001:db8:9::2", 0, "2001:db8::1", 0, "2001:db8::1", 0, 128)
ESP, GRE = (Flow(name, "198.51.100.2", 0, HOST, 0, HOST, 0) for name in ("esp", "gre"))
INWARD = Flow("icmp", "198.51.100.2", 0, WEB, 0, WEB, 0, 8)
VPN = {"host": {"default": "drop", "rules": [{"action": "accept", "protocols": ["esp"], "sources": ["198.51.100.0/24"]}]}}


@pytest.mark.parametrize("policy,denied", [
    (CLOSED, {STAMP, ESP, GRE}), (dict(CLOSED, allow_lockout=True), {PING, STAMP, PING6, ESP, GRE}), (VPN, {STAMP, GRE}),
    ({"host": {"rules": [{"action": "drop", "protocols": ["icmp"]}]}}, {STAMP}), ({"host": {"rules": [{"action": "drop", "ports": [1]}]}}, set()),
    ({"host": {"rules": [{"action": "drop", "protocols": ["icmp"]}]}, "allow_lockout": True}, {PING, STAMP, PING6}),
    ({"published": {"default": "drop"}}, {INWARD}), ({"forwarded": {"rules": [{"action": "drop", "protocols": ["icmp"], "to": ["front"]}]}}, {INWARD}),
    ({"cluster": {"members": ["192.0.2.9"]}}, set())])
def test_what_has_no_ports_is_judged_too(policy, denied):
    wish = kind.desired(completed(policy))
    assert set(judge.denied(compiled.ruleset(wish, SEEN), [PING, STAMP, PING6, ESP, GRE, INWARD], PATHS)) == denied


LISTED = """tcp      6 431999 ESTABLISHED src=198.51.100.2 dst=192.0.2.1 sport=50000 dport=8080 src=10.1.0.9 dst=198.51.100.2 sport=80 dport=50000 [ASSURED] \
mark=0 use=1
udp      17 20 src=2001:db8:9::2 dst=2001:db8::1 sport=50000 dport=53 [UNREPLIED] src=2001:db8::1 dst=2001:db8:9::2 sport=53 dport=50000 mark=1048576 use=1
icmp     1 29 src=198.51.100.2 dst=192.0.2.1 type=8 code=0 id=7 src=192.0.2.1 dst=198.51.100.2 type=0 code=0 id=7 mark=0 use=1
icmp     1 29 src=198.51.100.2 dst=192.0.2.1 type=8 code=0 id=8 src=192.0.2.1 dst=198.51.100.2 type=0 code=0 id=8 mark=0 use=1
icmpv6   58 29 src=2001:db8:9::2 dst=2001:db8::1 type=128 code=0 id=7 src=2001:db8::1 dst=2001:db8:9::2 type=129 code=0 id=7 mark=0 use=1
unknown  50 599 src=198.51.100.2 dst=192.0.2.1 [UNREPLIED] src=192.0.2.1 dst=198.51.100.2 mark=0 use=1
gre      47 29 src=198.51.100.2 dst=192.0.2.1 srckey=0x0 dstkey=0x0 [UNREPLIED] src=192.0.2.1 dst=198.51.100.2 srckey=0x0 dstkey=0x0 mark=0 use=1
unknown  112 599 src=198.51.100.2 dst=224.0.0.18 [UNREPLIED] src=224.0.0.18 dst=198.51.100.2 mark=0 use=1
"""


def test_what_conntrack_lists(monkeypatch):
    monkeypatch.setattr(conntrack, "_conntrack", lambda *words: conntrack.Done(0, LISTED if "ipv4" in words else ""))
    assert conntrack.flows() == (PUBLISHED, flow("2001:db8:9::2", "2001:db8::1", 53, protocol="udp"), PING, PING6, ESP, GRE)
    assert [str(each) for each in (PING6, ESP)] == ["ipv6-icmp from 2001:db8:9::2 to 2001:db8::1", "esp from 198.51.100.2 to 192.0.2.1"]


@pytest.mark.parametrize("one,words", [
    (PROXIED, "-f ipv6 -p tcp -s 2001:db8:9::2 -d 2001:db8::1 --sport 50000 --dport 8080"),
    (STAMP, "-f ipv4 -p 1 -s 198.51.100.2 -d 192.0.2.1 --icmp-type 13"), (ESP, "-f ipv4 -p 50 -s 198.51.100.2 -d 192.0.2.1"),
    (PING6, "-f ipv6 -p 58 -s 2001:db8:9::2 -d 2001:db8::1 --icmpv6-type 128")])
def test_how_one_is_ended(monkeypatch, one, words):
    asked = []
    monkeypatch.setattr(conntrack, "_conntrack", lambda *given: asked.append(" ".join(given)))
    conntrack.end(one)
    assert asked == ["-D " + words]


def test_with_two_ways_a_connection_stays():
    both = Paths((*PATHS.routes, ("0.0.0.0/0", "eth1"), ("10.1.0.0/16", FRONT)), PATHS.own)
    assert [both.interface(address) for address in ("8.8.8.8", "10.1.6.6", "10.1.5.5")] == ["", FRONT, "tun0"]
    for interface in ("eth0", "eth1"):
        rules = [{"action": "accept", "ports": ["9100"], "interfaces": [interface]}]
        wish = kind.desired(completed({"host": {"default": "drop", "rules": rules}}))
        assert judge.denied(compiled.ruleset(wish, SEEN), [SERVICE], both) == ()


def test_the_longest_prefix_counts():
    assert [PATHS.interface(address) for address in ("10.1.5.5", "10.1.6.6", "8.8.8.8", "fd01::9", HOST)] == [
        "tun0", FRONT, "eth0", FRONT, "lo"]
