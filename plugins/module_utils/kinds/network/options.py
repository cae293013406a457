# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of one network as Ansible's parsers want them: module network takes them, and the filter that looks beforehand."""
from __future__ import annotations

POOL_SPEC = dict(subnet=dict(type="str"), iprange=dict(type="str"), gateway=dict(type="str"), aux_addresses=dict(type="dict"))
OPTION_SPEC = dict(
    state=dict(type="str", choices=["present", "absent"], default="present"),
    driver=dict(type="str"),
    driver_options=dict(type="dict"),
    ipam_driver=dict(type="str"),
    ipam_driver_options=dict(type="dict"),
    ipam_config=dict(type="list", elements="dict", options=POOL_SPEC),
    enable_ipv4=dict(type="bool"),
    enable_ipv6=dict(type="bool"),
    internal=dict(type="bool"),
    attachable=dict(type="bool"),
    ingress=dict(type="bool"),
    scope=dict(type="str", choices=["local", "global", "swarm"]),
    config_only=dict(type="bool"),
    config_from=dict(type="str"),
    labels=dict(type="dict"),
    exact=dict(type="bool", default=False),
    connected=dict(type="list", elements="str", aliases=["containers"]),
    appends=dict(type="bool", default=False, aliases=["incremental"]),
    force=dict(type="bool", default=False, aliases=["recreate"]),
    on_change=dict(type="str", choices=["replace", "fail", "warn"], default="replace"),
    on_label_change=dict(type="str", choices=["replace", "warn"], default="replace"),
    allow_overlap=dict(type="bool", default=False),
)
ROWS_SPEC = dict(type="list", elements="dict", options=dict(OPTION_SPEC, name=dict(type="str", required=True)))
