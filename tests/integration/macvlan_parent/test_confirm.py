# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Over real SSH and sudo: changes that cut the way they came by, changes that only might have, and changes elsewhere."""
from __future__ import annotations

import ipaddress
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from assumptions import reach

ROOT = Path(__file__).resolve().parents[3]
# A second card, which leads nowhere: an answer to the controller that goes there is lost.
CARD = ("sudo sh -ec 'ip link add way0 type veth peer name way1; ip link set way1 up; ip link set way0 up; "
        "ip address add 198.51.100.11/24 dev way0'")
PICTURE = "sudo sh -c 'ip -br link | cut -d\" \" -f1 | sort; ip route; find /var/lib/fleetnet/macvlan_parent -type f 2>/dev/null | sort'"
FAR = "203.0.113.5"
TIMER = "sudo ls /run/fleetnet/rollback/macvlan_parent"

pytestmark = [pytest.mark.engine, pytest.mark.skipif(not os.environ.get("LAB_NAME"), reason="no lab: ./dev test-integration starts one")]


class Host:
    """The lab's first host, as the controller sees it."""

    def __init__(self, folder):
        self._folder, self.address = folder, reach.lab_hosts()[0]

    def apply(self, params, *more):
        """:returns: the module's answer, and the seconds it took"""
        play = self._folder / "play.json"
        play.write_text(json.dumps([{"hosts": "all", "gather_facts": False, "become": True,
                                     "tasks": [{"fleetnet.docker.macvlan_parent": params if "parents" in params else dict(params, persist="none")}]}]))
        command = [str(Path(sys.executable).parent / "ansible-playbook"), str(play), "--inventory", str(ROOT / "playbooks/inventories/lab"),
                   "--limit", "host1", *more]
        env = dict(os.environ, ANSIBLE_COLLECTIONS_PATH=str(ROOT / ".venv/collections"), ANSIBLE_STDOUT_CALLBACK="ansible.builtin.json")
        begun = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=env, check=False, timeout=180)
        text = done.stdout[done.stdout.find("{"):]
        assert text, done.stdout + done.stderr
        return json.loads(text)["plays"][0]["tasks"][0]["hosts"]["host1"], time.monotonic() - begun

    def ask(self, command):
        done = subprocess.run([*reach._ssh(self.address, "-oControlMaster=no", "-oControlPath=none"), command], capture_output=True, text=True,
                              check=False)
        return done.stdout


@pytest.fixture
def far():
    """An address of the controller's that the host reaches by its default route alone."""
    if os.geteuid() != 0:
        pytest.skip("the controller needs root for an address more")
    named = ["docker", "network", "inspect", "--format", "br-{{slice .Id 0 12}}", os.environ["LAB_NAME"] + "-lab"]
    bridge = subprocess.run(named, check=True, capture_output=True, text=True).stdout.strip()
    subprocess.run(["ip", "address", "replace", FAR + "/32", "dev", bridge], check=True)
    # A connection of its own: one that is open already comes from another address.
    with tempfile.TemporaryDirectory(prefix="far-") as folder:
        yield "--extra-vars", json.dumps({"ansible_ssh_extra_args": "-o BindAddress=" + FAR, "ansible_control_path": folder + "/%%C"})
    subprocess.run(["ip", "address", "del", FAR + "/32", "dev", bridge], check=True)


@pytest.fixture
def host(tmp_path):
    made = Host(tmp_path)
    made.ask("sudo ip link del way0; sudo rm -rf /run/fleetnet/rollback/macvlan_parent")
    made.ask(CARD)
    yield made
    made.apply({"parents": [{"link": link, "state": "absent", "persist": "none"} for link in ("way0", "eth0")]})
    made.ask("sudo ip link del way0")


def test_a_change_that_cuts_the_way_is_taken_back(host, far):
    before = host.ask(PICTURE)
    shim = {"addresses": ["198.51.100.190"], "routes": [FAR + "/32"]}
    done, _seconds = host.apply({"link": "way0", "shim": shim, "rollback_after": 10}, *far)
    assert done.get("failed") and done["rolled_back"] == "true" and not done["changed"], done
    assert done["msg"].startswith("The change was not confirmed: the host ")
    assert done["msg"].endswith("; the host took it back, and what was in force before is in force again.")
    assert host.ask(PICTURE) == before


def test_a_change_of_the_way_s_own_link_is_confirmed(host):
    last = str(ipaddress.ip_network(os.environ.get("LAB_SUBNET", "10.203.0.0/24"))[-6])
    wish = {"link": "eth0", "shim": {"addresses": [last]}}
    told, _seconds = host.apply(wish, "--check")
    done, _seconds = host.apply(wish)
    assert not done.get("failed") and done["changed"] and not done["pending"], done
    assert done["actions"] == told["actions"] == [
        "arm the roll-back timer", "create file macvlan_parent/eth0.json", "create link shim-eth0", "disarm the roll-back timer"]
    assert "armed" not in host.ask(TIMER) and "shim-eth0" in host.ask(PICTURE)
    again, _seconds = host.apply(wish)
    assert not again["changed"] and again["actions"] == []


def test_a_change_elsewhere_costs_nothing(host):
    done, _seconds = host.apply({"link": "way0", "shim": {"addresses": ["198.51.100.190"], "routes": ["198.51.100.192/28"]}})
    assert done["changed"] and done["actions"] == ["create file macvlan_parent/way0.json", "create link shim-way0",
                                                   "create route 198.51.100.192/28 on shim-way0"]
    assert not host.ask(TIMER)
