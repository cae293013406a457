# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration networks (config_only) and what is made from them (config_from)."""
from __future__ import annotations

import typing as t

from ...core.errors import WishError
from ...values.network import Network
from .compare import differences
from .made import made
from .state import Desired, Observed, Wish
from .target import networks_before


def check_templates(desired: Desired, observed: Observed) -> None:
    """:raises WishError: where the engine would refuse, half way, to make or to remove one"""
    wishes = {wish.name: wish for wish in desired.wishes}
    for _wish, net in made(desired, observed):
        if net.config_from:
            _usable(net, wishes, observed)
    for wish in desired.wishes:
        have = observed.network(wish.name)
        if have is not None and have.config_only and _goes(wish, observed):
            users = sorted(net.name for net in observed.networks if net.config_from == wish.name
                           and not (net.name in wishes and _goes(wishes[net.name], observed)))
            if users:
                raise WishError(
                    "Network %s cannot be %s while %s takes its configuration from it; put that on the list too, with "
                    "force, or state absent." % (wish.name, "removed" if wish.absent else "replaced", ", ".join(users)))


def _usable(net: Network, wishes: t.Mapping[str, Wish], observed: Observed) -> None:
    source = net.config_from or ""
    listed, have = wishes.get(source), networks_before(observed).get(source)
    if (listed.absent if listed else have is None):
        raise WishError("Network %s takes its configuration from %s, which does not exist; create that first." % (
            net.name, source))
    config_only = listed.network.config_only if listed else None
    if not (have.config_only if config_only is None and have else config_only):
        raise WishError("Network %s takes its configuration from %s, which is no configuration network; give that one "
                        "config_only, or name another." % (net.name, source))


def _goes(wish: Wish, observed: Observed) -> bool:
    """Whether the network, as it is now, is removed, be it only to be made anew."""
    have = observed.network(wish.name)
    if have is None or wish.absent:
        return have is not None
    gaps = differences(wish.network, have, wish.exact)
    return wish.force or (bool(gaps) and wish.on_change != "fail" and not wish.keeps(gaps))
