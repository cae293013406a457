# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose addresses are the cluster's: what hosts advertise to the swarm, and what Ansible reaches them by."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import yaml

ROLE = Path(__file__).parents[3] / "roles" / "firewall"
PLAYBOOK = Path(sys.executable).parent / "ansible-playbook"
HOSTS = {
    "plain": {"ansible_host": "192.0.2.1"},
    "two": {"ansible_host": "192.0.2.2", "swarm_advertise_addr": "10.0.0.2", "swarm_data_path_addr": "fd00::2"},
    "card": {"ansible_host": "192.0.2.3", "swarm_advertise_addr": "eth1", "swarm_data_path_addr": ""},
    "port": {"ansible_host": "2001:db8::4", "swarm_advertise_addr": "10.0.0.4:2377"},
    "same": {"ansible_host": "192.0.2.5", "swarm_advertise_addr": "192.0.2.5"},
    "named": {"ansible_host": "host1.example.com"},
}


def played(tmp_path, hosts):
    """The role's first task, with its own variables; then what the members are, in a file: what is printed looks as the user's settings want."""
    first = tmp_path / "first.yml"
    first.write_text((ROLE / "tasks" / "main.yml").read_text(encoding="utf-8").split("\n- name: Install")[0], encoding="utf-8")
    play = {"hosts": "plain", "connection": "local", "gather_facts": False,
            "vars_files": [str(ROLE / "vars" / "main.yml")],
            "vars": dict(yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8")), firewall_cluster_hosts=hosts,
                         firewall_cluster_members=["203.0.113.9"], ansible_python_interpreter=sys.executable),
            "tasks": [{"include_tasks": str(first)},
                      {"copy": {"dest": str(tmp_path / "members"), "content": "{{ _firewall_members | to_json }}", "mode": "0600"}}]}
    (tmp_path / "play.json").write_text(json.dumps([play]), encoding="utf-8")
    (tmp_path / "hosts.json").write_text(json.dumps({"all": {"hosts": HOSTS}}), encoding="utf-8")
    done = subprocess.run([PLAYBOOK, "-i", str(tmp_path / "hosts.json"), str(tmp_path / "play.json")], capture_output=True, text=True, check=False,
                          timeout=120, env=dict(os.environ, ANSIBLE_NOCOLOR="1", ANSIBLE_LOCALHOST_WARNING="0"))
    return " ".join(done.stdout.split())


def test_what_is_let_in(tmp_path):
    played(tmp_path, ["plain", "two", "card", "port", "same"])
    found = json.loads((tmp_path / "members").read_text(encoding="utf-8"))
    assert sorted(found) == ["10.0.0.2", "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.5", "2001:db8::4", "203.0.113.9", "fd00::2"]


def test_who_has_none_is_named(tmp_path):
    said = played(tmp_path, ["plain", "named", "nobody"])
    for name in ("named", "nobody"):
        assert "Host %s of firewall_cluster_hosts has no address in swarm_advertise_addr" % name in said
    assert "Host plain" not in said
