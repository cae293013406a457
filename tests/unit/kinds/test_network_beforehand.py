# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks looked at before there is an engine: what an empty engine on that host would refuse, and nothing else."""
from __future__ import annotations

import pytest
from ansible_collections.fleetnet.docker.plugins.filter.network_refusal import network_refusal

FACTS = {
    "hostname": "one",
    "lo": {"device": "lo", "ipv4": {"address": "127.0.0.1", "prefix": "8"}},
    "eth0": {"device": "eth0", "ipv4": {"address": "10.9.0.11", "prefix": "24"}, "ipv4_secondaries": [{"address": "10.8.0.1", "prefix": "24"}],
             "ipv6": [{"address": "fd00:9::11", "prefix": "64"}, {"address": "fe80::1", "prefix": "64"}]},
    "eth1": {"device": "eth1"},
}
WITH_AN_ENGINE = dict(FACTS, docker0={"device": "docker0"})


def network(subnet=None, **options):
    return dict({"name": "front"}, **({"ipam_config": [{"subnet": subnet}]} if subnet else {}), **options)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([network(), {"driver": "bridge"}], 'Entry 2 of networks_list ({"driver": "bridge"}) has no name: give it one.'),
        (["front"], 'Entry 1 of networks_list ("front") has no name: give it one.'),
        ([network(scope="world")], "An entry of networks_list is wrong: value of scope must be one of: local, global, swarm, got: world found in "
                                   "networks; correct it."),
        ([network(subnets=1)], "An entry of networks_list is wrong: networks.subnets. Supported parameters include: "),
        ([network("10.1.2.3/24")], "The subnet '10.1.2.3/24' of network front is wrong (10.1.2.3/24 has host bits set)"),
        ([network(), network()], "Network front is in the list more than once; keep one of the entries."),
        ([network("10.9.0.0/16")], "Subnet 10.9.0.0/16 of network front overlaps the host's route 10.9.0.0/24 through eth0; choose another, or "
                                   "set allow_overlap."),
        ([network("10.8.0.0/24")], "overlaps the host's route 10.8.0.0/24 through eth0"),
        ([network("fd00:9::/64")], "overlaps the host's route fd00:9::/64 through eth0"),
        ([network("10.1.0.0/16"), dict(network("10.1.2.0/24"), name="back")], "Subnet 10.1.0.0/16 of network front overlaps 10.1.2.0/24 of network back"),
        ([network(driver="macvlan", driver_options={"parent": "eth7"})], "The parent eth7 of network front is no link of this host"),
        ([network(config_from="nowhere")], "Network front takes its configuration from nowhere, which does not exist"),
    ],
)
def test_refused_on_a_host_without_an_engine(rows, sentence):
    assert sentence in network_refusal(rows, FACTS)


@pytest.mark.parametrize(
    "row",
    [
        network("10.9.0.0/16", allow_overlap=True),
        network("10.9.0.0/16", state="absent"),
        network("10.9.0.0/24", driver="macvlan", driver_options={"parent": "eth0"}),
        network(driver="macvlan", driver_options={"parent": "eth0.50"}),
        network("10.64.3.0/24", driver="overlay", attachable="yes"),
        network(internal="true", labels={"a": 1}),
    ],
)
def test_what_an_empty_engine_would_take(row):
    assert network_refusal([row], FACTS) == ""


@pytest.mark.parametrize("facts", [None, {}, WITH_AN_ENGINE])
def test_where_an_engine_is_only_that_knows_what_is_its_own(facts):
    assert network_refusal([network("10.9.0.0/16"), dict(network("10.9.0.0/24"), name="back", config_from=None)], facts) == ""
    assert "host bits" in network_refusal([network("10.9.0.1/16")], facts)


def test_the_list_has_the_name_that_the_user_gave_it():
    assert network_refusal([{}], None, "the networks in macvlan_list") == "Entry 1 of the networks in macvlan_list ({}) has no name: give it one."
