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
  ignore_errors: true
  tasks:
    - ansible.builtin.include_tasks: "{role}/tasks/{{{{ tasks }}}}.yml"
"""
LEADERLESS = "rpc error: code = Unknown desc = The swarm does not have a leader."


def engine(**swarm):
    return {"containers": [], "networks": [], "host_info": {"Swarm": swarm}}


MANAGER = {"_course_app_engine": engine(ControlAvailable=True), "_course_app_swarm": {"services": [], "nodes": []}}
WORKER = {"_course_app_engine": engine(ControlAvailable=False), "_course_app_swarm": {"skipped": True, "changed": False}}
LOST = {"_course_app_engine": engine(ControlAvailable=True, Error=LEADERLESS), "_course_app_swarm": {"msg": "must run on swarm manager node"}}
GONE = {"course_app_state": "absent"}
# Each of them is the first host of swarm_managers, as far as it knows.
HOSTS = {name: dict(found, _course_app_manager=name) for name, found in {
    "manager": MANAGER, "manager-gone": dict(MANAGER, **GONE), "worker": WORKER, "worker-gone": dict(WORKER, **GONE),
    "lost": LOST, "lost-gone": dict(LOST, **GONE)}.items()}
ALONE = {"alone": {"tasks": "check_values"}}


def run(place, hosts):
    """:returns: what each host was refused for, on one line; empty where it was not"""
    known = dict(DEFAULTS, course_app_mode="swarm", tasks="check_form", ansible_connection="local", ansible_python_interpreter=sys.executable,
                 _course_app_report={"node": "n1", "ports": {}, "own_ports": []})
    (place / "group_vars").mkdir()
    (place / "group_vars" / "all.yml").symlink_to(ROLE / "vars" / "main.yml")
    inventory = {"all": {"hosts": {name: dict(known, **found) for name, found in hosts.items()}}}
    (place / "hosts.json").write_text(json.dumps(inventory), encoding="utf-8")
    (place / "play.yml").write_text(PLAYBOOK.format(role=ROLE), encoding="utf-8")
    done = subprocess.run([str(Path(sys.executable).parent / "ansible-playbook"), "-i", "hosts.json", "play.yml"], capture_output=True, text=True,
                          timeout=120, check=False, cwd=place, env=dict(os.environ, ANSIBLE_NOCOLOR="1", ANSIBLE_CALLBACK_RESULT_FORMAT="json"))
    assert done.returncode == 0, done.stdout + done.stderr
    rows = re.finditer(r"^fatal: \[(.+?)\]: FAILED! => (?=\{)", done.stdout, re.MULTILINE)
    answers = {row[1]: json.JSONDecoder().raw_decode(done.stdout, row.end())[0]["msg"] for row in rows}
    return {**dict.fromkeys(hosts, ""), **answers}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return run(tmp_path_factory.mktemp("manager"), {**HOSTS, **ALONE})


def test_a_manager_that_answers(told):
    assert told["manager"] == told["manager-gone"] == ""


def test_a_worker(told):
    assert told["worker"] == "worker, the first host of swarm_managers, is a worker of its swarm: promote it there, or put a manager first."
    assert told["worker-gone"] == ""


def test_a_swarm_without_a_leader(told):
    for name in ("lost", "lost-gone"):
        assert told[name] == "The swarm of %s cannot be asked (%s): look at `docker node ls` on its managers." % (name, LEADERLESS)


def test_no_manager_at_all(told):
    assert told["alone"].startswith(
        "Group swarm_managers has no host in this play: put the swarm's first manager in swarm_managers")
