# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fails when an engine of the lab behaves otherwise than recorded in expected.yml.

Needs a running lab, or FLEETNET_ENGINES and FLEETNET_RESTART_*, and restarts the engines.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

replace_network = pytest.importorskip("assumptions.replace_network", reason="needs the Docker SDK for Python and PyYAML")


@pytest.fixture(scope="module")
def results():
    return replace_network.try_all(replace_network.given_engines(), replace_network.rows())


@pytest.mark.parametrize("row", replace_network.rows(), ids=lambda row: row.name)
def test_engine_behaves_as_recorded(row, results):
    known = replace_network.expected()
    for release, found in results.items():
        assert release in known, "Engine %s has no recorded behaviour; run replace_network.py --record and read it." % release
        seen = {"holds": found[row.name].holds, "seen": found[row.name].seen}
        assert seen == known[release][row.name], "engine %s: %s" % (release, row.statement)
