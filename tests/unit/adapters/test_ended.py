# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps connections ended: which packets it names, what another policy means for it, and that it goes whole."""
from __future__ import annotations

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_firewall, ended, iptables, nftables
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.command import Done
from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import EnvironmentFault
from ansible_collections.fleetnet.docker.plugins.module_utils.core.plan import Step
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall.things import Denied
from ansible_collections.fleetnet.docker.plugins.module_utils.values.flow import Flow

WEB = Flow("tcp", "192.0.2.7", 50000, "192.0.2.1", 8001, "172.18.0.3", 80)
PLAIN = Flow("udp", "2001:db8::7", 53, "2001:db8::1", 53, "2001:db8::1", 53)
PING = Flow("icmp", "192.0.2.7", 0, "192.0.2.1", 0, "192.0.2.1", 0, 8)
ONE, OTHER = ('comment "fleetnet.docker sha256:%s mark:0x100000"' % (digit * 64) for digit in "12")
HELD = ("create fleetnet-ended4 hash:ip,port,ip family inet\nadd fleetnet-ended4 192.0.2.7,tcp:50000,192.0.2.1 timeout 9\n"
        "add fleetnet-ended4 192.0.2.7,udp:53,192.0.2.1 timeout 8\n")
BACKENDS = ("nftables", "iptables")


class Shell:
    """:ivar ran: what was run, as (words, input); :param answers: by the beginning of the words, what is printed, or a C(Done)"""

    def __init__(self, answers):
        self.ran, self.answers = [], answers

    def __call__(self, argv, given=""):
        words = " ".join(argv)
        self.ran.append((words, given))
        for front, answer in self.answers.items():
            if words.startswith(front) or " %s " % front in words:
                return answer if isinstance(answer, Done) else Done(0, answer)
        return Done(0)

    def words(self, part):
        return [words for words, _given in self.ran if part in words]


@pytest.fixture
def shell(monkeypatch):
    def make(answers=()):
        found = Shell(dict(answers))
        monkeypatch.setattr(ended, "run", found)
        return found
    return make


def test_a_connection_is_known_by_all_its_addresses_and_ports_as_the_client_and_as_the_host_calls_them(shell):
    ran = shell().ran
    ended.keep("nftables", [WEB, PLAIN, PING])
    (words, text), = ran
    assert words == "nft -f -"
    assert ("add element inet fleetnet_ended tcp4 { 6 . 192.0.2.7 . 50000 . 192.0.2.1 . 8001, 6 . 192.0.2.7 . 50000 . 172.18.0.3 . 80 }\n"
            "add element inet fleetnet_ended udp6 { 17 . 2001:db8::7 . 53 . 2001:db8::1 . 53 }\n") in text
    assert "1 . 192.0.2.7 . 0" not in text, "what has no ports is only forgotten"


def test_the_same_by_ipset_with_its_rules_where_they_are_missing(shell):
    made = shell({"-C": Done(1, err="no")})
    ended.keep("iptables", [WEB])
    assert made.ran[-1] == ("ipset restore -exist", "".join(
        "add fleetnet-%s 192.0.2.7,tcp:%d,%s timeout 1200\n" % row for row in (
            ("ended4", 50000, "192.0.2.1"), ("served4", 8001, "192.0.2.1"), ("ended4", 50000, "172.18.0.3"), ("served4", 80, "172.18.0.3"))))
    assert [words.split("--match-set ")[1:] for words in made.words(" -I ")] == [
        ["fleetnet-ended4 %s -m set " % first, "fleetnet-served4 %s -m comment --comment fleetnet.docker -j DROP" % second]
        for first, second in (("src,src,dst", "src,dst,dst"), ("dst,dst,src", "dst,src,src"), ("dst,dst,src", "dst,src,src"))]


