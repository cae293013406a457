# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The follower finds the same elements as the module, or the two would change them in turns."""
from __future__ import annotations

import re
from dataclasses import replace

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import (
    docker_firewall, docker_read, docker_user, firewall_engine, firewall_follow, iptables_follow, iptables_load)
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall import compile as compiled
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall import ipt, nft, state

LONG = "a-network-with-a-name-longer-than-sets-allow"


def raw(name, driver="bridge", **more):
    body = {"Name": name, "Id": (name.encode().hex() * 40)[:64], "Driver": driver, "Scope": "local", "EnableIPv6": False, "Internal": False,
            "Attachable": False, "Ingress": False, "IPAM": {"Driver": "default", "Options": None, "Config": []}, "Options": {},
            "Labels": {}, "ConfigFrom": {"Network": ""}, "ConfigOnly": False, "Containers": {}}
    return dict(body, **more)


# Engines before API 1.44 may have two networks of one name.
TWIN = dict(raw("front"), Id="77" * 32)
NETWORKS = [TWIN, raw("bridge", Options={"com.docker.network.bridge.name": "docker0"}), raw("front"), raw("my-net.1"), raw(LONG), raw("lan", "macvlan"),
            raw("host", "host"), raw("none", "null"), raw("mesh", "overlay", Scope="swarm"), raw("plain", Options=None),
            *(raw("odd%d" % number, Options={"com.docker.network.bridge.name": name})
              for number, name in enumerate(("dmz+1", "web@1", 'a"b', "x;y", "br*", "a,b", "ü")))]
CONTAINERS = [{"Names": ["/aa"], "Ports": [{"PrivatePort": 80, "PublicPort": 8080, "Type": "tcp", "IP": "0.0.0.0"},
                                           {"PrivatePort": 80, "PublicPort": 8080, "Type": "tcp", "IP": "::"}, {"PrivatePort": 81, "Type": "tcp"}]},
              {"Names": ["/bb"], "Ports": [{"PrivatePort": 53, "PublicPort": 53, "Type": "udp"},
                                           {"PrivatePort": 5432, "PublicPort": 5432, "Type": "tcp", "IP": "127.0.0.1"}]},
              {"Names": ["/cc"], "Ports": None}]
POLICY = state.Wish(published=state.Section("drop", direct="drop"), forwarded=state.Section("drop", tuple(
    state.Rule("accept", origin=(name,), to=("outside",)) for name in ("front", "my-net.1", LONG, "later"))))


def observed():
    return state.Observed(networks=tuple(docker_read.network(net) for net in NETWORKS), published=docker_firewall.published(CONTAINERS))


def test_the_same_elements_as_the_module():
    ruleset = compiled.ruleset(POLICY, observed())
    listing = nft.render(ruleset).partition("delete table inet fleetnet\n")[2]
    sets = firewall_follow.dynamic_sets(listing)
    assert sorted(sets) == sorted(each.name for each in ruleset.sets if each.dynamic)
    found = firewall_follow.wanted(NETWORKS, CONTAINERS)
    for each in ruleset.sets:
        text = firewall_follow.filled(each.name, found.get(sets[each.name], []))
        assert text == firewall_follow.filled(each.name, [nft._element(each.type, element) for element in each.elements])
    assert {name: source for name, source in sets.items() if name != source} == {
        each.name: ("network", each.comment[len("network "):]) for each in ruleset.sets if each.comment.startswith("network ")}


def test_of_two_networks_of_one_name_both_bridges_are_known():
    found = firewall_follow.wanted(NETWORKS, CONTAINERS)
    assert len(found["network", "front"]) == 2 and set(found["network", "front"]) < set(found["bridges"])


def test_an_answer_that_is_none_is_trouble_and_the_follower_goes_on(monkeypatch):
    class Answer:
        status = 500

        @staticmethod
        def read():
            return b'{"message": "too busy"}'

    monkeypatch.setattr(firewall_engine.Engine, "request", lambda self, method, path: None)
    monkeypatch.setattr(firewall_engine.Engine, "getresponse", lambda self: Answer)
    with pytest.raises(firewall_follow.TROUBLE):
        firewall_engine.ask("/networks")


