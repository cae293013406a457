# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each folder says: this is wanted (desired.yml), this is there (observed.yml), so this happens (plan.yml).

swarm/ holds cases of the module for one host, swarm_fleet/ of the planner for many.
"""
from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.fleetnet.docker.plugins.filter.swarm_plan import swarm_plan
from ansible_collections.fleetnet.docker.plugins.module_utils.core.engine import converge
from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import FleetError
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.swarm import kind
from ansible_collections.fleetnet.docker.plugins.modules import swarm as module

from unit.kinds.swarm.swarm_engine_model import Client, World

HERE = Path(__file__).parent


def folders(name):
    return pytest.mark.parametrize("case", sorted((HERE / name).iterdir()), ids=lambda path: path.name)


def read(case):
    return [yaml.safe_load((case / name).read_text()) for name in ("desired.yml", "observed.yml", "plan.yml")]


def completed(params):
    found = ArgumentSpecValidator(module.ARGUMENT_SPEC, required_if=module.REQUIRED_IF).validate(params)
    assert not found.error_messages, found.error_messages
    return found.validated_parameters


@folders("swarm")
def test_module(case):
    desired, observed, expected = read(case)
    client = Client(observed.get("engine", {}))
    world = World(client, observed.get("host"))
    params = completed(desired)
    assert told(params, world) == expected
    assert not world.executed and not client.sent, "check mode touched something"
    if "error" not in expected:
        done = converge(kind, kind.desired(params), world)
        assert [str(step) for step in world.executed] == expected.get("steps", [])
        again = converge(kind, kind.settled(kind.desired(params)), world, check=True)
        assert not again.changed and done.changed == bool(world.executed)


def told(params, world):
    try:
        plan = converge(kind, kind.desired(params), world, check=True).plan
    except FleetError as reason:
        return {"error": str(reason)}
    shown = dict(steps=[str(step) for step in plan.steps], reasons=list(plan.reasons), impact=list(plan.impact),
                 warnings=list(plan.warnings), before=plan.before, after=plan.after)
    return {key: value for key, value in shown.items() if value}


@folders("swarm_fleet")
def test_fleet(case):
    desired, observed, expected = read(case)
    plan = swarm_plan(observed, **desired)
    assert plan == swarm_plan(observed, **desired)
    for wave in plan["waves"]:
        wave["nodes"] = ["%(hostname)s %(id)s" % node for node in wave["nodes"]]
    shown = dict(plan, waves=[{key: value for key, value in wave.items() if value} for wave in plan["waves"]])
    assert {key: value for key, value in shown.items() if value} == expected
