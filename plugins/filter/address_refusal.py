# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fixed address, looked at before its container is made; the checks are those of kinds/endpoint."""
from __future__ import annotations


# Ansible loads every filter of a collection in each worker that needs one: what a filter itself needs, it imports when it is used.
def address_refusal(address, network, container):
    from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import WishError
    from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.endpoint import beforehand

    # Returned, not raised: the sentence would be buried under Ansible's account of where a template failed.
    try:
        beforehand.refuse(address, container, network)
    except WishError as reason:
        return str(reason)
    return ""


class FilterModule:
    def filters(self):
        return dict(address_refusal=address_refusal)
