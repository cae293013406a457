# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playbook moves by changing the collection's name: what one made, the other finds as it is."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from integration.networks.bench import COLLECTIONS, PREFIX

TASKS = [
    {"name": "plain"},
    {"name": "labels", "labels": {"tier": "web", "number": "7"}, "driver_options": {"com.docker.network.bridge.enable_icc": "false"}},
    {"name": "subnet", "driver": "bridge", "ipam_driver": "default", "ipam_config": [
        {"subnet": "10.250.1.0/24", "gateway": "10.250.1.1", "iprange": "10.250.1.128/25", "aux_addresses": {"shim": "10.250.1.9"}}]},
    {"name": "dual", "enable_ipv6": True, "ipam_config": [
        {"subnet": "fd00:0250:0:0::/64", "gateway": "fd00:250::0:1"}, {"subnet": "10.250.2.0/24"}]},
    {"name": "inner", "internal": True, "attachable": False, "scope": "local"},
    {"name": "boxes", "connected": [PREFIX + "one", PREFIX + "two"]},
    {"name": "some", "connected": [PREFIX + "one"], "appends": True},
    {"name": "nobody", "containers": []},
    {"name": "template", "config_only": True, "ipam_config": [{"subnet": "10.250.3.0/24"}]},
]


def play(bench, module, *flags, state="present"):
    """:returns: name of network to what its task returned"""
    tasks = [{module: dict({key: value for key, value in row.items() if key != "name"}, network_name=PREFIX + row["name"], state=state,
                           docker_host=bench.url), "name": row["name"]} for row in (TASKS if state == "present" else TASKS[::-1])]
    for task in tasks if module.startswith("fleetnet") else ():
        task[module]["state_dir"] = str(bench.state_dir)
    file = bench.folder / "play.yml"
    file.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    env = dict(os.environ, ANSIBLE_COLLECTIONS_PATH=COLLECTIONS, ANSIBLE_STDOUT_CALLBACK="json", ANSIBLE_HOME=str(bench.folder / "home"))
    done = subprocess.run([str(Path(sys.executable).parent / "ansible-playbook"), "-i", "localhost,", "-c", "local", "-e",
                           "ansible_python_interpreter=" + sys.executable, *flags, str(file)],
                          capture_output=True, text=True, timeout=180, check=False, env=env)
    rows = json.loads(done.stdout[done.stdout.index("{"):])["plays"][0]["tasks"]
    found = {row["task"]["name"]: row["hosts"]["localhost"] for row in rows}
    assert not [(name, row["msg"]) for name, row in found.items() if row.get("failed")]
    return found


@pytest.mark.parametrize("first,then", [
    ("community.docker.docker_network", "fleetnet.docker.docker_network"),
    ("fleetnet.docker.network", "community.docker.docker_network"),
], ids=["to_us", "from_us"])
def test_what_one_made_the_other_finds_as_it_is(bench, first, then):
    bench.network("home", "10.250.9.0/24")
    for name in ("one", "two"):
        bench.box(name, "home")
    made = play(bench, first)
    assert all(row["changed"] for row in made.values())
    before = bench.portrait()
    told = play(bench, then, "--check", "--diff")
    assert {name: row.get("actions") for name, row in told.items() if row["changed"]} == {}
    really = play(bench, then)
    assert not any(row["changed"] for row in really.values()) and bench.portrait() == before
    assert {name: row["network"]["Id"] for name, row in really.items()} == {name: row["network"]["Id"] for name, row in made.items()}
    gone = play(bench, then, state="absent")
    assert all(row["changed"] for row in gone.values())
