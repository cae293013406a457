# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What iptables cannot hold: its hashlimit knows millionths of a second and no more than a day, and its sets so many interfaces."""
from __future__ import annotations

from ...core.errors import EnvironmentFault, WishError
from .compile import bridge
from .ipt_sets import INTERFACES
from .ipt_table import SCALE, UNITS
from .state import Observed, Wish

DAY = UNITS["day"]


def validate(wish: Wish, observed: Observed) -> None:
    """:raises WishError: for a limit that iptables refuses, or EnvironmentFault: for more networks than its sets hold"""
    bridges = {bridge(net) for net in observed.networks} - {None}
    if len(bridges) > INTERFACES:
        raise EnvironmentFault("The engine has %d networks with a bridge, and ipset holds %d interfaces in a set; use backend nftables, or remove "
                               "networks that nobody uses (docker network prune)." % (len(bridges), INTERFACES))
    for name, section in wish.sections():
        for number, rule in enumerate(section.rules, 1):
            packets, _slash, unit = rule.limit.partition("/")
            where = "Rule %d of %s has the limit %s" % (number, name, rule.limit)
            if rule.limit and int(packets) > SCALE * UNITS[unit]:
                raise WishError("%s, and iptables counts up to %d/second; lower it, or use backend nftables." % (where, SCALE))
            if rule.limit and rule.burst * UNITS[unit] > DAY * int(packets):
                raise WishError("%s with the burst %d, which takes more than a day to fill, and iptables counts no longer; lower the burst to "
                                "%d, or use backend nftables." % (where, rule.burst, max(1, DAY * int(packets) // UNITS[unit])))