def test_where_neither_the_engine_nor_the_kernel_answers_it_looks_again(monkeypatch):
    looks = []

    def pause(_seconds):
        if len(looks) >= 6:
            raise KeyboardInterrupt

    def refuse(*_words):
        looks.append(1)
        raise OSError("no")

    monkeypatch.setattr(firewall_follow, "kernel_changes", lambda: None)
    monkeypatch.setattr(firewall_follow, "engine_events", refuse)
    monkeypatch.setattr(firewall_follow.time, "sleep", pause)
    with pytest.raises(KeyboardInterrupt):
        firewall_follow.main(keep=refuse)


def test_a_bridge_that_no_rule_can_name_is_told_of_once_and_harms_no_other(capsys):
    assert firewall_engine.INTERFACE.pattern == compiled.INTERFACE.pattern
    firewall_engine.COMPLAINED.clear()
    for _time in range(2):
        found = firewall_follow.wanted([raw("front"), raw("dmz", Options={"com.docker.network.bridge.name": 'a"b'})], ())
    assert found["bridges"] == found["network", "front"] and ("network", "dmz") not in found
    assert capsys.readouterr().err == ("The bridge of network 'dmz' has a name that no rule can spell, so nothing filters what goes there; make the "
                                       "network anew with another com.docker.network.bridge.name.\n")


LISTED = """table inet fleetnet {
    set same {
        type ifname . ifname
        elements = { "docker0" . "docker0",
             "br-1" . "br-1" }
    }
}
"""


@pytest.mark.parametrize("text,expected", [
    (LISTED, ['"br-1" . "br-1"', '"docker0" . "docker0"']), ("table inet fleetnet {\n\tset same {\n\t\ttype ifname . ifname\n\t}\n}\n", [])])
def test_elements_as_nft_lists_them(text, expected):
    assert firewall_follow.elements(text) == expected


def test_the_mark_and_the_rule_are_those_of_the_module():
    ruleset = compiled.ruleset(POLICY, observed())
    assert firewall_follow.MARK.search(nft.render(ruleset)).group(1) == "0x%x" % ruleset.mark
    assert 'comment "let through"' in nft.render(ruleset)
    words = [part % ("0x100000", "0x100000") if "%" in part else part for part in firewall_follow.STATIC]
    assert docker_user.change("-I", 4, 0x100000)[-len(words):] == words


def test_a_table_that_somebody_emptied_is_known_by_the_chains_that_the_kernel_calls():
    whole = nft.render(compiled.ruleset(POLICY, observed()))
    assert not firewall_follow.EMPTIED.search(whole)
    emptied = "\n".join(row for row in whole.split("\n") if not row.startswith("\t\t") or row.startswith("\t\ttype filter"))
    assert firewall_follow.EMPTIED.search(emptied)


def rules_of(policy):
    return nft.render(compiled.ruleset(policy, observed()))


@pytest.mark.parametrize("change,expected", [
    (lambda text: text, False),
    (lambda text: text.replace("counter packets 0 bytes 0", "counter packets 7 bytes 420"), False),
    (lambda text: text.replace('drop comment "published default"', 'drop comment "published default"\n\t\tcounter packets 0 bytes 0 drop'), False),
    (lambda text: "\n".join(row for row in text.split("\n") if '"published default"' not in row), True),
    (lambda text: text.replace("\tchain published {", "\tchain other {"), True),
    # Another policy, whose text is about to be written.
    (lambda text: re.sub("sha256:[0-9a-f]{64}", "sha256:" + 64 * "0", text).replace("\tchain published {", "\tchain other {"), False),
    (lambda text: "", False)], ids=["same", "counted", "a line more", "a line less", "a chain less", "another", "no table"])
def test_a_chain_that_somebody_emptied_is_known_by_the_text_on_the_disk(change, expected):
    rules = rules_of(POLICY)
    assert firewall_follow.robbed(change(rules), rules) is expected
    assert not firewall_follow.robbed(change(rules), "")


