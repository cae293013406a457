# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong wishes: what is asked, what is there, and the exact answer; nothing is touched, and check mode says the same."""
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.fleetnet.docker.plugins.module_utils.core.engine import converge
from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import FleetError
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall import kind, state
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall.state import Through
from ansible_collections.fleetnet.docker.plugins.module_utils.values.network import Network, Pool
from ansible_collections.fleetnet.docker.plugins.modules import firewall as module

from unit.kinds.firewall.firewall_host_model import NETWORKS, Host, completed, network
from unit.laws.stage import LOADER

ROWS = yaml.load((Path(__file__).parent / "refusals.yml").read_text(encoding="utf-8"), LOADER)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["what"].replace(" ", "_"))
def test_refusal(row):
    if "ansible" in row:
        checked = ArgumentSpecValidator(module.ARGUMENT_SPEC).validate(row["desired"])
        assert checked.error_messages[0].startswith(row["ansible"])  # what follows differs from one Ansible to the next
        return
    for check in (True, False):
        host = observed(dict(row.get("observed") or {}))
        with pytest.raises(FleetError) as caught:
            converge(kind, kind.desired(completed(row["desired"])), host, check=check)
        assert str(caught.value) == row["message"] and not host.executed


def observed(facts):
    facts["networks"] = NETWORKS + tuple(network(name) for name in facts.pop("networks", ()))
    if "chains" in facts:
        facts["chains"] = tuple(facts["chains"])
    return Host(**facts)


def warned(params, **facts):
    return converge(kind, kind.desired(completed(params)), observed(facts), check=True).plan.warnings


ACCEPT = {"forwarded": {"rules": [{"action": "accept", "from": ["outside"], "to": ["front"]}]}}


def test_a_network_that_comes_later_is_a_warning():
    assert warned({"host": {"rules": [{"action": "drop", "networks": ["later"]}]}}) == (
        "There is no network later yet; rules that name it take effect when it appears.",)


def test_sets_that_only_look_alike_are_no_trouble():
    sets = [{"name": "web", "elements": []}, {"name": "web_4", "elements": []}, {"name": "dns", "type": "ports", "elements": []},
            {"name": "dns_4", "type": "ports", "elements": []}]
    names = [each.name for each in kind.ruleset(kind.desired(completed({"host": {}, "sets": sets})), observed({}).observe(state.Scope())).sets]
    assert len(names) == len(set(names)) == 9


@pytest.mark.parametrize("published, told", [({"default": "drop"}, True), ({"direct": "accept"}, False), (None, False)])
def test_a_network_that_routes_past_what_is_published_is_a_warning(published, told):
    routed = Network(name="lan6", driver="bridge", driver_options=(("com.docker.network.bridge.gateway_mode_ipv6", "routed"),), id="c" * 64,
                     ipam_config=(), labels=())
    policy = completed({"published": published} if published else {"host": {}})
    found = converge(kind, kind.desired(policy), Host(networks=(routed,)), check=True).plan.warnings
    assert any(line.startswith("Containers of network lan6 are reached at their own addresses") for line in found) is told


FRONT, BACK = "br-aaaaaaaaaaaa", "br-bbbbbbbbbbbb"
ACROSS = {"forwarded": {"rules": [{"action": "accept", "from": ["front"], "to": ["back"]}]}}
OUTWARD = {"forwarded": {"rules": [{"action": "accept", "from": ["front"], "to": ["outside"]}]}}


@pytest.mark.parametrize("policy,drops,names", [
    (ACCEPT, (), []), (ACCEPT, ((BACK, ()),), []), (ACCEPT, ((FRONT, ()),), ["front"]), (ACCEPT, ((FRONT, ("eth0",)),), []),
    (ACROSS, ((FRONT, ()), (BACK, ())), ["back", "front"]), (ACROSS, ((FRONT, (BACK,)), (BACK, (FRONT,))), []),
    (ACROSS, ((FRONT, ()), (BACK, (FRONT,))), ["front"]), (ACROSS, ((BACK, ("eth0",)),), ["back"]), (OUTWARD, ((FRONT, ()),), []),
])
def test_the_engines_own_drop_in_the_raw_table_is_a_warning(policy, drops, names):
    assert warned(policy, raw_drops=drops) == tuple(
        "The engine itself drops in the raw table what comes by another interface straight to a container of network %s, whatever this "
        "policy accepts; set allow-direct-routing in daemon.json (engine 28.2 or later), or give the network the option "
        "com.docker.network.bridge.trusted_host_interfaces." % name for name in names)


def accepted(**rule):
    return {"forwarded": {"rules": [dict(rule, action="accept")]}, "sets": [{"name": "shop", "elements": ["10.1.0.0/16"]}]}


