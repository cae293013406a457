# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module of the collection the way Ansible does on a host, without Ansible around it.

As a program: `python module_runner.py network PARAMETERS.json` prints the module's JSON answer.
"""
from __future__ import annotations

import json
import sys


def give(params):
    """Leave parameters where AnsibleModule looks for them (2.19 and later want a profile too).

    A test of this process may have imported the controller's code, which would take a module's warnings to itself (2.19 and later).
    """
    from ansible.module_utils import basic

    controller = sys.modules.get("ansible.module_utils._internal")
    if controller:
        controller.is_controller = False
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": params}).encode()
    basic._ANSIBLE_PROFILE = "legacy"


def run_here(name, params, capsys):
    """:returns: the module's answer, from this very process"""
    import importlib

    module = importlib.import_module("ansible_collections.fleetnet.docker.plugins.modules." + name)
    give(params)
    capsys.readouterr()
    try:
        module.main()
    except SystemExit:
        pass
    answer = json.loads(capsys.readouterr().out)
    # Texts up to ansible-core 2.18, objects since.
    answer["warnings"] = [line if isinstance(line, str) else line["event"]["msg"] for line in answer.get("warnings", ())]
    return answer


if __name__ == "__main__":
    import runpy

    with open(sys.argv[2], encoding="utf-8") as stream:
        give(json.load(stream))
    runpy.run_module("ansible_collections.fleetnet.docker.plugins.modules." + sys.argv[1], run_name="__main__", alter_sys=True)