@pytest.mark.parametrize("family", ["iptables", "ip6tables"])
@pytest.mark.parametrize("without,expected", [
    ("nothing", False), ("-A FLEETNET-PUBLISHED", True), ("-A FLEETNET-THROUGH", True), ('@same', False),
    ("-A FLEETNET-ABOUT", True)], ids=["same", "published", "through", "pairs", "about"])
def test_so_is_one_of_iptables(family, without, expected):
    rules = iptables_load.divided(ipt.render(compiled.ruleset(POLICY, observed())))[family]
    listing = "".join(row + "\n" for row in rules.splitlines() if without not in row)
    assert iptables_follow.robbed(listing, rules) is expected and not iptables_follow.robbed(listing, "")
    another = re.sub("sha256:[0-9a-f]{64}", "sha256:" + 64 * "0", rules)  # which is about to be written
    assert iptables_follow.robbed(listing, another) is (without == "-A FLEETNET-ABOUT")


BRIDGES = ((), ("front",), ("front", "plain"), ("my-net.1", "plain"))


@pytest.mark.parametrize("had", BRIDGES)
@pytest.mark.parametrize("has", BRIDGES)
def test_the_pairs_of_a_bridge_with_itself_stand_where_the_module_puts_them(monkeypatch, had, has):
    def rendered(names):
        nets = tuple(docker_read.network(net) for net in NETWORKS if net["Name"] in names)
        wish = replace(POLICY, forwarded=None)
        return iptables_load.divided(ipt.render(compiled.ruleset(wish, state.Observed(networks=nets))))["iptables"]

    def forward(text):
        return [row for row in text.splitlines() if row.startswith("-A FLEETNET-FORWARD ")]

    def unquoted(rows):
        return [row.replace('"', "") for row in rows]

    given = []
    monkeypatch.setattr(firewall_follow, "run", lambda argv, text: given.extend(text.splitlines()))
    pairs = [pair.split(" . ")[0].strip('"') for pair in firewall_follow.wanted([net for net in NETWORKS if net["Name"] in has], ())["same"]]
    iptables_follow.repair("iptables", rendered(had), pairs)
    rows = forward(rendered(had))
    for edit in given:
        how, chain, rest = (edit.split(" ", 2) + ["", ""])[:3]
        if chain == "FLEETNET-FORWARD" and how == "-I":
            place, _space, rule = rest.partition(" ")
            rows.insert(int(place) - 1, "-A %s %s" % (chain, rule))
        elif chain == "FLEETNET-FORWARD":
            rows.remove("-A %s %s" % (chain, rest))
    assert sorted(unquoted(rows)) == sorted(unquoted(forward(rendered(has))))
    numbers = [int(re.search(r'--comment "?(\d+)', row).group(1)) for row in rows]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("service,socket,expected", [
    ("active", "active", False), ("activating", "active", False), ("reloading", "active", False), ("inactive", "inactive", False),
    ("failed", "failed", False), ("inactive", "active", True), ("deactivating", "active", True), ("failed", "active", True)])
def test_an_engine_that_was_stopped_is_not_woken(monkeypatch, service, socket, expected):
    monkeypatch.setattr(firewall_engine, "run", lambda argv: (True, "%s\n\n%s\n" % (service, socket)))
    assert firewall_engine.asleep() is expected
    monkeypatch.setattr(firewall_engine, "SOCKET", "/nonexistent")
    for way in (firewall_engine.seen, firewall_engine.engine_events):
        with pytest.raises(ConnectionRefusedError if expected else FileNotFoundError):
            way()


def test_it_hears_of_all_that_changes_where_a_container_is():
    assert {"start", "die", "connect", "disconnect"} <= set(firewall_engine.EVENTS["event"])


def test_without_systemd_nobody_is_woken(monkeypatch):
    monkeypatch.setattr(firewall_engine, "run", lambda argv: (False, ""))
    assert not firewall_engine.asleep()
