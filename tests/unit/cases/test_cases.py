# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each folder below says: this is wanted (desired.yml), this is there (observed.yml), so this happens (plan.yml)."""
from __future__ import annotations

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import WishError

from unit.laws import endpoints, macvlan_parents, networks
from unit.laws.stage import Stage, read_cases

KINDS = (endpoints, macvlan_parents, networks)
CASES = [case for home in KINDS for case in read_cases(home)]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case):
    assert happens(case) == case.expected


def happens(case):
    """:returns: what the plan says, in the words of plan.yml; what is empty is left out"""
    stage = Stage(case).count()
    try:
        plan = stage.run(check=True).plan
    except WishError as reason:
        assert stage.changes == 0
        return {"error": str(reason)}
    shown = {
        "transactions": [{"name": part.name, "steps": [str(step) for step in part.steps]} for part in plan.transactions],
        "reasons": list(plan.reasons),
        "impact": list(plan.impact),
        "warnings": list(plan.warnings),
    }
    return {key: value for key, value in shown.items() if value}
