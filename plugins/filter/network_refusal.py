# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list of networks, looked at before there is an engine; the checks are those of kinds/network."""
from __future__ import annotations

import json


def plain(value):
    """What is still a template is resolved now (ansible-core 2.19 and later): the validator copies, and a copy cannot be."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value


# Ansible loads every filter of a collection in each worker that needs one: what a filter itself needs, it imports when it is used.
def network_refusal(rows, facts=None, called="networks_list"):
    from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

    from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import WishError
    from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.network import beforehand
    from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.network.options import ROWS_SPEC

    rows = plain(rows)
    # Returned, not raised: the sentence would be buried under Ansible's account of where a template failed.
    try:
        beforehand.check_names(rows, called, lambda row: json.dumps(row, default=str))
        parsed = ArgumentSpecValidator({"networks": ROWS_SPEC}).validate({"networks": list(rows)})
        if parsed.error_messages:
            return "An entry of %s is wrong: %s; correct it." % (called, parsed.error_messages[0].rstrip("."))
        beforehand.refuse(parsed.validated_parameters["networks"], facts)
    except WishError as reason:
        return str(reason)
    return ""


class FilterModule:
    def filters(self):
        return dict(network_refusal=network_refusal)
