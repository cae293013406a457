# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first host of swarm_managers speaks for the swarm: what the role says where that is nobody, a worker, or a manager without a leader."""
from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROLE = Path(__file__).resolve().parents[3] / "roles" / "course_app"
DEFAULTS = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8"))
PLAYBOOK = """
- hosts: all
  gather_facts: false
  vars_files: [{role}/vars/main.yml]
  tasks:
    - ansible.builtin.import_tasks: {role}/tasks/{tasks}.yml
"""
LEADERLESS = "rpc error: code = Unknown desc = The swarm does not have a leader."


def engine(**swarm):
    return {"containers": [], "networks": [], "host_info": {"Swarm": swarm}}


def says(place, tasks, managers=("one",), **found):
    """:returns: what the run says, on one line; empty where nothing is refused"""
    known = dict(DEFAULTS, course_app_mode="swarm", ansible_connection="local", ansible_python_interpreter=sys.executable,
                 _course_app_report={"node": "n1", "ports": {}, "own_ports": []}, **found)
    hosts = {"all": {"hosts": {"one": known}}, "swarm_managers": {"hosts": {name: {} for name in managers}}}
    (place / "hosts.json").write_text(json.dumps(hosts), encoding="utf-8")
    (place / "play.yml").write_text(PLAYBOOK.format(role=ROLE, tasks=tasks), encoding="utf-8")
    done = subprocess.run([str(Path(sys.executable).parent / "ansible-playbook"), "-i", "hosts.json", "play.yml"], capture_output=True, text=True,
                          timeout=120, check=False, cwd=place, env=dict(os.environ, ANSIBLE_NOCOLOR="1"))
    text = " ".join(done.stdout.split())
    assert (done.returncode == 0) == (" failed=0 " in text), done.stdout + done.stderr
    return "" if done.returncode == 0 else re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_manager_that_answers(tmp_path, state):
    assert says(tmp_path, "check_form", _course_app_engine=engine(ControlAvailable=True), course_app_state=state,
                _course_app_swarm={"services": [], "nodes": []}) == ""


def test_a_worker(tmp_path):
    found = dict(_course_app_engine=engine(ControlAvailable=False), _course_app_swarm={"skipped": True, "changed": False})
    assert "one, the first host of swarm_managers, is a worker of its swarm: promote it there, or put a manager first." in says(
        tmp_path, "check_form", **found)
    assert says(tmp_path, "check_form", course_app_state="absent", **found) == ""


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_swarm_without_a_leader(tmp_path, state):
    told = says(tmp_path, "check_form", _course_app_engine=engine(ControlAvailable=True, Error=LEADERLESS), course_app_state=state,
                _course_app_swarm={"msg": "must run on swarm manager node"})
    assert "The swarm of one cannot be asked (%s): look at `docker node ls` on its managers." % LEADERLESS in told


def test_no_manager_at_all(tmp_path):
    assert "Group swarm_managers has no host in this play: put the swarm's first manager in swarm_managers" in says(
        tmp_path, "check_values", managers=())
