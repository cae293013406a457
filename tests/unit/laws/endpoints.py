# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoint kind's home for the laws: the same engine in memory, looked at through the endpoints' adapter."""
from __future__ import annotations

from pathlib import Path

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.docker_endpoint import DockerEndpoints
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.endpoint import compare, kind, state
from ansible_collections.fleetnet.docker.plugins.modules import endpoint as module

from .networks import engine, links, portrait, routes, shuffled  # noqa: F401  pylint: disable=unused-import  # test_laws.py asks each home for them

KIND = kind
CASES = Path(__file__).parent.parent / "cases" / "endpoint"
JOURNAL_TYPES = state.JOURNAL_TYPES


def completed(params):
    """:returns: the parameters as AnsibleModule hands them to the module: typed, with defaults"""
    found = ArgumentSpecValidator(module.ARGUMENT_SPEC).validate(params)
    assert not found.error_messages, found.error_messages
    return found.validated_parameters


class ModelWorld(DockerEndpoints):
    """The real adapter over the engine in memory; it counts the steps it is told to take."""

    pause = staticmethod(lambda seconds: None)

    def __init__(self, engine_in_memory, *_host):
        super().__init__(engine_in_memory, state.Observed, state.Engine)
        self.executed = []

    def execute(self, step):
        self.executed.append(step)
        super().execute(step)


# A container that no case has is not there, so this asks for nothing.
UNRELATED = completed({"network": "zz-unrelated", "container": ["zz-unrelated"], "state": "absent"})


def turned(params):
    """The same wish, with every list the other way round."""
    rows = params.get("endpoints")
    changed = dict(params, endpoints=[turned(row) for row in reversed(rows)]) if rows else dict(params)
    for key in ("container", "aliases", "links", "link_local_ips"):
        if changed.get(key):
            changed[key] = list(reversed(changed[key]))
    return changed


def shown(stage):
    """What a fresh look gives, in the words of the diff."""
    observed = stage.world().observe(state.Scope(frozenset(stage.engine.boxes)))
    return kind.shown(observed.endpoints, lambda end: compare.mac_seen(end, observed))
