# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters for role engine; the thinking is in kinds/engine_config."""
from __future__ import annotations


# Ansible loads every filter of a collection in each worker that needs one: what a filter itself needs, it imports when it is used.
def engine_plan(wish, observed):
    from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.engine_config.plan import plan

    return plan(wish, observed)


def engine_not_taken_over(info, text, keys):
    from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.engine_config.plan import not_taken_over

    return not_taken_over(info, text, keys)


class FilterModule:
    def filters(self):
        return dict(engine_plan=engine_plan, engine_not_taken_over=engine_not_taken_over)
