# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host of the lab, whose firewall is set by whole runs of ansible-playbook over real SSH and sudo."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from assumptions import reach

ROOT = Path(__file__).resolve().parents[3]


class Host:
    """One host of the lab, as the controller and as an onlooker see it."""

    def __init__(self, name, address, folder):
        self.name, self.address, self._folder = name, address, folder

    def start(self, policy, *more, module="firewall"):
        play = self._folder / "play.yml"
        play.write_text(json.dumps([{"hosts": "all", "gather_facts": False, "become": True, "tasks": [{"fleetnet.docker." + module: "{{ policy }}"}]}]))
        command = [str(Path(sys.executable).parent / "ansible-playbook"), str(play), "--inventory", str(ROOT / "playbooks/inventories/lab"),
                   "--limit", self.name, "--extra-vars", json.dumps({"policy": policy}), *more]
        env = dict(os.environ, ANSIBLE_COLLECTIONS_PATH=str(ROOT / ".venv/collections"), ANSIBLE_STDOUT_CALLBACK="ansible.builtin.json")
        # Else ssh, which an onlooker runs meanwhile, switches the terminal that both share to non-blocking, which ansible-playbook refuses.
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
                                env=env, start_new_session=True)

    def apply(self, policy, *more, module="firewall"):
        out, err = self.start(policy, *more, module=module).communicate(timeout=180)
        text = out[out.find("{"):]
        assert text, out + err
        return json.loads(text)["plays"][0]["tasks"][0]["hosts"][self.name]

    def ask(self, command):
        """:returns: what a command prints, or C(None) where the host cannot be reached by a new connection"""
        arguments = ("-oControlMaster=no", "-oControlPath=none", "-oConnectTimeout=2")
        done = subprocess.run([*reach._ssh(self.address, *arguments), command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=False)
        return None if done.returncode == 255 else done.stdout
