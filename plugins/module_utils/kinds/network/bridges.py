# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of bridges: a link has one network. Engines say so once the old network has gone."""
from __future__ import annotations

import typing as t

from ...core.errors import WishError
from ...values.network import Network
from .driver_options import BRIDGE
from .made import made
from .overlap import bridge_name
from .state import Desired, Observed


def check_bridge_names(desired: Desired, observed: Observed) -> None:
    """:raises WishError: naming the other network"""
    coming = [net for _wish, net in made(desired, observed)]
    leaving = {wish.name for wish in desired.wishes if wish.absent} | {net.name for net in coming}
    owners: t.Dict[str, str] = {bridge_name(net): net.name for net in observed.networks if _is_bridge(net) and net.name not in leaving}
    for net in coming:
        name = net.option(BRIDGE + "name") if _is_bridge(net) else None
        if name and owners.setdefault(name, net.name) != net.name:
            raise WishError("Network %s cannot have the bridge's name %s (driver option %sname), for network %s has it; choose another." % (
                net.name, name, BRIDGE, owners[name]))


def _is_bridge(net: Network) -> bool:
    return net.driver in (None, "bridge") and not net.config_only
