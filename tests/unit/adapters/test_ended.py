# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps connections ended: which packets it names, what a load carries over, and that it is no part of a policy."""
from __future__ import annotations

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import ended, iptables, nftables
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.command import Done
from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import EnvironmentFault
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall import nft
from ansible_collections.fleetnet.docker.plugins.module_utils.values.flow import Flow

WEB = Flow("tcp", "192.0.2.7", 50000, "192.0.2.1", 8001, "172.18.0.3", 80)
PLAIN = Flow("udp", "2001:db8::7", 53, "2001:db8::1", 53, "2001:db8::1", 53)
PING = Flow("icmp", "192.0.2.7", 0, "192.0.2.1", 0, "192.0.2.1", 0, 8)
POLICY = 'table inet fleetnet {\n\tcomment "fleetnet.docker sha256:%s mark:0x100000"\n}\n'
ONE, OTHER = POLICY % ("1" * 64), POLICY % ("2" * 64)
# As nft 1.1.3 lists it.
LISTED = ONE[:-2] + '''
\tset ended4 {
\t\ttype inet_proto . ipv4_addr . inet_service . ipv4_addr
\t\ttimeout 20m
\t\telements = { 6 . 192.0.2.7 . 50000 . 192.0.2.1 expires 19m59s988ms,
\t\t\t     17 . 192.0.2.7 . 53 . 192.0.2.1 expires 1m2s }
\t}

\tset ended6 {
\t\ttype inet_proto . ipv6_addr . inet_service . ipv6_addr
\t\ttimeout 20m
\t}

\tchain ended_in {
\t\ttype filter hook prerouting priority -301; policy accept;
\t\tmeta l4proto . ip saddr . th sport . ip daddr @ended4 drop
\t}

\tchain ended_out {
\t\ttype filter hook output priority -301; policy accept;
\t}
}
'''


@pytest.fixture
def ran(monkeypatch):
    """:returns: what was run, as (words, input); a rule is not there yet"""
    found = []

    def run(argv, given=""):
        found.append((" ".join(argv), given))
        return Done(1 if "-C" in argv else 0, err="no")

    monkeypatch.setattr(ended, "run", run)
    return found


def test_a_client_is_kept_from_the_server_as_it_calls_it_and_as_it_is_behind_the_host(ran):
    ended.by_nftables([WEB, PLAIN, PING])
    (words, text), = ran
    assert words == "nft -f -"
    assert "add element inet fleetnet ended4 { 6 . 192.0.2.7 . 50000 . 192.0.2.1, 6 . 192.0.2.7 . 50000 . 172.18.0.3 }" in text
    assert "add element inet fleetnet ended6 { 17 . 2001:db8::7 . 53 . 2001:db8::1 }" in text
    assert "1 . 192.0.2.7" not in text.replace("6 . 192.0.2.7", ""), "what has no ports is only forgotten"


def test_the_same_by_ipset_with_its_rules_where_they_are_missing(ran):
    ended.by_iptables([WEB])
    assert ran[0] == ("ipset restore -exist", "create fleetnet-ended4 hash:ip,port,ip family inet timeout 1200 maxelem 1048576\n"
                      "add fleetnet-ended4 192.0.2.7,tcp:50000,192.0.2.1\nadd fleetnet-ended4 192.0.2.7,tcp:50000,172.18.0.3\n")
    put = [words for words, _given in ran if " -I " in words]
    assert [words.split(" -m ")[0] for words in put] == ["iptables -w 10 -t raw -I " + chain for chain in ("PREROUTING", "PREROUTING", "OUTPUT")]
    assert [words.split("--match-set ")[1].split(" -m")[0] for words in put] == [
        "fleetnet-ended4 " + way for way in ("src,src,dst", "dst,dst,src", "dst,dst,src")]


@pytest.mark.parametrize("keep", [ended.by_nftables, ended.by_iptables])
def test_what_has_no_ports_needs_nothing(ran, keep):
    keep([PING])
    assert not ran


def test_a_kernel_that_cannot_is_named_with_the_way_out(monkeypatch):
    monkeypatch.setattr(ended, "run", lambda argv, given="": Done(1, err="Kernel error received: Invalid argument\nmore"))
    with pytest.raises(EnvironmentFault) as caught:
        ended.by_iptables([WEB])
    assert str(caught.value) == ("The connections cannot be kept ended, for ipset refuses it (Kernel error received: Invalid argument); see "
                                 "whether this kernel has sets with timeouts, or leave flush_conntrack out.")


def test_it_is_no_part_of_a_policy():
    assert nft.parse(LISTED) == nft.parse(ONE) and not nft.parse(LISTED).foreign


def test_the_same_policy_loaded_again_carries_all(monkeypatch):
    loaded = []
    monkeypatch.setattr(nftables, "listing", lambda: LISTED)
    monkeypatch.setattr(nftables, "run", lambda argv, given="": loaded.append(given) or Done(0))
    nftables.load(ONE)
    assert loaded[0].startswith(ONE) and ("add element inet fleetnet ended4 { 6 . 192.0.2.7 . 50000 . 192.0.2.1 expires 19m59s988ms, "
                                          "17 . 192.0.2.7 . 53 . 192.0.2.1 expires 1m2s }\n") in loaded[0]


def test_another_policy_leaves_udp_behind_for_its_clients_use_a_port_again():
    text = ended.carried(LISTED, OTHER)
    assert "{ 6 . 192.0.2.7 . 50000 . 192.0.2.1 expires 19m59s988ms }" in text and "17 ." not in text


@pytest.mark.parametrize("there, wanted", [(LISTED, nftables.REMOVED), (LISTED, LISTED), (ONE, OTHER), ("", ONE)],
                         ids=["removed", "put back as it was", "nothing ended", "the first"])
def test_nothing_is_carried(there, wanted):
    assert ended.carried(there, wanted) == ""


def test_without_rules_of_ours_the_sets_and_their_rules_go(ran):
    ended.settle_ipset([4], "", "")
    assert [words.split(" -m ")[0] for words, _given in ran] == [
        "iptables -w 10 -t raw -D " + chain for chain in ("PREROUTING", "PREROUTING", "OUTPUT")] + ["ipset destroy fleetnet-ended4"]


@pytest.mark.parametrize("wanted, gone", [(OTHER, ["del fleetnet-ended4 192.0.2.7,udp:53,192.0.2.1\n"]), (ONE, [])])
def test_another_policy_leaves_udp_behind_in_ipset_too(monkeypatch, wanted, gone):
    held = ("create fleetnet-ended4 hash:ip,port,ip family inet\nadd fleetnet-ended4 192.0.2.7,tcp:50000,192.0.2.1 timeout 9\n"
            "add fleetnet-ended4 192.0.2.7,udp:53,192.0.2.1 timeout 8\n")
    changed = []
    monkeypatch.setattr(ended, "run", lambda argv, given="": changed.append(given) or Done(0, held))
    ended.settle_ipset([4], ONE, wanted)
    assert [given for given in changed if given] == gone


def test_rules_are_read_before_they_change_only_where_something_was_ended(monkeypatch):
    seen = []
    monkeypatch.setattr(iptables, "listing", lambda: seen.append("read") or "")
    monkeypatch.setattr(iptables.iptables_load, "load", seen.append)
    monkeypatch.setattr(ended, "families_of_ipset", list)
    iptables.load("text")
    assert seen == ["text"]
