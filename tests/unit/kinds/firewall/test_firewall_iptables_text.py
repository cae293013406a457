# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text for iptables and ipset and back, also as the commands print it; what somebody else changed is seen."""
from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall import compile as compiled, ipt, ipt_sets, ipt_table, kind, told
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall.state import Scope
from ansible_collections.fleetnet.docker.plugins.module_utils.values.firewall import Set

from unit.kinds.firewall.firewall_host_model import Host, completed, policies

few = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
SEEN = Host().observe(Scope())
POLICY = completed({
    "sets": [{"name": "web", "type": "ports", "elements": [80, "8000-8010"]}, {"name": "office", "elements": ["192.0.2.0/24", "2001:db8::/48"]}],
    "published": {"default": "drop", "rules": [
        {"action": "accept", "ports": ["@web"], "sources": ["@office"], "limit": "60/minute", "log": True, "comment": "it's me"},
        {"action": "reject", "protocols": ["tcp", "udp"], "ports": [53, "60-70"], "interfaces": ["eth*", "wlan0"]}]},
    "forwarded": {"rules": [{"action": "accept", "from": ["front"], "to": ["back"], "ports": [3306]}]},
    "host": {"default": "drop", "rules": [{"action": "accept", "protocols": ["icmp", "esp"], "sources": ["10.0.0.1-10.0.0.9"]}]}})


def made(params=None):
    return compiled.ruleset(kind.desired(params or POLICY), SEEN)


@few
@given(policies())
def test_rendered_and_read_is_the_same(params):
    want = made(params)
    assert ipt.parse(ipt.render(want)) == want


def printed(text):
    """As iptables 1.8.9 and ipset 7.17 print it once it is loaded."""
    text = re.sub(r'--comment "(\w+)"', r"--comment \1", text)
    text = re.sub(r'--comment "([^"]*)"', lambda found: '--comment "%s"' % found.group(1).replace("'", "\\'"), text)
    text = re.sub(r" -s ([\d.]+) ", r" -s \1/32 ", text)
    text = text.replace("--hashlimit-above 60/minute", "--hashlimit-above 1/sec")
    text = re.sub(r"(--hashlimit-name \S+)", r"\1 --hashlimit-htable-expire 60000", text)
    text = text.replace("-I ", "-A ").replace("%s\n*filter\n" % ipt_table.HEADS[4], "%s\n*filter\n:INPUT ACCEPT [9:9]\n" % ipt_table.HEADS[4])
    return re.sub(r"^-A", "[7:420] -A", text, flags=re.MULTILINE)


def test_what_the_commands_print_is_read_with_its_counters():
    want = made()
    read = ipt.parse(printed(ipt.render(want)))
    assert read == want
    counted = dict((row.comment, row.counter) for _name, row in read.lines)
    assert counted["published default"] == (14, 840)  # one rule for each family
    assert ipt.parse(ipt.render(want.with_counters_of(read))).with_counters_of(None) == want
    again = dict((row.comment, row.counter) for _name, row in ipt.parse(ipt.render(want.with_counters_of(read))).lines)
    assert again == counted