def test_nothing_is_kept_where_one_family_cannot(shell):
    made = shell({"ip6tables": Done(1, err="ip6tables: no table raw\nmore")})
    with pytest.raises(EnvironmentFault) as caught:
        ended.keep("iptables", [WEB, PLAIN])
    assert str(caught.value) == ("The connections cannot be kept ended, for ip6tables refuses it (ip6tables: no table raw); see whether this kernel has "
                                 "sets with timeouts, or leave flush_conntrack out.")
    assert not any("add " in given for _words, given in made.ran)


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_has_no_ports_needs_nothing(shell, backend):
    made = shell()
    ended.keep(backend, [PING])
    assert not made.ran


@pytest.mark.parametrize("backend", BACKENDS)
def test_where_a_connection_cannot_be_ended_none_is_kept_out(monkeypatch, shell, backend):
    made = shell()

    def refuse(flow):
        raise EnvironmentFault("conntrack -D does not work")
    monkeypatch.setattr(docker_firewall.conntrack, "end", refuse)
    with pytest.raises(EnvironmentFault, match="conntrack -D"):
        docker_firewall._end(Step(Denied((WEB,), backend), None, "end", False))
    assert made.ran[-1][1].startswith("delete element inet fleetnet_ended tcp4" if backend == "nftables" else "del fleetnet-ended4")


@pytest.mark.parametrize("there,wanted,renewed", [(ONE, OTHER, True), (ONE, ONE, False), ("", OTHER, False)], ids=["another", "the same", "the first"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_another_policy_may_let_clients_of_udp_in(shell, backend, there, wanted, renewed):
    made = shell({"ipset list -n": "fleetnet-ended4\n", "ipset save fleetnet-ended4": HELD})
    ended.renew(backend, there, wanted)
    given = "".join(text for _words, text in made.ran)
    expected = "flush set inet fleetnet_ended udp4\nflush set inet fleetnet_ended udp6\n" if backend == "nftables" else (
        "del fleetnet-ended4 192.0.2.7,udp:53,192.0.2.1\n")
    assert given == (expected if renewed else "")


def test_rules_go_as_often_as_somebody_put_them_in_and_then_the_sets(monkeypatch, shell):
    made, left = shell({"ipset list -n": "fleetnet-ended4\nfleetnet-served4\nothers\n"}), {}

    def run(argv, given=""):
        words = " ".join(argv)
        if " -D " not in words:
            return made(argv, given)
        left[words] = left.get(words, 2) - 1
        made.ran.append((words, given))
        return Done(0 if left[words] >= 0 else 1)
    monkeypatch.setattr(ended, "run", run)
    ended.forget("iptables")
    assert len(made.words(" -D ")) == 9 and made.words("destroy") == ["ipset destroy fleetnet-ended4", "ipset destroy fleetnet-served4"]


@pytest.mark.parametrize("answers,expected", [
    ({"nft": Done(1)}, ()), ({}, ("nftables",)),
    ({"nft": Done(1), "ipset list -n": "fleetnet-ended6\n", "-C": Done(0)}, ("iptables",)),
    ({"nft": Done(1), "ipset list -n": "fleetnet-ended6\n", "ipset list -t": "References: 0\n", "-C": Done(1)}, ("iptables",)),
    # A rule of somebody else holds it, and nobody here can take it away.
    ({"nft": Done(1), "ipset list -n": "fleetnet-ended6\n", "ipset list -t": "References: 1\n", "-C": Done(1)}, ()),
], ids=["nothing", "a table", "rules", "sets that nothing uses", "sets that somebody else uses"])
def test_what_is_there_to_be_taken_away(shell, answers, expected):
    shell(answers)
    assert ended.kept() == expected


def test_loading_tells_of_another_policy(monkeypatch):
    told = []
    monkeypatch.setattr(ended, "renew", lambda *words: told.append(words))
    monkeypatch.setattr(nftables, "listing", lambda: ONE)
    monkeypatch.setattr(nftables, "run", lambda argv, given="": Done(0))
    nftables.load(OTHER)
    monkeypatch.setattr(iptables, "listing", lambda: ONE)
    monkeypatch.setattr(iptables.iptables_load, "load", lambda text: None)
    monkeypatch.setattr(ended, "has_sets", lambda: True)
    iptables.load(OTHER)
    assert told == [("nftables", ONE, OTHER), ("iptables", ONE, OTHER)]
