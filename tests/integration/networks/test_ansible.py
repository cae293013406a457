# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Through Ansible itself: what AnsiballZ ships is all that the module needs, and check, diff and repetition are told right."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from integration.networks.bench import COLLECTIONS, PREFIX

NAME = PREFIX + "play"


def ansible(bench, module, *flags, **params):
    command = [str(Path(sys.executable).parent / "ansible"), "localhost", "-i", "localhost,", "-c", "local", "-m",
               "fleetnet.docker." + module, "-a", json.dumps(dict(params, docker_host=bench.url)),
               "-e", "ansible_python_interpreter=" + sys.executable, *flags]
    env = dict(os.environ, ANSIBLE_COLLECTIONS_PATH=COLLECTIONS, ANSIBLE_LOAD_CALLBACK_PLUGINS="1", ANSIBLE_STDOUT_CALLBACK="json",
               ANSIBLE_HOME=str(bench.folder / "home"))
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=env)
    text = done.stdout[done.stdout.index("{"):]
    return json.loads(text)["plays"][0]["tasks"][0]["hosts"]["localhost"]


def test_through_ansible(bench):
    wish = {"name": NAME, "labels": {"a": "b"}, "state_dir": str(bench.state_dir)}
    told = ansible(bench, "network", "--check", "--diff", **wish)
    assert told["changed"] and told["diff"]["after"][NAME]["labels"] == {"a": "b"} and not bench.portrait()["networks"]
    assert ansible(bench, "network", **wish)["changed"]
    again = ansible(bench, "network", "--diff", **wish)
    assert not again["changed"] and again["diff"] == {"before": {}, "after": {}}
    assert ansible(bench, "network_info", name=NAME)["network"]["Labels"] == {"a": "b"}
    failed = ansible(bench, "network", name=NAME, driver_options={"a": ["b"]}, state_dir=str(bench.state_dir))
    assert failed["failed"] and failed["msg"] == ("The value of a in driver_options of network %s is a list; give a text, a number or "
                                                  "a boolean." % NAME)
