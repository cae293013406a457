# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet's swarm planner as a filter."""
from __future__ import annotations


# Ansible loads every filter of a collection in each worker that needs one: what a filter itself needs, it imports when it is used.
def swarm_plan(facts, managers, workers=(), force=False, on_drift="warn"):
    from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import FleetError
    from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.swarm import fleet

    try:
        return dict(fleet.plan(managers, workers, facts, force, on_drift), error="")
    except FleetError as reason:
        # Raised here, the sentence would be buried under Ansible's account of where a template failed.
        return dict(waves=[], lead="", drift=[], unlisted=[], error=str(reason))


class FilterModule:
    def filters(self):
        return dict(swarm_plan=swarm_plan)
