# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One host of a fleet is away: the play says which and what to do, before it touches any other."""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Loopback addresses: nobody listens on this port, and nothing leaves the machine.
INVENTORY = """
docker_hosts:
  hosts:
    here: {{ansible_connection: local, ansible_python_interpreter: {python}}}
    away: {{{away}}}
course_app:
  children: {{docker_hosts: }}
"""
CASES = {
    "no answer": ("ansible_host: 127.77.0.1, ansible_port: 9", "Host away (127.77.0.1) cannot be reached"),
    "no Python": ("ansible_connection: local, ansible_python_interpreter: /nowhere/python", "Host away (away) cannot be worked on"),
}


@pytest.mark.parametrize("playbook", ["site", "verify", "teardown"])
@pytest.mark.parametrize("name", CASES)
def test_one_sentence_names_the_host_and_the_way_out(name, playbook, tmp_path):
    away, sentence = CASES[name]
    hosts = tmp_path / "hosts.yml"
    hosts.write_text(INVENTORY.format(python=sys.executable, away=away))
    command = [Path(sys.executable).parent / "ansible-playbook", "fleetnet.docker." + playbook, "--inventory", hosts,
               "--extra-vars", "ansible_become=false"]
    env = dict(os.environ, ANSIBLE_COLLECTIONS_PATH=str(ROOT / ".venv" / "collections"))
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=ROOT, env=env)
    assert done.returncode != 0
    said = " ".join(done.stdout.split())
    assert sentence in said and "--limit '!away'" in said, done.stdout + done.stderr
    assert "PLAY [Look at the hosts" in done.stdout or playbook == "verify"
    assert done.stdout.count("PLAY [") == 1 and "changed: [here]" not in done.stdout