@pytest.mark.parametrize("policy,drops,names", [
    (accepted(), ((FRONT, ()), (BACK, ())), "back, front"), (accepted(), ((FRONT, ("eth0",)), (BACK, ())), "back"), (accepted(), (), ""),
    (accepted(**{"from": ["front"]}), ((BACK, ()),), "back"), (accepted(**{"from": ["front"]}), ((FRONT, (BACK,)), (BACK, (FRONT,))), "front"),
    (accepted(**{"from": ["front"]}), ((FRONT, (BACK, "docker0")), (BACK, (FRONT,))), ""),
    (accepted(destinations=["10.2.0.9"]), ((FRONT, ()), (BACK, ())), "back"), (accepted(destinations=["@shop"]), ((FRONT, ()), (BACK, ())), "front"),
    (accepted(destinations=["2001:db8::1"]), ((FRONT, ()), (BACK, ())), "")])
def test_so_it_is_where_a_rule_says_nothing_of_where_it_goes(policy, drops, names):
    own = {"front": "10.1.0.0/16", "back": "10.2.0.0/16", "bridge": "172.17.0.0/16"}
    networks = tuple(replace(net, ipam_config=(Pool(subnet=own[net.name]),)) if net.name in own else net for net in NETWORKS)
    found = converge(kind, kind.desired(completed(policy)), Host(networks=networks, raw_drops=drops), check=True).plan.warnings
    assert found == ((
        "A rule of forwarded that has no to accepts what goes to any network, but the engine itself drops in the raw table what comes by another "
        "interface straight to a container of %s; say in to what is meant (such as outside), or set allow-direct-routing in daemon.json (engine 28.2 or "
        "later)." % names,) if names else ())


DROPS = "The engine uses nftables, but FORWARD of iptables has the policy DROP (%s), and nothing accepts there what the engine forwards; restart " \
        "the host if that is of the engine's former back end, or change it (iptables -P FORWARD ACCEPT)."
USER = "The engine uses nftables, but DOCKER-USER of its former back end is still there (%s), and what somebody put into it may still drop; it " \
       "stays until the host is restarted, or until it is emptied (iptables -F DOCKER-USER)."
TABLES = "The engine uses iptables, but the table docker-bridges of its former back end nftables is still there (%s), and drops what it does not " \
         "know; restart the host, or delete the table (nft delete table ip docker-bridges, and ip6)."


@pytest.mark.parametrize("engine,facts,lines", [
    ("nftables", {}, ()), ("iptables", {"through": Through((4, 6), ((4, state.DEFAULT_MARK), (6, state.DEFAULT_MARK)))}, ()),
    ("nftables", {"through": Through((4,), (), state.DEFAULT_MARK), "strangers": (4,)}, (USER % "IPv4",)),
    ("nftables", {"through": Through((4, 6), (), state.DEFAULT_MARK)}, ()),
    ("nftables", {"forward_drops": (4, 6)}, (DROPS % "IPv4, IPv6",)),
    ("nftables", {"forward_drops": (4,), "strangers": (4, 6)}, (USER % "IPv4, IPv6", DROPS % "IPv4")),
    ("nftables", {"engine_tables": (4, 6)}, ()), ("iptables", {"engine_tables": (4,)}, (TABLES % "IPv4",)),
])
def test_left_overs_of_the_engines_former_back_end_are_a_warning(engine, facts, lines):
    facts = dict({"through": Through((4, 6) if engine == "iptables" else (), (), state.DEFAULT_MARK)}, **facts)
    assert warned(ACCEPT, engine_backend=engine, **facts) == lines


@pytest.mark.parametrize("name", ["dmz+1", "web@1", 'a"b', "br*"])
@pytest.mark.parametrize("back_end", ["nftables", "iptables"])
def test_a_bridge_that_no_rule_can_name_is_refused_where_it_would_be_open(name, back_end):
    seen = state.Observed(networks=(network("dmz", bridge=name), network("lan", "macvlan")), iptables="")
    for policy in ({"published": {}}, {"forwarded": {}}, {"host": {"rules": [{"action": "drop", "networks": ["dmz"]}]}}):
        with pytest.raises(FleetError) as caught:
            kind.validate(kind.desired(completed(dict(policy, backend=back_end))), seen)
        assert str(caught.value) == ("The bridge of network dmz is named %r, which no rule can spell, so nothing would filter what goes there; make the "
                                     "network anew with another com.docker.network.bridge.name (letters, digits, _, . and -)." % name)
    for policy in ({"host": {}}, {"state": "absent"}):
        kind.validate(kind.desired(completed(dict(policy, backend=back_end))), seen)


def test_more_networks_than_a_set_for_iptables_holds_are_refused():
    many = tuple(network("net%d" % number, ident="%064d" % (number * 10 ** 54)) for number in range(65))
    for backend, networks in (("nftables", many), ("iptables", many[1:])):
        kind.validate(kind.desired(completed({"host": {}, "backend": backend})), state.Observed(networks=networks, iptables=""))
    with pytest.raises(FleetError) as caught:
        kind.validate(kind.desired(completed({"host": {}, "backend": "iptables"})), state.Observed(networks=many, iptables=""))
    assert str(caught.value) == ("The engine has 65 networks with a bridge, and ipset holds 64 interfaces in a set; use backend nftables, or remove "
                                 "networks that nobody uses (docker network prune).")
