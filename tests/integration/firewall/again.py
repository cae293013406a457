# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applies two policies in turn, as often as asked, the way the module does; a program, for the host's own network namespace."""
from __future__ import annotations

import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
sys.path.insert(0, os.environ["PYTHONPATH"])

from ansible_collections.fleetnet.docker.plugins.module_utils.core.engine import converge
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall import kind
from ansible_collections.fleetnet.docker.plugins.modules import firewall as module
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator


def main(policies, times):
    wishes = []
    for params in policies:
        params = ArgumentSpecValidator(module.ARGUMENT_SPEC).validate(params).validated_parameters
        wishes.append(kind.desired(params))
    world, journal, lock = module.wire(params)
    return sum(converge(kind, wishes[number % len(wishes)], world, journal, lock).changed for number in range(times))


if __name__ == "__main__":
    print(main(json.loads(sys.argv[1]), int(sys.argv[2])))
