# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each option of each module is in an example of its documentation; the integration tests run them."""
from __future__ import annotations

import importlib
from pathlib import Path

import pytest
import yaml

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.docker_client import CONNECTION_SPEC

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("[!_]*.py"))
# The tasks' own part, which nobody gives.
INNER = {"firewall": {"confirm"}, "macvlan_parent": {"confirm"}}
# How to reach an engine is the same for all of them, so one shows it.
SHOWS_CONNECTIONS = "network"


def of_module(name):
    module = importlib.import_module("ansible_collections.fleetnet.docker.plugins.modules." + name)
    shown = [task["fleetnet.docker." + name] or {} for task in yaml.safe_load(module.EXAMPLES) if "fleetnet.docker." + name in task]
    return module.ARGUMENT_SPEC, shown


def options(spec, names=()):
    """:returns: every name, also of suboptions; what each row of a list may have, may be shown at the top as well"""
    for name, meaning in spec.items():
        if name not in names:
            yield name
        yield from options(meaning.get("options", {}), names)


def keys(shown):
    if isinstance(shown, dict):
        for key, value in shown.items():
            yield key
            yield from keys(value)
    elif isinstance(shown, list):
        for each in shown:
            yield from keys(each)


@pytest.mark.parametrize("name", MODULES)
def test_every_option_is_in_an_example(name):
    spec, shown = of_module(name)
    wanted = set(options(spec, () if name == SHOWS_CONNECTIONS else CONNECTION_SPEC)) - INNER.get(name, set())
    assert not wanted - set(keys(shown))
