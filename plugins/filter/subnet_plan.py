# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Subnets for a fleet; the arithmetic is in kinds/subnets."""
from __future__ import annotations


# Ansible loads every filter of a collection in each worker that needs one: what a filter itself needs, it imports when it is used.
def subnet_plan(supernet, prefix, names, reserved=(), keep=None):
    from ansible.errors import AnsibleFilterError

    from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import WishError
    from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.subnets.plan import plan

    try:
        return plan(supernet, prefix, names, reserved, keep)
    except WishError as reason:
        raise AnsibleFilterError(str(reason)) from reason


def subnet_fleet(hosts, supernet, prefix=None, reserved=()):
    from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import WishError
    from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.subnets import fleet

    try:
        return dict(fleet.fleet(supernet, prefix, hosts, reserved), error="")
    except WishError as reason:
        # Raised here, the sentence would be buried under Ansible's account of where a template failed.
        return dict(plan={}, unseen=[], error=str(reason))


def subnet_fill(rows, share):
    from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.subnets import fleet

    return fleet.fill(rows, share)


class FilterModule:
    def filters(self):
        return dict(subnet_plan=subnet_plan, subnet_fleet=subnet_fleet, subnet_fill=subnet_fill)
