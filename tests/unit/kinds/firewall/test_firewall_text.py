# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text and back: what is rendered is read as the same ruleset, and the policy read back makes that ruleset again."""
from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import WishError
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall import compile as compiled, ipt, ipt_table, kind, nft, nft_read, told
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall.state import Scope
from ansible_collections.fleetnet.docker.plugins.module_utils.values import ranges

from unit.kinds.firewall.firewall_host_model import Host, completed, policies

few = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
SEEN = Host().observe(Scope())


def table(ruleset):
    """The text without the two lines that make room."""
    return nft.render(ruleset).split("\n", 2)[2]


@few
@given(policies())
def test_rendered_and_read_is_the_same(params):
    made = compiled.ruleset(kind.desired(params), SEEN)
    assert nft.parse(table(made)) == made


@few
@given(policies())
def test_the_policy_read_back_makes_the_same_ruleset(params):
    wish = kind.desired(params)
    made = compiled.ruleset(wish, SEEN)
    read = nft.parse(table(made))
    again = replace(wish, sets=told.named_sets(read), **{name: None for name in ("published", "forwarded", "host")})
    again = replace(again, **told.sections(read))
    assert dict(again.sections()).keys() == {name for name, _section in wish.sections()}
    assert compiled.ruleset(again, SEEN) == made


PRINTED = {
    # As nft 1.0.6 prints what was loaded in another spelling.
    'tcp dport 22 counter packets 1 bytes 60 accept comment "kept: SSH"':
        'meta l4proto tcp th dport 22 counter packets 0 bytes 0 accept comment "kept: SSH"',
    'meta l4proto 6 ct original proto-dst 80 counter packets 0 bytes 0 drop':
        'meta l4proto tcp ct original proto-dst 80 counter packets 0 bytes 0 drop',
    'meta l4proto { 6, 17 } th dport { 53, 8000-8010 } counter packets 0 bytes 0 drop':
        'meta l4proto { tcp, udp } th dport { 53, 8000-8010 } counter packets 0 bytes 0 drop',
    'limit rate over 10/second counter packets 0 bytes 0 drop':
        'limit rate over 10/second burst 5 packets counter packets 0 bytes 0 drop',
    'meta nfproto ipv4 counter packets 0 bytes 0 reject with icmp port-unreachable':
        'meta nfproto ipv4 counter packets 0 bytes 0 reject',
    'meta l4proto { 1, 58 } counter packets 0 bytes 0 reject with icmpx port-unreachable':
        'meta l4proto { icmp, ipv6-icmp } counter packets 0 bytes 0 reject',
    'icmp type { time-exceeded, echo-request } counter packets 0 bytes 0 accept':
        'icmp type { echo-request, time-exceeded } counter packets 0 bytes 0 accept',
}


def test_of_the_highest_bit_nft_prints_a_prefix():
    printed, plain = ("%s meta mark set meta mark | 0x80000000 counter packets 0 bytes 0 accept comment \"let through\"" % match
                      for match in ("ct mark 0x80000000/1", "ct mark & 0x80000000 == 0x80000000"))
    found = nft_read.read_line(printed, 0x80000000)
    assert found == nft_read.read_line(plain, 0x80000000) and not found.verdict.startswith("foreign")


@pytest.mark.parametrize("printed", PRINTED)
def test_other_spellings_are_read(printed):
    assert nft_read.read_line(printed, 0x100000) == nft_read.read_line(PRINTED[printed], 0x100000)
    assert not nft_read.read_line(printed, 0x100000).verdict.startswith("foreign")


FOREIGN = ("accept", "ip saddr 10.0.0.1 accept", "counter packets 0 bytes 0 accept meta nftrace set 1", "tcp flags syn counter packets 0 bytes 0 drop",
           "ip saddr 10.0.0.1 ip saddr 10.0.0.2 counter packets 0 bytes 0 accept", "counter packets 0 bytes 0 return",
           'counter packets 0 bytes 0 accept comment "x" accept', "ct mark & 0x00200000 == 0x00200000 counter packets 0 bytes 0 accept",
           "ct mark set ct mark | 0x00100000 counter packets 0 bytes 0 accept", "counter packets 0 bytes 0 continue", "",
           "ct state established,related counter packets 0 bytes 0 accept", "counter packets 0 bytes 0 accept drop")


@pytest.mark.parametrize("text", FOREIGN)
def test_what_the_module_does_not_write_is_foreign(text):
    assert nft_read.read_line(text, 0x100000).verdict == "foreign " + nft_read.COUNTER.sub("counter", text)


@given(st.text(max_size=60))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_reading_never_fails(text):
    nft_read.read_line(text, 0x100000)
    nft_read.parse("table inet fleetnet {\n" + text + "\n}\n")


# Hostile texts

PAYLOADS = ('"; flush ruleset; #', '" accept comment "', "x\naccept", "x\r\ndrop", "}\n}\nflush ruleset\n", "@set_office_4", "$(reboot)", "`id`",
            "\\", "eth0\"", "a b", "{ eth0 }", "eth0, lo", "*", "", "ü" * 46, "a" * 200, "\0", "\u2028", "inet fleetnet", "10.0.0.1 accept",
            "80; accept", "0x50", "::1%eth0", "1.2.3.4/", "-", "80-", "@", "@nobody", " office", "..", "eth0/../lo", "tcp\n")
