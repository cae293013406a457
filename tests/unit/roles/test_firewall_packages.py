# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role installs what the policy it puts in force needs."""
from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from jinja2.nativetypes import NativeEnvironment

DEFAULTS = Path(__file__).parents[3] / "roles" / "firewall" / "defaults" / "main.yml"


@pytest.mark.parametrize("given,expected", [
    ({}, ["nftables"]), ({"firewall_backend": "nftables"}, ["nftables"]), ({"firewall_backend": "iptables"}, ["iptables", "ipset"]),
    ({"firewall_flush_conntrack": True}, ["nftables", "conntrack"]),
    ({"firewall_backend": "iptables", "firewall_flush_conntrack": True}, ["iptables", "ipset", "conntrack"])])
def test_packages(given, expected):
    defaults = yaml.safe_load(DEFAULTS.read_text(encoding="utf-8"))
    jinja = NativeEnvironment()
    jinja.filters["bool"] = bool
    template = defaults.pop("firewall_packages")
    assert (jinja.from_string(template).render(**dict(defaults, **given)) if isinstance(template, str) else template) == expected
