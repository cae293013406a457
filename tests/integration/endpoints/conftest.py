# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engines and the bench of the networks' tests, with the endpoint module on it."""
from __future__ import annotations

import pytest

from integration.networks.conftest import (  # noqa: F401  pylint: disable=unused-import  # pytest looks for them here
    Bench,
    engine,
    engines,
    pytest_collection_modifyitems,
    pytest_generate_tests,
)


@pytest.fixture
def bench(engine, tmp_path):  # noqa: F811 (the fixture)
    made = Bench(engine, tmp_path, "endpoint")
    made.clean()
    yield made
    made.clean()
