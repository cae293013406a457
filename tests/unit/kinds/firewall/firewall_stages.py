# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies that are tried, confirmed or kept on a host in memory."""
from __future__ import annotations

from ansible_collections.fleetnet.docker.plugins.module_utils.core.engine import converge
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall import kind

from unit.kinds.firewall.firewall_host_model import Host, completed
from unit.laws.test_firewall_laws import OLD

NEW = completed({"host": {"default": "drop"}, "forwarded": {"rules": [{"action": "accept", "from": ["back"], "to": ["front"]}]},
                 "mark": 0x200000})
GONE = completed({"state": "absent"})


def stage(host, params, name, check=False):
    return converge(kind, kind.desired(dict(params, confirm=name)), host, check=check)


def left(params, outcome, foreseen=False):
    return kind.left(dict(params, confirm="try"), outcome.observed, foreseen)


def furnished():
    """Another policy in force, confirmed and on the disk."""
    host = Host()
    stage(host, OLD, "keep")
    host.executed.clear()
    return host


def whole(host):
    return host.portrait() + (host.disk, host.order)


def actions(outcome):
    return [str(step) for step in outcome.plan.steps]