TAMPERED = {
    "a rule more": ("-A FLEETNET-HOST", "-A FLEETNET-HOST -s 10.9.9.9 -j RETURN\n-A FLEETNET-HOST"),
    "a rule less": (re.compile("-A FLEETNET-HOST .*-j DROP\n"), ""),
    "another target": ("-j REJECT --reject-with icmp-port-unreachable", "-j RETURN"),
    "another rate": ("--hashlimit-above 60/minute", "--hashlimit-above 61/minute"),
    "another port": ("--dports 3306", "--dports 3307"),
    "another name for a rate": ("--hashlimit-burst 5", "--hashlimit-burst 6"),
    "a port less of a set": (re.compile("-A .* --ctorigdstport 8000:8010 .*\n"), ""),
    "an element less": ("add fnet-new 192.0.2.0/24\n", ""),
    "an element more": ("add fnet-new 192.0.2.0/24\n", "add fnet-new 192.0.2.0/24\nadd fnet-new 10.0.0.0/8\n"),
    "an element with a time": ("add fnet-new 192.0.2.0/24\n", "add fnet-new 192.0.2.0/24 timeout 5\n"),
    "a bridge more in one family": ("add fnet-new ::/0,docker0\n", "add fnet-new ::/0,docker0\nadd fnet-new ::/0,br-x\n"),
    "a chain more": (":FLEETNET-HOST - [0:0]", ":FLEETNET-HOST - [0:0]\n:FLEETNET-MINE - [0:0]"),
    "a set more": ("# iptables-restore", "create fnet-mine hash:ip\n# iptables-restore"),
    "no jump": (re.compile("-I INPUT .*\n"), ""),
    "a jump with a condition": ('-I INPUT -m comment', "-I INPUT -i eth0 -m comment"),
    "a jump twice": (re.compile("(-I INPUT .*\n)"), r"\1\1"),
    "a jump too late": (re.compile("(-I INPUT .*\n)"), r"\1-I INPUT -p tcp -j ACCEPT\n"),
    "a jump after a chain that accepts": (re.compile("(-I INPUT .*\n)"), r"\1-A other -g more\n-A more -j ACCEPT\n-I INPUT -j other\n"),
    "who returns before the jump": (re.compile("(-I INPUT .*\n)"), r"\1-I INPUT -s 10.9.9.9 -j RETURN\n"),
    "who goes elsewhere before the jump": (re.compile("(-I INPUT .*\n)"), r"\1-A other -p tcp -j DROP\n-I INPUT -s 10.9.9.9 -g other\n"),
    "a jump from the wrong chain": ("-I DOCKER-USER", "-A FORWARD -j DOCKER-USER\n-A FORWARD"),
    "another mark": ("--set-xmark 0x100000/0x100000", "--set-xmark 0x0/0x100000"),
    "another digest": (re.compile("sha256:......"), "sha256:000000"),
    "rules in another order": (re.compile(r"(-A FLEETNET-FORWARD .*\n)(-A FLEETNET-FORWARD .*DNAT.*\n)"), r"\2\1"),
    "an older comment": ('"0; loopback"', '"loopback"'),
    "an odd comment": ('"0; loopback"', '"0 over=x,5 what=3; loopback"'),
    "the directory is emptied": (re.compile("-A FLEETNET-ABOUT .*\n"), ""),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_tampering_is_seen(what):
    old, new = TAMPERED[what]
    text = ipt.render(made())
    changed = old.sub(new, text, count=1) if hasattr(old, "sub") else text.replace(old, new)
    assert changed != text and ipt.parse(changed) != made()


HARMLESS = {
    "a ban in front": (re.compile("(-I INPUT .*\n)"), r"\1-A ban -s 10.0.0.1 -j REJECT\n-A ban -j RETURN\n-I INPUT -p tcp -j ban\n"),
    "rules behind": (re.compile("(-I INPUT .*\n)"), r"\1-A INPUT -m comment --comment \"-j FLEETNET-INPUT\" -j ACCEPT\n"),
    "other chains and sets": ("*filter\n", "*filter\n:ufw-user-input - [0:0]\n-A ufw-user-input -m socket --transparent -j ACCEPT\n"),
    "no DOCKER-USER": ("-I DOCKER-USER", "-I FORWARD"),
    "DOCKER-USER is called": ("-I DOCKER-USER", "-A FORWARD -j DOCKER-USER\n-I DOCKER-USER"),
    "DOCKER-USER is called too late": ("-I DOCKER-USER", "-A FORWARD -j DOCKER-USER\n-I FORWARD"),
}


@pytest.mark.parametrize("what", HARMLESS)
def test_what_is_not_ours_is_let_be(what):
    old, new = HARMLESS[what]
    text = ipt.render(made())
    changed = old.sub(new, text) if hasattr(old, "sub") else text.replace(old, new)
    assert changed != text and ipt.parse(changed) == made()


def test_nothing_of_ours_is_nothing():
    assert ipt.parse("") is None and ipt.parse(ipt.render(None)) is None
    assert ipt.parse("%s\ncreate other hash:ip\n%s\n*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j ACCEPT\n" % (
        ipt_table.HEADS["sets"], ipt_table.HEADS[4])) is None


@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(["add", "create", "swap", "fnet-x", "-A", "--comment", '"', "!", "-m", "@x"]),
                                                max_size=6).map(" ".join)))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_reading_never_fails(text):
    for front in ("", "%s\n" % ipt_table.HEADS["sets"], "%s\n-A FLEETNET-HOST " % ipt_table.HEADS[4], "%s\n-A FLEETNET-ABOUT " % ipt_table.HEADS[6]):
        ipt.parse(front + text)


def test_names_fit_what_the_kernel_keeps():
    longest = compiled.ruleset(kind.desired(completed({
        "sets": [{"name": "a" * 20, "elements": ["10.0.0.1"]}, {"name": "b" * 20, "type": "ports", "elements": [1]}],
        "forwarded": {"rules": [{"action": "accept", "from": ["n" * 90, "m" * 20], "log": True, "sources": ["@" + "a" * 20], "comment": "ü" * 45}
                                for _each in range(1000)]}})), SEEN)
    text = ipt.render(longest)
    words = [row.split() for row in text.splitlines()]
    assert max(len(row[1]) for row in words if row[0] == "create") <= 31
    assert max(len(row[0]) - 1 for row in words if row[0].startswith(":")) <= 28
    assert max(len(found.encode()) for found in re.findall('--comment "([^"]*)"', text)) <= 255
    assert max(len(found.encode()) for found in re.findall('--log-prefix "([^"]*)"', text)) <= 29


@pytest.mark.parametrize("elements", [("0.0.0.0/0",), ("10.0.0.1-10.0.0.9", "10.1.0.0/16"), ()])
def test_a_set_of_prefixes_holds_every_range(elements):
    found = Set("set_x_4", "ipv4_addr", elements)
    held = ipt_sets.read("\n".join(ipt_sets.written(found)))
    assert ipt_sets.rebuilt("set_x_4", "ipv4_addr", "", held, list(held)) == found
    assert not any(text.endswith("/0") for text in held[ipt_sets.parts(found)[0]])


def test_the_policy_read_back_is_the_policy():
    wish = kind.desired(POLICY)
    read = ipt.parse(printed(ipt.render(made())))
    again = replace(wish, sets=told.named_sets(read), **told.sections(read))
    assert compiled.ruleset(again, SEEN) == made()
