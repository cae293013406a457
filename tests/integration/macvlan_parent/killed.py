# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module and ends it like SIGKILL after a number of steps: python killed.py STEPS MODULE PARAMETERS.json"""
from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import module_runner
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import host_parents

left = int(sys.argv.pop(1))
execute = host_parents.HostParents.execute


def counted(world, step):
    global left
    if left == 0:
        os._exit(137)
    left -= 1
    execute(world, step)


host_parents.HostParents.execute = counted
import runpy

with open(sys.argv[2], encoding="utf-8") as stream:
    import json

    module_runner.give(json.load(stream))
runpy.run_module("ansible_collections.fleetnet.docker.plugins.modules." + sys.argv[1], run_name="__main__", alter_sys=True)
