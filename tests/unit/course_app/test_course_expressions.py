# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role makes of an engine's list of containers: whose ports they hold, which form of the app they are, what is left of it."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROLE = Path(__file__).resolve().parents[3] / "roles" / "course_app"
DEFAULTS = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8"))
SERVICE = "com.docker.swarm.service.name"
EXPRESSIONS = ("_course_app_engine_ports", "_course_app_other_form", "_course_app_left_here", "_course_app_others_here",
               "_course_app_outside_addresses", "_course_app_outside", "_course_app_manager", "_course_app_image_filter")
PLAYBOOK = """
- hosts: all
  gather_facts: false
  vars_files: [{role}/vars/main.yml]
  tasks:
    - ansible.builtin.set_fact: {{answer: {{{rows}}}}}
    - ansible.builtin.copy:
        dest: "{place}/answers.json"
        content: "{{{{ dict(ansible_play_hosts_all | zip(ansible_play_hosts_all | map('extract', hostvars, 'answer'))) | to_json }}}}"
      run_once: true
"""


def container(name, ports=(), **labels):
    rows = [{"PrivatePort": 80, "PublicPort": port, "Type": kind, "IP": "0.0.0.0"} for port, kind in ports]
    return {"Names": ["/" + name], "Labels": labels, "Ports": rows + [{"PrivatePort": 80, "Type": "tcp"}]}


def world(mode, *containers, ports=None, own_ports=(), **settings):
    found = {"course_app_mode": mode, "course_app_build": False,
             "_course_app_engine": {"containers": containers}, "_course_app_left": {"containers": containers},
             "_course_app_report": {"ports": ports or {}, "own_ports": own_ports}, "ansible_host": "192.0.2.1"}
    return {**DEFAULTS, **found, **settings}


OURS = {"fleetnet.role": "course_app"}
TASK = dict(OURS, **{SERVICE: "mysql"})
WORLDS = {
    "empty": world("containers"),
    "strangers": world("containers", container("web", [(8080, "tcp"), (53, "udp")]), container("mail")),
    "containers": world("containers", container("mysql", [(3306, "tcp")], **OURS), ports={"3306": "container mysql"}, own_ports=[3306]),
    "a service where containers are wanted": world("containers", container("mysql.1.x7", **TASK)),
    "containers where a service is wanted": world("swarm", container("webapp1", **OURS)),
    "a service": world("swarm", container("mysql.1.x7", **TASK)),
    "somebody else's MySQL": world("containers", ports={"3306": "mysqld (process 7)"}, _course_app_not_tried="away has mysqld there"),
    "with an address on the LAN": world("containers", ports={"3306": "mysqld (process 7)"}, course_app_lan_address="192.0.2.9"),
    "the page has that port": world("containers", course_app_published_port="3306"),
    "published": world("containers", course_app_mysql_published_port="13306"),
    "a registry": world("swarm", course_app_image="registry.example:5000/acme/app:1"),
    "the default registry": world("swarm", course_app_image="docker.io/acme/app:1"),
    "the default registry's own": world("swarm", course_app_image="index.docker.io/library/app:1"),
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    place = tmp_path_factory.mktemp("expressions")
    names = {"w%d" % number: name for number, name in enumerate(WORLDS)}
    here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    hosts = {"all": {"hosts": {host: dict(WORLDS[name], **here) for host, name in names.items()}}, "swarm_managers": {"hosts": {"w0": {}}}}
    (place / "hosts.json").write_text(json.dumps(hosts), encoding="utf-8")
    rows = ", ".join('%s: "{{ %s }}"' % (name, name) for name in EXPRESSIONS)
    (place / "play.yml").write_text(PLAYBOOK.format(role=ROLE, rows=rows, place=place), encoding="utf-8")
    done = subprocess.run([str(Path(sys.executable).parent / "ansible-playbook"), "-i", "hosts.json", "play.yml"], capture_output=True, text=True,
                          timeout=120, check=False, cwd=place, env=dict(os.environ, ANSIBLE_FORKS="2"))
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((place / "answers.json").read_text(encoding="utf-8"))
    return {name: {key.replace("_course_app_", ""): value for key, value in found[host].items()} for host, name in names.items()}


def test_a_port_that_docker_publishes_is_taken_also_where_nothing_listens(answers):
    assert answers["strangers"]["engine_ports"] == {"8080": "container web"}
    assert answers["empty"]["engine_ports"] == {}


@pytest.mark.parametrize("name, other", [
    ("empty", []), ("strangers", []), ("containers", []), ("a service", []),
    ("a service where containers are wanted", ["mysql"]), ("containers where a service is wanted", ["webapp1"]),
])
def test_the_other_form_of_the_app_is_found(answers, name, other):
    assert answers[name]["other_form"] == other


@pytest.mark.parametrize("name, left", [
    ("empty", 0), ("containers", 1), ("a service", 1), ("a service where containers are wanted", 0), ("containers where a service is wanted", 0),
])
def test_a_removal_waits_for_containers_of_its_own_form_alone(answers, name, left):
    assert len(answers[name]["left_here"]) == left


def test_mysqls_usual_port_is_not_tried_where_it_is_somebody_elses(answers):
    assert answers["empty"]["outside_addresses"] == ["192.0.2.1"]
    assert answers["containers"]["outside_addresses"] == ["192.0.2.1"], "this is our own MySQL, published against what was asked"
    assert answers["somebody else's MySQL"]["outside_addresses"] == []
    assert answers["somebody else's MySQL"]["others_here"] == "mysqld (process 7)"
    assert answers["with an address on the LAN"]["outside_addresses"] == ["192.0.2.9"]


def test_what_was_tried_from_outside_is_told(answers):
    assert "closed on every host, but away has mysqld there" in answers["empty"]["outside"]
    assert "the page has its usual port" in answers["the page has that port"]["outside"]
    assert answers["published"]["outside"].strip() == "is published on port 13306, as asked"


def test_an_image_is_looked_for_by_the_name_that_the_engine_lists(answers):
    assert answers["a registry"]["image_filter"] == "registry.example:5000/acme/app:1"
    assert answers["the default registry"]["image_filter"] == "acme/app:1"
    assert answers["the default registry's own"]["image_filter"] == "app:1"
