# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Through Ansible itself: what AnsiballZ ships is all that the module needs; and the documentation's examples do what they say."""
from __future__ import annotations

import re

import pytest
import yaml
from ansible_collections.fleetnet.docker.plugins.modules import endpoint as module

from integration.networks.bench import PREFIX
from integration.networks.test_ansible import ansible

NAMES = ("backend", "uplink", "shop", "database", "legacy", "router")
EXAMPLES = yaml.safe_load(module.EXAMPLES)


def renamed(example):
    """The example's parameters, with the names of this test's own."""
    text = re.sub(r"\b(%s)\b" % "|".join(NAMES), PREFIX + r"\1", yaml.safe_dump(example["fleetnet.docker.endpoint"]))
    return yaml.safe_load(text)


@pytest.fixture
def house(bench):
    """The containers and networks that the examples speak of."""
    bench.network("backend", EnableIPv6=True, IPAM={"Config": [{"Subnet": "10.64.3.0/24"}, {"Subnet": "fd00:64:3::/64"}]})
    bench.network("uplink", "10.64.4.0/24")
    for name in ("shop", "router"):
        bench.box(name, "uplink")
    for name in ("database", "legacy"):
        bench.box(name, "backend")
    return bench


def test_every_example_of_the_documentation(house):
    for example in EXAMPLES:
        params = renamed(example)
        params.pop("state_dir", None)
        answer = house.run(**params)
        needed = 28 if "gw_priority" in params else 0
        if house.engine.number < (needed, 0):
            assert answer["failed"] and "it needs engine" in answer["msg"]
            continue
        assert not answer.get("failed"), (example["name"], answer)
        assert not house.run(**params)["changed"], example["name"]
    assert PREFIX + "backend" not in house.engine.networks(PREFIX + "legacy")
    assert house.engine.endpoint(PREFIX + "shop", PREFIX + "backend")["IPAMConfig"]["IPv4Address"] == "10.64.3.20"


def test_every_option_is_in_an_example():
    used = {key for example in EXAMPLES for key in example["fleetnet.docker.endpoint"]}
    used |= {key for example in EXAMPLES for row in example["fleetnet.docker.endpoint"].get("endpoints", ()) for key in row}
    assert set(module.ARGUMENT_SPEC) - set(module.docker_client.CONNECTION_SPEC) <= used


def test_through_ansible(house):
    wish = {"network": PREFIX + "backend", "container": [PREFIX + "shop"], "aliases": ["web"], "state_dir": str(house.state_dir)}
    told = ansible(house, "endpoint", "--check", "--diff", **wish)
    where = "container %sshop on network %sbackend" % (PREFIX, PREFIX)
    assert told["changed"] and told["diff"]["after"] == {where: {"aliases": ["web"]}}
    assert PREFIX + "backend" not in house.engine.networks(PREFIX + "shop")
    assert ansible(house, "endpoint", **wish)["endpoints"][0]["aliases"] == ["web"]
    again = ansible(house, "endpoint", "--diff", **wish)
    assert not again["changed"] and again["diff"] == {"before": {}, "after": {}}
    failed = ansible(house, "endpoint", **dict(wish, ipv4_address="10.64.3.1"))
    assert failed["failed"] and failed["msg"] == "The address 10.64.3.1 for %s is the network's gateway; choose another." % where
