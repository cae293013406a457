# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shims that go before networks of another driver come, for role macvlan; the thinking is in kinds/macvlan_parent."""
from __future__ import annotations


# Ansible loads every filter of a collection in each worker that needs one: what a filter itself needs, it imports when it is used.
def macvlan_leaving(parents, found):
    from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.macvlan_parent.roster import leaving

    return leaving(parents, found)


class FilterModule:
    def filters(self):
        return dict(macvlan_leaving=macvlan_leaving)
