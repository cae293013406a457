# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What could never be confirmed is refused on the controller, before the host hears of it; needs no lab and no engine."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
POLICY = {"host": {"default": "drop"}}
# No engine is there: what gets past the controller fails with another sentence.
NOWHERE = {"docker_host": "unix:///nowhere/docker.sock"}
CASES = {
    "local proves nothing": ({}, {}, "The connection local does not go through what is changed, so it proves nothing; give confirm_probes, or "
                                     "rollback_after 0 to trust the change."),
    "async": ({}, {"async": 30, "poll": 5}, "async is refused: the task would run on alone, and nobody would come back to confirm the change; "
                                            "leave async and poll out."),
    "too short": ({"rollback_after": 2}, {}, "rollback_after is 2; give 5 to 3600 seconds, or 0 to trust the change."),
    "too long": ({"rollback_after": 9999}, {}, "rollback_after is 9999; give 5 to 3600 seconds, or 0 to trust the change."),
    "no number": ({"rollback_after": "soon"}, {}, "argument 'rollback_after' is of type"),
    "a probe without a port": ({"confirm_probes": [{"host": "web"}]}, {}, "missing required arguments: port found in confirm_probes"),
    "trusted": ({"rollback_after": 0}, {}, "The engine does not answer"),
    "with a probe": ({"confirm_probes": [{"host": "127.0.0.1", "port": 9}]}, {}, "The engine does not answer"),
}


@pytest.mark.parametrize("name", CASES)
def test_one_sentence(name, tmp_path):
    options, keywords, sentence = CASES[name]
    task = {"fleetnet.docker.firewall": {**POLICY, **NOWHERE, **options}, **keywords}
    play = tmp_path / "play.yml"
    play.write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": [task]}]))
    inventory = tmp_path / "hosts.yml"
    inventory.write_text(json.dumps({"all": {"hosts": {"here": {
        "ansible_connection": "local", "ansible_python_interpreter": sys.executable}}}}))
    env = dict(os.environ, ANSIBLE_COLLECTIONS_PATH=str(ROOT / ".venv/collections"), ANSIBLE_STDOUT_CALLBACK="ansible.builtin.json")
    done = subprocess.run([Path(sys.executable).parent / "ansible-playbook", play, "--inventory", inventory], capture_output=True, text=True,
                          check=False, cwd=ROOT, env=env, timeout=120)
    answer = json.loads(done.stdout[done.stdout.find("{"):])["plays"][0]["tasks"][0]["hosts"]["here"]
    assert answer["failed"] and sentence in answer["msg"], answer