texts = st.one_of(st.sampled_from(PAYLOADS), st.text(max_size=30), st.builds(lambda a, b: a + b, st.sampled_from(PAYLOADS), st.text(max_size=5)))
PLACES = {
    "comment": lambda text: {"host": {"rules": [{"action": "drop", "comment": text}]}},
    "interface": lambda text: {"host": {"rules": [{"action": "drop", "interfaces": [text]}]}},
    "network": lambda text: {"host": {"rules": [{"action": "drop", "networks": [text]}]}},
    "from": lambda text: {"forwarded": {"rules": [{"action": "drop", "from": [text]}]}},
    "source": lambda text: {"host": {"rules": [{"action": "drop", "sources": [text]}]}},
    "port": lambda text: {"host": {"rules": [{"action": "drop", "ports": [text]}]}},
    "protocol": lambda text: {"host": {"rules": [{"action": "drop", "protocols": [text]}]}},
    "limit": lambda text: {"host": {"rules": [{"action": "accept", "limit": text}]}},
    "set": lambda text: {"host": {}, "sets": [{"name": text, "elements": ["10.0.0.1"]}]},
    "element": lambda text: {"host": {}, "sets": [{"name": "office", "elements": [text]}]},
    "port element": lambda text: {"host": {}, "sets": [{"name": "web", "type": "ports", "elements": [text]}]},
    "member": lambda text: {"cluster": {"members": [text]}},
}
HARMLESS = {"comment": "x", "interface": "eth0", "network": "front", "from": "front", "source": "10.0.0.1", "port": "80", "protocol": "tcp",
            "limit": "1/second", "set": "office", "element": "10.0.0.1", "port element": "80", "member": "10.0.0.1"}


@pytest.mark.parametrize("place", PLACES)
@given(text=texts)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_no_text_can_become_a_rule(place, text):
    try:
        made = compiled.ruleset(kind.desired(completed(PLACES[place](text))), SEEN)
    except WishError as reason:
        assert "\n" not in str(reason)
        return
    assert nft.parse(table(made)) == made
    plain = compiled.ruleset(kind.desired(completed(PLACES[place](HARMLESS[place]))), SEEN)
    shape = [(name, line.verdict, [match.key[:-1] if match.key[-1] in "46" else match.key for match in line.matches]) for name, line in made.lines]
    # A comment is no part of the shape; everything but the one value must be as with a harmless text.
    assert shape == [(name, line.verdict, [match.key[:-1] if match.key[-1] in "46" else match.key for match in line.matches])
                     for name, line in plain.lines] or text in ("0.0.0.0/0", "::/0", "esp", "gre", "icmp", "igmp", "vrrp", "outside", "")
    assert nft.render(made).count("\n") - nft.render(plain).count("\n") in (-3, -1, 0, 1, 3)


ROW = re.compile(r"# ip\S* ?restore -exist|# ip6?tables-restore --noflush --counters|\*filter|COMMIT|:FLEETNET-[A-Z0-9_]+ - \[0:0\]"
                 r"|create fnet-\S+ (hash:net(,iface)? family inet6? maxelem \d+|bitmap:port range 0-65535)|(add fnet-new|swap fnet-new|destroy) \S+"
                 r"|-A FLEETNET-[A-Z0-9_]+ (?P<rule>.*)|-I (INPUT|DOCKER-USER) -m comment --comment \"fleetnet.docker\" -j FLEETNET-[A-Z]+")


def targets(made):
    """As the commands take the text apart: by lines, and by words; :returns: where packets may go"""
    found = set()
    for row in ipt.render(made)[:-1].split("\n"):
        whole = ROW.fullmatch(row)
        assert whole, row
        features = ipt_table.read(whole.group("rule") or "")
        assert sum(feature[0] == "--comment" for feature in features) == (whole.group("rule") is not None) or "-A FLEETNET-THROUGH" in row
        found |= {feature for feature in features if feature[0] in ("-j", "-g")}
    return found


@pytest.mark.parametrize("place", PLACES)
@given(text=texts)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_no_text_can_become_a_rule_of_iptables(place, text):
    try:
        made = compiled.ruleset(kind.desired(completed(PLACES[place](text))), SEEN)
    except WishError:
        return
    assert ipt.parse(ipt.render(made)) == made
    assert targets(made) <= targets(compiled.ruleset(kind.desired(completed(PLACES[place](HARMLESS[place]))), SEEN))


def test_a_network_of_the_engine_with_a_hostile_bridge_name_is_left_out():
    from unit.kinds.firewall.firewall_host_model import network
    host = Host(networks=(network("front", bridge='x" }; flush ruleset; #'),))
    made = compiled.ruleset(kind.desired(completed({"host": {}})), host.observe(Scope()))
    assert made.set("bridges").elements == ()


# Ranges

@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 20)), max_size=12))
@settings(max_examples=50, deadline=None, derandomize=True)
def test_merged_ranges_hold_the_same_numbers_and_never_touch(pairs):
    given_ranges = [(begin, begin + size) for begin, size in pairs]
    found = ranges.merged(given_ranges)
    assert {n for begin, end in found for n in range(begin, end + 1)} == {n for begin, end in given_ranges for n in range(begin, end + 1)}
    assert all(one[1] + 1 < other[0] for one, other in zip(found, found[1:]))


@given(st.integers(0, 2 ** 32 - 1), st.integers(0, 2 ** 33), st.sampled_from([4, 6]))
@settings(max_examples=50, deadline=None, derandomize=True)
def test_a_range_is_spelled_and_read(begin, size, family):
    pair = (begin, min(begin + size, 2 ** 32 - 1))
    assert ranges.addresses(ranges.address_text(family, pair)) == (family, pair)
