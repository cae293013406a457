# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters for role engine; the thinking is in kinds/engine_config."""
from __future__ import annotations

from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.engine_config.plan import not_taken_over, plan


class FilterModule:
    def filters(self):
        return {"engine_plan": plan, "engine_not_taken_over": not_taken_over}
