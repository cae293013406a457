# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example of the documentation of macvlan_parent, one after the other, each a second time without a change."""
from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ansible_collections.fleetnet.docker.plugins.modules import macvlan_parent as module

from integration.macvlan_parent.host import Host

NAME = "fleetnet.docker.macvlan_parent"
EXAMPLES = yaml.safe_load(module.EXAMPLES.replace("eth0", "lan0").replace("bond0", "lan2"))


@pytest.fixture
def host(tmp_path):
    made = Host(tmp_path)
    made.run("sh", "-ec", "ip link set lan2 mtu 9000 up; ip link set lan3 mtu 9000 up")
    yield made
    made.close()


def given(task):
    """No service of this host writes its links, and the state is kept with the test's own."""
    params = {key: value for key, value in task[NAME].items() if key != "state_dir"}
    if "parents" not in params:
        params["persist"] = "none"
    return dict(params, **({"_ansible_check_mode": True} if task.get("check_mode") else {}))


@pytest.mark.kernel("8021q", "macvlan", "ipvlan")
def test_every_example_of_the_documentation(host):
    before = host.portrait()
    for task in EXAMPLES:
        params = given(task)
        answer = host.module(**params)
        assert not answer.get("failed"), (task["name"], answer)
        again = host.module(**params)
        assert again["changed"] is bool(answer["changed"] and task.get("check_mode")), (task["name"], again)
        if task["name"] == "A VLAN for containers":
            assert "lan0.50" in host.portrait()[0] and host.module("macvlan_parent_info", name="lan0.50")["parents"]
    links = host.portrait()[0]
    assert "lan0.50" not in links and "shim-lan0" not in links and {"lan2.50", "lan2.60", "shim60"} <= set(links)
    assert links["lan0"][0] == before[0]["lan0"][0] == "veth"
