# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example of the documentation, one after the other, each a second time without a change.

Those that go to another host's engine are test_remote.py's.
"""
from __future__ import annotations

import contextlib
import re

import docker
import pytest
import yaml
from ansible_collections.fleetnet.docker.plugins.modules import network as module

from integration.networks.bench import PREFIX

NAMES = ("frontend", "backend", "dual", "template", "made", "myoverlaynetwork", "lan", "legacy", "web", "proxy", "reporting")
EXAMPLES = [(task["name"], task["fleetnet.docker.network"]) for task in yaml.safe_load(module.EXAMPLES)]


def renamed(params):
    """With the names of this test's own; the state is kept where the bench keeps it."""
    text = re.sub(r"(?<=[ \[])(%s)\b(?!:)" % "|".join(NAMES), PREFIX + r"\1", yaml.safe_dump(params, default_flow_style=False))
    return {key: value for key, value in yaml.safe_load(text).items() if key != "state_dir"}


@pytest.fixture
def house(bench):
    """A manager without ingress network, the containers that the examples name, and a network to be removed."""
    joined = bench.api.info()["Swarm"]["LocalNodeState"] == "active"
    with contextlib.ExitStack() as swarm:
        if not joined:
            bench.api.init_swarm(advertise_addr="127.0.0.1")
            swarm.callback(leave, bench)
        furnish(bench)
        yield bench
        bench.clean()


def leave(bench):
    bench.api.leave_swarm(force=True)
    bench.engine.until(lambda: bench.api.remove_network("docker_gwbridge") is None, "docker_gwbridge to go", 20)


def furnish(bench):
    for name in ("web", "proxy", "reporting"):
        bench.network("home-" + name)
        bench.box(name, "home-" + name)
    bench.network("legacy")
    bench.engine.until(lambda: without_ingress(bench), "the removal of the ingress network")


def without_ingress(bench):
    with contextlib.suppress(docker.errors.NotFound):
        bench.api.remove_network("ingress")
    return not bench.api.networks(names=["ingress"])


def test_every_example_of_the_documentation(house):
    for title, given in EXAMPLES:
        if "docker_host" in given:
            continue
        params = renamed(given)
        answer = house.run(**params)
        assert not answer.get("failed"), (title, answer)
        assert house.run(**params).get("changed") is bool(params.get("force")), (title, answer)
    shown = house.portrait()["networks"]
    assert PREFIX + "legacy" not in shown and shown[PREFIX + "dual"]["EnableIPv6"]
    assert house.engine.endpoint(PREFIX + "reporting", PREFIX + "backend") and house.engine.endpoint(PREFIX + "web", PREFIX + "frontend")
