# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parents with their networks, for role macvlan; the thinking is in kinds/macvlan_parent."""
from __future__ import annotations


# Ansible loads every filter of a collection in each worker that needs one: what a filter itself needs, it imports when it is used.
def macvlan_roster(rows, persist="auto"):
    from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import WishError
    from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.macvlan_parent.roster import split

    try:
        return dict(split(rows, persist), error="")
    except WishError as reason:
        # Raised here, the sentence would be buried under Ansible's account of where a template failed.
        return dict(parents=[], networks=[], early=[], error=str(reason))


class FilterModule:
    def filters(self):
        return dict(macvlan_roster=macvlan_roster)
