# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts with an engine, given by FLEETNET_FIREWALL_SITES."""
from __future__ import annotations

import os

import pytest

from integration.firewall.site import Site

GIVEN = [each.partition("=")[::2] for each in os.environ.get("FLEETNET_FIREWALL_SITES", "").split(",") if each]
IMAGE = os.environ.get("FLEETNET_CLIENT_IMAGE", "box:1")  # anything with sleep in it


def pytest_generate_tests(metafunc):
    if "site" in metafunc.fixturenames:
        metafunc.parametrize("site", GIVEN or [("", "")], indirect=True, scope="session", ids=lambda given: given[0])


def pytest_collection_modifyitems(items):
    for item in items:
        if "site" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.engine)


@pytest.fixture(scope="session")
def site(request, tmp_path_factory):
    release, process = request.param
    if not release:
        pytest.skip("no host is given: FLEETNET_FIREWALL_SITES=20.10=self for this one")
    made = Site(release, process, tmp_path_factory.mktemp("firewall"), IMAGE)
    made.build()
    yield made
    made.clear()
