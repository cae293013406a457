# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real engines: those of a lab (LAB_NAME, LAB_ENGINE, as ./dev sets them), or any that FLEETNET_ENGINES lists."""
from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from assumptions import reach

from integration.networks.bench import Bench, client_image

GIVEN = [each.partition("=")[0] for each in os.environ.get("FLEETNET_ENGINES", "").split(",") if each]
RELEASES = sorted(set(GIVEN or os.environ.get("LAB_ENGINE", "26.1").split(",")))


def pytest_generate_tests(metafunc):
    if "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", RELEASES, indirect=True, scope="session")


def pytest_collection_modifyitems(items):
    for item in items:
        if "engine" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.engine)


@pytest.fixture(scope="session")
def engines():
    if not GIVEN and not os.environ.get("LAB_NAME"):
        pytest.skip("no engine is given: ./dev test-integration starts a lab and uses its engines")
    with contextlib.ExitStack() as stack:
        found = [stack.enter_context(each) for each in reach.given_engines()]
        yield {engine.release: engine for engine in found}


@pytest.fixture(scope="session")
def engine(request, engines):
    found = engines[request.param]
    if not found.api.images(name=client_image()):
        found.api.pull(client_image())
    return found


@pytest.fixture
def bench(engine, tmp_path):
    made = Bench(engine, tmp_path)
    made.clean()
    yield made
    made.clean()
