# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done all the same, but should be known."""
from __future__ import annotations

import typing as t

from .compare import differences
from .driver_options import unread, without_gateway
from .made import made
from .overlap import route_warnings
from .purge import unlabelled
from .state import Desired, Observed, Wish

COMPOSE = "com.docker.compose.project"


def warnings(desired: Desired, observed: Observed) -> t.Tuple[str, ...]:
    """:param desired: with what is to be purged"""
    lines = [line for wish in desired.wishes for line in _of_one(wish, observed)]
    return tuple(lines) + route_warnings(desired, observed) + tuple(_of_made(desired, observed))


def _of_one(wish: Wish, observed: Observed) -> t.Iterator[str]:
    have = observed.network(wish.name)
    if have is None:
        return
    if wish.absent and observed.spans(have):
        yield "Containers of other nodes on network %s lose it, the stopped ones for good, and cannot be seen from here%s." % (
            wish.name, observed.nodes_on(wish.name))
    gaps = () if wish.absent else differences(wish.network, have, wish.exact)
    if wish.keeps(gaps):
        yield "Network %s differs and stays as it is: %s." % (wish.name, "; ".join(map(str, gaps)))
    elif (gaps or wish.force or wish.absent) and dict(have.labels or ()).get(COMPOSE):
        yield "Network %s belongs to the Compose project %s, which will make it again by its own rules." % (
            wish.name, dict(have.labels)[COMPOSE])


def _of_made(desired: Desired, observed: Observed) -> t.Iterator[str]:
    coming = made(desired, observed)
    for wish, net in coming:
        driver = None if net.config_only else net.driver or "bridge"
        for key in unread(net if net.config_from else wish.network, driver):
            yield "Driver %s takes no notice of the driver option %s of network %s." % (driver, key, wish.name)
        if without_gateway(net, observed.engine.version):
            yield ("Network %s has no gateway in ipam_config, and since engine 29 its containers then get no default route; give one, "
                   "unless that is meant." % wish.name)
    for name in unlabelled(desired, [net for _wish, net in coming]):
        yield "Network %s does not carry the label %s, so that a later purge will not find it." % (name, desired.purge)
